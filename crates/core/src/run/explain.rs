//! Why targets did not come up: a tool is asked when the run is over, and again when somebody wants to know.

use crate::answer::Answer;
use crate::call::QueryOutcome;
use crate::diagnosis::Diagnosis;
use crate::ids::CallId;
use crate::lang::Text;
use crate::words;

use super::state::{Step, StepEnd};
use super::turn::{Turn, procedure};
use super::vars;

/// A target is about to end so. What was never begun has nothing to tell.
pub(super) fn note(turn: &mut Turn<'_>, step: usize, how: &StepEnd) {
    let badly = matches!(how, StepEnd::Failed { .. } | StepEnd::Unknown { .. });
    let has_begun = turn.run.steps.get(step).is_some_and(Step::has_begun);
    if badly && has_begun && !turn.run.sick.steps.contains(&step) {
        turn.run.sick.steps.push(step);
    }
}

/// The run is over.
pub(super) fn by_itself(turn: &mut Turn<'_>) {
    ask(turn);
}

/// Somebody wants to know.
pub(super) fn wanted(turn: &mut Turn<'_>) {
    turn.run.sick.wanted = true;
    ask(turn);
}

/// Asks why, unless that is being asked.
fn ask(turn: &mut Turn<'_>) {
    let Some(runbook) = turn.runbook() else { return };
    let Some(asks) = procedure(&runbook).and_then(|procedure| procedure.diagnosis.as_ref()) else {
        return;
    };
    if turn.run.sick.steps.is_empty() || turn.run.sick.asked.is_some() {
        return;
    }
    let parts = &turn.run.plan.targets;
    let targets: Vec<_> = turn
        .run
        .sick
        .steps
        .iter()
        .filter_map(|at| parts.get(*at))
        .map(|part| &part.target)
        .collect();
    match vars::about(&runbook, asks, &turn.run, &targets) {
        Ok(call) => turn.run.sick.asked = Some(turn.ask(call)),
        Err(detail) => turn.say(&words::run::runbook_broken(&turn.run.name, &detail)),
    }
}

/// The tool said why, or could not be asked.
pub(super) fn answered(turn: &mut Turn<'_>, call: &CallId, outcome: &QueryOutcome) {
    if turn.run.sick.asked.as_ref() != Some(call) {
        return;
    }
    turn.run.sick.asked = None;
    let wanted = std::mem::take(&mut turn.run.sick.wanted);
    let (text, more) = match outcome {
        // Nobody needs to read that all is well below what failed.
        Ok(Answer::Diagnoses(found)) if !wanted && !found.iter().any(Diagnosis::tells) => return,
        Ok(Answer::Diagnoses(found)) => {
            words::diagnosis::report(found, turn.ctx.settings.utc_offset)
        }
        Ok(Answer::Report(text)) => words::folded_text(text),
        Ok(_) => return,
        Err(trouble) => (words::diagnosis::not_found_out(trouble), Text::default()),
    };
    turn.say_more(&words::diagnosis::seen_of(&turn.run.id).line(&text), &more);
}
