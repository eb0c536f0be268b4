//! Socket Mode: Slack brings events over WebSockets that we open, so that nothing of ours has to be reached from outside.
//!
//! Each of several slots keeps one socket open. A socket that Slack wants to close is replaced before it is left: the new one
//! is opened while the old one is still listened to, until Slack closes it. An envelope is acknowledged
//! when what it brings is stored; one that is not comes again, perhaps over another socket, and is then known
//! by its own key (SLACK-3, SLACK-4, SLACK-5).

mod backoff;
mod frame;
mod link;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::Slack;

/// So long after three seconds without an acknowledgement Slack has told it again (SLACK-3).
const COMES_AGAIN_WITHIN: Duration = Duration::from_secs(4);

/// The sockets; they are closed when it is dropped.
pub struct Listening {
    stop: watch::Sender<bool>,
    open: watch::Receiver<usize>,
    slots: Option<JoinHandle<()>>,
}

impl Listening {
    /// How many sockets are open now.
    #[must_use]
    pub fn open(&self) -> usize {
        *self.open.borrow()
    }

    /// Returns when at least one socket is open.
    pub async fn opened(&mut self) {
        // The sender lives as long as the slots do.
        let _ = self.open.wait_for(|open| *open > 0).await;
    }

    /// Returns when Slack has told what the last process stored nothing of: a socket is open, and what was not
    /// acknowledged has come again. Nobody says when that is over.
    pub async fn caught_up(&mut self) {
        self.opened().await;
        sleep(COMES_AGAIN_WITHIN).await;
    }

    /// Leaves all sockets. What was stored is acknowledged; what was not comes again.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(slots) = self.slots.take() {
            let _ = slots.await;
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(slots) = self.slots.take() {
            slots.abort();
        }
    }
}

impl Slack {
    /// Opens the sockets and keeps them open until [`Listening::stop`]; none where events come by requests.
    #[must_use]
    pub fn listen(self: &Arc<Self>) -> Listening {
        let slots = self.sockets.as_ref().map_or(0, |(_, count)| *count);
        let (stop, stopping) = watch::channel(false);
        let (count, open) = watch::channel(0);
        let (slack, count) = (Arc::clone(self), Arc::new(count));
        let slots = tokio::spawn(async move {
            let mut kept = JoinSet::new();
            for slot in 0..slots {
                let (slack, count, stopping) =
                    (Arc::clone(&slack), Arc::clone(&count), stopping.clone());
                kept.spawn(async move { link::keep(&slack, slot, &count, stopping).await });
            }
            while kept.join_next().await.is_some() {}
        });
        Listening { stop, open, slots: Some(slots) }
    }
}
