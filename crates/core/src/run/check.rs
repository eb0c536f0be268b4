//! Under its lock each target is read once more and compared with what was approved. While the tool
//! is away this goes on, as long as a target may take; nothing was begun yet.

use std::time::Duration;

use crate::answer::{Trouble, TroubleKind};
use crate::call::QueryOutcome;
use crate::ids::CallId;
use crate::lang::Text;
use crate::plan::{Mode, TargetPlan};
use crate::timer::TimerName;
use crate::words;

use super::state::{Checking, Hitch, Look, Patience, Step, StepEnd};
use super::turn::{Turn, procedure};
use super::{compare, recheck, request, step, vars};

/// Reads the plan of one target again. `earlier`: see [`Checking::earlier`].
pub(super) fn begin(turn: &mut Turn<'_>, step: usize, earlier: Option<Box<StepEnd>>) {
    if let Some(call) = ask(turn, step, earlier.as_deref()) {
        let limit = Duration::from_millis(turn.run.timeout_ms);
        let timer = turn.timer(TimerName::Deadline(step), limit);
        let patience = Patience { timer, until: turn.ctx.now + limit };
        let checking = Checking { look: Look::Asked(call), hitch: None, patience, earlier };
        step::set(turn, step, Step::Checking(checking));
    }
}

/// Asks again after trouble.
pub(super) fn again(turn: &mut Turn<'_>, step: usize, checking: Checking) {
    if let Some(call) = ask(turn, step, checking.earlier.as_deref()) {
        let checking = Checking { look: Look::Asked(call), ..checking };
        step::set(turn, step, Step::Checking(checking));
    }
}

/// The tool is away, or did not take the request: nothing was begun, and it is read again later.
pub(super) fn later(turn: &mut Turn<'_>, step: usize, checking: Checking, trouble: Trouble) {
    let hitch = Hitch::again(checking.hitch, trouble, turn.ctx.now);
    let look = Look::Later(turn.timer(TimerName::Look(step), hitch.back_off()));
    let checking = Checking { look, hitch: Some(hitch), ..checking };
    step::set(turn, step, Step::Checking(checking));
}

/// It took too long to begin. Nothing was begun, so this is a failure and no lost sight.
pub(super) fn give_up(
    turn: &mut Turn<'_>,
    step: usize,
    hitch: Option<&Hitch>,
    earlier: Option<&StepEnd>,
) {
    let limit = words::when::duration(Duration::from_millis(turn.run.timeout_ms));
    let last = hitch.map(|hitch| words::trouble::sentence(&hitch.trouble)).unwrap_or_default();
    let why = match earlier {
        None => words::run::card::not_begun_in_time(&limit, &last),
        Some(_) => words::run::overdue::not_again(&limit, &last),
    };
    step::conclude(turn, step, StepEnd::Failed { why });
}

/// Nothing is begun, for this reason.
pub(super) fn fail(turn: &mut Turn<'_>, step: usize, earlier: Option<&StepEnd>, why: Text) {
    let why = match earlier {
        None => why,
        Some(_) => words::run::overdue::not_again_because(&why),
    };
    step::conclude(turn, step, StepEnd::Failed { why });
}

/// Asks the tool; ends the target when the runbook does not allow the question to be written.
fn ask(turn: &mut Turn<'_>, step: usize, earlier: Option<&StepEnd>) -> Option<CallId> {
    let target = turn.run.plan.targets.get(step)?.target.clone();
    let call = match turn.runbook() {
        Some(runbook) => procedure(&runbook)
            .ok_or_else(|| "it changes nothing".to_owned())
            .and_then(|procedure| vars::plan_of(&runbook, procedure, &turn.run, &target)),
        None => Err("its definition is missing".into()),
    };
    match call {
        Ok(call) => Some(turn.ask(call)),
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            fail(turn, step, earlier, why);
            None
        }
    }
}

/// The tool answered: nothing is under way, so every doubt ends the target without harm.
pub(super) fn answered(
    turn: &mut Turn<'_>,
    step: usize,
    checking: Checking,
    outcome: &QueryOutcome,
) {
    let why = match recheck::parts(outcome) {
        Ok(parts) => match compared(turn, step, parts, checking.earlier.is_some()) {
            Ok(fresh) => return request::begin(turn, step, checking, &fresh),
            Err(why) => why,
        },
        Err(trouble) if trouble.kind.passes() => {
            return later(turn, step, checking, trouble);
        }
        Err(trouble) => words::trouble::sentence(&trouble),
    };
    fail(turn, step, checking.earlier.as_deref(), why);
}

/// The fresh part of this target when it is as approved and nothing stands in the way.
fn compared(
    turn: &Turn<'_>,
    step: usize,
    parts: &[TargetPlan],
    is_another_attempt: bool,
) -> Result<TargetPlan, Text> {
    let plan = &turn.run.plan;
    let Some(approved) = plan.targets.get(step) else {
        return Err(words::trouble::sentence(&Trouble {
            tool: "wilco".into(),
            kind: TroubleKind::NotFound,
            detail: String::new(),
        }));
    };
    let environments = &turn.ctx.settings.environments;
    if let Some(differs) = compare::environment(plan, &approved.target, environments) {
        return Err(words::run::changed_since(&differs));
    }
    let name = words::run::name(plan, &approved.target);
    let fresh = parts.iter().find(|part| part.target == approved.target);
    match fresh {
        // The attempt before may have brought some of it, or all: it is done whole, with its hooks.
        Some(fresh) if is_another_attempt && compare::is_rest_of(approved, fresh) => {
            Ok(TargetPlan { evidence: fresh.evidence_after(approved), ..fresh.clone() })
        }
        Some(fresh) if compare::is_same(approved, fresh) => match &fresh.obstacle {
            // Another run did the same meanwhile: what remains is to see that it is healthy.
            _ if compare::is_already_there(approved, fresh) => {
                Ok(TargetPlan { evidence: approved.evidence.clone(), ..fresh.clone() })
            }
            // What deploys by itself may be at it already, or be done: that is what is watched.
            Some(obstacle) if fresh.mode == Mode::Start => {
                Err(words::plan::obstacle_reason(obstacle))
            }
            // What was there before it began tells more about how it ends.
            _ if compare::has_begun_by_itself(approved, fresh) => {
                Ok(TargetPlan { evidence: approved.evidence.clone(), ..fresh.clone() })
            }
            _ => Ok(fresh.clone()),
        },
        _ => Err(words::run::changed_since(&words::run::differs(&name, approved, fresh))),
    }
}
