//! `POST /api/v1/applications/{name}/rollback` (ARGO-36, ARGO-37): a sync to an entry of the history, without
//! room for a tag, without hooks, and without a look at the windows.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ArgoCd;
use super::super::accounts::Account;
use super::super::app::{App, Operation};
use super::super::errors::ApiError;
use super::super::ledger::{Effect, EffectKind};
use super::super::timeline::World;
use super::super::wire::{Depth, application};
use super::{Caller, Which, find, ok};

/// The request. The real server ignores fields it does not know; the double refuses them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct RollbackRequest {
    name: Option<String>,
    /// A number, or in the JSON of protobuf a text.
    id: Value,
    dry_run: bool,
    prune: bool,
    app_namespace: String,
    project: String,
}

pub(crate) async fn rollback(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let request: RollbackRequest =
        serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    if request.name.as_ref().is_some_and(|inner| *inner != name) {
        return Err(ApiError::invalid("the name in the body differs from the name in the path"));
    }
    let which =
        Which { project: request.project.clone(), app_namespace: request.app_namespace.clone() };
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let mut effect = Effect::new(now_ms, EffectKind::Rollback, &caller.name).app(&name);
    effect.dry_run = request.dry_run;
    let started = find(&mut state, &caller, &name, &which, now_ms).and_then(|(app, world)| {
        let revisions = start(app, world, &caller, &request, now_ms)?;
        Ok((revisions, application(&app.view, &world.traps, Depth::Get)))
    });
    match started {
        Ok((revisions, answer)) => {
            effect.revisions = revisions;
            state.world.ledger.push(effect);
            Ok(ok(&answer))
        }
        Err(error) => {
            effect.kind = EffectKind::RollbackRefused;
            state.world.ledger.push(effect.reason(&error.message));
            Err(error)
        }
    }
}

/// The checks in the order of the real server, then the start.
fn start(
    app: &mut App,
    world: &mut World,
    caller: &Account,
    request: &RollbackRequest,
    now_ms: i64,
) -> Result<Vec<String>, ApiError> {
    let spec = app.view.spec.clone();
    if !caller.may_sync {
        let (project, name, sub) = (&spec.project, &spec.name, &caller.name);
        return Err(ApiError::forbidden(format!(
            "permission denied: applications, sync, {project}/{name}, sub: {sub}"
        )));
    }
    if spec.automated {
        let message = "rollback cannot be initiated when auto-sync is enabled";
        return Err(ApiError::precondition(message));
    }
    let id = request.id.as_i64().or_else(|| request.id.as_str()?.parse().ok()).unwrap_or(0);
    let entry = app.view.history.iter().find(|entry| entry.id == id).cloned();
    let unknown = || {
        let name = format!("{}/{}", spec.namespace, spec.name);
        ApiError::invalid(format!("application {name} does not have deployment with id {id}"))
    };
    let entry = entry.ok_or_else(unknown)?;
    if app.view.operation.is_some() {
        let prefix = if world.traps.older_errors { "" } else { "error setting app operation: " };
        let message = format!("{prefix}another operation is already in progress");
        return Err(ApiError::precondition(message));
    }
    let operation = Operation {
        revisions: entry.revisions.clone(),
        account: caller.name.clone(),
        automated: false,
        sources: Some(entry.sources),
        infos: Vec::new(),
        dry_run: request.dry_run,
        prune: request.prune,
        resources: Vec::new(),
        strategy: Some(json!({ "apply": {} })),
        options: None,
        retry: None,
    };
    app.start(operation, now_ms, world);
    app.bump(now_ms);
    Ok(entry.revisions)
}
