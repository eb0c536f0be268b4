//! `GET /api/v1/applications/{name}`, with refresh (ARGO-13, ARGO-14).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::ArgoCd;
use super::super::errors::ApiError;
use super::super::wire::{Depth, application};
use super::{Caller, Which, find, ok};

#[derive(Debug, Deserialize)]
pub(crate) struct Refresh {
    /// Any value other than `hard` counts as `normal`; both do the same here.
    refresh: Option<String>,
}

/// Answers from the cluster, never from the cache (ARGO-11).
pub(crate) async fn get(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
    Query(query): Query<Refresh>,
) -> Result<Response, ApiError> {
    let refresh = query.refresh.is_some_and(|kind| !kind.is_empty());
    let now_ms = argo.now_ms();
    let blocks_ms = {
        let mut state = argo.lock();
        let (_, world) = find(&mut state, &caller, &name, &which, now_ms)?;
        if refresh { world.traps.refresh_blocks_ms } else { 0 }
    };
    if blocks_ms > 0 {
        argo.hold_until(now_ms + blocks_ms).await;
    }
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, world) = find(&mut state, &caller, &name, &which, now_ms)?;
    if refresh {
        app.look(now_ms);
        app.consider_auto_sync(now_ms, world);
        app.bump(now_ms);
    }
    Ok(ok(&application(&app.view, &world.traps, Depth::Get)))
}
