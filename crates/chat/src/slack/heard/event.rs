//! Events of the Events API.

use serde::Deserialize;
use serde_json::Value;
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{MessageId, UserId};
use wilco_core::people::Author;

use super::super::me::Me;
use super::super::{text, ts};
use super::{Heard, rich};

/// The frame around an event.
#[derive(Deserialize)]
struct Callback {
    #[serde(default)]
    event: Value,
    #[serde(default)]
    is_ext_shared_channel: Option<bool>,
}

/// A message, and a mention, which is a message too.
#[derive(Deserialize)]
pub(super) struct Message {
    #[serde(default)]
    subtype: Option<String>,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    channel_type: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    bot_id: Option<String>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    ts: String,
    #[serde(default)]
    thread_ts: Option<String>,
    #[serde(default)]
    hidden: Option<bool>,
    /// The workspace of whoever wrote it.
    #[serde(default)]
    team: Option<String>,
    /// The same, where the channel is shared.
    #[serde(default)]
    user_team: Option<String>,
    #[serde(default)]
    blocks: Option<Vec<Value>>,
    /// It was changed: Slack tells a mention anew when its message is edited.
    #[serde(default)]
    edited: Option<Value>,
}

/// Subtypes that are something somebody said. Every other one tells what happened to the channel or to another message:
/// an edit or an unfurl (`message_changed`, SLACK-8) must never run anything.
const SAID: &[&str] = &["bot_message", "file_share", "me_message", "thread_broadcast"];

/// Reads the payload of an `events_api` envelope, which is the body of the HTTP request as well.
pub(super) fn read(payload: &Value, me: &Me) -> Heard {
    let Ok(callback) = Callback::deserialize(payload) else {
        return Heard::Nothing("the event has no frame");
    };
    match callback.event.get("type").and_then(Value::as_str) {
        Some("message" | "app_mention") => {
            let shared = callback.is_ext_shared_channel.unwrap_or_default();
            match Message::deserialize(&callback.event) {
                Ok(message) => said(&message, shared, me),
                Err(_) => Heard::Nothing("the message has another shape"),
            }
        }
        Some(_) => Heard::Nothing("another type of event"),
        None => Heard::Nothing("the event has no type"),
    }
}

/// What somebody said. `shared` tells that people of other organisations are in the channel.
pub(super) fn said(message: &Message, shared: bool, me: &Me) -> Heard {
    let subtype = message.subtype.as_deref().unwrap_or_default();
    if !subtype.is_empty() && !SAID.contains(&subtype) {
        return Heard::Nothing("a message that nobody said");
    }
    if message.hidden.unwrap_or_default() {
        return Heard::Nothing("a hidden message");
    }
    if message.edited.is_some() {
        return Heard::Nothing("an edit");
    }
    let author = author(message, shared, me);
    if author == Author::Wilco {
        return Heard::Nothing("said by Wilco itself");
    }
    let Some(sent_at) = ts::moment(&message.ts) else {
        return Heard::Nothing("a message without a time");
    };
    if message.channel.is_empty() {
        return Heard::Nothing("a message without a channel");
    }
    let from_blocks = || rich::text_of(message.blocks.as_deref().unwrap_or_default());
    let written = match message.text.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => text.to_owned(),
        None => from_blocks(),
    };
    let typed = text::read(&written, &me.user);
    let thread = message.thread_ts.as_ref().filter(|thread| **thread != message.ts);
    let direct = match message.channel_type.as_deref() {
        Some(kind) => kind == "im",
        // A mention does not tell.
        None => message.channel.starts_with('D'),
    };
    let incoming = Incoming {
        room: me.room(&message.channel),
        thread: thread.map(MessageId::new),
        message: MessageId::new(&message.ts),
        author,
        text: typed.text,
        mentioned: typed.mentioned,
        direct,
        sent_at,
    };
    // By channel and time, so that a mention and its message are one (SLACK-10), whatever their event ids.
    let key = format!("{} {} said {} {}", me.adapter, me.team, message.channel, message.ts);
    Heard::Event(Box::new(Event::Message(incoming)), key)
}

/// Who wrote a message. Bots and workflows may have a `user` or none (SLACK-6).
fn author(message: &Message, shared: bool, me: &Me) -> Author {
    if let Some(bot) = &message.bot_id {
        let own = me.bot.as_ref() == Some(bot) || message.user.as_ref() == Some(&me.user);
        return if own { Author::Wilco } else { Author::Bot(bot.clone()) };
    }
    match &message.user {
        Some(user) if *user == me.user => Author::Wilco,
        Some(user) => {
            let team = message.user_team.as_deref().or(message.team.as_deref()).unwrap_or_default();
            // A message with files names no workspace: where others are in the channel, it may be theirs.
            if shared && (team.is_empty() || me.is_foreign(team)) {
                Author::Outsider(UserId::new(user))
            } else {
                Author::User(UserId::new(user))
            }
        }
        None => Author::Bot("workflow".into()),
    }
}
