//! An answer to the present question, typed.

use std::sync::Arc;

use crate::context::Context;
use crate::input::{self, Keyword, Layout, Recognised, Selection};
use crate::lang::Text;
use crate::runbook::{Choices, Runbook};
use crate::time::Timestamp;
use crate::words;
use crate::world::{Outcome, World};

use super::advance::{advance, load, look_anew, put, read};
use super::back::{back, here};
use super::confirm::{self, Yes};
use super::list::{is_exactly, is_number};
use super::offers::given;
use super::page::{page, show};
use super::turn::Turn;
use super::{Dialog, Filling, Given, List, Said, State, Step, doubt, menu};

/// The person wrote something in the thread of their dialog.
#[must_use]
pub fn on_text(
    ctx: &Context,
    world: &World,
    dialog: &Dialog,
    text: &str,
    sent_at: Timestamp,
) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    turn.dialog.heard_at = sent_at;
    let word = word(dialog, text);
    match word {
        Some(Keyword::Cancel) => return cancel(turn),
        Some(Keyword::Help) => return menu::show_menu(turn, &Text::default()),
        _ => {}
    }
    match &dialog.state {
        State::Menu { .. } if word == Some(Keyword::Back) => {
            menu::show_menu(turn, &Text::default())
        }
        State::Menu { entries } => menu::in_menu(turn, world, entries, text),
        State::Filling(filling) => match turn.runbook() {
            None => turn.broken("the definition is gone"),
            Some(runbook) if word == Some(Keyword::Back) => {
                back(turn, world, &runbook, here(filling, &runbook))
            }
            Some(runbook) => {
                in_filling(turn, world, filling, &runbook, Typed { text, word, sent_at })
            }
        },
    }
}

/// What was typed.
#[derive(Clone, Copy)]
struct Typed<'a> {
    text: &'a str,
    word: Option<Keyword>,
    sent_at: Timestamp,
}

/// The fixed word that a text is. An item of the present list with exactly this name comes first,
/// but for a typed `cancel` or `back`, which count at every step.
fn word(dialog: &Dialog, text: &str) -> Option<Keyword> {
    let Recognised { word, layout } = input::keyword(text)?;
    let always = layout == Layout::AsTyped && matches!(word, Keyword::Cancel | Keyword::Back);
    (always || !names_an_item(dialog, text)).then_some(word)
}

fn names_an_item(dialog: &Dialog, text: &str) -> bool {
    match &dialog.state {
        State::Filling(Filling { step: Step::Asking { list, .. }, .. }) => {
            list.items().iter().any(|item| is_exactly(text, item))
        }
        _ => false,
    }
}

/// Whether the present question of a dialog takes this word as its answer, although it means
/// something else elsewhere in the thread.
#[must_use]
pub fn awaits_this(ctx: &Context, dialog: &Dialog, text: &str) -> bool {
    let State::Filling(filling) = &dialog.state else { return false };
    let Step::Asking { question, .. } = &filling.step else { return false };
    let free = ctx
        .runbook(&filling.runbook)
        .is_some_and(|runbook| matches!(runbook.ask[*question].choices, Choices::Free));
    free || names_an_item(dialog, text)
}

fn in_filling(
    turn: Turn<'_>,
    world: &World,
    filling: &Filling,
    runbook: &Arc<Runbook>,
    typed: Typed<'_>,
) -> Outcome {
    match (&filling.step, typed.word) {
        (Step::Asking { stands, .. }, _)
            if is_number(typed.text) && !stands.was_read(typed.sent_at) =>
        {
            unread(turn)
        }
        (Step::Asking { question, list, .. }, _) => {
            in_question(turn, world, runbook, *question, list, typed)
        }
        (Step::ReadBack { .. }, Some(Keyword::Yes(consent))) => {
            confirm::yes(turn, world, runbook, Yes::Typed(consent), typed.sent_at)
        }
        (Step::Doubting { stands }, Some(Keyword::Yes(_))) => {
            doubt::yes(turn, runbook, stands, typed.sent_at)
        }
        (Step::ReadBack { .. } | Step::Doubting { .. }, Some(Keyword::No)) => cancel(turn),
        (Step::Stuck { question, .. }, _) if words::dialog::is_retry(typed.text) => {
            retry(turn, world, runbook, *question)
        }
        (step, _) => match crate::handle::command(turn.ctx, typed.text) {
            Some((other, said)) => menu::choose(turn, world, &other, Said::ToBot(said)),
            None => no_answer(turn, step),
        },
    }
}

/// A number was typed before its writer could have read the list, where it counts at once.
fn unread(mut turn: Turn<'_>) -> Outcome {
    turn.not_taken("sent before the list stood there");
    turn.say(&words::dialog::unread_list());
    turn.wait()
}

/// Something was typed that the present step cannot use.
fn no_answer(mut turn: Turn<'_>, step: &Step) -> Outcome {
    match step {
        Step::ReadBack { .. } => return confirm::not_a_yes(turn),
        Step::Doubting { .. } => {
            turn.not_taken("not a yes");
            turn.say(&words::withdrawn::not_a_yes());
        }
        Step::Stuck { .. } => {
            turn.not_taken("a tool is waited for");
            turn.say(&words::dialog::stuck_help());
        }
        Step::Starting | Step::Loading { .. } | Step::Asking { .. } | Step::Reading { .. } => {
            turn.not_taken("a tool is waited for");
            turn.say(&words::dialog::still_asking());
        }
    }
    turn.stay()
}

/// The person ends the dialog.
pub(super) fn cancel(mut turn: Turn<'_>) -> Outcome {
    // Where a read-back stood it is told in its place, and not once more.
    if !turn.retire(&words::dialog::cancelled()) {
        turn.say(&words::dialog::cancelled());
    }
    turn.end()
}

fn in_question(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: &List,
    typed: Typed<'_>,
) -> Outcome {
    let question = &runbook.ask[at];
    if matches!(question.choices, Choices::Free) {
        let text = input::clean(typed.text);
        if text.is_empty() {
            turn.not_taken(Selection::Empty.reason());
            let problem = words::dialog::wrong_answer(&Selection::Empty, &|_| Text::default());
            turn.say(&problem.line(&words::dialog::type_it(&question.text)));
            return turn.wait();
        }
        if let Some(filling) = turn.filling() {
            let titles = vec![text.clone()];
            filling.answer(at, question, Given { values: vec![text], titles, many: question.many });
        }
        return advance(turn, world);
    }
    let more = typed.word == Some(Keyword::More);
    if more && list.has_more() {
        return page(turn, runbook, at, list.clone(), &Text::default());
    }
    match list.read(typed.text, question.many) {
        Selection::Chosen(found) => choose(turn, world, runbook, at, list, &found),
        Selection::All => choose(turn, world, runbook, at, list, &list.all()),
        _ if more => page(turn, runbook, at, list.clone(), &Text::default()),
        refusal => no_choice(turn, world, runbook, at, list, typed.text, &refusal),
    }
}

/// The answer chose nothing: it may search the list, or name another function; else it is wrong.
fn no_choice(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: &List,
    text: &str,
    refusal: &Selection,
) -> Outcome {
    let question = &runbook.ask[at];
    if let Selection::NotInList { what } = refusal {
        let found = input::find(text, &list.items());
        if !found.is_empty() && found.len() < list.items.len() {
            let note = words::dialog::found_by_search(what, found.len());
            return show(turn, runbook, at, list.clone().focused(&found), &note);
        }
    }
    if !matches!(refusal, Selection::Chosen(_) | Selection::All)
        && !is_number(text)
        && let Some((other, said)) = crate::handle::request(turn.ctx, text)
    {
        return menu::choose(turn, world, &other, Said::ToBot(said));
    }
    if let (Selection::NotInList { what }, Choices::Ask(ask)) = (refusal, &question.choices)
        && look_anew(&mut turn, question, list, std::slice::from_ref(what))
    {
        return load(turn, runbook, at, ask);
    }
    turn.not_taken(refusal.reason());
    let problem = match refusal {
        Selection::NotInList { what } => {
            turn.lead_to(list.settled_in(what));
            list.not_offered(what)
        }
        refusal => {
            let name = |index: usize| Text::verbatim(list.label(index));
            words::dialog::wrong_answer(refusal, &name)
        }
    };
    match refusal {
        // They may stand on a page that nobody has seen yet.
        Selection::Ambiguous { candidates, .. }
            if list.has_more() && candidates.len() < list.items.len() =>
        {
            show(turn, runbook, at, list.clone().focused(candidates), &problem)
        }
        _ => {
            turn.say(&problem.line(&words::dialog::ask_again(&question.text, question.many)));
            turn.wait()
        }
    }
}

/// These items answer the question.
pub(super) fn choose(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: &List,
    chosen: &[usize],
) -> Outcome {
    let question = &runbook.ask[at];
    if let Some(filling) = turn.filling() {
        filling.answer(at, question, given(question, list, chosen));
    }
    advance(turn, world)
}

/// Asks the tool once more.
pub(super) fn retry(
    turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    question: Option<usize>,
) -> Outcome {
    match question {
        Some(at) => put(turn, world, runbook, at),
        None => read(turn, runbook),
    }
}
