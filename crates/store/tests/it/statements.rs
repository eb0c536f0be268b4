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

#[tokio::test]
async fn postgresql_takes_every_statement() {
    let url = postgres_url();
    wilco_store::migrate(&url).await.unwrap();
    let schema = url.rsplit_once("schema=").unwrap().1;
    let options = postgres_server().parse::<sqlx::postgres::PgConnectOptions>().unwrap();
    let options = options.options([("search_path", schema)]);
    let mut conn = PgConnection::connect_with(&options).await.unwrap();
    for (on, name, sql) in statements() {
        if on != RunsOn::Sqlite {
            let prepared = conn.prepare(sql.into_sql_str()).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}\n{sql}"));
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
