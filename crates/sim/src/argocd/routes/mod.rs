//! The routes: one file per family of endpoints, paths as in the published swagger.

mod actions;
mod control;
mod diagnosis;
mod get;
mod list;
mod managed;
mod manifests;
mod operation;
mod revisions;
mod rollback;
mod session;
mod stream;
mod sync;
mod tree;
mod windows;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde_json::Value;

use super::accounts::Account;
use super::app::App;
use super::errors::ApiError;
use super::gate::gate;
use super::timeline::World;
use super::{ArgoCd, State};

/// All routes, behind the gate.
pub(crate) fn router(argo: ArgoCd) -> Router {
    let app = "/api/v1/applications/{name}";
    let below = |path: &str| format!("{app}/{path}");
    Router::new()
        .route("/api/version", get(session::version))
        .route("/api/v1/session", post(session::sign_in).delete(session::sign_out))
        .route("/api/v1/session/userinfo", get(session::user_info))
        .route("/api/v1/account/can-i/{resource}/{action}/{*subresource}", get(session::can_i))
        .route("/api/v1/applications", get(list::list))
        .route("/api/v1/stream/applications", get(stream::stream))
        .route(app, get(get::get))
        .route(&below("managed-resources"), get(managed::managed_resources))
        .route(&below("resource-tree"), get(tree::resource_tree))
        .route(&below("revisions/{revision}/metadata"), get(revisions::metadata))
        .route(&below("revisions/{revision}/chartdetails"), get(revisions::chart_details))
        .route(&below("syncwindows"), get(windows::sync_windows))
        .route(&below("sync"), post(sync::sync))
        .route(&below("rollback"), post(rollback::rollback))
        .route(&below("manifests"), get(manifests::manifests))
        .route(&below("operation"), delete(operation::terminate))
        .route(&below("resource"), get(actions::resource))
        .route(&below("resource/actions"), get(actions::list).post(actions::run_v1))
        .route(&below("resource/actions/v2"), post(actions::run_v2))
        .route(&below("events"), get(diagnosis::events))
        .route(&below("logs"), get(diagnosis::logs))
        .merge(control::router())
        .fallback(unknown_path)
        .layer(from_fn_with_state(argo.clone(), gate))
        .with_state(argo)
}

/// The gateway knows its paths; everything else is the web interface, which answers any address
/// with its page.
async fn unknown_path(uri: Uri) -> Response {
    if uri.path().starts_with("/api/") {
        return ApiError::no_route().into_response();
    }
    let page = "<!doctype html><html><head><title>Argo CD</title></head><body></body></html>";
    (StatusCode::OK, [(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// Who asks; without a valid token the request ends with 401.
pub(crate) struct Caller(pub(crate) Account);

/// The token of a request, from the header or the cookie.
fn token(parts: &Parts) -> Option<&str> {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header(AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
    let mut cookies = header(COOKIE).unwrap_or_default().split(';');
    bearer.or_else(|| cookies.find_map(|c| c.trim().strip_prefix("argocd.token=")))
}

impl FromRequestParts<ArgoCd> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, argo: &ArgoCd) -> Result<Self, ApiError> {
        let token = token(parts).ok_or_else(ApiError::no_session)?;
        let account = argo.lock().accounts.who(token, argo.now_ms());
        account.map(Self).ok_or_else(ApiError::no_session)
    }
}

/// The query fields that say which application is meant.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Which {
    pub(crate) project: String,
    pub(crate) app_namespace: String,
}

/// The application meant, with everything due applied; the rule of ARGO-7 for what may not be seen.
pub(crate) fn find<'a>(
    state: &'a mut State,
    caller: &Account,
    name: &str,
    which: &Which,
    now_ms: i64,
) -> Result<(&'a mut App, &'a mut World), ApiError> {
    let asked = !which.project.is_empty();
    if asked && !caller.sees(&which.project) {
        return Err(ApiError::denied());
    }
    let unseen = || if asked { ApiError::app_not_found(name) } else { ApiError::denied() };
    let namespace = if which.app_namespace.is_empty() { "argocd" } else { &which.app_namespace };
    let key = (name.to_owned(), namespace.to_owned());
    let app = state.apps.get_mut(&key).ok_or_else(unseen)?;
    let project = &app.view.spec.project;
    if !caller.sees(project) || (asked && *project != which.project) {
        return Err(unseen());
    }
    app.advance(now_ms, &mut state.world);
    Ok((app, &mut state.world))
}

/// A JSON answer with status 200.
pub(crate) fn ok(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
