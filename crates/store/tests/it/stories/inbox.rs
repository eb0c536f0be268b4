//! Events come in once, and are handled once, in the order of their lane.

use wilco_core::port::{CommitFault, NewEvent, Store, Unit};

use crate::bed::{Bed, at, event, put, run, thread};

stories! {
    a_key_is_received_once_for_ever
    only_the_first_of_each_lane_is_pending
    a_unit_handles_only_what_is_pending_and_first_of_its_lane
    an_event_opens_its_thread_when_it_is_received
    an_event_handed_to_two_is_handled_by_one
    an_event_whose_unit_conflicts_is_still_pending
    events_of_a_unit_come_in_with_it
}

async fn pending(store: &dyn Store, limit: usize, busy: &[&str]) -> Vec<String> {
    let busy: Vec<String> = busy.iter().map(|lane| (*lane).to_owned()).collect();
    let rows = store.pending(limit, &busy).await.unwrap();
    assert!(rows.windows(2).all(|two| two[0].seq < two[1].seq), "oldest first");
    rows.into_iter().map(|row| row.body).collect()
}

async fn handle_first(store: &dyn Store) {
    let seq = store.pending(1, &[]).await.unwrap()[0].seq;
    store.commit(Unit { handles: Some(seq), ..Unit::default() }).await.unwrap();
}

async fn a_key_is_received_once_for_ever(bed: Bed) {
    let twice = vec![event("a", "x"), event("a", "x"), event("b", "y")];
    assert_eq!(bed.store.receive(twice.clone(), at(1)).await.unwrap(), 2);
    assert_eq!(bed.store.receive(twice.clone(), at(2)).await.unwrap(), 0);
    handle_first(&*bed.store).await;
    handle_first(&*bed.store).await;
    let bed = bed.reopened().await;
    assert_eq!(bed.store.receive(twice, at(3)).await.unwrap(), 0);
    assert_eq!(pending(&*bed.store, 9, &[]).await, [""; 0]);
    assert_eq!(bed.store.receive(vec![], at(3)).await.unwrap(), 0);
}

async fn only_the_first_of_each_lane_is_pending(bed: Bed) {
    let events = ["a x", "b x", "c y", "d z", "e y"].map(|both| {
        let (key, lane) = both.split_once(' ').unwrap();
        event(key, lane)
    });
    bed.store.receive(events.to_vec(), at(1)).await.unwrap();
    assert_eq!(pending(&*bed.store, 9, &[]).await, ["a", "c", "d"]);
    assert_eq!(pending(&*bed.store, 2, &[]).await, ["a", "c"]);
    assert_eq!(pending(&*bed.store, 1, &["x", "nobody"]).await, ["c"]);
    assert_eq!(pending(&*bed.store, 9, &["x", "y", "z"]).await, [""; 0]);
    handle_first(&*bed.store).await;
    assert_eq!(pending(&*bed.store, 9, &[]).await, ["b", "c", "d"]);
    assert_eq!(bed.store.pending(1, &[]).await.unwrap()[0].received_at, at(1));
}

async fn a_unit_handles_only_what_is_pending_and_first_of_its_lane(bed: Bed) {
    let store = &*bed.store;
    store.receive(vec![event("a", "x"), event("b", "x"), event("c", "y")], at(1)).await.unwrap();
    let seqs: Vec<i64> = store.pending(9, &[]).await.unwrap().iter().map(|row| row.seq).collect();
    let (a, c) = (seqs[0], seqs[1]);
    let b = a + 1;
    assert!(b < c, "numbers of one batch follow each other");

    let writing = |seq| Unit { handles: Some(seq), ..put(run(1), "{}") };
    for wrong in [b, c + 100] {
        let fault = store.commit(writing(wrong)).await.unwrap_err();
        assert!(matches!(fault, CommitFault::NotNext), "{fault}");
    }
    assert_eq!(store.load(&[run(1)]).await.unwrap(), [None], "a conflict writes nothing");
    store.commit(writing(a)).await.unwrap();
    assert!(matches!(store.commit(writing(a)).await, Err(CommitFault::NotNext)), "handled once");
    assert_eq!(store.load(&[run(1)]).await.unwrap()[0].as_ref().unwrap().version, 1);
    store.commit(writing(b)).await.unwrap();
    store.commit(writing(c)).await.unwrap();
    assert_eq!(store.work(at(1)).await.unwrap().inbox, 0);
    // The number of a handled event never names a later one.
    store.receive(vec![event("d", "x")], at(1)).await.unwrap();
    assert!(store.pending(1, &[]).await.unwrap()[0].seq > c);
    assert!(matches!(store.commit(writing(c)).await, Err(CommitFault::NotNext)));
}

async fn an_event_opens_its_thread_when_it_is_received(bed: Bed) {
    let store = &*bed.store;
    assert!(!store.knows_thread(&thread("5")).await.unwrap());
    let opening = NewEvent { opens: Some(thread("5")), ..event("a", "x") };
    store.receive(vec![opening.clone(), event("b", "x")], at(1)).await.unwrap();
    assert!(store.knows_thread(&thread("5")).await.unwrap());
    assert!(!store.knows_thread(&thread("6")).await.unwrap());
    store.receive(vec![NewEvent { key: "c".into(), ..opening }], at(2)).await.unwrap();
    assert!(store.knows_thread(&thread("5")).await.unwrap());
}

async fn an_event_handed_to_two_is_handled_by_one(bed: Bed) {
    for round in 0..20 {
        bed.store.receive(vec![event(&round.to_string(), "x")], at(1)).await.unwrap();
        let seq = bed.store.pending(1, &[]).await.unwrap()[0].seq;
        let unit = || Unit { handles: Some(seq), ..Unit::default() };
        let (one, two) = tokio::join!(bed.store.commit(unit()), bed.store.commit(unit()));
        assert!(one.is_ok() ^ two.is_ok(), "{one:?} {two:?}");
    }
}

async fn an_event_whose_unit_conflicts_is_still_pending(bed: Bed) {
    let store = &*bed.store;
    store.receive(vec![event("a", "x")], at(1)).await.unwrap();
    let seq = store.pending(1, &[]).await.unwrap()[0].seq;
    let handling =
        |seen| Unit { handles: Some(seq), reads: vec![(run(1), seen)], ..Unit::default() };
    assert!(matches!(store.commit(handling(1)).await, Err(CommitFault::Conflict)));
    assert_eq!(pending(store, 9, &[]).await, ["a"]);
    store.commit(handling(0)).await.unwrap();
    assert_eq!(pending(store, 9, &[]).await, [""; 0]);
}

async fn events_of_a_unit_come_in_with_it(bed: Bed) {
    let store = &*bed.store;
    store.commit(Unit { events: vec![event("a", "x")], ..Unit::default() }).await.unwrap();
    store.commit(Unit { events: vec![event("a", "x")], ..Unit::default() }).await.unwrap();
    assert_eq!(pending(store, 9, &[]).await, ["a"]);
    let failing =
        Unit { events: vec![event("b", "y")], reads: vec![(run(1), 7)], ..Unit::default() };
    store.commit(failing).await.unwrap_err();
    assert_eq!(pending(store, 9, &[]).await, ["a"]);
    assert_eq!(store.receive(vec![event("b", "y")], at(1)).await.unwrap(), 1, "its key is free");
}
