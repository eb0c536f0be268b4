//! What only PostgreSQL has: replicas.

use std::task::Poll;
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use wilco_core::port::{CommitFault, Unit};
use wilco_store::testing::{postgres_server, postgres_url};
use wilco_store::{OpenFault, PostgresStore};

use crate::bed::{at, event, put, run, say, saying};

const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_start_at_once_migrate_once() {
    let url = postgres_url();
    let (one, two, three) =
        tokio::join!(wilco_store::open(&url), wilco_store::open(&url), wilco_store::open(&url));
    let (one, two, _three) = (one.unwrap(), two.unwrap(), three.unwrap());
    one.receive(vec![event("a", "x")], at(1)).await.unwrap();
    assert_eq!(two.receive(vec![event("a", "x")], at(1)).await.unwrap(), 0);
    wilco_store::migrate(&url).await.unwrap();
    assert_eq!(two.work(at(1)).await.unwrap().inbox, 1, "migrating again changes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_hears_what_another_writes() {
    let url = postgres_url();
    let (one, two) =
        (wilco_store::open(&url).await.unwrap(), wilco_store::open(&url).await.unwrap());
    let hears = tokio::spawn(async move {
        two.changed().await;
        two.pending(9, &[]).await.unwrap().len()
    });
    one.receive(vec![event("a", "x")], at(1)).await.unwrap();
    let heard = tokio::time::timeout(PATIENCE, hears).await.expect("it heard nothing").unwrap();
    assert_eq!(heard, 1, "what is heard is committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_claims_and_conflicts() {
    let url = postgres_url();
    let (one, two) =
        (wilco_store::open(&url).await.unwrap(), wilco_store::open(&url).await.unwrap());
    one.commit(saying((0..20).map(|number| {
        let name = number.to_string();
        say(&name, &name, "x")
    })))
    .await
    .unwrap();
    let (a, b) =
        tokio::join!(one.claim_sends(at(1), at(100), 99), two.claim_sends(at(1), at(100), 99));
    let (a, b) = (a.unwrap(), b.unwrap());
    // Locked rows are skipped, so one of them may have to come again.
    let rest = one.claim_sends(at(1), at(100), 99).await.unwrap();
    let mut keys: Vec<String> =
        a.iter().chain(&b).chain(&rest).map(|row| row.key.to_string()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), a.len() + b.len() + rest.len()), (20, 20));

    one.commit(put(run(1), "a")).await.unwrap();
    two.commit(Unit { reads: vec![(run(1), 1)], ..put(run(1), "b") }).await.unwrap();
    let late = one.commit(Unit { reads: vec![(run(1), 1)], ..put(run(1), "c") }).await;
    assert!(matches!(late, Err(CommitFault::Conflict)));
}

/// Whoever waits for a verb may go away at every moment: a worker that is ended, a probe that gives up.
#[tokio::test]
async fn whoever_gives_up_leaves_no_transaction_open() {
    let url = postgres_url();
    let (one, two) =
        (wilco_store::open(&url).await.unwrap(), wilco_store::open(&url).await.unwrap());
    for round in 1..60 {
        let name = round.to_string();
        let given_up = one.receive(vec![event(&name, "x")], at(1));
        polled(given_up, round % 20).await;
        two.commit(saying([say(&name, &name, "x")])).await.unwrap();
        assert_eq!(one.claim_sends(at(1), at(100), 9).await.unwrap().len(), 1);
        let work = two.work(at(1)).await.unwrap();
        assert_eq!(work.outbox - work.outbox_later, 0, "round {round}: the claim is not durable");
    }
}

/// Waits for a future until it was polled so many times, and drops it.
async fn polled<F: Future>(future: F, mut times: u32) {
    let mut future = Box::pin(future);
    std::future::poll_fn(|cx| {
        if times == 0 || future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        times -= 1;
        if times == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_block_each_other_conflict_instead_of_failing() {
    let url = postgres_url();
    let (one, two) =
        (wilco_store::open(&url).await.unwrap(), wilco_store::open(&url).await.unwrap());
    // The same messages in opposite order, in lanes that sort alike.
    let says = |text: &str, turned: bool| {
        let mut says: Vec<_> = (0..30).map(|number| say(&number.to_string(), "5", text)).collect();
        if turned {
            says.reverse();
        }
        saying(says)
    };
    one.commit(says("first", false)).await.unwrap();
    for round in 0..5 {
        let text = round.to_string();
        let (a, b) = tokio::join!(
            one.commit(says(&format!("a{text}"), false)),
            two.commit(says(&format!("b{text}"), true))
        );
        for result in [a, b] {
            assert!(matches!(result, Ok(_) | Err(CommitFault::Conflict)), "{result:?}");
        }
    }
}

#[tokio::test]
async fn the_clock_is_the_servers() {
    let url = postgres_url();
    let store = wilco_store::open(&url).await.unwrap();
    let one = store.clock().await.unwrap().unwrap();
    let mut conn = PgConnection::connect(postgres_server()).await.unwrap();
    let theirs: i64 =
        sqlx::query_scalar("SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    let two = store.clock().await.unwrap().unwrap();
    assert!(one.0 <= theirs && theirs <= two.0, "{one} {theirs} {two}");
}

#[tokio::test]
async fn schema_names_that_need_quotes_are_refused_before_anything_is_asked() {
    for bad in ["", "a b", "Ops", "x;DROP", "1st", "ü", &"x".repeat(41)] {
        let refused = PostgresStore::connect("postgres://u@h/d", Some(bad)).await.unwrap_err();
        assert!(matches!(refused, OpenFault::BadSchema(_)), "{bad}: {refused}");
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let url = postgres_url();
    wilco_store::migrate(&url).await.unwrap();
    let schema = url.rsplit_once("schema=").unwrap().1;
    let mut conn = PgConnection::connect(postgres_server()).await.unwrap();
    let tomorrow = format!("INSERT INTO {schema}.migrations VALUES (99, 'tomorrow')");
    sqlx::raw_sql(sqlx::AssertSqlSafe(tomorrow)).execute(&mut conn).await.unwrap();
    let refused = wilco_store::open(&url).await.map(drop).unwrap_err();
    assert!(matches!(refused, OpenFault::Newer { found: 99, .. }), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_fault_not_a_panic() {
    let refused = wilco_store::open("postgres://u@127.0.0.1:1/d").await.map(drop).unwrap_err();
    assert!(matches!(refused, OpenFault::Database(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_write_shows_no_sign_of_life() {
    let url = postgres_url();
    let store = wilco_store::open(&url).await.unwrap();
    store.ping().await.unwrap();
    let schema = url.rsplit_once("schema=").unwrap().1;
    let mut conn = PgConnection::connect(postgres_server()).await.unwrap();
    // One sign of life fits, as a disk fills up.
    let full = format!("ALTER TABLE {schema}.chores ADD CONSTRAINT is_full CHECK (mark < 2)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(full)).execute(&mut conn).await.unwrap();
    assert!(store.ping().await.unwrap_err().to_string().contains("is_full"));
}
