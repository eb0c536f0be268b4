//! A run: one execution of a runbook with its answers, durable from the first line.
//!
//! Pure: an event goes in, effects come out. One file per thing that can happen to a run.
//!
//! The life of a run:
//!
//! 1. [`create()`] puts it on record. It waits for approval, or goes straight to its locks.
//! 2. `decide`: a second person says yes or no, bound to the digest of the plan; `expire` when
//!    nobody does in time.
//! 3. `recheck`: after a yes the plan is read again. Another plan voids the yes.
//! 4. `start`: all locks of the run are taken in sorted order (`lock`), then the start is announced.
//! 5. `schedule` says which target is next; `check`, `request`, `follow`, for each: read again and compare under the lock, intend the
//!    operation, look until outside facts say how it ended.
//!    A target that stands still until a person acts is one of its states: `act`; one that should have ended by now
//!    another: `overdue`. With `hold` nothing new begins until `resume`.
//! 6. `end`: succeeded, failed, cancelled or unknown; locks are freed, everyone is told. What was
//!    lost sight of keeps its locks until `resolve`.
//!
//! When Wilco itself fails on an event of a run, the run ends too: [`lose()`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::answer::{Act, Trouble};
use crate::call::{QueryOutcome, Settlement};
use crate::context::Context;
use crate::dialog::Answers;
use crate::ids::{CallId, DefinitionHash, MessageKey, PersonId, PlanDigest, RunId, RunbookName};
use crate::lang::{Lang, Text};
use crate::people::Member;
use crate::place::{Room, Thread};
use crate::plan::{Mode, Plan, TargetPlan};
use crate::runbook::{OnFailure, Runbook};
use crate::target::Target;
use crate::time::Timestamp;
use crate::timer::TimerName;
use crate::words;
use crate::world::{Outcome, World};

mod act;
mod announce;
mod cancel;
mod card;
mod check;
mod compare;
mod create;
mod decide;
mod end;
mod expire;
mod explain;
mod follow;
mod hold;
mod lock;
mod lose;
mod overdue;
mod policy;
mod recheck;
mod removed;
mod request;
mod resolve;
mod schedule;
mod start;
pub mod state;
mod step;
mod subscribe;
#[cfg(test)]
mod tests;
mod turn;
mod vars;
mod withdraw;

pub use overdue::Remedy;
pub use subscribe::Subscriber;

use state::{Approval, Draft, End, Held, Sick, State, Step, WasHeld};
use turn::Turn;

/// One execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// `r12`.
    pub id: RunId,
    /// The function in exactly this version.
    pub runbook: DefinitionHash,
    /// Its name.
    pub name: RunbookName,
    /// Who asked.
    pub requester: PersonId,
    /// Where it was asked for, and where everything is reported.
    pub thread: Thread,
    /// In which language the room reads.
    pub lang: Lang,
    /// What was answered.
    pub answers: Answers,
    /// What was read back.
    pub plan: Plan,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Counts timers: each carries its own number, and the state that waits for it remembers it.
    pub generation: u64,
    /// Counts queries and operations.
    pub calls: u64,
    /// Counts sentences in the thread.
    pub said: u64,
    /// Whose agreement is wanted, if any, and who gave it.
    pub approval: Option<Approval>,
    /// How many targets may be worked on at once.
    pub at_once: usize,
    /// What becomes of targets that were not begun when one did not succeed.
    pub on_failure: OnFailure,
    /// How long one target may take until Wilco stops looking, in milliseconds.
    pub timeout_ms: u64,
    /// Rooms that are told at start and end.
    pub announce: Vec<Room>,
    /// Who wants a direct message at the end.
    pub subscribers: Vec<Subscriber>,
    /// How far each target of the plan is, in the plan's order.
    pub steps: Vec<Step>,
    /// Operations that were intended and are not settled yet.
    pub open: Vec<CallId>,
    /// When its card was last written, and the timer that will write it again.
    pub card: Draft,
    /// Why targets did not come up.
    pub sick: Sick,
    /// Holds that are over, in their order.
    pub was_held: Vec<WasHeld>,
    /// Who wants nothing new to begin, in whatever state it is.
    pub held: Option<Held>,
    /// What it waits for.
    pub state: State,
}

impl Run {
    /// Whether anything can still happen to it. One that ended unknown is live until a person says
    /// what became of it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match &self.state {
            State::Ended(ended) => ended.is_unresolved(),
            _ => true,
        }
    }

    /// When it was over, if it is.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        match &self.state {
            State::Ended(ended) => Some(ended.at),
            _ => None,
        }
    }

    /// Whether it began to work, and failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        matches!(&self.state, State::Ended(ended) if ended.how == End::Failed && ended.since.is_some())
    }

    /// The targets that it did not bring to a good end, and of which somebody knows that.
    pub fn left_undone(&self) -> impl Iterator<Item = &Target> {
        let undone = |step: &Step| !step.is_succeeded() && !step.is_unknown();
        let both = self.plan.targets.iter().zip(&self.steps);
        both.filter(move |(_, step)| undone(step)).map(|(part, _)| &part.target)
    }

    /// The targets to which it brought a version, and that came up.
    pub fn finished(&self) -> impl Iterator<Item = &Target> {
        self.brought().filter(|(_, step)| step.is_succeeded()).map(|(part, _)| &part.target)
    }

    /// What it may have brought a version to: it was begun, and whether anything came of it the tool knows.
    pub fn brought(&self) -> impl Iterator<Item = (&TargetPlan, &Step)> {
        let began = |step: &Step| !matches!(step, Step::Waiting) && !step.is_skipped();
        self.plan.targets.iter().zip(&self.steps).filter(move |(part, step)| {
            part.mode == Mode::Start && part.brings_a_version() && began(step)
        })
    }

    /// Whether Wilco lost sight of it and nobody has said yet what became of it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(&self.state, State::Ended(ended) if ended.is_unresolved())
    }

    /// Whether somebody wants nothing new to begin.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Whether one of its targets stands still until a person acts.
    #[must_use]
    pub fn stands_still(&self) -> bool {
        matches!(self.state, State::Running(_))
            && self.steps.iter().any(|step| step.pause().is_some())
    }

    /// Whether `resume` means something to it.
    #[must_use]
    pub fn can_be_resumed(&self) -> bool {
        self.is_held() || self.stands_still()
    }

    /// What it does now, in a word or two.
    #[must_use]
    pub fn summary(&self) -> Text {
        self.or_on_hold(self.does())
    }

    /// What it does, and whether nothing new begins.
    fn or_on_hold(&self, does: Text) -> Text {
        if self.is_held() { words::run::hold::on_hold(&does) } else { does }
    }

    fn does(&self) -> Text {
        match &self.state {
            State::Awaiting(_) => words::run::card::awaiting(),
            State::Rechecking(_) => words::run::card::preparing(),
            State::Queued(_) => words::run::card::queued(),
            State::Running(running) if running.stopping.is_some() => words::run::card::stopping(),
            State::Running(_) => words::run::card::running(),
            State::Ended(ended) => card::how(ended.how, &self.steps),
        }
    }

    /// Whether a decision of a second person is waited for, so that a typed yes means this run.
    #[must_use]
    pub fn awaits_decision(&self) -> bool {
        matches!(self.state, State::Awaiting(_))
    }
}

/// What a dialog hands over after the explicit yes.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Drawn from the store.
    pub id: RunId,
    /// The function.
    pub runbook: Arc<Runbook>,
    /// Who asked.
    pub requester: PersonId,
    /// Where.
    pub thread: Thread,
    /// What was answered.
    pub answers: Answers,
    /// What was read back.
    pub plan: Plan,
}

/// What can happen to a run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// A second person decided, by word or button.
    Decide {
        /// Who.
        by: PersonId,
        /// On which plan; `None` for a typed word, which means the one that waits.
        digest: Option<PlanDigest>,
        /// Yes or no.
        approve: bool,
        /// The platform's time of the word or press.
        at: Timestamp,
    },
    /// A message of it stands on the platform since this moment.
    Posted {
        /// Which.
        message: MessageKey,
        /// The platform's time of it.
        at: Timestamp,
    },
    /// A query was answered.
    Answered {
        /// Which.
        call: CallId,
        /// The answer.
        outcome: QueryOutcome,
    },
    /// An operation was settled.
    Settled {
        /// Which.
        call: CallId,
        /// How.
        settlement: Settlement,
    },
    /// See [`Event::Hindered`](crate::event::Event::Hindered).
    Hindered {
        /// Which operation.
        call: CallId,
        /// Why the tool cannot be asked.
        trouble: Trouble,
    },
    /// See [`Event::Hinted`](crate::event::Event::Hinted).
    Hinted {
        /// Which operation.
        operation: CallId,
    },
    /// A timer is due.
    Timer {
        /// Which.
        name: TimerName,
        /// Which state set it.
        generation: u64,
    },
    /// A lock it waited for is its own now.
    LockGranted,
    /// A person stops it.
    Cancel {
        /// Who.
        by: PersonId,
    },
    /// Nothing new shall begin.
    Hold {
        /// Who wants that.
        by: Member,
    },
    /// It goes on after a hold; where nobody holds it, a target that stands still goes on.
    Resume {
        /// Who wants that.
        by: PersonId,
    },
    /// The tool shall do something about a target that stands still.
    Act {
        /// Who wants that.
        by: PersonId,
        /// What.
        act: Act,
        /// The step and the pause of the button; `None` for a typed word.
        pressed: Option<(usize, String)>,
    },
    /// Something shall be done about a target that should have ended.
    Remedy {
        /// Who wants that.
        by: PersonId,
        /// The step of the button.
        step: usize,
        /// Its operation, as the button showed it.
        operation: CallId,
        /// What.
        remedy: Remedy,
    },
    /// A person says what became of it after Wilco lost sight.
    Resolve {
        /// Who.
        by: PersonId,
        /// Whether it did what was planned.
        succeeded: bool,
    },
    /// Somebody wants to know why targets did not come up.
    Explain,
    /// Somebody wants a direct message at the end.
    Subscribe(Subscriber),
    /// The catalog changed; a removed runbook stops what waits.
    CatalogChanged,
}

/// Starts a run: asks for approval, or begins at once.
#[must_use]
pub fn create(ctx: &Context, world: &World, new: NewRun) -> Outcome {
    create::create(ctx, world, new)
}

/// One event for one run.
#[must_use]
pub fn handle(ctx: &Context, world: &World, run: &Run, event: &RunEvent) -> Outcome {
    let mut turn = Turn::new(ctx, world, run.clone());
    match event {
        RunEvent::Decide { by, digest, approve, at } => {
            decide::decide(&mut turn, by, digest.as_ref(), *approve, *at);
        }
        RunEvent::Posted { message, at } => decide::posted(&mut turn, message, *at),
        RunEvent::Answered { call, outcome } => match turn.run.state {
            State::Rechecking(_) => recheck::answered(&mut turn, call, outcome),
            State::Running(_) => schedule::answered(&mut turn, call, outcome),
            State::Ended(_) => explain::answered(&mut turn, call, outcome),
            State::Awaiting(_) | State::Queued(_) => {}
        },
        RunEvent::Settled { call, settlement } => request::settled(&mut turn, call, settlement),
        RunEvent::Hindered { call, trouble } => request::hindered(&mut turn, call, trouble),
        RunEvent::Hinted { operation } => follow::hinted(&mut turn, operation),
        RunEvent::Timer { name, generation } => match name {
            TimerName::Expiry => expire::due(&mut turn, *generation),
            TimerName::Redraw => card::due(&mut turn, *generation),
            TimerName::Look(step) => match turn.run.state {
                State::Rechecking(_) => recheck::due(&mut turn, *generation),
                _ => schedule::due(&mut turn, *step, *generation),
            },
            TimerName::Deadline(step) => match turn.run.state {
                State::Rechecking(_) => recheck::deadline(&mut turn, *generation),
                _ => schedule::deadline(&mut turn, *step, *generation),
            },
            TimerName::Remind => hold::remind(&mut turn, *generation),
            TimerName::Slow | TimerName::Patience => {}
        },
        RunEvent::LockGranted => start::granted(&mut turn),
        RunEvent::Cancel { by } => cancel::cancel(&mut turn, by),
        RunEvent::Hold { by } => hold::hold(&mut turn, by),
        RunEvent::Resume { by } if turn.run.is_held() || !turn.run.stands_still() => {
            hold::resume(&mut turn, by);
        }
        RunEvent::Resume { by } => act::act(&mut turn, by, Act::Resume, None),
        RunEvent::Act { by, act, pressed } => {
            let pressed = pressed.as_ref().map(|(step, pause)| (*step, pause.as_str()));
            act::act(&mut turn, by, *act, pressed);
        }
        RunEvent::Remedy { by, step, operation, remedy } => {
            overdue::decide(&mut turn, by, (*step, operation), *remedy);
        }
        RunEvent::Resolve { by, succeeded } => resolve::resolve(&mut turn, by, *succeeded),
        RunEvent::Explain => explain::wanted(&mut turn),
        RunEvent::Subscribe(subscriber) => subscribe::subscribe(&mut turn, subscriber),
        RunEvent::CatalogChanged => removed::check(&mut turn),
    }
    schedule::advance(&mut turn);
    card::write(&mut turn);
    turn.finish()
}

/// Ends a run whose next event can never be handled, because Wilco itself fails on it. `number` finds
/// the fault in log and audit. With `plainly`, nothing is drawn, in case drawing is what fails.
#[must_use]
pub fn lose(ctx: &Context, world: &World, run: &Run, number: i64, plainly: bool) -> Outcome {
    let mut turn = Turn::new(ctx, world, run.clone());
    lose::lose(&mut turn, number, plainly);
    if !plainly {
        card::write(&mut turn);
    }
    turn.finish()
}
