//! A request that the tool surely did not take: the target goes on by itself, or ends without harm.

use super::{Model, SECOND, Setup, trouble};
use crate::answer::TroubleKind;
use crate::call::Settlement;
use crate::run::state::{End, Step, StepEnd};
use crate::timer::TimerName;

fn refused(kind: TroubleKind) -> Settlement {
    Settlement::Refused { trouble: trouble(kind) }
}

fn requesting() -> Model {
    let mut model = Model::with_run(&Setup { approval: false, ..Setup::default() });
    model.read();
    assert!(matches!(model.step(0), Step::Requesting(_)));
    model
}

#[test]
fn what_surely_was_not_taken_goes_on_by_itself_with_a_fresh_reading() {
    for kind in [
        TroubleKind::Unreachable,
        TroubleKind::TimedOut,
        TroubleKind::ToolFailed,
        TroubleKind::SlowDown,
        TroubleKind::Garbled,
    ] {
        let mut model = requesting();
        model.pass(3 * SECOND);
        model.settle(refused(kind));
        assert!(matches!(model.step(0), Step::Checking(_)), "{kind:?}: {:?}", model.step(0));
        assert!(model.card().text.contains("Nothing was changed yet."), "{}", model.card().text);
        model.fire(TimerName::Look(0));
        model.read();
        let [first, second] = model.operations.as_slice() else { panic!("{kind:?}") };
        assert_ne!(first.id, second.id, "an operation of its own");
        model.settle_done();
        model.healthy(0);
        assert_eq!(model.end_of(1), Some(End::Succeeded));
    }
}

#[test]
fn the_card_tells_since_when_over_all_rounds() {
    let mut model = requesting();
    for _ in 0..3 {
        model.settle(refused(TroubleKind::Unreachable));
        model.pass(60 * SECOND);
        model.fire(TimerName::Look(0));
        model.read();
    }
    model.pass(3 * SECOND);
    model.settle(refused(TroubleKind::SlowDown));
    let card = &model.card().text;
    assert!(card.contains("asks for fewer requests. It has been so since 09:00."), "{card}");
    assert_eq!(model.step(0).hitch().map(|hitch| hitch.tries), Some(4));
}

#[test]
fn what_does_not_pass_ends_the_target_at_once() {
    for kind in [TroubleKind::Forbidden, TroubleKind::Refused, TroubleKind::Busy] {
        let mut model = requesting();
        model.settle(refused(kind));
        assert_eq!(model.end_of(1), Some(End::Failed), "{kind:?}");
    }
}

#[test]
fn a_change_meanwhile_is_seen_before_it_is_asked_again() {
    let mut model = requesting();
    model.settle(refused(TroubleKind::Unreachable));
    let part = model.tool.values_mut().next().unwrap();
    part.images[0].to = Some("registry/wallet:1.5.1".into());
    model.fire(TimerName::Look(0));
    model.read();
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert_eq!(model.operations.len(), 1, "nothing else was intended");
}

#[test]
fn a_stop_meanwhile_ends_it_and_nothing_is_sent_any_more() {
    let mut waiting = requesting();
    waiting.settle(refused(TroubleKind::Unreachable));
    waiting.cancel("mina");
    assert_eq!(waiting.end_of(1), Some(End::Cancelled));

    let mut asked = requesting();
    asked.cancel("mina");
    assert_eq!(asked.end_of(1), None, "whether it was taken is not known yet");
    asked.settle(refused(TroubleKind::Unreachable));
    assert_eq!(*asked.step(0), Step::Ended(StepEnd::Cancelled));
    for model in [waiting, asked] {
        assert_eq!(model.operations.len(), 1);
        assert!(model.timers.is_empty() && model.world.locks.is_empty(), "{:?}", model.timers);
    }
}

#[test]
fn a_tool_that_never_comes_back_ends_it_as_failed_with_nothing_done() {
    let mut reading = Model::with_run(&Setup { approval: false, ..Setup::default() });
    reading.read_fails(TroubleKind::Unreachable);
    let mut refusing = requesting();
    refusing.settle(refused(TroubleKind::Unreachable));
    for mut model in [reading, refusing] {
        model.pass(60 * SECOND);
        model.fire(TimerName::Deadline(0));
        assert_eq!(model.end_of(1), Some(End::Failed));
        let last = &model.last().text;
        assert!(
            last.contains(
                "could not be begun within 15m, so nothing was changed. argocd main cannot be reached."
            ),
            "{last}"
        );
        assert!(model.timers.is_empty() && model.world.locks.is_empty());
    }
}

#[test]
fn the_deadline_never_ends_what_may_be_on_its_way() {
    let mut model = requesting();
    model.fire(TimerName::Deadline(0));
    assert!(matches!(model.step(0), Step::Requesting(_)), "{:?}", model.step(0));
    let mut taken = requesting();
    taken.fire(TimerName::Deadline(0));
    taken.settle_done();
    taken.healthy(0);
    assert_eq!(taken.end_of(1), Some(End::Succeeded), "its patience begins anew");
    model.settle(refused(TroubleKind::Unreachable));
    assert_eq!(model.end_of(1), Some(End::Failed), "too late for another round");
}
