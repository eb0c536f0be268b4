//! The second person.

use super::{APPROVED, Model, SECOND, Setup};
use crate::audit::Fact;
use crate::ids::{MessageKey, PersonId, PlanDigest};
use crate::run::RunEvent;
use crate::run::state::{End, State};
use crate::time::Timestamp;
use crate::timer::TimerName;

fn refusals(model: &Model) -> Vec<&str> {
    let mut whys = Vec::new();
    for fact in model.facts() {
        if let Fact::Refused { why, .. } = fact {
            whys.push(why.as_str());
        }
    }
    whys
}

#[test]
fn the_card_says_what_would_run_and_who_decides() {
    let model = Model::with_run(&Setup::default());
    let card = model.card();
    let digest = model.run(1).plan.digest.short();
    assert_eq!(
        card.text,
        format!(
            "[production] r1 Deploy: approval wanted\n· wallet 1.4.2 → 1.5.0\n\
             @leads: please approve or reject by 09:30. Asked by mina, plan {digest}."
        )
    );
    assert!(card.more.contains("registry/wallet:1.4.2 → registry/wallet:1.5.0"), "{}", card.more);
    let labels: Vec<_> = card.buttons.iter().map(|button| button.label.as_str()).collect();
    assert_eq!(labels, ["Approve", "Reject", "Cancel"]);
    assert!(model.operations.is_empty() && model.queries.is_empty());
}

#[test]
fn only_the_right_people_decide_and_the_others_are_told_why() {
    let mut model = Model::with_run(&Setup::default());
    for (who, why) in [
        ("mina", "mina asked for r1, so someone else has to decide"),
        ("dora", "Only @leads can decide on r1, and dora is not among them"),
        ("ghost", "I do not know ghost"),
    ] {
        for approve in [true, false] {
            model.decide(who, approve);
            assert!(model.last().text.contains(why), "{}", model.last().text);
        }
    }
    assert_eq!(refusals(&model)[..2], ["requester", "requester"]);
    assert_eq!(refusals(&model).len(), 6);
    assert!(model.run(1).awaits_decision() && model.has_decide_buttons());
}

#[test]
fn a_button_of_another_plan_is_old_but_a_typed_word_means_the_card_that_waits() {
    let mut model = Model::with_run(&Setup::default());
    let (by, at) = (PersonId::new("jun"), model.ctx.now);
    let old = Some(PlanDigest::new("0000"));
    model.send(1, &RunEvent::Decide { by: by.clone(), digest: old, approve: true, at });
    assert!(model.last().text.contains("That card is old"));
    assert!(model.run(1).awaits_decision());
    model.send(1, &RunEvent::Decide { by, digest: None, approve: true, at });
    assert!(matches!(model.run(1).state, State::Rechecking(_)));
}

#[test]
fn a_rejection_ends_the_run_with_the_name() {
    let mut model = Model::with_run(&Setup::default());
    model.decide("jun", false);
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert_eq!(model.last().text, "r1 cancelled: jun rejected it.");
    assert_eq!(model.last().mention, Some(PersonId::new("mina")));
    assert!(model.facts().iter().any(|fact| matches!(fact, Fact::Rejected { .. })));
    assert!(!model.run(1).is_live() && model.card().buttons.is_empty());
    model.decide("lee", APPROVED);
    assert!(model.last().text.contains("r1 is already over: cancelled"));
}

#[test]
fn the_second_yes_is_told_that_it_is_decided() {
    let mut model = Model::with_run(&Setup::default());
    model.decide("jun", APPROVED);
    model.decide("lee", APPROVED);
    assert_eq!(model.last().text, "r1 is already decided: jun approved it.");
    let yes = |fact: &&&Fact| matches!(fact, Fact::Approved { .. });
    assert_eq!(model.facts().iter().filter(yes).count(), 1);
    assert_eq!(model.queries.len(), 1);
}

#[test]
fn a_yes_sent_in_time_wins_though_it_is_handled_late() {
    let mut model = Model::with_run(&Setup::default());
    let sent = model.ctx.now + 1800 * SECOND;
    model.pass(1805 * SECOND);
    let by = PersonId::new("jun");
    model.send(1, &RunEvent::Decide { by, digest: None, approve: true, at: sent });
    assert!(matches!(model.run(1).state, State::Rechecking(_)));
}

#[test]
fn a_word_sent_before_the_card_stood_there_does_not_count() {
    for approve in [true, false] {
        let mut model = Model::with_run(&Setup::default());
        let shown = model.ctx.now;
        model.pass(5 * SECOND);
        model.types("jun", approve, Timestamp(shown.0 - 1));
        assert!(model.last().text.contains("before the request for r1 stood here"));
        assert!(model.run(1).awaits_decision());
        assert_eq!(refusals(&model), ["too early"]);
        model.types("jun", approve, shown);
        assert!(!model.run(1).awaits_decision(), "at that moment it counts");
    }
}

#[test]
fn a_word_that_overtakes_the_receipt_of_the_card_waits_for_it() {
    let mut model = Model::new(&Setup::default());
    model.create(1, &["wallet"]);
    let before = model.ctx.now;
    model.pass(SECOND);
    let after = model.ctx.now + SECOND;
    model.types("jun", APPROVED, before);
    model.types("lee", false, after);
    model.types("lee", APPROVED, after);
    model.types("dora", APPROVED, after);
    assert!(model.said("Only @leads can decide on r1, and dora is not among them"));
    assert!(model.run(1).awaits_decision());
    model.post();
    assert!(model.said("jun, that was sent before the request for r1 stood here"));
    assert!(model.said("lee approved r1."), "the newest word of a person");
    assert!(matches!(model.run(1).state, State::Rechecking(_)));
}

#[test]
fn only_the_card_wants_to_know_since_when_it_stands_there() {
    let mut model = Model::new(&Setup::default());
    model.create(1, &["wallet"]);
    assert_eq!(model.unposted, [MessageKey::new("r1.card")]);
    let other = RunEvent::Posted { message: MessageKey::new("r1.note.1"), at: model.ctx.now };
    model.send(1, &other);
    model.types("jun", APPROVED, model.ctx.now);
    assert!(model.run(1).awaits_decision());
    model.post();
    let free = Model::with_run(&Setup { approval: false, ..Setup::default() });
    assert!(free.says.iter().all(|say| say.receipt.is_none()));
}

#[test]
fn a_yes_sent_too_late_ends_the_request_aloud() {
    let mut model = Model::with_run(&Setup::default());
    model.pass(1801 * SECOND);
    model.decide("jun", APPROVED);
    assert!(model.said("that came too late: r1 could be decided until 09:30"));
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

#[test]
fn nobody_in_time_voids_the_request() {
    let mut model = Model::with_run(&Setup::default());
    model.send(1, &RunEvent::Timer { name: TimerName::Expiry, generation: 99 });
    assert!(model.run(1).awaits_decision(), "a stale timer does nothing");
    model.fire(TimerName::Expiry);
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    assert!(model.last().text.contains("nobody approved it by 09:30. Please ask again"));
    let void = |fact: &&Fact| matches!(fact, Fact::ApprovalVoid { why, .. } if why == "expired");
    assert!(model.facts().iter().any(void));
    assert!(!model.has_decide_buttons());
}

#[test]
fn without_a_rule_nothing_waits_and_a_yes_is_told_so() {
    let mut model = Model::with_run(&Setup { approval: false, ..Setup::default() });
    assert!(matches!(model.run(1).state, State::Running(_)));
    model.decide("jun", APPROVED);
    assert_eq!(model.last().text, "r1 needs no approval.");
}
