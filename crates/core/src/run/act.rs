//! A target stands still until a person acts, and a person has the tool do something about it: end the
//! pause, go to the end, go back. One operation like all others: intended, done, settled.

use serde_json::{Map, Value, json};

use crate::answer::{Act, Pause, Trouble, TroubleKind};
use crate::audit::Fact;
use crate::call::{Call, Operation, Settlement};
use crate::ids::PersonId;
use crate::lang::Text;
use crate::rights::may;
use crate::words;
use crate::words::run::pause as say;

use super::state::{Acting, Following, Phase, Step};
use super::turn::Turn;
use super::{follow, policy};

/// Somebody wants something done about a pause. A button names the pause; a word means the first one.
pub(super) fn act(turn: &mut Turn<'_>, by: &PersonId, act: Act, pressed: Option<(usize, &str)>) {
    let word = act.as_str();
    let step = match pressed {
        Some((step, _)) => turn.run.steps.get(step).and_then(Step::pause).map(|_| step),
        None => turn.run.steps.iter().position(|step| step.pause().is_some()),
    };
    let following = step.and_then(|step| Some((step, following(turn, step)?)));
    let Some((step, (mut following, pause))) = following else {
        turn.refused(by, word, "nothing stands still");
        return turn.say(&say::nothing(&turn.run.id));
    };
    if !may_act(turn, by, word) {
        return;
    }
    let name = turn.target_name(step);
    let old = pressed.is_some_and(|(_, shown)| shown != pause.id);
    let refusal = if let Some(acting) = &following.acting {
        Some(("something is asked already", say::already(&turn.name(&acting.by), &name)))
    } else if old {
        Some(("an old button", say::old(&name)))
    } else if !pause.acts.contains(&act) {
        Some(("the tool does not offer it", say::not_offered(act, &name, pause.is_hook)))
    } else {
        None
    };
    if let Some((why, said)) = refusal {
        turn.refused(by, word, why);
        return turn.say(&said);
    }
    let target = turn.run.plan.targets[step].target.clone();
    let run = turn.run.id.clone();
    turn.record(Some(by.clone()), Fact::Acted { run, target: target.clone(), act: word.into() });
    turn.say(&say::asked(act, &turn.name(by), &name, pause.is_hook));
    let with: Map<String, Value> = [("app".to_owned(), json!(target))].into_iter().collect();
    let operation = Operation {
        id: turn.next_call(),
        owner: turn.key(),
        call: Call {
            connector: following.operation.call.connector.clone(),
            action: word.into(),
            with,
        },
        evidence: pause.evidence,
    };
    following.acting = Some(Acting { call: operation.id.clone(), act, by: by.clone() });
    turn.intend(operation, target);
    turn.run.steps[step] = Step::Following(Box::new(following));
    turn.draw();
}

/// A step that stands still, and its pause.
fn following(turn: &Turn<'_>, step: usize) -> Option<(Following, Pause)> {
    match &turn.run.steps[step] {
        at @ Step::Following(following) => Some(((**following).clone(), at.pause()?.clone())),
        _ => None,
    }
}

/// Whether this person may: who may start such runs, and who may agree to this one. Others are told.
pub(super) fn may_act(turn: &mut Turn<'_>, by: &PersonId, word: &str) -> bool {
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
    turn.refused(by, word, &format!("not in {allowed}"));
    turn.say(&words::run::may_not_act(&turn.run.id, &turn.name(by), &allowed));
    false
}

/// The act was settled. What came of it only looking tells, at once.
pub(super) fn settled(turn: &mut Turn<'_>, step: usize, settlement: &Settlement) {
    let name = turn.target_name(step);
    let Step::Following(following) = &mut turn.run.steps[step] else { return };
    let Some(acting) = following.acting.take() else { return };
    let is_hook = matches!(&following.phase, Phase::Waiting(pause) if pause.is_hook);
    let not_done = |trouble: &Trouble, unsure| {
        Some(say::not_done(acting.act, &name, trouble, unsure, is_hook))
    };
    let said = match settlement {
        Settlement::Done { .. } => None,
        Settlement::Refused { trouble } if trouble.kind == TroubleKind::Over => {
            Some(say::over(&name))
        }
        Settlement::Refused { trouble } => not_done(trouble, false),
        Settlement::Unsure { trouble } => not_done(trouble, true),
    };
    if let Some(said) = said {
        turn.say(&said);
    }
    follow::look_now(turn, step);
    turn.draw();
}

/// It stands still since now, and not at this pause before: whoever asked is told, because only a person
/// brings it on.
pub(super) fn begun(turn: &mut Turn<'_>, step: usize, pause: &Pause) {
    let said = say::begun(&turn.target_name(step), pause);
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
}

/// It stands still for as long as a target may take.
pub(super) fn remind(turn: &mut Turn<'_>, step: usize, pause: &Pause) {
    let said = say::reminder(&turn.target_name(step), pause);
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
}
