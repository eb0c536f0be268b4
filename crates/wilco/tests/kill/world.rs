//! The world of one story: a double of Argo CD that outlives every bot, and a store that stays.

use std::path::PathBuf;
use std::process::id;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;
use wilco_core::port::Store;
use wilco_sim::argocd::{ArgoCd, EffectKind, Served, Timing};
use wilco_sim::clock::RealClock;

use crate::bot::Bot;
use crate::console::Console;
use crate::wait::until;

/// The store of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// A file.
    Sqlite,
    /// A fresh schema.
    Postgres,
}

/// How the double counts requests for a sync, whatever became of them.
const SYNC_ROUTE: &str = "POST /api/v1/applications/{name}/sync";

/// A rollout that one can watch in a second.
const QUICK: Timing = Timing {
    pickup_ms: 100,
    sync_ms: 400,
    reconcile_ms: 100,
    stale_ms: 100,
    rollout_ms: 400,
    terminate_ms: 100,
    auto_sync_ms: 3_000,
    retry_gap_ms: 500,
};

/// See the module.
pub(crate) struct World {
    /// The double.
    pub(crate) argo: ArgoCd,
    /// `sqlite:…` or `postgres://…`.
    pub(crate) store: String,
    served: Served,
    folder: PathBuf,
    options: Vec<String>,
    front: watch::Sender<String>,
    started: AtomicU32,
}

impl World {
    /// A world with the demo's applications and an empty store. Leases are short: a second is how
    /// long a dead worker's call stands still.
    pub(crate) async fn new(on: On) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("wilco-kill-{}-{}", id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let store = match on {
            On::Sqlite => format!("sqlite:{}", folder.join("wilco.db").display()),
            // Starting the server blocks.
            On::Postgres => {
                tokio::task::spawn_blocking(wilco_store::testing::postgres_url).await.unwrap()
            }
        };
        let argo = ArgoCd::new(RealClock);
        wilco_sim::demo::seed(&argo);
        argo.timing(QUICK);
        Self {
            served: argo.serve_local().await.unwrap(),
            argo,
            store,
            folder,
            options: vec!["--lease-secs=1".into()],
            front: watch::Sender::new(String::new()),
            started: AtomicU32::new(0),
        }
    }

    /// Rollouts take long enough that whoever looks every two seconds sees them.
    pub(crate) fn slower(self) -> Self {
        self.argo.timing(Timing { rollout_ms: 6_000, ..QUICK });
        self
    }

    /// With one more option of `wilco demo` for every process that is started.
    pub(crate) fn with(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    /// Starts a process without waiting for it.
    pub(crate) fn launch(&self) -> Bot {
        let mut args = vec![
            "demo".to_owned(),
            "--listen=127.0.0.1:0".to_owned(),
            format!("--store={}", self.store),
            format!("--argocd={}", self.served.url()),
        ];
        args.extend(self.options.iter().cloned());
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        Bot::start(&args, &self.log(number), self.front.clone())
    }

    /// Starts a process; returns when it listens.
    pub(crate) async fn start(&self) -> Bot {
        let bot = self.launch();
        bot.console.listens().await;
        bot
    }

    /// The console of whichever process was started last.
    pub(crate) fn front(&self) -> Console {
        Console::at(self.front.subscribe())
    }

    /// The store itself. On SQLite only while no process runs.
    pub(crate) async fn open_store(&self) -> Arc<dyn Store> {
        wilco_store::open(&self.store).await.unwrap()
    }

    /// What the processes said in their logs, one after the other.
    pub(crate) fn logs(&self) -> String {
        let numbers = 1..=self.started.load(Ordering::Relaxed);
        let text = |number| std::fs::read_to_string(self.log(number)).unwrap();
        numbers.map(text).collect::<Vec<_>>().join("--- next process\n")
    }

    /// Returns when the double holds back this many answers.
    pub(crate) async fn holds(&self, count: usize) {
        let what = format!("Argo CD holds back {count} answers");
        until(&what, async || (self.argo.held_count() == count).then_some(())).await;
    }

    /// How many requests for a sync were sent, whatever became of them.
    pub(crate) fn sync_requests(&self) -> u64 {
        self.argo.requests().get(SYNC_ROUTE).copied().unwrap_or(0)
    }

    /// Everything that a bot did to Argo CD, oldest first: the application, or the refusal.
    pub(crate) fn effects(&self) -> Vec<String> {
        let told = |effect: wilco_sim::argocd::Effect| match effect.kind {
            EffectKind::AutoSync | EffectKind::SignIn => None,
            EffectKind::Sync if !effect.dry_run => effect.app,
            other => {
                Some(format!("{other:?} {}: {}", effect.app.unwrap_or_default(), effect.reason))
            }
        };
        self.argo.ledger().into_iter().filter_map(told).collect()
    }

    fn log(&self, number: u32) -> PathBuf {
        self.folder.join(format!("log-{number}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("effects: {:?}, sync requests: {}", self.effects(), self.sync_requests());
            println!("{}", self.logs());
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
