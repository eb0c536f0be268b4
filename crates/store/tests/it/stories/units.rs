//! A unit is all or nothing, and its neighbours do not feel it.

use wilco_core::ids::DefinitionHash;
use wilco_core::port::{Claims, CommitFault, Definition, Unit};
use wilco_core::timer::{Timer, TimerName};

use crate::bed::{Bed, at, event, operation, put, query, run, say};

stories! {
    a_unit_that_conflicts_leaves_nothing_of_anything
    a_failing_unit_among_many_fails_alone
    definitions_are_kept_once
    run_numbers_are_never_handed_out_twice
}

/// A unit that writes to every table.
fn full(seen: i64) -> Unit {
    Unit {
        reads: vec![(run(1), seen)],
        puts: vec![(run(1), Some(crate::bed::thread("5")), true, "{}".into())],
        removes: vec![run(2)],
        says: vec![say("a", "5", "hello")],
        queries: vec![query("r1.1")],
        operations: vec![operation("r1.2")],
        timers: vec![Timer { owner: run(1), name: TimerName::Slow, generation: 1, due: at(9) }],
        stops: vec![(run(1), TimerName::Redraw)],
        events: vec![event("told", "run r2")],
        definitions: vec![Definition { hash: DefinitionHash::new("h"), source: "s".into() }],
        audits: vec![],
        handles: None,
        claims: Claims::default(),
        now: at(1),
    }
}

async fn a_unit_that_conflicts_leaves_nothing_of_anything(bed: Bed) {
    let store = &*bed.store;
    assert!(matches!(store.commit(full(1)).await, Err(CommitFault::Conflict)));
    let nothing = store.work(at(99)).await.unwrap();
    assert_eq!(nothing, wilco_core::port::Work::default());
    assert_eq!(store.timers(9).await.unwrap(), []);
    assert_eq!(store.definition(&DefinitionHash::new("h")).await.unwrap(), None);
    store.commit(full(0)).await.unwrap();
    let bed = bed.reopened().await;
    let all = bed.store.work(at(99)).await.unwrap();
    assert_eq!((all.inbox, all.outbox, all.calls), (1, 1, 2));
    assert_eq!(bed.store.timers(9).await.unwrap().len(), 1);
}

async fn a_failing_unit_among_many_fails_alone(bed: Bed) {
    // All are handed in before the first is answered, so that SQLite writes them together.
    let tasks: Vec<_> = (0..60)
        .map(|number| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                let wrong = i64::from(number % 3 == 0);
                let reads = vec![(run(number), wrong)];
                store.commit(Unit { reads, ..put(run(number), "x") }).await
            })
        })
        .collect();
    for (number, task) in (0..).zip(tasks) {
        let written = task.await.unwrap().is_ok();
        assert_eq!(written, number % 3 != 0, "unit {number}");
        let found = bed.store.load(&[run(number)]).await.unwrap()[0].is_some();
        assert_eq!(found, written, "unit {number}");
    }
}

async fn definitions_are_kept_once(bed: Bed) {
    let keep = |source: &str| Unit {
        definitions: vec![Definition { hash: DefinitionHash::new("h"), source: source.into() }],
        ..Unit::default()
    };
    bed.store.commit(keep("first")).await.unwrap();
    bed.store.commit(keep("another under the same hash")).await.unwrap();
    let found = bed.store.definition(&DefinitionHash::new("h")).await.unwrap();
    assert_eq!(found.as_deref(), Some("first"));
    assert_eq!(bed.store.definition(&DefinitionHash::new("i")).await.unwrap(), None);
}

async fn run_numbers_are_never_handed_out_twice(bed: Bed) {
    let mut numbers = Vec::new();
    for _ in 0..10 {
        let (one, two) = tokio::join!(bed.store.next_run_number(), bed.store.next_run_number());
        numbers.extend([one.unwrap(), two.unwrap()]);
    }
    let bed = bed.reopened().await;
    numbers.push(bed.store.next_run_number().await.unwrap());
    assert!(numbers.iter().all(|number| *number > 0));
    let last = numbers.len() - 1;
    assert!(numbers[..last].iter().all(|number| *number < numbers[last]));
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 21);
}
