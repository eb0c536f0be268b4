//! What comes from Slack, as events of ours: pure, so that every payload that was ever seen can be tried.
//!
//! | kind of payload | file |
//! |---|---|
//! | an event of the Events API, such as a message | [`event`] |
//! | what somebody pressed or chose | [`action`] |
//!
//! What is not for us is [`Heard::Nothing`] with a reason: it is acknowledged, because Slack would only bring it again.
//! Nothing unknown is an error: Slack adds types, subtypes and fields without asking.

mod action;
mod event;
mod rich;

use serde_json::Value;
use wilco_core::event::Event;

use super::me::Me;

/// What a payload means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Heard {
    /// For the inbox, under the key that names it for ever.
    Event(Box<Event>, String),
    /// It concerns nobody, and why.
    Nothing(&'static str),
}

/// The kinds of payload, as envelopes of Socket Mode name them; over HTTP each has an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An event of the Events API.
    Event,
    /// Something was pressed, chosen or submitted.
    Interaction,
    /// A slash command.
    Command,
}

impl Kind {
    /// From `type` of an envelope.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "events_api" => Some(Self::Event),
            "interactive" => Some(Self::Interaction),
            "slash_commands" => Some(Self::Command),
            _ => None,
        }
    }
}

/// Reads a payload.
pub(crate) fn read(kind: Kind, payload: &Value, me: &Me) -> Heard {
    match kind {
        Kind::Event => event::read(payload, me),
        Kind::Interaction => action::read(payload, me),
        Kind::Command => Heard::Nothing("slash commands are not supported"),
    }
}

#[cfg(test)]
mod tests;
