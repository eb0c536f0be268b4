//! Every route of the console, in one list from which the router is built, so that a test can walk
//! all of them.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use axum::{Router, middleware};

use super::{guard, live, page, requests};
use crate::local::{LocalPlatform, MAX_TEXT_CHARS};

/// The largest body: a text of the longest kind with every character escaped in JSON
/// (`\ud83d\ude00`), and the other fields.
const MAX_BODY_BYTES: usize = MAX_TEXT_CHARS * 12 + 4_096;

/// One route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A file of the page, by its place in the list of files.
    File(usize),
    /// Rooms, people, the bot's name, limits.
    State,
    /// Messages after a place of the journal.
    Messages,
    /// The same as a stream that goes on.
    Events,
    /// Somebody writes.
    Say,
    /// Somebody presses a button.
    Press,
}

impl Route {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        let api = [Self::State, Self::Messages, Self::Events, Self::Say, Self::Press];
        (0..page::FILES.len()).map(Self::File).chain(api)
    }

    /// Where it is.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::File(file) => page::FILES[file].path,
            Self::State => "/api/state",
            Self::Messages | Self::Say => "/api/messages",
            Self::Events => "/api/events",
            Self::Press => "/api/press",
        }
    }

    /// How it is called.
    #[must_use]
    pub fn method(self) -> Method {
        if self.changes_state() { Method::POST } else { Method::GET }
    }

    /// Whether something is different afterwards.
    #[must_use]
    pub fn changes_state(self) -> bool {
        match self {
            Self::File(_) | Self::State | Self::Messages | Self::Events => false,
            Self::Say | Self::Press => true,
        }
    }

    fn handler(self) -> MethodRouter<Arc<LocalPlatform>> {
        match self {
            Self::File(file) => get(move || async move { page::FILES[file].serve() }),
            Self::State => get(requests::state),
            Self::Messages => get(requests::messages),
            Self::Events => get(live::events),
            Self::Say => post(requests::say),
            Self::Press => post(requests::press),
        }
    }
}

pub(super) fn router(platform: Arc<LocalPlatform>) -> Router {
    Route::all()
        .fold(Router::new(), |router, route| router.route(route.path(), route.handler()))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn(guard::own_page_only))
        .with_state(platform)
}
