//! Starts the workers of one engine and holds them.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Instant;

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::context::Settings;
use wilco_core::dialog::State;
use wilco_core::entity::{Entity, EntityKey, EntityKind};
use wilco_core::event::Event;
use wilco_core::handle;
use wilco_core::port::{Adapter, CommitFault, Connector, Store, StoreFault, Unit, Work};
use wilco_core::runbook::Catalog;

use crate::activity::{Activity, Bells};
use crate::clock::{Clock, instant};
use crate::current::Current;
use crate::inbox::{Inbox, stored};
use crate::load::read;
use crate::quiet::NextDue;
use crate::shared::{Definitions, Handler, Shared};
use crate::taken::{AtWork, Hands};
use crate::threads::Threads;
use crate::timing::Timing;
use crate::{calls, dispatch, hints, outbox, prune, pulse, timers};

/// What an engine is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// No other process writes this store while the engine runs (SQLite). Lets the filter remember
    /// which threads are unknown.
    pub exclusive: bool,
    /// The tools, and [`crate::Builtin`].
    pub connectors: Vec<Arc<dyn Connector>>,
    /// The chat platforms.
    pub adapters: Vec<Arc<dyn Adapter>>,
    /// The configuration; may be replaced while the engine runs.
    pub settings: Current<Settings>,
    /// The runbooks; to be replaced through [`EngineHandle::reload_catalog`].
    pub catalog: Current<Catalog>,
    /// Parses stored definitions that the catalog no longer holds.
    pub definitions: Definitions,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// The numbers.
    pub timing: Timing,
    /// Core's handler; a test may put another one in its place.
    pub handler: Handler,
}

impl Parts {
    /// Core's own handler.
    #[must_use]
    pub fn core_handler() -> Handler {
        Arc::new(handle::handle)
    }
}

/// The engine; see [`Engine::start`].
#[derive(Debug)]
pub struct Engine;

/// A running engine. Dropping it is a crash: everything it does ends at the next `await`.
pub struct EngineHandle {
    workers: JoinSet<()>,
    shared: Arc<Shared>,
    alive: Arc<AtomicUsize>,
    broken: Broken,
    released: mpsc::Receiver<()>,
}

/// A look at a running engine that does not keep it alive.
#[derive(Clone)]
pub struct EngineView {
    shared: Weak<Shared>,
    alive: Arc<AtomicUsize>,
    broken: Broken,
    probe: Arc<Mutex<Option<Probe>>>,
}

/// The first worker that panicked, if one did.
type Broken = Arc<watch::Sender<Option<&'static str>>>;

/// What the store last said to a sign of life, and when it was asked.
type Probe = (Instant, Result<(), StoreFault>);

/// Counts the workers that live.
struct Worker(Arc<AtomicUsize>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Inbox dispatch, calls, outbox, timers, hints, pruning, pulse and listener.
const WORKERS: usize = 8;

impl Engine {
    /// Starts. Events may be received at once; timers fire after [`EngineHandle::caught_up`] or
    /// after a bound.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn start(parts: Parts) -> Result<EngineHandle, StoreFault> {
        let (alive_until, released) = mpsc::channel(1);
        let (hands, handed_sends, handed_calls) = Hands::new();
        let calls_at_once = parts.timing.calls_at_once;
        let shared = Arc::new(Shared {
            store: parts.store,
            clock: parts.clock,
            timing: parts.timing,
            settings: parts.settings,
            catalog: parts.catalog,
            connectors: parts
                .connectors
                .into_iter()
                .map(|connector| (connector.name().to_owned(), connector))
                .collect(),
            adapters: parts
                .adapters
                .into_iter()
                .map(|adapter| (adapter.name().clone(), adapter))
                .collect(),
            handler: parts.handler,
            definitions: parts.definitions,
            pinned: Mutex::new(HashMap::new()),
            threads: Threads::new(parts.exclusive),
            activity: Arc::new(Activity::default()),
            bells: Bells::new(),
            calls: AtWork::new(calls_at_once),
            sends: AtWork::new(outbox::CLAIMED),
            stopping: watch::Sender::new(false),
            caught_up: watch::Sender::new(false),
            _alive: alive_until,
        });
        pulse::follow(&shared).await;
        tell_orphans(&shared).await?;
        let alive = Arc::new(AtomicUsize::new(WORKERS));
        let broken: Broken = Arc::new(watch::Sender::new(None));
        let mut workers = JoinSet::new();
        let mut begin = |name, work: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
            let (worker, broken) = (Worker(Arc::clone(&alive)), Arc::clone(&broken));
            workers.spawn(async move {
                let _worker = worker;
                if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                    metrics::counter!("wilco_worker_panics_total", "worker" => name).increment(1);
                    tracing::error!(worker = name, "a worker panicked; this process has to end");
                    broken.send_if_modified(|broken| broken.replace(name).is_none());
                }
            });
        };
        begin("dispatch", Box::pin(dispatch::run(Arc::clone(&shared), hands)));
        begin("calls", Box::pin(calls::run(Arc::clone(&shared), handed_calls)));
        begin("outbox", Box::pin(outbox::run(Arc::clone(&shared), handed_sends)));
        begin("timers", Box::pin(timers::run(Arc::clone(&shared))));
        begin("hints", Box::pin(hints::run(Arc::clone(&shared))));
        begin("prune", Box::pin(prune::run(Arc::clone(&shared))));
        begin("pulse", Box::pin(pulse::run(Arc::clone(&shared))));
        begin("listener", Box::pin(pulse::listen(Arc::clone(&shared))));
        Ok(EngineHandle { workers, shared, alive, broken, released })
    }
}

impl EngineHandle {
    /// The way in, for adapters.
    #[must_use]
    pub fn inbox(&self) -> Inbox {
        Inbox(Arc::downgrade(&self.shared))
    }

    /// A look at this engine, for health and metrics.
    #[must_use]
    pub fn view(&self) -> EngineView {
        EngineView {
            shared: Arc::downgrade(&self.shared),
            alive: Arc::clone(&self.alive),
            broken: Arc::clone(&self.broken),
            probe: Arc::default(),
        }
    }

    /// All adapters have handed in what was said while nobody ran: timers may fire.
    pub fn caught_up(&self) {
        self.shared.caught_up.send_replace(true);
    }

    /// Exact: inbox empty, no call or send due or in flight, no timer due.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn is_quiet(&self) -> Result<bool, StoreFault> {
        self.shared.is_quiet(0).await
    }

    /// Returns when [`EngineHandle::is_quiet`] holds.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn quiet(&self) -> Result<(), StoreFault> {
        self.shared.quiet(0).await
    }

    /// Returns when all is quiet but for exactly `held` calls in flight, whose answers a test holds
    /// back until a later moment of its clock.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn quiet_but(&self, held: usize) -> Result<(), StoreFault> {
        self.shared.quiet(held).await
    }

    /// When something becomes due by itself.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn next_due(&self) -> Result<NextDue, StoreFault> {
        self.shared.next_due().await
    }

    /// How many calls are in flight.
    #[must_use]
    pub fn calls_in_flight(&self) -> usize {
        self.shared.calls.len()
    }

    /// Replaces the catalog: on record, and told to every dialog and run whose runbook is gone.
    ///
    /// # Errors
    /// The store failed; the new catalog counts all the same, and whoever was not told is told at
    /// the next start.
    pub async fn reload_catalog(&self, new: Catalog) -> Result<(), StoreFault> {
        let runbooks = new.iter().count();
        self.shared.catalog.set(new);
        record(&self.shared, Fact::CatalogReloaded { runbooks }).await?;
        tell_orphans(&self.shared).await
    }

    /// A reload was broken: the old catalog stays, and that is put on record.
    ///
    /// # Errors
    /// The store failed.
    pub async fn keep_catalog(&self, problem: String) -> Result<(), StoreFault> {
        tracing::error!(problem, "the catalog was not loaded again; the old one stays");
        record(&self.shared, Fact::CatalogKept { problem }).await
    }

    /// Stops gracefully: nothing new is begun, what is in flight may finish within
    /// [`Timing::stop_within`]. What does not is taken up by whoever starts next.
    pub async fn stop(mut self) {
        self.shared.stopping.send_replace(true);
        // Pulse and listener never end by themselves.
        let working = async {
            while self.workers.len() > 2 {
                self.workers.join_next().await;
            }
        };
        if tokio::time::timeout(self.shared.timing.stop_within, working).await.is_err() {
            tracing::warn!("not everything was over in time; the next start goes on with it");
        }
        self.crash().await;
    }

    /// Ends everything at the next `await`, and returns when nothing of this engine is left and its
    /// store is released. What was in flight is as after a crash.
    pub async fn crash(self) {
        let Self { mut workers, shared, mut released, .. } = self;
        shared.stopping.send_replace(true);
        workers.shutdown().await;
        drop(shared);
        // Ends when the last holder is gone.
        released.recv().await;
    }
}

impl EngineView {
    /// Whether all workers live.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.alive.load(Ordering::SeqCst) == WORKERS
            && self.broke().is_none()
            && self.shared.upgrade().is_some_and(|shared| !shared.is_stopping())
    }

    /// Returns when a worker panicked, with its name. Nothing is lost, but the engine does not heal
    /// itself: the process has to end, so that whoever supervises it starts a new one.
    pub async fn broken(&self) -> &'static str {
        let mut broken = self.broken.subscribe();
        let name = broken.wait_for(Option::is_some).await.ok().and_then(|broken| *broken);
        match name {
            Some(name) => name,
            // The sender lives as long as this view.
            None => std::future::pending().await,
        }
    }

    /// The worker that panicked, if one did.
    #[must_use]
    pub fn broke(&self) -> Option<&'static str> {
        *self.broken.borrow()
    }

    /// A sign of life of the store, which writes; at most one per [`Timing::probe_every`], however often
    /// is asked.
    ///
    /// # Errors
    /// The store failed, or the engine has ended.
    pub async fn ping(&self) -> Result<(), StoreFault> {
        let shared = self.shared()?;
        let known = || self.probe.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, said)) = &*known()
            && at.elapsed() < shared.timing.probe_every
        {
            return said.clone();
        }
        let asked = instant();
        let said = shared.store.ping().await;
        *known() = Some((asked, said.clone()));
        said
    }

    /// How much there is to do.
    ///
    /// # Errors
    /// The store failed, or the engine has ended.
    pub async fn work(&self) -> Result<Work, StoreFault> {
        let shared = self.shared()?;
        shared.store.work(shared.now()).await
    }

    /// Calls and messages in flight in this process.
    #[must_use]
    pub fn in_flight(&self) -> (usize, usize) {
        self.shared.upgrade().map_or((0, 0), |shared| (shared.calls.len(), shared.sends.len()))
    }

    fn shared(&self) -> Result<Arc<Shared>, StoreFault> {
        self.shared.upgrade().ok_or_else(|| StoreFault("the engine has stopped".into()))
    }
}

/// Puts one fact on record.
async fn record(shared: &Shared, what: Fact) -> Result<(), StoreFault> {
    let now = shared.now();
    let audits = vec![AuditRecord { at: now, who: None, what }];
    match dispatch::commit(shared, None, Unit { audits, now, ..Unit::default() }).await {
        Ok(()) => Ok(()),
        Err(CommitFault::Conflict | CommitFault::NotNext) => {
            Err(StoreFault("a unit that reads nothing conflicts".into()))
        }
        Err(CommitFault::Store(fault)) => Err(fault),
    }
}

/// Tells every live dialog and run whose runbook the catalog no longer holds. Also at the start: a
/// runbook may have been removed while nobody ran.
async fn tell_orphans(shared: &Shared) -> Result<(), StoreFault> {
    let catalog = shared.catalog.get();
    let now = shared.now();
    let mut events = Vec::new();
    for kind in [EntityKind::Dialog, EntityKind::Run] {
        for row in shared.store.load_live(kind).await? {
            let entity = match read(&row) {
                Ok(entity) => entity,
                Err(unreadable) => {
                    record(shared, unreadable.tell()).await?;
                    continue;
                }
            };
            let gone = match &entity {
                Entity::Dialog(dialog) => match &dialog.state {
                    State::Filling(filling) => catalog.by_name(&filling.name).is_none(),
                    State::Menu { .. } => false,
                },
                Entity::Run(run) => catalog.by_name(&run.name).is_none(),
                Entity::Lock(_) | Entity::Withdrawal(_) => false,
            };
            if gone {
                let owner: EntityKey = entity.key();
                // The version makes the telling new once the entity has changed.
                let key = format!("catalog {} {} {owner}", now.0, row.version);
                events.push(stored(key, &Event::CatalogChanged { owner }, None));
            }
        }
    }
    if !events.is_empty() {
        shared.store_events(events).await?;
    }
    Ok(())
}
