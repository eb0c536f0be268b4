//! Events, interactions and commands that Slack brings by HTTP, where Socket Mode is not wanted.
//!
//! A request is answered when what it brings is stored. Any other answer than 2xx has Slack bring it again, at once, after
//! one minute and after five (SLACK-2).

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router, routing};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::heard::Kind;
use super::{Slack, heard};

/// Where events are brought.
pub const EVENTS: &str = "/slack/events";
/// Where presses are brought.
pub const INTERACTIVITY: &str = "/slack/interactivity";
/// Where slash commands are brought.
pub const COMMANDS: &str = "/slack/commands";

/// Slack's own bodies stay far below.
const MAX_BODY_BYTES: usize = 1024 * 1024;
/// Slack waits three seconds in all.
const KNOWS_ITSELF_WITHIN: Duration = Duration::from_secs(2);

/// The form in which Slack brings a press.
#[derive(Deserialize)]
struct Interaction {
    payload: String,
}

impl Slack {
    /// Whether events come by requests.
    #[must_use]
    pub fn takes_requests(&self) -> bool {
        self.signing.is_some()
    }

    /// The three addresses, for the paths [`EVENTS`], [`INTERACTIVITY`] and [`COMMANDS`].
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route(EVENTS, routing::post(events))
            .route(INTERACTIVITY, routing::post(interactivity))
            .route(COMMANDS, routing::post(commands))
            .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
            .with_state(Arc::clone(self))
    }

    /// Lets through what Slack signed.
    fn signed(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), StatusCode> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let Some(signing) = &self.signing else {
            return Err(StatusCode::NOT_FOUND);
        };
        let (at, signature) = (header("x-slack-request-timestamp"), header("x-slack-signature"));
        signing.check(at, signature, body, (self.parts.clock)()).map_err(|unsigned| {
            tracing::warn!(%unsigned, "a request that Slack did not sign");
            StatusCode::UNAUTHORIZED
        })
    }

    /// Stores what a payload means, then says that it was taken.
    async fn take(&self, kind: Kind, payload: &Value) -> Response {
        let again = || StatusCode::SERVICE_UNAVAILABLE.into_response();
        let Ok(Ok(me)) = timeout(KNOWS_ITSELF_WITHIN, self.me()).await else { return again() };
        let (event, key) = match heard::read(kind, payload, me) {
            heard::Heard::Event(event, key) => (*event, key),
            heard::Heard::Nothing(why) => {
                tracing::debug!(why, "nothing for us");
                return StatusCode::OK.into_response();
            }
        };
        match self.parts.inbox.receive(event, key).await {
            Ok(()) => StatusCode::OK.into_response(),
            Err(fault) => {
                tracing::error!(%fault, "what Slack brought cannot be stored");
                again()
            }
        }
    }
}

async fn events(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = slack.signed(&headers, &body) {
        return refused.into_response();
    }
    let Ok(payload) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if payload.get("type").and_then(Value::as_str) == Some("url_verification") {
        let challenge = payload.get("challenge").cloned().unwrap_or_default();
        return Json(json!({ "challenge": challenge })).into_response();
    }
    slack.take(Kind::Event, &payload).await
}

async fn interactivity(
    State(slack): State<Arc<Slack>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = slack.signed(&headers, &body) {
        return refused.into_response();
    }
    let payload = form::<Interaction>(&body)
        .and_then(|form| serde_json::from_str::<Value>(&form.payload).ok());
    match payload {
        Some(payload) => slack.take(Kind::Interaction, &payload).await,
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn commands(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = slack.signed(&headers, &body) {
        return refused.into_response();
    }
    match form::<Value>(&body) {
        Some(payload) => slack.take(Kind::Command, &payload).await,
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn form<T: serde::de::DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_urlencoded::from_bytes(body).ok()
}
