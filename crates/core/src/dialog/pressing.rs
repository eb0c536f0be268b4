//! A pressed button of the newest question: the same answer as typing it.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::lang::Text;
use crate::runbook::Runbook;
use crate::time::Timestamp;
use crate::token::Choice;
use crate::words;
use crate::world::{Outcome, World};

use super::answering::{cancel, choose, retry};
use super::back::{back, here};
use super::confirm::{self, Yes};
use super::page::page;
use super::turn::Turn;
use super::{Dialog, Filling, List, Said, State, Step, doubt, menu};

/// The person pressed a button of the newest question.
#[must_use]
pub fn on_press(
    ctx: &Context,
    world: &World,
    dialog: &Dialog,
    choice: &Choice,
    sent_at: Timestamp,
) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    turn.dialog.heard_at = sent_at;
    if *choice == Choice::Cancel {
        return cancel(turn);
    }
    match &dialog.state {
        State::Menu { entries } => match choice {
            Choice::Item(at) => {
                match entries.get(*at).and_then(|(_, name)| ctx.catalog.by_name(name)) {
                    Some(runbook) => menu::choose(turn, world, &runbook, Said::default()),
                    None => menu::show_menu(turn, &words::menu::gone()),
                }
            }
            _ => menu::show_menu(turn, &Text::default()),
        },
        State::Filling(filling) => match turn.runbook() {
            Some(runbook) => in_filling(turn, world, filling, &runbook, choice, sent_at),
            None => turn.broken("the definition is gone"),
        },
    }
}

fn in_filling(
    mut turn: Turn<'_>,
    world: &World,
    filling: &Filling,
    runbook: &std::sync::Arc<Runbook>,
    choice: &Choice,
    sent_at: Timestamp,
) -> Outcome {
    match (choice, &filling.step) {
        (Choice::Back, _) => back(turn, world, runbook, here(filling, runbook)),
        (Choice::Yes, Step::ReadBack { .. }) => {
            confirm::yes(turn, world, runbook, Yes::Pressed, sent_at)
        }
        (Choice::Yes, Step::Doubting { stands }) => doubt::yes(turn, runbook, stands, sent_at),
        (Choice::Item(at), Step::Asking { question, list, .. }) if *at < list.items.len() => {
            choose(turn, world, runbook, *question, list, &[*at])
        }
        (Choice::Items(chosen), Step::Asking { question, list, .. })
            if runbook.ask[*question].many && are_there(chosen, list) =>
        {
            choose(turn, world, runbook, *question, list, chosen)
        }
        (Choice::All, Step::Asking { question, list, .. }) if runbook.ask[*question].many => {
            choose(turn, world, runbook, *question, list, &list.all())
        }
        (Choice::More, Step::Asking { question, list, .. }) => {
            page(turn, runbook, *question, list.clone(), &Text::default())
        }
        (Choice::Retry, Step::Stuck { question, .. }) => retry(turn, world, runbook, *question),
        _ => {
            turn.not_taken("old button");
            turn.say(&words::dialog::old_button());
            turn.stay()
        }
    }
}

/// Each once, and all of them in the list.
fn are_there(chosen: &[usize], list: &List) -> bool {
    let once: BTreeSet<&usize> = chosen.iter().collect();
    once.len() == chosen.len() && chosen.iter().all(|at| *at < list.items.len())
}
