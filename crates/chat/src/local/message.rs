//! A message as the journal keeps it and the console's page reads it.

use serde::{Deserialize, Serialize};
use wilco_core::ids::{MessageId, PersonId};
use wilco_core::message::{Body, Button, ButtonStyle};
use wilco_core::port::{JournalEntry, StoreFault};
use wilco_core::time::Timestamp;
use wilco_core::token::{Choice, Token};

/// Who wrote a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    /// A person.
    Person(PersonId),
    /// The bot.
    Wilco,
}

/// One message of a local platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Names it for ever: made by the client for people, `wilco:<message key>` for the bot. The
    /// colon keeps the two apart, clients may not use one.
    pub id: String,
    /// The room's id: `#deploy`, or `@mina` for the direct conversation with mina.
    pub room: String,
    /// The first message of the thread it stands in; `None` at the top level.
    pub thread: Option<String>,
    /// Who wrote it.
    pub author: Writer,
    /// What it says, as written.
    pub text: String,
    /// What stands behind "more".
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub more: String,
    /// The buttons under it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<ShownButton>,
    /// The person to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention: Option<PersonId>,
    /// Where more of this stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<Way>,
    /// The platform's time of it.
    pub at: Timestamp,
    /// It says something else than at first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub edited: bool,
}

/// The way to a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The room's id.
    pub room: String,
    /// The first message of the thread.
    pub thread: String,
}

/// A button as the page gets it: the token is text that the page only hands back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownButton {
    /// What stands on it.
    pub label: String,
    /// How it looks.
    pub style: ButtonStyle,
    /// `Token::encode`.
    pub token: String,
    /// What it is among the others.
    #[serde(default, skip_serializing_if = "ButtonKind::is_other")]
    pub kind: ButtonKind,
}

/// What a button is among the others of its message: the page draws a long list as one control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonKind {
    /// One item of a list.
    Item,
    /// All items: it stands where several may be chosen.
    All,
    /// Anything else.
    #[default]
    Other,
}

impl ButtonKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

impl From<&Button> for ShownButton {
    fn from(button: &Button) -> Self {
        let kind = match &button.token {
            Token::Answer { choice: Choice::Item(_), .. } => ButtonKind::Item,
            Token::Answer { choice: Choice::All, .. } => ButtonKind::All,
            _ => ButtonKind::Other,
        };
        let (label, token) = (button.label.clone(), button.token.encode());
        Self { label, style: button.style, token, kind }
    }
}

impl Message {
    /// The id as core names messages.
    #[must_use]
    pub fn message_id(&self) -> MessageId {
        MessageId::new(&self.id)
    }

    /// The first message of the thread it stands in or opens.
    #[must_use]
    pub fn root(&self) -> &str {
        self.thread.as_deref().unwrap_or(&self.id)
    }

    /// Whether a person wrote it.
    #[must_use]
    pub fn by_person(&self) -> bool {
        matches!(self.author, Writer::Person(_))
    }

    /// The same message with another content; `None` when it says that already.
    #[must_use]
    pub(super) fn saying(&self, body: &Body) -> Option<Self> {
        let mut new = self.clone();
        new.set_body(body);
        if new == *self {
            return None;
        }
        new.edited = true;
        Some(new)
    }

    pub(super) fn set_body(&mut self, body: &Body) {
        self.text.clone_from(&body.text);
        self.more.clone_from(&body.more);
        self.mention.clone_from(&body.mention);
        self.buttons = body.buttons.iter().map(ShownButton::from).collect();
        self.leads_to = body.leads_to.as_ref().map(|thread| Way {
            room: thread.room.room.to_string(),
            thread: thread.root.to_string(),
        });
    }

    pub(super) fn to_json(&self) -> Result<String, StoreFault> {
        serde_json::to_string(self).map_err(|fault| StoreFault(fault.to_string()))
    }
}

/// A message and its place in the order of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placed {
    /// Where in the journal it was last changed.
    pub seq: i64,
    /// The message.
    #[serde(flatten)]
    pub message: Message,
}

impl TryFrom<JournalEntry> for Placed {
    type Error = StoreFault;

    fn try_from(entry: JournalEntry) -> Result<Self, StoreFault> {
        let message = serde_json::from_str(&entry.body)
            .map_err(|fault| StoreFault(format!("journal entry {}: {fault}", entry.key)))?;
        Ok(Self { seq: entry.seq, message })
    }
}
