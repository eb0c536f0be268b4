//! `chores` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::port::{Prune, Pruned};
use wilco_core::time::Timestamp;

use super::execute;
use crate::fault::Stop;
use crate::tables::chores::{PRUNE_CALLS, PRUNE_KEYS, PRUNE_SAYS, TAKE_TURN};
use crate::tables::{at_most, statements};

statements! {
    /// Notes how far time has come. What was received was received then.
    REACH = "INSERT INTO chores (name, mark) VALUES \
         ('time', MAX($1, COALESCE((SELECT MAX(received_at) FROM inbox_keys), 0))) \
         ON CONFLICT (name) DO UPDATE SET mark = MAX(mark, excluded.mark) RETURNING mark";
}

/// See `Store::reach`.
pub(super) fn reach(conn: &Connection, now: Timestamp) -> Result<Timestamp, Stop> {
    let reached: i64 = conn.prepare_cached(REACH)?.query_row([now.0], |row| row.get(0))?;
    Ok(Timestamp(reached))
}

/// See `Store::prune`.
pub(super) fn prune(conn: &Connection, prune: &Prune) -> Result<Option<Pruned>, Stop> {
    if execute(conn, TAKE_TURN, params![prune.next.0, prune.now.0])? == 0 {
        return Ok(None);
    }
    let delete =
        |statement| execute(conn, statement, params![prune.before.0, at_most(prune.limit)]);
    Ok(Some(Pruned {
        keys: delete(PRUNE_KEYS)?,
        says: delete(PRUNE_SAYS)?,
        calls: delete(PRUNE_CALLS)?,
    }))
}
