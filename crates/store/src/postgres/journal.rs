//! `journals`, `journal_entries` on PostgreSQL.

use sqlx::PgConnection;
use wilco_core::port::JournalEntry;

use crate::fault::Stop;
use crate::tables::journal::{GET, NEXT_PLACE, PUT, read};
use crate::tables::statements;

statements! {
    /// Holds the journal until the transaction ends, without taking a place.
    HOLD = "SELECT last FROM journals WHERE name = $1 FOR UPDATE";
}

/// What is to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put<'a> {
    pub(super) journal: &'a str,
    pub(super) key: &'a str,
    pub(super) body: &'a str,
    pub(super) only_new: bool,
}

/// See `Store::journal_put`. Returns the place and whether anything was written.
pub(super) async fn put(conn: &mut PgConnection, entry: &Put<'_>) -> Result<(i64, bool), Stop> {
    let Put { journal, key, body, only_new } = *entry;
    if only_new {
        // Held before the look, so that nobody writes the key in between. When there is no such
        // journal yet there is nothing to hold, and the look after the place decides.
        sqlx::query(HOLD).bind(journal).execute(&mut *conn).await?;
        if let Some(known) = get(conn, journal, key).await? {
            return Ok((known.seq, false));
        }
    }
    let seq: i64 = sqlx::query_scalar(NEXT_PLACE).bind(journal).fetch_one(&mut *conn).await?;
    if only_new && let Some(known) = get(conn, journal, key).await? {
        return Ok((known.seq, false));
    }
    sqlx::query(PUT).bind(journal).bind(key).bind(seq).bind(body).execute(conn).await?;
    Ok((seq, true))
}

async fn get(
    conn: &mut PgConnection,
    journal: &str,
    key: &str,
) -> Result<Option<JournalEntry>, Stop> {
    let found = sqlx::query_as(GET).bind(journal).bind(key).fetch_optional(conn).await?;
    Ok(found.map(read))
}
