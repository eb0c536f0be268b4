//! One HTTP server for everything: health and metrics here; pages, webhooks and the API of other
//! crates are mounted beside them.
//!
//! Every route is declared together with what guards it ([`Guard`]), so that a test can walk all
//! routes and show that no unsigned request changes anything. What was not declared is not served.

mod health;
mod metrics;
mod routes;

pub use metrics::{InstallFault, Metrics};
pub use routes::{Guard, Mount, Route, Site};
