//! `purpose`: what the store is for.

use crate::fault::OpenFault;
use crate::purpose::Purpose;

statements! {
    /// Gives an empty store its purpose. One that holds something and says nothing is from before there
    /// were purposes: nobody knows whose it is, so it is taken for the one that matters.
    DEDICATE = "INSERT INTO purpose (one, name) SELECT 1, CASE \
         WHEN EXISTS (SELECT 1 FROM inbox_keys) OR EXISTS (SELECT 1 FROM entities) \
             OR EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM journal_entries) \
             OR EXISTS (SELECT 1 FROM audits) THEN 'serve' ELSE $1 END \
         WHERE TRUE ON CONFLICT (one) DO NOTHING";

    /// What it is for.
    GET = "SELECT name FROM purpose";
}

/// Whether a store that was found to be for `name` may be used for `wanted`.
pub(crate) fn check(name: &str, wanted: Purpose) -> Result<(), OpenFault> {
    match Purpose::named(name) {
        Some(found) if found == wanted => Ok(()),
        Some(found) => Err(OpenFault::OtherPurpose { found }),
        None => Err(OpenFault::Database(format!("it is for `{name}`, which is not known here"))),
    }
}
