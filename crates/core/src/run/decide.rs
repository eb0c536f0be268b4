//! A second person decides, by word or button.

use crate::audit::Fact;
use crate::ids::{MessageKey, PersonId, PlanDigest};
use crate::rights::{Decision, may_approve};
use crate::time::Timestamp;
use crate::timer::TimerName;
use crate::words;

use super::state::{Awaiting, Early, End, Given, State};
use super::turn::Turn;
use super::{card, end, expire, policy, recheck};

/// A decision. It counts for one plan, from somebody who may and did not ask for it, in time.
pub(super) fn decide(
    turn: &mut Turn<'_>,
    by: &PersonId,
    digest: Option<&PlanDigest>,
    approve: bool,
    at: Timestamp,
) {
    let what = if approve { "approve" } else { "reject" };
    let who = turn.name(by);
    let State::Awaiting(awaiting) = turn.run.state.clone() else {
        return not_waiting(turn, by, what);
    };
    // Rights first: what else is wrong concerns only somebody who may decide. They are those of now;
    // where no agreement is wanted any more, the one that was asked for still ends the waiting.
    let rule = match policy::approval(turn) {
        Ok(rule) => rule,
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            return end::end(turn, End::Failed, Some(why));
        }
    };
    if let (Some(rule), Some(approval)) = (&rule, &mut turn.run.approval) {
        approval.teams.clone_from(&rule.by);
    }
    let teams = turn.run.approval.as_ref().map_or(&[][..], |approval| &approval.teams);
    let decision = may_approve(&turn.ctx.settings.directory, by, teams, &turn.run.requester);
    if let Decision::Denied(denial) = decision {
        turn.refused(by, what, &words::approval::rule(&denial));
        turn.say(&words::approval::denied(&who, &turn.run.id, &denial));
        return;
    }
    if digest.is_some_and(|digest| *digest != turn.run.plan.digest) {
        turn.refused(by, what, "another plan");
        turn.say(&words::approval::old_card(&turn.run.id, &turn.run.plan.digest));
        return;
    }
    // Buttons name the plan, and stand on the card itself. A word is a decision only if its writer could
    // have read the card.
    if digest.is_none() {
        match awaiting.shown {
            None => {
                let early = Early { by: by.clone(), approve, at };
                return keep(turn, awaiting, early);
            }
            Some(shown) if at < shown => {
                turn.refused(by, what, "too early");
                return turn.say(&words::approval::too_early(&who, &turn.run.id));
            }
            Some(_) => {}
        }
    }
    // The platform's time counts: what was sent before the deadline wins over a late handling.
    if at > awaiting.until {
        let until = words::when::clock(awaiting.until, turn.ctx.settings.utc_offset);
        turn.refused(by, what, "too late");
        turn.say(&words::approval::too_late(&who, &turn.run.id, &until));
        return expire::expire(turn, awaiting.until);
    }
    turn.stop(TimerName::Expiry);
    let (run, plan) = (turn.run.id.clone(), turn.run.plan.digest.clone());
    if approve {
        turn.record(Some(by.clone()), Fact::Approved { run, plan });
        if let Some(approval) = &mut turn.run.approval {
            let within = rule.map_or(awaiting.until.since(turn.run.created_at), |rule| rule.within);
            approval.given = Some(Given { by: by.clone(), until: turn.ctx.now + within });
        }
        turn.say(&words::approval::approved(&turn.run.id, &who));
        recheck::begin(turn);
    } else {
        turn.record(Some(by.clone()), Fact::Rejected { run, plan });
        end::end(turn, End::Cancelled, Some(words::approval::rejected(&who)));
    }
}

/// Keeps a word until it is known whether the card stood there before it. The newest of a person counts.
fn keep(turn: &mut Turn<'_>, mut awaiting: Awaiting, early: Early) {
    awaiting.early.retain(|other| other.by != early.by);
    awaiting.early.push(early);
    turn.run.state = State::Awaiting(awaiting);
}

/// A message stands there. When it is the card, the words that waited for that are decided.
pub(super) fn posted(turn: &mut Turn<'_>, message: &MessageKey, at: Timestamp) {
    let card = turn.message(card::NAME);
    let State::Awaiting(awaiting) = &mut turn.run.state else {
        return;
    };
    if *message != card || awaiting.shown.is_some() {
        return;
    }
    awaiting.shown = Some(at);
    for early in std::mem::take(&mut awaiting.early) {
        decide(turn, &early.by, None, early.approve, early.at);
    }
}

/// Nothing waits for this decision any more; the person is told why.
fn not_waiting(turn: &mut Turn<'_>, by: &PersonId, what: &str) {
    let run = &turn.run.id;
    let given = turn.run.approval.as_ref().map(|approval| approval.given.as_ref());
    let approver = given.map(|given| given.map(|given| given.by.clone()));
    let said = match (&turn.run.state, approver) {
        (State::Ended(ended), _) => {
            words::approval::over(run, &card::how(ended.how, &turn.run.steps))
        }
        (_, Some(Some(approver))) => words::approval::already(run, &turn.name(&approver)),
        (_, _) => words::approval::not_wanted(run),
    };
    turn.refused(by, what, "not waiting for a decision");
    turn.say(&said);
}
