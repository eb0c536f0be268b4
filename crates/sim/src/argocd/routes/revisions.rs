//! `GET /api/v1/applications/{name}/revisions/{revision}/metadata` (ARGO-17).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::super::ArgoCd;
use super::super::errors::ApiError;
use super::super::wire::time;
use super::{Caller, Which, find, ok};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    #[serde(rename = "sourceIndex")]
    source: Option<usize>,
}

pub(crate) async fn metadata(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path((name, revision)): Path<(String, String)>,
    Query(which): Query<Which>,
    Query(of): Query<Of>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let sources = app.view.spec.sources.len();
    let source = of.source.unwrap_or(0);
    if source >= sources {
        return Err(ApiError::invalid(format!("source index {source} not found")));
    }
    let release = app.releases.iter().rev().find(|release| release.revisions[source] == revision);
    let Some(release) = release else {
        let message = format!("error getting revision metadata: unknown revision {revision}");
        return Err(ApiError::unknown(message));
    };
    Ok(ok(&json!({
        "author": release.author,
        "date": time(release.date_ms),
        "message": release.message,
    })))
}
