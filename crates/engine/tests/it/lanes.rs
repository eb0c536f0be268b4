//! One lane in order, different lanes in parallel, and no event that blocks its lane.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use wilco_core::context::Context;
use wilco_core::entity::Entity;
use wilco_core::event::Event;
use wilco_core::ids::UserId;
use wilco_core::people::Author;
use wilco_core::port::NewEvent;
use wilco_core::world::{Outcome, World};
use wilco_engine::decode_entity;

use crate::world::{Place, START, by, message, obey, reply, shared_target, until};

#[tokio::test(flavor = "multi_thread")]
async fn one_lane_is_handled_and_answered_in_order() {
    let place = Place::new();
    let running = place.start().await;
    for number in 0..30 {
        running.say(reply("9", &format!("i{number}"), &format!("say k{number} {number}"))).await;
    }
    running.quiet().await;
    let expected: Vec<String> = (0..30).map(|number| format!("post k{number} {number}")).collect();
    assert_eq!(place.chat.sent(), expected);
}

/// A handler out of which the first two can only go together.
fn two_meet(
    inside: Arc<(Mutex<u32>, Condvar)>,
) -> impl Fn(&Context, &World, &Event) -> Outcome + Send + Sync {
    move |_, _, _| {
        let (count, bell) = &*inside;
        let mut count = count.lock().unwrap();
        *count += 1;
        bell.notify_all();
        let waited = bell.wait_timeout_while(count, Duration::from_secs(20), |count| *count < 2);
        assert!(!waited.unwrap().1.timed_out(), "nobody else came");
        Outcome::new()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn different_lanes_are_handled_in_parallel() {
    let mut place = Place::new();
    place.handler = Arc::new(two_meet(Arc::default()));
    let running = place.start().await;
    running.say(message("1", "")).await;
    running.say(by("jun", message("2", ""))).await;
    running.quiet().await;
    assert!(running.audits().await.is_empty(), "both were handled");
}

#[test]
fn who_loses_an_event_to_another_replica_leaves_it_at_that() {
    // Each on threads of its own: a handler that waits keeps one.
    let [here, there] = [(); 2].map(|()| tokio::runtime::Runtime::new().unwrap());
    let mut place = Place::on_postgres();
    let handled = Arc::new((Mutex::new(0), Condvar::new()));
    place.handler = Arc::new(two_meet(Arc::clone(&handled)));
    let (one, two) = (here.block_on(place.start()), there.block_on(place.start()));
    here.block_on(one.say(message("1", "")));
    here.block_on(one.quiet());
    there.block_on(two.quiet());
    assert_eq!(*handled.0.lock().unwrap(), 2, "once by each");
    assert!(here.block_on(one.audits()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_loaded_and_handled_again() {
    let place = Place::new();
    let running = place.start().await;
    for number in 0..25 {
        running.say(by(&format!("p{number}"), message(&format!("{number}"), "count"))).await;
    }
    running.quiet().await;
    let key = wilco_core::entity::EntityKey::Lock(shared_target());
    let row = running.store.load(&[key]).await.unwrap().remove(0).unwrap();
    assert_eq!(row.version, 25);
    let Ok(Entity::Lock(lock)) = decode_entity(&row) else { panic!("{}", row.body) };
    assert_eq!(lock.queue.iter().collect::<BTreeSet<_>>().len(), 25, "{:?}", lock.queue);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_sets_the_event_aside_aloud() {
    let place = Place::new();
    let running = place.start().await;
    running.say(reply("9", "1", "say a before")).await;
    running.say(reply("9", "2", "panic")).await;
    running.say(reply("9", "3", "say b after")).await;
    running.quiet().await;
    let sent = place.chat.sent();
    assert_eq!(sent[0], "post a before");
    assert!(sent[1].starts_with("post fault.2 Something went wrong"), "{sent:?}");
    assert_eq!(sent[2], "post b after");
    let audits = running.audits().await;
    assert_eq!(audits.len(), 1);
    assert!(audits[0].contains("number: 2, event: \"message\""), "{audits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_is_set_aside_aloud() {
    let place = Place::new();
    let running = place.start().await;
    let next = Event::Message(reply("9", "2", "say b after"));
    let garbage = NewEvent {
        key: "g".into(),
        lane: next.lane(),
        body: r#"{"event":"from the future"}"#.into(),
        opens: None,
    };
    running.store.receive(vec![garbage], START).await.unwrap();
    running.say(reply("9", "2", "say b after")).await;
    running.quiet().await;
    let sent = place.chat.sent();
    assert!(sent[0].starts_with("post fault.1 Something went wrong"), "{sent:?}");
    assert_eq!(sent[1], "post b after");
    assert!(running.audits().await[0].contains("the event cannot be read"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_people_in_one_thread_do_not_wait_for_each_other() {
    let mut place = Place::new();
    place.handler = Arc::new(obey);
    let running = place.start().await;
    for number in 0..10 {
        let mut message = reply("9", &format!("i{number}"), &format!("say k{number} x"));
        message.author = Author::User(UserId::new(format!("u{number}")));
        running.say(message).await;
    }
    running.quiet().await;
    assert_eq!(place.chat.sent().len(), 10);
}

/// What the database does from now on.
fn from_now_on(place: &Place, sql: &str) {
    rusqlite::Connection::open(place.database()).unwrap().execute_batch(sql).unwrap();
}

/// The store refuses what this one event wants, and takes everything else.
fn poison(place: &Place) {
    from_now_on(
        place,
        "CREATE TRIGGER poison BEFORE INSERT ON outbox WHEN NEW.key = 'bad' \
         BEGIN SELECT RAISE(ABORT, 'this row alone'); END",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_can_be_said_about_it_it_is_still_on_record_and_leaves_its_lane() {
    let mut place = Place::new();
    place.timing.poison_tries = 2;
    place.timing.poison_after = Duration::ZERO;
    let running = place.start().await;
    from_now_on(
        &place,
        "CREATE TRIGGER mute BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'mute'); END",
    );
    running.say(reply("9", "1", "say bad x")).await;
    running.quiet().await;
    assert!(place.chat.sent().is_empty());
    let audits = running.audits().await;
    assert!(audits.iter().any(|fact| fact.contains("EventSetAside")), "{audits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_on_which_alone_the_store_fails_is_set_aside_though_nobody_else_is_about() {
    let mut place = Place::new();
    place.timing.poison_tries = 2;
    place.timing.poison_after = Duration::ZERO;
    let running = place.start().await;
    poison(&place);
    from_now_on(
        &place,
        "CREATE TRIGGER away BEFORE UPDATE ON chores BEGIN SELECT RAISE(ABORT, 'away'); END",
    );
    running.say(reply("9", "1", "say bad x")).await;
    until(|| place.handled().len() >= 4).await;
    assert!(running.audits().await.is_empty(), "perhaps the store fails on everything");
    from_now_on(&place, "DROP TRIGGER away");
    running.quiet().await;
    let sent = place.chat.sent();
    assert!(sent.iter().any(|sent| sent.starts_with("post fault.1 Something went")), "{sent:?}");
    let audits = running.audits().await;
    assert!(audits[0].contains("this row alone"), "{audits:?}");
}
