//! Who wants a direct message when a run is over: anybody who may ask for it, also about runs of others.

use serde::{Deserialize, Serialize};

use crate::audit::Fact;
use crate::ids::PersonId;
use crate::lang::{Lang, Text};
use crate::message::{Body, To};
use crate::place::Direct;
use crate::words;

use super::card;
use super::state::State;
use super::turn::Turn;

/// Somebody who wants to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriber {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub at: Direct,
    /// In which language.
    pub lang: Lang,
}

/// One more, once; a run that is over by now tells at once.
pub(super) fn subscribe(turn: &mut Turn<'_>, subscriber: &Subscriber) {
    if turn.run.subscribers.iter().any(|known| known.at == subscriber.at) {
        return;
    }
    turn.run.subscribers.push(subscriber.clone());
    let who = Some(subscriber.person.clone());
    turn.record(who, Fact::Subscribed { run: turn.run.id.clone() });
    if matches!(turn.run.state, State::Ended(_)) {
        tell(turn, turn.run.subscribers.len() - 1);
    }
}

/// Tells all of them how it ended.
pub(super) fn end(turn: &mut Turn<'_>) {
    (0..turn.run.subscribers.len()).for_each(|at| tell(turn, at));
}

/// What a person found out, for those who were told that nobody knows.
pub(super) fn resolved(turn: &mut Turn<'_>, said: &Text) {
    tell_all(turn, "resolved", said);
}

/// Wilco itself failed on the run: what is told of its end is only this.
pub(super) fn lost(turn: &mut Turn<'_>, said: &Text) {
    tell_all(turn, "end", said);
}

fn tell_all(turn: &mut Turn<'_>, key: &str, said: &Text) {
    for at in 0..turn.run.subscribers.len() {
        post(turn, at, key, said, &Text::default());
    }
}

fn tell(turn: &mut Turn<'_>, at: usize) {
    let State::Ended(ended) = &turn.run.state else { return };
    let how = card::how(ended.how, &turn.run.steps);
    let took = ended.since.and_then(|since| card::took(ended.at.since(since)));
    let head = words::run::card::end_notice(&card::title(turn), &turn.run.id, &how, took.as_ref());
    let rows = if ended.since.is_some() { card::rows(turn) } else { Vec::new() };
    let (text, more) = card::squeeze(head, rows, &Text::default());
    post(turn, at, "end", &text, &more);
}

fn post(turn: &mut Turn<'_>, at: usize, key: &str, text: &Text, more: &Text) {
    let Subscriber { at: to, lang, .. } = turn.run.subscribers[at].clone();
    let leads_to = Some(turn.run.thread.clone());
    let body = Body { text: text.to(lang), more: more.to(lang), leads_to, ..Body::default() };
    turn.post(&format!("direct.{at}.{key}"), To::Direct(to), body);
}
