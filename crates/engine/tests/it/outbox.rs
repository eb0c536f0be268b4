//! Messages: in order, merged, never lost, not twice.

use std::sync::atomic::Ordering;
use std::time::Duration;

use wilco_core::event::{Event, Incoming};
use wilco_core::port::SendFault;
use wilco_engine::Received;

use crate::world::{Place, Running, message, on_both_stores, reply, until};

#[tokio::test(flavor = "multi_thread")]
async fn updates_merge_and_the_last_is_never_lost() {
    let place = Place::new();
    place.chat.hold();
    let running = place.start().await;
    running.say(reply("9", "1", "say a 0")).await;
    until(|| place.chat.sent() == ["post a 0"]).await;
    for number in 1..=5 {
        running.say(reply("9", &format!("u{number}"), &format!("say a {number}"))).await;
    }
    until(|| place.handled().len() == 6).await;
    // Another message of the thread waits for the first one.
    running.say(reply("9", "7", "say b after")).await;
    until(|| place.handled().len() == 7).await;
    assert_eq!(place.chat.sent(), ["post a 0"]);
    place.chat.release();
    running.quiet().await;
    let mut sent = place.chat.sent();
    sent[1..].sort();
    assert_eq!(sent, ["post a 0", "post b after", "update m-a 5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_comes_once_and_names_the_message() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "receipt a hello")).await;
    running.quiet().await;
    running.say(reply("1", "2", "say a again")).await;
    running.quiet().await;
    let posted: Vec<_> =
        place.handled().into_iter().filter(|e| matches!(e, Event::Posted { .. })).collect();
    assert_eq!(posted.len(), 1);
    let Event::Posted { message, .. } = &posted[0] else { unreachable!() };
    assert_eq!(message.as_str(), "m-a");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_a_posted_message_is_found_and_brought_up_to_date() {
    let place = Place::new();
    place.chat.hold();
    let running = place.start().await;
    running.say(message("1", "receipt a old")).await;
    until(|| place.chat.sent() == ["post a old"]).await;
    running.say(reply("1", "2", "say a new")).await;
    until(|| place.handled().len() == 2).await;
    running.crash().await;
    place.chat.release();
    let running = place.start().await;
    place.pass(&running, Duration::from_mins(1)).await;
    assert_eq!(place.chat.sent(), ["post a old", "update m-a new"]);
    assert!(place.handled().iter().any(|event| matches!(event, Event::Posted { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_did_not_arrive_is_posted_again_once_nobody_can_be_sending() {
    let place = Place::new();
    place.chat.hold();
    place.chat.blind.store(true, Ordering::SeqCst);
    let running = place.start().await;
    running.say(message("1", "say a hello")).await;
    until(|| place.chat.sent().len() == 1).await;
    running.crash().await;
    place.chat.release();
    let running = place.start().await;
    let timing = &place.timing;
    let counts_from = timing.send_lease + timing.send_limit + timing.send_visible_after;
    place.pass(&running, counts_from.saturating_sub(Duration::from_millis(1))).await;
    assert_eq!(place.chat.sent().len(), 1);
    place.pass(&running, Duration::from_secs(1)).await;
    assert_eq!(place.chat.sent(), ["post a hello", "post a hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_is_tried_again_and_never_frees_the_thread() {
    let place = Place::new();
    place.chat.faults.lock().unwrap().extend([
        SendFault::Later { after_ms: 2_000, why: "slow down".into() },
        SendFault::Never { why: "too long".into() },
    ]);
    let running = place.start().await;
    running.say(reply("9", "1", "say a x")).await;
    running.say(reply("9", "2", "say b y")).await;
    running.quiet().await;
    assert!(place.chat.sent().is_empty());
    place.pass(&running, Duration::from_secs(2)).await;
    assert_eq!(place.chat.sent(), ["post b y"], "a was refused for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_post_is_looked_for_before_it_is_sent_again() {
    let place = Place::new();
    place.chat.faults.lock().unwrap().push_back(SendFault::Unclear { why: "cut off".into() });
    let running = place.start().await;
    running.say(message("1", "say a x")).await;
    running.quiet().await;
    place.pass(&running, Duration::from_secs(5)).await;
    assert!(place.chat.sent().is_empty(), "not found, but it does not count yet");
    place.pass(&running, Duration::from_mins(1)).await;
    assert_eq!(place.chat.sent(), ["post a x"]);
}

on_both_stores! {
    a_reply_to_an_announcement_is_kept_by_whoever_runs_then
    a_message_that_is_refused_for_ever_is_put_on_record
}

async fn a_reply_to_an_announcement_is_kept_by_whoever_runs_then(place: Place) {
    let running = place.start().await;
    running.say(message("1", "announce start")).await;
    running.quiet().await;
    let reply =
        |id: &str| Event::Message(Incoming { mentioned: false, ..reply("m-start", id, "why?") });
    let receive = |running: &Running, id: &str| {
        let (inbox, event, key) = (running.engine.inbox(), reply(id), id.to_owned());
        async move { inbox.receive(event, key).await.unwrap() }
    };
    assert_eq!(receive(&running, "2").await, Received::Stored);
    running.quiet().await;
    running.crash().await;
    let running = place.start().await;
    assert_eq!(receive(&running, "3").await, Received::Stored, "also after a crash");
}

async fn a_message_that_is_refused_for_ever_is_put_on_record(place: Place) {
    place.chat.faults.lock().unwrap().push_back(SendFault::Never { why: "too long".into() });
    let running = place.start().await;
    running.say(reply("9", "1", "receipt card x; do")).await;
    running.quiet().await;
    assert!(place.chat.sent().is_empty());
    let audits = running.audits().await;
    let expected =
        r#"MessageDropped { message: "card", to: "console w deploy 9", why: "too long" }"#;
    assert_eq!(audits, [expected]);
    // What it told of goes on all the same.
    assert_eq!(place.tool.ledger(), ["1.1"]);
    running.crash().await;
    let running = place.start().await;
    place.pass(&running, Duration::from_mins(10)).await;
    assert!(place.chat.sent().is_empty(), "for ever");
    assert_eq!(running.audits().await.len(), 1, "once");
}
