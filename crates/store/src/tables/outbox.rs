//! `outbox`, `outbox_lanes`: messages that want to stand on a platform.
//!
//! A row has the wish that is wanted and the wish that was sent; it is finished when they are equal.
//! A wish that comes while an older one is on its way only raises `wanted`: settling notes what was
//! really sent, and the difference makes the row claimable again. So updates merge, and the last is
//! never lost. Claims and settling: see [`crate::claim`].
//!
//! Order: a first post waits while an earlier first post of its lane waits, be it claimed or
//! delayed. The place in the lane is a counter in `outbox_lanes`, whose row PostgreSQL keeps locked
//! until the unit is committed, so that places become visible in their order. Updates are free.

use wilco_core::message::Say;
use wilco_core::port::{Claim, OutboxRow};
use wilco_core::time::Timestamp;

use crate::claim::{set_claim, set_retry_acted, set_retry_clean};
use crate::fault::Stop;

/// Claims what is due; the argument is how PostgreSQL locks.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT o.key AS due_key FROM outbox AS o \
                 WHERE o.next_at <= $1 AND ",
            $crate::tables::outbox::may_go!("o"),
            " ORDER BY o.said_at, o.place LIMIT $2 ",
            $lock,
            ") UPDATE outbox SET ",
            $crate::claim::set_claim!("$3"),
            " FROM due WHERE key = due_key \
             RETURNING said_at, place, key, goes_to, body, receipt, wanted, message, epoch, \
                 lease_until, earlier_send_by"
        )
    };
}

/// Which rows may go out now: an update, or a first post that no earlier first post of its lane
/// holds back. The argument names the row.
macro_rules! may_go {
    ($row:literal) => {
        concat!(
            "(",
            $row,
            ".message IS NOT NULL OR NOT EXISTS (SELECT 1 FROM outbox AS earlier \
                 WHERE earlier.lane = ",
            $row,
            ".lane AND earlier.place < ",
            $row,
            ".place AND earlier.message IS NULL AND earlier.next_at IS NOT NULL))"
        )
    };
}

/// What is known of a message before a new wish; the argument is how PostgreSQL locks.
macro_rules! find {
    ($lock:literal) => {
        concat!(
            "SELECT goes_to, body, lane, place, message, dropped FROM outbox WHERE key = $1 ",
            $lock
        )
    };
}

/// Whether a claimed row wants a receipt; the argument is how PostgreSQL locks.
macro_rules! wants_receipt {
    ($lock:literal) => {
        concat!(
            "SELECT key FROM outbox WHERE key = $1 AND epoch = $2 AND lease_until IS NOT NULL \
             AND message IS NULL AND receipt IS NOT NULL ",
            $lock
        )
    };
}

pub(crate) use {claim, find, may_go, wants_receipt};

statements! {
    /// The next place in a lane.
    NEXT_PLACE = "INSERT INTO outbox_lanes (lane, last) VALUES ($1, 1) \
         ON CONFLICT (lane) DO UPDATE SET last = outbox_lanes.last + 1 RETURNING last";

    /// The first wish of a message.
    ADD = "INSERT INTO outbox (key, lane, place, said_at, goes_to, body, receipt, \
             wanted, sent, dropped, next_at, epoch) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, 0, 0, 0, 0)";

    /// Claims a wish that its unit has just written, if it is due.
    CLAIM_WISH = concat!("UPDATE outbox SET ", set_claim!("$1"),
        " WHERE key = $2 AND next_at <= $3 AND ", may_go!("outbox"),
        " RETURNING wanted, said_at, message, receipt, epoch, earlier_send_by");

    /// A later wish, different from the wanted one.
    CHANGE = "UPDATE outbox SET lane = $1, place = $2, goes_to = $3, body = $4, \
             receipt = COALESCE($5, receipt), wanted = wanted + 1, \
             said_at = CASE WHEN next_at IS NULL THEN $6 ELSE said_at END, \
             next_at = COALESCE(next_at, 0) \
         WHERE key = $7";

    /// Whether anything is due, before the writer is troubled.
    ANY_DUE = "SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE next_at <= $1 LIMIT 1) AS due";

    /// It stands there.
    SENT = "UPDATE outbox SET sent = $1, message = $2, lease_until = NULL, earlier_send_by = NULL, \
             next_at = CASE WHEN wanted = $1 THEN NULL ELSE 0 END \
         WHERE key = $3 AND epoch = $4 AND lease_until IS NOT NULL";

    /// Again later; the attempt may have acted.
    RETRY_ACTED = concat!("UPDATE outbox SET ", set_retry_acted!(),
        " WHERE key = $2 AND epoch = $3 AND lease_until IS NOT NULL");

    /// Again later; surely nothing was sent.
    RETRY_CLEAN = concat!("UPDATE outbox SET ", set_retry_clean!(),
        " WHERE key = $2 AND epoch = $3 AND lease_until IS NOT NULL");

    /// It will never go out, whatever is wished later.
    DROP = "UPDATE outbox SET dropped = 1, next_at = NULL, lease_until = NULL, \
             earlier_send_by = NULL \
         WHERE key = $1 AND epoch = $2 AND lease_until IS NOT NULL";
}

/// A wish as columns.
pub(crate) struct Wish {
    /// `MessageKey`.
    pub(crate) key: String,
    /// `To::lane`.
    pub(crate) lane: String,
    /// `To` as JSON.
    pub(crate) goes_to: String,
    /// `Body` as JSON.
    pub(crate) body: String,
    /// `EntityKey` as JSON.
    pub(crate) receipt: Option<String>,
}

impl Wish {
    /// From the type of core to columns.
    pub(crate) fn of(say: &Say) -> Result<Self, Stop> {
        Ok(Self {
            key: say.key.as_str().to_owned(),
            lane: say.to.lane(),
            goes_to: serde_json::to_string(&say.to)?,
            body: serde_json::to_string(&say.body)?,
            receipt: say.receipt.as_ref().map(serde_json::to_string).transpose()?,
        })
    }
}

/// A row of [`find`]: `goes_to`, body, lane, place, message, dropped.
pub(crate) type Known = (String, String, String, i64, Option<String>, i64);

/// What a wish does to what is known of its message.
pub(crate) enum Step {
    /// Nothing: it says what is wanted already, or the message was dropped.
    Nothing,
    /// It is new: take a place and add it.
    Add,
    /// It changes the content and keeps its place.
    Change {
        /// The lane it keeps.
        lane: String,
        /// The place it keeps.
        place: i64,
    },
    /// Not posted yet and now goes elsewhere: take a place in the other lane.
    Move,
}

impl Step {
    /// Decides; the same in both databases.
    pub(crate) fn of(wish: &Wish, known: Option<Known>) -> Self {
        let Some((goes_to, body, lane, place, message, dropped)) = known else {
            return Self::Add;
        };
        if dropped == 1 || (goes_to == wish.goes_to && body == wish.body) {
            Self::Nothing
        } else if message.is_none() && lane != wish.lane {
            Self::Move
        } else {
            Self::Change { lane, place }
        }
    }
}

/// The newest wish for each message among those of a unit, in their order.
pub(crate) fn newest(says: &[Say]) -> impl Iterator<Item = &Say> {
    says.iter().enumerate().filter_map(|(place, say)| {
        let again = says[place + 1..].iter().any(|later| later.key == say.key);
        (!again).then_some(say)
    })
}

/// A row of [`CLAIM_WISH`]: wanted, `said_at`, message, receipt, epoch, `earlier_send_by`.
pub(crate) type ClaimedWish = (i64, i64, Option<String>, Option<String>, i64, Option<i64>);

/// A wish claimed by its unit as the type of core; its content is what was wished.
pub(crate) fn claimed_wish(
    say: &Say,
    lease_until: Timestamp,
    (wanted, said_at, message, receipt, epoch, earlier): ClaimedWish,
) -> Result<OutboxRow, Stop> {
    let receipt = receipt.filter(|_| message.is_none());
    Ok(OutboxRow {
        key: say.key.clone(),
        to: say.to.clone(),
        body: say.body.clone(),
        wanted,
        said_at: Timestamp(said_at),
        message: message.map(wilco_core::ids::MessageId::new),
        receipt: receipt.as_deref().map(serde_json::from_str).transpose()?,
        claim: Claim { epoch, lease_until, earlier_send_by: earlier.map(Timestamp) },
    })
}

/// A row of [`claim`].
pub(crate) type Row =
    (i64, i64, String, String, String, Option<String>, i64, Option<String>, i64, i64, Option<i64>);

/// From claimed rows, which come in any order, to the types of core, oldest wish first.
pub(crate) fn read(mut rows: Vec<Row>) -> Result<Vec<OutboxRow>, Stop> {
    rows.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    rows.into_iter()
        .map(|(said_at, _, key, goes_to, body, receipt, wanted, message, epoch, lease, earlier)| {
            // A receipt is for the first post only.
            let receipt = receipt.filter(|_| message.is_none());
            Ok(OutboxRow {
                key: wilco_core::ids::MessageKey::new(key),
                to: serde_json::from_str(&goes_to)?,
                body: serde_json::from_str(&body)?,
                wanted,
                said_at: Timestamp(said_at),
                message: message.map(wilco_core::ids::MessageId::new),
                receipt: receipt.as_deref().map(serde_json::from_str).transpose()?,
                claim: Claim {
                    epoch,
                    lease_until: Timestamp(lease),
                    earlier_send_by: earlier.map(Timestamp),
                },
            })
        })
        .collect()
}
