//! Who is at work right now, so that "quiet" can be told exactly, and how workers are woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use tokio::sync::Notify;
use wilco_core::time::Timestamp;

/// Counts sections of work that are going on in this process.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    working: AtomicU64,
    /// Goes up whenever a section begins or ends, so that a reader sees that nothing happened
    /// between two looks.
    changes: AtomicU64,
    ended: Notify,
}

/// Work goes on until this is dropped, whatever the reason.
#[derive(Debug)]
pub(crate) struct Section(Arc<Activity>);

impl Activity {
    /// Begins a section. It must begin before the store is touched and end after.
    pub(crate) fn enter(self: &Arc<Self>) -> Section {
        self.working.fetch_add(1, Ordering::SeqCst);
        self.changes.fetch_add(1, Ordering::SeqCst);
        Section(Arc::clone(self))
    }

    /// Sections that go on.
    pub(crate) fn working(&self) -> u64 {
        self.working.load(Ordering::SeqCst)
    }

    /// See the field.
    pub(crate) fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Returns when some section ends after this future was enabled.
    pub(crate) fn ended(&self) -> tokio::sync::futures::Notified<'_> {
        self.ended.notified()
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        self.0.changes.fetch_add(1, Ordering::SeqCst);
        self.0.working.fetch_sub(1, Ordering::SeqCst);
        self.0.ended.notify_waiters();
    }
}

/// One bell per worker. A bell that rings while its worker is busy is heard afterwards.
#[derive(Debug)]
pub(crate) struct Bells {
    /// Events came in.
    pub(crate) dispatch: Notify,
    /// Queries or operations were stored.
    pub(crate) calls: Notify,
    /// Messages were stored.
    pub(crate) outbox: Notify,
    /// The next timer is earlier than was thought.
    pub(crate) timers: Notify,
    /// Something waits for a moment that the pulse does not know yet.
    pub(crate) pulse: Notify,
    next_timer: AtomicI64,
}

impl Bells {
    pub(crate) fn new() -> Self {
        Self {
            dispatch: Notify::new(),
            calls: Notify::new(),
            outbox: Notify::new(),
            timers: Notify::new(),
            pulse: Notify::new(),
            next_timer: AtomicI64::new(i64::MIN),
        }
    }

    /// A timer was set. Rings only when it is due before the one that is waited for: most timers of
    /// dialogs are not.
    pub(crate) fn timer_set(&self, due: Timestamp) {
        if due.0 < self.next_timer.load(Ordering::SeqCst) {
            self.timers.notify_one();
        }
    }

    /// The timer worker is about to read the timers: until it says what it waits for, every new
    /// timer rings.
    pub(crate) fn timers_unknown(&self) {
        self.next_timer.store(i64::MAX, Ordering::SeqCst);
    }

    /// The timer worker waits for this moment, or for any timer at all. Does not hide a ring that
    /// came between reading and waiting: the bell keeps it.
    pub(crate) fn timers_wait_for(&self, due: Option<Timestamp>) {
        self.next_timer.store(due.map_or(i64::MAX, |due| due.0), Ordering::SeqCst);
    }
}
