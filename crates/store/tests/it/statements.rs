//! Every statement of the crate means something to the database that it is for.

use std::collections::HashSet;

use sqlx::{Connection, Executor, PgConnection, SqlSafeStr};
use wilco_store::testing::{RunsOn, postgres_server, postgres_url, statements};

use crate::bed::Folder;

#[test]
fn sqlite_takes_every_statement_and_numbers_its_parameters_as_postgresql_does() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    drop(wilco_store::SqliteStore::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    let mine: Vec<_> =
        statements().into_iter().filter(|(on, ..)| *on != RunsOn::Postgres).collect();
    assert!(mine.len() > 40, "the list is broken");
    for (_, name, sql) in mine {
        let statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}\n{sql}"));
        for index in 1..=statement.parameter_count() {
            let expected = format!("${index}");
            assert_eq!(statement.parameter_name(index), Some(expected.as_str()), "{name}: {sql}");
        }
    }
}

/// A connection whose search path names a fresh, migrated schema.
async fn migrated_postgres() -> PgConnection {
    let url = postgres_url();
    wilco_store::migrate(&url).await.unwrap();
    let schema = url.rsplit_once("schema=").unwrap().1;
    let options = postgres_server().parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    PgConnection::connect_with(&options.options([("search_path", schema)])).await.unwrap()
}

#[tokio::test]
async fn postgresql_takes_every_statement() {
    let mut conn = migrated_postgres().await;
    for (on, name, sql) in statements() {
        if on != RunsOn::Sqlite {
            let prepared = conn.prepare(sql.into_sql_str()).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}\n{sql}"));
        }
    }
}

/// Each statement that looks for old rows, and the indexes by which it finds them.
const PRUNING: [(&str, &[&str]); 4] = [
    ("ANY_OLD", &["inbox_keys_received", "outbox_old", "calls_old"]),
    ("PRUNE_KEYS", &["inbox_keys_received", "inbox_received"]),
    ("PRUNE_SAYS", &["outbox_old"]),
    ("PRUNE_CALLS", &["calls_old"]),
];

fn statement(name: &str) -> &'static str {
    statements().into_iter().find(|(_, known, _)| *known == name).unwrap().2
}

#[test]
fn sqlite_finds_what_is_old_without_reading_the_rest() {
    let folder = Folder::new();
    let path = folder.path().join("wilco.db");
    drop(wilco_store::SqliteStore::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    for (name, indexes) in PRUNING {
        let explain = format!("EXPLAIN QUERY PLAN {}", statement(name));
        let mut explain = conn.prepare(&explain).unwrap();
        let mut rows = explain.raw_query();
        let mut plan: Vec<String> = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            plan.push(row.get("detail").unwrap());
        }
        // What a subquery yields is read whole; it is one row at most.
        let yields = plan.iter().filter_map(|step| step.strip_prefix("CO-ROUTINE "));
        let yields: HashSet<&str> = yields.chain(["CONSTANT ROW"]).collect();
        for step in &plan {
            let all = step.strip_prefix("SCAN ").is_some_and(|table| !yields.contains(table));
            // The smallest value of a column without an index is searched for in all rows.
            let blind = step.starts_with("SEARCH ") && !step.contains(" USING ");
            assert!(!all && !blind, "{name}: {step} in {plan:#?}");
        }
        for index in indexes {
            assert!(plan.iter().any(|step| step.contains(index)), "{name}: {index} in {plan:#?}");
        }
    }
}

#[tokio::test]
async fn postgresql_finds_what_is_old_without_reading_the_rest() {
    let mut conn = migrated_postgres().await;
    // The tables are empty here: an index is taken where there is a fitting one.
    conn.execute("SET enable_seqscan = off").await.unwrap();
    for (name, indexes) in PRUNING {
        let explain = format!("EXPLAIN {}", statement(name).replace("$1", "1").replace("$2", "2"));
        let plan: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{name}: {plan:#?}");
        for index in indexes {
            assert!(plan.iter().any(|step| step.contains(index)), "{name}: {index} in {plan:#?}");
        }
    }
}

#[test]
fn no_statement_changes_or_deletes_an_audit_record() {
    let touching: HashSet<&str> = statements()
        .into_iter()
        .map(|(_, _, sql)| sql)
        .filter(|sql| sql.contains("audits") && !sql.contains("advisory"))
        .collect();
    assert_eq!(touching.len(), 3, "one adds, one reads, one looks for any: {touching:?}");
    for sql in touching {
        let mentions = |how| sql.matches(how).count();
        let looks = mentions("audits") == mentions("EXISTS (SELECT 1 FROM audits)");
        assert!(
            looks || sql.starts_with("INSERT INTO audits") || sql.starts_with("SELECT"),
            "{sql}"
        );
    }
}
