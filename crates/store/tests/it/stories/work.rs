//! How much there is to do, and the hint that there is more.

use std::time::Duration;

use wilco_core::ids::CallId;
use wilco_core::port::{SendOutcome, SettleCall, Unit, Work};

use crate::bed::{Bed, at, event, operation, say, saying};

stories! {
    counts_tell_what_waits_for_a_moment
    changed_wakes_who_waits_and_who_comes_later
    a_sign_of_life
}

async fn counts_tell_what_waits_for_a_moment(bed: Bed) {
    let store = &*bed.store;
    assert_eq!(store.work(at(0)).await.unwrap(), Work::default());
    store.receive(vec![event("a", "x"), event("b", "x")], at(1)).await.unwrap();
    store
        .commit(saying([say("a", "5", "1"), say("b", "5", "2"), say("c", "6", "3")]))
        .await
        .unwrap();
    store.commit(Unit { operations: vec![operation("r1.1")], ..Unit::default() }).await.unwrap();
    let work = Work { inbox: 2, outbox: 3, calls: 1, ..Work::default() };
    assert_eq!(store.work(at(10)).await.unwrap(), work);

    // A lease is a moment too: rows do not know whether their worker is alive.
    let rows = store.claim_sends(at(10), at(110), 9).await.unwrap();
    let calls = store.claim_calls(at(10), at(90), 9).await.unwrap();
    let leased = Work { outbox_later: 3, calls_later: 1, next_retry: Some(at(90)), ..work };
    assert_eq!(store.work(at(10)).await.unwrap(), leased, "b waits behind a");

    for row in rows {
        let outcome = if row.key.as_str() == "a" {
            SendOutcome::Retry { at: at(50), acted: false }
        } else {
            super::outbox::dropped(1)
        };
        store.settle_send(&row.key, row.claim.epoch, row.wanted, outcome, at(20)).await.unwrap();
    }
    let retry = SettleCall::Retry { at: at(70), unclear: None };
    store.settle_call(&CallId::new("r1.1"), calls[0].claim.epoch, retry, at(20)).await.unwrap();
    let paused =
        Work { outbox: 2, outbox_later: 2, calls_later: 1, next_retry: Some(at(50)), ..work };
    assert_eq!(store.work(at(20)).await.unwrap(), paused);
    let due = Work { outbox_later: 0, next_retry: Some(at(70)), ..paused };
    assert_eq!(store.work(at(50)).await.unwrap(), due);
}

async fn changed_wakes_who_waits_and_who_comes_later(bed: Bed) {
    let patience = Duration::from_secs(20);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let store = bed.store.clone();
            tokio::spawn(async move { store.changed().await })
        })
        .collect();
    // Written again and again, because nobody can tell when a task has begun to wait.
    let mut number = 0;
    while !waiting.iter().all(tokio::task::JoinHandle::is_finished) {
        number += 1;
        bed.store.receive(vec![event(&number.to_string(), "x")], at(1)).await.unwrap();
        assert!(number < 5_000, "nobody was woken");
    }
    bed.store.receive(vec![event("last", "x")], at(1)).await.unwrap();
    tokio::time::timeout(patience, bed.store.changed()).await.expect("missed a write before it");
}

async fn a_sign_of_life(bed: Bed) {
    bed.store.ping().await.unwrap();
}
