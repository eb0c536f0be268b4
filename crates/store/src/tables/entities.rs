//! `entities`: everything with state, one versioned row each.

use wilco_core::port::EntityRow;

statements! {
    /// What lives in a thread, and the run that ended there last. Numbers of runs only grow.
    IN_THREAD = "SELECT kind, id, version, thread, body FROM entities \
         WHERE thread = $1 AND live = 1 \
         UNION ALL SELECT kind, id, version, thread, body FROM ( \
             SELECT kind, id, version, thread, body FROM entities \
             WHERE thread = $1 AND kind = 'run' AND live = 0 \
             ORDER BY LENGTH(id) DESC, id DESC LIMIT 1) AS ended \
         ORDER BY kind, id";

    /// Live entities of a kind.
    LIVE = "SELECT kind, id, version, thread, body FROM entities WHERE kind = $1 AND live = 1 ORDER BY id";

    /// What is over, the newest first. Numbers in ids only grow.
    OVER = "SELECT kind, id, version, thread, body FROM entities \
         WHERE kind = $1 AND live = 0 AND gone = 0 ORDER BY LENGTH(id) DESC, id DESC LIMIT $2";

    /// A new state. A removed entity that comes back goes on counting.
    PUT = "INSERT INTO entities (kind, id, version, thread, live, gone, body) \
         VALUES ($1, $2, 1, $3, $4, 0, $5) \
         ON CONFLICT (kind, id) DO UPDATE SET version = entities.version + 1, \
             thread = excluded.thread, live = excluded.live, gone = 0, body = excluded.body";

    /// No state any more; the row stays and keeps its count.
    REMOVE = "UPDATE entities SET version = version + 1, thread = NULL, live = 0, gone = 1, \
             body = '' \
         WHERE kind = $1 AND id = $2 AND gone = 0";
}

/// A row with the columns `kind, id, version, thread, body`.
pub(crate) type Row = (String, String, i64, Option<String>, String);

/// From the row to the type of core.
pub(crate) fn read((kind, id, version, thread, body): Row) -> EntityRow {
    EntityRow { kind, id, version, thread, body }
}
