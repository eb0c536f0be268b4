//! `GET /api/v1/applications/{name}/managed-resources` (ARGO-16).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::json;

use super::super::ArgoCd;
use super::super::errors::ApiError;
use super::super::manifest::managed;
use super::super::wire::put_list;
use super::{Caller, Which, find, ok};

pub(crate) async fn managed_resources(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, world) = find(&mut state, &caller, &name, &which, now_ms)?;
    if world.traps.managed_missing {
        let message = "error getting cached app managed resources: cache: key is missing";
        return Err(ApiError::unknown(message));
    }
    let items = if world.traps.managed_empty { Vec::new() } else { managed(app) };
    let mut answer = json!({});
    put_list(&mut answer, "items", items, &world.traps);
    Ok(ok(&answer))
}
