//! A message as it stands in a channel.

use serde::Serialize;
use serde_json::{Value, json};

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    /// The channel's id.
    pub channel: String,
    /// Its time stamp, which names it.
    pub ts: String,
    /// The first message of its thread, when it is a reply.
    pub thread_ts: Option<String>,
    /// The account of whoever wrote it; `None` for a workflow.
    pub user: Option<String>,
    /// The bot that wrote it.
    pub bot_id: Option<String>,
    /// Its text, escaped as Slack has it.
    pub text: String,
    /// Its blocks.
    pub blocks: Vec<Value>,
    /// What the app attached to it.
    pub metadata: Option<Value>,
    /// Counts its changes, from 1.
    pub revision: u64,
    /// Every element with an `action_id` that it ever had, with the `block_id` of its block: one may have an older
    /// state on the screen.
    pub elements_ever: Vec<(String, Value)>,
}

impl Message {
    /// As the Web API and events show it.
    pub(super) fn shown(&self, with_metadata: bool) -> Value {
        let mut shown = json!({
            "type": "message", "ts": self.ts, "text": self.text, "team": super::TEAM, "blocks": self.blocks,
        });
        if let Some(user) = &self.user {
            shown["user"] = json!(user);
        }
        if let Some(bot) = &self.bot_id {
            shown["bot_id"] = json!(bot);
            shown["app_id"] = json!(super::APP);
        }
        if let Some(thread) = &self.thread_ts {
            shown["thread_ts"] = json!(thread);
        }
        if self.revision > 1 {
            shown["edited"] = json!({"user": self.user, "ts": self.ts});
        }
        if let Some(metadata) = self.metadata.as_ref().filter(|_| with_metadata) {
            shown["metadata"] = metadata.clone();
        }
        shown
    }

    /// Says something else. What says the same again changes nothing.
    pub(super) fn set(&mut self, text: String, blocks: Vec<Value>, metadata: Option<Value>) {
        if self.text != text || without_ids(&self.blocks) != without_ids(&blocks) {
            self.revision += 1;
            (self.text, self.blocks) = (text, blocks);
            self.note_elements();
        }
        if metadata.is_some() {
            self.metadata = metadata;
        }
    }

    /// Notes what can be pressed in it now. A button that stood there before is the same; a select belongs to what
    /// is asked now.
    pub(super) fn note_elements(&mut self) {
        for block in &self.blocks {
            let id = block["block_id"].as_str().unwrap_or_default();
            let row = block["elements"].as_array().into_iter().flatten();
            for element in row.chain(block.get("accessory")) {
                let same = |known: &Value| {
                    element["type"] == "button"
                        && ["type", "text", "value"].iter().all(|part| known[part] == element[part])
                };
                let known = self.elements_ever.iter().any(|(_, known)| same(known));
                if element.get("action_id").is_some() && !known {
                    self.elements_ever.push((id.to_owned(), element.clone()));
                }
            }
        }
    }
}

/// Blocks without the ids that each gets when it has none.
fn without_ids(blocks: &[Value]) -> Vec<Value> {
    let mut blocks = blocks.to_vec();
    for block in &mut blocks {
        if let Some(fields) = block.as_object_mut() {
            fields.remove("block_id");
        }
    }
    blocks
}
