//! `inbox`, `inbox_keys`, `known_threads` on PostgreSQL.

use std::collections::{BTreeSet, HashSet};

use sqlx::{PgConnection, PgPool};
use wilco_core::port::{InboxRow, NewEvent};
use wilco_core::time::Timestamp;

use crate::fault::Stop;
use crate::tables::inbox::{ADD, OPEN_THREAD, Row, read};
use crate::tables::{at_most, statements};

statements! {
    /// The first event of each lane, oldest first.
    PENDING = "SELECT seq, lane, body, received_at FROM inbox \
         WHERE NOT EXISTS (SELECT 1 FROM inbox AS earlier \
             WHERE earlier.lane = inbox.lane AND earlier.seq < inbox.seq) \
         ORDER BY seq LIMIT $1";

    /// Notes keys and returns those that were new. In order, so that two transactions with the same
    /// keys wait for each other instead of blocking each other.
    NEW_KEYS = "INSERT INTO inbox_keys (key, received_at) \
         SELECT k, $2 FROM unnest($1::text[]) AS k ORDER BY k COLLATE \"C\" \
         ON CONFLICT (key) DO NOTHING RETURNING key";
}

/// How many rows of [`PENDING`] are enough to find `limit` lanes that are not busy: each busy lane
/// shows at most one.
fn look_at(limit: usize, busy: &[String]) -> i64 {
    at_most(limit.saturating_add(busy.len()))
}

/// What putting events in has come to.
pub(super) struct Put {
    /// How many were new.
    pub(super) new: usize,
    /// The threads that the new ones open; [`open_threads`] is to make them known.
    pub(super) opens: BTreeSet<String>,
}

/// Puts events in, except those whose key is known.
pub(super) async fn put(
    conn: &mut PgConnection,
    events: &[NewEvent],
    now: Timestamp,
) -> Result<Put, Stop> {
    let mut put = Put { new: 0, opens: BTreeSet::new() };
    if events.is_empty() {
        return Ok(put);
    }
    let keys: BTreeSet<&str> = events.iter().map(|event| event.key.as_str()).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let new: Vec<String> =
        sqlx::query_scalar(NEW_KEYS).bind(&keys).bind(now.0).fetch_all(&mut *conn).await?;
    let mut new: HashSet<String> = new.into_iter().collect();
    for event in events {
        if !new.remove(&event.key) {
            continue;
        }
        sqlx::query(ADD)
            .bind(&event.lane)
            .bind(&event.body)
            .bind(now.0)
            .execute(&mut *conn)
            .await?;
        put.opens.extend(event.opens.as_ref().map(ToString::to_string));
        put.new += 1;
    }
    Ok(put)
}

/// Makes threads known, in order.
pub(super) async fn open_threads(
    conn: &mut PgConnection,
    threads: BTreeSet<String>,
    now: Timestamp,
) -> Result<(), Stop> {
    for thread in threads {
        sqlx::query(OPEN_THREAD).bind(thread).bind(now.0).execute(&mut *conn).await?;
    }
    Ok(())
}

/// The first pending event of each lane that is not busy.
pub(super) async fn pending(
    pool: &PgPool,
    limit: usize,
    busy: &[String],
) -> Result<Vec<InboxRow>, Stop> {
    let found: Vec<Row> =
        sqlx::query_as(PENDING).bind(look_at(limit, busy)).fetch_all(pool).await?;
    let free = found.into_iter().map(read).filter(|row| !busy.contains(&row.lane));
    Ok(free.take(limit).collect())
}
