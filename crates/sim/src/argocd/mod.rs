//! The double of Argo CD.
//!
//! # The life of a sync
//!
//! 1. `POST …/sync` passes [`gate`](self): it is counted, a fault may catch it, its content type is
//!    checked.
//! 2. `routes::sync` checks rights, windows, revision and the one-operation rule in the order of
//!    the real server.
//! 3. `App::start` sets `operation`, clears `operationState` and plans everything that will follow,
//!    each change with its time.
//! 4. The effect goes into the ledger; the answer goes out at once ("queued").
//! 5. Every later request first applies the changes that are due (`App::advance`), then answers
//!    from the state.
//!
//! [`ArgoCd`] is the handle: cheap to clone, usable while it is being served.

mod accounts;
mod app;
mod chart;
mod course;
mod errors;
mod faults;
mod fields;
mod gate;
mod hook;
mod ledger;
mod log;
mod manifest;
mod object;
mod pod;
pub mod query;
mod rollout;
mod routes;
mod selector;
mod spec;
mod streams;
mod timeline;
mod traps;
mod wire;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use crate::serve::Served;
pub use accounts::Account;
pub use course::{Health, Outcome, Timing, Window};
pub use faults::{Fault, FaultKind};
pub use ledger::{Effect, EffectKind, Info};
pub use log::Logged;
pub use object::{Container, Object};
pub use spec::{AppSpec, Release, Source, Takes};
pub use traps::Traps;
pub use world::NewCommit;

use crate::clock::Clock;
use accounts::Accounts;
use app::App;
use faults::Faults;
use streams::{Order, Streams};
use timeline::World;

/// The account that every new double has, with every right.
pub const DEFAULT_ACCOUNT: &str = "chatops";
/// Its password.
pub const DEFAULT_PASSWORD: &str = "chatops-password";
/// Its API token.
pub const DEFAULT_TOKEN: &str = "chatops-token";

/// Name, then namespace: the list is sorted by name (ARGO-9).
type AppKey = (String, String);

/// Everything that a request can see or change.
struct State {
    apps: BTreeMap<AppKey, App>,
    accounts: Accounts,
    faults: Faults,
    world: World,
    requests: BTreeMap<String, u64>,
    passed_over: BTreeSet<String>,
}

struct Inner {
    clock: Box<dyn Clock>,
    state: Mutex<State>,
    held: Mutex<BTreeMap<u64, i64>>,
    streams: Streams,
}

/// A stateful double of Argo CD. Clones share one state.
#[derive(Clone)]
pub struct ArgoCd(Arc<Inner>);

impl fmt::Debug for ArgoCd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArgoCd").field("now_ms", &self.now_ms()).finish_non_exhaustive()
    }
}

#[expect(
    clippy::must_use_candidate,
    reason = "the handle is returned for chaining, which is optional"
)]
impl ArgoCd {
    /// A double without applications, with the account [`DEFAULT_ACCOUNT`].
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        let mut accounts = Accounts::default();
        let account = Account::new(DEFAULT_ACCOUNT).password(DEFAULT_PASSWORD);
        accounts.put(account.token(DEFAULT_TOKEN));
        let state = State {
            apps: BTreeMap::new(),
            accounts,
            faults: Faults::default(),
            world: World::default(),
            requests: BTreeMap::new(),
            passed_over: BTreeSet::new(),
        };
        Self(Arc::new(Inner {
            clock: Box::new(clock),
            state: Mutex::new(state),
            held: Mutex::default(),
            streams: Streams::default(),
        }))
    }

    /// Listens on `addr` (port 0 takes a free one) until the returned [`Served`] is shut down or
    /// dropped.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn serve(&self, addr: impl Into<SocketAddr>) -> io::Result<Served> {
        let inner = TcpListener::bind(addr.into()).await?;
        let addr = inner.local_addr()?;
        let all = CancellationToken::new();
        let listener = crate::serve::CuttableListener { inner, all: all.clone() };
        let app =
            routes::router(self.clone()).into_make_service_with_connect_info::<crate::serve::Cut>();
        let ended = all.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                _ = axum::serve(listener, app).into_future() => {}
                () = ended.cancelled() => {}
            }
        });
        Ok(Served::new(addr, all, task))
    }

    /// Listens on a free port of the loopback address.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn serve_local(&self) -> io::Result<Served> {
        self.serve(([127, 0, 0, 1], 0)).await
    }

    /// The double's time, in epoch milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// Adds an application, or replaces one of the same name and namespace.
    pub fn add(&self, spec: AppSpec) -> &Self {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        let state = &mut *state;
        let key = (spec.name.clone(), spec.namespace.clone());
        let mut app = App::new(spec, now_ms);
        app.consider_auto_sync(now_ms, &state.world);
        state.apps.insert(key, app);
        self
    }

    /// Adds or replaces an account; its sessions end (ARGO-4).
    pub fn account(&self, account: Account) -> &Self {
        self.lock().accounts.put(account);
        self
    }

    /// Ends all sessions of an account, as a changed password does.
    pub fn revoke_sessions(&self, account: &str) -> &Self {
        self.lock().accounts.revoke(account);
        self
    }

    /// Life of the session tokens issued from now on, in milliseconds (ARGO-1).
    pub fn token_life(&self, ms: i64) -> &Self {
        self.lock().accounts.token_life_ms = ms;
        self
    }

    /// Changes the trap switches.
    pub fn traps(&self, change: impl FnOnce(&mut Traps)) -> &Self {
        change(&mut self.lock().world.traps);
        self
    }

    /// The timing of all applications that have none of their own.
    pub fn timing(&self, timing: Timing) -> &Self {
        self.lock().world.timing = timing;
        self
    }

    /// Adds a fault.
    pub fn fault(&self, fault: Fault) -> &Self {
        self.lock().faults.push(fault);
        self
    }

    /// Removes all faults. Answers that are already held stay held.
    pub fn clear_faults(&self) -> &Self {
        self.lock().faults.clear();
        self
    }

    /// Everything that happened, oldest first.
    #[must_use]
    pub fn ledger(&self) -> Vec<Effect> {
        self.settle();
        let mut ledger = self.lock().world.ledger.clone();
        // What the controller did by itself is noted when somebody looks, at the time it happened.
        ledger.sort_by_key(|effect| effect.at_ms);
        ledger
    }

    /// The accepted syncs of one application, dry runs not counted.
    #[must_use]
    pub fn syncs_of(&self, app: &str) -> Vec<Effect> {
        let of_app = |e: &Effect| e.kind == EffectKind::Sync && e.app.as_deref() == Some(app);
        self.ledger().into_iter().filter(|e| of_app(e) && !e.dry_run).collect()
    }

    /// How many requests arrived per method and route, for example `GET
    /// /api/v1/applications/{name}`. Requests that a fault caught are counted too.
    #[must_use]
    pub fn requests(&self) -> BTreeMap<String, u64> {
        self.lock().requests.clone()
    }

    /// Names in queries that no route reads there, for example `GET /api/v1/applications: nmae`. Argo CD
    /// passes over them without a word.
    #[must_use]
    pub fn passed_over(&self) -> BTreeSet<String> {
        self.lock().passed_over.clone()
    }

    /// The earliest time at which a held answer will go out: where a driver of virtual time must
    /// jump to.
    #[must_use]
    pub fn held_until(&self) -> Option<i64> {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.values().min().copied().filter(|at_ms| *at_ms != NEVER)
    }

    /// How many answers are held, for ever too.
    #[must_use]
    pub fn held_count(&self) -> usize {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// When the next planned change of any application is due, in epoch milliseconds.
    #[must_use]
    pub fn next_change_ms(&self) -> Option<i64> {
        self.settle();
        let state = self.lock();
        state.apps.values().filter_map(|app| app.pending.keys().next().map(|key| key.0)).min()
    }

    /// When the last planned change of each application was or will be, in epoch milliseconds, by name;
    /// those without any are missing.
    #[must_use]
    pub fn last_change_ms(&self) -> BTreeMap<String, i64> {
        let state = self.lock();
        let last = |app: &App| app.pending.keys().next_back().map(|key| key.0);
        let named =
            state.apps.values().filter_map(|app| Some((app.view.spec.name.clone(), last(app)?)));
        named.collect()
    }

    /// How many streams of changes are open.
    #[must_use]
    pub fn streams(&self) -> usize {
        self.0.streams.count()
    }

    /// How many changes the streams that are open have shown.
    #[must_use]
    pub fn streamed(&self) -> u64 {
        self.0.streams.changes()
    }

    /// Whether every open stream has shown what changed until this time, in epoch milliseconds.
    #[must_use]
    pub fn has_streamed_until(&self, at_ms: i64) -> bool {
        self.0.streams.have_shown(at_ms)
    }

    /// Ends all open streams without a word (ARGO-43).
    pub fn cut_streams(&self) -> &Self {
        self.0.streams.order(Order::Cut);
        self
    }

    /// Ends all open streams with an error in the place of a change (ARGO-41).
    pub fn fail_streams(&self, message: &str) -> &Self {
        self.0.streams.order(Order::Error(message.to_owned()));
        self
    }

    /// Sends the empty comment of newer servers into all open streams.
    pub fn beat_streams(&self) -> &Self {
        self.0.streams.order(Order::Beat);
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies everything that is due, for all applications.
    fn settle(&self) {
        let now_ms = self.now_ms();
        let mut state = self.lock();
        let state = &mut *state;
        for app in state.apps.values_mut() {
            app.advance(now_ms, &mut state.world);
        }
    }

    fn passed(&self, method: &str, route: &str, names: &BTreeSet<String>) {
        let told = names.iter().map(|name| format!("{method} {route}: {name}"));
        self.lock().passed_over.extend(told);
    }

    /// Counts a request and says which fault catches it.
    fn arrived(&self, method: &str, route: &str, path: &str) -> Option<FaultKind> {
        let mut state = self.lock();
        *state.requests.entry(format!("{method} {route}")).or_default() += 1;
        state.faults.take(method, path)
    }

    fn renewal(&self, token: &str) -> Option<String> {
        let now_ms = self.now_ms();
        self.lock().accounts.renewal(token, now_ms)
    }

    /// Waits for a time of the clock, visible in [`ArgoCd::held_until`] meanwhile.
    async fn hold_until(&self, at_ms: i64) {
        let held = Held::new(self, at_ms);
        self.0.clock.sleep_until(at_ms).await;
        drop(held);
    }

    /// Never answers; counted in [`ArgoCd::held_count`] until the caller hangs up.
    async fn hold_for_ever(&self) -> ! {
        let _held = Held::new(self, NEVER);
        std::future::pending().await
    }
}

/// The time of an answer that never goes out.
const NEVER: i64 = i64::MAX;

/// One held answer; it is forgotten when the caller hangs up too.
struct Held {
    argo: ArgoCd,
    id: u64,
}

impl Held {
    fn new(argo: &ArgoCd, at_ms: i64) -> Self {
        let mut held = argo.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let id = held.keys().next_back().map_or(0, |last| last + 1);
        held.insert(id, at_ms);
        drop(held);
        Self { argo: argo.clone(), id }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.argo.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&self.id);
    }
}
