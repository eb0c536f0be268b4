//! Operations: exactly once, as far as the tool can tell.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use wilco_core::answer::TroubleKind;
use wilco_core::call::{Finding, Settlement};
use wilco_core::event::Event;
use wilco_core::port::OperationFault;
use wilco_engine::Clock as _;

use crate::world::{Place, Running, message, trouble, until};

/// How the one operation was settled.
fn settled(place: &Place) -> Settlement {
    let mut settled: Vec<_> = place
        .handled()
        .into_iter()
        .filter_map(|event| match event {
            Event::Settled { settlement, .. } => Some(settlement),
            _ => None,
        })
        .collect();
    assert_eq!(settled.len(), 1, "settled once: {settled:?}");
    settled.remove(0)
}

fn done(found: bool) -> Settlement {
    Settlement::Done { receipt: json!({ "receipt": "1.1" }), found }
}

/// Starts an operation and crashes after the request has left and before its answer is read.
async fn crashed_inside(place: &Place) -> Running {
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "do")).await;
    until(|| place.tool.heard() == ["perform 1.1"]).await;
    running.crash().await;
    place.tool.release();
    place.start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_performed_once_and_settled() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "do")).await;
    running.quiet().await;
    assert_eq!(settled(&place), done(false));
    place.pass(&running, Duration::from_mins(10)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_it_is_found_and_not_sent_again() {
    let place = Place::new();
    let running = crashed_inside(&place).await;
    place.pass(&running, Duration::from_mins(10)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1"]);
    assert_eq!(place.tool.ledger(), ["1.1"]);
    assert_eq!(settled(&place), done(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_crash_during_the_recovery_changes_nothing() {
    let place = Place::new();
    *place.tool.finding.lock().unwrap() = Some(Finding::NotFound);
    let running = crashed_inside(&place).await;
    place.pass(&running, place.timing.call_lease).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1"], "too early to count");
    running.crash().await;
    *place.tool.finding.lock().unwrap() = None;
    let running = place.start().await;
    place.pass(&running, Duration::from_mins(10)).await;
    assert_eq!(place.tool.ledger(), ["1.1"]);
    assert_eq!(settled(&place), done(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_counts_only_when_nobody_can_still_be_sending() {
    let place = Place::new();
    place.tool.loses.store(true, Ordering::SeqCst);
    let begun = place.clock.now();
    let running = crashed_inside(&place).await;
    place.tool.loses.store(false, Ordering::SeqCst);
    // The lease, the timeout of a request, and the time the tool takes to show an effect.
    let counts_from = place.timing.call_lease + Duration::from_secs(10 + 3);
    place.pass(&running, counts_from.saturating_sub(Duration::from_millis(1))).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1"]);
    place.pass(&running, Duration::from_secs(1)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1", "find 1.1", "perform 1.1"]);
    assert_eq!(place.tool.ledger(), ["1.1"]);
    assert_eq!(settled(&place), done(false));
    assert!(place.clock.now().since(begun) < Duration::from_mins(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn unsure_is_never_sent_again() {
    let place = Place::new();
    *place.tool.finding.lock().unwrap() = Some(Finding::Unsure("two like it".into()));
    let running = crashed_inside(&place).await;
    place.pass(&running, Duration::from_mins(10)).await;
    let Settlement::Unsure { trouble } = settled(&place) else { panic!("unsure") };
    assert_eq!((trouble.kind, trouble.detail.as_str()), (TroubleKind::Unclear, "two like it"));
    assert!(!place.tool.heard()[1..].contains(&"perform 1.1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_cannot_be_asked_is_asked_again_and_then_given_up() {
    let place = Place::new();
    let not_now = Finding::NotNow(trouble(TroubleKind::Unreachable));
    *place.tool.finding.lock().unwrap() = Some(not_now.clone());
    let running = crashed_inside(&place).await;
    place.pass(&running, Duration::from_mins(5)).await;
    assert!(place.tool.heard().len() > 20, "asked again and again");
    *place.tool.finding.lock().unwrap() = None;
    place.pass(&running, Duration::from_mins(1)).await;
    assert_eq!(settled(&place), done(true));

    let place = Place::new();
    *place.tool.finding.lock().unwrap() = Some(not_now);
    let running = crashed_inside(&place).await;
    place.pass(&running, Duration::from_mins(15)).await;
    assert!(matches!(settled(&place), Settlement::Unsure { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_answer_is_looked_for_at_once() {
    let place = Place::new();
    place
        .tool
        .faults
        .lock()
        .unwrap()
        .push_back(OperationFault::Unclear(trouble(TroubleKind::TimedOut)));
    // The request had arrived all the same.
    place.tool.ledger.lock().unwrap().push("1.1".into());
    let running = place.start().await;
    running.say(message("1", "do")).await;
    place.pass(&running, Duration::from_secs(4)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1"]);
    assert_eq!(settled(&place), done(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_answer_to_what_was_not_taken_is_settled_and_not_sent_again() {
    let place = Place::new();
    let unclear = trouble(TroubleKind::TimedOut);
    place.tool.faults.lock().unwrap().push_back(OperationFault::Unclear(unclear.clone()));
    let running = place.start().await;
    running.say(message("1", "do")).await;
    place.pass(&running, Duration::from_mins(2)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1", "find 1.1"]);
    assert_eq!(settled(&place), Settlement::Refused { trouble: unclear });
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_knows_the_unclear_answer_and_does_not_send_again() {
    let place = Place::new();
    let unclear = trouble(TroubleKind::ToolFailed);
    place.tool.faults.lock().unwrap().push_back(OperationFault::Unclear(unclear.clone()));
    let running = place.start().await;
    running.say(message("1", "do")).await;
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["perform 1.1"]);
    running.crash().await;
    let running = place.start().await;
    place.pass(&running, Duration::from_mins(2)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1", "find 1.1"]);
    assert_eq!(settled(&place), Settlement::Refused { trouble: unclear });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_in_part_is_performed_again_for_the_rest() {
    let place = Place::new();
    let unclear = trouble(TroubleKind::Unreachable);
    place.tool.faults.lock().unwrap().push_back(OperationFault::Unclear(unclear));
    *place.tool.finding.lock().unwrap() = Some(Finding::Partly);
    let running = place.start().await;
    running.say(message("1", "do")).await;
    place.pass(&running, Duration::from_mins(2)).await;
    let heard = place.tool.heard();
    assert_eq!(heard.first().zip(heard.last()).map(|(a, b)| a == b), Some(true), "{heard:?}");
    assert_eq!(heard.iter().filter(|heard| *heard == "perform 1.1").count(), 2, "{heard:?}");
    assert_eq!(settled(&place), done(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_gets_done_for_the_rest_is_given_up() {
    let place = Place::new();
    let unclear = trouble(TroubleKind::ToolFailed);
    let always = std::iter::repeat_n(OperationFault::Unclear(unclear.clone()), 1_000);
    place.tool.faults.lock().unwrap().extend(always);
    *place.tool.finding.lock().unwrap() = Some(Finding::Partly);
    let running = place.start().await;
    running.say(message("1", "do")).await;
    place.pass(&running, Duration::from_mins(15)).await;
    assert_eq!(settled(&place), Settlement::Unsure { trouble: unclear });
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_are_told_once_of_each_kind_of_trouble() {
    let place = Place::new();
    let unclear = trouble(TroubleKind::ToolFailed);
    place.tool.faults.lock().unwrap().push_back(OperationFault::Unclear(unclear.clone()));
    let away = trouble(TroubleKind::Unreachable);
    *place.tool.finding.lock().unwrap() = Some(Finding::NotNow(away.clone()));
    let running = place.start().await;
    running.say(message("1", "do")).await;
    running.quiet().await;
    let told = || -> Vec<_> {
        let handled = place.handled().into_iter();
        let hindered = handled.filter_map(|event| match event {
            Event::Hindered { trouble, .. } => Some(trouble),
            _ => None,
        });
        hindered.collect()
    };
    assert_eq!(told(), std::slice::from_ref(&unclear), "with the answer itself");
    place.pass(&running, Duration::from_mins(1)).await;
    assert_eq!(told(), [unclear, away]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_that_ran_out_is_taken_anew_without_a_look() {
    let place = Place::new();
    place.tool.faults.lock().unwrap().push_back(OperationFault::PermitOver);
    let running = place.start().await;
    running.say(message("1", "do")).await;
    place.pass(&running, Duration::from_secs(5)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "perform 1.1"]);
    assert_eq!(settled(&place), done(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_is_settled_as_refused() {
    let place = Place::new();
    place
        .tool
        .faults
        .lock()
        .unwrap()
        .push_back(OperationFault::Refused(trouble(TroubleKind::Forbidden)));
    let running = place.start().await;
    running.say(message("1", "do")).await;
    running.quiet().await;
    assert_eq!(settled(&place), Settlement::Refused { trouble: trouble(TroubleKind::Forbidden) });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_never_returns_is_looked_for() {
    let place = Place::new();
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "do")).await;
    until(|| place.tool.heard() == ["perform 1.1"]).await;
    place.clock.advance(place.timing.call_limit);
    place.pass(&running, Duration::from_mins(10)).await;
    assert_eq!(place.tool.heard(), ["perform 1.1", "find 1.1"]);
    assert_eq!(settled(&place), done(true));
}
