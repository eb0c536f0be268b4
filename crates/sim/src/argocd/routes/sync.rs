//! `POST /api/v1/applications/{name}/sync` (ARGO-19 … ARGO-26).

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;

use super::super::ArgoCd;
use super::super::accounts::Account;
use super::super::app::{App, Operation};
use super::super::chart::fits;
use super::super::errors::ApiError;
use super::super::ledger::{Effect, EffectKind, Info};
use super::super::timeline::World;
use super::super::wire::{Depth, application};
use super::windows::can_sync;
use super::{Caller, Which, find, ok};

/// The request. The real server ignores fields it does not know; the double refuses them, because a
/// field that is silently ignored is a mistake of the caller.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct SyncRequest {
    name: Option<String>,
    revision: Option<String>,
    revisions: Option<Vec<String>>,
    source_positions: Option<Vec<Value>>,
    dry_run: Option<bool>,
    prune: Option<bool>,
    strategy: Option<Value>,
    resources: Option<Vec<Value>>,
    infos: Option<Vec<Info>>,
    retry_strategy: Option<Value>,
    sync_options: Option<SyncOptions>,
    app_namespace: Option<String>,
    project: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SyncOptions {
    items: Vec<String>,
}

pub(crate) async fn sync(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let request: SyncRequest =
        serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    if request.name.as_ref().is_some_and(|inner| *inner != name) {
        return Err(ApiError::invalid("the name in the body differs from the name in the path"));
    }
    let which = Which {
        project: request.project.clone().unwrap_or_default(),
        app_namespace: request.app_namespace.clone().unwrap_or_default(),
    };
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let mut effect = Effect::new(now_ms, EffectKind::Sync, &caller.name).app(&name);
    effect.infos = request.infos.clone().unwrap_or_default();
    effect.only = request.resources.iter().flatten().map(short).collect();
    effect.dry_run = request.dry_run.unwrap_or(false);
    let started = find(&mut state, &caller, &name, &which, now_ms).and_then(|(app, world)| {
        let revisions = start(app, world, &caller, request, now_ms)?;
        Ok((revisions, application(&app.view, &world.traps, Depth::Get)))
    });
    match started {
        Ok((revisions, answer)) => {
            effect.revisions = revisions;
            state.world.ledger.push(effect);
            Ok(ok(&answer))
        }
        Err(error) => {
            effect.kind = EffectKind::SyncRefused;
            state.world.ledger.push(effect.reason(&error.message));
            Err(error)
        }
    }
}

/// `Deployment/wallet-api` of an object as a request names it.
fn short(object: &Value) -> String {
    let field = |name: &str| object[name].as_str().unwrap_or_default();
    format!("{}/{}", field("kind"), field("name"))
}

/// The checks in the order of the real server, then the start. Returns the resolved revisions.
fn start(
    app: &mut App,
    world: &mut World,
    caller: &Account,
    request: SyncRequest,
    now_ms: i64,
) -> Result<Vec<String>, ApiError> {
    // Windows come before rights (ARGO-24).
    if !can_sync(app, world, now_ms) {
        return Err(ApiError::forbidden("cannot sync: blocked by sync window"));
    }
    let spec = app.view.spec.clone();
    let object = format!("{}/{}", spec.project, spec.name);
    let missing_right = |action: &str| {
        let sub = &caller.name;
        ApiError::forbidden(format!(
            "permission denied: applications, {action}, {object}, sub: {sub}"
        ))
    };
    if !caller.may_sync {
        return Err(missing_right("sync"));
    }
    let asked = asked_revisions(app, &request)?;
    let dry_run = request.dry_run.unwrap_or(false);
    let mut revisions = app.head().revisions.clone();
    for (position, wanted) in asked {
        let follows = &spec.sources[position].target_revision;
        if wanted.is_empty() || wanted == *follows {
            continue;
        }
        // A commit SHA is another revision too, even when it is the newest one (ARGO-23, ARGO-25).
        if spec.automated && !dry_run {
            let message = format!("Cannot sync to {wanted}: auto-sync currently set to {follows}");
            return Err(ApiError::precondition(message));
        }
        if world.traps.foreign_revision_needs_override && !caller.may_override {
            return Err(missing_right("override"));
        }
        let sha = wanted.len() == 40 && wanted.bytes().all(|b| b.is_ascii_hexdigit());
        let charted = spec.sources[position].chart().is_some();
        let known = app.releases.iter().rev().find(|release| match charted {
            true => fits(&wanted, &release.revisions[position]),
            false => release.revisions[position] == wanted,
        });
        if let Some(release) = known {
            revisions[position].clone_from(&release.revisions[position]);
            continue;
        }
        if !sha {
            let message = format!("unable to resolve '{wanted}' to a commit SHA");
            return Err(ApiError::precondition(message));
        }
        revisions[position] = wanted;
    }
    if world.traps.auto_sync_wins_race {
        app.look(now_ms);
        app.auto_sync(now_ms, world);
        app.bump(now_ms);
    }
    if app.view.operation.is_some() {
        let prefix = if world.traps.older_errors { "" } else { "error setting app operation: " };
        let message = format!("{prefix}another operation is already in progress");
        return Err(ApiError::precondition(message));
    }
    let operation = Operation {
        revisions: revisions.clone(),
        account: caller.name.clone(),
        automated: false,
        sources: None,
        infos: request.infos.unwrap_or_default(),
        dry_run,
        prune: request.prune.unwrap_or(false),
        resources: request.resources.unwrap_or_default(),
        strategy: request.strategy,
        options: request.sync_options.map(|options| Value::from(options.items)),
        retry: request.retry_strategy,
    };
    app.start(operation, now_ms, world);
    app.bump(now_ms);
    Ok(revisions)
}

/// Which source is wanted at which revision: `revision` for a single source, `revisions` with
/// `sourcePositions` (counted from 1) for several (ARGO-18).
fn asked_revisions(app: &App, request: &SyncRequest) -> Result<Vec<(usize, String)>, ApiError> {
    let sources = app.view.spec.sources.len();
    if sources == 1 {
        return Ok(request.revision.iter().map(|revision| (0, revision.clone())).collect());
    }
    let positions = request.source_positions.as_deref().unwrap_or_default();
    let revisions = request.revisions.as_deref().unwrap_or_default();
    if positions.len() != revisions.len() {
        let message = "source positions and revisions must have the same length";
        return Err(ApiError::invalid(message));
    }
    let mut asked = Vec::new();
    for (position, revision) in positions.iter().zip(revisions) {
        // 64-bit numbers may come as text in protobuf's JSON.
        let number = position.as_u64().or_else(|| position.as_str()?.parse().ok());
        let index = number.and_then(|n| usize::try_from(n).ok()).and_then(|n| n.checked_sub(1));
        match index.filter(|index| *index < sources) {
            Some(index) => asked.push((index, revision.clone())),
            None => return Err(ApiError::invalid("source position is out of range")),
        }
    }
    Ok(asked)
}
