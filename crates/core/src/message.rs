//! What the bot says, as data: adapters render it, nobody else does.

use serde::{Deserialize, Serialize};

use crate::entity::EntityKey;
use crate::ids::{AdapterName, MessageKey, PersonId};
use crate::place::{Direct, Room, Thread};
use crate::token::Token;

/// Where a bot message goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    /// Under a thread.
    Thread(Thread),
    /// At the top level of a room, such as an announcement.
    Room(Room),
    /// To one person alone.
    Direct(Direct),
}

impl To {
    /// The platform that carries it out.
    #[must_use]
    pub fn adapter(&self) -> &AdapterName {
        match self {
            Self::Thread(thread) => &thread.room.adapter,
            Self::Room(room) => &room.adapter,
            Self::Direct(direct) => &direct.adapter,
        }
    }

    /// The lane in which order is kept: one per thread, one per room for its top level, and one per person.
    #[must_use]
    pub fn lane(&self) -> String {
        match self {
            Self::Thread(thread) => thread.to_string(),
            Self::Room(room) => room.to_string(),
            Self::Direct(direct) => direct.to_string(),
        }
    }
}

/// A button beside the numbers: pressing it is the same answer as typing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it, in the reader's language.
    pub label: String,
    /// What pressing it means.
    pub token: Token,
    /// How it looks.
    pub style: ButtonStyle,
}

/// How a button looks; never what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonStyle {
    /// A choice among others.
    #[default]
    Plain,
    /// The way forward.
    Primary,
    /// Stops or refuses something.
    Danger,
}

/// The content of a bot message in the reader's language, plain text with line breaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// What is said. Text from outside stands in it as it came: adapters escape all of it.
    pub text: String,
    /// What stands behind "more": long lists, whole differences.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub more: String,
    /// The buttons, in order; none once the question is answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// The one person to be mentioned, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mention: Option<PersonId>,
    /// The thread where more of this stands: adapters show a way there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leads_to: Option<Thread>,
}

/// One wish to say something. Saying an existing key again updates that message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Say {
    /// Names the message for ever.
    pub key: MessageKey,
    /// Where it stands.
    pub to: To,
    /// What it says.
    pub body: Body,
    /// Who wants to be told, by `Event::Posted`, when it stands there; only for a first post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EntityKey>,
}
