//! What a button means, carried by the button itself so that an old one can say that it is old.

use serde::{Deserialize, Serialize};

use crate::entity::DialogKey;
use crate::ids::{PlanDigest, RunId};

/// The meaning of one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Token {
    /// An answer to one question of one dialog.
    Answer {
        /// Whose dialog it is, and where.
        dialog: DialogKey,
        /// Which question: the dialog's generation when it was put.
        question: u64,
        /// The answer.
        choice: Choice,
    },
    /// A decision on one plan.
    Decide {
        /// The run that waits.
        run: RunId,
        /// Exactly what would run.
        digest: PlanDigest,
        /// Yes or no.
        approve: bool,
    },
    /// Stop a run.
    CancelRun {
        /// The run.
        run: RunId,
    },
    /// Say what really became of a run that Wilco lost sight of.
    Resolve {
        /// The run.
        run: RunId,
        /// Whether a person saw that it did what was planned.
        succeeded: bool,
    },
}

/// The answer that an `Answer` button stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The item at this place of the list stored with the question, counted from 0.
    Item(usize),
    /// All items.
    All,
    /// The explicit yes after the read-back.
    Yes,
    /// End the dialog.
    Cancel,
    /// One question back.
    Back,
    /// The next page of a long list.
    More,
    /// Ask the tool again.
    Retry,
}

impl Token {
    /// The compact text that platforms carry in a button's value.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a button's value; `None` when it is not one of ours.
    #[must_use]
    pub fn decode(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }
}
