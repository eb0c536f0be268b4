//! What is kept, what is dropped, what is the same again.

use wilco_core::event::{Event, Incoming};
use wilco_engine::Received;

use crate::world::{Place, message, reply};

fn unaddressed(message: Incoming) -> Event {
    Event::Message(Incoming { mentioned: false, text: "lunch?".into(), ..message })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_again_changes_nothing() {
    let place = Place::new();
    let running = place.start().await;
    let inbox = running.engine.inbox();
    let event = Event::Message(message("1", "say a hello"));
    assert_eq!(inbox.receive(event.clone(), "k".into()).await.unwrap(), Received::Stored);
    running.quiet().await;
    assert_eq!(inbox.receive(event, "k".into()).await.unwrap(), Received::Repeated);
    running.quiet().await;
    assert_eq!(place.handled().len(), 1);
    assert_eq!(place.chat.sent(), ["post a hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_nobody_is_dropped_and_a_known_thread_is_kept() {
    let place = Place::new();
    let running = place.start().await;
    let inbox = running.engine.inbox();
    let top = unaddressed(message("1", ""));
    assert_eq!(inbox.receive(top, "1".into()).await.unwrap(), Received::Dropped);
    let unknown = unaddressed(reply("9", "2", ""));
    assert_eq!(inbox.receive(unknown.clone(), "2".into()).await.unwrap(), Received::Dropped);
    // Known since it was received, though perhaps not yet handled; also after a look said "unknown".
    running.say(reply("9", "3", "say a hello")).await;
    let known = unaddressed(reply("9", "4", ""));
    assert_eq!(inbox.receive(known, "4".into()).await.unwrap(), Received::Stored);
    running.quiet().await;
    running.crash().await;
    let running = place.start().await;
    let known = unaddressed(reply("9", "5", ""));
    let received = running.engine.inbox().receive(known, "5".into()).await.unwrap();
    assert_eq!(received, Received::Stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_at_once_keep_their_order_and_open_threads_for_each_other() {
    let place = Place::new();
    let running = place.start().await;
    let events = vec![
        (unaddressed(message("1", "")), "1".to_owned()),
        (Event::Message(reply("9", "2", "say a 1")), "2".to_owned()),
        (unaddressed(reply("9", "3", "")), "3".to_owned()),
        (unaddressed(reply("8", "4", "")), "4".to_owned()),
    ];
    assert_eq!(running.engine.inbox().receive_many(events).await.unwrap(), 2);
    running.quiet().await;
    let ids: Vec<String> = place
        .handled()
        .iter()
        .map(|event| match event {
            Event::Message(message) => message.message.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(ids, ["2", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_has_ended_takes_nothing() {
    let place = Place::new();
    let running = place.start().await;
    let inbox = running.engine.inbox();
    running.crash().await;
    let event = Event::Message(message("1", "say a hello"));
    assert!(inbox.receive(event, "k".into()).await.is_err());
}
