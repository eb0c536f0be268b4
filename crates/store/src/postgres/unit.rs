//! One unit on PostgreSQL: locks and checks first, then writes, in one transaction.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use wilco_core::port::{CallTask, Claim, Claimed, Unit};

use super::{audits, inbox, outbox};
use crate::fault::Stop;
use crate::tables::inbox::HANDLE;
use crate::tables::{calls, definitions, entities, statements, timers};

statements! {
    /// Entities that are not there have no row to lock, so whoever reads or makes one holds its name
    /// until the transaction ends.
    LOCK_NAMES = "SELECT pg_advisory_xact_lock(h) FROM ( \
         SELECT DISTINCT hashtextextended( \
             'wilco entity ' || current_schema() || ' ' || k || ' ' || i, 0) AS h \
         FROM unnest($1::text[], $2::text[]) AS t (k, i) ORDER BY h) AS names";

    /// The versions of entities, which nobody else changes until the transaction ends.
    LOCK_VERSIONS = "SELECT kind, id, CASE WHEN gone = 1 THEN 0 ELSE version END FROM entities \
         WHERE (kind, id) IN (SELECT * FROM unnest($1::text[], $2::text[])) \
         ORDER BY kind, id FOR UPDATE";
}

/// See `Store::commit`.
pub(super) async fn write(conn: &mut PgConnection, unit: &Unit) -> Result<Claimed, Stop> {
    if let Some(seq) = unit.handles
        && sqlx::query(HANDLE).bind(seq).execute(&mut *conn).await?.rows_affected() == 0
    {
        return Err(Stop::NotNext);
    }
    check_versions(conn, unit).await?;
    let mut threads = write_state(conn, unit).await?;
    // By lane, so that two units wait for each other's lanes instead of blocking each other.
    let mut says: Vec<_> = unit.says.iter().collect();
    says.sort_by_cached_key(|say| say.to.lane());
    for say in says {
        outbox::say(conn, say, unit.now).await?;
    }
    let mut claimed = Claimed::default();
    if let Some(until) = unit.claims.sends {
        claimed.sends = outbox::claim_wishes(conn, &unit.says, unit.now, until).await?;
    }
    for query in &unit.queries {
        let (id, body) = (query.id.as_str(), serde_json::to_string(query)?);
        if let Some(claim) = ask(conn, id, calls::QUERY, body, unit).await? {
            claimed.calls.push(calls::first_row(CallTask::Query(query.clone()), claim));
        }
    }
    for operation in &unit.operations {
        let (id, body) = (operation.id.as_str(), serde_json::to_string(operation)?);
        if let Some(claim) = ask(conn, id, calls::OPERATION, body, unit).await? {
            claimed.calls.push(calls::first_row(CallTask::Operation(operation.clone()), claim));
        }
    }
    write_timers(conn, unit).await?;
    for definition in &unit.definitions {
        sqlx::query(definitions::KEEP)
            .bind(definition.hash.as_str())
            .bind(&definition.source)
            .execute(&mut *conn)
            .await?;
    }
    let put = inbox::put(conn, &unit.events, unit.now).await?;
    threads.extend(put.opens);
    inbox::open_threads(conn, threads, unit.now).await?;
    audits::add(conn, &unit.audits).await?;
    Ok(claimed)
}

/// Locks everything that was read or is to be written, and compares what was read.
async fn check_versions(conn: &mut PgConnection, unit: &Unit) -> Result<(), Stop> {
    let absent = unit.reads.iter().filter(|(_, seen)| *seen == 0).map(|(key, _)| key);
    let read = |key| unit.reads.iter().any(|(known, _)| known == key);
    let blind = unit.puts.iter().map(|(key, ..)| key).filter(|key| !read(*key));
    let (kinds, ids): (Vec<&str>, Vec<String>) =
        absent.chain(blind).map(|key| (key.kind().as_str(), key.id())).unzip();
    if !kinds.is_empty() {
        sqlx::query(LOCK_NAMES).bind(&kinds).bind(&ids).execute(&mut *conn).await?;
    }
    let written = unit.puts.iter().map(|(key, ..)| key).chain(&unit.removes);
    let all = unit.reads.iter().map(|(key, _)| key).chain(written);
    let (kinds, ids): (Vec<&str>, Vec<String>) =
        all.map(|key| (key.kind().as_str(), key.id())).unzip();
    if kinds.is_empty() {
        return Ok(());
    }
    let found: Vec<(String, String, i64)> =
        sqlx::query_as(LOCK_VERSIONS).bind(&kinds).bind(&ids).fetch_all(&mut *conn).await?;
    for (key, seen) in &unit.reads {
        let (kind, id) = (key.kind().as_str(), key.id());
        let version = found.iter().find(|row| row.0 == kind && row.1 == id).map_or(0, |row| row.2);
        if version != *seen {
            return Err(Stop::Conflict);
        }
    }
    Ok(())
}

/// Writes entities; returns the threads that they make known.
async fn write_state(conn: &mut PgConnection, unit: &Unit) -> Result<BTreeSet<String>, Stop> {
    for key in &unit.removes {
        sqlx::query(entities::REMOVE)
            .bind(key.kind().as_str())
            .bind(key.id())
            .execute(&mut *conn)
            .await?;
    }
    let mut threads = BTreeSet::new();
    for (key, thread, live, body) in &unit.puts {
        let thread = thread.as_ref().map(ToString::to_string);
        sqlx::query(entities::PUT)
            .bind(key.kind().as_str())
            .bind(key.id())
            .bind(&thread)
            .bind(i64::from(*live))
            .bind(body)
            .execute(&mut *conn)
            .await?;
        threads.extend(thread);
    }
    Ok(threads)
}

/// Stores a call; returns its claim, if it is new and the unit wants one.
async fn ask(
    conn: &mut PgConnection,
    id: &str,
    task: &str,
    body: String,
    unit: &Unit,
) -> Result<Option<Claim>, Stop> {
    let Some(until) = unit.claims.calls else {
        let query = sqlx::query(calls::ADD).bind(id).bind(task).bind(body).bind(unit.now.0);
        query.execute(conn).await?;
        return Ok(None);
    };
    let query = sqlx::query(calls::ADD_CLAIMED).bind(id).bind(task).bind(body).bind(unit.now.0);
    let new = query.bind(until.0).execute(conn).await?.rows_affected() == 1;
    Ok(new.then(|| calls::first_claim(until)))
}

async fn write_timers(conn: &mut PgConnection, unit: &Unit) -> Result<(), Stop> {
    for (owner, name) in &unit.stops {
        sqlx::query(timers::STOP)
            .bind(owner.to_string())
            .bind(name.encode())
            .execute(&mut *conn)
            .await?;
    }
    for timer in &unit.timers {
        sqlx::query(timers::SET)
            .bind(timer.owner.to_string())
            .bind(timer.name.encode())
            .bind(timer.due.0)
            .bind(serde_json::to_string(timer)?)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
