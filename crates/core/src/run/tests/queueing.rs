//! Locks between runs.

use super::{Model, Setup, target};
use crate::ids::RunId;
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
