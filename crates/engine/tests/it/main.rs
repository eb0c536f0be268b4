//! The engine on a real SQLite store, with a scripted tool, a scripted chat platform, a handler of
//! the test's own, and a clock that moves when it is told.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod aside;
mod builtin;
mod calls;
mod crash;
mod inbox;
mod lanes;
mod life;
mod outbox;
mod prune;
mod spans;
mod timers;
mod world;
