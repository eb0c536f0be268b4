//! What a run waits for, and how far each of its targets is: enums that carry the data of the state.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::{Act, Pause, Trouble, Warning};
use crate::call::Operation;
use crate::ids::{CallId, PersonId, TeamName};
use crate::lang::Text;
use crate::people::Member;
use crate::time::Timestamp;

use super::overdue::Remedy;

/// Whose agreement is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// Teams whose members may agree.
    pub teams: Vec<TeamName>,
    /// The agreement.
    pub given: Option<Given>,
}

/// A second person agreed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Given {
    /// Who.
    pub by: PersonId,
    /// How long it counts: an agreement is for now, and not for whenever the queue is empty.
    pub until: Timestamp,
}

/// The card on its way: updates are at least two seconds apart, the last one is never lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// When it was last written.
    pub drawn_at: Option<Timestamp>,
    /// The timer that will write it again.
    pub redraw: Option<u64>,
}

/// Targets that did not come up after something was done to them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sick {
    /// Which ones, by their place in the plan.
    pub steps: Vec<usize>,
    /// The question why, while it is asked.
    pub asked: Option<CallId>,
    /// Somebody wants the answer, whatever it is.
    pub wanted: bool,
}

/// Somebody wants nothing new to begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Who.
    pub by: Member,
    /// Since when.
    pub since: Timestamp,
    /// The timer that reminds people of it.
    pub remind: u64,
}

/// A hold that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WasHeld {
    /// By whom.
    pub by: Member,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// What a run waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// A second person has to agree.
    Awaiting(Awaiting),
    /// The plan is read again after the yes.
    Rechecking(Rechecking),
    /// Locks are wanted.
    Queued(Queued),
    /// Targets are worked on.
    Running(Running),
    /// It is over.
    Ended(Ended),
}

/// See [`State::Awaiting`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Awaiting {
    /// How long the request stands.
    pub until: Timestamp,
    /// The timer that ends it.
    pub expiry: u64,
    /// The platform's time of the card, once it stands there.
    pub shown: Option<Timestamp>,
    /// Words that came before that was known, one for each person.
    pub early: Vec<Early>,
}

/// A typed decision that waits until it is known when the card stood there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// Who.
    pub by: PersonId,
    /// Yes or no.
    pub approve: bool,
    /// The platform's time of the word.
    pub at: Timestamp,
}

/// See [`State::Rechecking`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rechecking {
    /// The reading.
    pub look: Look,
    /// What stands in the way, if anything.
    pub hitch: Option<Hitch>,
    /// How long it is tried: an approval is for now, and not for whenever the tool is back.
    pub patience: Patience,
}

/// See [`State::Queued`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// Since when.
    pub since: Timestamp,
    /// The timer that ends it, when it was approved: see [`Given::until`].
    pub expiry: Option<u64>,
}

/// See [`State::Running`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// Since when.
    pub since: Timestamp,
    /// Who asked to stop it.
    pub stopping: Option<PersonId>,
}

/// See [`State::Ended`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    pub how: End,
    /// Why, when the targets do not tell.
    pub why: Option<Text>,
    /// When the first target began, if any did.
    pub since: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
    /// What a person said became of it.
    pub resolved: Option<Resolved>,
}

/// The four ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Every target is proven to be as planned.
    Succeeded,
    /// Something did not work.
    Failed,
    /// A person, or time, stopped it.
    Cancelled,
    /// Lost sight: nobody knows until a person looks.
    Unknown,
}

/// What a person said became of a run that was lost sight of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resolved {
    /// Who.
    pub by: PersonId,
    /// Whether it did what was planned.
    pub succeeded: bool,
}

/// A question to a tool: asked, or to be asked later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The answer is waited for.
    Asked(CallId),
    /// This timer is waited for.
    Later(u64),
}

/// A tool gives no usable answer, and is asked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hitch {
    /// The latest trouble.
    pub trouble: Trouble,
    /// Since when there is any.
    pub since: Timestamp,
    /// How many answers were missed.
    pub tries: u32,
}

/// How far a target is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// It was not begun.
    Waiting,
    /// An attempt came to no good end, so, and a person wants another one, which waits for the end of a hold.
    Again(StepEnd),
    /// Its plan is read again under its lock.
    Checking(Checking),
    /// The operation is intended, and its outcome is waited for.
    Requesting(Box<Requesting>),
    /// The tool took it, and is looked at until it ends.
    Following(Box<Following>),
    /// It is over.
    Ended(StepEnd),
}

/// See [`Step::Checking`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checking {
    /// The reading.
    pub look: Look,
    /// What stands in the way, if anything: of reading, or of a request that surely was not taken.
    pub hitch: Option<Hitch>,
    /// How long it is tried.
    pub patience: Patience,
    /// How an earlier attempt ended, when a person wants another one: so the target ends when that does
    /// not come about.
    pub earlier: Option<Box<StepEnd>>,
}

/// How long a target may take to be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// The timer that ends it.
    pub timer: u64,
    /// When that is.
    pub until: Timestamp,
}

/// See [`Step::Requesting`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Requesting {
    /// What was intended.
    pub operation: Operation,
    /// When.
    pub since: Timestamp,
    /// What stood in the way of beginning before, if anything.
    pub hitch: Option<Hitch>,
    /// How long it is tried again when the tool surely did not take it.
    pub patience: Patience,
    /// See [`Checking::earlier`].
    pub earlier: Option<Box<StepEnd>>,
}

/// See [`Step::Following`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Following {
    /// What the tool took; in watch mode what it does by itself.
    pub operation: Operation,
    /// What is needed to look.
    pub receipt: Value,
    /// What the connector wants to be handed at the next look.
    pub memory: Value,
    /// When it was intended.
    pub since: Timestamp,
    /// The timer after which nobody knows.
    pub deadline: u64,
    /// The next look.
    pub look: Look,
    /// When the latest look began.
    pub looked: Timestamp,
    /// How many answers came.
    pub looks: u32,
    /// At the latest look the tool told of changes by itself.
    pub hinted: bool,
    /// When it last told of one, if it ever did.
    pub hint: Option<Timestamp>,
    /// It told of one while a look was under way, which may have missed it.
    pub is_behind: bool,
    /// The tool's latest words.
    pub note: String,
    /// How far the operation was at the latest look.
    pub phase: Phase,
    /// It should have ended by now.
    pub overdue: Option<Overdue>,
    /// What the tool is asked to do about a pause, if anything.
    pub acting: Option<Acting>,
    /// What stands in the way of looking, if anything.
    pub hitch: Option<Hitch>,
    /// Whether the tool was asked to stop it.
    pub stop: Stop,
    /// A look showed an end while such a request was on its way.
    #[serde(default)]
    pub over: bool,
    /// One such request may still be on its way: nobody knows whether the tool got it.
    #[serde(default)]
    pub astray: bool,
    /// The tool does it by itself: there is no operation of ours that could be stopped.
    pub by_itself: bool,
}

/// See [`Following::overdue`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// Since when.
    pub since: Timestamp,
    /// What somebody wants done about it, while that is under way.
    pub wanted: Option<Wanted>,
}

/// What somebody wants done about a target that should have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What.
    pub remedy: Remedy,
    /// Who.
    pub by: PersonId,
}

/// Somebody has a tool do something about a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acting {
    /// The operation.
    pub call: CallId,
    /// What.
    pub act: Act,
    /// Who.
    pub by: PersonId,
}

/// How far an operation is while it is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It goes on, as far as anybody knows.
    Running,
    /// It is over, and what it brought about is awaited.
    Applied,
    /// As [`Phase::Applied`], or in a hook before that, and it stands still until a person acts.
    Waiting(Pause),
}

/// Whether a tool was asked to stop an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// Nobody wants that.
    No,
    /// Intended; the outcome is waited for.
    Intended {
        /// The operation that stops it.
        call: CallId,
        /// How often it was asked before without being heard.
        tries: u32,
    },
    /// The tool did not take it for a reason that passes: asked again at the next look.
    Again {
        /// How often it was asked.
        tries: u32,
    },
    /// The tool took it, or has nothing to stop any more: only looking tells how it ends.
    Answered,
    /// The tool does not take it, and only a person can help.
    NotTaken,
}

/// How a target ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "end")]
pub enum StepEnd {
    /// Proven by outside facts.
    Succeeded {
        /// The tool's words.
        note: String,
        /// What was not as expected.
        warnings: Vec<Warning>,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// It did not work, or was refused.
    Failed {
        /// Why.
        why: Text,
    },
    /// It was not begun because an earlier one did not succeed.
    Skipped {
        /// The earlier one, as people call it.
        after: String,
    },
    /// It was stopped, or not begun because of that.
    Cancelled,
    /// The run was stopped when there was nothing of ours to stop in the tool: it is only no longer
    /// looked at.
    LetGo {
        /// Why there was nothing.
        why: LetGo,
    },
    /// Lost sight.
    Unknown {
        /// What was seen last.
        why: Text,
    },
}

/// Why there is nothing of ours that could be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetGo {
    /// The tool does it by itself, and goes on.
    ByItself,
    /// Our operation is over: what was applied stays, and its health was not proven.
    Applied,
}

impl Ended {
    /// Whether nobody knows how it ended.
    #[must_use]
    pub fn is_unresolved(&self) -> bool {
        self.how == End::Unknown && self.resolved.is_none()
    }
}

impl End {
    /// The word of the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The end of a run by the ends of its targets: what nobody knows weighs most.
    #[must_use]
    pub fn of(steps: &[Step]) -> Self {
        let any = |wanted: fn(&StepEnd) -> bool| {
            steps.iter().any(|step| matches!(step, Step::Ended(end) if wanted(end)))
        };
        if any(|end| matches!(end, StepEnd::Unknown { .. })) {
            Self::Unknown
        } else if any(|end| matches!(end, StepEnd::Failed { .. })) {
            Self::Failed
        } else if any(|end| {
            matches!(end, StepEnd::Cancelled | StepEnd::LetGo { .. } | StepEnd::Skipped { .. })
        }) {
            Self::Cancelled
        } else {
            Self::Succeeded
        }
    }
}

impl Following {
    /// See [`Step::let_go`].
    #[must_use]
    pub fn let_go(&self) -> Option<LetGo> {
        match self.phase {
            _ if self.by_itself => Some(LetGo::ByItself),
            Phase::Waiting(Pause { is_hook: true, .. }) | Phase::Running => None,
            Phase::Applied | Phase::Waiting(_) => Some(LetGo::Applied),
        }
    }

    /// Whether a request to stop it is on its way.
    #[must_use]
    pub fn is_being_stopped(&self) -> bool {
        matches!(self.stop, Stop::Intended { .. })
    }
}

impl Hitch {
    /// One more answer that is of no use.
    #[must_use]
    pub fn again(earlier: Option<Self>, trouble: Trouble, now: Timestamp) -> Self {
        match earlier {
            Some(hitch) => {
                Self { trouble, since: hitch.since, tries: hitch.tries.saturating_add(1) }
            }
            None => Self { trouble, since: now, tries: 1 },
        }
    }

    /// How long to wait before asking again: 2 s, doubling to 30 s.
    #[must_use]
    pub fn back_off(&self) -> std::time::Duration {
        let doubled = 2_u64.saturating_pow(self.tries.clamp(1, 5));
        std::time::Duration::from_secs(doubled.min(30))
    }
}

impl Step {
    /// Whether something is under way for it.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Checking(_) | Self::Requesting(_) | Self::Following(_))
    }

    /// Whether the tool was given something to do for it, as far as anybody knows.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        match self {
            Self::Waiting => false,
            Self::Checking(Checking { earlier, .. }) => earlier.is_some(),
            Self::Requesting(requesting) => requesting.earlier.is_some(),
            Self::Again(_) | Self::Following(_) | Self::Ended(_) => true,
        }
    }

    /// Whether something of it is still to be begun, so that a hold means something to it.
    #[must_use]
    pub fn is_to_begin(&self) -> bool {
        match self {
            Self::Waiting | Self::Again(_) | Self::Checking(_) => true,
            Self::Following(following) => following.is_to_begin_again(),
            Self::Requesting(_) | Self::Ended(_) => false,
        }
    }

    /// Whether it was not started because of another one.
    #[must_use]
    pub fn is_skipped(&self) -> bool {
        matches!(self, Self::Ended(StepEnd::Skipped { .. }))
    }

    /// Whether it ended as planned.
    #[must_use]
    pub fn is_succeeded(&self) -> bool {
        matches!(self, Self::Ended(StepEnd::Succeeded { .. }))
    }

    /// Why nothing of ours could be stopped in the tool, if so.
    #[must_use]
    pub fn let_go(&self) -> Option<LetGo> {
        match self {
            Self::Following(following) => following.let_go(),
            _ => None,
        }
    }

    /// What it waits for, when it stands still until a person acts.
    #[must_use]
    pub fn pause(&self) -> Option<&Pause> {
        match self {
            Self::Following(following) => match &following.phase {
                Phase::Waiting(pause) => Some(pause),
                Phase::Running | Phase::Applied => None,
            },
            _ => None,
        }
    }

    /// Whether the tool does not take the request to stop it, and only a person can help.
    #[must_use]
    pub fn is_not_stopped(&self) -> bool {
        matches!(self, Self::Following(following) if following.stop == Stop::NotTaken)
    }

    /// Whether nobody knows how it ended.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Ended(StepEnd::Unknown { .. }))
    }

    /// What stands in the way, if anything.
    #[must_use]
    pub fn hitch(&self) -> Option<&Hitch> {
        match self {
            Self::Checking(checking) => checking.hitch.as_ref(),
            Self::Following(following) => following.hitch.as_ref(),
            Self::Requesting(requesting) => requesting.hitch.as_ref(),
            Self::Waiting | Self::Again(_) | Self::Ended(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::TroubleKind;

    fn ended(end: StepEnd) -> Step {
        Step::Ended(end)
    }

    #[test]
    fn what_nobody_knows_weighs_most() {
        let good =
            || ended(StepEnd::Succeeded { note: "Healthy".into(), warnings: vec![], took_ms: 1 });
        let failed = || ended(StepEnd::Failed { why: Text::verbatim("x") });
        let lost = || ended(StepEnd::Unknown { why: Text::verbatim("x") });
        assert_eq!(End::of(&[good(), good()]), End::Succeeded);
        assert_eq!(End::of(&[good(), ended(StepEnd::Cancelled)]), End::Cancelled);
        assert_eq!(End::of(&[failed(), ended(StepEnd::Cancelled)]), End::Failed);
        assert_eq!(End::of(&[failed(), lost(), good()]), End::Unknown);
    }

    #[test]
    fn asking_again_slows_down_to_half_a_minute() {
        let trouble =
            Trouble { tool: "t".into(), kind: TroubleKind::TimedOut, detail: String::new() };
        let mut hitch = None;
        let mut waits = vec![];
        for second in 0..7 {
            let next = Hitch::again(hitch, trouble.clone(), Timestamp(second));
            waits.push(next.back_off().as_secs());
            assert_eq!(next.since, Timestamp(0));
            hitch = Some(next);
        }
        assert_eq!(waits, [2, 4, 8, 16, 30, 30, 30]);
    }
}
