//! `audits` on PostgreSQL, where numbers are given out before commits and in another order.
//!
//! A reader asks for what is after a number, and must not miss a lower one that is committed later.
//! So writers hold a shared lock from before they take a number until they commit, and a reader
//! takes it alone: what it then sees is all there is up to there. Writers do not wait for each other.

use sqlx::PgConnection;
use wilco_core::audit::AuditRecord;
use wilco_core::port::StoredAudit;

use crate::fault::Stop;
use crate::tables::audits::{ADD, READ};
use crate::tables::{at_most, statements};

statements! {
    /// Held by writers, together.
    LOCK_TO_WRITE = "SELECT pg_advisory_xact_lock_shared( \
         hashtextextended('wilco audits ' || current_schema(), 0))";

    /// Held by a reader, alone.
    LOCK_TO_READ = "SELECT pg_advisory_xact_lock( \
         hashtextextended('wilco audits ' || current_schema(), 0))";
}

/// Puts facts on record; the last thing of its transaction.
pub(super) async fn add(conn: &mut PgConnection, records: &[AuditRecord]) -> Result<(), Stop> {
    if records.is_empty() {
        return Ok(());
    }
    sqlx::query(LOCK_TO_WRITE).execute(&mut *conn).await?;
    for record in records {
        let body = serde_json::to_string(record)?;
        sqlx::query(ADD).bind(record.at.0).bind(body).execute(&mut *conn).await?;
    }
    Ok(())
}

/// See `Store::audits`.
pub(super) async fn read(
    conn: &mut PgConnection,
    after: i64,
    limit: usize,
) -> Result<Vec<StoredAudit>, Stop> {
    sqlx::query(LOCK_TO_READ).execute(&mut *conn).await?;
    let found: Vec<(i64, String)> =
        sqlx::query_as(READ).bind(after).bind(at_most(limit)).fetch_all(conn).await?;
    found.into_iter().map(crate::tables::audits::read).collect()
}
