//! `GET …/resource` and `POST …/resource/actions`, `…/resource/actions/v2` (ARGO-39): one object as the
//! cluster holds it, and what can be done to it.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::ArgoCd;
use super::super::accounts::Account;
use super::super::app::{App, Live};
use super::super::errors::ApiError;
use super::super::hook;
use super::super::ledger::{Effect, EffectKind};
use super::super::manifest::live_manifest;
use super::super::pod::Pod;
use super::super::rollout;
use super::super::timeline::World;
use super::{Caller, Which, find, ok};

/// Which object of which application.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct Object {
    namespace: String,
    resource_name: String,
    version: String,
    group: String,
    kind: String,
    app_namespace: String,
    project: String,
}

/// The request of version 2. The real server ignores fields it does not know; the double refuses them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct RunRequest {
    name: String,
    app_namespace: String,
    project: String,
    namespace: String,
    resource_name: String,
    version: String,
    group: String,
    kind: String,
    action: String,
    resource_action_parameters: Vec<Value>,
}

impl Object {
    fn which(&self) -> Which {
        Which { project: self.project.clone(), app_namespace: self.app_namespace.clone() }
    }

    fn path(&self) -> String {
        format!("{}/{}/{}", self.kind, self.namespace, self.resource_name)
    }

    fn live<'a>(&self, app: &'a App) -> Result<&'a Live, ApiError> {
        let wanted = |live: &&Live| {
            let object = &live.object;
            (&object.group, &object.version, &object.kind, &object.namespace, &object.name)
                == (&self.group, &self.version, &self.kind, &self.namespace, &self.resource_name)
        };
        let Self { group, kind, resource_name, .. } = self;
        let app_name = &app.view.spec.name;
        let unknown = || {
            ApiError::invalid(format!(
                "{kind} {group} {resource_name} not found as part of application {app_name}"
            ))
        };
        let hook = app.view.hook.iter().map(|hook| &hook.live);
        app.view.live.iter().chain(hook).find(wanted).ok_or_else(unknown)
    }
}

pub(crate) async fn resource(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(object): Query<Object>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &object.which(), now_ms)?;
    let pod =
        Pod::all(app).find(|pod| object.kind == "Pod" && pod.object.name == object.resource_name);
    let manifest = match pod {
        Some(pod) => pod.manifest(),
        None => live_manifest(app, object.live(app)?),
    };
    Ok(ok(&json!({ "manifest": manifest.to_string() })))
}

/// What can be done to an object, and whether it can be done now.
pub(crate) async fn list(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(object): Query<Object>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &object.which(), now_ms)?;
    let live = object.live(app)?;
    let at_work = app.view.rolling.contains(&live.object.key());
    let open = match object.kind.as_str() {
        "Rollout" => rollout::actions(app.view.steps.as_ref().filter(|_| at_work)),
        "Deployment" | "StatefulSet" | "DaemonSet" => vec![("restart", true)],
        "Job" => app.view.hook.as_ref().map(hook::actions).unwrap_or_default(),
        _ => Vec::new(),
    };
    let actions = open.into_iter().map(|(name, enabled)| {
        // Go leaves out what is false.
        if enabled { json!({ "name": name }) } else { json!({ "name": name, "disabled": true }) }
    });
    Ok(ok(&json!({ "actions": actions.collect::<Vec<_>>() })))
}

/// The older form: everything in the address, and the action's name as the body.
pub(crate) async fn run_v1(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(object): Query<Object>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let action: String =
        serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    run(&argo, &caller, &name, &object, &action)
}

pub(crate) async fn run_v2(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    if argo.lock().world.traps.actions_v1_only {
        return Err(ApiError::no_route());
    }
    let request: RunRequest =
        serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    if request.name != name {
        return Err(ApiError::invalid("the name in the body differs from the name in the path"));
    }
    if !request.resource_action_parameters.is_empty() {
        return Err(ApiError::invalid("these actions take no parameters"));
    }
    let RunRequest { namespace, resource_name, version, group, kind, .. } = request;
    let (app_namespace, project) = (request.app_namespace, request.project);
    let object = Object { namespace, resource_name, version, group, kind, app_namespace, project };
    run(&argo, &caller, &name, &object, &request.action)
}

fn run(
    argo: &ArgoCd,
    caller: &Account,
    name: &str,
    object: &Object,
    action: &str,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let done = find(&mut state, caller, name, &object.which(), now_ms)
        .and_then(|(app, world)| act(app, world, caller, object, action, now_ms));
    let mut effect = Effect::new(now_ms, EffectKind::Action, &caller.name).app(name);
    action.clone_into(&mut effect.action);
    effect.object = Some(object.path());
    match done {
        Ok(()) => {
            state.world.ledger.push(effect);
            Ok(ok(&json!({})))
        }
        Err(error) => {
            let effect = Effect { kind: EffectKind::ActionRefused, ..effect };
            state.world.ledger.push(effect.reason(&error.message));
            Err(error)
        }
    }
}

/// No window and no operation stands in the way of an action.
fn act(
    app: &mut App,
    world: &World,
    caller: &Account,
    object: &Object,
    action: &str,
    now_ms: i64,
) -> Result<(), ApiError> {
    let Object { group, kind, .. } = object;
    if !caller.may_act {
        let spec = &app.view.spec;
        let of = format!("{}/{}", spec.project, spec.name);
        let sub = &caller.name;
        return Err(ApiError::forbidden(format!(
            "permission denied: applications, action/{group}/{kind}/{action}, {of}, sub: {sub}"
        )));
    }
    let key = object.live(app)?.object.key();
    let known = match action {
        "restart" => app.restart(&key, now_ms, world),
        _ if kind == "Rollout" => app.act(action, now_ms, world),
        "resume" if kind == "Job" => app.resume_hook(now_ms, world),
        _ => None,
    };
    let known = known.is_some();
    if !known {
        return Err(ApiError::invalid(format!("action {action} is not available for {kind}")));
    }
    app.bump(now_ms);
    Ok(())
}
