//! One wave after the other, and what a failure does to the rest.

use super::{APPROVED, Model, Setup, trouble, waves};
use crate::answer::{Seen, TroubleKind};
use crate::call::Settlement;
use crate::run::state::{End, Step, StepEnd};
use crate::runbook::{OnFailure, Order};

/// The queue and the database first, then the two that use them, then what nobody named.
fn setup() -> Setup {
    Setup {
        targets: vec!["web", "shop", "wallet", "db", "queue"],
        order: waves(&[&["queue", "db"], &["none-of-these"], &["shop", "wal*"]]),
        approval: false,
        ..Setup::default()
    }
}

/// Reads and starts as many targets as ask for it.
fn start(model: &mut Model, count: usize) {
    for _ in 0..count {
        model.read();
        model.settle_done();
    }
}

#[test]
fn the_next_wave_starts_when_all_of_the_last_are_healthy() {
    let mut model = Model::with_run(&setup());
    let plan = &model.run(1).plan;
    let order: Vec<&str> = plan.targets.iter().map(|part| part.target.name.as_str()).collect();
    assert_eq!(order, ["db", "queue", "shop", "wallet", "web"], "as listed within a wave");
    assert_eq!(plan.waves, [0, 0, 1, 1, 2], "a wave without a target is none");
    assert_eq!(model.queries.len(), 2, "the whole first wave at once");
    start(&mut model, 2);
    model.healthy(1);
    assert_eq!(model.syncs(), ["main/argocd/db", "main/argocd/queue"], "db is not done yet");
    model.healthy(0);
    start(&mut model, 2);
    assert_eq!(model.syncs().len(), 4);
    model.healthy(2);
    model.healthy(3);
    start(&mut model, 1);
    model.healthy(4);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn a_failure_stops_the_later_waves_and_lets_its_own_go_on() {
    let mut model = Model::with_run(&setup());
    start(&mut model, 2);
    model.look(0, Seen::Failed { note: "CrashLoopBackOff".into() });
    assert!(matches!(model.step(1), Step::Following(_)), "what is under way goes on");
    for later in 2..5 {
        assert!(matches!(model.step(later), Step::Ended(StepEnd::Skipped { .. })), "{later}");
    }
    model.healthy(1);
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert_eq!(model.syncs().len(), 2);
}

#[test]
fn who_wants_to_go_on_goes_on() {
    for order in [Order::Listed, setup().order] {
        let on_failure = Some(OnFailure::GoOn);
        let targets = vec!["db", "shop"];
        let mut model = Model::with_run(&Setup { targets, order, on_failure, ..setup() });
        start(&mut model, 1);
        model.look(0, Seen::Failed { note: "CrashLoopBackOff".into() });
        start(&mut model, 1);
        model.healthy(1);
        assert_eq!(model.syncs().len(), 2);
        assert_eq!(model.end_of(1), Some(End::Failed));
    }
}

#[test]
fn side_by_side_a_failure_may_stop_what_was_not_begun() {
    let (order, on_failure) = (Order::Parallel(2), Some(OnFailure::Stop));
    let targets = vec!["wallet", "shop", "mail"];
    let mut model = Model::with_run(&Setup { targets, order, on_failure, ..setup() });
    model.read();
    model.settle(Settlement::Refused { trouble: trouble(TroubleKind::Refused) });
    assert!(matches!(model.step(2), Step::Ended(StepEnd::Skipped { .. })));
    start(&mut model, 1);
    model.healthy(1);
    assert_eq!(model.end_of(1), Some(End::Failed));
}

#[test]
fn what_comes_after_what_is_part_of_what_is_agreed_to() {
    let digest = |order: Order| {
        let targets = vec!["db", "shop"];
        let model = Model::with_run(&Setup { targets, order, approval: true, ..setup() });
        model.run(1).plan.digest.clone()
    };
    let first = digest(waves(&[&["db"], &["shop"]]));
    assert_ne!(first, digest(waves(&[&["db", "shop"]])));
    assert_ne!(first, digest(Order::Listed));
    let mut model = Model::with_run(&Setup { approval: true, ..setup() });
    assert!(model.card().text.contains("1. db"), "{}", model.card().text);
    model.decide("jun", APPROVED);
    model.read();
    assert!(model.syncs().is_empty() && model.end_of(1).is_none());
    let notice = model.notices()[0];
    assert!(notice.contains("1. db") && notice.contains("In 3 waves"), "{notice}");
}
