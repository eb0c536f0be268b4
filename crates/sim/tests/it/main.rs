//! Tests of the doubles through their front door: real HTTP, a clock that the test moves.

#![expect(clippy::unwrap_used, reason = "a test stops at the line where it cannot go on")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests of a server send raw requests; the double may not use our client"
)]

mod actions;
mod api;
mod charts;
mod contract;
mod control;
mod demo;
mod faults;
mod rollback;
mod rollouts;
mod samples;
mod stream;
mod support;
mod sync;
mod traps;
