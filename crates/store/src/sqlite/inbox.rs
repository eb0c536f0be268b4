//! `inbox`, `inbox_keys`, `known_threads` on SQLite.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use wilco_core::port::{InboxRow, NewEvent};
use wilco_core::time::Timestamp;

use super::execute;
use crate::fault::Stop;
use crate::tables::inbox::{ADD, OPEN_THREAD, read};
use crate::tables::statements;

statements! {
    /// Notes a key, unless it is known.
    NEW_KEY = "INSERT INTO inbox_keys (key, received_at) VALUES ($1, $2) \
         ON CONFLICT (key) DO NOTHING";

    /// All events in their order; read only as far as is needed. Which is the first of its lane is
    /// told by those read before it, without a search for each.
    PENDING = "SELECT seq, lane, body, received_at FROM inbox ORDER BY seq";
}

/// Puts events in; returns how many were new.
pub(super) fn put(conn: &Connection, events: &[NewEvent], now: Timestamp) -> Result<usize, Stop> {
    let mut new = 0;
    for event in events {
        if execute(conn, NEW_KEY, params![event.key, now.0])? == 0 {
            continue;
        }
        execute(conn, ADD, params![event.lane, event.body, now.0])?;
        if let Some(thread) = &event.opens {
            execute(conn, OPEN_THREAD, params![thread.to_string(), now.0])?;
        }
        new += 1;
    }
    Ok(new)
}

/// The first pending event of each lane that is not busy.
pub(super) fn pending(
    conn: &Connection,
    limit: usize,
    busy: &[String],
) -> Result<Vec<InboxRow>, Stop> {
    let mut passed: HashSet<String> = busy.iter().cloned().collect();
    let mut found = Vec::new();
    let mut statement = conn.prepare_cached(PENDING)?;
    let mut rows = statement.query([])?;
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let lane = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        if !passed.contains(lane) {
            passed.insert(lane.to_owned());
            found.push(read(row.try_into()?));
        }
    }
    Ok(found)
}
