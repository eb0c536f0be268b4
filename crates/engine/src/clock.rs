//! The one clock. Everything that needs the time is handed a [`Timestamp`] read here, so that a test
//! can hold the time still and move it when the world is quiet.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use wilco_core::time::Timestamp;

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Returns when [`Clock::now`] has reached this moment; at once when it is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;

    /// Follows a clock that several processes share (the database's). A clock of a test does not.
    fn follow(&self, _shared: Timestamp) {}
}

/// The clock of the machine.
///
/// It never lengthens a deadline: it shows the later of the wall clock and of "the wall clock at
/// start plus the monotonic time since", so that a wall clock that is set back is not followed. A
/// jump of more than [`SystemClock::JUMP`] is logged and counted (`wilco_clock_jumps_total`).
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    wall_at_start: i64,
    /// What the shared clock shows beyond the machine's, ms.
    ahead: AtomicI64,
    jumped: AtomicBool,
}

impl SystemClock {
    /// A difference between wall and monotonic clock that is told.
    pub const JUMP: Duration = Duration::from_secs(5);

    /// The longest single sleep, so that a jump of the wall clock is noticed by sleepers too.
    const NAP: Duration = Duration::from_secs(30);

    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            started: instant(),
            wall_at_start: wall(),
            ahead: AtomicI64::new(0),
            jumped: AtomicBool::new(false),
        }
    }

    fn machine(&self) -> i64 {
        let steady = Timestamp(self.wall_at_start) + self.started.elapsed();
        self.settle(steady.0, wall())
    }

    /// Chooses between the two clocks, and tells once when they part and once when they agree again.
    fn settle(&self, steady: i64, wall: i64) -> i64 {
        let apart_ms = wall.saturating_sub(steady);
        let jumped = u128::from(apart_ms.unsigned_abs()) > Self::JUMP.as_millis();
        if jumped != self.jumped.load(Ordering::Relaxed)
            && jumped != self.jumped.swap(jumped, Ordering::Relaxed)
        {
            if jumped {
                metrics::counter!("wilco_clock_jumps_total").increment(1);
                tracing::error!(apart_ms, "the wall clock jumped; deadlines are not lengthened");
            } else {
                tracing::warn!("the wall clock agrees with the monotonic clock again");
            }
        }
        steady.max(wall)
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.machine().saturating_add(self.ahead.load(Ordering::Relaxed)))
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            loop {
                let left = at.since(self.now());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(Self::NAP)).await;
            }
        })
    }

    fn follow(&self, shared: Timestamp) {
        self.ahead.store(shared.0.saturating_sub(self.machine()), Ordering::Relaxed);
    }
}

/// The monotonic clock, for permits and for how long things took.
#[expect(clippy::disallowed_methods, reason = "the one clock has to read the time somewhere")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// The wall clock, ms since the Unix epoch. The only place that reads it.
#[expect(clippy::disallowed_methods, reason = "the one clock has to read the time somewhere")]
fn wall() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct VirtualClock {
    now: watch::Sender<Timestamp>,
}

impl VirtualClock {
    /// A clock that shows this moment.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self { now: watch::Sender::new(start) }
    }

    /// Moves forward to a moment and wakes whoever slept until then; never backwards.
    pub fn set(&self, to: Timestamp) {
        self.now.send_if_modified(|now| {
            let forward = to > *now;
            *now = to.max(*now);
            forward
        });
    }

    /// Moves forward by a span.
    pub fn advance(&self, span: Duration) {
        self.set(self.now() + span);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()> {
        let mut now = self.now.subscribe();
        Box::pin(async move {
            // Fails only when the clock is gone, and `self` keeps it.
            let _ = now.wait_for(|now| *now >= at).await;
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_wall_clock_set_back_is_not_followed() {
        let clock = SystemClock::new();
        assert_eq!(clock.settle(1_000_000, 1_000_500), 1_000_500);
        assert!(!clock.jumped.load(Ordering::Relaxed));
        assert_eq!(clock.settle(1_000_000, 900_000), 1_000_000);
        assert!(clock.jumped.load(Ordering::Relaxed));
        assert_eq!(clock.settle(1_000_000, 1_000_000), 1_000_000);
        assert!(!clock.jumped.load(Ordering::Relaxed));
    }

    #[test]
    fn a_shared_clock_is_followed() {
        let clock = SystemClock::new();
        clock.follow(clock.now() + Duration::from_hours(1));
        let ahead = clock.now().since(Timestamp(wall()));
        assert!(ahead > Duration::from_secs(3_500), "{ahead:?}");
    }

    #[tokio::test]
    async fn a_virtual_clock_wakes_sleepers_and_never_goes_back() {
        let clock = VirtualClock::at(Timestamp(1_000));
        let mut sleeper = clock.sleep_until(Timestamp(2_000));
        assert!((&mut sleeper).now_or_never().is_none());
        clock.set(Timestamp(1_999));
        assert!((&mut sleeper).now_or_never().is_none());
        clock.advance(Duration::from_millis(1));
        sleeper.await;
        clock.set(Timestamp(5));
        assert_eq!(clock.now(), Timestamp(2_000));
        clock.sleep_until(Timestamp(7)).await;
    }
}
