//! Which names of a query each route reads.
//!
//! Argo CD's gateway passes over a name that it does not know, without an error. So does the double, and
//! remembers it: a misspelt name would otherwise look like one that changes nothing.

use std::collections::BTreeSet;

use axum::extract::Request;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// Method, route, and the names that are read there. No route of the double can read another one.
pub const READ: &[(&str, &str, &[&str])] = &[
    (
        "GET",
        "/api/v1/applications",
        &["name", "project", "projects", "appNamespace", "repo", "selector", FIELDS],
    ),
    (
        "GET",
        "/api/v1/stream/applications",
        &["name", "project", "projects", "appNamespace", "selector", "resourceVersion", FIELDS],
    ),
    ("GET", "/api/v1/applications/{name}", &["project", "appNamespace", "refresh"]),
    ("GET", "/api/v1/applications/{name}/managed-resources", &["project", "appNamespace"]),
    ("GET", "/api/v1/applications/{name}/resource-tree", &["project", "appNamespace"]),
    (
        "GET",
        "/api/v1/applications/{name}/revisions/{revision}/metadata",
        &["project", "appNamespace", "sourceIndex"],
    ),
    (
        "GET",
        "/api/v1/applications/{name}/revisions/{revision}/chartdetails",
        &["project", "appNamespace", "sourceIndex"],
    ),
    (
        "GET",
        "/api/v1/applications/{name}/manifests",
        &["project", "appNamespace", "revision", "revisions", "sourcePositions"],
    ),
    ("GET", "/api/v1/applications/{name}/syncwindows", &["project", "appNamespace"]),
    ("DELETE", "/api/v1/applications/{name}/operation", &["project", "appNamespace"]),
    ("GET", "/api/v1/applications/{name}/resource", OBJECT),
    ("GET", "/api/v1/applications/{name}/resource/actions", OBJECT),
    ("POST", "/api/v1/applications/{name}/resource/actions", OBJECT),
    (
        "GET",
        "/api/v1/applications/{name}/events",
        &["project", "appNamespace", "resourceUID", "resourceName", "resourceNamespace"],
    ),
    (
        "GET",
        "/api/v1/applications/{name}/logs",
        &[
            "project",
            "appNamespace",
            "namespace",
            "podName",
            "container",
            "tailLines",
            "follow",
            "previous",
        ],
    ),
];

/// One object of an application.
const OBJECT: &[&str] =
    &["project", "appNamespace", "namespace", "resourceName", "version", "group", "kind"];

/// Read in front of the gateway, so that the published swagger does not have it
/// (`pkg/apiclient/application/forwarder_overwrite.go`).
pub const FIELDS: &str = "fields";

/// Takes the names that this route does not read out of a request, and returns them.
pub(crate) fn pass_over(request: &mut Request, route: &str) -> BTreeSet<String> {
    let Some(query) = request.uri().query() else { return BTreeSet::new() };
    let method = request.method().as_str();
    let known = READ.iter().find(|(of, at, _)| *of == method && *at == route);
    let known = known.map_or(&[][..], |(.., names)| names);
    let name = |pair: &&str| pair.split('=').next().unwrap_or_default().to_owned();
    let (read, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| known.contains(&name(pair).as_str()));
    let unknown: BTreeSet<String> = rest.iter().map(name).filter(|name| !name.is_empty()).collect();
    if !unknown.is_empty() {
        let whole = format!("{}?{}", request.uri().path(), read.join("&"));
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = PathAndQuery::try_from(whole).ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    unknown
}
