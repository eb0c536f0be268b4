//! The numbers of the engine, in one place, so that tests can shorten them.

use std::time::Duration;

/// How long things may take, and how many go on at once.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The longest that one query, look or operation may take in all; then it is timed out. Longer
    /// than the timeout of any single HTTP request of a connector.
    pub call_limit: Duration,
    /// How long a claimed call belongs to its worker, and so the last moment at which an operation
    /// may still be sent. It is renewed while the call goes on, therefore it may be shorter than
    /// [`Timing::call_limit`]; it bounds how long a call stands still after a crash.
    pub call_lease: Duration,
    /// How many calls go on at once. Tools feel this number.
    pub calls_at_once: usize,
    /// How long an operation that may have happened is looked for while the tool cannot be asked;
    /// then it is *unknown*.
    pub look_for: Duration,
    /// How long until the next look.
    pub look_again: Duration,
    /// The longest that one send to a chat platform may take.
    pub send_limit: Duration,
    /// How long after a send the platform may still not show it.
    pub send_visible_after: Duration,
    /// See [`Timing::call_lease`], for messages.
    pub send_lease: Duration,
    /// How many messages are on their way at once, per adapter.
    pub sends_at_once: usize,
    /// How long a message to an adapter that does not exist waits before it is tried again.
    pub adapter_missing: Duration,
    /// How many lanes are handled at once. More than the people who type in the same instant, few
    /// enough to keep the memory of loaded entities small.
    pub lanes_at_once: usize,
    /// How many events are fetched from the inbox at once.
    pub batch: usize,
    /// An event on which the store failed so often in a row, for at least [`Timing::poison_after`],
    /// and took another write each time right afterwards, is set aside.
    pub poison_tries: u32,
    /// See [`Timing::poison_tries`]; in real time.
    pub poison_after: Duration,
    /// How long what is over is kept: the keys of events, messages, calls. Longer than any platform
    /// delivers an event again. Audit records and runs are kept for ever.
    pub keep: Duration,
    /// How often is looked for what is older, on the engine's clock.
    pub prune_every: Duration,
    /// How many rows of each kind are deleted in one transaction.
    pub prune_batch: usize,
    /// How old a sign of life of the store may be, in real time.
    pub probe_every: Duration,
    /// How often the store's clock is read, or noted in the store how far time has come, in real time.
    pub clock_every: Duration,
    /// How often is looked for work that no wake-up announced, in real time.
    pub poll: Duration,
    /// How long timers wait after start-up for adapters to catch up, in real time.
    pub catch_up: Duration,
    /// How long a graceful stop waits for what is in flight, in real time.
    pub stop_within: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            call_limit: Duration::from_mins(1),
            call_lease: Duration::from_secs(30),
            calls_at_once: 32,
            look_for: Duration::from_mins(10),
            look_again: Duration::from_secs(5),
            send_limit: Duration::from_secs(10),
            send_visible_after: Duration::from_secs(2),
            send_lease: Duration::from_secs(15),
            sends_at_once: 32,
            adapter_missing: Duration::from_mins(5),
            lanes_at_once: 64,
            batch: 256,
            poison_tries: 20,
            poison_after: Duration::from_mins(5),
            keep: Duration::from_hours(30 * 24),
            prune_every: Duration::from_hours(1),
            prune_batch: 500,
            probe_every: Duration::from_secs(5),
            clock_every: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            catch_up: Duration::from_secs(10),
            stop_within: Duration::from_secs(5),
        }
    }
}
