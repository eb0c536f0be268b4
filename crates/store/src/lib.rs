//! SQLite and PostgreSQL behind the verbs of [`wilco_core::port::Store`].
//!
//! Two thin implementations of one trait, held equal by one suite of stories (`tests/it/stories`):
//!
//! - [`SqliteStore`]: the embedded default, one process, one writer thread with group commit.
//! - [`PostgresStore`]: several replicas, one transaction per unit, `LISTEN`/`NOTIFY`.
//!
//! The life of a row, in both:
//!
//! 1. `receive` notes an event's key for ever and puts the event into `inbox`.
//! 2. `pending` shows the first event of each lane; the engine loads entities, handles it, and
//!    `commit`s one unit: the event goes, versions are checked, and new state, wishes, calls, timers
//!    and audit records are written, all or nothing.
//! 3. Workers claim wishes and calls, act, and settle (the protocol is in `claim.rs`); what comes of
//!    it is again an event in the inbox. Due timers move there too.
//!
//! 4. What is over stays for a while, so that nothing is taken in or done twice, and is deleted when it
//!    is old (`prune`).
//!
//! Where things are: `tables/` has the statements and conversions that both share, one file per
//! table group; `sqlite/` and `postgres/` execute them; `migrations/` has the numbered steps.

mod changed;
mod claim;
mod fault;
mod migrations;
mod postgres;
mod purpose;
mod sqlite;
mod tables;
#[cfg(feature = "testing")]
pub mod testing;

use std::sync::Arc;

use wilco_core::port::Store;

pub use fault::OpenFault;
pub use postgres::PostgresStore;
pub use purpose::Purpose;
pub use sqlite::SqliteStore;

/// Where a store is, as a person writes it.
enum Address<'a> {
    /// `sqlite:PATH`
    Sqlite(&'a str),
    /// `postgres://USER@HOST/DATABASE?schema=NAME`, with `schema` taken out.
    Postgres { url: String, schema: Option<String> },
}

impl<'a> Address<'a> {
    fn parse(address: &'a str) -> Result<Self, OpenFault> {
        if let Some(path) = address.strip_prefix("sqlite:")
            && !path.is_empty()
        {
            return Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path)));
        }
        if !(address.starts_with("postgres://") || address.starts_with("postgresql://")) {
            return Err(OpenFault::BadAddress(without_password(address)));
        }
        let (base, query) = address.split_once('?').unwrap_or((address, ""));
        let mut schema = None;
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.strip_prefix("schema=") {
                Some(name) => schema = Some(name.to_owned()),
                None => kept.push(pair),
            }
        }
        let mut url = base.to_owned();
        if !kept.is_empty() {
            url = format!("{base}?{}", kept.join("&"));
        }
        Ok(Self::Postgres { url, schema })
    }
}

/// An address as it may be shown: what stands before an `@` can hold a password.
fn without_password(address: &str) -> String {
    address.rsplit_once('@').map_or_else(|| address.to_owned(), |(_, rest)| format!("…@{rest}"))
}

/// Opens the store at an address, `sqlite:PATH` or `postgres://USER@HOST/DATABASE` (with an optional
/// `schema=NAME` among its parameters), and migrates it.
///
/// # Errors
/// [`OpenFault`] says what a person can do about it.
pub async fn open(address: &str) -> Result<Arc<dyn Store>, OpenFault> {
    Ok(match Address::parse(address)? {
        Address::Sqlite(path) => Arc::new(SqliteStore::open(path)?),
        Address::Postgres { url, schema } => {
            Arc::new(PostgresStore::connect(&url, schema.as_deref()).await?)
        }
    })
}

/// As [`open`], for a purpose: an empty store belongs to it from now on.
///
/// # Errors
/// [`OpenFault::OtherPurpose`] when it belongs to another one.
pub async fn open_for(address: &str, purpose: Purpose) -> Result<Arc<dyn Store>, OpenFault> {
    Ok(match Address::parse(address)? {
        Address::Sqlite(path) => {
            let store = SqliteStore::open(path)?;
            store.dedicate(purpose).await?;
            Arc::new(store)
        }
        Address::Postgres { url, schema } => {
            let store = PostgresStore::connect(&url, schema.as_deref()).await?;
            store.dedicate(purpose).await?;
            Arc::new(store)
        }
    })
}

/// Migrates the database at an address and closes it again; doing it twice changes nothing.
///
/// # Errors
/// As [`open`].
pub async fn migrate(address: &str) -> Result<(), OpenFault> {
    match Address::parse(address)? {
        Address::Sqlite(path) => SqliteStore::open(path).map(drop),
        Address::Postgres { url, schema } => PostgresStore::migrate(&url, schema.as_deref()).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let shown = |address: &str| match Address::parse(address) {
            Ok(Address::Sqlite(path)) => format!("sqlite {path}"),
            Ok(Address::Postgres { url, schema }) => format!("{url} {schema:?}"),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(shown("sqlite:a b.db"), "sqlite a b.db");
        assert_eq!(shown("sqlite:///var/lib/wilco.db"), "sqlite /var/lib/wilco.db");
        assert_eq!(shown("postgres://u@h/d"), "postgres://u@h/d None");
        assert_eq!(
            shown("postgresql://u@h/d?a=1&schema=s&b=2"),
            "postgresql://u@h/d?a=1&b=2 Some(\"s\")"
        );
        for bad in ["", "sqlite:", "wilco.db", "mysql://u@h/d"] {
            assert!(shown(bad).contains("is not a store address"), "{bad}");
        }
        assert!(!shown("mysql://u:secret@h/d").contains("secret"));
    }
}
