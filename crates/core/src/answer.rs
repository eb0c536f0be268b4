//! What tools answer, as data of core: a connector translates its tool's JSON into these, and the
//! state machines see nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chart::{Chart, MissingChart};
use crate::diagnosis::Diagnosis;
use crate::lang::Text;
use crate::plan::TargetPlan;
use crate::target::Target;
use crate::time::Timestamp;

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// What can be chosen.
    Choices(Gathered<Offer>),
    /// What would change, per target, in the order asked for.
    Plan(Vec<TargetPlan>),
    /// Which version runs and which would come.
    Versions(Gathered<VersionRow>),
    /// What was deployed, as the tool's own history has it.
    Deployed(Gathered<Deployed>),
    /// How targets are, and why.
    Diagnoses(Vec<Diagnosis>),
    /// How far an operation has come.
    Progress(Progress),
    /// Sentences ready to be shown, such as the state of the engine's own runs.
    Report(Text),
}

/// What was read from several connections: one that cannot be asked does not hide what the others have, and it
/// is told that something may be missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gathered<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// The connections that could not be asked, each once.
    pub missing: Vec<Trouble>,
}

impl<T> From<Vec<T>> for Gathered<T> {
    /// Nothing is missing.
    fn from(items: Vec<T>) -> Self {
        Self { items, missing: Vec::new() }
    }
}

impl<T> FromIterator<T> for Gathered<T> {
    /// Nothing is missing.
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

/// One deployment in a tool's own history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    /// To what.
    pub target: Target,
    /// When it was done.
    pub at: Timestamp,
    /// By whom, as the tool names them; empty when it does not tell.
    pub by: String,
    /// The tool did it by itself.
    pub automated: bool,
    /// Wilco's own account did it.
    pub ours: bool,
    /// What was deployed, one revision for each source.
    pub revisions: Vec<String>,
}

/// One thing that can be chosen in a dialog.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// What the answer is: the whole name of a target, or any value unique in the list.
    pub value: String,
    /// What people read and type.
    pub title: String,
    /// A few words behind the title, such as `1.4.2 → 1.5.0`.
    #[serde(default)]
    pub note: String,
    /// Other names under which it may be typed.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What `where:` conditions of runbooks see as `item`.
    #[serde(default)]
    pub facts: BTreeMap<String, Value>,
}

/// One line of the version report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The application.
    pub target: Target,
    /// Images that run now, `name:tag`, sorted; empty when the tool does not tell.
    pub live: Vec<String>,
    /// Images that a sync would bring, sorted.
    pub wanted: Vec<String>,
    /// The charts that it is rendered from, in the order of the sources.
    #[serde(default)]
    pub charts: Vec<Chart>,
    /// The chart that is wanted and not in its repository: then nobody knows what would come.
    #[serde(default)]
    pub missing_chart: Option<MissingChart>,
    /// In words of the tool: `Synced`, `OutOfSync`, `Unknown`.
    pub sync: String,
    /// In words of the tool: `Healthy`, `Degraded`, …
    pub health: String,
    /// Who deployed last, when the tool's history tells.
    pub changed_by: Option<String>,
    /// When it was deployed last.
    pub changed_at: Option<Timestamp>,
    /// Author and first line of the commit that a sync would bring.
    pub commit: Option<CommitNote>,
    /// The configuration in git still names the version that runs: nothing would come.
    pub chart_not_updated: bool,
    /// Why this application could not be read; the other fields are then empty.
    pub trouble: Option<Trouble>,
}

/// A commit in three facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitNote {
    /// The whole revision.
    pub revision: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub title: String,
    /// When it was made.
    pub at: Option<Timestamp>,
}

/// How far an operation has come, as one look at the tool shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// What the look showed.
    pub seen: Seen,
    /// What the connector wants to be handed at the next look, such as since when it is healthy.
    #[serde(default)]
    pub memory: Value,
    /// The tool tells by itself when something changes, as `Event::Hinted`: looking may be less frequent.
    pub hinted: bool,
}

/// What one look at a running operation showed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Seen {
    /// It goes on.
    Running {
        /// In the tool's own words: `Syncing`.
        note: String,
    },
    /// The operation itself is over and what it brought about is awaited: nothing is left that could be
    /// stopped in the tool.
    Applied {
        /// In the tool's own words: `Progressing (1 of 3 updated)`.
        note: String,
    },
    /// As [`Seen::Applied`], and it stands still until a person acts (a suspended resource, a paused
    /// rollout).
    Waiting(Pause),
    /// Proven by outside facts.
    Succeeded {
        /// In the tool's own words: `Healthy`.
        note: String,
        /// What was not as expected though it succeeded.
        warnings: Vec<Warning>,
    },
    /// The tool tried and it did not work.
    Failed {
        /// In the tool's own words.
        note: String,
    },
    /// It was stopped, by us or by someone else.
    Stopped {
        /// In the tool's own words.
        note: String,
    },
    /// Nothing in the tool speaks of our operation any more.
    Lost {
        /// What was seen instead.
        note: String,
    },
}

/// Something stands still until a person acts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// In the tool's own words.
    pub note: String,
    /// What stands still, as far as the tool tells.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// It is a hook of the operation, which is therefore still under way and can be stopped.
    #[serde(default)]
    pub is_hook: bool,
    /// Names this pause among those of the same target: a button of an earlier one is old.
    #[serde(default)]
    pub id: String,
    /// What a person may have the tool do about it.
    #[serde(default)]
    pub acts: Vec<Act>,
    /// What the connector wants stored with the intent of such an act, so that it can be recognised.
    #[serde(default)]
    pub evidence: Value,
}

/// One object that stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// kind/name.
    pub object: String,
    /// At which step of how many, counted from 1.
    pub step: Option<(usize, usize)>,
    /// The share of the traffic that the new version has, in percent.
    pub weight: Option<u64>,
}

/// What a person may have a tool do about a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// End this pause; the next one comes.
    Resume,
    /// Go to the end without any more pauses.
    Promote,
    /// Go back to the old version.
    Abort,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Resume, Self::Promote, Self::Abort];

    /// The name of the connector's action, and the word of the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resume => "resume",
            Self::Promote => "promote",
            Self::Abort => "abort",
        }
    }
}

impl Pause {
    /// One of which only the tool's words are known.
    #[must_use]
    pub fn noted(note: String) -> Self {
        Self { note, ..Self::default() }
    }
}

/// Something to know about a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Warning {
    /// Still shown as different although everything was applied (ARGO-32).
    StillOutOfSync,
    /// Another revision than the planned one runs (ARGO-25).
    OtherRevision {
        /// What runs.
        revision: String,
    },
    /// Somebody else did exactly this before; it was not done again.
    AlreadyThere,
    /// What runs is an earlier version: git still wants the other one (ARGO-37).
    GitWantsAnother,
    /// The tool does not show images, so only health was proven (ARGO-15).
    ImagesNotShown,
    /// Only some objects were brought, and others still differ.
    OthersDiffer {
        /// How many.
        count: usize,
    },
    /// What it brought is an application of its own, which a person has to deploy (ARGO-35).
    ChildNotDeployed {
        /// That application.
        name: String,
    },
}

/// Why a tool gave no answer that can be used. Shown to people through `words::trouble`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Which connection, as named in the configuration.
    pub tool: String,
    /// What kind of trouble it is; decides what people are told to do, and whether to try again.
    pub kind: TroubleKind,
    /// The tool's own words, cut short and free of secrets.
    #[serde(default)]
    pub detail: String,
}

/// The kinds of trouble with a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// No connection could be made.
    Unreachable,
    /// No answer in time.
    TimedOut,
    /// The answer is not what the tool speaks: HTML, half a JSON, nothing.
    Garbled,
    /// The tool failed (5xx).
    ToolFailed,
    /// Wilco's own sign-in is not accepted.
    SignIn,
    /// Wilco's account may not do this.
    Forbidden,
    /// There is no such thing in the tool.
    NotFound,
    /// Something else is being done to it right now.
    Busy,
    /// A closed window of the tool forbids it now.
    WindowClosed,
    /// It has been asked for and not begun yet.
    NotYet,
    /// It is over already: there is nothing left to stop.
    Over,
    /// The tool says no for another reason.
    Refused,
    /// Too many requests.
    SlowDown,
    /// The request itself makes no sense; a mistake in a runbook.
    BadRequest,
    /// It was asked whether something happened, and what it shows does not tell.
    Unclear,
}

impl TroubleKind {
    /// Whether waiting and asking again can help.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::TimedOut
                | Self::Garbled
                | Self::ToolFailed
                | Self::SlowDown
                | Self::NotYet
        )
    }
}
