//! Facts that must never be lost or changed.

use serde::{Deserialize, Serialize};

use crate::answer::TroubleKind;
use crate::ids::{PersonId, PlanDigest, RunId, RunbookName, UserId};
use crate::target::Target;
use crate::time::Timestamp;

/// One audit record: written in the unit of the event that caused it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// When, by the engine's clock.
    pub at: Timestamp,
    /// Who caused it; `None` for the engine itself (a time-out, a tool's answer).
    pub who: Option<PersonId>,
    /// What happened.
    pub what: Fact,
}

/// What an audit record tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "fact")]
pub enum Fact {
    /// Somebody or something was told no, or that an answer was not taken.
    Refused {
        /// What was wanted.
        what: String,
        /// The rule that said no.
        why: String,
    },
    /// A question was not answered in time, and its dialog is over.
    DialogTimedOut {
        /// The function that was being filled in; `None` in the menu.
        runbook: Option<RunbookName>,
    },
    /// A tool gave a dialog no usable answer.
    ToolTrouble {
        /// Which connection.
        tool: String,
        /// Which kind of trouble.
        kind: TroubleKind,
        /// The tool's own words, free of secrets.
        detail: String,
    },
    /// A run was asked for.
    RunCreated {
        /// The run.
        run: RunId,
        /// Its runbook.
        runbook: RunbookName,
        /// What it will change.
        targets: Vec<Target>,
        /// Exactly what was read back.
        plan: PlanDigest,
    },
    /// A second person said yes.
    Approved {
        /// The run.
        run: RunId,
        /// To what.
        plan: PlanDigest,
    },
    /// A second person said no.
    Rejected {
        /// The run.
        run: RunId,
        /// To what.
        plan: PlanDigest,
    },
    /// Time ran out, or the plan changed, before a yes could count.
    ApprovalVoid {
        /// The run.
        run: RunId,
        /// Why: `expired` or `plan changed`.
        why: String,
    },
    /// An outside effect is about to happen.
    Intended {
        /// The run.
        run: RunId,
        /// The operation.
        call: String,
        /// On what.
        target: Target,
        /// Which action.
        action: String,
    },
    /// An outside effect was settled.
    Settled {
        /// The run.
        run: RunId,
        /// The operation.
        call: String,
        /// `done`, `found`, `refused` or `unsure`.
        how: String,
    },
    /// Somebody stopped a run.
    CancelAsked {
        /// The run.
        run: RunId,
    },
    /// Somebody put a run on hold.
    Held {
        /// The run.
        run: RunId,
        /// The account, when `people:` does not name who that is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<UserId>,
    },
    /// A run goes on after a hold.
    Resumed {
        /// The run.
        run: RunId,
    },
    /// Somebody had the tool do something about a target that stands still.
    Acted {
        /// The run.
        run: RunId,
        /// On what.
        target: Target,
        /// `resume`, `promote` or `abort`.
        act: String,
    },
    /// Somebody wants to be told when a run is over.
    Subscribed {
        /// The run.
        run: RunId,
    },
    /// A run ended.
    RunEnded {
        /// The run.
        run: RunId,
        /// `succeeded`, `failed`, `cancelled` or `unknown`.
        how: String,
    },
    /// A person said what became of a run that was lost sight of.
    Resolved {
        /// The run.
        run: RunId,
        /// Whether it did what was planned.
        succeeded: bool,
    },
    /// An event could never be handled, because Wilco itself failed on it.
    EventSetAside {
        /// The number that people were told.
        number: i64,
        /// What kind of event.
        event: String,
        /// Whose lane it was in.
        lane: String,
        /// What failed.
        why: String,
    },
    /// What is stored about something cannot be read by this version of Wilco.
    Unreadable {
        /// What: `run r1`.
        what: String,
        /// Why.
        why: String,
    },
    /// A message will never stand on its platform.
    MessageDropped {
        /// Which message.
        message: String,
        /// Where it should have stood.
        to: String,
        /// Why.
        why: String,
    },
    /// The catalog was loaded again.
    CatalogReloaded {
        /// How many runbooks it holds.
        runbooks: usize,
    },
    /// A reload was broken; the old catalog stays.
    CatalogKept {
        /// The first problem.
        problem: String,
    },
}
