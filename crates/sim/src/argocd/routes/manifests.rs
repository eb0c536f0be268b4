//! `GET /api/v1/applications/{name}/manifests` (ARGO-17): what the application's *present* sources want at a
//! revision. What is rendered belongs to the path of now, whatever path it was deployed from then.

use axum::extract::{Path, Query, State};
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
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let which = Which { project: at.project.clone(), app_namespace: at.app_namespace.clone() };
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let release = if at.revision.is_empty() {
        Some(app.target())
    } else {
        app.releases.iter().rev().find(|release| release.revisions.contains(&at.revision))
    };
    let Some(release) = release else {
        let message = format!(
            "rpc error: code = Unknown desc = failed to generate manifest: unable to resolve \
             '{}' to a commit SHA",
            at.revision
        );
        return Err(ApiError::unknown(message));
    };
    let manifests: Vec<String> = rendered(release, &name).iter().map(ToString::to_string).collect();
    Ok(ok(&json!({
        "manifests": manifests,
        "namespace": "default",
        "server": "https://kubernetes.default.svc",
        "revision": release.revisions.first(),
        "sourceType": "Directory",
    })))
}
