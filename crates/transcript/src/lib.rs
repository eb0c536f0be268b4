//! Conversations as tests: `*.chat` files are played against the whole of Wilco.
//!
//! The life of a story:
//!
//! 1. `script` reads the file: lines at column 0 were written by hand, indented ones were blessed.
//! 2. `house` builds the world: the double of Argo CD over real HTTP, the real connector, the real
//!    engine on a real store, a `stage` for the chat, one virtual clock.
//! 3. Each line acts, and the clock jumps from one look at a tool to the next until the world is
//!    quiet. `record` tells what happened.
//! 4. `runner` compares, or blesses. [`crash`] plays the story again and dies at every point.

mod cast;
mod change;
pub mod crash;
mod directive;
mod doubles;
mod end;
mod fuse;
mod house;
mod log;
mod record;
mod rest;
mod runbooks;
mod runner;
mod scratch;
mod script;
mod slack;
mod sound;
mod stage;
mod times;

pub use fuse::Slips;
pub use runner::{Story, Wrap};
pub use scratch::{Lender, On};
