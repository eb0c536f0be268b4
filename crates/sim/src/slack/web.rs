//! The Web API: what the app asks and does.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use serde_json::{Value, json};

use super::faults::{self, FaultKind};
use super::message::Message;
use super::world::World;
use super::{APP_TOKEN, BOT, BOT_TOKEN, BOT_USER, Slack, TEAM, blocks, events, socket};
use crate::serve::Cut;

/// Larger than any request.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Slack cuts longer texts; the double refuses them, so that nobody relies on that.
const MOST_TEXT_CHARS: usize = 40_000;

/// Why a call brings `"ok": false`.
struct No {
    error: &'static str,
    messages: Vec<String>,
}

fn no<T>(error: &'static str) -> Result<T, No> {
    Err(No { error, messages: Vec::new() })
}

/// What a call came with; fields that hold JSON are read when they are used.
struct Call<'a> {
    fields: &'a BTreeMap<String, Value>,
    now: i64,
    addr: SocketAddr,
}

impl Call<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn flag(&self, name: &str) -> bool {
        matches!(self.fields.get(name), Some(Value::Bool(true)))
            || matches!(self.text(name), Some("true" | "1"))
    }

    /// A field that holds JSON, as a form has it, or as it is.
    fn json(&self, name: &str) -> Option<Result<Value, ()>> {
        match self.fields.get(name)? {
            Value::String(text) => Some(serde_json::from_str(text).map_err(|_| ())),
            other => Some(Ok(other.clone())),
        }
    }

    fn number(&self, name: &str) -> Option<usize> {
        match self.fields.get(name)? {
            Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
            other => other.as_str()?.parse().ok(),
        }
    }
}

#[derive(Clone)]
struct Site {
    slack: Slack,
    addr: SocketAddr,
}

pub(super) fn router(slack: Slack, addr: SocketAddr) -> Router {
    Router::new()
        .route("/api/{method}", any(call))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Site { slack: slack.clone(), addr })
        .merge(Router::new().route("/link", get(socket::open)).with_state(slack))
}

async fn call(
    State(Site { slack, addr }): State<Site>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = fields_of(&headers, &body);
    let channel = fields.get("channel").and_then(Value::as_str).unwrap_or_default();
    let (fault, latency) = slack.change(|world| {
        *world.requests.entry(method.clone()).or_default() += 1;
        let fault = faults::caught(&mut world.faults, &method, channel);
        (fault, Duration::from_millis(world.traps.latency_ms))
    });
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let act = || slack.answer(&method, &headers, &fields, addr);
    match fault {
        None => act(),
        Some(FaultKind::Error(error)) => {
            axum::Json(json!({"ok": false, "error": error})).into_response()
        }
        Some(FaultKind::Status(status)) => {
            StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY).into_response()
        }
        Some(FaultKind::Limited(seconds)) => limited(seconds),
        Some(FaultKind::Close) => closed(&cut),
        Some(FaultKind::ActThenClose) => {
            drop(act());
            closed(&cut)
        }
        Some(FaultKind::HalfJson) => {
            drop(act());
            ([(CONTENT_TYPE, "application/json")], "{\"ok\": true, \"ts\"").into_response()
        }
    }
}

fn closed(cut: &Cut) -> Response {
    cut.now();
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn limited(seconds: u64) -> Response {
    let body = axum::Json(json!({"ok": false, "error": "ratelimited"}));
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, seconds.to_string())], body).into_response()
}

/// JSON or a form.
fn fields_of(headers: &HeaderMap, body: &[u8]) -> BTreeMap<String, Value> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).unwrap_or_default();
    pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

impl Slack {
    fn answer(
        &self,
        method: &str,
        headers: &HeaderMap,
        fields: &BTreeMap<String, Value>,
        addr: SocketAddr,
    ) -> Response {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
        let token = token.or_else(|| fields.get("token").and_then(Value::as_str));
        let call = Call { fields, now: self.now_ms(), addr };
        if let Some(seconds) = self.change(|world| too_soon(world, method, &call)) {
            return limited(seconds);
        }
        let answer = match (method, token) {
            ("api.test", _) => Ok(json!({})),
            (_, None) => no("not_authed"),
            ("apps.connections.open", Some(APP_TOKEN)) => {
                Ok(self.change(|world| ticket(world, &call)))
            }
            ("apps.connections.open", Some(BOT_TOKEN)) | (_, Some(APP_TOKEN)) => {
                no("not_allowed_token_type")
            }
            (_, Some(BOT_TOKEN)) => self.with_bot(method, &call),
            (_, Some(_)) => no("invalid_auth"),
        };
        let body = match answer {
            Ok(mut body) => {
                body["ok"] = json!(true);
                body
            }
            Err(No { error, messages }) if messages.is_empty() => {
                json!({"ok": false, "error": error})
            }
            Err(No { error, messages }) => {
                json!({"ok": false, "error": error, "response_metadata": {"messages": messages}})
            }
        };
        axum::Json(body).into_response()
    }

    fn with_bot(&self, method: &str, call: &Call<'_>) -> Result<Value, No> {
        match method {
            "auth.test" => Ok(json!({
                "url": "https://acme.slack.example/", "team": "Acme", "user": "wilco", "team_id": TEAM,
                "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": false,
            })),
            "chat.postMessage" => {
                let (answer, event) = self.change(|world| post(world, call))?;
                self.deliver("events_api", event);
                Ok(answer)
            }
            "chat.update" => {
                let (answer, event) = self.change(|world| update(world, call))?;
                self.deliver("events_api", event);
                Ok(answer)
            }
            "conversations.open" => self.change(|world| {
                let user = call.text("users").unwrap_or_default().to_owned();
                if world.user(&user).is_none() {
                    return no("user_not_found");
                }
                Ok(json!({"channel": {"id": world.direct(&user)}}))
            }),
            "users.info" => {
                let world = self.world();
                match world.user(call.text("user").unwrap_or_default()) {
                    Some(user) => Ok(
                        json!({"user": {"id": user.id, "team_id": user.team, "name": user.name}}),
                    ),
                    None => no("user_not_found"),
                }
            }
            "conversations.history" => history(&self.world(), call, false),
            "conversations.replies" => history(&self.world(), call, true),
            "users.conversations" => {
                let world = self.world();
                let channels: Vec<Value> = world
                    .channels
                    .iter()
                    .filter(|channel| channel.members.iter().any(|member| member == BOT_USER))
                    .map(|channel| json!({"id": channel.id, "name": channel.name}))
                    .collect();
                Ok(json!({"channels": channels, "response_metadata": {"next_cursor": ""}}))
            }
            _ => no("unknown_method"),
        }
    }
}

/// How many seconds a caller must wait, where a limit is switched on.
fn too_soon(world: &mut World, method: &str, call: &Call<'_>) -> Option<u64> {
    let wait = |ms: i64| u64::try_from((ms + 999) / 1_000).unwrap_or(1).max(1);
    match method {
        "chat.postMessage" => {
            let every = world.traps.channel_every_ms?;
            let channel = call.text("channel").unwrap_or_default().to_owned();
            let free_at = world.posted_at.get(&channel).map_or(i64::MIN, |at| at + every);
            if call.now < free_at {
                return Some(wait(free_at - call.now));
            }
            world.posted_at.insert(channel, call.now);
            None
        }
        "chat.update" => {
            let most = world.traps.updates_a_minute?;
            world.updated_at.retain(|at| call.now - at < 60_000);
            if world.updated_at.len() >= most {
                let first = world.updated_at.first().copied().unwrap_or(call.now);
                return Some(wait(first + 60_000 - call.now));
            }
            world.updated_at.push(call.now);
            None
        }
        _ => None,
    }
}

fn ticket(world: &mut World, call: &Call<'_>) -> Value {
    let ticket = format!("ticket-{}", world.next());
    world.tickets.push(ticket.clone());
    json!({"url": format!("ws://{}/link?ticket={ticket}", call.addr)})
}

/// What a message shall say: text, blocks, metadata.
fn content(call: &Call<'_>) -> Result<(String, Vec<Value>, Option<Value>), No> {
    let text = call.text("text").unwrap_or_default().to_owned();
    if text.chars().count() > MOST_TEXT_CHARS {
        return no("msg_too_long");
    }
    let blocks = match call.json("blocks") {
        None => Vec::new(),
        Some(Ok(Value::Array(blocks))) => blocks,
        Some(_) => return no("invalid_blocks_format"),
    };
    if text.is_empty() && blocks.is_empty() {
        return no("no_text");
    }
    if let Err((error, why)) = blocks::check(&blocks) {
        let messages = if why.is_empty() { Vec::new() } else { vec![format!("[ERROR] {why}")] };
        return Err(No { error, messages });
    }
    let metadata = match call.json("metadata") {
        None => None,
        Some(Ok(metadata))
            if metadata["event_type"].is_string() && metadata["event_payload"].is_object() =>
        {
            Some(metadata)
        }
        Some(_) => return no("invalid_metadata_format"),
    };
    Ok((text, blocks, metadata))
}

/// Each block gets an id, if it has none.
fn with_ids(world: &mut World, mut blocks: Vec<Value>) -> Vec<Value> {
    for block in &mut blocks {
        if block.get("block_id").is_none() {
            block["block_id"] = json!(format!("b{}", world.next()));
        }
    }
    blocks
}

/// Not idempotent: a second call is a second message (SLACK-15).
fn post(world: &mut World, call: &Call<'_>) -> Result<(Value, Value), No> {
    let channel = call.text("channel").unwrap_or_default().to_owned();
    if world.channel(&channel).is_none() {
        return no("channel_not_found");
    }
    let (text, blocks, metadata) = content(call)?;
    let thread_ts = call.text("thread_ts").map(str::to_owned);
    if let Some(thread) = &thread_ts
        && world.message(&channel, thread).is_none()
    {
        return no("thread_not_found");
    }
    let (blocks, ts) = (with_ids(world, blocks), world.next_ts(call.now));
    world.note_pings(&text, &blocks);
    let mut message = Message {
        channel: channel.clone(),
        ts: ts.clone(),
        thread_ts,
        user: Some(BOT_USER.to_owned()),
        bot_id: Some(BOT.to_owned()),
        text,
        blocks,
        metadata,
        revision: 1,
        elements_ever: Vec::new(),
    };
    message.note_elements();
    world.messages.push(message.clone());
    world.record("chat.postMessage", &channel, &ts, call.now);
    let event = events::of_message(world, &message, None);
    let event = events::callback(world, event, false);
    Ok((json!({"channel": channel, "ts": ts, "message": message.shown(true)}), event))
}

fn update(world: &mut World, call: &Call<'_>) -> Result<(Value, Value), No> {
    let channel = call.text("channel").unwrap_or_default().to_owned();
    if world.channel(&channel).is_none() {
        return no("channel_not_found");
    }
    let (text, blocks, metadata) = content(call)?;
    let ts = call.text("ts").unwrap_or_default().to_owned();
    let blocks = with_ids(world, blocks);
    let at = world.messages.iter().position(|one| one.channel == channel && one.ts == ts);
    let Some(at) = at else { return no("message_not_found") };
    world.note_pings(&text, &blocks);
    if world.messages[at].bot_id.as_deref() != Some(BOT) {
        return no("cant_update_message");
    }
    let message = &mut world.messages[at];
    let before = message.shown(false);
    message.set(text, blocks, metadata);
    let after = message.shown(false);
    world.record("chat.update", &channel, &ts, call.now);
    let event_ts = world.next_ts(call.now);
    let event = events::of_change(world, &channel, after.clone(), before, &event_ts);
    let event = events::callback(world, event, false);
    Ok((json!({"channel": channel, "ts": ts, "text": after["text"], "message": after}), event))
}

/// `conversations.history`: the newest first, without replies. `conversations.replies`: the first of the thread, then
/// the others by time.
fn history(world: &World, call: &Call<'_>, replies: bool) -> Result<Value, No> {
    let channel = call.text("channel").unwrap_or_default();
    if world.channel(channel).is_none() {
        return no("channel_not_found");
    }
    let root = call.text("ts");
    if replies && root.is_none_or(|root| world.message(channel, root).is_none()) {
        return no("thread_not_found");
    }
    let seen_until = us(call.now - world.traps.history_lag_ms);
    let oldest = call.text("oldest").unwrap_or("0");
    let mut found: Vec<&Message> = world
        .messages
        .iter()
        .filter(|message| message.channel == channel && message.ts.as_str() <= seen_until.as_str())
        .filter(|message| match (replies, root) {
            (true, Some(root)) => {
                message.ts == root
                    || (message.thread_ts.as_deref() == Some(root) && message.ts.as_str() > oldest)
            }
            _ => message.thread_ts.is_none() && message.ts.as_str() > oldest,
        })
        .collect();
    if !replies {
        found.reverse();
    }
    let from: usize =
        call.text("cursor").and_then(|cursor| cursor.parse().ok()).unwrap_or_default();
    let limit = call.number("limit").unwrap_or(100).clamp(1, 999);
    let page: Vec<Value> = found
        .iter()
        .skip(from)
        .take(limit)
        .map(|message| message.shown(call.flag("include_all_metadata")))
        .collect();
    let more = from + page.len() < found.len();
    let cursor = if more { (from + page.len()).to_string() } else { String::new() };
    Ok(json!({"messages": page, "has_more": more, "response_metadata": {"next_cursor": cursor}}))
}

/// The last time stamp of a moment.
fn us(ms: i64) -> String {
    format!("{}.{:03}999", ms / 1_000, ms % 1_000)
}
