//! `calls`: queries and operations in one table. Claims and settling: see [`crate::claim`].

use wilco_core::port::{CallRow, CallTask, Claim, StoreFault};
use wilco_core::time::Timestamp;

use crate::claim::{set_retry_acted, set_retry_clean};
use crate::fault::Stop;

/// Claims what is due; the argument is how PostgreSQL locks.
macro_rules! claim {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT c.id AS due_id FROM calls AS c \
                 WHERE c.next_at <= $1 ORDER BY c.asked_at, c.id LIMIT $2 ",
            $lock,
            ") UPDATE calls SET ",
            $crate::claim::set_claim!("$3"),
            " FROM due WHERE id = due_id \
             RETURNING asked_at, id, task, body, epoch, lease_until, earlier_send_by, unclear"
        )
    };
}

pub(crate) use claim;

/// `task` of a query.
pub(crate) const QUERY: &str = "query";
/// `task` of an operation.
pub(crate) const OPERATION: &str = "operation";

statements! {
    /// Asks; an id that is known, even of a call that is over, changes nothing.
    ADD = "INSERT INTO calls (id, task, body, asked_at, next_at, epoch) \
         VALUES ($1, $2, $3, $4, 0, 0) ON CONFLICT (id) DO NOTHING";

    /// Asks and claims in one; see [`crate::claim`].
    ADD_CLAIMED = "INSERT INTO calls (id, task, body, asked_at, next_at, epoch, lease_until) \
         VALUES ($1, $2, $3, $4, $5, 1, $5) ON CONFLICT (id) DO NOTHING";

    /// Whether anything is due, before the writer is troubled.
    ANY_DUE = "SELECT COUNT(*) FROM (SELECT 1 FROM calls WHERE next_at <= $1 LIMIT 1) AS due";

    /// It is over.
    OVER = "UPDATE calls SET body = '', next_at = NULL, lease_until = NULL, earlier_send_by = NULL, \
             unclear = NULL \
         WHERE id = $1 AND epoch = $2 AND lease_until IS NOT NULL";

    /// Again later; the attempt may have acted, and was answered this.
    RETRY_ACTED = concat!("UPDATE calls SET ", set_retry_acted!(),
        ", unclear = $2 WHERE id = $3 AND epoch = $4 AND lease_until IS NOT NULL");

    /// Again later; surely nothing was done.
    RETRY_CLEAN = concat!("UPDATE calls SET ", set_retry_clean!(),
        " WHERE id = $2 AND epoch = $3 AND lease_until IS NOT NULL");
}

/// The first claim of a call, as [`ADD_CLAIMED`] notes it.
pub(crate) fn first_claim(lease_until: Timestamp) -> Claim {
    Claim { epoch: 1, lease_until, earlier_send_by: None }
}

/// A call under its first claim.
pub(crate) fn first_row(task: CallTask, claim: Claim) -> CallRow {
    CallRow { task, claim, unclear: None }
}

/// A row of [`claim`].
pub(crate) type Row = (i64, String, String, String, i64, i64, Option<i64>, Option<String>);

/// From claimed rows, which come in any order, to the types of core, oldest first.
pub(crate) fn read(mut rows: Vec<Row>) -> Result<Vec<CallRow>, Stop> {
    rows.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    rows.into_iter()
        .map(|(_, id, task, body, epoch, lease, earlier, unclear)| {
            let task = match task.as_str() {
                QUERY => CallTask::Query(serde_json::from_str(&body)?),
                OPERATION => CallTask::Operation(serde_json::from_str(&body)?),
                other => {
                    return Err(StoreFault(format!("call {id} is of unknown kind {other}")).into());
                }
            };
            Ok(CallRow {
                task,
                claim: Claim {
                    epoch,
                    lease_until: Timestamp(lease),
                    earlier_send_by: earlier.map(Timestamp),
                },
                unclear: unclear.as_deref().map(serde_json::from_str).transpose()?,
            })
        })
        .collect()
}
