//! What the page asks for. Failures are codes, which the page puts into words (`words.js`).

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use wilco_core::port::StoreFault;

use crate::local::{
    BOT_HANDLE, LocalPlatform, MAX_TEXT_CHARS, Placed, Pressing, Refusal, RoomKind, Saying,
};

/// How many messages one answer holds.
const PAGE: usize = 500;

type Failure = (StatusCode, Json<Value>);

pub(super) fn fault(status: StatusCode, code: &str) -> Failure {
    (status, Json(json!({"error": code})))
}

pub(super) async fn state(State(platform): State<Arc<LocalPlatform>>) -> Json<Value> {
    let rooms: Vec<Value> = platform
        .rooms()
        .into_iter()
        .map(|room| {
            let owner = match &room.kind {
                RoomKind::Channel => None,
                RoomKind::Direct(person) => Some(person),
            };
            json!({"id": room.id, "owner": owner, "about": room.about})
        })
        .collect();
    let people: Vec<Value> = platform
        .people()
        .people()
        .map(|person| json!({"id": person.id, "name": person.name, "teams": person.teams}))
        .collect();
    Json(json!({
        "started": platform.started(),
        "bot": {"name": "Wilco", "handle": BOT_HANDLE},
        "rooms": rooms,
        "people": people,
        "teams": platform.people().teams(),
        "max_text_chars": MAX_TEXT_CHARS,
    }))
}

#[derive(Deserialize)]
pub(super) struct After {
    /// A place of the journal; 0 is before everything.
    #[serde(default)]
    pub(super) after: i64,
}

pub(super) async fn messages(
    State(platform): State<Arc<LocalPlatform>>,
    query: Result<Query<After>, QueryRejection>,
) -> Result<Json<Vec<Placed>>, Failure> {
    let Query(After { after }) =
        query.map_err(|_| fault(StatusCode::BAD_REQUEST, "bad_request"))?;
    Ok(Json(platform.read(after, PAGE).await.map_err(|fault| broken(&fault))?))
}

#[derive(Deserialize)]
pub(super) struct SayRequest {
    id: String,
    r#as: String,
    room: String,
    #[serde(default)]
    thread: Option<String>,
    text: String,
}

pub(super) async fn say(
    State(platform): State<Arc<LocalPlatform>>,
    body: Result<Json<SayRequest>, JsonRejection>,
) -> Result<Json<Value>, Failure> {
    let SayRequest { id, r#as: person, room, thread, text } = parsed(body)?;
    let said = platform.say(Saying { id, person, room, thread, text }).await.map_err(refused)?;
    Ok(Json(json!({"message": said.id, "at": said.at})))
}

#[derive(Deserialize)]
pub(super) struct PressRequest {
    id: String,
    r#as: String,
    message: String,
    tokens: Vec<String>,
}

pub(super) async fn press(
    State(platform): State<Arc<LocalPlatform>>,
    body: Result<Json<PressRequest>, JsonRejection>,
) -> Result<Json<Value>, Failure> {
    let PressRequest { id, r#as: person, message, tokens } = parsed(body)?;
    platform.press(Pressing { id, person, message, tokens }).await.map_err(refused)?;
    Ok(Json(json!({})))
}

fn parsed<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Failure> {
    match body {
        Ok(Json(body)) => Ok(body),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(fault(StatusCode::PAYLOAD_TOO_LARGE, "too_long"))
        }
        Err(rejection) => Err(fault(rejection.status(), "bad_request")),
    }
}

fn refused(refusal: Refusal) -> Failure {
    let (status, code) = match refusal {
        Refusal::BadId => (StatusCode::BAD_REQUEST, "bad_id"),
        Refusal::IdTaken => (StatusCode::CONFLICT, "id_taken"),
        Refusal::UnknownPerson => (StatusCode::NOT_FOUND, "unknown_person"),
        Refusal::UnknownRoom => (StatusCode::NOT_FOUND, "unknown_room"),
        Refusal::UnknownThread => (StatusCode::NOT_FOUND, "unknown_thread"),
        Refusal::UnknownMessage => (StatusCode::NOT_FOUND, "unknown_message"),
        Refusal::UnknownButton => (StatusCode::BAD_REQUEST, "unknown_button"),
        Refusal::Empty => (StatusCode::BAD_REQUEST, "empty"),
        Refusal::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too_long"),
        Refusal::Store(fault) => return broken(&fault),
    };
    fault(status, code)
}

fn broken(failure: &StoreFault) -> Failure {
    tracing::error!(%failure, "console request failed");
    fault(StatusCode::SERVICE_UNAVAILABLE, "store")
}
