//! The question as it stands in the thread: a page of its list, and the buttons beside the numbers.

use crate::lang::Text;
use crate::message::{Button, ButtonStyle};
use crate::runbook::{Does, Question, Runbook};
use crate::token::Choice;
use crate::words::{self, dialog::PageOf};
use crate::world::Outcome;

use super::advance::step;
use super::turn::Turn;
use super::{List, Stands, Step};

/// Puts the question with the first page of its list.
pub(super) fn show(
    turn: Turn<'_>,
    runbook: &Runbook,
    at: usize,
    list: List,
    before: &Text,
) -> Outcome {
    page(turn, runbook, at, List { shown: 0, ..list }, before)
}

/// Puts the question with the next page of its list. Numbers go on over the pages; after the last
/// page comes the first one. What was searched for fills its own pages before the others come.
pub(super) fn page(
    mut turn: Turn<'_>,
    runbook: &Runbook,
    at: usize,
    list: List,
    before: &Text,
) -> Outcome {
    let question = &runbook.ask[at];
    let (start, focus) = if list.has_more() { (list.shown, list.focus) } else { (0, 0) };
    let focus = if start < focus { focus } else { 0 };
    let last = if focus > 0 { focus } else { list.items.len() };
    let end = last.min(start + turn.ctx.settings.page.max(1));
    let list = List { shown: end, focus, ..list };
    let notes = turn.notes();
    if let Some(filling) = turn.filling() {
        filling.tread(at);
    }
    let asking = |stands| Step::Asking { question: at, list: list.clone(), stands };
    step(&mut turn, asking(Stands::Whenever));
    let entries = (start..end)
        .map(|index| words::dialog::choice(index + 1, &list.label(index), &list.items[index].note));
    let others = list.items.len() - last;
    let place = PageOf { first: start + 1, last: end, all: last, others };
    let text = notes
        .line(before)
        .line(&question.text)
        .line(&Text::lines(entries))
        .line(&words::dialog::list_end(place, &list.hidden_counts(), question.many));
    let buttons = buttons(&turn, question, &list, place);
    let at_once = matches!(runbook.does, Does::Cancel { .. });
    let message = turn.put_up(&text, &Text::default(), buttons, at_once);
    if let Some(filling) = turn.filling().filter(|_| at_once) {
        filling.step = asking(Stands::Since { message, at: None });
    }
    turn.wait()
}

fn buttons(turn: &Turn<'_>, question: &Question, list: &List, place: PageOf) -> Vec<Button> {
    let mut buttons: Vec<Button> = (place.first - 1..place.last)
        .map(|index| {
            let label = words::dialog::choice_label(index + 1, &list.label(index));
            turn.button(&label, Choice::Item(index), ButtonStyle::Plain)
        })
        .collect();
    if question.many && list.items.len() > 1 {
        buttons.push(turn.button(&words::dialog::all_label(), Choice::All, ButtonStyle::Plain));
    }
    if place.is_one_of_several() {
        let label = if list.has_more() {
            words::dialog::more_label()
        } else {
            words::dialog::first_page_label()
        };
        buttons.push(turn.button(&label, Choice::More, ButtonStyle::Plain));
    }
    buttons.push(turn.button(&words::dialog::back_label(), Choice::Back, ButtonStyle::Plain));
    buttons.push(turn.button(&words::menu::cancel_label(), Choice::Cancel, ButtonStyle::Danger));
    buttons
}
