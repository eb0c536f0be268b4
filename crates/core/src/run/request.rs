//! The one outside effect of a target: intended here, performed by the engine, settled here.

use serde_json::json;

use crate::answer::{Trouble, TroubleKind};
use crate::audit::Fact;
use crate::call::{Operation, Settlement};
use crate::ids::CallId;
use crate::plan::{Mode, TargetPlan};
use crate::words;

use super::follow::Taken;
use super::state::{Checking, Hitch, Look, Requesting, State, Step, StepEnd, Stop};
use super::turn::{Turn, procedure};
use super::{act, cancel, check, compare, follow, overdue, step, vars};

/// Intends the effect on one target. `fresh` is what was read under the lock a moment ago: what it
/// shows is stored with the intent, so that the effect can be recognised after a crash.
pub(super) fn begin(turn: &mut Turn<'_>, step: usize, checking: Checking, fresh: &TargetPlan) {
    let call = match turn.runbook() {
        Some(runbook) => procedure(&runbook)
            .ok_or_else(|| "it changes nothing".to_owned())
            .and_then(|procedure| vars::step_of(&runbook, procedure, &turn.run, &fresh.target)),
        None => Err("its definition is missing".into()),
    };
    let call = match call {
        Ok(call) => call,
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            return check::fail(turn, step, checking.earlier.as_deref(), why);
        }
    };
    let operation = Operation {
        id: turn.next_call(),
        owner: turn.key(),
        call,
        evidence: fresh.evidence.clone(),
    };
    let approved = turn.run.plan.targets.get(step);
    let there = checking.earlier.is_none()
        && approved.is_some_and(|approved| compare::is_already_there(approved, fresh));
    if fresh.mode == Mode::Watch || there {
        // The tool deploys by itself, or somebody did it before us: nothing of ours is sent, and
        // nothing of ours is claimed.
        let receipt = json!({ "mode": "watch", "revisions": fresh.revisions, "there": there });
        let taken = Taken { operation, receipt, since: turn.ctx.now, by_itself: true };
        return follow::begin(turn, step, taken);
    }
    turn.intend(operation.clone(), fresh.target.clone());
    let Checking { hitch, patience, earlier, .. } = checking;
    let requesting = Requesting { operation, since: turn.ctx.now, hitch, patience, earlier };
    step::set(turn, step, Step::Requesting(Box::new(requesting)));
}

/// An operation was settled: that of a target, or the one that stops it.
pub(super) fn settled(turn: &mut Turn<'_>, call: &CallId, settlement: &Settlement) {
    let Some(at) = turn.run.open.iter().position(|open| open == call) else {
        return;
    };
    turn.run.open.remove(at);
    let how = match settlement {
        Settlement::Done { found: false, .. } => "done",
        Settlement::Done { found: true, .. } => "found",
        Settlement::Refused { .. } => "refused",
        Settlement::Unsure { .. } => "unsure",
    };
    let (run, of) = (turn.run.id.clone(), call.to_string());
    turn.record(None, Fact::Settled { run, call: of, how: how.into() });
    if !matches!(turn.run.state, State::Running(_)) {
        return;
    }
    for step in 0..turn.run.steps.len() {
        match &turn.run.steps[step] {
            Step::Requesting(requesting) if requesting.operation.id == *call => {
                let requesting = (**requesting).clone();
                return begun(turn, step, requesting, settlement);
            }
            Step::Following(following) if matches!(&following.stop, Stop::Intended { call: of, .. } if of == call) =>
            {
                return stopped(turn, step, settlement);
            }
            Step::Following(following)
                if following.acting.as_ref().is_some_and(|acting| acting.call == *call) =>
            {
                return act::settled(turn, step, settlement);
            }
            _ => {}
        }
    }
}

/// The operation of a target was settled.
fn begun(turn: &mut Turn<'_>, step: usize, requesting: Requesting, settlement: &Settlement) {
    match settlement {
        Settlement::Done { receipt, .. } => {
            let Requesting { operation, since, .. } = requesting;
            let taken = Taken { operation, receipt: receipt.clone(), since, by_itself: false };
            follow::begin(turn, step, taken);
        }
        // Surely not taken, and the trouble passes: from the beginning, with a fresh reading and an
        // operation of its own, as if nothing had been asked.
        Settlement::Refused { trouble } if trouble.kind.passes() => {
            not_taken(turn, step, requesting, trouble);
        }
        Settlement::Refused { trouble } => {
            let why = words::trouble::sentence(trouble);
            check::fail(turn, step, requesting.earlier.as_deref(), why);
        }
        Settlement::Unsure { trouble } => {
            let why = words::trouble::happened(trouble);
            step::conclude(turn, step, StepEnd::Unknown { why });
        }
    }
}

/// Nobody knows yet whether the tool took it: the card says so. The attempt counts when it is settled.
pub(super) fn hindered(turn: &mut Turn<'_>, call: &CallId, trouble: &Trouble) {
    let now = turn.ctx.now;
    let asked = turn.run.steps.iter_mut().find_map(|step| match step {
        Step::Requesting(requesting) if requesting.operation.id == *call => Some(requesting),
        _ => None,
    });
    if let Some(requesting) = asked {
        let earlier = requesting.hitch.take();
        let tries = earlier.as_ref().map_or(0, |hitch| hitch.tries);
        requesting.hitch = Some(Hitch { tries, ..Hitch::again(earlier, trouble.clone(), now) });
        turn.draw();
    }
}

/// The tool is away and surely did not take the operation.
fn not_taken(turn: &mut Turn<'_>, step: usize, requesting: Requesting, trouble: &Trouble) {
    let Requesting { operation, hitch, patience, earlier, .. } = requesting;
    if turn.is_stopping() {
        return step::conclude(turn, step, earlier.map_or(StepEnd::Cancelled, |end| *end));
    }
    if turn.ctx.now >= patience.until {
        let hitch = Hitch::again(hitch, trouble.clone(), turn.ctx.now);
        return check::give_up(turn, step, Some(&hitch), earlier.as_deref());
    }
    let look = Look::Asked(operation.id);
    check::later(turn, step, Checking { look, hitch, patience, earlier }, trouble.clone());
}

/// The operation that stops a target was settled. Whatever the tool said to it, only looking tells
/// how the target ends.
fn stopped(turn: &mut Turn<'_>, step: usize, settlement: &Settlement) {
    match settlement {
        // One that was found may be somebody else's, and ours still on its way.
        Settlement::Done { found: true, .. } => {
            overdue::went_astray(turn, step);
            cancel::taken(turn, step);
        }
        Settlement::Done { found: false, .. } => cancel::taken(turn, step),
        Settlement::Refused { trouble } if trouble.kind == TroubleKind::Over => {
            cancel::over(turn, step);
        }
        Settlement::Refused { trouble } => cancel::not_taken(turn, step, trouble),
        Settlement::Unsure { trouble } => {
            overdue::went_astray(turn, step);
            cancel::not_taken(turn, step, trouble);
        }
    }
    turn.draw();
}
