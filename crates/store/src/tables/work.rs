//! How much there is to do, over all tables.
//!
//! *Later* is what no worker can take at this moment because of a moment that has not come: the end
//! of a retry's pause, the end of a lease (of a worker that is busy or dead: rows do not know which),
//! or, for a first post, such a moment of an earlier one in its lane.

use wilco_core::port::Work;
use wilco_core::time::Timestamp;

statements! {
    /// All counts at once, so that they belong together.
    COUNT = "SELECT (SELECT COUNT(*) FROM inbox), \
         (SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL), \
         (SELECT COUNT(*) FROM outbox AS o WHERE o.next_at IS NOT NULL AND (o.next_at > $1 OR \
             (o.message IS NULL AND EXISTS (SELECT 1 FROM outbox AS earlier \
                 WHERE earlier.lane = o.lane AND earlier.place < o.place \
                     AND earlier.message IS NULL AND earlier.next_at > $1)))), \
         (SELECT MIN(next_at) FROM outbox WHERE next_at > $1), \
         (SELECT COUNT(*) FROM calls WHERE next_at IS NOT NULL), \
         (SELECT COUNT(*) FROM calls WHERE next_at > $1), \
         (SELECT MIN(next_at) FROM calls WHERE next_at > $1)";
}

/// A row of [`COUNT`].
pub(crate) type Row = (i64, i64, i64, Option<i64>, i64, i64, Option<i64>);

/// From the row to the type of core.
pub(crate) fn read((inbox, outbox, outbox_later, a, calls, calls_later, b): Row) -> Work {
    let count = |rows: i64| u64::try_from(rows).unwrap_or(0);
    Work {
        inbox: count(inbox),
        outbox: count(outbox),
        outbox_later: count(outbox_later),
        calls: count(calls),
        calls_later: count(calls_later),
        next_retry: a.into_iter().chain(b).min().map(Timestamp),
    }
}
