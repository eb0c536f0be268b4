//! What the bot says, as a message of Slack.
//!
//! Text stands in `rich_text` blocks: in these a character is a character, so that no mention, link or format can come
//! from outside. Only the fall-back for notifications is written in Slack's own notation, and escaped.
//!
//! Order: what is said, then what can be pressed, then what stands behind "more"; Slack folds a long end by itself,
//! and on a phone the buttons stay in sight.

mod choices;
pub(crate) mod control;
mod rich;

use serde_json::{Value, json};
use wilco_core::ids::UserId;
use wilco_core::lang::Lang;
use wilco_core::message::Body;
use wilco_core::place::Thread;
use wilco_core::words;

use super::me::Me;
use super::text::escape;

/// The longest text that is shown, in characters of JSON. Slack's own limit for a section is 3,000.
const MOST_TEXT_CHARS: usize = 3_000;

/// The longest fall-back, in characters as escaped: clients split texts near 4,000 (SLACK-16).
const MOST_FALLBACK_CHARS: usize = 3_500;

/// The longest that all blocks may be together, as JSON in characters: above about 13,200 Slack refuses the message
/// (SLACK-16).
const MOST_BLOCKS_CHARS: usize = 12_000;

/// A message as `chat.postMessage` takes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rendered {
    /// For notifications, and for readers of the screen.
    pub(crate) text: String,
    /// What is shown.
    pub(crate) blocks: Vec<Value>,
}

/// Renders a message. `mention` is the account of whoever is to be mentioned.
pub(crate) fn message(body: &Body, mention: Option<&UserId>, me: &Me) -> Rendered {
    let shown = rich::fit(&body.text, MOST_TEXT_CHARS);
    let mut fallback = escape(&shown, MOST_FALLBACK_CHARS);
    let mut elements = Vec::new();
    if let Some(user) = mention {
        fallback = format!("<@{user}> {fallback}");
        elements.push(json!({"type": "user", "user_id": user}));
        elements.push(rich::text(" "));
    }
    elements.extend(rich::with_links(&shown));
    if let Some(thread) = &body.leads_to {
        elements.push(rich::text("\n→ "));
        elements.push(way_to(thread, Lang::of(&body.text), me));
    }
    let mut blocks = vec![rich::section(elements)];
    blocks.extend(choices::blocks(body));
    if !body.more.is_empty() {
        let room = MOST_BLOCKS_CHARS.saturating_sub(length(&blocks));
        blocks.push(rich::behind_more(&body.more, room));
    }
    Rendered { text: fallback, blocks }
}

/// How long blocks are together.
fn length(blocks: &[Value]) -> usize {
    blocks.iter().map(|block| block.to_string().chars().count()).sum()
}

/// A link to a thread: `https://acme.slack.com/archives/C01/p1610241741000200`.
fn way_to(thread: &Thread, lang: Lang, me: &Me) -> Value {
    let root: String = thread.root.as_str().chars().filter(char::is_ascii_digit).collect();
    let channel = me.channels.id(thread.room.room.as_str()).unwrap_or_default();
    let url = format!("{}archives/{channel}/p{root}", me.url);
    json!({"type": "link", "url": url, "text": words::control::thread().to(lang)})
}

#[cfg(test)]
mod tests;
