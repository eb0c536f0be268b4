//! The hint that there may be something to do.

use tokio::sync::Notify;

/// Wakes everybody who waits, and the next who comes if nobody does.
///
/// It is rung for writes that can make work (events, wishes, calls, timers, retries, journal
/// entries), not for claims: a worker that claims would only wake the others for nothing.
#[derive(Debug, Default)]
pub(crate) struct Changed(Notify);

impl Changed {
    /// Something was written.
    pub(crate) fn ring(&self) {
        self.0.notify_waiters();
        // Kept for one who is between two waits just now.
        self.0.notify_one();
    }

    /// Returns at the next ring, or at once when one was missed.
    pub(crate) async fn wait(&self) {
        self.0.notified().await;
    }
}
