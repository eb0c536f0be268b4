//! `outbox`, `outbox_lanes` on PostgreSQL.

use std::collections::BTreeSet;

use sqlx::{PgConnection, PgPool};
use wilco_core::message::Say;
use wilco_core::port::{OutboxRow, SendOutcome};
use wilco_core::time::Timestamp;

use super::{audits, inbox};
use crate::fault::Stop;
use crate::tables::outbox::{
    ADD, CHANGE, CLAIM_WISH, ClaimedWish, DROP, Known, NEXT_PLACE, RETRY_ACTED, RETRY_CLEAN, Row,
    SENT, Step, Wish, claim, claimed_wish, find, newest, read, wants_receipt,
};
use crate::tables::{at_most, statements};

statements! {
    /// Claims what is due and not locked by another replica.
    CLAIM = claim!("FOR UPDATE OF o SKIP LOCKED");
    /// What is known of a message, until the transaction ends.
    FIND = find!("FOR UPDATE");
    /// Whether a claimed row wants a receipt.
    WANTS_RECEIPT = wants_receipt!("FOR UPDATE");
}

/// A row under a claim, as its worker names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) key: &'a str,
    pub(super) epoch: i64,
    pub(super) wanted: i64,
}

/// Takes in a wish.
pub(super) async fn say(conn: &mut PgConnection, say: &Say, now: Timestamp) -> Result<(), Stop> {
    let wish = Wish::of(say)?;
    let known: Option<Known> =
        sqlx::query_as(FIND).bind(&wish.key).fetch_optional(&mut *conn).await?;
    let (lane, place) = match Step::of(&wish, known) {
        Step::Nothing => return Ok(()),
        Step::Change { lane, place } => (lane, place),
        Step::Move => {
            let place = next_place(conn, &wish.lane).await?;
            (wish.lane, place)
        }
        Step::Add => {
            let place = next_place(conn, &wish.lane).await?;
            sqlx::query(ADD)
                .bind(wish.key)
                .bind(wish.lane)
                .bind(place)
                .bind(now.0)
                .bind(wish.goes_to)
                .bind(wish.body)
                .bind(wish.receipt)
                .execute(conn)
                .await?;
            return Ok(());
        }
    };
    sqlx::query(CHANGE)
        .bind(lane)
        .bind(place)
        .bind(wish.goes_to)
        .bind(wish.body)
        .bind(wish.receipt)
        .bind(now.0)
        .bind(wish.key)
        .execute(conn)
        .await?;
    Ok(())
}

/// Claims what may go out now of the wishes that a unit has written.
pub(super) async fn claim_wishes(
    conn: &mut PgConnection,
    says: &[Say],
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<OutboxRow>, Stop> {
    let mut claimed = Vec::with_capacity(says.len());
    for say in newest(says) {
        let found: Option<ClaimedWish> = sqlx::query_as(CLAIM_WISH)
            .bind(until.0)
            .bind(say.key.as_str())
            .bind(now.0)
            .fetch_optional(&mut *conn)
            .await?;
        if let Some(found) = found {
            claimed.push(claimed_wish(say, until, found)?);
        }
    }
    Ok(claimed)
}

async fn next_place(conn: &mut PgConnection, lane: &str) -> Result<i64, Stop> {
    Ok(sqlx::query_scalar(NEXT_PLACE).bind(lane).fetch_one(conn).await?)
}

/// See `Store::claim_sends`.
pub(super) async fn claim(
    pool: &PgPool,
    now: Timestamp,
    lease_until: Timestamp,
    limit: usize,
) -> Result<Vec<OutboxRow>, Stop> {
    let rows: Vec<Row> = sqlx::query_as(CLAIM)
        .bind(now.0)
        .bind(at_most(limit))
        .bind(lease_until.0)
        .fetch_all(pool)
        .await?;
    read(rows)
}

/// See `Store::settle_send`.
pub(super) async fn settle(
    conn: &mut PgConnection,
    held: &Held<'_>,
    outcome: &SendOutcome,
    now: Timestamp,
) -> Result<bool, Stop> {
    let Held { key, epoch, wanted } = *held;
    let mut threads = BTreeSet::new();
    let query = match outcome {
        SendOutcome::Sent { message, event, opens } => {
            threads.extend(opens.as_ref().map(ToString::to_string));
            if let Some(event) = event {
                let wants: Option<String> = sqlx::query_scalar(WANTS_RECEIPT)
                    .bind(key)
                    .bind(epoch)
                    .fetch_optional(&mut *conn)
                    .await?;
                if wants.is_some() {
                    let put = inbox::put(conn, std::slice::from_ref(event), now).await?;
                    threads.extend(put.opens);
                }
            }
            sqlx::query(SENT).bind(wanted).bind(message.as_str())
        }
        SendOutcome::Retry { at, acted: true } => sqlx::query(RETRY_ACTED).bind(at.0),
        SendOutcome::Retry { at, acted: false } => sqlx::query(RETRY_CLEAN).bind(at.0),
        SendOutcome::Dropped { .. } => sqlx::query(DROP),
    };
    let settled = query.bind(key).bind(epoch).execute(&mut *conn).await?.rows_affected() == 1;
    if settled {
        inbox::open_threads(conn, threads, now).await?;
        if let SendOutcome::Dropped { record } = outcome {
            audits::add(conn, std::slice::from_ref(record)).await?;
        }
    }
    Ok(settled)
}
