//! Sign-in, who am I, what may I, which version.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::super::ArgoCd;
use super::super::errors::ApiError;
use super::super::ledger::{Effect, EffectKind};
use super::{Caller, ok};

/// `GET /api/version`: open to everybody.
pub(crate) async fn version() -> Response {
    ok(&json!({ "Version": "v3.2.0+double" }))
}

#[derive(Debug, Deserialize)]
struct SignIn {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

/// `POST /api/v1/session`.
pub(crate) async fn sign_in(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, ApiError> {
    let login: SignIn =
        serde_json::from_slice(&body).map_err(|error| ApiError::invalid(error.to_string()))?;
    if login.username.is_empty() || login.password.is_empty() {
        return Err(ApiError::invalid("no credentials supplied"));
    }
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let token = state.accounts.sign_in(&login.username, &login.password, now_ms);
    let kind = if token.is_some() { EffectKind::SignIn } else { EffectKind::SignInRefused };
    state.world.ledger.push(Effect::new(now_ms, kind, &login.username));
    token.map(|token| ok(&json!({ "token": token }))).ok_or_else(ApiError::bad_login)
}

/// `DELETE /api/v1/session`: the server only clears the cookie; the token stays valid until it
/// expires.
pub(crate) async fn sign_out() -> Response {
    ok(&json!({}))
}

/// `GET /api/v1/session/userinfo`: answers without a token too.
pub(crate) async fn user_info(State(argo): State<ArgoCd>, headers: HeaderMap) -> Response {
    let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    match argo.lock().accounts.who(token, argo.now_ms()) {
        Some(account) => {
            ok(&json!({ "loggedIn": true, "username": account.name, "iss": "argocd" }))
        }
        None => ok(&json!({})),
    }
}

/// `GET /api/v1/account/can-i/{resource}/{action}/{subresource}` (ARGO-8).
pub(crate) async fn can_i(
    Caller(caller): Caller,
    Path((resource, action, subresource)): Path<(String, String, String)>,
) -> Response {
    let yes = caller.can(&resource, &action, &subresource);
    ok(&json!({ "value": if yes { "yes" } else { "no" } }))
}
