//! What the measurements have in common: people who say the next thing once the answer stands there,
//! a platform that shows every message at once, and the figures.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use wilco_core::call::Finding;
use wilco_core::context::Settings;
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{AdapterName, MessageId, MessageKey, RoomId, UserId};
use wilco_core::message::{Body, To};
use wilco_core::people::Author;
use wilco_core::place::Room;
use wilco_core::port::{Adapter, Connector, SendFault, Store, Work};
use wilco_core::runbook::Catalog;
use wilco_core::time::Timestamp;
use wilco_engine::{
    Clock as _, Current, Engine, EngineHandle, Handler, Parts, SystemClock, Timing,
};
use wilco_store::SqliteStore;

/// The platform's name.
pub(crate) const PLATFORM: &str = "nowhere";

/// How long a person waits for an answer before the measurement gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A platform that shows every message at once, to the person whose thread it is.
struct Platform {
    name: AdapterName,
    clock: Arc<SystemClock>,
    shown: Vec<UnboundedSender<String>>,
}

#[async_trait]
impl Adapter for Platform {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        // "Still asking …" is no answer.
        if let Some(person) = whose(to).filter(|_| !key.as_str().contains("_remark_")) {
            // Fails only when the person has heard enough.
            let _ = self.shown[person].send(body.text.clone());
        }
        Ok((MessageId::new(key.as_str()), self.clock.now()))
    }

    async fn update(&self, _message: &MessageId, _to: &To, _body: &Body) -> Result<(), SendFault> {
        Ok(())
    }

    async fn find(&self, _key: &MessageKey, _to: &To, _since: Timestamp) -> Finding {
        Finding::NotFound
    }
}

/// The person whose message opened the thread; see [`said`].
fn whose(to: &To) -> Option<usize> {
    let To::Thread(thread) = to else { return None };
    thread.root.as_str().split('.').next()?.parse().ok()
}

/// A message of a person. `thread` is their own number, with anything behind a full stop; absent, it
/// opens a thread named like `message`, which is then to begin so.
pub(crate) fn said(person: usize, thread: Option<String>, message: String, text: &str) -> Incoming {
    Incoming {
        room: Room {
            adapter: AdapterName::new(PLATFORM),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        },
        thread: thread.map(MessageId::new),
        message: MessageId::new(message),
        author: Author::User(UserId::new(format!("u{person}"))),
        text: text.into(),
        mentioned: false,
        direct: false,
        sent_at: Timestamp(0),
    }
}

/// An engine on a new file, with people in front of it.
pub(crate) struct House {
    pub(crate) engine: EngineHandle,
    pub(crate) clock: Arc<SystemClock>,
    store: Arc<dyn Store>,
    folder: PathBuf,
    people: Vec<UnboundedReceiver<String>>,
    flush: Duration,
}

impl House {
    pub(crate) async fn open(
        name: &str,
        people: usize,
        handler: Handler,
        settings: Settings,
        catalog: Catalog,
        connectors: Vec<Arc<dyn Connector>>,
    ) -> Result<Self, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("wilco-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let flush = flush(&folder)?;
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("wilco.db"))?);
        let clock = Arc::new(SystemClock::new());
        let (shown, people) = (0..people).map(|_| unbounded_channel()).unzip();
        let name = AdapterName::new(PLATFORM);
        let platform = Platform { name, clock: Arc::clone(&clock), shown };
        let engine = Engine::start(Parts {
            store: Arc::clone(&store),
            exclusive: true,
            connectors,
            adapters: vec![Arc::new(platform)],
            settings: Current::new(settings),
            catalog: Current::new(catalog),
            definitions: Arc::new(|_, _| None),
            clock: Arc::clone(&clock) as Arc<_>,
            timing: Timing::default(),
            handler,
        })
        .await?;
        engine.caught_up();
        Ok(Self { engine, clock, store, folder, people, flush })
    }

    /// Has everybody go `steps` steps at once, and prints `line` with the figures. `next` gives what a
    /// person says at a step, and words that the answer must have.
    pub(crate) async fn measure(
        &mut self,
        line: &str,
        steps: usize,
        next: impl Fn(usize, usize) -> (Incoming, &'static str) + Send + Sync + 'static,
    ) -> Result<(), Box<dyn Error>> {
        let next = Arc::new(next);
        let all = self.people.len() * steps;
        let (begun, cpu_before) = (Instant::now(), cpu());
        let mut crowd = JoinSet::new();
        for (person, mut shown) in std::mem::take(&mut self.people).into_iter().enumerate() {
            let (inbox, clock) = (self.engine.inbox(), Arc::clone(&self.clock));
            let next = Arc::clone(&next);
            crowd.spawn(async move {
                let mut waited = Vec::with_capacity(steps);
                for step in 0..steps {
                    let (mut message, answer) = next(person, step);
                    message.sent_at = clock.now();
                    let (said, key) = (Instant::now(), message.message.to_string());
                    inbox
                        .receive(Event::Message(message), key)
                        .await
                        .map_err(|why| why.to_string())?;
                    let heard = tokio::time::timeout(PATIENCE, shown.recv()).await;
                    waited.push(said.elapsed());
                    match heard {
                        Ok(Some(text)) if text.contains(answer) => {}
                        other => return Err(format!("step {step}, not {answer:?}: {other:?}")),
                    }
                }
                Ok((waited, shown))
            });
        }
        let mut waited = Vec::with_capacity(all);
        while let Some(done) = crowd.join_next().await {
            let (each, shown) = done??;
            waited.extend(each);
            self.people.push(shown);
        }
        self.engine.quiet().await?;
        let (took, used) = (begun.elapsed(), cpu().saturating_sub(cpu_before));
        waited.sort();
        println!(
            "{line} per_s={} cpu_us={} median_us={} p99_us={} flush_us={}",
            all as u128 * 1_000_000 / took.as_micros().max(1),
            (used / u32::try_from(all)?).as_micros(),
            waited[all / 2].as_micros(),
            waited[all * 99 / 100].as_micros(),
            self.flush.as_micros(),
        );
        Ok(())
    }

    /// Nothing may be left to do.
    pub(crate) async fn close(self) -> Result<(), Box<dyn Error>> {
        let work = self.store.work(self.clock.now()).await?;
        if work != Work::default() {
            return Err(format!("left: {work:?}").into());
        }
        drop(self.store);
        self.engine.stop().await;
        std::fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
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
pub(crate) fn cpu() -> Duration {
    // Per thread, in nanoseconds; the counters of `/proc/self/stat` tick in hundredths of a second.
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let spent = |text: String| text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok());
    tasks
        .filter_map(|task| std::fs::read_to_string(task.path().join("schedstat")).ok())
        .filter_map(spent)
        .map(Duration::from_nanos)
        .sum()
}
