//! `GET /api/v1/applications/{name}/revisions/{revision}/metadata` of what comes from git, and `…/chartdetails` of a
//! chart (ARGO-17).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::super::ArgoCd;
use super::super::app::App;
use super::super::chart::fetch_fault;
use super::super::errors::ApiError;
use super::super::wire::time;
use super::{Caller, Which, find, ok};

#[derive(Debug, Deserialize)]
pub(crate) struct Of {
    #[serde(rename = "sourceIndex")]
    source: Option<usize>,
}

impl Of {
    /// The place of the source that is meant.
    fn source(&self, app: &App) -> Result<usize, ApiError> {
        let source = self.source.unwrap_or(0);
        match source < app.view.spec.sources.len() {
            true => Ok(source),
            false => Err(ApiError::invalid(format!("source index {source} not found"))),
        }
    }
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
    let source = of.source(app)?;
    if app.view.spec.sources[source].chart().is_some() {
        let repo = &app.view.spec.sources[source].repo_url;
        let message = format!("error getting revision metadata: repository '{repo}' not found");
        return Err(ApiError::unknown(message));
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

pub(crate) async fn chart_details(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path((name, revision)): Path<(String, String)>,
    Query(which): Query<Which>,
    Query(of): Query<Of>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let at = of.source(app)?;
    let source = &app.view.spec.sources[at];
    let Some(chart) = source.chart() else {
        return Err(ApiError::unknown(format!("no chart found for application: {name}")));
    };
    let known = app.releases.iter().any(|release| release.revisions[at] == revision);
    if !known || app.gone_charts.contains(&revision) {
        return Err(ApiError::unknown(fetch_fault(source, &revision)));
    }
    Ok(ok(&json!({
        "description": format!("Runs {chart}"),
        "home": source.repo_url,
        "maintainers": ["Team Wallet <wallet@example.com>"],
    })))
}
