//! Takes the missing steps of [`crate::migrations`], each in its own transaction.

use rusqlite::{Connection, TransactionBehavior};

use crate::fault::OpenFault;
use crate::migrations::{CREATE_TABLE, LAST, SQLITE, TAKEN, missing};

/// Brings the database up to date; the lock file makes sure that nobody else does.
pub(super) fn run(conn: &mut Connection) -> Result<(), OpenFault> {
    conn.execute_batch(CREATE_TABLE)?;
    let last = conn.query_row(LAST, [], |row| row.get(0))?;
    for step in missing(SQLITE, last)? {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute_batch(step.sql)?;
        tx.execute(TAKEN, (step.version, step.name))?;
        tx.commit()?;
        tracing::info!(version = step.version, name = step.name, "migrated");
    }
    Ok(())
}
