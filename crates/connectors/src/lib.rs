//! The tools that Wilco drives, behind `wilco_core::port::Connector`: one folder per tool, one HTTP
//! client for all.
//!
//! The life of one call:
//!
//! 1. The engine hands a connector a `Call` (a question) or an `Operation` with a `Permit` (an
//!    effect).
//! 2. The connector builds a [`http::Request`], named by its route so that logs never show names or
//!    tokens, and sends it with [`http::Http::read`] or [`http::Http::write`].
//! 3. The answer is translated into data of core. Whatever goes wrong becomes a
//!    `wilco_core::answer::Trouble`; connectors never write sentences for people.
//!
//! Connectors keep nothing that another replica would miss: sign-in tokens and what can be asked
//! again. They never touch the store.

pub mod argocd;
pub mod git;
pub mod http;

use std::sync::Arc;

use wilco_core::time::Timestamp;

/// The engine's clock, as connectors see it: tests run on virtual time.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;
