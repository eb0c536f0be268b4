//! The brake.

use super::{APPROVED, Model, SECOND, Setup, trouble};
use crate::answer::{Seen, TroubleKind};
use crate::audit::Fact;
use crate::call::Settlement;
use crate::ids::{PersonId, UserId};
use crate::people::Member;
use crate::run::RunEvent;
use crate::run::state::{End, State, Step};
use crate::timer::TimerName;

fn hold(model: &mut Model, who: &str) {
    model.send(1, &RunEvent::Hold { by: Member::Person(PersonId::new(who)) });
}

fn resume(model: &mut Model, who: &str) {
    model.send(1, &RunEvent::Resume { by: PersonId::new(who) });
}

/// Two targets; the first is being looked at.
fn under_way(approval: bool) -> Model {
    let targets = vec!["wallet", "shop"];
    let mut model = Model::with_run(&Setup { targets, approval, ..Setup::default() });
    model.until_following();
    model
}

#[test]
fn what_is_under_way_goes_on_and_the_next_does_not_begin() {
    let mut model = under_way(false);
    hold(&mut model, "eve");
    assert_eq!(
        model.last().text,
        "eve put r1 on hold: what is under way goes on, shop does not begin. `resume` by mina goes on, \
         `cancel` ends it."
    );
    model.healthy(0);
    assert_eq!((model.syncs().len(), model.step(1)), (1, &Step::Waiting));
    assert!(model.card().text.starts_with("[production] r1 Deploy: running, on hold"));
    assert!(model.card().text.contains("eve holds it since 09:00: nothing new begins"));
    assert!(model.card().buttons.iter().any(|button| button.label == "Resume"));
    resume(&mut model, "mina");
    model.read();
    model.settle_done();
    model.healthy(1);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    let kinds = model.facts().into_iter().filter_map(|fact| match fact {
        Fact::Held { account: None, .. } => Some("held"),
        Fact::Resumed { .. } => Some("resumed"),
        _ => None,
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["held", "resumed"]);
    assert!(model.timers.keys().all(|(_, name)| *name != TimerName::Remind));
}

#[test]
fn what_was_only_read_waits_again() {
    let mut model = under_way(false);
    model.healthy(0);
    assert!(matches!(model.step(1), Step::Checking(_)));
    hold(&mut model, "eve");
    assert_eq!(*model.step(1), Step::Waiting);
    model.read();
    assert_eq!(model.syncs().len(), 1, "a late answer begins nothing");
    resume(&mut model, "mina");
    model.read();
    assert_eq!(model.syncs().len(), 2);
}

#[test]
fn what_was_surely_not_taken_is_not_asked_again() {
    let mut model = under_way(false);
    model.healthy(0);
    model.read();
    hold(&mut model, "eve");
    assert!(model.said("Nothing of r1 is left to hold back"), "the last one is being requested");
    let targets = vec!["wallet", "shop"];
    let mut model = Model::with_run(&Setup { targets, approval: false, ..Setup::default() });
    model.read();
    hold(&mut model, "eve");
    model.settle(Settlement::Refused { trouble: trouble(TroubleKind::Unreachable) });
    assert_eq!(*model.step(0), Step::Waiting);
    resume(&mut model, "mina");
    model.read();
    assert_eq!(model.syncs().len(), 2);
}

#[test]
fn only_the_starter_and_approvers_resume() {
    let mut model = under_way(true);
    hold(&mut model, "eve");
    for who in ["eve", "dora", "ghost"] {
        resume(&mut model, who);
        assert!(model.run(1).is_held(), "{who}");
        assert!(model.last().text.contains("may not resume r1. Those who may: mina, @leads"));
    }
    resume(&mut model, "lee");
    assert!(!model.run(1).is_held());
    hold(&mut model, "eve");
    model.without_teams("mina");
    resume(&mut model, "mina");
    assert!(model.run(1).is_held(), "who may not start it may not let it go on");
}

#[test]
fn an_agreement_that_is_over_is_given_anew_by_an_approver() {
    let mut model = under_way(true);
    hold(&mut model, "eve");
    model.pass(31 * 60 * SECOND);
    resume(&mut model, "mina");
    assert!(model.run(1).is_held());
    assert!(model.last().text.starts_with("The approval of r1 counted until 09:30."));
    resume(&mut model, "jun");
    assert!(!model.run(1).is_held());
}

#[test]
fn before_it_begins_it_takes_its_locks_and_waits() {
    let mut model = Model::with_run(&Setup::default());
    hold(&mut model, "eve");
    assert!(model.card().text.contains("approval wanted, on hold"));
    model.decide("jun", APPROVED);
    model.read();
    assert!(matches!(model.run(1).state, State::Queued(_)));
    assert!(model.notices().is_empty() && model.queries.is_empty());
    model.fire(TimerName::Redraw);
    assert!(model.card().text.contains("about to start, on hold"), "{}", model.card().text);
    resume(&mut model, "mina");
    assert!(matches!(model.run(1).state, State::Running(_)));
    assert_eq!(model.notices().len(), 1);
}

#[test]
fn an_agreement_does_not_outlast_a_hold_before_the_start() {
    let mut model = Model::with_run(&Setup::default());
    hold(&mut model, "eve");
    model.decide("jun", APPROVED);
    model.read();
    model.fire(TimerName::Expiry);
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert!(!model.run(1).is_held() && model.timers.is_empty());
}

#[test]
fn it_is_not_forgotten() {
    let mut model = under_way(false);
    model.send(1, &RunEvent::Hold { by: Member::Account(UserId::new("U123")) });
    model.healthy(0);
    model.fire(TimerName::Remind);
    assert!(model.last().text.starts_with("r1 is still on hold, by U123 since 09:00"));
    assert_eq!(model.last().mention, Some(PersonId::new("mina")));
    let said = model.says.len();
    model.fire(TimerName::Remind);
    assert_eq!(model.says.len(), said + 1);
    model.cancel("mina");
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert!(model.timers.is_empty());
}

#[test]
fn a_second_hold_and_a_hold_too_late_are_told() {
    let mut model = under_way(false);
    hold(&mut model, "eve");
    hold(&mut model, "dora");
    assert!(model.last().text.starts_with("r1 is on hold already, as eve asked."));
    model.look(0, Seen::Failed { note: "CrashLoopBackOff".into() });
    assert_eq!(model.end_of(1), Some(End::Failed), "nothing is left to hold back");
    hold(&mut model, "dora");
    assert!(model.last().text.contains("r1 is already over"), "{}", model.last().text);
    resume(&mut model, "mina");
    assert_eq!(model.last().text, "r1 is not on hold.");
}
