//! The commits between what runs and what would come.

use serde::{Deserialize, Serialize};

use crate::answer::{CommitNote, Trouble};

/// What the history of one source has between the revision that runs and the one that would come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// The whole revision that would come.
    pub to: String,
    /// What lies between.
    pub log: Log,
}

/// What a history was found to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Log {
    /// It was read. Of a revision that is older than what runs nothing comes; of another branch some come and some go.
    Read {
        /// What does not run yet.
        comes: Commits,
        /// What runs, and would no longer.
        goes: Commits,
    },
    /// It could not be read: the plan is told without it.
    Unread {
        /// Why.
        trouble: Trouble,
    },
}

/// Some commits, of which not all need to be told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commits {
    /// How many there are.
    pub count: usize,
    /// The newest of them, newest first.
    pub newest: Vec<CommitNote>,
}
