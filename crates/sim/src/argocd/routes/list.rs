//! `GET /api/v1/applications` (ARGO-9 … ARGO-12).

use axum::extract::{Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::app::View;
use super::super::wire::{Depth, application};
use super::super::{ArgoCd, fields, selector};
use super::{Caller, ok};

/// Applications that the caller may not see are silently absent; an empty list is `null`.
pub(crate) async fn list(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let get = |name: &str| query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
    let projects: Vec<&str> = query
        .iter()
        .filter(|(name, value)| {
            matches!(name.as_str(), "project" | "projects") && !value.is_empty()
        })
        .map(|(_, value)| value.as_str())
        .collect();
    let wanted = |view: &View| {
        let spec = &view.spec;
        let name = get("name");
        let namespace = get("appNamespace");
        let repo = get("repo");
        (name.is_empty() || spec.name == name)
            && (namespace.is_empty() || spec.namespace == namespace)
            && (repo.is_empty() || spec.sources.iter().any(|s| plain(&s.repo_url) == plain(repo)))
            && (projects.is_empty() || projects.contains(&spec.project.as_str()))
            && selector::selects(get("selector"), &spec.labels)
            && caller.sees(&spec.project)
    };
    argo.settle();
    let state = argo.lock();
    let traps = &state.world.traps;
    let as_of_ms = argo.now_ms() - traps.list_lag_ms;
    let view_of = |app: &'_ super::App| -> View {
        if traps.list_lag_ms > 0 { app.at(as_of_ms).clone() } else { app.view.clone() }
    };
    let mut newest = 0;
    let mut items = Vec::new();
    for view in state.apps.values().map(view_of).filter(wanted) {
        newest += view.resource_version;
        let whole = application(&view, traps, Depth::List);
        items.push(match get("fields") {
            "" => whole,
            fields => fields::cut(&whole, fields, traps.narrow_fields),
        });
    }
    let items = if items.is_empty() { Value::Null } else { Value::Array(items) };
    ok(&json!({ "metadata": { "resourceVersion": newest.to_string() }, "items": items }))
}

/// A repository URL without what git does not care about.
fn plain(url: &str) -> String {
    url.trim_end_matches('/').trim_end_matches(".git").to_lowercase()
}
