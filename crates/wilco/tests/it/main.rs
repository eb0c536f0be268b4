//! The binary as a person at the command line meets it.

#![expect(clippy::unwrap_used, reason = "a test stops at the line where it cannot go on")]

mod chat;
mod commands;
mod git;
mod keyboard;
mod life;
mod online;
mod process;
mod reference;
mod secrets;
mod serve;
mod slack;
mod tool;
mod walk;
