//! One question back.

use crate::lang::Text;
use crate::runbook::Runbook;
use crate::world::{Outcome, World};

use super::advance::put;
use super::menu;
use super::turn::Turn;
use super::{Filling, Said, Step};

/// The question that a filling stands at; the number of questions once all are answered.
pub(super) fn here(filling: &Filling, runbook: &Runbook) -> usize {
    match &filling.step {
        Step::Loading { question, .. }
        | Step::Asking { question, .. }
        | Step::Stuck { question: Some(question), .. } => *question,
        Step::Starting
        | Step::Reading { .. }
        | Step::Doubting { .. }
        | Step::ReadBack { .. }
        | Step::Stuck { question: None, .. } => runbook.ask.len(),
    }
}

/// Goes to the last question before `here` that the person answered; its answer and those after it
/// are forgotten. Before the first one stands the menu.
///
/// The question stays the last of the trail, by which it is known as gone back to: it is then shown
/// even if it has one possible answer, so that nobody is thrown forward again.
pub(super) fn back(mut turn: Turn<'_>, world: &World, runbook: &Runbook, here: usize) -> Outcome {
    let Some(filling) = turn.filling() else { return menu::show_menu(turn, &Text::default()) };
    filling.trail.retain(|at| *at < here);
    let Some(at) = filling.trail.last().copied() else {
        return menu::show_menu(turn, &Text::default());
    };
    for question in &runbook.ask[at..] {
        filling.answers.0.remove(&question.name);
    }
    filling.words = Said::default();
    filling.notes.clear();
    filling.again = false;
    put(turn, world, runbook, at)
}

/// Whether `back` from there leads to a question.
pub(super) fn leads_anywhere(filling: &Filling, here: usize) -> bool {
    filling.trail.iter().any(|at| *at < here)
}
