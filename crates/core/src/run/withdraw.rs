//! What a rollback took away is remembered until something is deployed again.

use crate::effect::Effect;
use crate::entity::{Entity, EntityKey};
use crate::withdrawal::Withdrawal;

use super::state::{LetGo, StepEnd};
use super::turn::Turn;

/// A target ended so.
pub(super) fn ended(turn: &mut Turn<'_>, step: usize, how: &StepEnd) {
    match how {
        StepEnd::Succeeded { .. } | StepEnd::LetGo { why: LetGo::Applied } => applied(turn, step),
        StepEnd::Failed { .. }
        | StepEnd::Skipped { .. }
        | StepEnd::Cancelled
        | StepEnd::LetGo { why: LetGo::ByItself }
        | StepEnd::Unknown { .. } => {}
    }
}

/// What was planned for a target was really done: a rollback took a version away, and a deployment, which
/// somebody wanted although they were told, ends that. One of single objects does not: the rest may be of the version
/// that was taken away.
pub(super) fn applied(turn: &mut Turn<'_>, step: usize) {
    let Some(part) = turn.run.plan.targets.get(step) else { return };
    let (run, by) = (&turn.run.id, &turn.run.requester);
    if let Some(withdrawal) = Withdrawal::of(part, run, by, turn.ctx.now) {
        turn.want(Effect::Put(Entity::Withdrawal(withdrawal)));
    } else if part.brings_a_version() && part.only.is_none() && turn.is_withdrawn(&part.target) {
        let key = EntityKey::Withdrawal(part.target.clone());
        turn.want(Effect::Remove(key));
    }
}
