//! Which database, which schema, and how connections to it behave.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};

use crate::fault::OpenFault;

/// The schema when none is named.
const DEFAULT_SCHEMA: &str = "public";

/// The longest schema name: `wilco_` and it must fit PostgreSQL's 63 bytes for a channel.
const SCHEMA_LENGTH: usize = 40;

/// Connections of one replica at most.
const CONNECTIONS: u32 = 10;

/// How long a verb waits for a connection before it is a fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the server does for every connection of ours.
const SETTINGS: [(&str, &str); 4] = [
    ("application_name", "wilco"),
    // What is acknowledged is on disk, whatever the server, the role or the address say.
    ("synchronous_commit", "on"),
    // A statement that takes longer has hung; the verb fails and is tried again.
    ("statement_timeout", "30s"),
    // A replica that froze inside a transaction must not keep its locks.
    ("idle_in_transaction_session_timeout", "30s"),
];

/// One schema of one database.
#[derive(Debug)]
pub(super) struct Database {
    options: PgConnectOptions,
    schema: String,
}

impl Database {
    /// Reads the address; connects to nothing yet.
    pub(super) fn new(url: &str, schema: Option<&str>) -> Result<Self, OpenFault> {
        let schema = schema.unwrap_or(DEFAULT_SCHEMA);
        // It becomes part of statements, so only what needs no quotes.
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if schema.is_empty()
            || schema.len() > SCHEMA_LENGTH
            || !schema.chars().all(plain)
            || schema.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(OpenFault::BadSchema(schema.to_owned()));
        }
        let options =
            PgConnectOptions::from_str(url)?.options(SETTINGS).options([("search_path", schema)]);
        Ok(Self { options, schema: schema.to_owned() })
    }

    /// The schema, a name that needs no quotes.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// One connection.
    pub(super) async fn connection(&self) -> Result<PgConnection, OpenFault> {
        Ok(sqlx::ConnectOptions::connect(&self.options).await?)
    }

    /// A pool that grows as needed.
    pub(super) async fn pool(&self) -> Result<PgPool, OpenFault> {
        Ok(self.pool_of(CONNECTIONS).await?)
    }

    /// A pool of at most so many connections.
    pub(super) async fn pool_of(&self, connections: u32) -> Result<PgPool, sqlx::Error> {
        PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE)
            .connect_with(self.options.clone())
            .await
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_cannot_take_away_that_commits_are_on_disk() {
        let server = crate::testing::postgres_server();
        let sign = if server.contains('?') { '&' } else { '?' };
        let careless = format!("{server}{sign}options=-c%20synchronous_commit%3Doff");
        let setting = async |options: &PgConnectOptions| -> String {
            let mut conn = sqlx::ConnectOptions::connect(options).await.unwrap();
            sqlx::query_scalar("SHOW synchronous_commit").fetch_one(&mut conn).await.unwrap()
        };
        let without = PgConnectOptions::from_str(&careless).unwrap();
        assert_eq!(setting(&without).await, "off", "the address says so");
        assert_eq!(setting(&Database::new(&careless, None).unwrap().options).await, "on");
    }
}
