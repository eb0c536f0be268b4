//! What can be pressed under a message: buttons, or one control where there are many choices.

use serde_json::{Value, json};
use wilco_core::lang::Lang;
use wilco_core::message::{Body, Button, ButtonStyle};
use wilco_core::token::{Choice, Token};
use wilco_core::words;

use super::control::{self, Control, action_id};
use crate::slack::text::cut;

/// More choices than these are one select: nobody reads thirty buttons, least of all on a phone.
const MOST_BUTTONS: usize = 11;
/// Slack's limit for ticks; more of them are a select of several.
const MOST_TICKS: usize = 10;
/// Slack's limits. Source: Block Kit's reference.
const MOST_OPTIONS: usize = 100;
const MOST_LABEL_CHARS: usize = 75;
const MOST_VALUE_CHARS: usize = 2_000;
const MOST_IN_A_ROW: usize = 25;

/// All options of a control together, what one takes besides its label, and the least that is left of a label.
const MOST_OPTIONS_CHARS: usize = 7_000;
const OPTION_FRAME_CHARS: usize = 70;
const LEAST_LABEL_CHARS: usize = 8;

/// One choice of a list: its place, and what stands on it.
struct Item<'a> {
    at: usize,
    button: &'a Button,
}

/// The blocks for the buttons of a message.
pub(super) fn blocks(body: &Body) -> Vec<Value> {
    let items: Vec<Item<'_>> = body.buttons.iter().filter_map(item).collect();
    let several = body.buttons.iter().any(|button| is_choice(button, &Choice::All));
    let lang = lang_of(body);
    let control = match items.first() {
        Some(first) if several => Some(ticks(&items, first, lang)),
        Some(first) if items.len() > MOST_BUTTONS => select(&items, first, lang),
        _ => None,
    };
    let Some(Drawn { mut blocks, mut row }) = control else {
        return rows(body.buttons.iter().filter_map(button).collect());
    };
    row.extend(body.buttons.iter().filter(|button| item(button).is_none()).filter_map(button));
    blocks.extend(rows(row));
    blocks
}

/// A control: blocks of its own, and what stands in the row with the other buttons.
struct Drawn {
    blocks: Vec<Value>,
    row: Vec<Value>,
}

/// Ticks, or a select of several, and the button that sends them.
fn ticks(items: &[Item<'_>], first: &Item<'_>, lang: Lang) -> Drawn {
    let shown = &items[..items.len().min(MOST_OPTIONS)];
    let id = action_id(Control::Items, 0);
    let blocks = if shown.len() <= MOST_TICKS {
        vec![json!({"type": "actions", "elements": [
            {"type": "checkboxes", "action_id": id, "options": options(shown)}
        ]})]
    } else {
        vec![json!({
            "type": "section",
            "text": plain(&words::control::choose_several().to(lang)),
            "accessory": {
                "type": "multi_static_select",
                "action_id": id,
                "placeholder": plain(&words::control::choose().to(lang)),
                "options": options(shown),
            },
        })]
    };
    let mut pick = first.button.token.clone();
    if let Token::Answer { choice, .. } = &mut pick {
        *choice = Choice::Items(Vec::new());
    }
    let pick = json!({
        "type": "button",
        "action_id": action_id(Control::Pick, 0),
        "text": plain(&words::control::choose().to(lang)),
        "style": "primary",
        "value": pick.encode(),
    });
    Drawn { blocks, row: vec![pick] }
}

/// A select that answers by itself.
fn select(items: &[Item<'_>], first: &Item<'_>, lang: Lang) -> Option<Drawn> {
    let Token::Answer { dialog, question, .. } = &first.button.token else { return None };
    let block_id = control::block_id(*question, &dialog.person)?;
    let select = json!({
        "type": "static_select",
        "action_id": action_id(Control::Item, 0),
        "placeholder": plain(&words::control::choose().to(lang)),
        "options": options(&items[..items.len().min(MOST_OPTIONS)]),
    });
    let block = json!({"type": "actions", "block_id": block_id, "elements": [select]});
    Some(Drawn { blocks: vec![block], row: Vec::new() })
}

/// The more there are, the shorter each is, so that the message does not become too large for Slack.
fn options(items: &[Item<'_>]) -> Vec<Value> {
    let each = MOST_OPTIONS_CHARS / items.len().max(1);
    let most = each.saturating_sub(OPTION_FRAME_CHARS).clamp(LEAST_LABEL_CHARS, MOST_LABEL_CHARS);
    let option = |item: &Item<'_>| json!({"text": plain(&cut(&item.button.label, most)), "value": item.at.to_string()});
    items.iter().map(option).collect()
}

fn item(button: &Button) -> Option<Item<'_>> {
    match &button.token {
        Token::Answer { choice: Choice::Item(at), .. } => Some(Item { at: *at, button }),
        _ => None,
    }
}

fn is_choice(button: &Button, wanted: &Choice) -> bool {
    matches!(&button.token, Token::Answer { choice, .. } if choice == wanted)
}

/// A button without its id; `None` when its token is too long for Slack, which no token of ours is.
fn button(button: &Button) -> Option<Value> {
    let value = button.token.encode();
    if value.chars().count() > MOST_VALUE_CHARS {
        return None;
    }
    let mut drawn = json!({"type": "button", "text": plain(&button.label), "value": value});
    let style = match button.style {
        ButtonStyle::Plain => None,
        ButtonStyle::Primary => Some("primary"),
        ButtonStyle::Danger => Some("danger"),
    };
    if let Some(style) = style {
        drawn["style"] = json!(style);
    }
    Some(drawn)
}

/// Rows of buttons, each with an id of its own.
fn rows(mut elements: Vec<Value>) -> Vec<Value> {
    for (place, element) in elements.iter_mut().enumerate() {
        if element.get("action_id").is_none() {
            element["action_id"] = json!(action_id(Control::Button, place));
        }
    }
    let row = |elements: &[Value]| json!({"type": "actions", "elements": elements});
    elements.chunks(MOST_IN_A_ROW).map(row).collect()
}

fn plain(label: &str) -> Value {
    let label = if label.is_empty() { " " } else { label };
    json!({"type": "plain_text", "text": cut(label, MOST_LABEL_CHARS), "emoji": false})
}

/// The language of what the adapter adds: that of what is said.
fn lang_of(body: &Body) -> Lang {
    Lang::of(&body.text)
}
