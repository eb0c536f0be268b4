//! `GET /api/v1/applications/{name}/manifests` (ARGO-17): what the application's *present* sources want at a
//! revision. What is rendered belongs to the path of now, whatever path it was deployed from then.

use axum::extract::{Path, Query, RawQuery, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::super::ArgoCd;
use super::super::errors::ApiError;
use super::super::manifest::rendered;
use super::{Caller, Which, find, ok};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct At {
    revision: String,
    #[serde(rename = "appNamespace")]
    app_namespace: String,
    project: String,
}

pub(crate) async fn manifests(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(at): Query<At>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let which = Which { project: at.project.clone(), app_namespace: at.app_namespace.clone() };
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let of_sources = of_sources(query.as_deref().unwrap_or_default());
    let mut known = app.releases.iter().rev();
    let release = match (at.revision.as_str(), of_sources.as_slice()) {
        ("", []) => Some(app.target()),
        ("", revisions) => known.find(|release| release.revisions == revisions),
        (revision, _) => known.find(|release| release.revisions.iter().any(|own| own == revision)),
    };
    let Some(release) = release else {
        let message = format!(
            "rpc error: code = Unknown desc = failed to generate manifest: unable to resolve \
             '{}{}' to a commit SHA",
            at.revision,
            of_sources.join(",")
        );
        return Err(ApiError::unknown(message));
    };
    if let Some(fault) = app.unloadable(&release.revisions) {
        return Err(ApiError::unknown(format!("error generating manifests: {fault}")));
    }
    let manifests: Vec<String> = rendered(release, &name).iter().map(ToString::to_string).collect();
    Ok(ok(&json!({
        "manifests": manifests,
        "namespace": "default",
        "server": "https://kubernetes.default.svc",
        "revision": release.revisions.first(),
        "sourceType": if app.view.spec.sources[0].chart().is_some() { "Helm" } else { "Directory" },
    })))
}

/// The revision of each source, in the order of the sources: `revisions` and `sourcePositions` come in pairs, and
/// positions are counted from 1 (ARGO-18).
fn of_sources(query: &str) -> Vec<String> {
    let all = |wanted: &str| -> Vec<&str> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value).collect()
    };
    let positions = all("sourcePositions").into_iter().map(|at| at.parse::<usize>().unwrap_or(0));
    let mut placed: Vec<(usize, &str)> = positions.zip(all("revisions")).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, revision)| revision.to_owned()).collect()
}
