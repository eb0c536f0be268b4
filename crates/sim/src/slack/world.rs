//! What there is in the workspace.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::deliver::Delivery;
use super::faults::Fault;
use super::message::Message;

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Direct,
}

/// A channel, or a direct conversation with the bot.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Also people of other organisations are in it.
    pub(super) shared: bool,
    /// Who is in it; the bot too.
    pub(super) members: Vec<String>,
}

/// An account.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) team: String,
}

/// One thing that the app really did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effect {
    /// By which method.
    pub method: String,
    /// Where.
    pub channel: String,
    /// On which message.
    pub ts: String,
    /// When, by the double's clock, in milliseconds since the epoch.
    pub at_ms: i64,
}

/// Habits of Slack, one switch each.
#[derive(Debug, Clone, Default)]
pub struct Traps {
    /// A channel takes one message in so many milliseconds, then says 429 (SLACK-14).
    pub channel_every_ms: Option<i64>,
    /// Changes of messages are taken so many times in a minute, then comes a 429.
    pub updates_a_minute: Option<usize>,
    /// Each answer of the Web API is so late, by the real clock.
    pub latency_ms: u64,
    /// Every so-many-th envelope is lost on its way; it comes again.
    pub drop_every: Option<u64>,
    /// Every envelope comes twice, the second time under another id.
    pub double: bool,
    /// A mention comes as a message too, as when the app listens to both (SLACK-10).
    pub mention_twice: bool,
    /// Time stamps are a millisecond apart at least, for a clock that stands still.
    pub coarse_ts: bool,
    /// Messages are seen by `conversations.history` and `.replies` so much later.
    pub history_lag_ms: i64,
}

/// An open socket.
pub(super) struct Socket {
    pub(super) id: u64,
    /// What is written to it; `None` once it is to be closed.
    pub(super) out: Option<mpsc::UnboundedSender<String>>,
    /// Slack asked the app to leave it: nothing new is sent over it.
    pub(super) leaving: bool,
    /// Cuts the connection.
    pub(super) cut: CancellationToken,
}

/// Everything.
#[derive(Default)]
pub(super) struct World {
    pub(super) users: Vec<User>,
    pub(super) channels: Vec<Channel>,
    pub(super) messages: Vec<Message>,
    pub(super) last_ts_us: i64,
    pub(super) ledger: Vec<Effect>,
    pub(super) requests: BTreeMap<String, usize>,
    pub(super) traps: Traps,
    pub(super) faults: Vec<Fault>,
    /// One-use tickets for sockets.
    pub(super) tickets: Vec<String>,
    pub(super) sockets: Vec<Socket>,
    pub(super) next_socket: u64,
    pub(super) deliveries: Vec<Delivery>,
    pub(super) lost: usize,
    pub(super) counter: u64,
    /// When each channel took its last message.
    pub(super) posted_at: BTreeMap<String, i64>,
    /// When messages were changed in the last minute.
    pub(super) updated_at: Vec<i64>,
    /// Mentions that the app's messages really made: people and `!channel`.
    pub(super) pings: Vec<String>,
}

impl World {
    /// A number that was not given out before.
    pub(super) fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// The next time stamp: later than every earlier one.
    pub(super) fn next_ts(&mut self, now_ms: i64) -> String {
        let apart = if self.traps.coarse_ts { 1_000 } else { 1 };
        self.last_ts_us = (now_ms * 1_000).max(self.last_ts_us + apart);
        format!("{}.{:06}", self.last_ts_us / 1_000_000, self.last_ts_us % 1_000_000)
    }

    pub(super) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn message(&self, channel: &str, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.channel == channel && message.ts == ts)
    }

    /// The direct conversation with an account.
    pub(super) fn direct(&mut self, user: &str) -> String {
        let id = format!("D{}", user.trim_start_matches(['U', 'W']));
        if self.channel(&id).is_none() {
            self.channels.push(Channel {
                id: id.clone(),
                name: String::new(),
                kind: Kind::Direct,
                shared: false,
                members: vec![user.to_owned(), super::BOT_USER.to_owned()],
            });
        }
        id
    }

    pub(super) fn record(&mut self, method: &str, channel: &str, ts: &str, at_ms: i64) {
        self.ledger.push(Effect {
            method: method.to_owned(),
            channel: channel.to_owned(),
            ts: ts.to_owned(),
            at_ms,
        });
    }

    /// Notes what a text of the app calls.
    pub(super) fn note_pings(&mut self, text: &str, blocks: &[Value]) {
        self.pings.extend(called(text));
        let mut left: Vec<&Value> = blocks.iter().collect();
        while let Some(value) = left.pop() {
            match value {
                Value::Array(items) => left.extend(items),
                Value::Object(fields) => {
                    let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
                    match value["type"].as_str() {
                        Some("user") => self.pings.push(format!("@{}", field("user_id"))),
                        Some("usergroup") => {
                            self.pings.push(format!("!subteam^{}", field("usergroup_id")));
                        }
                        Some("mrkdwn") => self.pings.extend(called(&field("text"))),
                        Some("broadcast") => self.pings.push(format!("!{}", field("range"))),
                        _ => left.extend(fields.values()),
                    }
                }
                _ => {}
            }
        }
    }
}

/// What a text in Slack's notation calls.
fn called(text: &str) -> Vec<String> {
    let inside = |(at, _)| text[at + 1..].split(['>', '|']).next().unwrap_or_default();
    let calls = text.match_indices('<').map(inside).filter(|inside| inside.starts_with(['@', '!']));
    calls.map(str::to_owned).collect()
}
