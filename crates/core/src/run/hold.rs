//! A brake: nothing new begins until somebody who answers for the run lets it go on. What is under way
//! is not touched, and locks stay.

use std::time::Duration;

use crate::audit::Fact;
use crate::ids::PersonId;
use crate::lang::Text;
use crate::people::Member;
use crate::rights::{Decision, may, may_approve};
use crate::timer::TimerName;
use crate::words;
use crate::words::run::hold as say;

use super::state::{Held, State, Step, WasHeld};
use super::turn::Turn;
use super::{card, policy, step};

/// When people are reminded that it is on hold, first.
const REMIND: Duration = Duration::from_mins(10);

/// And then again and again.
const REMIND_AGAIN: Duration = Duration::from_mins(30);

/// Somebody in the room wants nothing new to begin. Everyone may: it does no harm, and whoever sees
/// something wrong should not have to look for somebody who may say so.
pub(super) fn hold(turn: &mut Turn<'_>, by: &Member) {
    let run = turn.run.id.clone();
    let refusal = match &turn.run.state {
        State::Ended(ended) => {
            let how = card::how(ended.how, &turn.run.steps);
            Some(("already over", words::approval::over(&run, &how)))
        }
        State::Running(running) if running.stopping.is_some() => {
            let who = running.stopping.as_ref().map(|who| turn.name(who)).unwrap_or_default();
            Some(("being stopped", words::run::already_stopping(&run, &who)))
        }
        State::Running(_) if !turn.run.steps.iter().any(Step::is_to_begin) => {
            Some(("nothing is left to begin", say::nothing_left(&run)))
        }
        _ => turn.run.held.as_ref().map(|held| {
            ("on hold already", say::already_held(&run, &turn.member(&held.by), &resumers(turn)))
        }),
    };
    let (who, account) = match by {
        Member::Person(person) => (Some(person.clone()), None),
        Member::Account(account) => (None, Some(account.clone())),
    };
    if let Some((why, said)) = refusal {
        let account = account.map(|account| format!(", account {account}")).unwrap_or_default();
        let what = Fact::Refused { what: format!("hold {run}"), why: format!("{why}{account}") };
        turn.record(who, what);
        return turn.say(&said);
    }
    let waiting = not_begun(turn);
    turn.record(who, Fact::Held { run: run.clone(), account });
    let remind = turn.timer(TimerName::Remind, REMIND);
    turn.run.held = Some(Held { by: by.clone(), since: turn.ctx.now, remind });
    put_back(turn);
    let goes_on = turn.run.steps.iter().any(Step::is_active);
    turn.say(&say::held(&run, &turn.member(by), goes_on, &waiting, &resumers(turn)));
    turn.draw();
}

/// Somebody wants it to go on: only who started it and who may agree to it. An agreement is for now: when
/// it is over, the one who started it no longer can, and another agreement takes its place.
pub(super) fn resume(turn: &mut Turn<'_>, by: &PersonId) {
    let run = turn.run.id.clone();
    let Some(held) = turn.run.held.clone() else {
        turn.refused(by, "resume", "not on hold");
        return turn.say(&say::not_held(&run));
    };
    let agrees = may_agree(turn, by);
    if *by != turn.run.requester && !agrees {
        turn.refused(by, "resume", "neither requester nor approver");
        return turn.say(&say::may_not_resume(&run, &turn.name(by), &resumers(turn)));
    }
    if !agrees {
        let directory = &turn.ctx.settings.directory;
        let still = directory.person(by).is_some_and(|by| may(by, &policy::who(turn)).is_allowed());
        if !still {
            turn.refused(by, "resume", "may not start it any more");
            return turn.say(&say::may_not_resume(&run, &turn.name(by), &resumers(turn)));
        }
        if let Some(until) = agreement_is_over(turn, by) {
            turn.refused(by, "resume", "the agreement is over");
            return turn.say(&say::agreement_is_over(&run, &until, &approvers(turn)));
        }
    }
    turn.record(Some(by.clone()), Fact::Resumed { run: run.clone() });
    turn.say(&say::resumed(&run, &turn.name(by)));
    forget(turn);
    turn.draw();
    if matches!(turn.run.state, State::Queued(_)) {
        // The number of the reminder names this telling for ever.
        turn.wake(format!("{run} goes on after hold {}", held.remind), run);
    }
}

/// An agreement is for now. Until when it counted, when it is over and this person cannot give another.
pub(super) fn agreement_is_over(turn: &Turn<'_>, by: &PersonId) -> Option<String> {
    let given = turn.run.approval.as_ref()?.given.as_ref()?;
    if turn.ctx.now < given.until || may_agree(turn, by) {
        return None;
    }
    Some(words::when::clock(given.until, turn.ctx.settings.utc_offset))
}

/// The hold is over, or the run is.
pub(super) fn forget(turn: &mut Turn<'_>) {
    if let Some(Held { by, since, .. }) = turn.run.held.take() {
        turn.run.was_held.push(WasHeld { by, since, until: turn.ctx.now });
        turn.stop(TimerName::Remind);
    }
}

/// What was read and not begun waits again.
pub(super) fn put_back(turn: &mut Turn<'_>) {
    if !turn.run.is_held() {
        return;
    }
    for at in 0..turn.run.steps.len() {
        let Step::Checking(checking) = &turn.run.steps[at] else { continue };
        let earlier = checking.earlier.clone();
        turn.stop(TimerName::Look(at));
        turn.stop(TimerName::Deadline(at));
        step::set(turn, at, earlier.map_or(Step::Waiting, |earlier| Step::Again(*earlier)));
    }
}

/// It may be forgotten.
pub(super) fn remind(turn: &mut Turn<'_>, generation: u64) {
    let Some(held) = turn.run.held.clone().filter(|held| held.remind == generation) else {
        return;
    };
    let since = words::when::clock(held.since, turn.ctx.settings.utc_offset);
    let said = say::reminder(&turn.run.id, &turn.member(&held.by), &since, &resumers(turn));
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
    let remind = turn.timer(TimerName::Remind, REMIND_AGAIN);
    turn.run.held = Some(Held { remind, ..held });
}

/// Who may let it go on, as people call them.
pub(super) fn resumers(turn: &Turn<'_>) -> String {
    let mut names = vec![turn.name(&turn.run.requester)];
    names.extend(Some(approvers(turn)).filter(|teams| !teams.is_empty()));
    names.join(", ")
}

/// Who may agree to it, as people call them.
pub(super) fn approvers(turn: &Turn<'_>) -> String {
    words::approval::teams(turn.run.approval.as_ref().map_or(&[], |approval| &approval.teams))
}

/// Whether this person may agree to the run, by the rule of now.
fn may_agree(turn: &Turn<'_>, by: &PersonId) -> bool {
    let rule = policy::approval(turn).ok().flatten();
    let asked = turn.run.approval.as_ref().map(|approval| approval.teams.clone());
    let teams = rule.map(|rule| rule.by).or(asked).unwrap_or_default();
    let directory = &turn.ctx.settings.directory;
    matches!(may_approve(directory, by, &teams, &turn.run.requester), Decision::Allowed { .. })
}

/// What does not begin, as people call it.
fn not_begun(turn: &Turn<'_>) -> Vec<String> {
    let steps = turn.run.steps.iter().enumerate();
    steps.filter(|(_, step)| step.is_to_begin()).map(|(at, _)| turn.target_name(at)).collect()
}
