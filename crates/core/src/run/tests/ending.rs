//! Notices, the last message, and runs that were lost sight of.

use super::{APPROVED, Model, SECOND, Setup, target};
use crate::audit::Fact;
use crate::ids::PersonId;
use crate::run::state::End;
use crate::timer::TimerName;
use crate::token::{Token, Wish};

#[test]
fn the_notices_say_who_what_and_how_it_ended() {
    let targets = vec!["wallet", "shop"];
    let mut model = Model::with_run(&Setup { targets, ..Setup::default() });
    model.decide("jun", APPROVED);
    model.read();
    assert_eq!(
        model.notices(),
        ["Started: Deploy r1 (asked by mina, approved by jun)\n\
          1. wallet 1.4.2 → 1.5.0\n2. shop 1.4.2 → 1.5.0\nOne after the other, in this order."]
    );
    assert!(model.operations.is_empty(), "the notice is wanted before the first effect is");
    for step in 0..2 {
        model.read();
        model.pass(40 * SECOND);
        model.settle_done();
        model.healthy(step);
    }
    assert_eq!(
        model.notices()[1],
        "Finished: Deploy r1 succeeded (1m 24s)\n\
         ✓ wallet 1.4.2 → 1.5.0: Healthy (42s)\n✓ shop 1.4.2 → 1.5.0: Healthy (42s)"
    );
    let last = model.last();
    assert_eq!(last.mention, Some(PersonId::new("mina")));
    assert!(last.text.starts_with("r1 succeeded.\n✓ wallet"), "{}", last.text);
    assert!(model.card().buttons.is_empty() && model.world.locks.is_empty());
    assert!(!model.run(1).is_live());
    assert!(matches!(model.facts().last(), Some(Fact::RunEnded { how, .. }) if how == "succeeded"));
    assert!(model.timers.is_empty(), "{:?}", model.timers);
}

#[test]
fn what_was_lost_sight_of_keeps_its_lock_until_a_person_looked() {
    let targets = vec!["wallet", "shop"];
    let mut model = Model::with_run(&Setup { targets, approval: false, ..Setup::default() });
    model.read();
    model.settle_done();
    model.fire(TimerName::Deadline(0));
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
    assert!(model.run(1).is_live());
    let held: Vec<_> = model.world.locks.keys().cloned().collect();
    assert_eq!(held, [target("wallet")]);
    let tokens: Vec<_> = model.card().buttons.iter().map(|button| &button.token).collect();
    assert!(
        tokens.iter().all(|token| matches!(token, Token::OfRun { wish: Wish::Resolve { .. }, .. }))
            && tokens.len() == 2
    );

    model.create(2, &["wallet"]);
    model.resolve("eve", true);
    assert!(model.last().text.contains("eve may not do this to r1"));
    model.resolve("dora", true);
    assert!(model.said("dora looked and says that r1 succeeded. Its locks are free again."));
    assert_eq!(model.end_of(1), Some(End::Unknown), "no rule turns it into another end");
    assert!(!model.run(1).is_live() && model.card().buttons.is_empty());
    assert_eq!(model.world.locks[&target("wallet")].holder, Some(model.run(2).id.clone()));
    model.resolve("mina", false);
    assert!(model.last().text.contains("dora has already settled r1"));
}

#[test]
fn there_is_nothing_to_resolve_in_a_run_that_goes_on() {
    let mut model = Model::with_run(&Setup::default());
    model.resolve("mina", true);
    assert!(model.last().text.contains("there is nothing to settle"));
    assert!(model.run(1).awaits_decision());
}
