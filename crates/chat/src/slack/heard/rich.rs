//! The text of a message that has it only in its blocks, as workflows write them (SLACK-6), in the form of `text`.

use serde_json::Value;

use crate::slack::text;

/// How deep blocks are read; Slack nests three.
const DEEPEST: usize = 8;

/// As it would stand in `text`.
fn escape(plain: &str) -> String {
    text::escape(plain, usize::MAX)
}

/// What stands in the blocks, a line for each.
pub(super) fn text_of(blocks: &[Value]) -> String {
    let lines: Vec<String> = blocks
        .iter()
        .map(|block| {
            let mut line = String::new();
            collect(block, DEEPEST, &mut line);
            line
        })
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines.join("\n")
}

fn collect(value: &Value, depth: usize, line: &mut String) {
    if depth == 0 {
        return;
    }
    let field = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match field("type") {
        "text" => line.push_str(&escape(field("text"))),
        "mrkdwn" => line.push_str(field("text")),
        "plain_text" => line.push_str(&escape(field("text"))),
        "user" => line.push_str(&format!("<@{}>", field("user_id"))),
        "channel" => line.push_str(&format!("<#{}>", field("channel_id"))),
        "usergroup" => line.push_str(&format!("<!subteam^{}>", field("usergroup_id"))),
        "broadcast" => line.push_str(&format!("<!{}>", field("range"))),
        "emoji" => line.push_str(&format!(":{}:", field("name"))),
        "link" => {
            let text = field("text");
            let shown = if text.is_empty() { field("url") } else { text };
            line.push_str(&escape(shown));
        }
        _ => {
            for inner in ["text", "elements", "fields"] {
                match value.get(inner) {
                    Some(Value::Array(items)) => {
                        for item in items {
                            collect(item, depth - 1, line);
                        }
                    }
                    Some(object @ Value::Object(_)) => collect(object, depth - 1, line),
                    _ => {}
                }
            }
        }
    }
}
