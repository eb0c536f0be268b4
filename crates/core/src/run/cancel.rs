//! A person stops a run: at once while it waits, through the tool while something is under way.

use serde_json::{Map, Value, json};

use crate::audit::Fact;
use crate::call::{Call, Operation};
use crate::ids::{PersonId, TeamName};
use crate::rights::may;
use crate::words;

use super::state::{End, Running, State, Step, StepEnd, Stop};
use super::turn::Turn;
use super::{card, end, step};

/// The action of a connector that stops an operation of ours.
const TERMINATE: &str = "terminate";

/// Somebody wants the run to stop.
pub(super) fn cancel(turn: &mut Turn<'_>, by: &PersonId) {
    if let State::Ended(ended) = &turn.run.state {
        let said = words::approval::over(&turn.run.id, &card::how(ended));
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
    let again = turn
        .run
        .steps
        .iter()
        .any(|step| matches!(step, Step::Following(f) if f.stop == Stop::NotTaken));
    if let Some(earlier) = running.stopping.as_ref().filter(|_| !again) {
        let said = words::run::already_stopping(&turn.run.id, &turn.name(earlier));
        return turn.say(&said);
    }
    turn.record(Some(by.clone()), Fact::CancelAsked { run: turn.run.id.clone() });
    turn.say(&words::run::stopping(&turn.run.id, &who));
    turn.enter(State::Running(Running { stopping: Some(by.clone()), ..running }));
    for step in 0..turn.run.steps.len() {
        stop(turn, step);
    }
}

/// Stops one target. What is being requested is stopped once the tool took it: see `follow::begin`.
pub(super) fn stop(turn: &mut Turn<'_>, step: usize) {
    match &turn.run.steps[step] {
        Step::Checking(_) => step::conclude(turn, step, StepEnd::Cancelled),
        // The tool does it by itself: there is nothing of ours to stop.
        Step::Following(following) if following.by_itself => {
            step::conclude(turn, step, StepEnd::Cancelled);
        }
        Step::Following(following) if matches!(following.stop, Stop::No | Stop::NotTaken) => {
            let (of, target) =
                (following.operation.clone(), turn.run.plan.targets[step].target.clone());
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
            let asked = Stop::Intended(operation.id.clone());
            turn.intend(operation, target);
            if let Step::Following(following) = &mut turn.run.steps[step] {
                following.stop = asked;
            }
        }
        Step::Waiting | Step::Requesting(_) | Step::Following(_) | Step::Ended(_) => {}
    }
}

/// Whether this person may stop or settle the run: the requester, who may start such runs, who may
/// approve this one. Others are told.
pub(super) fn may_touch(turn: &mut Turn<'_>, by: &PersonId, what: &str) -> bool {
    if *by == turn.run.requester {
        return true;
    }
    let mut teams: Vec<TeamName> =
        turn.runbook().map(|runbook| runbook.who.clone()).unwrap_or_default();
    teams.extend(turn.run.approval.iter().flat_map(|approval| approval.teams.iter().cloned()));
    teams.dedup();
    let person = turn.ctx.settings.directory.person(by);
    if person.is_some_and(|person| may(person, &teams).is_allowed()) {
        return true;
    }
    let allowed = words::approval::teams(&teams);
    turn.refused(by, what, &format!("neither requester nor in {allowed}"));
    turn.say(&words::run::may_not_touch(&turn.run.id, &turn.name(by), &allowed));
    false
}
