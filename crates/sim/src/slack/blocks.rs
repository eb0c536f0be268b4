//! What Slack takes as blocks. Source: Block Kit's reference; SLACK-16.

use std::collections::BTreeSet;

use serde_json::Value;

/// Above it, `msg_blocks_too_long`: seen near 13,200 characters of JSON.
const MOST_CHARS: usize = 13_200;

/// Why blocks are not taken: the error, and what it says besides.
pub(super) fn check(blocks: &[Value]) -> Result<(), (&'static str, String)> {
    let whole: usize = blocks.iter().map(|block| block.to_string().chars().count()).sum();
    if whole > MOST_CHARS {
        return Err(("msg_blocks_too_long", String::new()));
    }
    let wrong = |why: String| Err(("invalid_blocks", why));
    if blocks.len() > 50 {
        return wrong("no more than 50 items allowed [json-pointer:/blocks]".into());
    }
    let mut ids = BTreeSet::new();
    for (at, block) in blocks.iter().enumerate() {
        let place = format!("/blocks/{at}");
        if let Some(id) = block["block_id"].as_str() {
            if id.chars().count() > 255 {
                return wrong(format!(
                    "must be less than 256 characters [json-pointer:{place}/block_id]"
                ));
            }
            if !ids.insert(id) {
                return wrong(format!("`block_id` {id} already exists [json-pointer:{place}]"));
            }
        }
        if let Err(why) = block_of(block) {
            return wrong(format!("{why} [json-pointer:{place}]"));
        }
    }
    Ok(())
}

fn block_of(block: &Value) -> Result<(), String> {
    match block["type"].as_str().unwrap_or_default() {
        "section" => {
            if block.get("text").is_none() && block.get("fields").is_none() {
                return Err("missing required field: text".into());
            }
            if let Some(text) = block.get("text") {
                text_of(text, 3_000)?;
            }
            block.get("accessory").map_or(Ok(()), |accessory| element(accessory, true))
        }
        "actions" => {
            let elements = list(block, "elements", 25)?;
            let mut ids = BTreeSet::new();
            for one in elements {
                element(one, false)?;
                if !ids.insert(one["action_id"].as_str().unwrap_or_default()) {
                    return Err("`action_id` already exists for another element".into());
                }
            }
            Ok(())
        }
        "header" => text_of(&block["text"], 150),
        "context" => list(block, "elements", 10).map(|_| ()),
        "divider" => Ok(()),
        "rich_text" => {
            for part in list(block, "elements", usize::MAX)? {
                rich(part)?;
            }
            Ok(())
        }
        other => Err(format!("unsupported type: {other}")),
    }
}

fn list<'a>(of: &'a Value, field: &str, most: usize) -> Result<&'a Vec<Value>, String> {
    let items = of[field].as_array().ok_or_else(|| format!("missing required field: {field}"))?;
    match items.len() {
        0 => Err(format!("no fewer than 1 items allowed: {field}")),
        count if count > most => Err(format!("no more than {most} items allowed: {field}")),
        _ => Ok(items),
    }
}

fn text_of(text: &Value, most: usize) -> Result<(), String> {
    if !matches!(text["type"].as_str(), Some("plain_text" | "mrkdwn")) {
        return Err("unsupported type of text".into());
    }
    match text["text"].as_str().unwrap_or_default().chars().count() {
        0 => Err("must be more than 0 characters".into()),
        count if count > most => Err(format!("must be less than {} characters", most + 1)),
        _ => Ok(()),
    }
}

fn element(one: &Value, accessory: bool) -> Result<(), String> {
    let id = one["action_id"].as_str().ok_or("missing required field: action_id")?;
    if id.chars().count() > 255 {
        return Err("action_id must be less than 256 characters".into());
    }
    match one["type"].as_str().unwrap_or_default() {
        "button" => {
            text_of(&one["text"], 75)?;
            if one["value"].as_str().is_some_and(|value| value.chars().count() > 2_000) {
                return Err("value must be less than 2001 characters".into());
            }
            match one["style"].as_str() {
                None | Some("primary" | "danger") => Ok(()),
                Some(_) => Err("unsupported style".into()),
            }
        }
        "static_select" => options(one, 100),
        "checkboxes" => options(one, 10),
        // Not in a row of actions.
        "multi_static_select" if accessory => options(one, 100),
        other => Err(format!("unsupported element: {other}")),
    }
}

fn options(one: &Value, most: usize) -> Result<(), String> {
    let mut values = BTreeSet::new();
    for option in list(one, "options", most)? {
        text_of(&option["text"], 75)?;
        let value = option["value"].as_str().ok_or("missing required field: value")?;
        if value.is_empty() || value.chars().count() > 150 {
            return Err("value must be between 1 and 150 characters".into());
        }
        if !values.insert(value) {
            return Err("two options have the same value".into());
        }
    }
    Ok(())
}

fn rich(part: &Value) -> Result<(), String> {
    let kind = part["type"].as_str().unwrap_or_default();
    let known =
        ["rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"];
    if !known.contains(&kind) {
        return Err(format!("unsupported element: {kind}"));
    }
    for element in list(part, "elements", usize::MAX)? {
        match element["type"].as_str().unwrap_or_default() {
            "text" if element["text"].as_str().is_none_or(str::is_empty) => {
                return Err("text must be more than 0 characters".into());
            }
            "link" if element["url"].as_str().is_none_or(str::is_empty) => {
                return Err("missing required field: url".into());
            }
            "user" if element["user_id"].as_str().is_none() => {
                return Err("missing required field: user_id".into());
            }
            "text" | "link" | "user" | "emoji" | "channel" => {}
            "rich_text_section" if kind == "rich_text_list" => rich(element)?,
            other => return Err(format!("unsupported element: {other}")),
        }
    }
    Ok(())
}
