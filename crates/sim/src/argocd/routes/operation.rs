//! `DELETE /api/v1/applications/{name}/operation` (ARGO-33, ARGO-38).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::json;

use super::super::ArgoCd;
use super::super::accounts::Account;
use super::super::app::App;
use super::super::errors::ApiError;
use super::super::ledger::{Effect, EffectKind};
use super::super::timeline::World;
use super::{Caller, Which, find, ok};

/// Asynchronous: the answer only says that the phase is Terminating.
pub(crate) async fn terminate(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let stopped = find(&mut state, &caller, &name, &which, now_ms)
        .and_then(|(app, world)| stop(app, world, &caller, now_ms));
    let effect = Effect::new(now_ms, EffectKind::Terminate, &caller.name).app(&name);
    match stopped {
        Ok(revisions) => {
            state.world.ledger.push(Effect { revisions, ..effect });
            Ok(ok(&json!({})))
        }
        Err(error) => {
            let effect = Effect { kind: EffectKind::TerminateRefused, ..effect };
            state.world.ledger.push(effect.reason(&error.message));
            Err(error)
        }
    }
}

fn stop(
    app: &mut App,
    world: &World,
    caller: &Account,
    now_ms: i64,
) -> Result<Vec<String>, ApiError> {
    if !caller.may_sync {
        let spec = &app.view.spec;
        let object = format!("{}/{}", spec.project, spec.name);
        let sub = &caller.name;
        let message = format!("permission denied: applications, sync, {object}, sub: {sub}");
        return Err(ApiError::forbidden(message));
    }
    let running = app.view.operation.as_ref().filter(|_| app.view.state.is_some());
    let revisions = running.map(|operation| operation.revisions.clone());
    let Some(revisions) = revisions.filter(|_| !world.traps.terminate_refused) else {
        let message = "Unable to terminate operation. No operation is in progress";
        return Err(ApiError::invalid(message));
    };
    app.terminate(now_ms, world);
    app.bump(now_ms);
    Ok(revisions)
}
