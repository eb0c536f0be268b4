//! A target that should have ended by now.

use super::{Model, Setup};
use crate::answer::{Seen, TroubleKind};
use crate::audit::Fact;
use crate::call::Settlement;
use crate::ids::{CallId, PersonId};
use crate::message::Button;
use crate::run::state::{End, Step, StepEnd};
use crate::run::{Remedy, RunEvent};
use crate::timer::TimerName;
use crate::token::{Token, Wish};

/// A run whose only target goes on past its time.
fn overdue(seen: Seen) -> Model {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, seen);
    model.fire(TimerName::Deadline(0));
    model
}

fn running() -> Seen {
    Seen::Running { note: "Succeeded".into() }
}

fn remedies(model: &Model) -> Vec<Remedy> {
    let remedy = |button: &Button| match &button.token {
        Token::OfRun { wish: Wish::Remedy { remedy, .. }, .. } => Some(*remedy),
        _ => None,
    };
    model.card().buttons.iter().filter_map(remedy).collect()
}

fn press(model: &mut Model, who: &str, remedy: Remedy) {
    let operation = match &model.run(1).steps[0] {
        Step::Following(following) => following.operation.id.clone(),
        other => panic!("{other:?}"),
    };
    press_old(model, who, remedy, operation);
}

fn press_old(model: &mut Model, who: &str, remedy: Remedy, operation: CallId) {
    let by = PersonId::new(who);
    model.send(1, &RunEvent::Remedy { by, step: 0, operation, remedy });
}

fn syncs(model: &Model) -> usize {
    model.syncs().len()
}

#[test]
fn people_are_told_and_may_decide_and_looking_goes_on() {
    let mut model = overdue(running());
    assert_eq!(model.end_of(1), None);
    let said = &model.last().text;
    assert!(said.contains("has not come to an end within 15m, last seen: Succeeded"), "{said}");
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::StartAgain, Remedy::GiveUp]);
    assert!(model.card().text.contains("overdue"), "{}", model.card().text);
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded), "it came to a good end after all");
}

#[test]
fn what_is_applied_cannot_be_terminated() {
    let model = overdue(Seen::Applied { note: "Progressing".into() });
    assert_eq!(remedies(&model), [Remedy::StartAgain, Remedy::GiveUp]);
}

#[test]
fn a_person_ends_the_waiting() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::GiveUp);
    assert_eq!(model.end_of(1), Some(End::Unknown));
    assert!(model.card().text.contains("mina stopped waiting for it"), "{}", model.card().text);
}

#[test]
fn terminated_is_cancelled() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    assert_eq!(model.operations.last().unwrap().call.action, "terminate");
    assert_eq!(remedies(&model), [], "one thing at a time");
    press(&mut model, "jun", Remedy::StartAgain);
    assert!(model.last().text.contains("mina chose \"Terminate\""), "{}", model.last().text);
    model.settle_done();
    model.look(0, Seen::Stopped { note: "Operation terminated".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert_eq!(syncs(&model), 1);
}

#[test]
fn started_again_only_when_nothing_is_under_way() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    assert_eq!((syncs(&model), model.operations.len()), (1, 2), "terminated first");
    model.settle_done();
    model.look(0, running());
    assert_eq!(syncs(&model), 1);
    model.look(0, Seen::Stopped { note: "Operation terminated".into() });
    model.read();
    assert_eq!(syncs(&model), 2, "with a fresh reading");
    let ids: Vec<_> = model.operations.iter().map(|op| op.id.as_str()).collect();
    assert_eq!(ids, ["r1.3", "r1.5", "r1.9"]);
    model.settle_done();
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    let acted = |fact: &&Fact| matches!(fact, Fact::Acted { act, .. } if act == "start again");
    assert_eq!(model.facts().into_iter().filter(acted).count(), 1);
}

#[test]
fn what_was_applied_is_started_again_at_once() {
    let mut model = overdue(Seen::Applied { note: "Progressing".into() });
    press(&mut model, "mina", Remedy::StartAgain);
    model.read();
    assert_eq!((syncs(&model), model.operations.len()), (2, 2));
}

#[test]
fn an_operation_that_the_tool_does_not_let_go_of_is_told_and_people_decide_anew() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    let refused = super::trouble(TroubleKind::Refused);
    model.settle(Settlement::Refused { trouble: refused });
    assert!(model.said("wallet could not be terminated"));
    assert!(!model.said("`cancel` asks once more"));
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::StartAgain, Remedy::GiveUp]);
    assert_eq!(syncs(&model), 1);
    // Somebody removed it by hand.
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, Seen::Stopped { note: "Operation terminated".into() });
    model.read();
    assert_eq!(syncs(&model), 2);
}

#[test]
fn nothing_is_started_again_in_a_run_that_is_being_stopped() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.send(1, &RunEvent::Cancel { by: PersonId::new("mina") });
    model.settle_done();
    model.look(0, Seen::Stopped { note: "Operation terminated".into() });
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Cancelled), 1));
    assert!(model.queries.iter().all(|query| query.call.action != "diff"));
}

#[test]
fn what_was_over_before_it_could_be_terminated_is_decided_anew() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Over) });
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(remedies(&model), [Remedy::StartAgain, Remedy::GiveUp]);
}

#[test]
fn a_good_end_wins_over_starting_again() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.healthy(0);
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Succeeded), 1));
}

#[test]
fn nobody_decides_and_it_is_unknown_after_as_much_time_again() {
    let mut model = overdue(running());
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
    assert!(model.card().text.contains("no end within 30m"), "{}", model.card().text);
}

#[test]
fn who_stops_the_run_is_not_asked() {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, running());
    model.send(1, &RunEvent::Cancel { by: PersonId::new("mina") });
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
}

#[test]
fn strangers_old_buttons_and_what_is_in_time_change_nothing() {
    let mut model = overdue(running());
    press(&mut model, "eve", Remedy::GiveUp);
    assert_eq!(model.end_of(1), None);
    press_old(&mut model, "mina", Remedy::GiveUp, CallId::new("r1.99"));
    assert!(model.last().text.contains("That button is old"), "{}", model.last().text);
    assert_eq!(model.end_of(1), None);
    let mut early = Model::with_run(&Setup::default());
    early.until_following();
    press(&mut early, "mina", Remedy::Terminate);
    assert_eq!(early.operations.len(), 1);
    let ended =
        |model: &Model| matches!(&model.run(1).steps[0], Step::Ended(StepEnd::Unknown { .. }));
    assert!(!ended(&early));
}
