//! `chores` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::port::{Prune, Pruned};

use super::execute;
use crate::fault::Stop;
use crate::tables::at_most;
use crate::tables::chores::{PRUNE_CALLS, PRUNE_KEYS, PRUNE_SAYS, TAKE_TURN};

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
