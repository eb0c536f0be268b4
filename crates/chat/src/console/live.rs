//! The stream of new and changed messages.
//!
//! The journal is the truth: the stream reads it from a place on, and a hint wakes it when there is
//! more. Nothing is kept per browser, and after a lost connection the browser names the last place
//! it saw (`Last-Event-ID`), so that nothing is missed.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::watch;

use super::requests::After;
use crate::local::{LocalPlatform, Placed};

/// How many entries one read asks for.
const PAGE: usize = 200;

struct Reader {
    platform: Arc<LocalPlatform>,
    newest: watch::Receiver<Option<i64>>,
    after: i64,
    read: VecDeque<Placed>,
}

/// `Last-Event-ID` wins over `?after=`: the browser sends it by itself when it connects again.
pub(super) async fn events(
    State(platform): State<Arc<LocalPlatform>>,
    Query(After { after }): Query<After>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let reader = Reader {
        newest: platform.watch(),
        platform,
        after: seen.unwrap_or(after),
        read: VecDeque::new(),
    };
    let stream = stream::unfold(reader, |mut reader| async move {
        let placed = reader.next().await?;
        let event = match serde_json::to_string(&placed) {
            Ok(json) => Event::default().event("message").id(placed.seq.to_string()).data(json),
            Err(fault) => Event::default().comment(fault.to_string()),
        };
        Some((Ok(event), reader))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

impl Reader {
    /// The next change; `None` ends the stream: the platform was closed, or the store failed and
    /// the browser shall try again.
    async fn next(&mut self) -> Option<Placed> {
        loop {
            if let Some(placed) = self.read.pop_front() {
                self.after = placed.seq;
                return Some(placed);
            }
            // Closed streams end even when there is more to read.
            if self.newest.borrow_and_update().is_none() {
                return None;
            }
            match self.platform.read(self.after, PAGE).await {
                Ok(read) if read.is_empty() => self.newest.changed().await.ok()?,
                Ok(read) => self.read.extend(read),
                Err(failure) => {
                    tracing::error!(%failure, "console stream ends");
                    return None;
                }
            }
        }
    }
}
