//! What only SQLite has: one process, and a file that survives its end.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use wilco_core::port::Store;
use wilco_store::{OpenFault, SqliteStore};

use crate::bed::{Folder, at, event};

/// Names the database to the other process.
const DATABASE: &str = "WILCO_STORE_TEST_DATABASE";

#[tokio::test]
async fn a_second_process_is_refused_and_kill_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sqlite::the_other_process", "--ignored", "--nocapture"])
        .env(DATABASE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut acknowledged = lines.by_ref().filter_map(|line| line.parse::<usize>().ok());
    assert!(acknowledged.any(|number| number == 40), "the other process did not write");

    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, OpenFault::AlreadyOpen { .. }), "{refused}");
    assert!(refused.to_string().ends_with("is already open in another process"));

    child.kill().unwrap();
    child.wait().unwrap();
    let last = acknowledged.last().unwrap_or(40);
    let store = SqliteStore::open(&path).unwrap();
    let found = usize::try_from(store.work(at(1)).await.unwrap().inbox).unwrap();
    assert!(found >= last, "{found} of {last}");
    let again = (1..=last).map(|number| event(&number.to_string(), "x")).collect();
    assert_eq!(store.receive(again, at(2)).await.unwrap(), 0);
}

#[tokio::test]
#[ignore = "is the other process of the test above"]
async fn the_other_process() {
    let path = std::env::var(DATABASE).expect("only the test above runs this");
    let store = SqliteStore::open(path).unwrap();
    println!();
    for number in 1_usize.. {
        store.receive(vec![event(&number.to_string(), "x")], at(1)).await.unwrap();
        println!("{number}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_write_shows_no_sign_of_life() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    let store = SqliteStore::open(&path).unwrap();
    store.ping().await.unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TRIGGER full BEFORE UPDATE ON chores BEGIN SELECT RAISE(ABORT, 'is full'); END",
    )
    .unwrap();
    assert!(store.ping().await.unwrap_err().to_string().contains("is full"));
    conn.execute_batch("DROP TRIGGER full").unwrap();
    store.ping().await.unwrap();
}

#[test]
fn a_second_store_in_this_process_is_refused_until_the_first_is_dropped() {
    let folder = Folder::new();
    let path = folder.path().join("위키 wilco.db");
    let store = SqliteStore::open(&path).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(OpenFault::AlreadyOpen { .. })));
    drop(store);
    SqliteStore::open(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_does_not_lead_around_the_lock() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let (real, linked) = (folder.path().join("real"), folder.path().join("linked"));
    std::fs::create_dir(&real).unwrap();
    symlink("real", &linked).unwrap();
    // Before the database is there, too.
    symlink("wilco.db", real.join("other.db")).unwrap();
    let names = [
        real.join("wilco.db"),
        real.join("other.db"),
        linked.join("wilco.db"),
        linked.join("other.db"),
    ];
    for first in &names {
        let _store = SqliteStore::open(first).unwrap();
        for second in &names {
            let refused = SqliteStore::open(second).map(drop).unwrap_err();
            assert!(matches!(refused, OpenFault::AlreadyOpen { .. }), "{second:?}: {refused}");
        }
        for end in ["", "-wal", "-shm"] {
            std::fs::remove_file(real.join(format!("wilco.db{end}"))).unwrap_or_default();
        }
    }
    assert!(!real.join("other.db.lock").exists());
}

#[test]
fn migrating_again_changes_nothing_and_a_newer_database_is_refused() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    let schema = || -> Vec<String> {
        drop(SqliteStore::open(&path).unwrap());
        let conn = rusqlite::Connection::open(&path).unwrap();
        let mut all = conn.prepare("SELECT sql FROM sqlite_schema ORDER BY name").unwrap();
        let rows = all.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
        rows.filter_map(Result::unwrap).collect()
    };
    let first = schema();
    assert!(first.len() > 10);
    assert_eq!(first, schema());

    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute("INSERT INTO migrations (version, name) VALUES (99, 'tomorrow')", []).unwrap();
    drop(conn);
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, OpenFault::Newer { found: 99, .. }), "{refused}");
}

#[test]
fn a_place_where_no_file_can_be_is_named() {
    let folder = Folder::new();
    let path = folder.path().join("missing/wilco.db");
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(refused, OpenFault::File { .. }), "{refused}");
    assert!(refused.to_string().contains("missing/wilco.db"));
}

#[test]
fn readers_do_not_block_the_writer_because_the_file_is_in_wal_mode() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    let _store = SqliteStore::open(&path).unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
async fn a_store_has_no_clock_of_its_own() {
    let folder = Folder::new();
    let store = SqliteStore::open(folder.path().join("wilco.db")).unwrap();
    assert_eq!(store.clock().await.unwrap(), None);
}

#[tokio::test]
async fn how_far_time_has_come_is_known_after_a_restart() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.reach(at(100)).await.unwrap(), at(100));
    assert_eq!(store.reach(at(50)).await.unwrap(), at(100));
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.reach(at(0)).await.unwrap(), at(100));
    store.receive(vec![event("a", "x")], at(200)).await.unwrap();
    assert_eq!(store.reach(at(0)).await.unwrap(), at(200), "what was received was received then");
}
