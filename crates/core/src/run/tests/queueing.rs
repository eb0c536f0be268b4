//! Locks between runs.

use super::{APPROVED, Model, Setup, target};
use crate::audit::Fact;
use crate::ids::{PersonId, RunId};
use crate::run::RunEvent;
use crate::run::state::{End, State};
use crate::runbook::Order;

fn setup() -> Setup {
    Setup {
        targets: vec!["wallet", "shop", "mail"],
        order: Order::Parallel(4),
        approval: false,
        ..Setup::default()
    }
}

#[test]
fn the_second_run_waits_with_its_place_and_goes_on_by_itself() {
    let mut model = Model::new(&setup());
    model.create(1, &["wallet"]);
    model.create(2, &["wallet"]);
    model.create(3, &["wallet"]);
    assert!(matches!(model.run(2).state, State::Queued(_)));
    model.pass(2 * super::SECOND);
    model.send(3, &RunEvent::LockGranted);
    let third = &model.message("r3.card").text;
    assert!(third.contains("r1 holds wallet; this run is number 2 in the queue"), "{third}");
    model.read();
    model.settle_done();
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    assert!(matches!(model.run(2).state, State::Running(_)));
    assert!(matches!(model.run(3).state, State::Queued(_)));
    let third = &model.message("r3.card").text;
    assert!(third.contains("r2 holds wallet; this run is number 1 in the queue"), "{third}");
    assert_eq!(model.world.locks[&target("wallet")].holder, Some(RunId::numbered(2)));
}

/// Two runs on one application, the second without approval and in the environment *stage*.
fn queued(approval: bool) -> Model {
    let mut model = Model::new(&Setup { approval, ..setup() });
    model.environments(&[("*/*/*", "stage")]);
    model.create(2, &["wallet"]);
    if approval {
        model.decide_on(2, "jun");
        let query = model.queries.remove(0);
        let answer = model.reading(&query);
        model.answer(&query, Ok(answer));
    }
    model.create(1, &["wallet"]);
    model.post();
    if approval {
        model.decide("jun", APPROVED);
        let query = model.queries.remove(1);
        let answer = model.reading(&query);
        model.answer(&query, Ok(answer));
    }
    assert!(matches!(model.run(1).state, State::Queued(_)), "{:?}", model.run(1).state);
    model
}

/// The first of two runs leaves.
fn first_leaves(model: &mut Model) {
    model.send(2, &RunEvent::Cancel { by: PersonId::new("mina") });
}

#[test]
fn what_is_in_another_environment_by_now_does_not_start() {
    let mut model = queued(false);
    model.environments(&[]);
    first_leaves(&mut model);
    assert_eq!(model.end_of(1), Some(End::Failed));
    let last = &model.last().text;
    assert!(last.contains("wallet: was in stage, now in production"), "{last}");
    assert!(last.contains("Nothing was changed; please ask again"), "{last}");
    let refused = |fact: &&Fact| matches!(fact, Fact::Refused { what, .. } if what == "start r1");
    assert!(model.facts().iter().any(refused), "on record");
    assert!(model.operations.is_empty() && model.world.locks.is_empty());

    let mut same = queued(false);
    first_leaves(&mut same);
    assert!(matches!(same.run(1).state, State::Running(_)));

    let mut approved = queued(true);
    approved.environments(&[]);
    first_leaves(&mut approved);
    assert_eq!(approved.end_of(1), Some(End::Failed));
    let void =
        |fact: &&Fact| matches!(fact, Fact::ApprovalVoid { run, .. } if run.as_str() == "r1");
    assert!(approved.facts().iter().any(void));
}

#[test]
fn the_approver_must_still_be_allowed_when_it_starts() {
    let mut model = queued(true);
    model.without_teams("jun");
    first_leaves(&mut model);
    assert_eq!(model.end_of(1), Some(End::Failed));
    let last = &model.last().text;
    assert!(last.contains("jun, who approved it, may not approve any more"), "{last}");
    let refused = |fact: &&Fact| matches!(fact, Fact::Refused { what, .. } if what == "approve r1");
    assert!(model.facts().iter().any(refused), "on record");
    assert!(model.world.locks.is_empty());
}

#[test]
fn locks_are_taken_in_sorted_order_whatever_the_plan_says() {
    let mut model = Model::new(&setup());
    model.create(1, &["shop"]);
    model.create(2, &["wallet", "shop", "mail"]);
    // It holds what comes before the lock it waits for, and does not ask for what comes after.
    assert_eq!(model.world.locks[&target("mail")].holder, Some(RunId::numbered(2)));
    assert_eq!(model.world.locks[&target("shop")].queue, [RunId::numbered(2)]);
    assert!(!model.world.locks.contains_key(&target("wallet")));
    assert!(model.notices().len() == 1, "nothing is announced before it starts");
}

#[test]
fn a_cancelled_run_leaves_the_queue_and_frees_what_it_has() {
    let mut model = Model::new(&setup());
    model.create(2, &["shop"]);
    model.create(1, &["mail", "shop"]);
    model.create(3, &["mail"]);
    model.cancel("mina");
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert!(model.world.locks[&target("shop")].queue.is_empty());
    assert!(matches!(model.run(3).state, State::Running(_)));
}
