//! `audits`: facts on record. There is no statement that updates or deletes them.

use wilco_core::port::StoredAudit;

use crate::fault::Stop;

statements! {
    /// Puts a fact on record.
    ADD = "INSERT INTO audits (at, body) VALUES ($1, $2)";

    /// Records after a place.
    READ = "SELECT seq, body FROM audits WHERE seq > $1 ORDER BY seq LIMIT $2";
}

/// From a row of [`READ`] to the type of core.
pub(crate) fn read((seq, body): (i64, String)) -> Result<StoredAudit, Stop> {
    Ok(StoredAudit { seq, record: serde_json::from_str(&body)? })
}
