//! Everything that can happen, in one closed enum. Adapters and workers translate the outside into
//! these; nothing behind the inbox knows a foreign JSON.

use serde::{Deserialize, Serialize};

use crate::answer::Trouble;
use crate::call::{QueryOutcome, Settlement};
use crate::entity::{DialogKey, EntityKey};
use crate::ids::{CallId, MessageId, MessageKey, PersonId, RunId};
use crate::people::Author;
use crate::place::{Room, Thread};
use crate::run::Subscriber;
use crate::time::Timestamp;
use crate::timer::TimerName;
use crate::token::Token;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Somebody wrote something.
    Message(Incoming),
    /// Somebody pressed a button.
    Press(Press),
    /// A bot message stands on the platform. Sent to the owner of a message that wanted a receipt.
    Posted {
        /// Who wanted to know.
        owner: EntityKey,
        /// Which message.
        key: MessageKey,
        /// As the platform names it.
        message: MessageId,
        /// The platform's time of it.
        at: Timestamp,
    },
    /// A query was answered.
    Answered {
        /// Who asked.
        owner: EntityKey,
        /// Which query.
        call: CallId,
        /// The answer.
        outcome: QueryOutcome,
    },
    /// An operation was settled.
    Settled {
        /// Who wanted it.
        owner: EntityKey,
        /// Which operation.
        call: CallId,
        /// How.
        settlement: Settlement,
    },
    /// An operation may have happened: the tool's answer was unclear, or it cannot be asked now. It is
    /// looked for; this only tells those who wait.
    Hindered {
        /// Who wants the outcome.
        owner: EntityKey,
        /// Which operation.
        call: CallId,
        /// Why nobody knows.
        trouble: Trouble,
    },
    /// What an operation is about may have changed in the tool: a reason to look, and no more than that.
    Hinted {
        /// Who follows the operation.
        owner: EntityKey,
        /// Which operation.
        operation: CallId,
    },
    /// A timer is due.
    TimerFired {
        /// Who set it.
        owner: EntityKey,
        /// Which.
        name: TimerName,
        /// Which state set it.
        generation: u64,
    },
    /// A lock was handed to a run that waited for it.
    LockGranted {
        /// The new holder.
        run: RunId,
    },
    /// A person stops a run, by the `cancel` function.
    CancelRun {
        /// The run.
        run: RunId,
        /// Who.
        by: PersonId,
    },
    /// A person wants to be told when a run is over.
    Subscribe {
        /// The run.
        run: RunId,
        /// Who, and where.
        subscriber: Subscriber,
    },
    /// The catalog no longer holds the runbook of something that waits: check it.
    CatalogChanged {
        /// What waits.
        owner: EntityKey,
    },
}

/// A message as it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    /// The room.
    pub room: Room,
    /// The first message of the thread it stands in; `None` at the top level.
    pub thread: Option<MessageId>,
    /// The message itself.
    pub message: MessageId,
    /// Who wrote it.
    pub author: Author,
    /// What it says, without a mention of the bot.
    pub text: String,
    /// The bot was mentioned.
    pub mentioned: bool,
    /// It stands in a direct conversation with the bot.
    pub direct: bool,
    /// The platform's time of it; strictly increasing per room where the platform allows.
    pub sent_at: Timestamp,
}

impl Incoming {
    /// The thread that an answer to this message stands in: its own, or the one it opens.
    #[must_use]
    pub fn thread(&self) -> Thread {
        Thread {
            room: self.room.clone(),
            root: self.thread.clone().unwrap_or_else(|| self.message.clone()),
        }
    }
}

/// A pressed button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Press {
    /// The thread in which the button stands.
    pub thread: Thread,
    /// Who pressed.
    pub author: Author,
    /// What the button means.
    pub token: Token,
    /// The platform's time of it.
    pub sent_at: Timestamp,
}

/// The lane of what somebody says in a room.
fn said(room: &Room, author: &Author) -> String {
    match author {
        Author::User(user) | Author::Outsider(user) => format!("said {room} {user}"),
        Author::Bot(_) | Author::Wilco => format!("said {room}"),
    }
}

impl Event {
    /// The lane in which events are handled in order; different lanes are handled in parallel.
    #[must_use]
    pub fn lane(&self) -> String {
        match self {
            // What one person says and presses in a room: at the top level of a direct conversation
            // people answer what was asked in a thread of it.
            Self::Message(message) => said(&message.room, &message.author),
            Self::Press(Press { token: Token::Answer { .. }, thread, author, .. }) => {
                said(&thread.room, author)
            }
            Self::Press(Press { token, .. }) => match token {
                Token::OfRun { run, .. } => EntityKey::Run(run.clone()).to_string(),
                Token::Answer { dialog, .. } => EntityKey::Dialog(dialog.clone()).to_string(),
            },
            Self::Posted { owner, .. }
            | Self::Answered { owner, .. }
            | Self::Settled { owner, .. }
            | Self::Hindered { owner, .. }
            | Self::Hinted { owner, .. }
            | Self::TimerFired { owner, .. }
            | Self::CatalogChanged { owner } => owner.to_string(),
            Self::LockGranted { run }
            | Self::CancelRun { run, .. }
            | Self::Subscribe { run, .. } => EntityKey::Run(run.clone()).to_string(),
        }
    }

    /// The dialog that a message of this person in this thread belongs to.
    #[must_use]
    pub fn dialog_of(thread: &Thread, person: &PersonId) -> DialogKey {
        DialogKey { thread: thread.clone(), person: person.clone() }
    }
}
