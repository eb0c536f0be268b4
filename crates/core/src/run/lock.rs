//! Locks: all of a run are taken in sorted order, so that two runs never wait for each other, and
//! each is freed once, in the unit that ends the run.

use std::collections::BTreeSet;

use crate::ids::RunId;
use crate::target::Target;

use super::turn::Turn;

/// The targets of the run, in the order in which locks are taken.
fn sorted(turn: &Turn<'_>) -> BTreeSet<Target> {
    turn.run.plan.targets.iter().map(|part| part.target.clone()).collect()
}

/// Asks for all locks, up to the first that is held by another run; true when the run has all.
pub(super) fn take(turn: &mut Turn<'_>) -> bool {
    let run = turn.run.id.clone();
    sorted(turn).iter().all(|target| turn.lock_mut(target).ask(&run))
}

/// Frees the locks and places of the run, but for targets that nobody knows about. Everyone who
/// waited is woken: the next one to begin, the others because their place changed.
pub(super) fn release(turn: &mut Turn<'_>) {
    let run = turn.run.id.clone();
    let keep: BTreeSet<&Target> = turn
        .run
        .plan
        .targets
        .iter()
        .zip(&turn.run.steps)
        .filter(|(_, step)| step.is_unknown())
        .map(|(part, _)| &part.target)
        .collect();
    let freed: Vec<Target> =
        sorted(turn).into_iter().filter(|target| !keep.contains(target)).collect();
    leave(turn, &run, &freed);
}

/// Frees what was kept for targets that nobody knew about.
pub(super) fn release_kept(turn: &mut Turn<'_>) {
    let run = turn.run.id.clone();
    let kept: Vec<Target> = sorted(turn).into_iter().collect();
    leave(turn, &run, &kept);
}

fn leave(turn: &mut Turn<'_>, run: &RunId, targets: &[Target]) {
    for target in targets {
        let concerned = turn
            .lock(target)
            .is_some_and(|lock| lock.holder.as_ref() == Some(run) || lock.queue.contains(run));
        if !concerned {
            continue;
        }
        let lock = turn.lock_mut(target);
        let next = lock.leave(run);
        let waiting: Vec<RunId> = next.into_iter().chain(lock.queue.iter().cloned()).collect();
        for other in waiting {
            // A run has one lock per target once in its life, so this names one telling.
            turn.wake(format!("{run} leaves {target} to {other}"), other);
        }
    }
}
