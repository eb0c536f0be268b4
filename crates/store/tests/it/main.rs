//! The stores from outside: stories that both must tell alike, and what is special to each.

#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

mod bed;
mod postgres;
mod sqlite;
mod statements;
mod stories;
