//! What both databases have in common, one file per table group: statements that are the same
//! string in both, and the way from rows to the types of core and back.
//!
//! Parameters are written `$1`, `$2`, … in order of first appearance: PostgreSQL counts them, and
//! SQLite takes them for names, which it numbers in that same order (a test holds it). Rows are
//! tuples, because both drivers read those.

/// Statements as named constants, and all of them in a list so that a test can prepare each on a
/// migrated database.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $sql;)*

        /// Every statement above, by name.
        #[cfg(feature = "testing")]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

pub(crate) use statements;

pub(crate) mod audits;
pub(crate) mod calls;
pub(crate) mod chores;
pub(crate) mod definitions;
pub(crate) mod entities;
pub(crate) mod inbox;
pub(crate) mod journal;
pub(crate) mod outbox;
pub(crate) mod purpose;
pub(crate) mod timers;
pub(crate) mod work;

/// A `LIMIT` as both databases want it.
pub(crate) fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The statements that are the same in both databases.
#[cfg(feature = "testing")]
pub(crate) const ALL: &[&[(&str, &str)]] = &[
    audits::ALL,
    calls::ALL,
    chores::ALL,
    definitions::ALL,
    entities::ALL,
    inbox::ALL,
    journal::ALL,
    outbox::ALL,
    purpose::ALL,
    timers::ALL,
    work::ALL,
];
