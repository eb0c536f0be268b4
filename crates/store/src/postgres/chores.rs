//! `chores` on PostgreSQL.

use sqlx::PgConnection;
use wilco_core::port::{Prune, Pruned};

use crate::fault::Stop;
use crate::tables::at_most;
use crate::tables::chores::{PRUNE_CALLS, PRUNE_KEYS, PRUNE_SAYS, TAKE_TURN};

/// See `Store::prune`.
pub(super) async fn prune(conn: &mut PgConnection, prune: &Prune) -> Result<Option<Pruned>, Stop> {
    let turn = sqlx::query(TAKE_TURN).bind(prune.next.0).bind(prune.now.0);
    if turn.execute(&mut *conn).await?.rows_affected() == 0 {
        return Ok(None);
    }
    let mut deleted = [0; 3];
    for (statement, deleted) in [PRUNE_SAYS, PRUNE_CALLS, PRUNE_KEYS].into_iter().zip(&mut deleted)
    {
        let query = sqlx::query(statement).bind(prune.before.0).bind(at_most(prune.limit));
        *deleted = usize::try_from(query.execute(&mut *conn).await?.rows_affected()).unwrap_or(0);
    }
    let [says, calls, keys] = deleted;
    Ok(Some(Pruned { keys, says, calls }))
}
