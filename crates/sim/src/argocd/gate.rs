//! What every request passes before its route: counting, faults, content type; and after it, the
//! renewed token.

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ArgoCd;
use super::errors;
use super::faults::FaultKind;
use super::query;
use crate::serve::Cut;

/// Larger than any answer of the double.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

pub(crate) async fn gate(
    State(argo): State<ArgoCd>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sim/") {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>().map(|m| m.as_str().to_owned());
    let method = request.method().clone();
    if let Some(route) = &route {
        argo.passed(method.as_str(), route, &query::pass_over(&mut request, route));
    }
    let fault = argo.arrived(method.as_str(), route.as_deref().unwrap_or(&path), &path);
    let Some(fault) = fault else { return act(&argo, request, next).await };
    match fault {
        FaultKind::Error { status, code, message } => {
            let body = errors::body(code, &message).to_string();
            (status_of(status), [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        FaultKind::Html { status } => {
            let page = "<html><head><title>Bad gateway</title></head><body>nginx</body></html>";
            (status_of(status), [(CONTENT_TYPE, "text/html")], page).into_response()
        }
        FaultKind::Empty { status } => status_of(status).into_response(),
        FaultKind::HalfJson => half(act(&argo, request, next).await).await,
        FaultKind::Close => closed(&cut),
        FaultKind::ActThenClose => {
            act(&argo, request, next).await;
            closed(&cut)
        }
        FaultKind::HoldUntil { at_ms } => {
            let answer = act(&argo, request, next).await;
            argo.hold_until(at_ms).await;
            answer
        }
        FaultKind::Hold { ms } => {
            let at_ms = argo.now_ms() + ms;
            let answer = act(&argo, request, next).await;
            argo.hold_until(at_ms).await;
            answer
        }
        FaultKind::ActLate { ms } => act_late(argo, request, next, ms).await,
        FaultKind::Silence => argo.hold_for_ever().await,
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Cuts the connection; the answer returned here never reaches anybody.
fn closed(cut: &Cut) -> Response {
    cut.now();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

async fn half(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    parts.headers.remove(axum::http::header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
}

/// The request is acted on in its own task, so that a caller who hangs up does not stop it.
async fn act_late(argo: ArgoCd, request: Request, next: Next, ms: i64) -> Response {
    let at_ms = argo.now_ms() + ms;
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.unwrap_or_default();
    let late = tokio::spawn(async move {
        argo.hold_until(at_ms).await;
        act(&argo, Request::from_parts(parts, Body::from(body)), next).await
    });
    late.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The normal way: content type, route, renewal of the token.
async fn act(argo: &ArgoCd, request: Request, next: Next) -> Response {
    // Before routing and before any check of the token (ARGO-5).
    let json = request.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let json = json.is_some_and(|value| value.split(';').next() == Some("application/json"));
    let api = request.uri().path().starts_with("/api/");
    if api && request.method() != Method::GET && !json {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Invalid content type\n").into_response();
    }
    let token = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let mut answer = next.run(request).await;
    if let Some(new) = token.and_then(|token| argo.renewal(&token)) {
        let cookie = format!("argocd.token={new}; path=/; SameSite=lax; httpOnly");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    answer
}
