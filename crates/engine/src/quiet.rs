//! Whether anything is going on, and when something will.

use std::time::Duration;

use wilco_core::port::StoreFault;
use wilco_core::time::Timestamp;

use crate::shared::Shared;

/// How many timers are looked through at first for the next due ones.
const TIMERS: usize = 64;

/// How long a waiter trusts that the end of somebody's work wakes it, in real time.
const LOOK: Duration = Duration::from_millis(20);

/// When something becomes due by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NextDue {
    /// The next moment at which the engine itself goes on: a look at a tool, a retry, the end of a
    /// dead worker's lease, the time limit of a call.
    pub work: Option<Timestamp>,
    /// The next moment at which somebody's patience ends (`TimerName::is_patience`).
    pub patience: Option<Timestamp>,
}

impl Shared {
    /// Exact: nothing waits in the inbox, no call or send is due or in flight, no timer is due.
    /// `held` calls may be in flight all the same: those whose answers a test holds back.
    pub(crate) async fn is_quiet(&self, held: usize) -> Result<bool, StoreFault> {
        let held = held as u64;
        let changes = self.activity.changes();
        if self.activity.working() != held {
            return Ok(false);
        }
        if self.calls.len() as u64 != held {
            return Ok(false);
        }
        let now = self.now();
        let work = self.store.work(now).await?;
        if work.inbox > 0 || work.outbox > work.outbox_later || work.calls > work.calls_later {
            return Ok(false);
        }
        let timers = self.store.timers(1).await?;
        if timers.first().is_some_and(|row| row.timer.due <= now) {
            return Ok(false);
        }
        // Both reads belong together only if nobody worked and the clock stood still in between.
        Ok(self.activity.changes() == changes
            && self.activity.working() == held
            && self.now() == now)
    }

    /// Returns when it is quiet.
    pub(crate) async fn quiet(&self, held: usize) -> Result<(), StoreFault> {
        loop {
            let ended = self.activity.ended();
            tokio::pin!(ended);
            ended.as_mut().enable();
            if self.is_quiet(held).await? {
                return Ok(());
            }
            // The end of work wakes; the timeout covers what another process does to the store.
            let _ = tokio::time::timeout(LOOK, ended).await;
        }
    }

    pub(crate) async fn next_due(&self) -> Result<NextDue, StoreFault> {
        let (first, patience) = self.next_timers().await?;
        let retry = self.store.work(self.now()).await?.next_retry;
        let limit = self.calls.first_limit();
        let work = first.into_iter().chain(retry).chain(limit).min();
        Ok(NextDue { work, patience })
    }

    /// When the first timer of the engine's own work is due, and the first that ends a patience: the
    /// store lists timers by due time, and both are near its beginning nearly always.
    async fn next_timers(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), StoreFault> {
        let mut limit = TIMERS;
        loop {
            let timers = self.store.timers(limit).await?;
            let first = |patience: bool| {
                let mut timers = timers.iter().map(|row| &row.timer);
                timers.find(|timer| timer.name.is_patience() == patience).map(|timer| timer.due)
            };
            let found = (first(false), first(true));
            if (found.0.is_some() && found.1.is_some()) || timers.len() < limit {
                return Ok(found);
            }
            limit = limit.saturating_mul(8);
        }
    }
}
