//! `journals`, `journal_entries` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::port::JournalEntry;

use super::{execute, row};
use crate::fault::Stop;
use crate::tables::journal::{GET, NEXT_PLACE, PUT, read};

/// See `Store::journal_put`.
pub(super) fn put(
    conn: &Connection,
    journal: &str,
    key: &str,
    body: &str,
    only_new: bool,
) -> Result<i64, Stop> {
    if only_new && let Some(entry) = get(conn, journal, key)? {
        return Ok(entry.seq);
    }
    let seq: i64 = conn.prepare_cached(NEXT_PLACE)?.query_row([journal], |row| row.get(0))?;
    execute(conn, PUT, params![journal, key, seq, body])?;
    Ok(seq)
}

/// See `Store::journal_get`.
pub(super) fn get(
    conn: &Connection,
    journal: &str,
    key: &str,
) -> Result<Option<JournalEntry>, Stop> {
    Ok(row(conn, GET, [journal, key])?.map(read))
}
