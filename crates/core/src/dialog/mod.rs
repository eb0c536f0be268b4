//! A dialog: the conversation of one person in one thread, from the menu to the explicit yes.
//!
//! Pure: an event goes in, effects come out. A dialog never causes an outside effect itself; its
//! last step hands answers and plan to a run.

mod advance;
mod answering;
mod back;
mod confirm;
mod doubt;
mod list;
mod menu;
mod offers;
mod page;
mod planned;
mod pressing;
mod reading;
mod said;
mod span;
#[cfg(test)]
mod tests;
mod turn;
mod upkeep;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::{Offer, Trouble};
use crate::entity::DialogKey;
use crate::ids::{CallId, DefinitionHash, MessageId, MessageKey, RunId, RunbookName};
use crate::lang::{Lang, Text};
use crate::place::Thread;
use crate::plan::Plan;
use crate::time::Timestamp;
use crate::words;

pub use answering::{awaits_this, on_text};
pub use confirm::on_posted;
pub use menu::{Opening, open_command, open_instead, open_menu};
pub use pressing::on_press;
pub use reading::on_answered;
pub use said::{Said, looks_meant};
pub use upkeep::{lose, on_catalog_changed, on_timer};

/// One open conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dialog {
    /// Whose, and where.
    pub key: DialogKey,
    /// The message that opened it. With the generation it names messages and calls for ever, also
    /// when the same person opens another dialog in the same thread later.
    pub opened: MessageId,
    /// Counts states; timers, questions and call ids carry it. Starts at a number made from the
    /// message that opened the dialog, so that a late timer or an old button of one dialog never fits
    /// another one of the same person and thread.
    pub generation: u64,
    /// The platform's time of the newest word or press of the person.
    pub heard_at: Timestamp,
    /// Until when the present question waits. A time-out that was due before a wrong answer renewed
    /// the patience does nothing.
    #[serde(default)]
    pub due: Timestamp,
    /// Counts what was said, to name the messages.
    pub said: u64,
    /// In which language the person is answered.
    pub lang: Lang,
    /// It stands in a thread that was there before it, where others may have dialogs of their own:
    /// what is said names the person.
    pub by_name: bool,
    /// What it waits for.
    pub state: State,
}

impl Dialog {
    /// Nobody knows yet whether the person talks to the bot: nothing is said to them, and nothing
    /// that they say is taken.
    #[must_use]
    pub fn only_listens(&self) -> bool {
        matches!(&self.state, State::Filling(filling) if filling.words.is_perhaps())
    }
}

/// What a dialog waits for.
#[expect(clippy::large_enum_variant, reason = "lives for one event, never in a collection")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// The choice of a function. The list is kept: a number means what that list showed.
    Menu {
        /// Number and name of each entry shown.
        entries: Vec<(u32, RunbookName)>,
    },
    /// A function was chosen.
    Filling(Filling),
}

/// A function was chosen and its inputs are being filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Filling {
    /// The function in exactly this version.
    pub runbook: DefinitionHash,
    /// Its name, to see whether it was removed.
    pub name: RunbookName,
    /// What was answered so far.
    pub answers: Answers,
    /// Words of the request that no question has used yet.
    pub words: Said,
    /// Questions that the person answered or was asked, in order: where `back` leads. What was
    /// settled without them is not among them.
    pub trail: Vec<usize>,
    /// What was settled without asking, to be told with the next question.
    pub notes: Vec<Text>,
    /// What the person named although the list of the present question left it out: the tool has looked
    /// at these anew.
    pub fresh: Vec<String>,
    /// The person said that they mean what seemed doubtful: see `doubt`.
    pub again: bool,
    /// The present step.
    pub step: Step,
}

/// The present step of a filling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// Within a turn only: the next step is about to be chosen.
    Starting,
    /// A tool was asked for the choices of a question.
    Loading {
        /// Which question.
        question: usize,
        /// Which query.
        call: CallId,
    },
    /// A question stands in the thread.
    Asking {
        /// Which question.
        question: usize,
        /// What it offers.
        list: List,
        /// Since when it stands there, where that matters.
        stands: Stands,
    },
    /// A tool was asked for the plan, or for the report of a function without effect.
    Reading {
        /// Which query.
        call: CallId,
    },
    /// All that is asked for was rolled back before: that wants a yes of its own.
    Doubting {
        /// Since when the question stands there.
        stands: Stands,
    },
    /// Everything was read back; only an explicit yes goes on.
    ReadBack {
        /// Exactly what would be done.
        plan: Box<Plan>,
        /// The message that reads it back.
        message: MessageKey,
        /// The platform's time of the read-back, once it stands there.
        shown: Option<Timestamp>,
        /// A yes that came in before that was known: its platform time.
        early_yes: Option<Timestamp>,
    },
    /// A tool gave no usable answer; the person may try again, go back or stop.
    Stuck {
        /// What happened.
        trouble: Trouble,
        /// The question whose choices are missing; `None` when the plan or report is.
        question: Option<usize>,
    },
}

/// Since when a question stands in the thread. A number sent before that meant another list; it matters
/// where an answer counts at once, with no read-back after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "stands")]
pub enum Stands {
    /// Everything is read back before anything is done.
    Whenever,
    /// Until it is known when it came to stand there, no number counts.
    Since {
        /// The message that puts the question.
        message: MessageKey,
        /// The platform's time of it, once it is known.
        at: Option<Timestamp>,
    },
}

impl Stands {
    /// Whether somebody who wrote at this moment can have read the question.
    fn was_read(&self, sent_at: Timestamp) -> bool {
        match self {
            Self::Whenever => true,
            Self::Since { at, .. } => at.is_some_and(|at| sent_at > at),
        }
    }
}

/// The list stored with a question.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct List {
    /// What is offered, in the order shown; the number of an item is its place from 1, once a page
    /// has shown it.
    pub items: Vec<Offer>,
    /// What is not offered, and why.
    pub hidden: Vec<(Offer, Why)>,
    /// How many are shown on the pages so far.
    pub shown: usize,
    /// How many at the top were searched for or named; `all` means these. 0 when nothing was.
    #[serde(default)]
    pub focus: usize,
}

/// Why something is not offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why {
    /// `where:` leaves it out.
    Filtered {
        /// In the words of the runbook, if it has any.
        reason: Text,
    },
    /// A run that goes on holds it.
    Locked {
        /// Which run.
        run: RunId,
    },
    /// A run that was lost sight of holds it, until a person resolves it.
    Lost {
        /// Which run.
        run: RunId,
        /// Where it is resolved.
        thread: Thread,
    },
}

impl Why {
    /// Behind the number of those that are left out for this reason.
    fn reason(&self) -> Text {
        match self {
            Self::Filtered { reason } => reason.clone(),
            Self::Locked { .. } => words::dialog::hidden_locked(),
            Self::Lost { .. } => words::dialog::hidden_lost(),
        }
    }

    /// To somebody who typed its name.
    fn sentence(&self, title: &str) -> Text {
        match self {
            Self::Filtered { reason } => words::dialog::hidden_because(title, reason),
            Self::Locked { run } => words::dialog::locked_by(title, run.as_str()),
            Self::Lost { run, .. } => words::dialog::lost_by(title, run.as_str()),
        }
    }
}

/// What was answered, by input.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<String, Given>);

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// The values, in the order given; exactly one where `many` is false.
    pub values: Vec<String>,
    /// What people read for each value.
    pub titles: Vec<String>,
    /// The question takes several.
    pub many: bool,
}
