//! How a target really is, and why: what an operator would otherwise click together from five pages.

use serde::{Deserialize, Serialize};

use crate::answer::Trouble;
use crate::target::Target;
use crate::time::Timestamp;

/// All that was found out about one target. Words of the tool have no secrets in them any more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Of what.
    pub target: Target,
    /// In words of the tool: `Healthy`, `Degraded`, …
    pub health: String,
    /// What the tool says about it.
    pub health_note: String,
    /// In words of the tool: `Synced`, `OutOfSync`, `Unknown`.
    pub sync: String,
    /// Images that run, `name:tag`.
    pub images: Vec<String>,
    /// The change that goes on, or the last one.
    pub operation: Option<OperationNote>,
    /// What is wrong with the application as a whole, in words of the tool.
    pub conditions: Vec<String>,
    /// What did not come up, or came up again and again: what failed in the last change first, then the
    /// causes before their effects.
    pub objects: Vec<ObjectNote>,
    /// What the cluster says about these, the latest first.
    pub events: Vec<EventNote>,
    /// The last lines that containers wrote, those that fail first.
    pub logs: Vec<LogTail>,
    /// What could not be read, so that nobody takes its absence for good news.
    pub unread: Vec<Trouble>,
}

/// A change of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationNote {
    /// In words of the tool: `Running`, `Succeeded`, `Failed`, …
    pub phase: String,
    /// What the tool says about it.
    pub note: String,
    /// Who started it: a run of Wilco, or the tool's name for a person.
    pub by: String,
    /// Whether it goes on.
    pub goes_on: bool,
    /// When it began.
    pub since: Option<Timestamp>,
}

/// One object that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectNote {
    /// Kind and name: `Pod wallet-api-6549d54677-x7k2p`.
    pub object: String,
    /// What it is in, in a word of the tool: `Degraded`, `CrashLoopBackOff`, `SyncFailed`.
    pub state: String,
    /// What the tool says about it.
    pub note: String,
    /// How often its containers were started again.
    pub restarts: u32,
}

/// One event of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventNote {
    /// Kind and name of what it is about.
    pub object: String,
    /// In a word: `BackOff`.
    pub reason: String,
    /// In a sentence.
    pub note: String,
    /// How often it happened.
    pub count: u32,
    /// When it happened last.
    pub at: Option<Timestamp>,
}

/// The last lines of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTail {
    /// Which pod.
    pub pod: String,
    /// Which container; empty where the tool chose it.
    pub container: String,
    /// They were written before its last start.
    pub previous: bool,
    /// Oldest first.
    pub lines: Vec<String>,
}

impl Diagnosis {
    /// Whether it tells anything but that all is well.
    #[must_use]
    pub fn tells(&self) -> bool {
        let goes_on = self.operation.as_ref().is_some_and(|operation| operation.goes_on);
        self.health != "Healthy"
            || goes_on
            || !self.objects.is_empty()
            || !self.conditions.is_empty()
            || !self.unread.is_empty()
    }
}
