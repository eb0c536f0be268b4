//! When a method may be called again.
//!
//! Slack counts by method, and posts also by channel: about one message a second in each, with short bursts above
//! that, and it never says where the border is before it is crossed. Therefore calls go out as they come until Slack says
//! 429; from then on a method (in that channel) is left alone for `Retry-After`, and called at its steady rate for a
//! while. Nobody waits here: who comes too early is told for how long, so that one slow channel delays no other.
//!
//! Source: "Rate limits" of Slack's documentation; SLACK-14.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use wilco_core::time::Timestamp;

/// For so long after a 429 the steady rate is kept.
const STRAINED_MS: i64 = 60_000;

/// The keys that are remembered; far more channels than ever are in trouble at once.
const MOST: usize = 4_096;

/// What is counted together: a method, in one channel or in all.
pub(crate) type Key = (&'static str, String);

/// Who may call when.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<HashMap<Key, Strain>>);

/// A method that was rate limited not long ago.
#[derive(Debug, Clone, Copy)]
struct Strain {
    /// Not before this moment.
    free_at: i64,
    /// Back to normal at this one.
    until: i64,
}

impl Pace {
    /// Whether a call may go out now; else for how many milliseconds it must not. `every_ms` is how far apart calls are
    /// at the steady rate.
    pub(crate) fn may_go(&self, key: &Key, every_ms: i64, now: Timestamp) -> Result<(), u64> {
        let mut strains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(strain) = strains.get_mut(key) else { return Ok(()) };
        if now.0 >= strain.until {
            strains.remove(key);
            return Ok(());
        }
        if now.0 < strain.free_at {
            return Err(strain.free_at.abs_diff(now.0));
        }
        strain.free_at = now.0.saturating_add(every_ms);
        Ok(())
    }

    /// Slack said 429.
    pub(crate) fn limited(&self, key: Key, after_ms: u64, now: Timestamp) {
        let after_ms = i64::try_from(after_ms).unwrap_or(i64::MAX);
        let free_at = now.0.saturating_add(after_ms);
        let strain = Strain { free_at, until: free_at.saturating_add(STRAINED_MS) };
        let mut strains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if strains.len() >= MOST {
            strains.retain(|_, strain| now.0 < strain.until);
        }
        strains.insert(key, strain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(channel: &str) -> Key {
        ("chat.postMessage", channel.to_owned())
    }

    #[test]
    fn slack_14_after_a_429_one_channel_waits_and_the_others_do_not() {
        let (pace, start) = (Pace::default(), Timestamp(1_000_000));
        assert_eq!(pace.may_go(&key("C1"), 1_000, start), Ok(()));
        pace.limited(key("C1"), 3_000, start);
        assert_eq!(pace.may_go(&key("C1"), 1_000, start), Err(3_000));
        assert_eq!(pace.may_go(&key("C1"), 1_000, Timestamp(start.0 + 2_999)), Err(1));
        assert_eq!(pace.may_go(&key("C2"), 1_000, start), Ok(()));
    }

    #[test]
    fn slack_14_afterwards_the_steady_rate_is_kept_for_a_minute() {
        let (pace, start) = (Pace::default(), Timestamp(1_000_000));
        pace.limited(key("C1"), 3_000, start);
        let at = |ms| Timestamp(start.0 + ms);
        assert_eq!(pace.may_go(&key("C1"), 1_000, at(3_000)), Ok(()));
        assert_eq!(pace.may_go(&key("C1"), 1_000, at(3_001)), Err(999));
        assert_eq!(pace.may_go(&key("C1"), 1_000, at(4_000)), Ok(()));
        assert_eq!(pace.may_go(&key("C1"), 1_000, at(63_000)), Ok(()));
        assert_eq!(pace.may_go(&key("C1"), 1_000, at(63_001)), Ok(()));
    }
}
