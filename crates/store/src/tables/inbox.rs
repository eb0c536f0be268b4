//! `inbox`, `inbox_keys`, `known_threads`: events on their way to be handled.

use wilco_core::port::InboxRow;
use wilco_core::time::Timestamp;

statements! {
    /// An event waits.
    ADD = "INSERT INTO inbox (lane, body, received_at) VALUES ($1, $2, $3)";

    /// An event is handled, if it still waits and is the first of its lane.
    HANDLE = "DELETE FROM inbox WHERE seq = $1 \
         AND NOT EXISTS (SELECT 1 FROM inbox AS earlier \
             WHERE earlier.lane = inbox.lane AND earlier.seq < inbox.seq)";

    /// A thread is known from now on.
    OPEN_THREAD = "INSERT INTO known_threads (thread, known_at) VALUES ($1, $2) \
         ON CONFLICT (thread) DO NOTHING";

    /// Whether a thread is known.
    KNOWS_THREAD = "SELECT COUNT(*) FROM known_threads WHERE thread = $1";
}

/// A row with the columns `seq, lane, body, received_at`.
pub(crate) type Row = (i64, String, String, i64);

/// From the row to the type of core.
pub(crate) fn read((seq, lane, body, received_at): Row) -> InboxRow {
    InboxRow { seq, lane, body, received_at: Timestamp(received_at) }
}
