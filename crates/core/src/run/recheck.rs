//! After the yes the plan is read again: another plan voids the approval.

use std::time::Duration;

use crate::answer::{Answer, Trouble, TroubleKind};
use crate::audit::Fact;
use crate::call::QueryOutcome;
use crate::ids::CallId;
use crate::lang::Text;
use crate::plan::TargetPlan;
use crate::timer::TimerName;
use crate::words;

use super::state::{End, Hitch, Look, Patience, Rechecking, State};
use super::turn::{Turn, procedure};
use super::{compare, end, start, vars};

/// The name of the timer that asks again. No target is looked at in this state, and numbers of
/// timers are never used twice.
const AGAIN: TimerName = TimerName::Look(0);

/// The name of the timer that ends the asking.
const LIMIT: TimerName = TimerName::Deadline(0);

/// Reads the whole plan again.
pub(super) fn begin(turn: &mut Turn<'_>) {
    if start::may_start(turn)
        && let Some(call) = ask(turn)
    {
        let limit = Duration::from_millis(turn.run.timeout_ms);
        let timer = turn.timer(LIMIT, limit);
        let patience = Patience { timer, until: turn.ctx.now + limit };
        turn.enter(State::Rechecking(Rechecking {
            look: Look::Asked(call),
            hitch: None,
            patience,
        }));
    }
}

/// Asks the tool; ends the run when the runbook does not allow the question to be written.
fn ask(turn: &mut Turn<'_>) -> Option<CallId> {
    let call = match turn.runbook() {
        Some(runbook) => procedure(&runbook)
            .ok_or_else(|| "it changes nothing".to_owned())
            .and_then(|procedure| vars::plan(&runbook, procedure, &turn.run)),
        None => Err("its definition is missing".into()),
    };
    match call {
        Ok(call) => Some(turn.ask(call)),
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            end::end(turn, End::Failed, Some(why));
            None
        }
    }
}

/// The tool answered.
pub(super) fn answered(turn: &mut Turn<'_>, call: &CallId, outcome: &QueryOutcome) {
    let State::Rechecking(rechecking) = turn.run.state.clone() else {
        return;
    };
    if rechecking.look != Look::Asked(call.clone()) {
        return;
    }
    match parts(outcome) {
        Ok(fresh) => compared(turn, fresh),
        Err(trouble) if trouble.kind.passes() => {
            let hitch = Hitch::again(rechecking.hitch, trouble, turn.ctx.now);
            let look = Look::Later(turn.timer(AGAIN, hitch.back_off()));
            let hitch = Some(hitch);
            turn.run.state = State::Rechecking(Rechecking { look, hitch, ..rechecking });
            turn.draw();
        }
        Err(trouble) => {
            end::end(turn, End::Failed, Some(words::run::plan_unreadable(&trouble)));
        }
    }
}

/// The plan that a tool answered. Another kind of answer is a mistake in the runbook.
pub(super) fn parts(outcome: &QueryOutcome) -> Result<&[TargetPlan], Trouble> {
    match outcome {
        Ok(Answer::Plan(parts)) => Ok(parts),
        Ok(_) => Err(Trouble {
            tool: "wilco".into(),
            kind: TroubleKind::BadRequest,
            detail: "the answer is not a plan".into(),
        }),
        Err(trouble) => Err(trouble.clone()),
    }
}

/// Goes on when nothing differs; otherwise everyone is told what does.
fn compared(turn: &mut Turn<'_>, fresh: &[TargetPlan]) {
    let differences = compare::differences(&turn.run.plan, fresh, &turn.ctx.settings.environments);
    if differences.is_empty() {
        turn.stop(LIMIT);
        return start::enqueue(turn);
    }
    let run = turn.run.id.clone();
    turn.record(None, Fact::ApprovalVoid { run, why: "plan changed".into() });
    let why = words::approval::plan_changed(&Text::join(differences, "; "));
    end::end(turn, End::Failed, Some(why));
}

/// The tool was away for too long. Nothing was begun.
pub(super) fn deadline(turn: &mut Turn<'_>, generation: u64) {
    let State::Rechecking(rechecking) = turn.run.state.clone() else {
        return;
    };
    if rechecking.patience.timer != generation {
        return;
    }
    let limit = words::when::duration(Duration::from_millis(turn.run.timeout_ms));
    let last = rechecking.hitch.map(|hitch| words::trouble::sentence(&hitch.trouble));
    let why = words::run::card::not_begun_in_time(&limit, &last.unwrap_or_default());
    end::end(turn, End::Failed, Some(why));
}

/// Time to ask again.
pub(super) fn due(turn: &mut Turn<'_>, generation: u64) {
    let State::Rechecking(rechecking) = turn.run.state.clone() else {
        return;
    };
    if rechecking.look == Look::Later(generation)
        && let Some(call) = ask(turn)
    {
        turn.run.state = State::Rechecking(Rechecking { look: Look::Asked(call), ..rechecking });
    }
}
