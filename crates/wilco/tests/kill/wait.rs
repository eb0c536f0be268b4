//! Waiting: for a condition, with a deadline. The only place of these tests where time passes.

use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(15);
/// Longer than all leases, timeouts and courses of a story together, on a machine that is busy.
const DEADLINE: Duration = Duration::from_secs(90);

/// Looks again and again until there is something to see.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let seen = tokio::time::timeout(DEADLINE, looking).await;
    seen.unwrap_or_else(|_| panic!("waited {} s in vain until {what}", DEADLINE.as_secs()))
}

/// A random moment is a time and no condition: nothing else may wait like this.
pub(crate) async fn moment(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
