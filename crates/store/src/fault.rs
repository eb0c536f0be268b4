//! What can go wrong, in the words of this crate and of [`wilco_core::port`].
//!
//! Opening fails with [`OpenFault`], which a person at the command line reads. Inside, every verb
//! fails with [`Stop`], which becomes a `CommitFault` or a `StoreFault` at the edge.

use std::path::PathBuf;

use wilco_core::port::{CommitFault, StoreFault};

use crate::purpose::Purpose;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// Another process has this SQLite database open; two would break each other's order.
    #[error("the database {path} is already open in another process")]
    AlreadyOpen {
        /// The database.
        path: PathBuf,
    },
    /// Neither `sqlite:PATH` nor `postgres://…`.
    #[error("`{0}` is not a store address: use sqlite:PATH or postgres://USER@HOST/DATABASE")]
    BadAddress(String),
    /// The name cannot be a PostgreSQL schema of ours.
    #[error("`{0}` cannot be a schema name: use small letters, digits and _, at most 40")]
    BadSchema(String),
    /// The database was migrated by a newer version of this program.
    #[error("the database has migration {found}, this program knows {known}: use a newer program")]
    Newer {
        /// The highest migration found.
        found: i64,
        /// The highest migration known.
        known: i64,
    },
    /// The store belongs to another command.
    #[error("{}", .found.refusal())]
    OtherPurpose {
        /// Who it belongs to.
        found: Purpose,
    },
    /// The file or its lock cannot be made or opened.
    #[error("cannot open {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database said no.
    #[error("the database cannot be used: {0}")]
    Database(String),
}

impl From<rusqlite::Error> for OpenFault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

impl From<sqlx::Error> for OpenFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// Why a verb stopped; nothing of it was written.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Something that was read has changed meanwhile.
    Conflict,
    /// The event is not the next of its lane.
    NotNext,
    /// The database failed, or holds what cannot be read.
    Fault(StoreFault),
}

/// A store that was opened a moment ago stops.
impl From<Stop> for OpenFault {
    fn from(stop: Stop) -> Self {
        Self::Database(StoreFault::from(stop).0)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(StoreFault(error.to_string()))
    }
}

/// PostgreSQL's codes for "somebody else was faster": `serialization_failure`, `deadlock_detected`,
/// `unique_violation` (appendix A of its manual). Our own statements only meet the last when two
/// transactions insert the same row.
const LOST_RACES: [&str; 3] = ["40001", "40P01", "23505"];

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        match code {
            Some(code) if LOST_RACES.contains(&code.as_ref()) => Self::Conflict,
            _ => Self::Fault(StoreFault(error.to_string())),
        }
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::Fault(StoreFault(format!("a row is not what was expected: {error}")))
    }
}

impl From<StoreFault> for Stop {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Stop> for CommitFault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Conflict => Self::Conflict,
            Stop::NotNext => Self::NotNext,
            Stop::Fault(fault) => Self::Store(fault),
        }
    }
}

/// For verbs that read no versions: losing a race is as good a reason to try again as any fault.
impl From<Stop> for StoreFault {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Conflict | Stop::NotNext => Self("another transaction was faster".into()),
            Stop::Fault(fault) => fault,
        }
    }
}
