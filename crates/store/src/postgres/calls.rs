//! `calls` on PostgreSQL.

use sqlx::{PgConnection, PgPool};
use wilco_core::ids::CallId;
use wilco_core::port::{CallRow, SettleCall};
use wilco_core::time::Timestamp;

use super::inbox;
use crate::fault::Stop;
use crate::tables::calls::{OVER, RETRY_ACTED, RETRY_CLEAN, Row, claim, read};
use crate::tables::{at_most, statements};

statements! {
    /// Claims what is due and not locked by another replica.
    CLAIM = claim!("FOR UPDATE OF c SKIP LOCKED");
}

/// See `Store::claim_calls`.
pub(super) async fn claim(
    pool: &PgPool,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<CallRow>, Stop> {
    let rows: Vec<Row> = sqlx::query_as(CLAIM)
        .bind(now.0)
        .bind(at_most(limit))
        .bind(lease_until.0)
        .fetch_all(pool)
        .await?;
    read(rows)
}

/// See `Store::settle_call`.
pub(super) async fn settle(
    conn: &mut PgConnection,
    id: &CallId,
    epoch: i64,
    outcome: &SettleCall,
    now: Timestamp,
) -> Result<bool, Stop> {
    let query = match outcome {
        SettleCall::Over { .. } => sqlx::query(OVER),
        SettleCall::Retry { at, unclear: Some(trouble) } => {
            sqlx::query(RETRY_ACTED).bind(at.0).bind(serde_json::to_string(trouble)?)
        }
        SettleCall::Retry { at, unclear: None } => sqlx::query(RETRY_CLEAN).bind(at.0),
    };
    let held = query.bind(id.as_str()).bind(epoch).execute(&mut *conn).await?.rows_affected() == 1;
    if held && let SettleCall::Over { event } = outcome {
        let put = inbox::put(conn, std::slice::from_ref(event), now).await?;
        inbox::open_threads(conn, put.opens, now).await?;
    }
    Ok(held)
}
