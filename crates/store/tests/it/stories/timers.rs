//! Timers that are due become events, once.

use std::time::Duration;

use wilco_core::event::Event;
use wilco_core::port::{Store, Unit};
use wilco_core::timer::{Timer, TimerName};

use crate::bed::{Bed, at, run};

stories! {
    what_is_due_moves_to_the_inbox_earliest_first
    setting_again_replaces_and_stopping_removes
    two_who_fire_fire_once
}

fn timer(owner: u64, name: TimerName, generation: u64, due: i64) -> Timer {
    Timer { owner: run(owner), name, generation, due: at(due) }
}

async fn set(store: &dyn Store, timers: Vec<Timer>) {
    store.commit(Unit { timers, ..Unit::default() }).await.unwrap();
}

async fn what_is_due_moves_to_the_inbox_earliest_first(bed: Bed) {
    let store = &*bed.store;
    let (a, b) = (timer(1, TimerName::Look(3), 7, 30), timer(2, TimerName::Patience, 1, 20));
    let c = timer(1, TimerName::Deadline(3), 7, 40);
    set(store, vec![a.clone(), b.clone(), c.clone()]).await;
    let listed: Vec<Timer> =
        store.timers(2).await.unwrap().into_iter().map(|row| row.timer).collect();
    assert_eq!(listed, [b, a.clone()]);
    assert_eq!(store.fire_timers(at(19), 9).await.unwrap(), 0);
    assert_eq!(store.fire_timers(at(35), 1).await.unwrap(), 1);
    assert_eq!(store.fire_timers(at(35), 9).await.unwrap(), 1);
    assert_eq!(store.fire_timers(at(35), 9).await.unwrap(), 0);
    let bed = bed.reopened().await;
    let rows = bed.store.pending(9, &[]).await.unwrap();
    let lanes: Vec<&str> = rows.iter().map(|row| row.lane.as_str()).collect();
    assert_eq!(lanes, ["run r2", "run r1"]);
    let event: Event = serde_json::from_str(&rows[1].body).unwrap();
    assert_eq!(event, Event::TimerFired { owner: run(1), name: TimerName::Look(3), generation: 7 });
    assert_eq!(bed.store.timers(9).await.unwrap()[0].timer, c);
    // The same owner, name and generation at another moment is another timer.
    let later = Timer { due: a.due + Duration::from_millis(50), ..a.clone() };
    for again in [a, later] {
        set(&*bed.store, vec![again]).await;
        bed.store.fire_timers(at(100), 9).await.unwrap();
    }
    assert_eq!(bed.store.work(at(100)).await.unwrap().inbox, 4, "b, a, later and c");
}

async fn setting_again_replaces_and_stopping_removes(bed: Bed) {
    let store = &*bed.store;
    set(store, vec![timer(1, TimerName::Look(1), 1, 10), timer(1, TimerName::Look(2), 1, 10)])
        .await;
    set(store, vec![timer(1, TimerName::Look(1), 2, 50)]).await;
    let stop = Unit {
        stops: vec![(run(1), TimerName::Look(2)), (run(9), TimerName::Slow)],
        ..Unit::default()
    };
    store.commit(stop).await.unwrap();
    assert_eq!(store.fire_timers(at(10), 9).await.unwrap(), 0);
    assert_eq!(store.timers(9).await.unwrap()[0].timer, timer(1, TimerName::Look(1), 2, 50));
    let both = Unit {
        stops: vec![(run(1), TimerName::Look(1))],
        timers: vec![timer(1, TimerName::Look(1), 3, 60)],
        ..Unit::default()
    };
    store.commit(both).await.unwrap();
    assert_eq!(
        store.timers(9).await.unwrap()[0].timer.generation,
        3,
        "the old stops, the new runs"
    );
}

async fn two_who_fire_fire_once(bed: Bed) {
    let timers = (0..40).map(|owner| timer(owner, TimerName::Redraw, 1, 10)).collect();
    set(&*bed.store, timers).await;
    let fire = || async {
        let mut fired = 0;
        while !bed.store.timers(1).await.unwrap().is_empty() {
            fired += bed.store.fire_timers(at(10), 3).await.unwrap();
        }
        fired
    };
    let (one, two) = tokio::join!(fire(), fire());
    assert_eq!(one + two, 40);
    assert_eq!(bed.store.pending(99, &[]).await.unwrap().len(), 40);
}
