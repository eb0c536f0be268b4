//! `outbox`, `outbox_lanes` on SQLite.

use rusqlite::{Connection, params};
use wilco_core::message::Say;
use wilco_core::port::{OutboxRow, SendOutcome};
use wilco_core::time::Timestamp;

use super::{execute, inbox, row, rows};
use crate::fault::Stop;
use crate::tables::audits;
use crate::tables::inbox::OPEN_THREAD;
use crate::tables::outbox::{
    ADD, CHANGE, CLAIM_WISH, DROP, NEXT_PLACE, RETRY_ACTED, RETRY_CLEAN, SENT, Step, Wish, claim,
    claimed_wish, find, newest, read, wants_receipt,
};
use crate::tables::{at_most, statements};

statements! {
    /// Claims what is due.
    CLAIM = claim!("");
    /// What is known of a message.
    FIND = find!("");
    /// Whether a claimed row wants a receipt.
    WANTS_RECEIPT = wants_receipt!("");
}

/// A row under a claim, as its worker names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) key: &'a str,
    pub(super) epoch: i64,
    pub(super) wanted: i64,
}

/// Takes in a wish.
pub(super) fn say(conn: &Connection, say: &Say, now: Timestamp) -> Result<(), Stop> {
    let wish = Wish::of(say)?;
    let step = Step::of(&wish, row(conn, FIND, [&wish.key])?);
    let Wish { key, lane, goes_to, body, receipt } = wish;
    match step {
        Step::Nothing => {}
        Step::Add => {
            let place = next_place(conn, &lane)?;
            execute(conn, ADD, params![key, lane, place, now.0, goes_to, body, receipt])?;
        }
        Step::Change { lane, place } => {
            execute(conn, CHANGE, params![lane, place, goes_to, body, receipt, now.0, key])?;
        }
        Step::Move => {
            let place = next_place(conn, &lane)?;
            execute(conn, CHANGE, params![lane, place, goes_to, body, receipt, now.0, key])?;
        }
    }
    Ok(())
}

/// Claims what may go out now of the wishes that a unit has written.
pub(super) fn claim_wishes(
    conn: &Connection,
    says: &[Say],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<OutboxRow>, Stop> {
    let mut claimed = Vec::with_capacity(says.len());
    for say in newest(says) {
        if let Some(found) = row(conn, CLAIM_WISH, params![until.0, say.key.as_str(), now.0])? {
            claimed.push(claimed_wish(say, until, found)?);
        }
    }
    Ok(claimed)
}

fn next_place(conn: &Connection, lane: &str) -> Result<i64, Stop> {
    Ok(conn.prepare_cached(NEXT_PLACE)?.query_row([lane], |row| row.get(0))?)
}

/// See `Store::claim_sends`.
pub(super) fn claim(
    conn: &Connection,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<OutboxRow>, Stop> {
    read(rows(conn, CLAIM, params![now.0, at_most(limit), lease_until.0])?)
}

/// See `Store::settle_send`.
pub(super) fn settle(
    conn: &Connection,
    held: &Held<'_>,
    outcome: &SendOutcome,
    now: Timestamp,
) -> Result<bool, Stop> {
    let Held { key, epoch, wanted } = *held;
    let settled = match outcome {
        SendOutcome::Sent { message, event, opens } => {
            if let Some(event) = event
                && row::<(String,), _>(conn, WANTS_RECEIPT, params![key, epoch])?.is_some()
            {
                inbox::put(conn, std::slice::from_ref(event), now)?;
            }
            let settled = execute(conn, SENT, params![wanted, message.as_str(), key, epoch])?;
            if let Some(thread) = opens.as_ref().filter(|_| settled == 1) {
                execute(conn, OPEN_THREAD, params![thread.to_string(), now.0])?;
            }
            settled
        }
        SendOutcome::Retry { at, acted } => {
            let statement = if *acted { RETRY_ACTED } else { RETRY_CLEAN };
            execute(conn, statement, params![at.0, key, epoch])?
        }
        SendOutcome::Dropped { record } => {
            let settled = execute(conn, DROP, params![key, epoch])?;
            if settled == 1 {
                let body = serde_json::to_string(record)?;
                execute(conn, audits::ADD, params![record.at.0, body])?;
            }
            settled
        }
    };
    Ok(settled == 1)
}
