//! `timers` on PostgreSQL.

use sqlx::PgConnection;
use wilco_core::time::Timestamp;

use super::inbox;
use crate::fault::Stop;
use crate::tables::timers::{fired, take};
use crate::tables::{at_most, statements};

statements! {
    /// Takes what is due, and not locked by another replica, out of the table.
    TAKE = take!("FOR UPDATE SKIP LOCKED");
}

/// See `Store::fire_timers`.
pub(super) async fn fire(
    conn: &mut PgConnection,
    now: Timestamp,
    limit: usize,
) -> Result<usize, Stop> {
    let taken: Vec<(i64, String)> =
        sqlx::query_as(TAKE).bind(now.0).bind(at_most(limit)).fetch_all(&mut *conn).await?;
    let events = fired(taken)?;
    inbox::put(conn, &events, now).await?;
    Ok(events.len())
}
