//! Blocks of rich text.

use serde_json::{Value, json};

/// What a line that says how much was left out may take, in characters of JSON.
const ROOM_FOR_REST: usize = 20;

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
/// JSON it may take.
pub(super) fn behind_more(more: &str, room: usize) -> Value {
    let block = |shown: &str| {
        json!({"type": "rich_text", "elements": [
            {"type": "rich_text_preformatted", "elements": [text(shown)]}
        ]})
    };
    let frame = block("").to_string().chars().count();
    block(&fit(more, room.saturating_sub(frame)))
}

/// As much of a text as takes so many characters of JSON: whole lines, then how many are left out. Where not even the
/// first one fits, its beginning.
pub(super) fn fit(whole: &str, room: usize) -> String {
    if as_json(whole) <= room {
        return whole.to_owned();
    }
    let room = room.saturating_sub(ROOM_FOR_REST);
    let (mut kept, mut used) = (Vec::new(), 0);
    for line in whole.lines() {
        // With its line break.
        used += as_json(line) + 2;
        if used > room {
            break;
        }
        kept.push(line);
    }
    let all = whole.lines().count();
    if let ([], Some(first)) = (kept.as_slice(), whole.lines().next()) {
        let mut used = 0;
        let beginning: String = first
            .chars()
            .take_while(|c| {
                used += as_json(c.encode_utf8(&mut [0; 4]));
                used <= room
            })
            .collect();
        return if all > 1 {
            format!("{beginning}…\n… +{}", all - 1)
        } else {
            format!("{beginning}…")
        };
    }
    format!("{}\n… +{}", kept.join("\n"), all - kept.len())
}

/// How many characters a text takes as JSON, without the quotation marks.
fn as_json(text: &str) -> usize {
    json!(text).to_string().chars().count().saturating_sub(2)
}
