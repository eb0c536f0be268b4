//! A tool answered a dialog's query: choices, a plan, a report, or trouble.

use crate::answer::{Answer, Trouble};
use crate::call::QueryOutcome;
use crate::context::Context;
use crate::ids::CallId;
use crate::lang::Text;
use crate::message::ButtonStyle;
use crate::runbook::{Does, Runbook};
use crate::token::Choice;
use crate::words;
use crate::world::{Outcome, World};

use super::advance::step;
use super::list::filtered;
use super::offers::put_list;
use super::turn::Turn;
use super::{Dialog, State, Step, doubt, looks_meant, menu};

/// A query of this dialog was answered. An answer that nobody waits for any more changes nothing.
#[must_use]
pub fn on_answered(
    ctx: &Context,
    world: &World,
    dialog: &Dialog,
    call: &CallId,
    outcome: &QueryOutcome,
) -> Outcome {
    let turn = Turn::new(ctx, dialog);
    let State::Filling(filling) = &dialog.state else { return turn.unchanged() };
    let question = match &filling.step {
        Step::Loading { question, call: waiting } if waiting == call => Some(*question),
        Step::Reading { call: waiting } if waiting == call => None,
        _ => return turn.unchanged(),
    };
    let Some(runbook) = turn.runbook() else { return turn.broken("the definition is gone") };
    let turn = match outcome {
        // Without the choices only the form of the words tells whether they were said to the bot.
        Err(_) if dialog.only_listens() => {
            if !looks_meant(&runbook, &filling.words) {
                return turn.end();
            }
            match menu::settle(turn, &runbook) {
                Ok(turn) => turn,
                Err(refused) => return refused,
            }
        }
        _ => turn,
    };
    match (outcome, question) {
        (Err(trouble), _) => stuck(turn, trouble, question),
        (Ok(Answer::Choices(offers)), Some(at)) => {
            let mut turn = turn;
            turn.record_all(&offers.missing);
            if let Some(filling) = turn.filling() {
                filling.note_missing(&offers.missing);
            }
            match filtered(&mut turn, world, &runbook, &runbook.ask[at], offers.items.clone()) {
                Ok(list) => put_list(turn, world, &runbook, at, list),
                Err(detail) => turn.broken(&detail),
            }
        }
        (Ok(Answer::Plan(parts)), None) if matches!(runbook.does, Does::Run(_)) => {
            doubt::weigh(turn, world, &runbook, parts.clone())
        }
        (Ok(answer), None) => report(turn, &runbook, answer),
        (Ok(_), Some(_)) => turn.broken("the action did not answer with choices"),
    }
}

fn report(mut turn: Turn<'_>, runbook: &Runbook, answer: &Answer) -> Outcome {
    let settings = &turn.ctx.settings;
    let mut missing = Text::default();
    let (text, more) = match answer {
        Answer::Versions(rows) => {
            missing = words::trouble::missing(&rows.missing);
            words::report::versions(&rows.items, settings.utc_offset)
        }
        Answer::Plan(parts) => {
            words::report::plan(parts, &settings.environments, settings.utc_offset)
        }
        Answer::Diagnoses(found) => words::diagnosis::report(found, settings.utc_offset),
        Answer::Report(text) => words::folded_text(text),
        Answer::Choices(_) | Answer::Progress(_) | Answer::Deployed(_) => {
            return turn.broken("the action did not answer with a report");
        }
    };
    let head = turn.notes().line(&missing).line(&runbook.title);
    turn.post(&head.line(&text), &more, Vec::new());
    turn.end()
}

/// Nothing usable came back: the person decides what next.
fn stuck(mut turn: Turn<'_>, trouble: &Trouble, question: Option<usize>) -> Outcome {
    turn.record_all(std::slice::from_ref(trouble));
    step(&mut turn, Step::Stuck { trouble: trouble.clone(), question });
    let buttons = vec![
        turn.button(&words::dialog::retry_label(), Choice::Retry, ButtonStyle::Primary),
        turn.button(&words::dialog::back_label(), Choice::Back, ButtonStyle::Plain),
        turn.button(&words::menu::cancel_label(), Choice::Cancel, ButtonStyle::Danger),
    ];
    let text = words::trouble::sentence(trouble).line(&words::dialog::stuck_help());
    turn.post(&text, &Text::default(), buttons);
    turn.wait()
}
