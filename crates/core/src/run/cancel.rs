//! A person stops a run: at once while it waits, through the tool while something is under way.

use serde_json::{Map, Value, json};

use crate::answer::Trouble;
use crate::audit::Fact;
use crate::call::{Call, Operation};
use crate::ids::PersonId;
use crate::lang::Text;
use crate::rights::may;
use crate::words;

use super::state::{End, LetGo, Running, State, Step, StepEnd, Stop};
use super::turn::Turn;
use super::{card, end, follow, hold, overdue, policy, step};

/// The action of a connector that stops an operation of ours.
const TERMINATE: &str = "terminate";

/// How often a tool is asked to stop a target before a person is: over half a minute of looks.
const TRIES: u32 = 10;

/// Somebody wants the run to stop.
pub(super) fn cancel(turn: &mut Turn<'_>, by: &PersonId) {
    if let State::Ended(ended) = &turn.run.state {
        let said = words::approval::over(&turn.run.id, &card::how(ended.how, &turn.run.steps));
        turn.refused(by, "cancel", "already over");
        return turn.say(&said);
    }
    if !may_touch(turn, by, "cancel") {
        return;
    }
    let who = turn.name(by);
    let State::Running(running) = turn.run.state.clone() else {
        turn.record(Some(by.clone()), Fact::CancelAsked { run: turn.run.id.clone() });
        return end::end(turn, End::Cancelled, Some(words::run::cancelled_by(&who)));
    };
    // A second request helps only where the tool did not take the first one.
    let again = turn.run.steps.iter().any(Step::is_not_stopped);
    if let Some(earlier) = running.stopping.as_ref().filter(|_| !again) {
        let said = words::run::already_stopping(&turn.run.id, &turn.name(earlier));
        return turn.say(&said);
    }
    turn.record(Some(by.clone()), Fact::CancelAsked { run: turn.run.id.clone() });
    turn.say(&words::run::stopping(&turn.run.id, &who, &under_way(turn)));
    hold::forget(turn);
    turn.enter(State::Running(Running { stopping: Some(by.clone()), ..running }));
    for step in 0..turn.run.steps.len() {
        overdue::forget(turn, step);
        stop(turn, step);
    }
}

/// What becomes of that which is under way, as the latest looks showed it.
fn under_way(turn: &Turn<'_>) -> Text {
    let steps = &turn.run.steps;
    let ours = |step: &Step| match step {
        Step::Requesting(_) => true,
        Step::Following(following) => following.let_go().is_none(),
        Step::Waiting | Step::Again(_) | Step::Checking(_) | Step::Ended(_) => false,
    };
    let let_go = |why| steps.iter().any(|step| step.let_go() == Some(why));
    let mut told = Vec::new();
    if steps.iter().any(ours) {
        told.push(words::run::being_stopped());
    }
    if let_go(LetGo::Applied) {
        told.push(words::run::stays_applied());
    }
    if let_go(LetGo::ByItself) {
        told.push(words::run::goes_on_by_itself());
    }
    Text::join(told, " ")
}

/// The tool did not take the request to stop, or nobody knows whether it did. Where that passes it is
/// asked again at the next look; that is said once.
pub(super) fn not_taken(turn: &mut Turn<'_>, step: usize, trouble: &Trouble) {
    let name = turn.target_name(step);
    let Some(Step::Following(following)) = turn.run.steps.get_mut(step) else {
        return;
    };
    let Stop::Intended { tries, .. } = following.stop else {
        return;
    };
    // It was over before: the next look ends it, or it was told.
    if following.let_go().is_some() || following.over {
        following.stop = if following.over { Stop::Answered } else { Stop::No };
        return follow::look_now(turn, step);
    }
    let tries = tries.saturating_add(1);
    if trouble.kind.passes() && tries < TRIES {
        following.stop = Stop::Again { tries };
        if tries == 1 {
            turn.say(&words::run::not_stopped_yet(&name, trouble));
        }
    } else {
        following.stop = Stop::NotTaken;
        if !overdue::not_terminated(turn, step, trouble) {
            turn.say(&words::run::stop_refused(&name, trouble));
        }
    }
}

/// The tool took it. Only looking tells what becomes of it, soon.
pub(super) fn taken(turn: &mut Turn<'_>, step: usize) {
    if let Some(Step::Following(following)) = turn.run.steps.get_mut(step) {
        following.stop = Stop::Answered;
        follow::look_soon(turn, step);
    }
}

/// The tool has nothing to stop any more. That does not tell what became of it: looking does, now.
pub(super) fn over(turn: &mut Turn<'_>, step: usize) {
    if let Some(Step::Following(following)) = turn.run.steps.get_mut(step) {
        following.stop = Stop::Answered;
        follow::look_now(turn, step);
    }
}

/// Stops one target. What is being requested is stopped once the tool took it: see `follow::begin`.
pub(super) fn stop(turn: &mut Turn<'_>, step: usize) {
    match &turn.run.steps[step] {
        Step::Checking(checking) => {
            let end = checking.earlier.clone().map_or(StepEnd::Cancelled, |end| *end);
            step::conclude(turn, step, end);
        }
        Step::Again(earlier) => {
            let end = earlier.clone();
            step::conclude(turn, step, end);
        }
        Step::Following(following) => match following.let_go() {
            // What is settled first decides: see `follow::until_settled`.
            Some(why) if !following.is_being_stopped() => {
                step::conclude(turn, step, StepEnd::LetGo { why });
            }
            _ => terminate(turn, step),
        },
        Step::Waiting | Step::Requesting(_) | Step::Ended(_) => {}
    }
}

/// Asks the tool to stop what is under way of one target, unless it is asked already or nothing is.
pub(super) fn terminate(turn: &mut Turn<'_>, step: usize) {
    let Step::Following(following) = &turn.run.steps[step] else { return };
    let tries = match following.stop {
        Stop::No | Stop::NotTaken => 0,
        Stop::Again { tries } => tries,
        Stop::Intended { .. } | Stop::Answered => return,
    };
    if following.let_go().is_some() {
        return;
    }
    let (of, target) = (following.operation.clone(), turn.run.plan.targets[step].target.clone());
    let with: Map<String, Value> =
        [("app".to_owned(), json!(target)), ("operation".to_owned(), json!(of.id))]
            .into_iter()
            .collect();
    let operation = Operation {
        id: turn.next_call(),
        owner: turn.key(),
        call: Call { connector: of.call.connector, action: TERMINATE.into(), with },
        evidence: of.evidence,
    };
    let asked = Stop::Intended { call: operation.id.clone(), tries };
    turn.intend(operation, target);
    if let Step::Following(following) = &mut turn.run.steps[step] {
        following.stop = asked;
    }
}

/// Whether this person may stop or settle the run: the requester, who may start such runs, who may
/// approve this one. Others are told.
pub(super) fn may_touch(turn: &mut Turn<'_>, by: &PersonId, what: &str) -> bool {
    if *by == turn.run.requester {
        return true;
    }
    let mut teams = policy::who(turn);
    for team in turn.run.approval.iter().flat_map(|approval| &approval.teams) {
        if !teams.contains(team) {
            teams.push(team.clone());
        }
    }
    let person = turn.ctx.settings.directory.person(by);
    if person.is_some_and(|person| may(person, &teams).is_allowed()) {
        return true;
    }
    let allowed = words::approval::teams(&teams);
    turn.refused(by, what, &format!("neither requester nor in {allowed}"));
    turn.say(&words::run::may_not_touch(&turn.run.id, &turn.name(by), &allowed));
    false
}
