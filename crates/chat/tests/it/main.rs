//! The adapters, through their front doors: HTTP for the console, streams for the terminal.

#![expect(clippy::unwrap_used, reason = "a test stops at the line where it cannot go on")]

mod console;
mod local;
mod slack;
mod slack_http;
mod support;
mod terminal;
