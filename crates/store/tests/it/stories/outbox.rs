//! Messages go out in order, once, and end with their last wish.

use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::ids::{MessageId, MessageKey};
use wilco_core::message::{Say, To};
use wilco_core::port::{Claim, Claims, NewEvent, OutboxRow, SendOutcome, Store, Unit};

use crate::bed::{Bed, at, event, room, run, say, saying, thread};

stories! {
    first_posts_of_a_lane_go_out_in_order_and_lanes_in_parallel
    a_first_post_that_waits_holds_back_later_ones_but_no_updates
    a_dropped_post_lets_the_next_one_go_and_never_comes_back
    wishes_before_the_post_merge_into_the_newest_at_the_first_place
    wishes_during_a_send_are_sent_afterwards
    an_equal_wish_changes_nothing
    what_is_dropped_is_on_record_once_and_what_is_posted_opens_its_thread_once_it_is_settled
    a_first_post_wants_its_receipt_once
    a_message_that_moves_before_its_post_queues_in_the_other_lane
    a_worker_that_vanished_is_suspected_and_fenced
    a_harmless_retry_looks_like_a_first_claim
    a_retry_that_may_have_acted_is_suspected_until_it_is_settled
    two_claimers_never_get_the_same_message
    a_unit_claims_its_own_wishes_as_a_worker_would
    a_unit_that_fails_claims_nothing
}

async fn claim(store: &dyn Store, now: i64) -> Vec<OutboxRow> {
    store.claim_sends(at(now), at(now + 100), 99).await.unwrap()
}

async fn claimed(store: &dyn Store, now: i64) -> Vec<String> {
    let rows = claim(store, now).await;
    rows.iter().map(|row| format!("{} {}", row.key, row.body.text)).collect()
}

async fn settle(store: &dyn Store, row: &OutboxRow, outcome: SendOutcome) -> bool {
    let claim = &row.claim;
    store.settle_send(&row.key, claim.epoch, row.wanted, outcome, at(1)).await.unwrap()
}

fn sent(id: &str) -> SendOutcome {
    SendOutcome::Sent { message: MessageId::new(id), event: None, opens: None }
}

/// It will never go out; for the reason with this number.
pub(super) fn dropped(number: u64) -> SendOutcome {
    let (message, to, why) = ("a".into(), "x".into(), number.to_string());
    let what = Fact::MessageDropped { message, to, why };
    SendOutcome::Dropped { record: AuditRecord { at: at(1), who: None, what } }
}

/// Claims the one message that is due and posts it.
async fn post(store: &dyn Store, now: i64, id: &str) -> OutboxRow {
    let rows = claim(store, now).await;
    assert_eq!(rows.len(), 1);
    assert!(settle(store, &rows[0], sent(id)).await);
    rows[0].clone()
}

async fn first_posts_of_a_lane_go_out_in_order_and_lanes_in_parallel(bed: Bed) {
    let store = &*bed.store;
    let in_room = Say { to: To::Room(room("ops")), ..say("r", "", "notice") };
    let says = [say("b", "5", "one"), say("a", "5", "two"), say("c", "6", "other"), in_room];
    store.commit(saying(says)).await.unwrap();
    let mut rows = claim(store, 10).await;
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["b", "c", "r"]);
    assert_eq!(rows[0].to, To::Thread(thread("5")));
    assert_eq!((rows[0].wanted, rows[0].claim.epoch, rows[0].claim.lease_until), (1, 1, at(110)));
    assert_eq!(rows[0].claim.earlier_send_by, None);
    assert_eq!(claimed(store, 11).await, [""; 0], "b is on its way, so a waits");
    assert!(settle(store, &rows[0], sent("m1")).await);
    let bed = bed.reopened().await;
    assert_eq!(claimed(&*bed.store, 12).await, ["a two"]);
}

async fn a_first_post_that_waits_holds_back_later_ones_but_no_updates(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "posted")])).await.unwrap();
    post(store, 10, "m1").await;
    store.commit(saying([say("b", "5", "first"), say("c", "5", "second")])).await.unwrap();
    let b = claim(store, 20).await.remove(0);
    assert!(settle(store, &b, SendOutcome::Retry { at: at(50), acted: false }).await);
    assert_eq!(claimed(store, 30).await, [""; 0], "c keeps its place behind b");
    store.commit(saying([say("a", "5", "updated")])).await.unwrap();
    let update = claim(store, 30).await.remove(0);
    assert_eq!(update.message, Some(MessageId::new("m1")));
    assert_eq!(claimed(store, 50).await, ["b first"]);
}

async fn a_dropped_post_lets_the_next_one_go_and_never_comes_back(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "bad"), say("b", "5", "good")])).await.unwrap();
    let a = claim(store, 10).await.remove(0);
    store.commit(saying([say("a", "5", "newer")])).await.unwrap();
    assert!(settle(store, &a, dropped(1)).await);
    assert!(!settle(store, &a, sent("m1")).await);
    store.commit(saying([say("a", "5", "better")])).await.unwrap();
    post(store, 20, "m2").await;
    assert_eq!(store.work(at(999)).await.unwrap().outbox, 0);
}

async fn wishes_before_the_post_merge_into_the_newest_at_the_first_place(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1"), say("b", "5", "x")])).await.unwrap();
    store.commit(saying([say("a", "5", "2")])).await.unwrap();
    store.commit(saying([say("a", "5", "3")])).await.unwrap();
    let row = post(store, 10, "m1").await;
    assert_eq!((row.body.text.as_str(), row.wanted), ("3", 3));
    assert_eq!(claimed(store, 20).await, ["b x"]);
}

async fn wishes_during_a_send_are_sent_afterwards(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    let first = claim(store, 10).await.remove(0);
    store.commit(saying([say("a", "5", "2")])).await.unwrap();
    store.commit(saying([say("a", "5", "3")])).await.unwrap();
    assert_eq!(claimed(store, 20).await, [""; 0], "one call in flight per message");
    assert!(settle(store, &first, sent("m1")).await);
    let second = claim(store, 30).await.remove(0);
    assert_eq!(second.body.text, "3");
    assert_eq!((second.wanted, second.message.as_ref()), (3, Some(&MessageId::new("m1"))));
    assert_eq!(second.claim.earlier_send_by, None, "what was settled is not suspected");
    assert!(second.claim.epoch > first.claim.epoch);
    assert!(settle(store, &second, sent("m1")).await);
    assert_eq!(claimed(store, 40).await, [""; 0]);
    assert!(!settle(store, &second, sent("m1")).await, "settled once");
}

async fn an_equal_wish_changes_nothing(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    assert_eq!(post(store, 10, "m1").await.wanted, 1);
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    assert_eq!(claimed(store, 20).await, [""; 0]);
    store.commit(saying([say("a", "5", "2")])).await.unwrap();
    assert_eq!(post(store, 30, "m1").await.wanted, 2);
}

async fn a_first_post_wants_its_receipt_once(bed: Bed) {
    let store = &*bed.store;
    let wish = Say { receipt: Some(run(1)), ..say("a", "5", "1") };
    store.commit(saying([wish, say("b", "6", "no receipt")])).await.unwrap();
    store.commit(saying([say("a", "5", "2")])).await.unwrap();
    let posted = |key: &str| SendOutcome::Sent {
        message: MessageId::new("m1"),
        event: Some(NewEvent { opens: Some(thread(key)), ..event(key, "run r1") }),
        opens: None,
    };
    for row in claim(store, 10).await {
        let wants = row.key.as_str() == "a";
        assert_eq!(row.receipt, wants.then(|| run(1)), "a later wish does not forget it");
        let stale = store
            .settle_send(&row.key, row.claim.epoch + 1, row.wanted, posted("stale"), at(11))
            .await;
        assert!(!stale.unwrap());
        assert!(settle(store, &row, posted(&format!("posted {}", row.key))).await);
    }
    store.commit(saying([say("a", "5", "3")])).await.unwrap();
    let update = claim(store, 20).await.remove(0);
    assert_eq!(update.receipt, None);
    assert!(settle(store, &update, posted("again")).await);
    let events = store.pending(9, &[]).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].body, "posted a");
    assert_eq!(store.work(at(99)).await.unwrap().inbox, 1);
    assert!(store.knows_thread(&thread("posted a")).await.unwrap());
}

async fn a_message_that_moves_before_its_post_queues_in_the_other_lane(bed: Bed) {
    let store = &*bed.store;
    store
        .commit(saying([say("a", "5", "a"), say("b", "5", "b"), say("c", "6", "c")]))
        .await
        .unwrap();
    store.commit(saying([say("a", "6", "a")])).await.unwrap();
    let mut both = claimed(store, 10).await;
    both.sort();
    assert_eq!(both, ["b b", "c c"]);
}

async fn a_worker_that_vanished_is_suspected_and_fenced(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    let gone = claim(store, 10).await.remove(0);
    assert_eq!(claimed(store, 109).await, [""; 0], "the lease holds");
    let next = claim(store, 110).await.remove(0);
    assert_eq!(next.claim.earlier_send_by, Some(at(110)));
    assert!(next.claim.epoch > gone.claim.epoch);
    for outcome in [sent("m1"), dropped(1), SendOutcome::Retry { at: at(1), acted: false }] {
        assert!(!settle(store, &gone, outcome).await, "the old claim holds no more");
    }
    // The second worker looked, could not ask, and surely did not send: the first is still suspected.
    assert!(settle(store, &next, SendOutcome::Retry { at: at(120), acted: false }).await);
    let third = claim(store, 120).await.remove(0);
    assert_eq!(third.claim.earlier_send_by, Some(at(110)));
    // Slow but alive: nobody took the row meanwhile, so what it says is true.
    assert!(settle(store, &third, sent("m1")).await);
    assert_eq!(claimed(store, 999).await, [""; 0]);
}

async fn a_harmless_retry_looks_like_a_first_claim(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    let first = claim(store, 10).await.remove(0);
    let harmless = || SendOutcome::Retry { at: at(50), acted: false };
    assert!(settle(store, &first, harmless()).await);
    assert_eq!(claimed(store, 49).await, [""; 0]);
    let second = claim(store, 50).await.remove(0);
    assert_eq!(second.claim.earlier_send_by, None);
    // The first worker never heard that it had settled, and does it again.
    assert!(!settle(store, &first, harmless()).await);
    assert_eq!(claimed(store, 60).await, [""; 0], "the second claim stands");
}

async fn a_retry_that_may_have_acted_is_suspected_until_it_is_settled(bed: Bed) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "1")])).await.unwrap();
    let maybe = || SendOutcome::Retry { at: at(20), acted: true };
    let first = claim(store, 10).await.remove(0);
    assert!(settle(store, &first, maybe()).await);
    let second = claim(store, 20).await.remove(0);
    assert_eq!(second.claim.earlier_send_by, Some(at(110)));
    assert!(settle(store, &second, maybe()).await);
    let third = claim(store, 30).await.remove(0);
    assert_eq!(third.claim.earlier_send_by, Some(at(120)), "the latest moment counts");
    assert!(settle(store, &third, sent("m1")).await);
    store.commit(saying([say("a", "5", "2")])).await.unwrap();
    assert_eq!(claim(store, 40).await[0].claim.earlier_send_by, None);
}

async fn two_claimers_never_get_the_same_message(bed: Bed) {
    let keys: Vec<String> = (0..60).map(|number| format!("k{number:02}")).collect();
    let says = keys.iter().map(|key| say(key, key, "x"));
    bed.store.commit(saying(says)).await.unwrap();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = bed.store.clone();
            tokio::spawn(async move {
                let mut mine: Vec<MessageKey> = Vec::new();
                while store.work(at(10)).await.unwrap().outbox_later < 60 {
                    let rows = store.claim_sends(at(10), at(110), 7).await.unwrap();
                    assert!(rows.len() <= 7);
                    mine.extend(rows.into_iter().map(|row| row.key));
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap().iter().map(ToString::to_string));
    }
    all.sort();
    assert_eq!(all, keys);
}

/// What a unit with these wishes claims of them.
async fn taken(store: &dyn Store, says: impl IntoIterator<Item = Say>, now: i64) -> Vec<OutboxRow> {
    let claims = Claims { sends: Some(at(now + 100)), calls: None };
    let unit = Unit { says: says.into_iter().collect(), claims, now: at(now), ..Unit::default() };
    store.commit(unit).await.unwrap().sends
}

async fn a_unit_claims_its_own_wishes_as_a_worker_would(bed: Bed) {
    let store = &*bed.store;
    let wish = Say { receipt: Some(run(1)), ..say("a", "5", "one") };
    let rows =
        taken(store, [wish, say("b", "5", "two"), say("c", "6", "x"), say("c", "6", "y")], 10)
            .await;
    let got: Vec<String> =
        rows.iter().map(|row| format!("{} {}", row.key, row.body.text)).collect();
    assert_eq!(got, ["a one", "c y"], "b waits for a; the newest wish for c counts");
    assert_eq!((rows[0].wanted, rows[1].wanted), (1, 2));
    assert_eq!(rows[0].receipt, Some(run(1)));
    assert_eq!(rows[0].claim, Claim { epoch: 1, lease_until: at(110), earlier_send_by: None });
    assert_eq!(claimed(store, 109).await, [""; 0], "durable, and nobody else's");
    assert!(taken(store, [say("a", "5", "new")], 20).await.is_empty(), "one call in flight");
    assert!(settle(store, &rows[0], sent("m1")).await);

    // An update of what stands there, and a claim whose worker vanished.
    let updates = taken(store, [say("a", "5", "newer")], 30).await;
    assert_eq!((updates[0].wanted, updates[0].message.as_ref()), (3, Some(&MessageId::new("m1"))));
    assert_eq!(updates[0].receipt, None);
    let again = taken(store, [say("c", "6", "z")], 150).await;
    assert_eq!(
        again[0].claim,
        Claim { epoch: 2, lease_until: at(250), earlier_send_by: Some(at(110)) }
    );
    assert!(!settle(store, &rows[1], sent("m2")).await, "the old claim is fenced");
}

async fn a_unit_that_fails_claims_nothing(bed: Bed) {
    let store = &*bed.store;
    let claims = Claims { sends: Some(at(110)), calls: Some(at(110)) };
    let unit = Unit { handles: Some(7), claims, now: at(10), ..saying([say("a", "5", "one")]) };
    assert!(store.commit(unit).await.is_err());
    assert_eq!(claimed(store, 999).await, [""; 0]);
}

async fn what_is_dropped_is_on_record_once_and_what_is_posted_opens_its_thread_once_it_is_settled(
    bed: Bed,
) {
    let store = &*bed.store;
    store.commit(saying([say("a", "5", "one")])).await.unwrap();
    let row = claim(store, 10).await.remove(0);
    assert!(settle(store, &row, dropped(1)).await);
    assert!(!settle(store, &row, dropped(2)).await, "settled already");
    let audits = store.audits(0, 9).await.unwrap();
    assert_eq!(audits.len(), 1);
    assert!(matches!(&audits[0].record.what, Fact::MessageDropped { why, .. } if why == "1"));

    let notice = Say { to: To::Room(room("ops")), ..say("r", "", "notice") };
    store.commit(saying([notice])).await.unwrap();
    let row = claim(store, 10).await.remove(0);
    let opens = |root: &str| SendOutcome::Sent {
        message: MessageId::new(root),
        event: None,
        opens: Some(thread(root)),
    };
    assert!(!store.knows_thread(&thread("m7")).await.unwrap());
    assert!(settle(store, &row, opens("m7")).await);
    assert!(!settle(store, &row, opens("m8")).await);
    let bed = bed.reopened().await;
    let store = &*bed.store;
    assert!(store.knows_thread(&thread("m7")).await.unwrap());
    assert!(!store.knows_thread(&thread("m8")).await.unwrap(), "the claim was gone");
}
