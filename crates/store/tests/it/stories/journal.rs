//! Journals: what is written is read in order, and nothing is missed.

use wilco_core::port::Store;

use crate::bed::Bed;

stories! {
    writing_again_gives_a_new_place
    only_new_leaves_a_known_key_as_it_is
    a_reader_misses_nothing_that_concurrent_writers_write
    of_two_who_write_only_new_one_wins
}

async fn keys(store: &dyn Store, after: i64, limit: usize) -> Vec<String> {
    let entries = store.journal_read("console", after, limit).await.unwrap();
    assert!(entries.windows(2).all(|two| two[0].seq < two[1].seq));
    entries.into_iter().map(|entry| format!("{} {}", entry.key, entry.body)).collect()
}

async fn writing_again_gives_a_new_place(bed: Bed) {
    let store = &*bed.store;
    let one = store.journal_put("console", "a", "1", false).await.unwrap();
    let two = store.journal_put("console", "b", "1", false).await.unwrap();
    store.journal_put("another", "a", "other", false).await.unwrap();
    assert!(one < two);
    assert_eq!(keys(store, 0, 9).await, ["a 1", "b 1"]);
    let three = store.journal_put("console", "a", "2", false).await.unwrap();
    assert!(two < three);
    let bed = bed.reopened().await;
    assert_eq!(keys(&*bed.store, 0, 9).await, ["b 1", "a 2"]);
    assert_eq!(keys(&*bed.store, 0, 1).await, ["b 1"]);
    assert_eq!(keys(&*bed.store, two, 9).await, ["a 2"]);
    let entry = bed.store.journal_get("console", "a").await.unwrap().unwrap();
    assert_eq!((entry.seq, entry.body.as_str()), (three, "2"));
    assert_eq!(bed.store.journal_get("console", "c").await.unwrap(), None);
}

async fn only_new_leaves_a_known_key_as_it_is(bed: Bed) {
    let store = &*bed.store;
    let place = store.journal_put("console", "a", "1", true).await.unwrap();
    store.journal_put("console", "b", "1", true).await.unwrap();
    assert_eq!(store.journal_put("console", "a", "2", true).await.unwrap(), place);
    assert_eq!(keys(store, 0, 9).await, ["a 1", "b 1"]);
}

async fn a_reader_misses_nothing_that_concurrent_writers_write(bed: Bed) {
    const WRITERS: usize = 4;
    const EACH: usize = 30;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let key = format!("{writer}.{number}");
                    store.journal_put("console", &key, "x", false).await.unwrap();
                }
            })
        })
        .collect();
    let (mut after, mut seen) = (0, Vec::new());
    while seen.len() < WRITERS * EACH {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let entries = bed.store.journal_read("console", after, 10).await.unwrap();
        assert!(!(done && entries.is_empty()), "only {} of all were seen", seen.len());
        after = entries.last().map_or(after, |entry| entry.seq);
        seen.extend(entries.into_iter().map(|entry| entry.key));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), WRITERS * EACH);
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn of_two_who_write_only_new_one_wins(bed: Bed) {
    for round in 0..20 {
        // Every other round in a journal that does not exist yet.
        let journal = if round % 2 == 0 { "console".to_owned() } else { format!("new {round}") };
        let key = round.to_string();
        let (one, two) = tokio::join!(
            bed.store.journal_put(&journal, &key, "one", true),
            bed.store.journal_put(&journal, &key, "two", true)
        );
        assert_eq!(one.unwrap(), two.unwrap(), "both are told the place of the one entry");
    }
}
