//! A target should have ended by now, and nobody knows why it has not: an operation without an end, a hook that
//! waits for ever, health that never comes. People are told and may decide; looking goes on. Only when
//! nobody decides in as much time again, it is lost sight of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answer::Trouble;
use crate::audit::Fact;
use crate::ids::{CallId, PersonId};
use crate::lang::Text;
use crate::timer::TimerName;
use crate::words;
use crate::words::run::overdue as say;

use super::state::{Following, LetGo, Overdue, Phase, Step, StepEnd, Wanted};
use super::turn::Turn;
use super::{act, cancel, check, follow, step};

/// What a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Have the tool stop the operation; the target ends.
    Terminate,
    /// The same effect once more, after a fresh reading; what is under way is terminated before.
    StartAgain,
    /// Wait no longer: what became of it, a person says who looked.
    GiveUp,
}

impl Remedy {
    /// The word of the audit log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Terminate => "terminate",
            Self::StartAgain => "start again",
            Self::GiveUp => "give up",
        }
    }
}

impl Following {
    /// What can be done about it now; nothing while it is in time, or while something is asked already.
    pub(super) fn remedies(&self) -> Vec<Remedy> {
        match &self.overdue {
            Some(Overdue { wanted: None, .. }) => self.possible(),
            _ => Vec::new(),
        }
    }

    fn possible(&self) -> Vec<Remedy> {
        let terminate = self.let_go().is_none().then_some(Remedy::Terminate);
        // What the tool does by itself it also starts again by itself.
        let again = (!self.by_itself).then_some(Remedy::StartAgain);
        terminate.into_iter().chain(again).chain([Remedy::GiveUp]).collect()
    }

    /// The last that was seen of it, as people read it.
    pub(super) fn last_seen(&self) -> Text {
        match &self.hitch {
            Some(hitch) => words::trouble::happened(&hitch.trouble),
            None => Text::verbatim(self.note.clone()),
        }
    }
}

/// Its time is over.
pub(super) fn begin(turn: &mut Turn<'_>, step: usize, following: &Following) {
    let limit = Duration::from_millis(turn.run.timeout_ms);
    let until = turn.ctx.now + limit;
    let deadline = turn.timer(TimerName::Deadline(step), limit);
    let clock = |at| words::when::clock(at, turn.ctx.settings.utc_offset);
    let said = say::begun(
        &turn.target_name(step),
        &words::when::duration(limit),
        &following.last_seen(),
        &clock(until),
        &following.possible(),
    );
    let overdue = Some(Overdue { since: turn.ctx.now, wanted: None });
    let following = Following { deadline, overdue, ..following.clone() };
    turn.run.steps[step] = Step::Following(Box::new(following));
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
    turn.draw();
}

/// Somebody decided about the operation that a button showed.
pub(super) fn decide(
    turn: &mut Turn<'_>,
    by: &PersonId,
    pressed: (usize, &CallId),
    remedy: Remedy,
) {
    let (step, shown) = pressed;
    let word = remedy.as_str();
    let old = say::old(&turn.run.id);
    let following = match turn.run.steps.get(step) {
        Some(Step::Following(following)) if following.operation.id == *shown => following.clone(),
        _ => return refuse(turn, by, word, "an old button", &old),
    };
    if !act::may_act(turn, by, word) {
        return;
    }
    let name = turn.target_name(step);
    match &following.overdue {
        _ if turn.is_stopping() => {
            return refuse(turn, by, word, "the run is being stopped", &old);
        }
        None => return refuse(turn, by, word, "it is in time", &old),
        Some(Overdue { wanted: Some(wanted), .. }) => {
            let said = say::already(&turn.name(&wanted.by), &name, wanted.remedy);
            return refuse(turn, by, word, "something is asked already", &said);
        }
        Some(_) if !following.possible().contains(&remedy) => {
            return refuse(turn, by, word, "nothing is under way", &say::not_offered(&name));
        }
        Some(_) => {}
    }
    let (run, target) = (turn.run.id.clone(), turn.run.plan.targets[step].target.clone());
    turn.record(Some(by.clone()), Fact::Acted { run, target, act: word.into() });
    let who = turn.name(by);
    turn.say(&say::asked(remedy, &who, &name, following.let_go() == Some(LetGo::Applied)));
    if remedy == Remedy::GiveUp {
        let why = say::given_up(&who, &following.last_seen());
        return step::conclude(turn, step, StepEnd::Unknown { why });
    }
    set_wanted(turn, step, Some(Wanted { remedy, by: by.clone() }));
    if follow_wish(turn, step, None).is_none() {
        cancel::stop(turn, step);
    }
    turn.draw();
}

fn refuse(turn: &mut Turn<'_>, by: &PersonId, word: &str, why: &str, said: &Text) {
    turn.refused(by, word, why);
    turn.say(said);
}

fn set_wanted(turn: &mut Turn<'_>, step: usize, wanted: Option<Wanted>) {
    if let Some(Step::Following(following)) = turn.run.steps.get_mut(step)
        && let Some(overdue) = &mut following.overdue
    {
        overdue.wanted = wanted;
    }
}

/// What was wanted of this target is carried out now that nothing of it is under way any more: `end` is how
/// the operation ended, if it did. `None` when nothing was wanted, or something still is under way.
pub(super) fn follow_wish(turn: &mut Turn<'_>, step: usize, end: Option<&StepEnd>) -> Option<()> {
    let Some(Step::Following(following)) = turn.run.steps.get(step) else { return None };
    let wanted = following.overdue.as_ref()?.wanted.as_ref()?;
    let is_over = end.is_some() || matches!(following.phase, Phase::Applied);
    match wanted.remedy {
        // One that came to a good end after all is not started again, and nothing is in a run that is being stopped.
        Remedy::StartAgain if is_over && !turn.is_stopping() => {
            if matches!(end, Some(StepEnd::Succeeded { .. })) {
                return None;
            }
            turn.stop(TimerName::Look(step));
            check::begin(turn, step);
            Some(())
        }
        // It was over before it could be terminated: people may decide again.
        Remedy::Terminate if is_over && end.is_none() => {
            set_wanted(turn, step, None);
            turn.draw();
            None
        }
        Remedy::StartAgain | Remedy::Terminate | Remedy::GiveUp => None,
    }
}

/// The tool does not terminate it: people may decide again. `false` when nobody had decided.
pub(super) fn not_terminated(turn: &mut Turn<'_>, step: usize, trouble: &Trouble) -> bool {
    let Some(Step::Following(following)) = turn.run.steps.get(step) else { return false };
    let was_wanted = following.overdue.as_ref().is_some_and(|overdue| overdue.wanted.is_some());
    if was_wanted {
        set_wanted(turn, step, None);
        turn.say(&say::stuck(&turn.target_name(step), trouble));
        follow::look_now(turn, step);
    }
    was_wanted
}
