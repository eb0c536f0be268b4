//! What somebody pressed or chose under a message.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use wilco_core::event::{Event, Press};
use wilco_core::ids::{MessageId, UserId};
use wilco_core::people::Author;
use wilco_core::place::Thread;
use wilco_core::token::{Choice, Token};

use super::super::me::Me;
use super::super::render::control::{self, Control};
use super::super::ts;
use super::Heard;

#[derive(Deserialize)]
struct Interaction {
    user: User,
    #[serde(default)]
    container: Container,
    #[serde(default)]
    channel: Option<Channel>,
    #[serde(default)]
    message: Option<Message>,
    #[serde(default)]
    actions: Vec<Element>,
    #[serde(default)]
    state: Option<State>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    team_id: Option<String>,
}

#[derive(Deserialize, Default)]
struct Container {
    #[serde(default)]
    message_ts: Option<String>,
    #[serde(default)]
    channel_id: Option<String>,
    #[serde(default)]
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Channel {
    id: String,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    ts: Option<String>,
    #[serde(default)]
    thread_ts: Option<String>,
}

#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    action_id: String,
    #[serde(default)]
    block_id: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    selected_option: Option<Chosen>,
    #[serde(default)]
    action_ts: String,
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    value: String,
}

/// What stands chosen in the message, by block and action.
#[derive(Deserialize)]
struct State {
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, Field>>,
}

#[derive(Deserialize)]
struct Field {
    #[serde(default)]
    selected_options: Option<Vec<Chosen>>,
}

/// Reads the payload of an `interactive` envelope.
pub(super) fn read(payload: &Value, me: &Me) -> Heard {
    match payload.get("type").and_then(Value::as_str) {
        Some("block_actions") => {}
        Some(_) => return Heard::Nothing("another type of interaction"),
        None => return Heard::Nothing("the interaction has no type"),
    }
    let Ok(interaction) = Interaction::deserialize(payload) else {
        return Heard::Nothing("the interaction has another shape");
    };
    // Slack sends one action at a time for messages.
    match interaction.actions.first() {
        Some(action) => pressed(&interaction, action, me),
        None => Heard::Nothing("nothing was pressed"),
    }
}

fn pressed(interaction: &Interaction, action: &Element, me: &Me) -> Heard {
    let message = interaction.message.as_ref();
    let channel =
        interaction.container.channel_id.as_ref().or(interaction.channel.as_ref().map(|c| &c.id));
    let stands = interaction.container.message_ts.as_ref().or(message.and_then(|m| m.ts.as_ref()));
    let (Some(channel), Some(stands)) = (channel, stands) else {
        return Heard::Nothing("pressed outside of a message");
    };
    let root = interaction.container.thread_ts.as_ref();
    let root = root.or(message.and_then(|m| m.thread_ts.as_ref())).unwrap_or(stands);
    let thread = Thread { room: me.room(channel), root: MessageId::new(root) };
    let Some(sent_at) = ts::moment(&action.action_ts) else {
        return Heard::Nothing("pressed at no time");
    };
    let token = match control::of(&action.action_id) {
        Some(Control::Button) => action.value.as_deref().and_then(Token::decode),
        Some(Control::Pick) => picked(interaction, action),
        Some(Control::Item) => {
            action.selected_option.as_ref().and_then(|chosen| item(action, chosen, &thread))
        }
        // Every change of the box tells us; what counts is the button beside it.
        Some(Control::Items) => return Heard::Nothing("still choosing"),
        None => None,
    };
    let Some(token) = token else { return Heard::Nothing("not a button of ours") };
    let user = UserId::new(&interaction.user.id);
    let team = interaction.user.team_id.as_deref().unwrap_or_default();
    let author = if me.is_foreign(team) { Author::Outsider(user) } else { Author::User(user) };
    let key = format!(
        "{} {} pressed {channel} {stands} {} {}",
        me.adapter, me.team, interaction.user.id, action.action_ts
    );
    Heard::Event(Box::new(Event::Press(Press { thread, author, token, sent_at })), key)
}

/// The button beside the box: everything that stands ticked in it.
fn picked(interaction: &Interaction, action: &Element) -> Option<Token> {
    let Token::Answer { dialog, question, choice: Choice::Items(_) } =
        Token::decode(action.value.as_deref()?)?
    else {
        return None;
    };
    let fields = interaction.state.as_ref().into_iter().flat_map(|state| state.values.values());
    let chosen: Option<Vec<usize>> = fields
        .flatten()
        .filter(|(action, _)| control::of(action) == Some(Control::Items))
        .flat_map(|(_, field)| field.selected_options.iter().flatten())
        .map(|chosen| chosen.value.parse().ok())
        .collect();
    Some(Token::Answer { dialog, question, choice: Choice::Items(chosen?) })
}

/// One of a select: its value is the place in the list, and the block tells which list.
fn item(action: &Element, chosen: &Chosen, thread: &Thread) -> Option<Token> {
    let (question, person) = control::question_of(&action.block_id)?;
    let dialog = Event::dialog_of(thread, &person);
    Some(Token::Answer { dialog, question, choice: Choice::Item(chosen.value.parse().ok()?) })
}
