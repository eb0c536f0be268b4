//! A target should have ended by now, and nobody knows why it has not: an operation without an end, a hook that
//! waits for ever, health that never comes. People are told and may decide; looking goes on. Only when
//! nobody decides in as much time again, it is lost sight of.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::answer::Trouble;
use crate::audit::Fact;
use crate::ids::{CallId, PersonId};
use crate::lang::Text;
use crate::plan::TargetPlan;
use crate::timer::TimerName;
use crate::words;
use crate::words::run::overdue as say;

use super::state::{Following, Overdue, Phase, Step, StepEnd, Stop, Wanted};
use super::turn::Turn;
use super::{act, cancel, check, follow, hold, step};

/// What a person can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Have the tool stop the operation; the target ends.
    Terminate,
    /// What is under way is terminated, and the same effect intended once more after a fresh reading.
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
    /// What can be done about it now: nothing while it is in time. Once something is asked, only the waiting can be
    /// ended.
    pub(super) fn remedies(&self, part: &TargetPlan) -> Vec<Remedy> {
        match &self.overdue {
            None => Vec::new(),
            Some(Overdue { wanted: Some(_), .. }) => vec![Remedy::GiveUp],
            Some(Overdue { wanted: None, .. }) => self.possible(part),
        }
    }

    /// Only what is under way can be terminated or begun once more: what was applied stays applied, and health does
    /// not come of applying it again. A rollback tells its own operation by what was there before it, so there is
    /// only one of it; and a request to stop that may still be on its way could stop the new attempt.
    fn possible(&self, part: &TargetPlan) -> Vec<Remedy> {
        let under_way = self.let_go().is_none();
        let again = under_way && !self.astray && part.returns.is_none();
        let terminate = under_way.then_some(Remedy::Terminate);
        let again = again.then_some(Remedy::StartAgain);
        terminate.into_iter().chain(again).chain([Remedy::GiveUp]).collect()
    }

    /// What somebody wants done about it, while that is under way.
    pub(super) fn wanted(&self) -> Option<Remedy> {
        Some(self.overdue.as_ref()?.wanted.as_ref()?.remedy)
    }

    /// Whether it is begun once more as soon as it is over.
    pub(super) fn is_to_begin_again(&self) -> bool {
        self.wanted() == Some(Remedy::StartAgain)
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
        &following.possible(&turn.run.plan.targets[step]),
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
    let possible = following.possible(&turn.run.plan.targets[step]);
    match &following.overdue {
        _ if turn.is_stopping() => {
            return refuse(turn, by, word, "the run is being stopped", &old);
        }
        None => return refuse(turn, by, word, "it is in time", &old),
        Some(Overdue { wanted: Some(wanted), .. }) if remedy != Remedy::GiveUp => {
            let said = say::already(&turn.name(&wanted.by), &name, wanted.remedy);
            return refuse(turn, by, word, "something is asked already", &said);
        }
        Some(_) if !possible.contains(&remedy) => {
            return refuse(turn, by, word, "the tool does not offer it", &say::not_offered(&name));
        }
        Some(_) => {}
    }
    if remedy == Remedy::StartAgain
        && let Some((why, said)) = nothing_begins(turn, by)
    {
        return refuse(turn, by, word, why, &said);
    }
    let (run, target) = (turn.run.id.clone(), turn.run.plan.targets[step].target.clone());
    turn.record(Some(by.clone()), Fact::Acted { run, target, act: word.into() });
    let who = turn.name(by);
    turn.say(&say::asked(remedy, &who, &name));
    if remedy == Remedy::GiveUp {
        let why = say::given_up(&who, &following.last_seen());
        return step::conclude(turn, step, StepEnd::Unknown { why });
    }
    // What is asked for takes its own time.
    let deadline = follow::deadline(turn, step);
    if let Step::Following(following) = &mut turn.run.steps[step] {
        following.deadline = deadline;
    }
    set_wanted(turn, step, Some(Wanted { remedy, by: by.clone() }));
    cancel::terminate(turn, step);
    turn.draw();
}

/// Why this person cannot have something begun in the run now, if so.
fn nothing_begins(turn: &Turn<'_>, by: &PersonId) -> Option<(&'static str, Text)> {
    if turn.run.is_held() {
        return Some(("on hold", say::on_hold(&turn.run.id, &hold::resumers(turn))));
    }
    let until = hold::agreement_is_over(turn, by)?;
    let said = say::agreement_is_over(&turn.run.id, &until, &hold::approvers(turn));
    Some(("the agreement is over", said))
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

/// Why it was stopped, when somebody wanted that.
pub(super) fn terminated(turn: &Turn<'_>, following: &Following) -> Option<Text> {
    let wanted = following.overdue.as_ref()?.wanted.as_ref()?;
    Some(say::terminated(&turn.name(&wanted.by)))
}

/// A look showed this end. `true` when the target goes on all the same: somebody wants it begun once more.
///
/// Only what surely came to no good end is begun again. On hold nothing begins: it waits for its turn then.
pub(super) fn goes_on(turn: &mut Turn<'_>, step: usize, end: &StepEnd) -> bool {
    let Some(Step::Following(following)) = turn.run.steps.get(step) else { return false };
    let wanted = following.wanted() == Some(Remedy::StartAgain) && !turn.is_stopping();
    if !wanted || !matches!(end, StepEnd::Failed { .. }) {
        return false;
    }
    turn.stop(TimerName::Look(step));
    turn.stop(TimerName::Deadline(step));
    if turn.run.is_held() {
        step::set(turn, step, Step::Again(end.clone()));
    } else {
        check::begin(turn, step, Some(Box::new(end.clone())));
    }
    true
}

/// The operation was over before it could be terminated. People are told, and may decide again.
pub(super) fn applied(turn: &mut Turn<'_>, step: usize) {
    let Some(Step::Following(following)) = turn.run.steps.get_mut(step) else { return };
    if following.let_go().is_none() || following.wanted().is_none() {
        return;
    }
    if !following.is_being_stopped() {
        following.stop = Stop::No;
    }
    let stands_still = matches!(following.phase, Phase::Waiting(_));
    if stands_still {
        // It is as late as people are.
        following.overdue = None;
    }
    set_wanted(turn, step, None);
    turn.say(&say::applied(&turn.target_name(step)));
    turn.draw();
}

/// The run is being stopped: nothing else is wanted any more.
pub(super) fn forget(turn: &mut Turn<'_>, step: usize) {
    set_wanted(turn, step, None);
}

/// Nobody knows whether a request to stop it reached the tool. It is only terminated from now on.
pub(super) fn went_astray(turn: &mut Turn<'_>, step: usize) {
    let Some(Step::Following(following)) = turn.run.steps.get_mut(step) else { return };
    following.astray = true;
    let Some(Overdue { wanted: Some(wanted), .. }) = &mut following.overdue else { return };
    if wanted.remedy == Remedy::StartAgain {
        wanted.remedy = Remedy::Terminate;
        turn.say(&say::not_after_astray(&turn.target_name(step)));
    }
}

/// The tool does not terminate it: people may decide again. `false` when nobody had decided.
pub(super) fn not_terminated(turn: &mut Turn<'_>, step: usize, trouble: &Trouble) -> bool {
    let Some(Step::Following(following)) = turn.run.steps.get(step) else { return false };
    let was_wanted = following.wanted().is_some();
    if was_wanted {
        set_wanted(turn, step, None);
        turn.say(&say::stuck(&turn.target_name(step), trouble));
        follow::look_now(turn, step);
    }
    was_wanted
}
