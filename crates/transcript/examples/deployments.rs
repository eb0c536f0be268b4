//! How long many deployments, restarts or rollbacks at once take: people ask in chat, say yes to the read-back, and the
//! real engine on SQLite drives the real connector against the double of Argo CD over HTTP, all in
//! this process on the real clock.
//!
//! `cargo run --release -p wilco-transcript --example deployments -- [deploy|restart|rollback] [people] [seconds]`
//!
//! Each person asks for one application, in a thread of their own. With `seconds`, a deployment takes about so
//! long, and what is told is how often Argo CD was asked, and how soon it was noticed that it is healthy. `docs/benchmarks.md` has figures.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock itself and prints what it saw"
)]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use wilco_connectors::argocd::{ArgoCd as Connection, InstanceConfig, SignIn};
use wilco_core::audit::Fact;
use wilco_core::call::Finding;
use wilco_core::context::Settings;
use wilco_core::event::{Event, Incoming, Press};
use wilco_core::ids::{
    AdapterName, EnvironmentName, MessageId, MessageKey, PersonId, RoomId, TeamName, UserId,
};
use wilco_core::message::{Body, To};
use wilco_core::people::{Author, Directory, Person};
use wilco_core::place::Room;
use wilco_core::port::{Adapter, Connector, SendFault, Store};
use wilco_core::runbook::{Catalog, Known, embedded};
use wilco_core::target::{Environments, Pattern};
use wilco_core::time::Timestamp;
use wilco_core::token::{Choice, Token};
use wilco_engine::{
    ACTIONS, Builtin, Clock, Current, Engine, EngineHandle, Inbox, Parts, SystemClock, Timing,
};
use wilco_sim::argocd::{AppSpec, ArgoCd, DEFAULT_TOKEN, EffectKind};
use wilco_sim::clock::RealClock;
use wilco_store::SqliteStore;

/// What everybody asks for.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Deploy,
    Restart,
    Rollback,
}

impl Asked {
    fn of(word: &str) -> Result<Self, String> {
        match word {
            "deploy" => Ok(Self::Deploy),
            "restart" => Ok(Self::Restart),
            "rollback" => Ok(Self::Rollback),
            _ => Err(format!("`{word}` is none of deploy, restart, rollback")),
        }
    }

    /// The word of the chat, and of the line that is printed.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Deploy => ("deploy", "deployments"),
            Self::Restart => ("restart", "restarts"),
            Self::Rollback => ("rollback", "rollbacks"),
        }
    }

    /// An application that can be asked for it.
    fn app(self, name: &str) -> AppSpec {
        let app = AppSpec::new(name).env("stage");
        match self {
            Self::Deploy => app.image(name, "1.0.0", "1.1.0"),
            Self::Restart => app.image(name, "1.0.0", "1.0.0"),
            Self::Rollback => app.image(name, "1.1.0", "1.1.0").was("1.0.0", 0),
        }
    }

    /// What the double has on record when it was done.
    fn effect(self) -> EffectKind {
        match self {
            Self::Deploy => EffectKind::Sync,
            Self::Restart => EffectKind::Action,
            Self::Rollback => EffectKind::Rollback,
        }
    }
}

/// Short, so that what is measured is Wilco and not the double: one second of sync and rollout.
const COURSE: wilco_sim::argocd::Timing = wilco_sim::argocd::Timing {
    pickup_ms: 100,
    sync_ms: 500,
    reconcile_ms: 50,
    stale_ms: 50,
    rollout_ms: 300,
    terminate_ms: 100,
    auto_sync_ms: 100,
    retry_gap_ms: 100,
};

/// A deployment that takes about so long, as real ones do.
fn course(seconds: i64) -> wilco_sim::argocd::Timing {
    wilco_sim::argocd::Timing {
        pickup_ms: 1_000,
        sync_ms: seconds * 400,
        reconcile_ms: 2_000,
        stale_ms: 1_000,
        rollout_ms: seconds * 600 - 4_000,
        ..COURSE
    }
}

/// A platform on which everybody presses yes as soon as it is offered.
struct Crowd {
    name: AdapterName,
    clock: Arc<SystemClock>,
    inbox: OnceLock<Inbox>,
    /// How long each person waited for the read-back.
    asked: Mutex<Vec<Duration>>,
    begun: Instant,
}

impl Crowd {
    /// Presses yes, after the moment at which the message stands there.
    fn answer(&self, to: &To, body: &Body, stands_at: Timestamp) {
        let mut tokens = body.buttons.iter().map(|button| &button.token);
        let yes = tokens
            .find(|token| matches!(token, Token::Answer { choice, .. } if *choice == Choice::Yes));
        if let (Some(token), To::Thread(thread), Some(inbox)) = (yes, to, self.inbox.get()) {
            let waited = self.begun.elapsed();
            self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(waited);
            let press = Press {
                thread: thread.clone(),
                author: Author::User(UserId::new(format!("dev-{}", thread.root))),
                token: token.clone(),
                sent_at: stands_at + Duration::from_millis(1),
            };
            let (inbox, key) = (inbox.clone(), format!("yes {}", thread.root));
            tokio::spawn(async move { inbox.receive(Event::Press(press), key).await });
        }
    }
}

#[async_trait]
impl Adapter for Crowd {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        let at = self.clock.now();
        self.answer(to, body, at);
        Ok((MessageId::new(key.as_str()), at))
    }

    async fn update(&self, _message: &MessageId, to: &To, body: &Body) -> Result<(), SendFault> {
        self.answer(to, body, self.clock.now());
        Ok(())
    }

    async fn find(&self, _key: &MessageKey, _to: &To, _since: Timestamp) -> Finding {
        Finding::NotFound
    }
}

fn settings(people: usize) -> Settings {
    let everyone = (0..people).map(|number| {
        let id = format!("dev-{number}");
        let person = Person {
            id: PersonId::new(&id),
            name: id.clone(),
            teams: [TeamName::new("devops")].into_iter().collect(),
            language: None,
        };
        (person, vec![(AdapterName::new("crowd"), UserId::new(id))])
    });
    let teams = ["devops", "developers", "release-managers"].map(TeamName::new);
    let stage = (Pattern::new("*/*/*-stage"), EnvironmentName::new("stage"));
    Settings {
        directory: Directory::new(everyone, teams),
        environments: Environments::new(vec![stage]),
        ..Settings::default()
    }
}

fn asks(asked: Asked, number: usize, now: Timestamp) -> Incoming {
    Incoming {
        room: Room {
            adapter: AdapterName::new("crowd"),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        },
        thread: None,
        message: MessageId::new(number.to_string()),
        author: Author::User(UserId::new(format!("dev-{number}"))),
        text: format!("{} app-{number}-stage", asked.words().0),
        mentioned: true,
        direct: false,
        sent_at: now,
    }
}

/// What is on record of the runs: when each was there and when it ended.
#[derive(Default)]
struct Course {
    app: String,
    began: i64,
    ended: Option<i64>,
}

/// How the deployments went, one line.
async fn tell(
    store: &dyn Store,
    double: &ArgoCd,
    healthy_ms: &BTreeMap<String, i64>,
) -> Result<(), Box<dyn Error>> {
    let mut runs: BTreeMap<String, Course> = BTreeMap::new();
    for audit in store.audits(0, 1_000_000).await? {
        let at = audit.record.at.0;
        match audit.record.what {
            Fact::Intended { run, target, .. } => {
                let course = Course { app: target.name.clone(), began: at, ended: None };
                runs.entry(run.to_string()).or_insert(course);
            }
            Fact::RunEnded { run, .. } => {
                runs.entry(run.to_string()).or_default().ended = Some(at);
            }
            _ => {}
        }
    }
    let run_ms: i64 = runs.values().filter_map(|run| Some(run.ended? - run.began)).sum();
    let run_ms = u64::try_from(run_ms)?.max(1);
    let calls = double.requests().values().sum::<u64>();
    let healthy = |run: &Course| healthy_ms.get(&run.app).copied();
    let mut late: Vec<i64> =
        runs.values().filter_map(|run| Some(run.ended? - healthy(run)?)).collect();
    late.sort_unstable();
    println!(
        "following people={} calls={calls} calls_per_1000_run_s={} run_ms={} noticed_ms={} noticed_most_ms={}",
        runs.len(),
        calls * 1_000_000 / run_ms,
        run_ms / u64::try_from(runs.len())?.max(1),
        late.get(late.len() / 2).copied().unwrap_or_default(),
        late.last().copied().unwrap_or_default(),
    );
    Ok(())
}

/// How the runs ended, as far as they have.
async fn ends(store: &dyn Store) -> Result<Vec<String>, Box<dyn Error>> {
    let audits = store.audits(0, 100_000).await?;
    Ok(audits
        .into_iter()
        .filter_map(|audit| match audit.record.what {
            Fact::RunEnded { how, .. } => Some(how),
            _ => None,
        })
        .collect())
}

async fn start(
    store: Arc<dyn Store>,
    crowd: Arc<Crowd>,
    url: &str,
    settings: Settings,
) -> Result<EngineHandle, Box<dyn Error>> {
    let clock = Arc::clone(&crowd.clock);
    let actions = [("argocd", wilco_connectors::argocd::ACTIONS), ("wilco", ACTIONS)];
    let known = Known { actions: &actions, teams: settings.directory.teams(), adapters: None };
    let catalog = Catalog::build(embedded::SHIPPED.iter().copied(), &known)
        .map_err(|problems| format!("{problems:?}"))?;
    let sign_in = SignIn::Token(DEFAULT_TOKEN.to_owned().into());
    let now = Arc::clone(&clock);
    let instance = InstanceConfig::new("main", url, sign_in);
    let argocd = Connection::new(vec![instance], Arc::new(move || now.now()))?;
    let settings = Current::new(settings);
    let builtin =
        Builtin::new(Arc::clone(&store), Arc::clone(&clock) as _, settings.clone(), Vec::new());
    let connectors: Vec<Arc<dyn Connector>> = vec![Arc::new(argocd), Arc::new(builtin)];
    let engine = Engine::start(Parts {
        store,
        exclusive: true,
        connectors,
        adapters: vec![crowd],
        settings,
        catalog: Current::new(catalog),
        definitions: Arc::new(|_, _| None),
        clock,
        timing: Timing::default(),
        handler: Parts::core_handler(),
    })
    .await?;
    Ok(engine)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1).map_or(Ok(Asked::Deploy), |word| Asked::of(&word))?;
    let people: usize = std::env::args().nth(2).map_or(Ok(200), |arg| arg.parse())?;
    let seconds: Option<i64> = std::env::args().nth(3).map(|arg| arg.parse()).transpose()?;
    let course = seconds.map_or(COURSE, course);
    let double = ArgoCd::new(RealClock);
    for number in 0..people {
        let name = format!("app-{number}-stage");
        double.add(what.app(&name).timing(course));
    }
    let served = double.serve_local().await?;
    let folder = std::env::temp_dir().join(format!("wilco-deployments-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("wilco.db"))?);
    let begun = Instant::now();
    let crowd = Arc::new(Crowd {
        name: AdapterName::new("crowd"),
        clock: Arc::new(SystemClock::new()),
        inbox: OnceLock::new(),
        asked: Mutex::default(),
        begun,
    });
    let url = served.url();
    let engine = start(Arc::clone(&store), Arc::clone(&crowd), &url, settings(people)).await?;
    let _ = crowd.inbox.set(engine.inbox());
    engine.caught_up();

    for number in 0..people {
        let message = Event::Message(asks(what, number, crowd.clock.now()));
        engine.inbox().receive(message, format!("ask {number}")).await?;
    }
    let mut healthy_ms = BTreeMap::new();
    while ends(store.as_ref()).await?.len() < people && begun.elapsed() < Duration::from_mins(5) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        for (app, at_ms) in double.last_change_ms() {
            healthy_ms.insert(app, at_ms);
        }
    }
    let took = begun.elapsed();
    let ends = ends(store.as_ref()).await?;
    let mut asked = crowd.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    asked.sort();
    let done = double.ledger().iter().filter(|effect| effect.kind == what.effect()).count();
    println!(
        "{} people={people} succeeded={} ended={} effects={done} took_ms={} read_back_ms={}",
        what.words().1,
        ends.iter().filter(|how| *how == "succeeded").count(),
        ends.len(),
        took.as_millis(),
        asked.get(asked.len() / 2).map_or(0, Duration::as_millis),
    );
    if seconds.is_some() {
        tell(store.as_ref(), &double, &healthy_ms).await?;
    }
    drop(store);
    engine.stop().await;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
