//! `calls` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::port::{CallRow, SettleCall};
use wilco_core::time::Timestamp;

use super::{execute, inbox, rows};
use crate::fault::Stop;
use crate::tables::calls::{OVER, RETRY_ACTED, RETRY_CLEAN, claim, read};
use crate::tables::{at_most, statements};

statements! {
    /// Claims what is due.
    CLAIM = claim!("");
}

/// See `Store::claim_calls`.
pub(super) fn claim(
    conn: &Connection,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<CallRow>, Stop> {
    read(rows(conn, CLAIM, params![now.0, at_most(limit), lease_until.0])?)
}

/// See `Store::settle_call`.
pub(super) fn settle(
    conn: &Connection,
    id: &str,
    epoch: i64,
    outcome: &SettleCall,
    now: Timestamp,
) -> Result<bool, Stop> {
    match outcome {
        SettleCall::Over { event } => {
            let held = execute(conn, OVER, params![id, epoch])? == 1;
            if held {
                inbox::put(conn, std::slice::from_ref(event), now)?;
            }
            Ok(held)
        }
        SettleCall::Retry { at, unclear: Some(trouble) } => {
            let unclear = serde_json::to_string(trouble)?;
            Ok(execute(conn, RETRY_ACTED, params![at.0, unclear, id, epoch])? == 1)
        }
        SettleCall::Retry { at, unclear: None } => {
            Ok(execute(conn, RETRY_CLEAN, params![at.0, id, epoch])? == 1)
        }
    }
}
