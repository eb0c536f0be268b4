//! One file per command.

pub(crate) mod chat;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod migrate;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod test;
