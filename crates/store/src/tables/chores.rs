//! `chores`: what is done now and then, by one process for all; and the deleting of old rows.
//!
//! Only what is over goes, and is older than asked for. The keys of events stay at least as long as an
//! event that waits, so that nothing is taken in twice; messages stay while something lives in their
//! thread, because they may be updated. There is no statement that deletes an audit record.

statements! {
    /// A sign of life: writes, because a store that cannot write is not well.
    PING = "UPDATE chores SET mark = mark + 1 WHERE name = 'alive'";

    /// Whether anything is old, before the writer is troubled.
    ANY_OLD = "SELECT COUNT(*) FROM ( \
         SELECT 1 FROM (SELECT 1 AS old FROM inbox_keys WHERE received_at < $1 LIMIT 1) AS a \
         UNION ALL SELECT 1 FROM (SELECT 1 AS old FROM outbox \
             WHERE said_at < $1 AND next_at IS NULL LIMIT 1) AS b \
         UNION ALL SELECT 1 FROM (SELECT 1 AS old FROM calls \
             WHERE asked_at < $1 AND next_at IS NULL LIMIT 1) AS c) AS any_old";

    /// Takes the turn, if nobody else has it.
    TAKE_TURN = "UPDATE chores SET mark = $1 WHERE name = 'prune' AND mark <= $2";

    /// Deletes keys of events that nobody delivers again.
    PRUNE_KEYS = "DELETE FROM inbox_keys WHERE key IN (SELECT key FROM inbox_keys \
         WHERE received_at < $1 \
             AND received_at < COALESCE((SELECT MIN(received_at) FROM inbox), $1) LIMIT $2)";

    /// Deletes messages that stand as they were wanted, in threads where nothing lives any more.
    PRUNE_SAYS = "DELETE FROM outbox WHERE key IN (SELECT o.key FROM outbox AS o \
         WHERE o.said_at < $1 AND o.next_at IS NULL AND o.lease_until IS NULL \
             AND NOT EXISTS (SELECT 1 FROM entities AS e \
                 WHERE e.live = 1 AND e.thread = o.lane) LIMIT $2)";

    /// Deletes calls that are over.
    PRUNE_CALLS = "DELETE FROM calls WHERE id IN (SELECT id FROM calls \
         WHERE asked_at < $1 AND next_at IS NULL AND lease_until IS NULL LIMIT $2)";
}
