//! What is over and old is deleted, in turns and in small batches; what lives never is.

use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::ids::{CallId, MessageId};
use wilco_core::port::{NewEvent, Prune, Pruned, SendOutcome, SettleCall, Store, Unit};

use super::outbox::dropped;
use crate::bed::{Bed, at, event, operation, put, query, run, say, saying, thread};

stories! {
    what_is_over_and_old_goes
    nothing_that_lives_is_deleted
    batches_are_small_and_replicas_take_turns
    a_key_stays_as_long_as_an_event_that_waits
}

fn prune(now: i64, before: i64, limit: usize) -> Prune {
    Prune { now: at(now), next: at(now + 1), before: at(before), limit }
}

async fn handle(store: &dyn Store) {
    loop {
        let rows = store.pending(99, &[]).await.unwrap();
        if rows.is_empty() {
            return;
        }
        for row in rows {
            store.commit(Unit { handles: Some(row.seq), ..Unit::default() }).await.unwrap();
        }
    }
}

/// Sends or drops what wants to be sent.
async fn settle(store: &dyn Store, outcome: fn() -> SendOutcome) {
    for row in store.claim_sends(at(1), at(9), 99).await.unwrap() {
        let epoch = row.claim.epoch;
        assert!(store.settle_send(&row.key, epoch, row.wanted, outcome(), at(1)).await.unwrap());
    }
}

fn sent() -> SendOutcome {
    SendOutcome::Sent { message: MessageId::new("m"), event: None, opens: None }
}

async fn answer(store: &dyn Store, id: &str) {
    let epoch = store.claim_calls(at(1), at(9), 99).await.unwrap()[0].claim.epoch;
    let over = SettleCall::Over { event: event(&format!("over {id}"), "x") };
    assert!(store.settle_call(&CallId::new(id), epoch, over, at(1)).await.unwrap());
}

async fn what_is_over_and_old_goes(bed: Bed) {
    let store = &*bed.store;
    store.receive(vec![event("a", "x"), event("b", "y")], at(1)).await.unwrap();
    let record = AuditRecord { at: at(1), who: None, what: Fact::CatalogReloaded { runbooks: 1 } };
    let unit = Unit {
        queries: vec![query("q")],
        audits: vec![record],
        now: at(1),
        ..saying([say("one", "5", "x"), say("two", "6", "x")])
    };
    store.commit(unit).await.unwrap();
    answer(store, "q").await;
    settle(store, sent).await;
    handle(store).await;
    let now = at(500);
    assert_eq!(store.prune(prune(500, 1, 9)).await.unwrap(), Some(Pruned::default()), "not old");
    let pruned = store.prune(prune(500, 2, 9)).await.unwrap();
    assert_eq!(pruned, Some(Pruned { keys: 3, says: 2, calls: 1 }));
    assert_eq!(store.receive(vec![event("a", "x")], now).await.unwrap(), 1, "forgotten");
    assert_eq!(store.audits(0, 9).await.unwrap().len(), 1, "never");
    assert_eq!(store.prune(prune(600, 2, 9)).await.unwrap(), Some(Pruned::default()));
}

async fn nothing_that_lives_is_deleted(bed: Bed) {
    let store = &*bed.store;
    // A live run, with its card; a message that waits, one under way; calls that wait and are under way.
    let mut unit = put(run(1), "{}");
    unit.puts[0].1 = Some(thread("5"));
    unit.now = at(1);
    unit.says = vec![say("card", "5", "x")];
    store.commit(unit).await.unwrap();
    settle(store, sent).await;
    let unit = Unit {
        queries: vec![query("q")],
        operations: vec![operation("o")],
        now: at(1),
        ..saying([say("later", "6", "x"), say("dropped", "7", "x"), say("waits", "8", "x")])
    };
    store.commit(unit).await.unwrap();
    for row in store.claim_sends(at(1), at(9), 99).await.unwrap() {
        let outcome = match row.key.as_str() {
            "later" => SendOutcome::Retry { at: at(900), acted: true },
            "dropped" => dropped(1),
            _ => continue,
        };
        let epoch = row.claim.epoch;
        store.settle_send(&row.key, epoch, row.wanted, outcome, at(1)).await.unwrap();
    }
    store.claim_calls(at(1), at(9), 1).await.unwrap();
    let work = store.work(at(500)).await.unwrap();
    let pruned = store.prune(prune(500, 400, 9)).await.unwrap();
    assert_eq!(pruned, Some(Pruned { keys: 0, says: 1, calls: 0 }), "what was dropped is over");
    assert_eq!(store.work(at(500)).await.unwrap(), work);
    // The card is updated, not posted again.
    store.commit(saying([say("card", "5", "y")])).await.unwrap();
    let rows = store.claim_sends(at(2), at(9), 99).await.unwrap();
    let card = rows.iter().find(|row| row.key.as_str() == "card").unwrap();
    assert_eq!(card.message, Some(MessageId::new("m")));
    // Once the run is over, its messages are old like all others.
    settle(store, sent).await;
    let mut unit = put(run(1), "{}");
    unit.puts[0].1 = Some(thread("5"));
    unit.puts[0].2 = false;
    store.commit(unit).await.unwrap();
    store.settle_send(&card.key, card.claim.epoch, card.wanted, sent(), at(2)).await.unwrap();
    let pruned = store.prune(prune(600, 400, 9)).await.unwrap();
    assert_eq!(pruned.map(|pruned| pruned.says), Some(1));
    assert_eq!(store.load(&[run(1)]).await.unwrap()[0].as_ref().map(|row| row.version), Some(2));
}

async fn batches_are_small_and_replicas_take_turns(bed: Bed) {
    let store = &*bed.store;
    let events: Vec<NewEvent> = (0..5).map(|n| event(&n.to_string(), "x")).collect();
    store.receive(events, at(1)).await.unwrap();
    handle(store).await;
    assert_eq!(store.prune(prune(500, 9, 2)).await.unwrap().map(|pruned| pruned.keys), Some(2));
    assert_eq!(store.prune(prune(500, 9, 2)).await.unwrap(), None, "it was done just now");
    assert_eq!(store.prune(prune(501, 9, 2)).await.unwrap().map(|pruned| pruned.keys), Some(2));
    let (one, two) = tokio::join!(store.prune(prune(600, 9, 9)), store.prune(prune(600, 9, 9)));
    let deleted = |pruned: Option<Pruned>| pruned.map_or(0, |pruned| pruned.keys);
    assert_eq!(deleted(one.unwrap()) + deleted(two.unwrap()), 1);
}

async fn a_key_stays_as_long_as_an_event_that_waits(bed: Bed) {
    let store = &*bed.store;
    store.receive(vec![event("before", "x")], at(1)).await.unwrap();
    handle(store).await;
    store.receive(vec![event("waits", "x")], at(2)).await.unwrap();
    store.receive(vec![event("after", "y")], at(3)).await.unwrap();
    let pruned = store.prune(prune(500, 400, 9)).await.unwrap();
    assert_eq!(pruned.map(|pruned| pruned.keys), Some(1));
    for known in ["waits", "after"] {
        assert_eq!(store.receive(vec![event(known, "x")], at(500)).await.unwrap(), 0, "{known}");
    }
}
