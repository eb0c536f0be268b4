//! A query or operation is claimed by one worker, and over once.

use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::ids::CallId;
use wilco_core::port::{CallRow, CallTask, Claim, Claims, SettleCall, Store, Unit};

use crate::bed::{Bed, at, event, operation, query};

stories! {
    a_call_is_claimed_once_and_its_outcome_comes_in_with_its_end
    a_worker_that_vanished_is_suspected_and_fenced
    a_harmless_retry_looks_like_a_first_claim
    a_retry_that_may_have_acted_is_suspected
    an_id_names_its_call_for_ever
    a_unit_claims_its_own_calls_as_a_worker_would
}

async fn ask(store: &dyn Store, now: i64) {
    let unit = Unit {
        queries: vec![query("r1.1")],
        operations: vec![operation("r1.2")],
        now: at(now),
        ..Unit::default()
    };
    store.commit(unit).await.unwrap();
}

async fn claim(store: &dyn Store, now: i64) -> Vec<CallRow> {
    store.claim_calls(at(now), at(now + 100), 99).await.unwrap()
}

/// Leaves only the operation to be claimed.
async fn only_operation(store: &dyn Store) {
    ask(store, 1).await;
    let query = store.claim_calls(at(1), at(2), 1).await.unwrap().remove(0);
    assert!(matches!(query.task, CallTask::Query(_)));
    assert!(settle(store, "r1.1", &query, over("answered")).await);
}

async fn settle(store: &dyn Store, id: &str, row: &CallRow, outcome: SettleCall) -> bool {
    store.settle_call(&CallId::new(id), row.claim.epoch, outcome, at(1)).await.unwrap()
}

fn trouble(detail: &str) -> Trouble {
    Trouble { tool: "argocd".into(), kind: TroubleKind::ToolFailed, detail: detail.into() }
}

fn over(key: &str) -> SettleCall {
    SettleCall::Over { event: event(key, "run r1") }
}

async fn a_call_is_claimed_once_and_its_outcome_comes_in_with_its_end(bed: Bed) {
    let store = &*bed.store;
    ask(store, 5).await;
    let rows = claim(store, 10).await;
    assert_eq!(rows[0].task, CallTask::Query(query("r1.1")));
    assert_eq!(rows[1].task, CallTask::Operation(operation("r1.2")));
    assert_eq!((rows[1].claim.epoch, rows[1].claim.lease_until), (1, at(110)));
    assert_eq!(rows[1].claim.earlier_send_by, None);
    assert_eq!(claim(store, 11).await, []);
    assert!(settle(store, "r1.2", &rows[1], over("settled r1.2")).await);
    assert!(!settle(store, "r1.2", &rows[1], over("settled twice")).await);
    assert!(!settle(store, "r9.9", &rows[1], over("nobody's")).await);
    let bed = bed.reopened().await;
    let events = bed.store.pending(9, &[]).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].body.as_str(), events[0].lane.as_str()), ("settled r1.2", "run r1"));
    assert_eq!(bed.store.work(at(11)).await.unwrap().calls, 1);
}

async fn a_worker_that_vanished_is_suspected_and_fenced(bed: Bed) {
    let store = &*bed.store;
    only_operation(store).await;
    let gone = claim(store, 10).await.remove(0);
    let bed = bed.reopened().await;
    let store = &*bed.store;
    assert_eq!(claim(store, 109).await, []);
    let next = claim(store, 110).await.remove(0);
    assert_eq!(next.claim.earlier_send_by, Some(at(110)));
    assert!(!settle(store, "r1.2", &gone, over("too late")).await);
    assert!(
        !settle(
            store,
            "r1.2",
            &gone,
            SettleCall::Retry { at: at(0), unclear: Some(trouble("late")) }
        )
        .await,
        "nor may it free the row"
    );
    assert_eq!(claim(store, 120).await, []);
    let third = claim(store, 210).await.remove(0);
    assert_eq!(third.claim.earlier_send_by, Some(at(210)), "the second vanished too");
    assert!(settle(store, "r1.2", &third, over("settled")).await);
    assert_eq!(store.work(at(999)).await.unwrap().inbox, 2);
}

async fn a_harmless_retry_looks_like_a_first_claim(bed: Bed) {
    let store = &*bed.store;
    only_operation(store).await;
    let first = claim(store, 10).await.remove(0);
    let harmless = || SettleCall::Retry { at: at(50), unclear: None };
    assert!(settle(store, "r1.2", &first, harmless()).await);
    assert_eq!(claim(store, 49).await, []);
    assert_eq!(store.work(at(49)).await.unwrap().next_retry, Some(at(50)));
    let second = claim(store, 50).await.remove(0);
    assert_eq!(second.claim.earlier_send_by, None);
    assert!(!settle(store, "r1.2", &first, harmless()).await, "each claim has its own number");
    assert_eq!(claim(store, 60).await, []);
}

async fn a_retry_that_may_have_acted_is_suspected(bed: Bed) {
    let store = &*bed.store;
    only_operation(store).await;
    let first = claim(store, 10).await.remove(0);
    assert_eq!(first.unclear, None);
    let unclear = || Some(trouble("broken"));
    let again = SettleCall::Retry { at: at(20), unclear: unclear() };
    assert!(settle(store, "r1.2", &first, again).await);
    let bed = bed.reopened().await;
    let store = &*bed.store;
    let second = claim(store, 20).await.remove(0);
    assert_eq!(second.claim.earlier_send_by, Some(at(110)), "the first one's last moment");
    assert_eq!(second.unclear, unclear(), "whoever comes next knows what the tool said");
    let again = SettleCall::Retry { at: at(30), unclear: None };
    assert!(settle(store, "r1.2", &second, again).await);
    let third = claim(store, 30).await.remove(0);
    assert_eq!((third.claim.earlier_send_by, &third.unclear), (Some(at(110)), &unclear()));
    // It only looked, and died.
    assert_eq!(claim(store, 130).await[0].unclear, unclear());
}

async fn an_id_names_its_call_for_ever(bed: Bed) {
    let store = &*bed.store;
    ask(store, 1).await;
    ask(store, 2).await;
    let rows = claim(store, 10).await;
    assert_eq!(rows.len(), 2);
    assert!(settle(store, "r1.2", &rows[1], over("settled")).await);
    ask(store, 3).await;
    assert_eq!(claim(store, 11).await, [], "what is over is not done again");
}

async fn a_unit_claims_its_own_calls_as_a_worker_would(bed: Bed) {
    let store = &*bed.store;
    let asking = || Unit {
        queries: vec![query("r1.1")],
        operations: vec![operation("r1.2")],
        claims: Claims { sends: None, calls: Some(at(110)) },
        now: at(10),
        ..Unit::default()
    };
    let rows = store.commit(asking()).await.unwrap().calls;
    assert_eq!(rows[0].task, CallTask::Query(query("r1.1")));
    assert_eq!(rows[1].task, CallTask::Operation(operation("r1.2")));
    let first = Claim { epoch: 1, lease_until: at(110), earlier_send_by: None };
    assert_eq!((&rows[0].claim, &rows[1].claim), (&first, &first));
    assert_eq!(store.commit(asking()).await.unwrap().calls, [], "known, so not this unit's");
    assert_eq!(claim(store, 109).await, [], "durable, and nobody else's");
    assert!(settle(store, "r1.1", &rows[0], over("answered r1.1")).await);

    let again = claim(store, 110).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].claim.earlier_send_by, Some(at(110)), "it may have acted");
    assert!(!settle(store, "r1.2", &rows[1], over("late")).await);
}
