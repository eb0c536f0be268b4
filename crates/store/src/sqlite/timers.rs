//! `timers` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::time::Timestamp;

use super::{inbox, rows};
use crate::fault::Stop;
use crate::tables::timers::{fired, take};
use crate::tables::{at_most, statements};

statements! {
    /// Takes what is due out of the table.
    TAKE = take!("");
}

/// See `Store::fire_timers`.
pub(super) fn fire(conn: &Connection, now: Timestamp, limit: usize) -> Result<usize, Stop> {
    let events = fired(rows(conn, TAKE, params![now.0, at_most(limit)])?)?;
    inbox::put(conn, &events, now)?;
    Ok(events.len())
}
