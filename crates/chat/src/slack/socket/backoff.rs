//! How long is waited before a socket is opened again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(1);
/// A socket that was open for so long had no trouble.
pub(super) const STEADY: Duration = Duration::from_mins(1);

/// Two seconds, eight, half a minute, then a minute each: Slack wants about one new socket a minute (Tier 1), and
/// forgives a few.
#[derive(Debug, Default)]
pub(super) struct Backoff(u32);

impl Backoff {
    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(4_u32.saturating_pow(self.0)).min(LONGEST);
        self.0 = self.0.saturating_add(1);
        wait
    }

    /// All is well again.
    pub(super) fn reset(&mut self) {
        self.0 = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..8).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(waits, [2, 8, 32, 60, 60, 60, 60, 60]);
        for _ in 0..100 {
            assert_eq!(backoff.next().as_secs(), 60);
        }
        backoff.reset();
        assert_eq!(backoff.next().as_secs(), 2);
    }
}
