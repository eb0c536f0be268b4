//! Error answers as the real server words them: `{error, code, message}` with the gRPC code
//! (ARGO-6).

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// An error answer of the API.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    /// The gRPC code, for example 9 for `FailedPrecondition`.
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl ApiError {
    fn new(status: StatusCode, code: i64, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// 401, the body for a missing, expired or revoked token.
    pub(crate) fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 16, "no session information")
    }

    /// 401, the body for a wrong password and for a locked account alike (ARGO-3).
    pub(crate) fn bad_login() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, 16, "Invalid username or password")
    }

    /// 403 without details: missing application and missing right look the same (ARGO-7).
    pub(crate) fn denied() -> Self {
        Self::new(StatusCode::FORBIDDEN, 7, "permission denied")
    }

    /// 403 with the text given.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, 7, message)
    }

    /// 404 for an application (ARGO-7: only when the project was given).
    pub(crate) fn app_not_found(name: &str) -> Self {
        let message = format!("applications.argoproj.io \"{name}\" not found");
        Self::new(StatusCode::NOT_FOUND, 5, message)
    }

    /// 404 of the gateway for a path it does not know.
    pub(crate) fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, 5, "Not Found")
    }

    /// 400, gRPC `FailedPrecondition`.
    pub(crate) fn precondition(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 9, message)
    }

    /// 400, gRPC `InvalidArgument`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, 3, message)
    }

    /// 500, gRPC `Unknown`: an error that nobody gave a code.
    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 2, message)
    }
}

/// The JSON body of an error.
pub(crate) fn body(code: i64, message: &str) -> Value {
    json!({ "error": message, "code": code, "message": message })
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let text = body(self.code, &self.message).to_string();
        (self.status, [(CONTENT_TYPE, "application/json")], text).into_response()
    }
}
