//! Timers, as data. A timer carries the generation of the state that set it; a stale one does nothing.

use serde::{Deserialize, Serialize};

use crate::entity::EntityKey;
use crate::time::Timestamp;

/// A wish to be woken. Setting the same owner and name again replaces the earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Who is woken.
    pub owner: EntityKey,
    /// Which of its timers.
    pub name: TimerName,
    /// Which state set it.
    pub generation: u64,
    /// When.
    pub due: Timestamp,
}

/// What a timer is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerName {
    /// A query takes longer than a second: say so.
    Slow,
    /// Nobody answered a question in time.
    Patience,
    /// Nobody approved in time.
    Expiry,
    /// Time to look at the tool again; the number is the step.
    Look(usize),
    /// A step took too long; the number is the step.
    Deadline(usize),
    /// Time to write the run's message again.
    Redraw,
    /// Something waits for a person for so long that it may be forgotten.
    Remind,
}

impl TimerName {
    /// The text in the store's `name` column.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Slow => "slow".into(),
            Self::Patience => "patience".into(),
            Self::Expiry => "expiry".into(),
            Self::Look(step) => format!("look {step}"),
            Self::Deadline(step) => format!("deadline {step}"),
            Self::Redraw => "redraw".into(),
            Self::Remind => "remind".into(),
        }
    }

    /// Whether it waits for a person (or for the end of all patience) rather than for the next look
    /// at a tool. A test's clock jumps over the latter by itself, over the former only when told.
    #[must_use]
    pub fn is_patience(&self) -> bool {
        matches!(self, Self::Patience | Self::Expiry | Self::Deadline(_) | Self::Remind)
    }
}
