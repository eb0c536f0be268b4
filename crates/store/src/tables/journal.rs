//! `journals`, `journal_entries`: append-only lists of adapters without a platform.
//!
//! Readers ask for what is after a place, so places must become visible in their order. The counter
//! of the journal gives them out, and PostgreSQL keeps its row locked until the writer commits.

use wilco_core::port::JournalEntry;

statements! {
    /// The next place in a journal.
    NEXT_PLACE = "INSERT INTO journals (name, last) VALUES ($1, 1) \
         ON CONFLICT (name) DO UPDATE SET last = journals.last + 1 RETURNING last";

    /// Writes an entry, or writes it anew at a new place.
    PUT = "INSERT INTO journal_entries (journal, key, seq, body) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (journal, key) DO UPDATE SET seq = excluded.seq, body = excluded.body";

    /// One entry.
    GET = "SELECT seq, key, body FROM journal_entries WHERE journal = $1 AND key = $2";

    /// Entries changed after a place.
    READ = "SELECT seq, key, body FROM journal_entries WHERE journal = $1 AND seq > $2 \
         ORDER BY seq LIMIT $3";
}

/// A row with the columns `seq, key, body`.
pub(crate) type Row = (i64, String, String);

/// From the row to the type of core.
pub(crate) fn read((seq, key, body): Row) -> JournalEntry {
    JournalEntry { seq, key, body }
}
