//! The notices in other rooms: after approval, wanted before the first effect is, and at the end. The
//! effect does not wait until the notice stands there.

use crate::ids::PersonId;
use crate::lang::{Lang, Text};
use crate::message::{Body, To};
use crate::words;

use super::card::Row;
use super::state::State;
use super::turn::Turn;
use super::{Run, card};

/// Who, what old → new, in which order, in which thread.
pub(super) fn start(turn: &mut Turn<'_>) {
    let title = card::title(turn);
    let by = card::by(turn);
    let head = words::run::card::start_notice(&title, &turn.run.id, &by);
    let rows = numbered(&turn.run);
    let plan = &turn.run.plan;
    let (at_once, on_failure) = (turn.run.at_once, turn.run.on_failure);
    let foot = words::run::card::order(at_once, plan.wave_count(), on_failure, rows.len());
    tell(turn, "start", &head, &rows, &foot);
}

/// The same targets with how they ended, and how long it took.
pub(super) fn end(turn: &mut Turn<'_>) {
    let State::Ended(ended) = &turn.run.state else {
        return;
    };
    let Some(since) = ended.since else {
        return;
    };
    let took = card::took(ended.at.since(since));
    let how = card::how(ended.how, &turn.run.steps);
    let head = words::run::card::end_notice(&card::title(turn), &turn.run.id, &how, took.as_ref());
    tell(turn, "end", &head, &card::rows(turn), &Text::default());
}

/// What a person found out about a run that was lost sight of, for those who were told that nobody knows.
pub(super) fn resolved(turn: &mut Turn<'_>, by: &PersonId, succeeded: bool) {
    if !matches!(&turn.run.state, State::Ended(ended) if ended.since.is_some()) {
        return;
    }
    let said = words::run::resolved(&turn.run.id, &turn.name(by), succeeded);
    tell(turn, "resolved", &said, &[], &Text::default());
}

/// One row per target, with its place where order matters.
fn numbered(run: &Run) -> Vec<Row> {
    run.plan
        .targets
        .iter()
        .enumerate()
        .map(|(at, part)| {
            let row = card::what(&run.plan, part);
            let mark = match run.plan.waves.get(at).filter(|_| run.plan.wave_count() > 1) {
                Some(wave) => format!("{}.", wave + 1),
                None if run.at_once == 1 => format!("{}.", at + 1),
                None => "·".to_owned(),
            };
            Row::plain(words::run::card::row(&mark, &row, &Text::default()))
        })
        .collect()
}

/// Says it in every room of `announce:`, each in its own language, with the way to the run's thread.
fn tell(turn: &mut Turn<'_>, key: &str, head: &Text, rows: &[Row], foot: &Text) {
    for (at, room) in turn.run.announce.clone().into_iter().enumerate() {
        let lang: Lang = turn.ctx.settings.room_language(&room);
        let (text, more) = card::squeeze(head.clone(), rows.to_vec(), foot);
        let leads_to = Some(turn.run.thread.clone());
        let body = Body { text: text.to(lang), more: more.to(lang), leads_to, ..Body::default() };
        turn.post(&format!("announce.{at}.{key}"), To::Room(room), body);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{APPROVED, Model, SECOND, Setup};

    #[test]
    fn every_notice_leads_to_the_thread_of_the_run() {
        let mut model = Model::with_run(&Setup::default());
        model.decide("jun", APPROVED);
        model.read();
        model.read();
        model.pass(40 * SECOND);
        model.settle_done();
        model.healthy(0);
        let notices = model.says.iter().filter(|say| say.key.as_str().contains("announce"));
        let ways: Vec<_> = notices.map(|say| say.body.leads_to.clone()).collect();
        assert_eq!(ways, vec![Some(model.run(1).thread.clone()); 2]);
    }
}
