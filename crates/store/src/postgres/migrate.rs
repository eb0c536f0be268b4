//! Takes the missing steps of [`crate::migrations`], all in one transaction, under a lock that makes
//! a second replica wait until the first is done and then find nothing to do.

use sqlx::{AssertSqlSafe, Connection};

use super::connect::Database;
use crate::fault::OpenFault;
use crate::migrations::{CREATE_TABLE, LAST, POSTGRES, TAKEN, missing};
use crate::tables::statements;

statements! {
    /// One migration of a schema at a time, until the transaction ends.
    LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('wilco migrate ' || $1, 0))";

    /// Whether a schema is there; making it needs a right that using it does not.
    HAS_SCHEMA = "SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1";
}

/// Brings the schema up to date.
pub(super) async fn run(database: &Database) -> Result<(), OpenFault> {
    let mut conn = database.connection().await?;
    let mut tx = conn.begin().await?;
    let schema = database.schema();
    sqlx::query(LOCK).bind(schema).execute(&mut *tx).await?;
    let found: i64 = sqlx::query_scalar(HAS_SCHEMA).bind(schema).fetch_one(&mut *tx).await?;
    if found == 0 {
        // The name was checked to need no quotes.
        let create = AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        sqlx::raw_sql(create).execute(&mut *tx).await?;
    }
    sqlx::raw_sql(CREATE_TABLE).execute(&mut *tx).await?;
    let last: i64 = sqlx::query_scalar(LAST).fetch_one(&mut *tx).await?;
    for step in missing(POSTGRES, last)? {
        sqlx::raw_sql(step.sql).execute(&mut *tx).await?;
        sqlx::query(TAKEN).bind(step.version).bind(step.name).execute(&mut *tx).await?;
        tracing::info!(version = step.version, name = step.name, "migrated");
    }
    tx.commit().await?;
    conn.close().await?;
    Ok(())
}
