//! `GET /api/v1/applications/{name}/syncwindows` (ARGO-24).

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::ArgoCd;
use super::super::app::App;
use super::super::course::Window;
use super::super::errors::ApiError;
use super::super::timeline::World;
use super::super::wire::put_list;
use super::{Caller, Which, find, ok};

/// The windows of an application, the one of the trap included.
fn windows(app: &App, world: &World) -> Vec<Window> {
    let mut windows = app.windows.clone();
    if world.traps.window_closed {
        windows.push(Window::deny(i64::MIN, i64::MAX));
    }
    windows
}

/// Whether a sync by hand may start now.
pub(crate) fn can_sync(app: &App, world: &World, now_ms: i64) -> bool {
    !world.traps.window_closed && app.can_sync(now_ms)
}

pub(crate) async fn sync_windows(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, world) = find(&mut state, &caller, &name, &which, now_ms)?;
    let all = windows(app, world);
    let line = |window: &Window| -> Value {
        json!({
            "kind": if window.deny { "deny" } else { "allow" },
            "schedule": window.schedule,
            "duration": window.duration,
            "manualSync": window.manual_sync,
        })
    };
    let open = all.iter().filter(|w| w.from_ms <= now_ms && now_ms < w.until_ms).map(line);
    let open = open.collect();
    let mut answer = json!({ "canSync": can_sync(app, world, now_ms) });
    put_list(&mut answer, "assignedWindows", all.iter().map(line).collect(), &world.traps);
    put_list(&mut answer, "activeWindows", open, &world.traps);
    Ok(ok(&answer))
}
