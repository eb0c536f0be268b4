//! State is written only over the state that was read.

use wilco_core::entity::{DialogKey, EntityKey, EntityKind};
use wilco_core::ids::PersonId;
use wilco_core::port::{CommitFault, Store, Unit};

use crate::bed::{Bed, at, put, run, thread};

stories! {
    versions_count_writes_and_stale_reads_conflict
    what_was_only_read_must_not_have_changed_either
    a_key_that_comes_back_is_not_mistaken_for_the_old_one
    live_entities_are_found_by_thread_and_by_kind
    concurrent_committers_lose_no_update
    of_two_who_create_the_same_one_wins
    two_who_each_read_what_the_other_creates_cannot_both_win
}

async fn version(store: &dyn Store, key: &EntityKey) -> i64 {
    store.load(std::slice::from_ref(key)).await.unwrap()[0].as_ref().map_or(0, |row| row.version)
}

fn conflicts<T>(result: Result<T, CommitFault>) -> bool {
    match result {
        Ok(_) => false,
        Err(CommitFault::Conflict) => true,
        Err(fault) => panic!("{fault}"),
    }
}

async fn versions_count_writes_and_stale_reads_conflict(bed: Bed) {
    let store = &*bed.store;
    let over = |seen, body: &str| Unit { reads: vec![(run(1), seen)], ..put(run(1), body) };
    assert!(conflicts(store.commit(over(1, "no")).await), "there is none yet");
    store.commit(over(0, "one")).await.unwrap();
    assert!(conflicts(store.commit(over(0, "no")).await));
    store.commit(over(1, "two")).await.unwrap();
    assert!(conflicts(store.commit(over(1, "no")).await));
    store.commit(put(run(1), "three, over whatever is there")).await.unwrap();
    let bed = bed.reopened().await;
    let rows = bed.store.load(&[run(2), run(1), run(1)]).await.unwrap();
    assert_eq!(rows[0], None);
    let row = rows[1].as_ref().unwrap();
    assert_eq!((row.kind.as_str(), row.id.as_str(), row.version), ("run", "r1", 3));
    assert_eq!(row.body, "three, over whatever is there");
    assert_eq!(rows[1], rows[2]);
    assert_eq!(bed.store.load(&[]).await.unwrap(), []);
}

async fn what_was_only_read_must_not_have_changed_either(bed: Bed) {
    let store = &*bed.store;
    store.commit(put(run(1), "a")).await.unwrap();
    let reading = |one, two| Unit { reads: vec![(run(1), one), (run(2), two)], ..put(run(3), "c") };
    assert!(conflicts(store.commit(reading(2, 0)).await));
    assert!(conflicts(store.commit(reading(1, 1)).await));
    assert_eq!(version(store, &run(3)).await, 0);
    store.commit(reading(1, 0)).await.unwrap();
    assert_eq!(version(store, &run(1)).await, 1, "reading is not writing");
}

async fn a_key_that_comes_back_is_not_mistaken_for_the_old_one(bed: Bed) {
    let store = &*bed.store;
    store.commit(put(run(1), "old")).await.unwrap();
    let seen = version(store, &run(1)).await;
    let remove = Unit { removes: vec![run(1)], reads: vec![(run(1), seen)], ..Unit::default() };
    store.commit(remove.clone()).await.unwrap();
    assert_eq!(store.load(&[run(1)]).await.unwrap(), [None]);
    assert!(conflicts(store.commit(remove).await));
    store.commit(Unit { removes: vec![run(1)], ..Unit::default() }).await.unwrap();
    let again = Unit { reads: vec![(run(1), 0)], ..put(run(1), "new") };
    store.commit(again).await.unwrap();
    let late = Unit { reads: vec![(run(1), seen)], ..put(run(1), "late") };
    assert!(conflicts(store.commit(late).await));
    assert_eq!(store.load(&[run(1)]).await.unwrap()[0].as_ref().unwrap().body, "new");
}

async fn live_entities_are_found_by_thread_and_by_kind(bed: Bed) {
    let store = &*bed.store;
    let dialog =
        EntityKey::Dialog(DialogKey { thread: thread("5"), person: PersonId::new("미나") });
    let unit = Unit {
        puts: vec![
            (run(2), Some(thread("5")), true, "2".into()),
            (run(10), Some(thread("6")), true, "10".into()),
            (run(3), Some(thread("5")), false, "3".into()),
            (dialog.clone(), Some(thread("5")), true, "d".into()),
        ],
        now: at(1),
        ..Unit::default()
    };
    store.commit(unit).await.unwrap();
    let bodies = |rows: Vec<wilco_core::port::EntityRow>| -> Vec<String> {
        rows.into_iter().map(|row| row.body).collect()
    };
    assert_eq!(
        bodies(store.load_thread(&thread("5")).await.unwrap()),
        ["d", "2", "3"],
        "what lives there, and what ended there last"
    );
    assert_eq!(bodies(store.load_live(EntityKind::Run).await.unwrap()), ["10", "2"]);
    assert_eq!(bodies(store.load_live(EntityKind::Lock).await.unwrap()), [""; 0]);
    assert!(store.knows_thread(&thread("6")).await.unwrap(), "an entity makes its thread known");

    store.commit(Unit { removes: vec![dialog], ..Unit::default() }).await.unwrap();
    assert_eq!(bodies(store.load_thread(&thread("5")).await.unwrap()), ["2", "3"]);
    let ended = Unit {
        puts: [9, 11, 2].map(|n| (run(n), Some(thread("5")), false, n.to_string())).into(),
        ..Unit::default()
    };
    store.commit(ended).await.unwrap();
    assert_eq!(bodies(store.load_thread(&thread("5")).await.unwrap()), ["11"]);
    assert!(store.knows_thread(&thread("5")).await.unwrap(), "known for ever");

    let over = |limit| store.load_over(EntityKind::Run, limit);
    assert_eq!(
        bodies(over(9).await.unwrap()),
        ["11", "9", "3", "2"],
        "as numbers, the newest first"
    );
    assert_eq!(bodies(over(2).await.unwrap()), ["11", "9"]);
    store.commit(Unit { removes: vec![run(11)], ..Unit::default() }).await.unwrap();
    assert_eq!(bodies(over(1).await.unwrap()), ["9"], "what was removed is not over, but gone");
    assert_eq!(bodies(store.load_over(EntityKind::Dialog, 9).await.unwrap()), [""; 0]);
}

async fn concurrent_committers_lose_no_update(bed: Bed) {
    const TASKS: usize = 8;
    const EACH: usize = 15;
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                for _ in 0..EACH {
                    loop {
                        let row = store.load(&[run(1)]).await.unwrap().remove(0);
                        let (seen, count) =
                            row.map_or((0, 0), |row| (row.version, row.body.parse().unwrap()));
                        let count: usize = count + 1;
                        let unit =
                            Unit { reads: vec![(run(1), seen)], ..put(run(1), &count.to_string()) };
                        if !conflicts(store.commit(unit).await) {
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = bed.store.load(&[run(1)]).await.unwrap().remove(0).unwrap();
    assert_eq!(row.body, (TASKS * EACH).to_string());
    assert_eq!(row.version, i64::try_from(TASKS * EACH).unwrap());
}

async fn of_two_who_create_the_same_one_wins(bed: Bed) {
    for number in 1..=20 {
        let create = |body: &str| Unit { reads: vec![(run(number), 0)], ..put(run(number), body) };
        let (one, two) = tokio::join!(bed.store.commit(create("a")), bed.store.commit(create("b")));
        assert!(conflicts(one) ^ conflicts(two));
        assert_eq!(version(&*bed.store, &run(number)).await, 1);
    }
}

async fn two_who_each_read_what_the_other_creates_cannot_both_win(bed: Bed) {
    for round in 1..=20 {
        let (a, b) = (run(round * 2), run(round * 2 + 1));
        let unless = |other: &EntityKey, mine: &EntityKey| Unit {
            reads: vec![(other.clone(), 0), (mine.clone(), 0)],
            ..put(mine.clone(), "x")
        };
        let (one, two) =
            tokio::join!(bed.store.commit(unless(&a, &b)), bed.store.commit(unless(&b, &a)));
        assert!(conflicts(one) ^ conflicts(two));
    }
}
