//! The next thing to do in a filling: the next question, or the plan, or the report.

use crate::input::{self, Span};
use crate::lang::Text;
use crate::runbook::{Choices, Does, FRESH, Question, Runbook, Use};
use crate::vars;
use crate::words;
use crate::world::{Outcome, World};

use super::offers::{put_free, put_list};
use super::turn::{Turn, render};
use super::{Filling, Given, List, Said, Step};
use super::{planned, span};
use crate::answer::Offer;

/// Goes to the next question that needs an answer, or reads the plan.
pub(super) fn advance(mut turn: Turn<'_>, world: &World) -> Outcome {
    let Some(runbook) = turn.runbook() else { return turn.broken("the definition is gone") };
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    match runbook.ask.iter().position(|question| is_open(filling, question)) {
        Some(at) => put(turn, world, &runbook, at),
        None => read(turn, &runbook),
    }
}

/// Whether a question still has to be put.
fn is_open(filling: &Filling, question: &Question) -> bool {
    if filling.answers.0.contains_key(&question.name) {
        return false;
    }
    match &question.narrows {
        Some(narrowed) => filling.words.is_empty() && !filling.answers.0.contains_key(narrowed),
        None => true,
    }
}

/// Puts one question: its choices may have to be read first.
pub(super) fn put(mut turn: Turn<'_>, world: &World, runbook: &Runbook, at: usize) -> Outcome {
    let question = &runbook.ask[at];
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    filling.fresh.clear();
    // A report is about everything when a request names nothing; who is walked through questions chooses, and what is
    // changed must be named.
    if question.default_all
        && matches!(runbook.does, Does::Answer(_))
        && names_nothing(&filling.words)
        && filling.trail.is_empty()
    {
        let all = Given { values: Vec::new(), titles: Vec::new(), many: question.many };
        filling.answers.0.insert(question.name.clone(), all);
        return advance(turn, world);
    }
    match &question.choices {
        Choices::Free => put_free(turn, world, runbook, at),
        Choices::Time => {
            let usual = span::given(Span::usual(turn.ctx.now), turn.ctx.settings.utc_offset);
            if let Some(filling) = turn.filling() {
                filling.answers.0.insert(question.name.clone(), usual);
            }
            advance(turn, world)
        }
        Choices::Version => {
            if let Some(filling) = turn.filling() {
                filling.answers.0.insert(question.name.clone(), planned::none());
            }
            advance(turn, world)
        }
        Choices::Fixed(entries) => {
            let items =
                entries.iter().map(|(value, title)| fixed_offer(value, title, turn.dialog.lang));
            let list = List { items: items.collect(), ..List::default() };
            put_list(turn, world, runbook, at, list)
        }
        Choices::Ask(ask) => load(turn, runbook, at, ask),
    }
}

/// Whether a request has no words but those that ask; talk that may not be meant is judged by its words first.
fn names_nothing(said: &Said) -> bool {
    said.is_empty()
        || (!said.is_perhaps() && said.words().iter().all(|word| input::is_courtesy(word)))
}

/// Whether the choices of this question shall be read once more because of what was typed: it names
/// something that `where:` leaves out, by what the tool knew. Words wait for the new list.
pub(super) fn look_anew(
    turn: &mut Turn<'_>,
    question: &Question,
    list: &List,
    typed: &[String],
) -> bool {
    let Choices::Ask(Use { looks_anew: true, .. }) = &question.choices else { return false };
    let Some(filling) = turn.filling() else { return false };
    let named: Vec<String> = typed.iter().filter_map(|word| list.left_out(word)).collect();
    if !filling.fresh.is_empty() || named.is_empty() {
        return false;
    }
    filling.fresh = named;
    filling.words.put_back(typed);
    true
}

fn fixed_offer(value: &str, title: &Text, lang: crate::lang::Lang) -> Offer {
    Offer {
        value: value.to_owned(),
        title: title.to(lang).replace('\n', " / "),
        note: String::new(),
        aliases: vec![title.en.clone(), title.ko.clone()],
        facts: std::collections::BTreeMap::new(),
    }
}

/// Reads the choices of a question.
pub(super) fn load(mut turn: Turn<'_>, runbook: &Runbook, question: usize, ask: &Use) -> Outcome {
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    let vars = vars::of_answers(runbook, &filling.answers);
    let fresh = filling.fresh.clone();
    match render(ask, &vars) {
        Ok(mut with) => {
            if !fresh.is_empty() {
                with.insert(FRESH.to_owned(), serde_json::json!(fresh));
            }
            step(&mut turn, Step::Starting);
            let call = turn.ask(ask, with);
            set(&mut turn, Step::Loading { question, call });
            turn.keep()
        }
        Err(detail) => turn.broken(&detail),
    }
}

/// Everything is answered: reads the plan, or the report of a function without effect.
pub(super) fn read(mut turn: Turn<'_>, runbook: &Runbook) -> Outcome {
    let ask = match &runbook.does {
        Does::Answer(ask) => ask,
        Does::Run(procedure) => &procedure.plan,
        Does::Cancel { run } => {
            unused_words(&mut turn);
            return super::confirm::cancel_run(turn, run);
        }
        Does::Subscribe { run } => {
            unused_words(&mut turn);
            return super::confirm::subscribe(turn, run);
        }
    };
    unused_words(&mut turn);
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    let vars = vars::of_answers(runbook, &filling.answers);
    match render(ask, &vars) {
        Ok(with) => {
            step(&mut turn, Step::Starting);
            let call = turn.ask(ask, with);
            set(&mut turn, Step::Reading { call });
            turn.keep()
        }
        Err(detail) => turn.broken(&detail),
    }
}

/// Words of the request that no question took are told, so that nobody believes in them.
fn unused_words(turn: &mut Turn<'_>) {
    if let Some(filling) = turn.filling()
        && !filling.words.is_empty()
    {
        let mut words = filling.words.take(usize::MAX);
        words.retain(|word| !input::is_courtesy(word));
        if !words.is_empty() {
            filling.notes.push(words::dialog::unused_words(&words.join(" ")));
        }
    }
}

/// Enters a new step of the filling: a new generation.
pub(super) fn step(turn: &mut Turn<'_>, step: Step) {
    if turn.filling().is_some() {
        turn.leave();
    }
    set(turn, step);
}

/// Replaces the step within the same generation.
fn set(turn: &mut Turn<'_>, step: Step) {
    if let Some(filling) = turn.filling() {
        filling.step = step;
    }
}
