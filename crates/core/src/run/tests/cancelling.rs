//! Stopping.

use super::{APPROVED, Model, Setup};
use crate::answer::{Pause, Seen, TroubleKind};
use crate::audit::Fact;
use crate::call::Settlement;
use crate::plan::Mode;
use crate::run::state::{End, LetGo, Step, StepEnd};
use crate::runbook::Order;
use crate::timer::TimerName;

fn running() -> Model {
    let targets = vec!["wallet", "shop"];
    let mut model = Model::with_run(&Setup { targets, approval: false, ..Setup::default() });
    model.read();
    model
}

#[test]
fn what_waits_ends_at_once() {
    let mut awaiting = Model::with_run(&Setup::default());
    awaiting.cancel("mina");
    assert_eq!(awaiting.end_of(1), Some(End::Cancelled));
    assert_eq!(awaiting.last().text, "r1 cancelled: mina stopped it.");

    let mut rechecking = Model::with_run(&Setup::default());
    rechecking.decide("jun", APPROVED);
    rechecking.cancel("jun");
    assert_eq!(rechecking.end_of(1), Some(End::Cancelled));
    rechecking.read();
    assert!(rechecking.operations.is_empty(), "a late answer does nothing");
}

#[test]
fn strangers_may_not_stop_it() {
    let mut model = Model::with_run(&Setup::default());
    model.cancel("eve");
    assert!(model.run(1).awaits_decision());
    assert!(
        model
            .last()
            .text
            .contains("eve may not do this to r1; the requester and @devops, @leads may")
    );
    assert!(model.facts().iter().any(|fact| matches!(fact, Fact::Refused { .. })));
    model.cancel("dora");
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

#[test]
fn while_it_is_requested_it_is_stopped_once_the_tool_took_it() {
    let mut model = running();
    model.cancel("dora");
    assert_eq!(model.operations.len(), 1);
    assert_eq!(*model.step(1), Step::Ended(StepEnd::Cancelled));
    model.settle_done();
    let stop = &model.operations[1];
    assert_eq!(
        (stop.call.action.as_str(), &stop.call.with["operation"]),
        ("terminate", &"r1.2".into())
    );
    assert_eq!(stop.call.with["app"], "main/argocd/wallet");
    model.settle_done();
    assert_eq!(model.end_of(1), None, "only looking tells how it ended");
    model.look(0, Seen::Stopped { note: "terminated".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert_eq!(model.syncs().len(), 1);
}

#[test]
fn twice_is_told_and_stops_once() {
    let mut model = running();
    model.settle_done();
    model.cancel("mina");
    model.cancel("dora");
    assert!(model.last().text.contains("r1 is already being stopped, as mina asked"));
    assert_eq!(model.operations.len(), 2);
    assert!(model.card().buttons.is_empty());
}

#[test]
fn what_was_finished_before_is_a_success_and_told() {
    let mut model = running();
    model.settle_done();
    model.cancel("mina");
    model.settle_done();
    model.healthy(0);
    assert!(model.said("wallet was finished before it could be stopped"));
    assert!(model.step(0).is_succeeded());
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

/// Following, with a stop that was refused this way.
fn stop_refused(kind: TroubleKind) -> Model {
    let mut model = running();
    model.settle_done();
    model.cancel("mina");
    model.settle(Settlement::Refused { trouble: super::trouble(kind) });
    model
}

fn said_often(model: &Model, text: &str) -> usize {
    model.says.iter().filter(|say| say.body.text.contains(text)).count()
}

#[test]
fn a_stop_that_came_too_soon_is_asked_again_by_itself() {
    let mut model = stop_refused(TroubleKind::NotYet);
    assert!(model.said("wallet could not be stopped yet: argocd main has not begun it yet."));
    assert_eq!(model.operations.len(), 2, "not before the next look");
    model.look(0, Seen::Running { note: "Running".into() });
    model.settle(Settlement::Unsure { trouble: super::trouble(TroubleKind::TimedOut) });
    model.look(0, Seen::Running { note: "Running".into() });
    model.cancel("dora");
    assert!(model.last().text.contains("r1 is already being stopped, as mina asked"));
    model.settle_done();
    assert_eq!(model.operations.len(), 4);
    model.look(0, Seen::Running { note: "Terminating".into() });
    assert_eq!(model.operations.len(), 4, "it was taken");
    model.look(0, Seen::Stopped { note: "terminated".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert_eq!(said_often(&model, "could not be stopped"), 1, "said once");
}

#[test]
fn a_stop_that_is_over_before_it_is_asked_again_is_not_asked_again() {
    let mut model = stop_refused(TroubleKind::NotYet);
    model.healthy(0);
    assert_eq!(model.operations.len(), 2);
    assert!(model.said("wallet was finished before it could be stopped"));
}

#[test]
fn asking_to_stop_is_given_up_at_last_and_a_person_may_go_on() {
    let mut model = stop_refused(TroubleKind::NotYet);
    for _ in 0..9 {
        model.look(0, Seen::Running { note: "Running".into() });
        model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::NotYet) });
    }
    assert!(model.last().text.contains("I keep watching it; `cancel` asks once more."));
    assert_eq!(said_often(&model, "could not be stopped"), 2);
    let asked = model.operations.len();
    model.look(0, Seen::Running { note: "Running".into() });
    assert_eq!(model.operations.len(), asked);
    assert_eq!(model.card().buttons.len(), 1);
    model.cancel("mina");
    assert_eq!(model.operations.len(), asked + 1);
}

#[test]
fn what_a_tool_does_by_itself_is_let_go_and_not_called_stopped() {
    let mut model = Model::with_run(&Setup { approval: false, ..Setup::default() });
    model.tool.values_mut().for_each(|part| part.mode = Mode::Watch);
    let run = model.world.runs.values_mut().next().unwrap();
    run.plan.targets[0].mode = Mode::Watch;
    model.read();
    assert_eq!(model.step(0).let_go(), Some(LetGo::ByItself));
    model.cancel("mina");
    assert!(
        model.said(
            "mina stops r1. Nothing new starts. What Argo CD deploys by itself goes on there"
        )
    );
    assert_eq!(*model.step(0), Step::Ended(StepEnd::LetGo { why: LetGo::ByItself }));
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    let row = "– wallet 1.4.2 → 1.5.0 (Argo CD deploys it by itself): no longer watched; Argo CD goes on by itself";
    assert_eq!(model.last().text, format!("r1 no longer watched.\n{row}"));
    assert!(model.card().text.starts_with("[production] r1 Deploy: no longer watched\n"));
    assert!(model.notices()[1].starts_with("Finished: Deploy r1 no longer watched"));
    assert!(!model.said("cancelled"), "nothing was");
    assert!(model.operations.is_empty() && model.timers.is_empty());
}

const APPLIED: Step = Step::Ended(StepEnd::LetGo { why: LetGo::Applied });

#[test]
fn what_is_applied_is_let_go_at_once_and_the_tool_is_not_asked() {
    let note = || "Progressing".to_owned();
    for seen in [Seen::Applied { note: note() }, Seen::Waiting(Pause::noted(note()))] {
        let mut model = running();
        model.settle_done();
        model.look(0, seen);
        model.cancel("mina");
        assert!(model.said(
            "mina stops r1. Nothing new starts. What is applied already stays; I no longer watch"
        ));
        assert!(!model.said("being stopped in the tool"), "that is not true");
        assert_eq!(model.operations.len(), 1);
        assert_eq!(*model.step(0), APPLIED);
        assert_eq!(*model.step(1), Step::Ended(StepEnd::Cancelled));
        assert_eq!(model.end_of(1), Some(End::Cancelled));
        let rows = "– wallet 1.4.2 → 1.5.0: applied already; no longer watched\n\
                    – shop 1.4.2 → 1.5.0: cancelled";
        assert_eq!(model.last().text, format!("r1 cancelled.\n{rows}"));
        assert!(model.card().text.contains(rows) && model.notices()[1].contains(rows));
        assert!(model.world.locks.is_empty() && model.timers.is_empty());
    }
}

#[test]
fn what_is_applied_and_alone_was_not_cancelled() {
    let mut model = Model::with_run(&Setup { approval: false, ..Setup::default() });
    model.read();
    model.settle_done();
    model.look(0, Seen::Applied { note: "Progressing".into() });
    model.cancel("mina");
    assert!(model.card().text.starts_with("[production] r1 Deploy: no longer watched\n"));
    assert!(!model.said("cancelled"), "nothing was");
}

#[test]
fn a_stop_that_finds_it_over_looks_at_once_and_lets_go_of_what_was_applied() {
    let mut model = stop_refused(TroubleKind::Over);
    assert!(!model.said("could not be stopped"), "nothing is left to stop");
    let look = model.timers.values().find(|timer| timer.name == TimerName::Look(0));
    assert_eq!(look.map(|timer| timer.due), Some(model.ctx.now));
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(*model.step(0), APPLIED);
    assert!(model.said("wallet was applied before it could be stopped. That stays;"));
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert_eq!(model.operations.len(), 2);
    assert!(model.world.locks.is_empty());
}

#[test]
fn a_stop_that_finds_it_over_does_not_say_how_it_ended() {
    let mut model = stop_refused(TroubleKind::Over);
    model.look(0, Seen::Failed { note: "hook".into() });
    assert_eq!(model.end_of(1), Some(End::Failed));
    let mut model = stop_refused(TroubleKind::Over);
    model.healthy(0);
    assert!(model.step(0).is_succeeded());
}

#[test]
fn a_stop_that_was_taken_too_late_lets_go_of_what_was_applied() {
    let mut model = running();
    model.settle_done();
    model.cancel("mina");
    model.settle_done();
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(*model.step(0), APPLIED);
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

#[test]
fn teams_that_may_both_start_and_approve_are_named_once() {
    let mut model = Model::with_run(&Setup::default());
    let run = model.world.runs.values_mut().next().unwrap();
    let approval = run.approval.as_mut().unwrap();
    approval.teams = ["leads", "devops", "leads"].map(crate::ids::TeamName::new).into();
    model.cancel("eve");
    assert!(model.last().text.contains("the requester and @devops, @leads may"));
}

#[test]
fn a_tool_that_does_not_stop_is_told_watched_and_may_be_asked_again() {
    let mut model = stop_refused(TroubleKind::Forbidden);
    assert!(model.said("does not let Wilco's account do this. Please ask its administrator"));
    assert!(model.said("I keep watching it; `cancel` asks once more."));
    model.look(0, Seen::Running { note: "Running".into() });
    assert_eq!(model.operations.len(), 2, "nothing but a person helps");
    assert_eq!(model.end_of(1), None);
    model.cancel("mina");
    assert_eq!(model.operations.len(), 3);
    assert_ne!(model.operations[1].id, model.operations[2].id);
}

#[test]
fn while_it_is_only_checked_nothing_has_to_be_stopped() {
    let mut model = Model::with_run(&Setup { approval: false, ..Setup::default() });
    model.cancel("mina");
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert!(model.operations.is_empty() && model.world.locks.is_empty());
    model.cancel("mina");
    assert!(model.last().text.contains("r1 is already over: cancelled"));
}

#[test]
fn a_second_request_goes_only_to_what_was_not_stopped() {
    let targets = vec!["wallet", "shop"];
    let order = Order::Parallel(2);
    let mut model = Model::with_run(&Setup { targets, order, approval: false, ..Setup::default() });
    for _ in 0..2 {
        model.read();
        model.settle_done();
    }
    model.cancel("mina");
    assert_eq!(model.operations.len(), 4);
    model.settle_done();
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) });
    model.cancel("mina");
    assert_eq!(model.operations.len(), 5);
    assert_eq!(model.operations[4].call.with["app"], "main/argocd/shop");
}
