//! The one clock. Everything that needs the time is handed a [`Timestamp`] read here, so that a test
//! can hold the time still and move it when the world is quiet.
//!
//! It never goes back, whatever the clock behind it does:
//!
//! | the clock behind it | what is shown |
//! |---|---|
//! | goes on | the same |
//! | jumps ahead | the same, for good: time runs on from there |
//! | is set back | time goes on steadily, and does not notice when the clock behind it catches up |
//! | is set back while nobody runs | time goes on from the last moment that the store has noted |
//!
//! A jump ahead is believed because it may be true: the monotonic clock stands still while a machine
//! is suspended, and an approval must not outlive that. If it was not true, what people were given
//! time for lapses early and is asked anew, which is safe. What is written meanwhile lies as far ahead
//! as the time that is shown, so nothing is lengthened when the clock is corrected: were that followed,
//! approvals would live and leases would hold an hour longer. Nobody sends twice because of a lease
//! that seems to end early: this process knows what it works on and renews it
//! (`AtWork`), and the right to send ends on the monotonic clock (`Permit`). Only between replicas
//! that disagree about the time by more than a lease is that not held.

use std::sync::{Mutex, MutexGuard, PoisonError};
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

    /// Time has come this far already, in this process or an earlier one. A clock of a test knows.
    fn not_before(&self, _reached: Timestamp) {}
}

/// The clock of the machine, or the shared one once it follows one.
///
/// A jump of more than [`SystemClock::JUMP`] is logged and counted (`wilco_clock_jumps_total`).
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
    course: Mutex<Course>,
}

impl SystemClock {
    /// A difference between the clock that is shown and the one behind it that is a jump. What is
    /// less is corrected in silence: ahead at once, back by standing still.
    pub const JUMP: Duration = Duration::from_secs(5);

    /// The longest single sleep, so that a jump of the wall clock is noticed by sleepers too.
    const NAP: Duration = Duration::from_secs(30);

    /// A clock that starts now.
    #[must_use]
    pub fn new() -> Self {
        let now = Timestamp(wall());
        let course = Course { start: now, last: now, shared: false, set_back: false };
        Self { started: instant(), course: Mutex::new(course) }
    }

    /// The course, and how far it has come. Measured under its lock, so that all see one order.
    fn course(&self) -> (MutexGuard<'_, Course>, Duration) {
        let course = self.course.lock().unwrap_or_else(PoisonError::into_inner);
        (course, self.started.elapsed())
    }
}

/// The time that is shown.
#[derive(Debug)]
struct Course {
    /// The moment at which it started, as the clock behind it has it.
    start: Timestamp,
    /// The last moment shown.
    last: Timestamp,
    /// Whether the clock behind it is one that processes share; then the machine's does not count.
    shared: bool,
    /// Whether the clock behind it was set back, and has not caught up.
    set_back: bool,
}

impl Course {
    /// Takes in what the clock behind it shows.
    fn correct(&mut self, elapsed: Duration, shows: Timestamp) {
        let shown = self.start + elapsed;
        let jump_ms = i64::try_from(SystemClock::JUMP.as_millis()).unwrap_or(i64::MAX);
        let apart_ms = shows.0.saturating_sub(shown.0);
        let was_back = std::mem::replace(&mut self.set_back, apart_ms < -jump_ms);
        match (was_back, self.set_back) {
            (false, true) => {
                metrics::counter!("wilco_clock_jumps_total").increment(1);
                tracing::error!(apart_ms, "the clock was set back; time goes on steadily here");
            }
            (true, false) => tracing::warn!("the clock has caught up"),
            _ => {}
        }
        if apart_ms > jump_ms {
            metrics::counter!("wilco_clock_jumps_total").increment(1);
            tracing::error!(apart_ms, "the clock jumped ahead; what has a deadline ends earlier");
        }
        if !self.set_back {
            self.start = Timestamp(self.start.0.saturating_add(apart_ms));
        }
    }

    /// Takes in a clock that processes share. The first time it counts even when it is behind: then
    /// nothing was done yet.
    fn follow(&mut self, elapsed: Duration, shows: Timestamp) {
        if std::mem::replace(&mut self.shared, true) {
            self.correct(elapsed, shows);
        } else {
            let elapsed = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
            self.start = Timestamp(shows.0.saturating_sub(elapsed));
            (self.last, self.set_back) = (shows, false);
        }
    }

    /// Goes on from a moment that was there already. That the clock behind it shows less is told when
    /// it is taken in.
    fn not_before(&mut self, elapsed: Duration, reached: Timestamp) {
        let ahead_ms = reached.0.saturating_sub((self.start + elapsed).0);
        self.start = Timestamp(self.start.0.saturating_add(ahead_ms.max(0)));
        self.last = self.last.max(reached);
    }

    /// Shows the time.
    fn at(&mut self, elapsed: Duration) -> Timestamp {
        self.last = self.last.max(self.start + elapsed);
        self.last
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let (mut course, elapsed) = self.course();
        if !course.shared {
            course.correct(elapsed, Timestamp(wall()));
        }
        course.at(elapsed)
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
        let (mut course, elapsed) = self.course();
        course.follow(elapsed, shared);
    }

    fn not_before(&self, reached: Timestamp) {
        let (mut course, elapsed) = self.course();
        course.not_before(elapsed, reached);
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

    const HOUR: i64 = 3_600_000;

    fn course() -> Course {
        Course { start: Timestamp(0), last: Timestamp(0), shared: false, set_back: false }
    }

    /// What is shown so many seconds after the start, when the clock behind it is so far off.
    fn shown(course: &mut Course, seconds: i64, off_ms: i64) -> i64 {
        let elapsed = Duration::from_secs(seconds.unsigned_abs());
        course.correct(elapsed, Timestamp(seconds * 1_000 + off_ms));
        course.at(elapsed).0 - seconds * 1_000
    }

    #[test]
    fn a_clock_that_goes_steadily_is_shown_as_it_is() {
        let mut course = course();
        for seconds in 0..100 {
            assert_eq!(shown(&mut course, seconds, 3), 3);
        }
    }

    #[test]
    fn a_jump_ahead_is_for_good_and_its_correction_is_not_followed() {
        let mut course = course();
        assert_eq!(shown(&mut course, 1, 0), 0);
        assert_eq!(shown(&mut course, 2, HOUR), HOUR);
        assert!(!course.set_back);
        for seconds in 3..9 {
            assert_eq!(shown(&mut course, seconds, 0), HOUR, "a lease lasts as long as it said");
            assert!(course.set_back, "told");
        }
        assert_eq!(shown(&mut course, 9, HOUR), HOUR);
        assert!(!course.set_back);
    }

    #[test]
    fn a_clock_that_is_set_back_is_not_followed_and_may_come_back() {
        let mut course = course();
        assert_eq!(shown(&mut course, 1, -HOUR), 0);
        assert!(course.set_back);
        assert_eq!(shown(&mut course, 2, -HOUR), 0);
        assert_eq!(shown(&mut course, 3, 0), 0);
        assert!(!course.set_back);
        assert_eq!(shown(&mut course, 4, HOUR), HOUR);
    }

    #[test]
    fn time_goes_on_from_where_an_earlier_process_left_it() {
        let mut course = course();
        assert_eq!(shown(&mut course, 1, 0), 0);
        course.not_before(Duration::from_secs(2), Timestamp(2_000 + HOUR));
        for seconds in 2..9 {
            assert_eq!(shown(&mut course, seconds, 0), HOUR);
            assert!(course.set_back, "told");
        }
        course.not_before(Duration::from_secs(9), Timestamp(9_000 - HOUR));
        assert_eq!(shown(&mut course, 9, 0), HOUR, "an earlier moment changes nothing");
        assert_eq!(shown(&mut course, 10, HOUR), HOUR);
        assert!(!course.set_back);
    }

    #[test]
    fn a_small_correction_backwards_is_waited_for() {
        let mut course = course();
        assert_eq!(shown(&mut course, 10, 0), 0);
        assert_eq!(shown(&mut course, 11, -3_000), -1_000, "stands still");
        assert_eq!(shown(&mut course, 12, -3_000), -2_000);
        assert_eq!(shown(&mut course, 13, -3_000), -3_000);
        assert_eq!(shown(&mut course, 14, -3_000), -3_000);
        assert!(!course.set_back);
    }

    #[test]
    fn only_the_first_look_at_a_shared_clock_may_lead_back() {
        let mut course = course();
        let at = Duration::from_secs;
        course.follow(at(1), Timestamp(1_000 - HOUR));
        assert_eq!(course.at(at(1)).0, 1_000 - HOUR);
        course.follow(at(2), Timestamp(2_000 - 2 * HOUR));
        assert_eq!(course.at(at(2)).0, 2_000 - HOUR);
        course.follow(at(3), Timestamp(3_000));
        assert_eq!(course.at(at(3)).0, 3_000);
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
