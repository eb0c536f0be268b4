//! The streams that are open: how much each has shown, and what a test wants of all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

/// What happens to every open stream.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// It ends without a word, as a proxy ends what is idle (ARGO-43).
    Cut,
    /// It ends with an error in the place of a change (ARGO-41).
    Error(String),
    /// An empty comment, which keeps a connection alive.
    Beat,
}

/// All open streams of one double.
#[derive(Debug, Clone)]
pub(crate) struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Mutex<Open>,
    orders: broadcast::Sender<Order>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    all: BTreeMap<u64, Shown>,
}

/// What one stream has shown.
#[derive(Debug, Clone, Copy)]
struct Shown {
    /// All changes until this time.
    until_ms: i64,
    /// How many.
    changes: u64,
}

/// One open stream; it is forgotten when its caller hangs up.
#[derive(Debug)]
pub(crate) struct Ticket {
    streams: Streams,
    id: u64,
    orders: broadcast::Receiver<Order>,
}

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Inner { open: Mutex::default(), orders: broadcast::Sender::new(16) }))
    }
}

impl Streams {
    pub(crate) fn open(&self) -> Ticket {
        let mut open = self.lock();
        open.next += 1;
        let id = open.next;
        open.all.insert(id, Shown { until_ms: i64::MIN, changes: 0 });
        Ticket { streams: self.clone(), id, orders: self.0.orders.subscribe() }
    }

    pub(crate) fn order(&self, order: Order) {
        // Nobody listens when none is open.
        let _ = self.0.orders.send(order);
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().all.len()
    }

    /// How many changes the open streams have shown.
    pub(crate) fn changes(&self) -> u64 {
        self.lock().all.values().map(|shown| shown.changes).sum()
    }

    /// Whether every open stream has shown what changed until this time.
    pub(crate) fn have_shown(&self, until_ms: i64) -> bool {
        self.lock().all.values().all(|shown| shown.until_ms >= until_ms)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    /// So many changes go out now, all until this time.
    pub(crate) fn shown(&self, changes: usize, until_ms: i64) {
        if let Some(shown) = self.streams.lock().all.get_mut(&self.id) {
            shown.changes += changes as u64;
            shown.until_ms = until_ms;
        }
    }

    pub(crate) async fn order(&mut self) -> Order {
        match self.orders.recv().await {
            Ok(order) => order,
            // Too many at once, or the double is gone.
            Err(_) => Order::Cut,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.streams.lock().all.remove(&self.id);
    }
}
