//! Runs against a small model of the engine: effects are applied to a world, and what they ask for
//! is answered by the test.

mod approval;
mod cancelling;
mod ending;
mod following;
mod holding;
mod model;
mod not_taken;
mod overdue;
mod pausing;
mod property;
mod queueing;
mod rechecking;
mod waves;
mod words;

pub(super) use model::{APPROVED, Model, SECOND, Setup, target, trouble, waves};
