//! Which target is worked on when, and to which target an answer belongs.

use crate::call::QueryOutcome;
use crate::ids::CallId;
use crate::runbook::OnFailure;

use super::state::{Checking, End, Look, State, Step, StepEnd};
use super::turn::Turn;
use super::{check, end, follow, hold, step};

/// After every event of a running run: starts what may start now, and ends the run when every target
/// ended.
pub(super) fn advance(turn: &mut Turn<'_>) {
    // Starting a target may end it at once (a mistake in the runbook), and so decide about the rest.
    while let State::Running(running) = &turn.run.state {
        if running.stopping.is_some() {
            end_waiting(turn, &StepEnd::Cancelled);
        }
        hold::put_back(turn);
        skip_the_rest(turn);
        let active = turn.run.steps.iter().filter(|step| step.is_active()).count();
        let begins = |step: &Step| matches!(step, Step::Waiting | Step::Again(_));
        let next = turn.run.steps.iter().position(begins);
        match next {
            Some(next) if may_begin(turn, active, next) => {
                let earlier = match &turn.run.steps[next] {
                    Step::Again(earlier) => Some(Box::new(earlier.clone())),
                    _ => None,
                };
                check::begin(turn, next, earlier);
            }
            None if active == 0 => return end::end(turn, End::of(&turn.run.steps), None),
            _ => return,
        }
    }
}

/// Whether the next target may begin while so many are under way.
fn may_begin(turn: &Turn<'_>, active: usize, next: usize) -> bool {
    !turn.run.is_held() && active < turn.run.at_once && is_its_wave(turn, next)
}

/// Whether every earlier wave is over.
fn is_its_wave(turn: &Turn<'_>, next: usize) -> bool {
    let waves = &turn.run.plan.waves;
    let Some(wave) = waves.get(next) else { return true };
    let earlier = turn.run.steps.iter().zip(waves).filter(|(_, other)| *other < wave);
    earlier.clone().all(|(step, _)| matches!(step, Step::Ended(_)))
}

/// Where a failure stops the rest, nothing starts after a target that did not succeed, and that is told.
fn skip_the_rest(turn: &mut Turn<'_>) {
    let steps = &turn.run.steps;
    let bad = steps.iter().position(|step| matches!(step, Step::Ended(_)) && !step.is_succeeded());
    let Some(bad) = bad.filter(|_| turn.run.on_failure == OnFailure::Stop) else {
        return;
    };
    let rest: Vec<usize> = (0..steps.len()).filter(|&i| steps[i] == Step::Waiting).collect();
    if rest.is_empty() {
        return;
    }
    let after = turn.target_name(bad);
    end_waiting(turn, &StepEnd::Skipped { after });
}

/// What was not begun ends without having been begun.
fn end_waiting(turn: &mut Turn<'_>, how: &StepEnd) {
    for at in 0..turn.run.steps.len() {
        if turn.run.steps[at] == Step::Waiting {
            step::set(turn, at, Step::Ended(how.clone()));
        }
    }
}

/// A tool answered a question about a target.
pub(super) fn answered(turn: &mut Turn<'_>, call: &CallId, outcome: &QueryOutcome) {
    let asked = Look::Asked(call.clone());
    for step in 0..turn.run.steps.len() {
        match &turn.run.steps[step] {
            Step::Checking(checking) if checking.look == asked => {
                let checking = checking.clone();
                return check::answered(turn, step, checking, outcome);
            }
            Step::Following(following) if following.look == asked => {
                let following = (**following).clone();
                return follow::looked(turn, step, following, outcome);
            }
            _ => {}
        }
    }
}

/// Time to ask a tool about a target.
pub(super) fn due(turn: &mut Turn<'_>, step: usize, generation: u64) {
    let later = Look::Later(generation);
    match turn.run.steps.get(step) {
        Some(Step::Checking(checking)) if checking.look == later => {
            let checking = checking.clone();
            check::again(turn, step, checking);
        }
        Some(Step::Following(following)) if following.look == later => {
            let following = (**following).clone();
            follow::look(turn, step, following);
        }
        _ => {}
    }
}

/// A target took too long. One that is being requested is not touched: how that ends is known only
/// when it is settled.
pub(super) fn deadline(turn: &mut Turn<'_>, step: usize, generation: u64) {
    match turn.run.steps.get(step) {
        Some(Step::Checking(checking)) if checking.patience.timer == generation => {
            let Checking { hitch, earlier, .. } = checking.clone();
            check::give_up(turn, step, hitch.as_ref(), earlier.as_deref());
        }
        Some(Step::Following(following)) if following.deadline == generation => {
            let following = (**following).clone();
            follow::give_up(turn, step, &following);
        }
        _ => {}
    }
}
