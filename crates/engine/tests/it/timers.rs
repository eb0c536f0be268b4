//! Timers: due on the engine's clock, replaced, stopped, and not before adapters caught up.

use std::sync::Arc;
use std::time::Duration;

use wilco_core::entity::EntityKey;
use wilco_core::event::Event;
use wilco_core::ids::RunId;
use wilco_core::port::Unit;
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_engine::{Clock as _, NextDue, SystemClock};

use crate::world::{Place, START, message, on_both_stores, until, within};

fn fired(place: &Place) -> usize {
    place.handled().iter().filter(|event| matches!(event, Event::TimerFired { .. })).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_at_its_moment_and_not_before() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "timer 30; patience 600")).await;
    running.quiet().await;
    let due = NextDue {
        work: Some(START + Duration::from_secs(30)),
        patience: Some(START + Duration::from_mins(10)),
    };
    assert_eq!(running.engine.next_due().await.unwrap(), due);
    place.clock.advance(Duration::from_millis(29_999));
    running.quiet().await;
    assert_eq!(fired(&place), 0);
    place.clock.advance(Duration::from_millis(1));
    running.quiet().await;
    assert_eq!(fired(&place), 1);
    assert_eq!(running.engine.next_due().await.unwrap(), NextDue { work: None, ..due });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_that_was_replaced_or_stopped_does_not_fire() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "timer 10")).await;
    running.quiet().await;
    place.clock.advance(Duration::from_secs(5));
    running.say(message("2", "timer 100")).await;
    running.quiet().await;
    place.clock.advance(Duration::from_secs(50));
    running.quiet().await;
    assert_eq!(fired(&place), 0, "replaced");
    running.say(message("3", "stop")).await;
    running.quiet().await;
    place.clock.advance(Duration::from_secs(500));
    running.quiet().await;
    assert_eq!(fired(&place), 0, "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_timer_is_noticed_while_a_later_one_is_waited_for() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "patience 600")).await;
    running.quiet().await;
    running.say(message("2", "timer 1")).await;
    running.quiet().await;
    place.clock.advance(Duration::from_secs(1));
    running.quiet().await;
    assert_eq!(fired(&place), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_survive_a_crash_and_wait_until_adapters_have_caught_up() {
    let mut place = Place::new();
    place.timing.catch_up = Duration::from_hours(1);
    let running = place.start().await;
    running.say(message("1", "patience 60")).await;
    running.quiet().await;
    running.crash().await;
    place.clock.advance(Duration::from_mins(2));
    let running = place.start_behind().await;
    // What was said in time comes in first, although the time-out is long due.
    running.say(message("2", "say a in time")).await;
    until(|| place.chat.sent() == ["post a in time"]).await;
    assert_eq!(fired(&place), 0);
    running.engine.caught_up();
    running.quiet().await;
    assert_eq!(fired(&place), 1);
    assert!(matches!(place.handled().last(), Some(Event::TimerFired { .. })));
    assert!(place.clock.now() > START);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_for_adapters_is_bounded() {
    let mut place = Place::new();
    place.timing.catch_up = Duration::from_millis(1);
    let running = place.start_behind().await;
    running.say(message("1", "timer 0")).await;
    running.quiet().await;
    assert_eq!(fired(&place), 1);
}

on_both_stores! {
    the_next_timers_are_found_behind_any_number_of_others
}

async fn the_next_timers_are_found_behind_any_number_of_others(place: Place) {
    let running = place.start().await;
    let timer = |run: u64, name: TimerName, seconds: u64| Timer {
        owner: EntityKey::Run(RunId::numbered(run)),
        name,
        generation: 1,
        due: START + Duration::from_secs(seconds),
    };
    let patient = (0..10_100).map(|run| timer(run, TimerName::Patience, 60 + run)).collect();
    running.store.commit(Unit { timers: patient, now: START, ..Unit::default() }).await.unwrap();
    let work = timer(1, TimerName::Look(0), 86_400);
    running.store.commit(Unit { timers: vec![work], ..Unit::default() }).await.unwrap();
    let due = NextDue {
        work: Some(START + Duration::from_hours(24)),
        patience: Some(START + Duration::from_mins(1)),
    };
    assert_eq!(running.engine.next_due().await.unwrap(), due);
    running.quiet().await;
    assert_eq!(fired(&place), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_set_back_while_nobody_ran_lengthens_nothing() {
    let mut place = Place::new();
    let before = Arc::new(SystemClock::new());
    before.not_before(before.now() + Duration::from_hours(1));
    place.real = Some(Arc::clone(&before));
    let running = place.start().await;
    running.say(message("1", "timer 1")).await;
    running.quiet().await;
    running.crash().await;
    let after = Arc::new(SystemClock::new());
    place.real = Some(Arc::clone(&after));
    let _running = place.start().await;
    until(|| fired(&place) == 1).await;
    assert!(before.now().since(after.now()) < Duration::from_secs(30));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_knows_how_far_time_has_come_while_nothing_happens() {
    let mut place = Place::new();
    (place.timing.clock_every, place.timing.poll) = (Duration::ZERO, Duration::from_millis(5));
    let running = place.start().await;
    assert_eq!(running.store.reach(Timestamp(0)).await.unwrap(), START);
    place.clock.advance(Duration::from_hours(1));
    within(async { while running.store.reach(Timestamp(0)).await.unwrap() < place.clock.now() {} })
        .await;
}
