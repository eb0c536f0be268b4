//! The clock of a double.
//!
//! A double never asks the machine what time it is and never runs a background task: everything it
//! shows is worked out from [`Clock::now_ms`] when a request arrives. A test therefore owns time
//! completely, with [`ManualClock`]; the demo and the tests with real processes use [`RealClock`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// What [`Clock::sleep_until`] returns: boxed, so that the trait can be a trait object.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send + 'static>>;

/// Where a double takes the time from.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    fn now_ms(&self) -> i64;

    /// Ends when the clock shows `at_ms` (epoch milliseconds) or later.
    fn sleep_until(&self, at_ms: i64) -> Sleep;
}

impl Clock for Arc<dyn Clock> {
    fn now_ms(&self) -> i64 {
        self.as_ref().now_ms()
    }

    fn sleep_until(&self, at_ms: i64) -> Sleep {
        self.as_ref().sleep_until(at_ms)
    }
}

/// The clock of the machine.
#[derive(Debug, Default, Clone, Copy)]
pub struct RealClock;

#[expect(clippy::disallowed_methods, reason = "this is the one wall clock of the doubles")]
impl Clock for RealClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep_until(&self, at_ms: i64) -> Sleep {
        let wait_ms = u64::try_from(at_ms.saturating_sub(self.now_ms())).unwrap_or(0);
        Box::pin(tokio::time::sleep(Duration::from_millis(wait_ms)))
    }
}

/// A clock that stands still until a test moves it; it never goes back.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<watch::Sender<i64>>,
}

impl ManualClock {
    /// A clock that shows `now_ms` (epoch milliseconds).
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self { now: Arc::new(watch::Sender::new(now_ms)) }
    }

    /// Moves the clock to `now_ms`; an earlier time is ignored. Sleepers that are due wake.
    pub fn set(&self, now_ms: i64) {
        self.now.send_if_modified(|now| {
            let later = now_ms > *now;
            if later {
                *now = now_ms;
            }
            later
        });
    }

    /// Moves the clock forward by `by_ms` milliseconds.
    pub fn advance(&self, by_ms: i64) {
        self.set(self.now_ms().saturating_add(by_ms));
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> i64 {
        *self.now.borrow()
    }

    fn sleep_until(&self, at_ms: i64) -> Sleep {
        let mut seen = self.now.subscribe();
        // The sender is kept alive by the sleeper, so that a dropped clock means "never", not
        // "now".
        let keep = Arc::clone(&self.now);
        Box::pin(async move {
            let _ = seen.wait_for(|now| *now >= at_ms).await;
            drop(keep);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleepers_wake_only_when_due() {
        let clock = ManualClock::new(1_000);
        let early = tokio::spawn(clock.sleep_until(1_500));
        let late = tokio::spawn(clock.sleep_until(9_000));
        clock.advance(500);
        early.await.unwrap();
        assert!(!late.is_finished());
        clock.set(2);
        assert_eq!(clock.now_ms(), 1_500, "it never goes back");
        clock.set(9_000);
        late.await.unwrap();
    }
}
