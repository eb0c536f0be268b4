//! Compares a fresh reading with what was read back and approved.

use crate::lang::Text;
use crate::plan::{Mode, ObjectChange, Obstacle, Plan, TargetPlan};
use crate::target::{Environments, Target};
use crate::words;

/// Whether the fresh part still says what was approved. A tool that deploys by itself may have begun
/// meanwhile: then less is left to change, and the revisions are the approved ones. Another run may
/// have done the whole of it.
pub(super) fn is_same(approved: &TargetPlan, fresh: &TargetPlan) -> bool {
    approved.digest() == fresh.digest()
        || has_begun_by_itself(approved, fresh)
        || is_already_there(approved, fresh)
}

/// Whether somebody else did exactly what was approved: the same revisions, and nothing left to
/// change.
pub(super) fn is_already_there(approved: &TargetPlan, fresh: &TargetPlan) -> bool {
    approved.target == fresh.target
        && approved.returns.is_none()
        && (approved.mode, fresh.mode) == (Mode::Start, Mode::Start)
        && approved.revisions == fresh.revisions
        && match fresh.obstacle {
            Some(Obstacle::NothingToDo) => true,
            // A plan that named nothing and may start all the same says by this that nobody did it.
            None => shows_nothing(fresh) && !shows_nothing(approved),
            Some(_) => false,
        }
}

/// Whether the fresh part is what an attempt that came to no good end left to do: the same revisions, and nothing
/// that was not approved.
pub(super) fn is_rest_of(approved: &TargetPlan, fresh: &TargetPlan) -> bool {
    approved.target == fresh.target
        && approved.returns.is_none()
        && fresh.returns.is_none()
        && (approved.mode, fresh.mode) == (Mode::Start, Mode::Start)
        && match (&approved.only, &fresh.only) {
            (None, None) => true,
            // Nothing of it left would mean all of the application.
            (Some(approved), Some(fresh)) => {
                !fresh.objects.is_empty()
                    && fresh.objects.iter().all(|object| approved.objects.contains(object))
            }
            _ => false,
        }
        && approved.revisions == fresh.revisions
        && matches!(fresh.obstacle, None | Some(Obstacle::NothingToDo))
        && is_part_of(approved, fresh)
}

/// Whether everything that the fresh part would change was approved.
fn is_part_of(approved: &TargetPlan, fresh: &TargetPlan) -> bool {
    fresh.images.iter().all(|image| approved.images.contains(image)) && {
        let approved: Vec<_> =
            approved.objects.iter().map(ObjectChange::without_replicas).collect();
        let fresh = fresh.objects.iter().map(ObjectChange::without_replicas);
        fresh.into_iter().all(|object| approved.contains(&object))
    }
}

/// Whether a plan names nothing that would change.
fn shows_nothing(part: &TargetPlan) -> bool {
    part.images.is_empty() && part.objects.is_empty()
}

/// Whether a tool that deploys by itself has done some or all of what was approved, and nothing else.
pub(super) fn has_begun_by_itself(approved: &TargetPlan, fresh: &TargetPlan) -> bool {
    approved.target == fresh.target
        && approved.revisions == fresh.revisions
        && (approved.mode, fresh.mode) == (Mode::Watch, Mode::Watch)
        && fresh.images.len() + fresh.objects.len() < approved.images.len() + approved.objects.len()
        && is_part_of(approved, fresh)
}

/// What differs, target by target; empty when the approval still counts.
pub(super) fn differences(
    approved: &Plan,
    fresh: &[TargetPlan],
    environments: &Environments,
) -> Vec<Text> {
    approved
        .targets
        .iter()
        .filter_map(|old| {
            let name = words::run::name(approved, &old.target);
            let new = fresh.iter().find(|part| part.target == old.target);
            if new.is_none_or(|new| !is_same(old, new)) {
                return Some(words::run::differs(&name, old, new));
            }
            environment(approved, &old.target, environments)
        })
        .collect()
}

/// Which targets are in another environment now than when they were read back.
pub(super) fn environments(approved: &Plan, now: &Environments) -> Vec<Text> {
    approved.targets.iter().filter_map(|part| environment(approved, &part.target, now)).collect()
}

/// How the environment of a target differs from the one that was read back, if it does.
pub(super) fn environment(approved: &Plan, target: &Target, now: &Environments) -> Option<Text> {
    let (was, is) = (approved.environment(target), now.of(target));
    let name = words::run::name(approved, target);
    (was != is).then(|| words::run::environment_differs(&name, was.as_str(), is.as_str()))
}
