//! Looking at the tool.

use super::{Model, SECOND, Setup};
use crate::answer::{Pause, Seen, TroubleKind, Warning};
use crate::call::Settlement;
use crate::run::RunEvent;
use crate::run::state::{End, Step, StepEnd};
use crate::runbook::Order;
use crate::timer::TimerName;

fn following() -> Model {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model
}

#[test]
fn the_look_carries_operation_receipt_and_memory() {
    let mut model = following();
    model.look(0, Seen::Running { note: "Syncing".into() });
    model.fire(TimerName::Look(0));
    let with = &model.queries[0].call.with;
    assert_eq!(with["operation"]["id"], "r1.3");
    assert_eq!(with["receipt"], serde_json::json!({ "at": 1 }));
    assert_eq!(with["memory"], serde_json::json!({ "looks": 1 }));
    assert_eq!(model.queries[0].call.connector, "argocd");
}

#[test]
fn a_tool_that_goes_away_is_told_and_the_run_goes_on_when_it_is_back() {
    let mut model = following();
    model.pass(60 * SECOND);
    for _ in 0..6 {
        model.look_fails(0, TroubleKind::ToolFailed);
    }
    let card = &model.card().text;
    assert!(
        card.contains(
            "reports an error of its own. It has been so since 09:01. What was started goes on"
        ),
        "{card}"
    );
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn the_deadline_says_unknown_and_never_failed() {
    let mut model = following();
    model.look(0, Seen::Running { note: "Progressing".into() });
    model.send(1, &RunEvent::Timer { name: TimerName::Deadline(0), generation: 1 });
    assert_eq!(model.end_of(1), None, "a stale timer does nothing");
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), None, "people may decide first");
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
    let card = &model.card().text;
    assert!(card.contains("no end within 30m, last seen: Progressing"), "{card}");
}

#[test]
fn an_answer_that_is_handled_before_the_deadline_wins() {
    let mut model = following();
    model.pass(1000 * SECOND);
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn what_waits_for_a_person_in_the_tool_is_no_failure() {
    let mut model = following();
    model.pass(3 * SECOND);
    model.look(0, Seen::Waiting(Pause::noted("Suspended".into())));
    let card = &model.card().text;
    assert!(card.contains("waits for a person (Suspended)"), "{card}");
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn lost_and_unsure_are_unknown_refused_and_stopped_outside_are_failed() {
    let mut lost = following();
    lost.look(0, Seen::Lost { note: "another operation".into() });
    assert_eq!(lost.end_of(1), Some(End::Unknown));
    let mut stopped = following();
    stopped.look(0, Seen::Stopped { note: "terminated".into() });
    assert_eq!(stopped.end_of(1), Some(End::Failed));
    assert!(stopped.card().text.contains("it was stopped in the tool (terminated)"));

    for (kind, word) in [
        (TroubleKind::Busy, "already doing something else to it"),
        (TroubleKind::WindowClosed, "closed sync window"),
    ] {
        let mut refused = Model::with_run(&Setup { approval: false, ..Setup::default() });
        refused.read();
        refused.settle(Settlement::Refused { trouble: super::trouble(kind) });
        assert_eq!(refused.end_of(1), Some(End::Failed));
        assert!(refused.card().text.contains(word), "{}", refused.card().text);
    }
    let mut unsure = Model::with_run(&Setup { approval: false, ..Setup::default() });
    unsure.read();
    unsure.settle(Settlement::Unsure { trouble: super::trouble(TroubleKind::TimedOut) });
    assert_eq!(unsure.end_of(1), Some(End::Unknown));
}

#[test]
fn the_card_is_written_at_most_every_two_seconds_and_the_last_state_is_never_lost() {
    let targets = vec!["wallet", "shop"];
    let order = Order::Parallel(2);
    let mut model = Model::with_run(&Setup { targets, order, approval: false, ..Setup::default() });
    let cards =
        |model: &Model| model.says.iter().filter(|say| say.key.as_str() == "r1.card").count();
    for _ in 0..2 {
        model.read();
        model.settle_done();
    }
    model.pass(5 * SECOND);
    model.look(0, Seen::Running { note: "Syncing".into() });
    let before = cards(&model);
    model.look(1, Seen::Running { note: "Progressing".into() });
    assert_eq!(cards(&model), before, "too early");
    model.fire(TimerName::Redraw);
    assert_eq!(cards(&model), before + 1);
    let text = &model.card().text;
    assert!(text.contains("1.5.0: Syncing") && text.contains("1.5.0: Progressing"), "{text}");
    model.look(0, Seen::Running { note: "Syncing".into() });
    assert_eq!(cards(&model), before + 1, "nothing new to see");
}

#[test]
fn where_order_matters_the_rest_does_not_start_and_that_is_told() {
    let targets = vec!["wallet", "shop", "mail"];
    let mut model = Model::with_run(&Setup { targets, approval: false, ..Setup::default() });
    assert_eq!(model.queries.len(), 1, "one at a time");
    model.read();
    model.settle_done();
    model.healthy(0);
    model.read();
    model.settle_done();
    model.look(1, Seen::Failed { note: "CrashLoopBackOff".into() });
    assert_eq!(model.syncs(), ["main/argocd/wallet", "main/argocd/shop"]);
    assert!(model.last().text.contains("– mail 1.4.2 → 1.5.0: not started, because of shop"));
    assert!(matches!(model.step(2), Step::Ended(StepEnd::Skipped { .. })));
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.world.locks.is_empty());
}

#[test]
fn side_by_side_one_failure_does_not_stop_the_others() {
    let targets = vec!["wallet", "shop", "mail"];
    let order = Order::Parallel(2);
    let mut model = Model::with_run(&Setup { targets, order, approval: false, ..Setup::default() });
    assert_eq!(model.queries.len(), 2, "two at once");
    model.read();
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Refused) });
    assert_eq!(model.queries.len(), 2, "the third took the free place");
    model.read();
    model.settle_done();
    model.read();
    model.settle_done();
    model.healthy(1);
    assert_eq!(model.end_of(1), None);
    model.look(
        2,
        Seen::Succeeded { note: "Healthy".into(), warnings: vec![Warning::StillOutOfSync] },
    );
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.card().text.contains("note: still shown as OutOfSync"), "{}", model.card().text);
}

/// When the next look is due, in milliseconds from now.
fn next_look(model: &Model) -> i64 {
    let look = model.timers.values().find(|timer| timer.name == TimerName::Look(0));
    look.map_or(-1, |timer| timer.due.since(model.ctx.now).as_millis().try_into().unwrap())
}

fn hint(model: &mut Model) {
    let operation = model.operations[0].id.clone();
    model.send(1, &RunEvent::Hinted { operation });
}

#[test]
fn a_hint_brings_the_look_forward_and_nothing_else() {
    let mut model = following();
    model.hinted = true;
    model.look(0, Seen::Running { note: "Syncing".into() });
    assert_eq!(next_look(&model), 10_000, "a tool that tells of changes is asked rarely");
    model.pass(3 * SECOND);
    let (before, said) = (model.run(1).clone(), model.says.len());
    hint(&mut model);
    assert_eq!(next_look(&model), 0);
    assert_eq!(model.says.len(), said);
    assert_eq!((&model.run(1).state, model.operations.len()), (&before.state, 1));
    model.look(0, Seen::Running { note: "Syncing".into() });
    assert_eq!(next_look(&model), 2_000, "what answers may be behind what hints");
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn a_hint_while_a_look_is_under_way_asks_for_another_one() {
    let mut model = following();
    model.hinted = true;
    model.fire(TimerName::Look(0));
    hint(&mut model);
    assert_eq!(model.queries.len(), 1, "one look at a time");
    model.answer_look(Seen::Running { note: "Syncing".into() });
    assert_eq!(next_look(&model), 500);
}

#[test]
fn hints_without_end_do_not_become_looks_without_end() {
    let mut model = following();
    let mut asked = 0;
    for _ in 0..600 {
        hint(&mut model);
        if next_look(&model) == 0 {
            model.look(0, Seen::Running { note: "Syncing".into() });
            asked += 1;
        }
        model.pass(SECOND / 10);
    }
    assert!(asked < 50, "{asked} looks in a minute");
}

#[test]
fn more_hints_before_the_next_look_change_nothing() {
    let mut model = following();
    model.hinted = true;
    model.look(0, Seen::Running { note: "Syncing".into() });
    model.pass(SECOND / 10);
    hint(&mut model);
    let (due, generation) = (next_look(&model), model.run(1).generation);
    hint(&mut model);
    assert_eq!((next_look(&model), model.run(1).generation), (due, generation));
}

#[test]
fn a_tool_that_gives_no_answer_is_spared_whatever_it_tells() {
    let mut model = following();
    for _ in 0..5 {
        model.look_fails(0, TroubleKind::ToolFailed);
    }
    let due = next_look(&model);
    assert_eq!(due, 30_000);
    hint(&mut model);
    assert_eq!(next_look(&model), due);
}

#[test]
fn a_hint_about_what_is_over_or_unknown_does_nothing() {
    let mut model = following();
    let stranger = RunEvent::Hinted { operation: crate::ids::CallId::new("r9.1") };
    let before = model.run(1).clone();
    model.send(1, &stranger);
    assert_eq!(*model.run(1), before);
    model.healthy(0);
    let over = model.run(1).clone();
    hint(&mut model);
    assert_eq!(*model.run(1), over);
}
