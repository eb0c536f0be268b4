//! From the yes to the first effect: locks, rights, the notice.

use crate::audit::Fact;
use crate::ids::PersonId;
use crate::lang::Text;
use crate::rights::{Decision, Denial, may, may_approve};
use crate::timer::TimerName;
use crate::words;

use super::state::{End, Given, Queued, Running, State};
use super::turn::Turn;
use super::{announce, compare, end, expire, lock, policy, removed};

/// Goes to the locks. The run is woken by an event of its own, for which the engine loads them: they
/// are not loaded for the event that creates a run.
pub(super) fn enqueue(turn: &mut Turn<'_>) {
    let given = turn.run.approval.as_ref().and_then(|approval| approval.given.as_ref());
    let limit = given.map(|given| given.until.since(turn.ctx.now));
    let expiry = limit.map(|limit| turn.timer(TimerName::Expiry, limit));
    turn.enter(State::Queued(Queued { since: turn.ctx.now, expiry }));
    turn.wake(format!("{} wants its locks", turn.run.id), turn.run.id.clone());
}

/// A lock may have changed hands, or a place in the queue.
pub(super) fn granted(turn: &mut Turn<'_>) {
    if !matches!(turn.run.state, State::Queued(_)) {
        return;
    }
    if !lock::take(turn) || turn.run.is_held() {
        return turn.draw();
    }
    if may_start(turn) && is_same_place(turn) {
        turn.stop(TimerName::Expiry);
        turn.enter(State::Running(Running { since: turn.ctx.now, stopping: None }));
        announce::start(turn);
    }
}

/// Whether it may begin: the runbook still stands, and the one who asked still may. Ends the run
/// otherwise.
pub(super) fn may_start(turn: &mut Turn<'_>) -> bool {
    removed::check(turn);
    if matches!(turn.run.state, State::Ended(_)) {
        return false;
    }
    let who = policy::who(turn);
    let requester = turn.run.requester.clone();
    let decision = turn
        .ctx
        .settings
        .directory
        .person(&requester)
        .map_or(Decision::Denied(Denial::Unknown), |person| may(person, &who));
    if let Decision::Denied(denial) = decision {
        turn.refused(&requester, "start", &words::approval::rule(&denial));
        let why = words::approval::requester_may_not(&turn.name(&requester), &denial);
        end::end(turn, End::Failed, Some(why));
        return false;
    }
    is_agreed(turn, &requester)
}

/// The environment decides whether a second person has to agree, so one that waited for its locks must
/// still be where it was. Ends the run otherwise.
fn is_same_place(turn: &mut Turn<'_>) -> bool {
    let differences = compare::environments(&turn.run.plan, &turn.ctx.settings.environments);
    if differences.is_empty() {
        return true;
    }
    if turn.run.approval.is_some() {
        let run = turn.run.id.clone();
        turn.record(None, Fact::ApprovalVoid { run, why: "plan changed".into() });
    } else {
        turn.refused(&turn.run.requester.clone(), "start", "another environment");
    }
    let why = words::run::elsewhere_now(&Text::join(differences, "; "));
    end::end(turn, End::Failed, Some(why));
    false
}

/// A run may have waited long for its locks: an agreement that is wanted now must be there, from one
/// who may agree now, and recent. Ends the run otherwise.
fn is_agreed(turn: &mut Turn<'_>, requester: &PersonId) -> bool {
    let rule = match policy::approval(turn) {
        Ok(Some(rule)) => rule,
        Ok(None) => return true,
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            end::end(turn, End::Failed, Some(why));
            return false;
        }
    };
    let given = turn.run.approval.as_ref().and_then(|approval| approval.given.clone());
    let Some(Given { by, until }) = given else {
        turn.refused(requester, "start", "approval wanted");
        end::end(turn, End::Failed, Some(words::approval::wanted_by_now(&rule.by)));
        return false;
    };
    if turn.ctx.now >= until {
        expire::too_old(turn, until);
        return false;
    }
    let directory = &turn.ctx.settings.directory;
    let Decision::Denied(denial) = may_approve(directory, &by, &rule.by, requester) else {
        return true;
    };
    turn.refused(&by, "approve", &words::approval::rule(&denial));
    let why = words::approval::approver_may_no_longer(&turn.name(&by));
    end::end(turn, End::Failed, Some(why));
    false
}
