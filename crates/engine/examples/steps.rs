//! How many dialog steps per second one process carries, from a parsed event to a settled outbox,
//! every step on disk; how long a person waits for the answer; and how many events per second the
//! filter drops.
//!
//! `cargo run --release -p wilco-engine --example steps -- [people] [steps per person]`
//!
//! One step: a message comes in, one entity is loaded and written, a timer is set, an answer goes
//! out. A person says the next thing once the answer stands there. `docs/benchmarks.md` has figures.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock itself and prints what it saw"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::Notify;
use wilco_core::call::Finding;
use wilco_core::context::Settings;
use wilco_core::effect::Effect;
use wilco_core::entity::{Entity, EntityKey};
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{AdapterName, MessageId, MessageKey, RoomId, RunId, UserId};
use wilco_core::lock::Lock;
use wilco_core::message::{Body, Say, To};
use wilco_core::people::Author;
use wilco_core::place::Room;
use wilco_core::port::{Adapter, SendFault, Store, StoreFault, Work};
use wilco_core::runbook::{Catalog, Known};
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_engine::{ACTIONS, Clock as _, Current, Engine, Parts, SystemClock, Timing};
use wilco_store::SqliteStore;

/// A platform that shows every message at once, and tells the person who waits for it.
struct Nowhere {
    name: AdapterName,
    answered: Vec<Notify>,
}

#[async_trait]
impl Adapter for Nowhere {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        _to: &To,
        _body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        let person = key.as_str().split('.').next().and_then(|person| person.parse().ok());
        if let Some(waits) = person.and_then(|person: usize| self.answered.get(person)) {
            waits.notify_one();
        }
        Ok((MessageId::new(key.as_str()), Timestamp(0)))
    }

    async fn update(&self, _message: &MessageId, _to: &To, _body: &Body) -> Result<(), SendFault> {
        Ok(())
    }

    async fn find(&self, _key: &MessageKey, _to: &To) -> Finding {
        Finding::NotFound
    }
}

fn message(person: usize, step: usize, mentioned: bool) -> Incoming {
    Incoming {
        room: Room {
            adapter: AdapterName::new("nowhere"),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        },
        thread: mentioned.then(|| MessageId::new(format!("t{person}"))),
        message: MessageId::new(format!("{person}.{step}")),
        author: Author::User(UserId::new(format!("u{person}"))),
        text: "could somebody look at wallet-api, it feels slow since lunch".into(),
        mentioned,
        direct: false,
        sent_at: Timestamp(0),
    }
}

/// One lock per thread stands for the dialog.
fn step(now: Timestamp, held: Option<&Lock>, message: &Incoming) -> Vec<Effect> {
    let target = wilco_core::target::Target {
        instance: "main".into(),
        namespace: "argocd".into(),
        name: message.thread().root.to_string(),
    };
    let mut lock = held.cloned().unwrap_or_else(|| Lock::free(target));
    lock.holder = Some(RunId::new(message.message.as_str()));
    vec![
        Effect::Put(Entity::Lock(lock)),
        Effect::SetTimer(Timer {
            owner: EntityKey::Run(RunId::new(message.thread().root.as_str())),
            name: TimerName::Patience,
            generation: 1,
            due: now + Duration::from_mins(10),
        }),
        Effect::Say(Say {
            key: MessageKey::new(message.message.as_str()),
            to: To::Thread(message.thread()),
            body: Body { text: "1. wallet-api\n2. wallet-web".into(), ..Body::default() },
            receipt: None,
        }),
    ]
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let people: usize = args.next().map_or(Ok(50), |arg| arg.parse())?;
    let steps: usize = args.next().map_or(Ok(200), |arg| arg.parse())?;
    let folder = std::env::temp_dir().join(format!("wilco-steps-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let flush = flush(&folder)?;
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("wilco.db"))?);
    let adapter = Arc::new(Nowhere {
        name: AdapterName::new("nowhere"),
        answered: (0..people).map(|_| Notify::new()).collect(),
    });
    let clock = Arc::new(SystemClock::new());
    let engine = Engine::start(Parts {
        store: Arc::clone(&store),
        exclusive: true,
        connectors: Vec::new(),
        adapters: vec![Arc::clone(&adapter) as Arc<_>],
        settings: Current::new(Settings::default()),
        catalog: Current::new(catalog()?),
        definitions: Arc::new(|_, _| None),
        clock: Arc::clone(&clock) as Arc<_>,
        timing: Timing::default(),
        handler: Arc::new(|ctx, world, event| match event {
            Event::Message(message) => step(ctx.now, world.locks.values().next(), message),
            _ => Vec::new(),
        }),
    })
    .await?;
    engine.caught_up();

    let (begun, cpu_before) = (Instant::now(), cpu());
    let mut crowd = tokio::task::JoinSet::new();
    for person in 0..people {
        let (inbox, adapter) = (engine.inbox(), Arc::clone(&adapter));
        crowd.spawn(async move {
            let mut waited = Vec::with_capacity(steps);
            for step in 0..steps {
                let said = Instant::now();
                let event = Event::Message(message(person, step, true));
                inbox.receive(event, format!("{person}.{step}")).await?;
                adapter.answered[person].notified().await;
                waited.push(said.elapsed());
            }
            Ok::<_, StoreFault>(waited)
        });
    }
    let mut waited = Vec::new();
    while let Some(done) = crowd.join_next().await {
        waited.extend(done??);
    }
    engine.quiet().await?;
    let (took, used) = (begun.elapsed(), cpu().saturating_sub(cpu_before));
    waited.sort();
    let all = people * steps;
    let count = u32::try_from(all)?;
    println!(
        "steps people={people} per_s={} cpu_us={} median_us={} p99_us={} flush_us={}",
        all as u128 * 1_000_000 / took.as_micros().max(1),
        (used / count).as_micros(),
        waited[all / 2].as_micros(),
        waited[all * 99 / 100].as_micros(),
        flush.as_micros(),
    );

    // Nobody's business: talk at the top level, and in threads that Wilco has no part in.
    const TALK: usize = 200_000;
    for (place, threads) in [("room", None), ("thread", Some(500))] {
        let talk: Vec<Incoming> = (0..TALK)
            .map(|number| Incoming {
                thread: threads.map(|count| MessageId::new(format!("x{}", number % count))),
                ..message(number % 50, number, false)
            })
            .collect();
        let inbox = engine.inbox();
        let (begun, cpu_before) = (Instant::now(), cpu());
        for message in talk {
            inbox.receive(Event::Message(message), String::new()).await?;
        }
        let (took, used) = (begun.elapsed(), cpu().saturating_sub(cpu_before));
        println!(
            "dropped place={place} per_s={} cpu_ns={}",
            TALK as u128 * 1_000_000 / took.as_micros().max(1),
            used.as_nanos() / TALK as u128,
        );
    }
    let work = store.work(clock.now()).await?;
    if work != Work::default() {
        return Err(format!("left: {work:?}").into());
    }
    drop(store);
    engine.stop().await;
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Twenty functions with four words each.
fn catalog() -> Result<Catalog, Box<dyn std::error::Error>> {
    let files = (1..=20).map(|number| {
        let mut source = format!("runbook: function-{number}\nnumber: {number}\n");
        let _ = writeln!(source, "title: {{ en: a, ko: a }}\nwho: []");
        let _ = writeln!(source, "aliases: [기능{number}, action{number}, 작업 {number}]");
        let _ = writeln!(source, "answer: {{ use: wilco.status }}");
        (format!("{number}.yaml"), source)
    });
    let known = Known { actions: &[("wilco", ACTIONS)], teams: &BTreeSet::new(), adapters: None };
    Catalog::build(files, &known).map_err(|found| format!("{found:?}").into())
}

/// The median time of one small write that has to be on the disk.
fn flush(folder: &Path) -> std::io::Result<Duration> {
    let mut file = std::fs::File::create(folder.join("flush"))?;
    let mut all = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        all.push(begun.elapsed());
    }
    all.sort();
    Ok(all[50])
}

/// The processor time of this process, all threads, user and system.
fn cpu() -> Duration {
    // Per thread, in nanoseconds; the counters of `/proc/self/stat` tick in hundredths of a second.
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = |text: String| text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok());
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(spent)
        .map(Duration::from_nanos)
        .sum()
}
