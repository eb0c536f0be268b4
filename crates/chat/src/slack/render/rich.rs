//! Blocks of rich text.

use serde_json::{Value, json};

/// What a line that says how much was left out may take, in characters of JSON.
const ROOM_FOR_REST: usize = 120;

/// Plain characters. Slack takes no empty ones.
pub(super) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A block with these elements in one paragraph.
pub(super) fn section(elements: Vec<Value>) -> Value {
    json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]})
}

/// Text whose web addresses can be followed.
pub(super) fn with_links(whole: &str) -> Vec<Value> {
    let mut elements = Vec::new();
    let (mut plain, mut rest) = (0, 0);
    while let Some(at) = ["https://", "http://"]
        .iter()
        .filter_map(|scheme| whole[rest..].find(scheme).map(|at| rest + at))
        .min()
    {
        let length = whole[at..].find(ends_address).unwrap_or(whole.len() - at);
        // What ends a sentence does not belong to the address.
        let url = whole[at..at + length].trim_end_matches(['.', ',', ':', ';', '!', '?', ')']);
        rest = at + url.len().max(1);
        if url.ends_with("://") {
            continue;
        }
        if plain < at {
            elements.push(text(&whole[plain..at]));
        }
        elements.push(json!({"type": "link", "url": url}));
        plain = rest;
    }
    if plain < whole.len() || elements.is_empty() {
        let end = &whole[plain..];
        elements.push(text(if end.is_empty() { " " } else { end }));
    }
    elements
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|')
}

/// What stands behind "more", as it is, in a block that Slack folds when it is long. `room` is how many characters of
/// JSON it may take; whole lines are left out at its end, and how many is told.
pub(super) fn behind_more(more: &str, room: usize) -> Option<Value> {
    let block = |shown: &str| {
        json!({"type": "rich_text", "elements": [
            {"type": "rich_text_preformatted", "elements": [text(shown)]}
        ]})
    };
    let whole = block(more);
    if whole.to_string().chars().count() <= room {
        return Some(whole);
    }
    let frame = block("").to_string().chars().count() + ROOM_FOR_REST;
    let (mut kept, mut used) = (Vec::new(), frame);
    for line in more.lines() {
        // As JSON, with its line break.
        let length = json!(line).to_string().chars().count();
        if used + length > room {
            break;
        }
        used += length;
        kept.push(line);
    }
    let rest = more.lines().count() - kept.len();
    if kept.is_empty() {
        return None;
    }
    kept.push("");
    Some(block(&format!("{}… +{rest}", kept.join("\n"))))
}
