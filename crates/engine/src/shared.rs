//! What all workers of one engine share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};
use wilco_core::context::{Context, Settings};
use wilco_core::event::Event;
use wilco_core::ids::{AdapterName, DefinitionHash, RunId};
use wilco_core::port::{Adapter, Connector, Store};
use wilco_core::runbook::{Catalog, Runbook};
use wilco_core::time::Timestamp;
use wilco_core::world::{Outcome, World};

use crate::activity::{Activity, Bells};
use crate::clock::Clock;
use crate::current::Current;
use crate::taken::AtWork;
use crate::threads::Threads;
use crate::timing::Timing;

/// One event in, effects out: `wilco_core::handle::handle`, or what a test puts in its place.
pub type Handler = Arc<dyn Fn(&Context, &World, &Event) -> Outcome + Send + Sync>;

/// Parses a stored definition; `None` when this version of Wilco can no longer read it.
pub type Definitions = Arc<dyn Fn(&DefinitionHash, &str) -> Option<Arc<Runbook>> + Send + Sync>;

/// Parsed definitions that the catalog no longer holds.
type Pinned = HashMap<DefinitionHash, Option<Arc<Runbook>>>;

/// What all workers of one engine share. The order of the fields matters: `alive` goes last, so that
/// whoever waits for it finds everything else released.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timing: Timing,
    pub(crate) settings: Current<Settings>,
    pub(crate) catalog: Current<Catalog>,
    pub(crate) connectors: HashMap<String, Arc<dyn Connector>>,
    pub(crate) adapters: HashMap<AdapterName, Arc<dyn Adapter>>,
    pub(crate) handler: Handler,
    pub(crate) definitions: Definitions,
    pub(crate) pinned: Mutex<Pinned>,
    pub(crate) threads: Threads,
    pub(crate) activity: Arc<Activity>,
    pub(crate) bells: Bells,
    pub(crate) calls: AtWork,
    pub(crate) sends: AtWork,
    /// Nothing new is begun once this is true.
    pub(crate) stopping: watch::Sender<bool>,
    /// Timers may fire once this is true.
    pub(crate) caught_up: watch::Sender<bool>,
    pub(crate) _alive: mpsc::Sender<()>,
}

impl Shared {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// A context without anything that belongs to one event.
    pub(crate) fn context(&self) -> Context {
        Context {
            now: self.now(),
            settings: self.settings.get(),
            catalog: self.catalog.get(),
            pinned: HashMap::new(),
            next_run: None::<RunId>,
        }
    }

    pub(crate) fn pinned(&self) -> std::sync::MutexGuard<'_, Pinned> {
        self.pinned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The word for an event in logs and metrics.
pub(crate) fn kind(event: &Event) -> &'static str {
    match event {
        Event::Message(_) => "message",
        Event::Press(_) => "press",
        Event::Posted { .. } => "posted",
        Event::Answered { .. } => "answered",
        Event::Settled { .. } => "settled",
        Event::Hindered { .. } => "hindered",
        Event::Hinted { .. } => "hinted",
        Event::TimerFired { .. } => "timer_fired",
        Event::LockGranted { .. } => "lock_granted",
        Event::CancelRun { .. } => "cancel_run",
        Event::Subscribe { .. } => "subscribe",
        Event::CatalogChanged { .. } => "catalog_changed",
    }
}
