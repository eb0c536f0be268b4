//! Putting a question whose choices are known: words of the request may answer it, a single choice
//! is taken and told, an empty list is explained.

use crate::answer::{Offer, Trouble};
use crate::input::{self, Selection};
use crate::lang::Text;
use crate::place::Thread;
use crate::runbook::{Choices, Does, Question, Runbook};
use crate::words;
use crate::world::{Outcome, World};

use super::advance::{advance, load, look_anew};
use super::back::{back, leads_anywhere};
use super::list::{by_name, is_exactly, is_number, unnumbered};
use super::page::show;
use super::said::is_meant;
use super::turn::Turn;
use super::{Filling, Given, List, Said, menu, planned};

/// How many words of a request are looked at one by one when they do not all fit.
const MOST_WORDS: usize = 20;
/// How many problems are told at once; a phone shows no more.
const MOST_PROBLEMS: usize = 3;

impl Filling {
    /// What follows may be less than there is: whoever reads the list, or the plan made of it, shall know.
    pub(super) fn note_missing(&mut self, missing: &[Trouble]) {
        for trouble in missing {
            let note = words::trouble::missing(std::slice::from_ref(trouble));
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
    }

    /// The person answered this question, or is asked it.
    pub(super) fn tread(&mut self, at: usize) {
        if self.trail.last() != Some(&at) {
            self.trail.push(at);
        }
    }

    /// Keeps the answer of the person to this question.
    pub(super) fn answer(&mut self, at: usize, question: &Question, given: Given) {
        self.tread(at);
        self.answers.0.insert(question.name.clone(), given);
    }
}

/// Puts a question whose choices are known.
pub(super) fn put_list(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: List,
) -> Outcome {
    let question = &runbook.ask[at];
    // Stopping a run asks for no yes.
    let at_once = matches!(runbook.does, Does::Cancel { .. });
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    let take = if question.many { usize::MAX } else { 1 };
    if filling.words.is_perhaps() {
        // Words that no later question can use must be understood by this one.
        let last = at + 1 == runbook.ask.len();
        let judged = if last { usize::MAX } else { take };
        if !is_meant(&filling.words, judged, &list, runbook) {
            return turn.end();
        }
        turn = match menu::settle(turn, runbook) {
            Ok(turn) => turn,
            Err(refused) => return refused,
        };
    }
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    while !filling.words.is_empty() {
        let said = without_courtesy(filling.words.take(take), &list);
        if said.is_empty() {
            continue;
        }
        let rest = filling.words.words().to_vec();
        if at_once && let Some(doubt) = doubt(&said, without_courtesy(rest, &list)) {
            filling.words = Said::default();
            let named = together(&list, &said, question.many).unwrap_or_default();
            turn.not_taken("more was said than what to stop");
            return show(turn, runbook, at, list.focused(&named), &doubt);
        }
        return take_words(turn, world, runbook, at, list, &said);
    }
    // Gone back to: it is shown even if nothing can be chosen but one.
    let again = filling.trail.last() == Some(&at);
    match list.items.as_slice() {
        [] => nothing_to_choose(turn, world, runbook, at, &list),
        all if question.default_all && !again && matches!(runbook.does, Does::Run(_)) => {
            let chosen: Vec<usize> = (0..all.len()).collect();
            let given = given(question, &list, &chosen);
            filling.answers.0.insert(question.name.clone(), given);
            advance(turn, world)
        }
        // What is done at once must have been named by the person.
        [only] if !again && !at_once => {
            let given = given(question, &list, &[0]);
            filling.answers.0.insert(question.name.clone(), given);
            filling.notes.push(words::dialog::only_choice(&question.text, &only.title));
            advance(turn, world)
        }
        _ => show(turn, runbook, at, list, &Text::default()),
    }
}

/// What is done at once wants nothing but its name: `stop-run r1 not yet` and `stop-run r1?` ask first.
fn doubt(said: &[String], rest: Vec<String>) -> Option<Text> {
    if !rest.is_empty() {
        return Some(words::dialog::unused_words(&rest.join(" ")));
    }
    said.iter().any(|word| word.contains('?')).then(Text::default)
}

/// The words without those that only say please; what is exactly the name of something stays.
fn without_courtesy(mut said: Vec<String>, list: &List) -> Vec<String> {
    let hidden: Vec<&Offer> = list.hidden.iter().map(|(offer, _)| offer).collect();
    let items: Vec<_> = unnumbered(list.items.iter().chain(hidden));
    said.retain(|word| {
        !input::is_courtesy(word) || items.iter().any(|item| is_exactly(word, item))
    });
    said
}

/// The answer as it is kept.
pub(super) fn given(question: &Question, list: &List, chosen: &[usize]) -> Given {
    Given {
        values: chosen.iter().map(|&index| list.items[index].value.clone()).collect(),
        titles: chosen.iter().map(|&index| list.title(index)).collect(),
        many: question.many,
    }
}

/// Words of the request answer a question: only what is missing or ambiguous is asked.
fn take_words(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: List,
    said: &[String],
) -> Outcome {
    let question = &runbook.ask[at];
    let read = match together(&list, said, question.many) {
        Some(chosen) => Read { chosen, ..Read::default() },
        None => one_by_one(&list, said, question.many),
    };
    if read.problems.is_empty() && !read.chosen.is_empty() {
        if let Some(filling) = turn.filling() {
            filling.answer(at, question, given(question, &list, &read.chosen));
        }
        return advance(turn, world);
    }
    if look_anew(&mut turn, question, &list, said)
        && let Choices::Ask(ask) = &question.choices
    {
        return load(turn, runbook, at, ask);
    }
    turn.not_taken("a name in the request did not fit");
    turn.lead_to(read.settled_in.as_ref());
    let mut problem = Text::lines(read.problems.into_iter().take(MOST_PROBLEMS));
    if let Some(filling) = turn.filling()
        && let Some(version) = planned::asked(runbook, filling)
    {
        let behind = said.iter().filter_map(|word| list.chart_behind(word, version));
        problem = problem.line(&Text::lines(behind.take(MOST_PROBLEMS)));
    }
    if let Some(said) = no_runs(runbook, &list) {
        turn.say(&said);
        return turn.end();
    }
    if list.items.is_empty() {
        let notes = turn.notes();
        turn.say(&notes.line(&problem).line(&words::dialog::start_again()));
        return turn.end();
    }
    let doubtful = read.doubtful.into_iter().filter(|at| !read.chosen.contains(at));
    let mut first: Vec<usize> = read.chosen.clone();
    first.extend(doubtful);
    let mut seen = std::collections::BTreeSet::new();
    first.retain(|at| seen.insert(*at));
    if !read.chosen.is_empty() {
        let names: Vec<String> = read.chosen.iter().map(|at| list.label(*at)).collect();
        problem = problem.line(&words::dialog::understood(&names));
    }
    // What was understood and what is in doubt stands first, so that a short list decides; where a
    // name was not found at all, the others follow at once.
    let only_these = first.len() > read.chosen.len();
    let list = list.focused(&first);
    let focus = if only_these { list.focus } else { 0 };
    show(turn, runbook, at, List { focus, ..list }, &problem)
}

/// What the words of a request mean.
#[derive(Default)]
struct Read {
    chosen: Vec<usize>,
    doubtful: Vec<usize>,
    problems: Vec<Text>,
    /// Where one of them is settled.
    settled_in: Option<Thread>,
}

/// The words as one answer, when all of them fit. Read at once, because the list is arranged for
/// each reading.
fn together(list: &List, said: &[String], many: bool) -> Option<Vec<usize>> {
    if said.iter().any(|word| is_number(word)) {
        return None;
    }
    let quoted = |word: &String| {
        if word.contains(char::is_whitespace) { format!("\"{word}\"") } else { word.clone() }
    };
    let text = said.iter().map(quoted).collect::<Vec<_>>().join(" ");
    match input::select(&text, &unnumbered(&list.items), many) {
        Selection::Chosen(found) => Some(found),
        Selection::All => Some(list.all()),
        _ => None,
    }
}

fn one_by_one(list: &List, said: &[String], many: bool) -> Read {
    let mut read = Read::default();
    let reader = unnumbered(&list.items);
    let mut seen = std::collections::BTreeSet::new();
    // A word that is repeated says nothing new.
    let words: Vec<&String> =
        said.iter().filter(|word| seen.insert(input::normalise(word))).collect();
    for word in words.iter().take(MOST_WORDS) {
        match by_name(word, &reader, many) {
            Selection::Chosen(found) => read.chosen.extend(found),
            Selection::All => read.chosen.extend(list.all()),
            Selection::Ambiguous { what, candidates } => {
                let names: Vec<String> = candidates.iter().map(|at| list.label(*at)).collect();
                read.problems.push(words::dialog::ambiguous(&what, &names));
                read.doubtful.extend(candidates);
            }
            _ => {
                read.problems.push(list.not_offered(word));
                read.settled_in = read.settled_in.or_else(|| list.settled_in(word).cloned());
            }
        }
    }
    if words.len() > MOST_WORDS {
        let unread = Selection::NotUnderstood;
        read.problems.push(words::dialog::wrong_answer(&unread, &|_| Text::default()));
    }
    let mut seen = std::collections::BTreeSet::new();
    read.chosen.retain(|at| seen.insert(*at));
    read
}

/// A list of runs is empty on every quiet day; that is no trouble with a tool.
fn no_runs(runbook: &Runbook, list: &List) -> Option<Text> {
    let said = match runbook.does {
        Does::Cancel { .. } => words::dialog::nothing_to_stop(),
        Does::Subscribe { .. } => words::dialog::nothing_to_be_told(),
        Does::Answer(_) | Does::Run(_) => return None,
    };
    (list.items.is_empty() && list.hidden.is_empty()).then_some(said)
}

fn nothing_to_choose(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    at: usize,
    list: &List,
) -> Outcome {
    if let Some(said) = no_runs(runbook, list) {
        turn.say(&said);
        return turn.end();
    }
    let notes = turn.notes();
    let reason = notes.line(&words::dialog::nothing_to_choose(&list.hidden_counts()));
    if turn.filling().is_some_and(|filling| leads_anywhere(filling, at)) {
        turn.say(&reason);
        return back(turn, world, runbook, at);
    }
    turn.say(&reason.line(&words::dialog::start_again()));
    turn.end()
}

/// Asks for something that is typed freely.
pub(super) fn put_free(mut turn: Turn<'_>, world: &World, runbook: &Runbook, at: usize) -> Outcome {
    let question = &runbook.ask[at];
    if let Some(filling) = turn.filling()
        && !filling.words.is_empty()
    {
        let text = filling.words.take(usize::MAX).join(" ");
        let given = Given { values: vec![text.clone()], titles: vec![text], many: question.many };
        filling.answer(at, question, given);
        return advance(turn, world);
    }
    show(turn, runbook, at, List::default(), &Text::default())
}
