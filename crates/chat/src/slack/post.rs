//! What goes out.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::PoisonError;
use wilco_core::call::Finding;
use wilco_core::ids::{AdapterName, MessageId, MessageKey, UserId};
use wilco_core::message::{Body, To};
use wilco_core::place::Thread;
use wilco_core::port::{Adapter, SendFault};
use wilco_core::time::Timestamp;

use super::api::{ApiFault, Fields};
use super::{Slack, render, ts};

/// How far apart posts to one channel are when Slack has asked for patience: "about one a second".
const POST_EVERY_MS: i64 = 1_000;
/// The same for changes, which are counted over the whole workspace: fifty a minute (Tier 3).
const UPDATE_EVERY_MS: i64 = 1_200;
/// Reading messages is Tier 3 too.
const READ_EVERY_MS: i64 = 1_200;

/// What our messages carry, so that they are found again.
const METADATA_TYPE: &str = "wilco_message";

/// So far Slack's clock may be behind ours.
const SKEW_MS: i64 = 5 * 60_000;
/// How many messages one page of a history has.
const PAGE: &str = "200";
/// How many pages are read at most when a message is looked for.
const MOST_PAGES: usize = 20;

/// `conversations.history` and `conversations.replies`.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    messages: Vec<Standing>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    response_metadata: Option<Cursor>,
}

#[derive(Deserialize)]
struct Standing {
    #[serde(default)]
    ts: String,
    #[serde(default)]
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    event_type: String,
    #[serde(default)]
    event_payload: Value,
}

#[derive(Deserialize)]
struct Cursor {
    #[serde(default)]
    next_cursor: String,
}

fn metadata(key: &MessageKey) -> String {
    json!({"event_type": METADATA_TYPE, "event_payload": {"key": key}}).to_string()
}

impl Slack {
    /// The channel in which this stands.
    async fn channel(&self, to: &To) -> Result<String, ApiFault> {
        let user = match to {
            To::Thread(Thread { room, .. }) | To::Room(room) => {
                return self.channels.id(room.room.as_str()).map(ToOwned::to_owned).ok_or_else(
                    || ApiFault::Refused {
                        error: "channel_not_found".into(),
                        detail: format!("`rooms:` ties no channel to {}", room.room),
                    },
                );
            }
            To::Direct(direct) => &direct.user,
        };
        let known = self.directs.lock().unwrap_or_else(PoisonError::into_inner).get(user).cloned();
        if let Some(channel) = known {
            return Ok(channel);
        }
        let fields = vec![("users", user.to_string())];
        let answer = self.api.call("conversations.open", None, READ_EVERY_MS, &fields).await?;
        let channel = answer.pointer("/channel/id").and_then(Value::as_str);
        let channel = channel
            .ok_or_else(|| ApiFault::Unclear("conversations.open names no channel".into()))?
            .to_owned();
        let mut directs = self.directs.lock().unwrap_or_else(PoisonError::into_inner);
        directs.insert(user.clone(), channel.clone());
        Ok(channel)
    }

    /// The fields of a message's content.
    async fn content(&self, channel: &str, body: &Body) -> Result<Fields, ApiFault> {
        let me = self.me().await?;
        let account = |person| self.parts.people.account(&self.name, person).cloned();
        let mention: Option<UserId> = body.mention.as_ref().and_then(account);
        let render::Rendered { text, blocks } = render::message(body, mention.as_ref(), me);
        Ok(vec![
            ("channel", channel.to_owned()),
            ("text", text),
            ("blocks", Value::Array(blocks).to_string()),
        ])
    }

    async fn try_post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), ApiFault> {
        // Nothing has been said before the post itself: what is unclear here may be asked again.
        let channel = self.channel(to).await.map_err(before)?;
        let mut fields = self.content(&channel, body).await.map_err(before)?;
        fields.push(("metadata", metadata(key)));
        fields.push(("unfurl_links", "false".to_owned()));
        fields.push(("unfurl_media", "false".to_owned()));
        if let To::Thread(thread) = to {
            fields.push(("thread_ts", thread.root.to_string()));
        }
        let answer =
            self.api.call("chat.postMessage", Some(&channel), POST_EVERY_MS, &fields).await?;
        let stands = answer.get("ts").and_then(Value::as_str).unwrap_or_default();
        let at = ts::moment(stands)
            .ok_or_else(|| ApiFault::Unclear("the answer does not name the message".into()))?;
        Ok((MessageId::new(stands), at))
    }

    async fn try_update(&self, message: &MessageId, to: &To, body: &Body) -> Result<(), ApiFault> {
        let channel = self.channel(to).await.map_err(before)?;
        let mut fields = self.content(&channel, body).await.map_err(before)?;
        fields.push(("ts", message.to_string()));
        self.api.call("chat.update", None, UPDATE_EVERY_MS, &fields).await?;
        Ok(())
    }

    /// The message of this name, if it stands there; read from newest to oldest where Slack gives it so.
    async fn look_for(
        &self,
        key: &MessageKey,
        to: &To,
        since: Timestamp,
    ) -> Result<Option<(String, Timestamp)>, ApiFault> {
        let channel = self.channel(to).await.map_err(before)?;
        let mut fields: Fields = vec![
            ("channel", channel),
            ("oldest", ts::of(Timestamp(since.0.saturating_sub(SKEW_MS)))),
            ("limit", PAGE.to_owned()),
            ("include_all_metadata", "true".to_owned()),
        ];
        let method = match to {
            To::Thread(thread) => {
                fields.push(("ts", thread.root.to_string()));
                "conversations.replies"
            }
            To::Room(_) | To::Direct(_) => "conversations.history",
        };
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            let mut asked = fields.clone();
            if !cursor.is_empty() {
                asked.push(("cursor", cursor));
            }
            let answer = self.api.call(method, None, READ_EVERY_MS, &asked).await?;
            let page = Page::deserialize(&answer)
                .map_err(|error| ApiFault::Unclear(format!("{method}: {error}")))?;
            let found = page.messages.iter().find(|message| message.is(key));
            if let Some(found) = found
                && let Some(at) = ts::moment(&found.ts)
            {
                return Ok(Some((found.ts.clone(), at)));
            }
            cursor = page.response_metadata.map(|next| next.next_cursor).unwrap_or_default();
            if !page.has_more || cursor.is_empty() {
                return Ok(None);
            }
        }
        Err(ApiFault::Refused {
            error: "too_many_messages".into(),
            detail: "more messages than are looked through".into(),
        })
    }
}

impl Standing {
    fn is(&self, key: &MessageKey) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| {
            metadata.event_type == METADATA_TYPE
                && metadata.event_payload.get("key").and_then(Value::as_str) == Some(key.as_str())
        })
    }
}

/// What was asked before anything was said: unclear is not sent.
fn before(fault: ApiFault) -> ApiFault {
    match fault {
        ApiFault::Unclear(why) => ApiFault::Unreached(why),
        other => other,
    }
}

#[async_trait]
impl Adapter for Slack {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        self.try_post(key, to, body).await.map_err(ApiFault::of_send)
    }

    async fn update(&self, message: &MessageId, to: &To, body: &Body) -> Result<(), SendFault> {
        self.try_update(message, to, body).await.map_err(ApiFault::of_update)
    }

    async fn find(&self, key: &MessageKey, to: &To, since: Timestamp) -> Finding {
        match self.look_for(key, to, since).await {
            Ok(Some((message, at))) => Finding::Found(json!({"message": message, "at": at})),
            Ok(None) => Finding::NotFound,
            // Where there is no thread and no channel, nothing of ours stands in it.
            Err(fault)
                if matches!(fault.word(), Some("thread_not_found" | "channel_not_found")) =>
            {
                Finding::NotFound
            }
            // The bot was removed from the channel, say: asking again for ever would hold up everything behind it.
            Err(fault) if fault.is_final() => Finding::Unsure(fault.to_string()),
            Err(fault) => Finding::NotNow(fault.trouble(super::NAME)),
        }
    }
}
