//! What every test needs: a throw-away store, the doubles, and a handler that does what a message
//! says.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use wilco_core::answer::{Answer, Progress, Seen, Trouble, TroubleKind};
use wilco_core::call::{Call, Finding, Operation, Query};
use wilco_core::context::{Context, Settings};
use wilco_core::effect::Effect;
use wilco_core::entity::{Entity, EntityKey};
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{AdapterName, CallId, MessageId, MessageKey, RoomId, RunId, UserId};
use wilco_core::lock::Lock;
use wilco_core::message::{Body, Say, To};
use wilco_core::people::Author;
use wilco_core::place::{Room, Thread};
use wilco_core::port::{
    ActionSpec, Adapter, Connector, OperationFault, Permit, Recovery, SendFault, Store,
};
use wilco_core::runbook::Catalog;
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_core::world::{Outcome, World};
use wilco_engine::{
    Clock, Current, Engine, EngineHandle, Handler, Parts, SystemClock, Timing, VirtualClock,
};

/// The beginning of every test's time.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);

/// Makes a test of each story on each database.
macro_rules! on_both_stores {
    ($($story:ident)*) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    super::$story($crate::world::Place::new()).await;
                }
            )*
        }
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $story() {
                    super::$story($crate::world::Place::on_postgres()).await;
                }
            )*
        }
    };
}

pub(crate) use on_both_stores;

/// A place in which engines start, crash and start again.
pub(crate) struct Place {
    folder: PathBuf,
    address: String,
    pub(crate) clock: Arc<VirtualClock>,
    /// Instead of it the machine's.
    pub(crate) real: Option<Arc<SystemClock>>,
    /// Whoever wants to sleep for less than half an hour panics.
    pub(crate) breaks: Arc<AtomicBool>,
    pub(crate) timing: Timing,
    pub(crate) tool: Arc<Tool>,
    pub(crate) chat: Arc<Chat>,
    pub(crate) handled: Arc<Mutex<Vec<Event>>>,
    pub(crate) catalog: Current<Catalog>,
    pub(crate) settings: Settings,
    pub(crate) handler: Handler,
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.folder.as_os_str().is_empty() {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A mistake of the engine's own, wherever it sleeps.
struct Breaking(Arc<VirtualClock>, Arc<AtomicBool>);

impl Clock for Breaking {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn sleep_until(
        &self,
        at: Timestamp,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let soon = at.since(self.now()) < Duration::from_mins(30);
        assert!(!(soon && self.1.load(Ordering::SeqCst)), "on purpose");
        self.0.sleep_until(at)
    }
}

/// An engine with its store.
pub(crate) struct Running {
    pub(crate) engine: EngineHandle,
    pub(crate) store: Arc<dyn Store>,
}

impl Place {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("wilco-engine-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let address = format!("sqlite:{}", folder.join("wilco.db").display());
        Self::at(folder, address)
    }

    pub(crate) fn on_postgres() -> Self {
        Self::at(PathBuf::new(), wilco_store::testing::postgres_url())
    }

    /// The file of the database, on SQLite.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("wilco.db")
    }

    fn at(folder: PathBuf, address: String) -> Self {
        let handled = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&handled);
        Self {
            folder,
            address,
            clock: Arc::new(VirtualClock::at(START)),
            real: None,
            breaks: Arc::default(),
            timing: Timing::default(),
            tool: Arc::default(),
            chat: Arc::default(),
            handled,
            catalog: Current::new(Catalog::default()),
            settings: Settings::default(),
            handler: Arc::new(move |ctx, world, event| {
                heard.lock().unwrap().push(event.clone());
                obey(ctx, world, event)
            }),
        }
    }

    /// Starts an engine whose timers may fire at once.
    pub(crate) async fn start(&self) -> Running {
        let running = self.start_behind().await;
        running.engine.caught_up();
        running
    }

    /// Starts an engine whose adapters have not caught up.
    pub(crate) async fn start_behind(&self) -> Running {
        let store = wilco_store::open(&self.address).await.unwrap();
        let clock: Arc<dyn Clock> = match &self.real {
            Some(real) => Arc::clone(real) as Arc<dyn Clock>,
            None => Arc::new(Breaking(Arc::clone(&self.clock), Arc::clone(&self.breaks))),
        };
        let engine = Engine::start(Parts {
            store: Arc::clone(&store),
            exclusive: self.address.starts_with("sqlite:"),
            connectors: vec![Arc::clone(&self.tool) as Arc<dyn Connector>],
            adapters: vec![Arc::clone(&self.chat) as Arc<dyn Adapter>],
            settings: Current::new(self.settings.clone()),
            catalog: self.catalog.clone(),
            definitions: Arc::new(|_, _| None),
            clock,
            timing: self.timing.clone(),
            handler: Arc::clone(&self.handler),
        })
        .await
        .unwrap();
        Running { engine, store }
    }

    /// Jumps from one moment at which the engine goes on by itself to the next, until none is left
    /// within this span; then to its end. Quiet in between.
    pub(crate) async fn pass(&self, running: &Running, span: Duration) {
        let end = self.clock.now() + span;
        loop {
            running.quiet().await;
            match running.engine.next_due().await.unwrap().work.filter(|due| *due <= end) {
                Some(due) => self.clock.set(due),
                None => break,
            }
        }
        self.clock.set(end);
        running.quiet().await;
    }

    pub(crate) fn handled(&self) -> Vec<Event> {
        self.handled.lock().unwrap().clone()
    }
}

impl Running {
    pub(crate) async fn quiet(&self) {
        within(self.engine.quiet()).await.unwrap();
    }

    pub(crate) async fn say(&self, message: Incoming) {
        let key = format!("console {}", message.message);
        self.engine.inbox().receive(Event::Message(message), key).await.unwrap();
    }

    pub(crate) async fn crash(self) {
        drop(self.store);
        within(self.engine.crash()).await;
    }

    pub(crate) async fn audits(&self) -> Vec<String> {
        let audits = self.store.audits(0, 100).await.unwrap();
        audits.into_iter().map(|audit| format!("{:?}", audit.record.what)).collect()
    }
}

/// A bound in real time, so that a test that hangs fails. It is never reached when all is well.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("hangs")
}

/// Returns when the condition holds.
pub(crate) async fn until(mut holds: impl FnMut() -> bool) {
    within(async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

pub(crate) fn room() -> Room {
    Room {
        adapter: AdapterName::new("console"),
        workspace: "w".into(),
        room: RoomId::new("deploy"),
    }
}

/// A message to the bot, at the top level.
pub(crate) fn message(id: &str, text: &str) -> Incoming {
    Incoming {
        room: room(),
        thread: None,
        message: MessageId::new(id),
        author: Author::User(UserId::new("mina")),
        text: text.into(),
        mentioned: true,
        direct: false,
        sent_at: START,
    }
}

/// The same from somebody else.
pub(crate) fn by(person: &str, message: Incoming) -> Incoming {
    Incoming { author: Author::User(UserId::new(person)), ..message }
}

/// A message to the bot in a thread.
pub(crate) fn reply(thread: &str, id: &str, text: &str) -> Incoming {
    Incoming { thread: Some(MessageId::new(thread)), ..message(id, text) }
}

/// Does what a message says: several commands, separated by `;`.
pub(crate) fn obey(ctx: &Context, world: &World, event: &Event) -> Outcome {
    let Event::Message(message) = event else {
        return Outcome::new();
    };
    let owner = EntityKey::Run(RunId::new(format!("r-{}", message.message)));
    let call = |action: &str| Call {
        connector: "tool".into(),
        action: action.into(),
        with: serde_json::Map::new(),
    };
    let id = CallId::new(format!("{}.1", message.message));
    let mut outcome = Outcome::new();
    for command in message.text.split(';') {
        let (verb, rest) = command.trim().split_once(' ').unwrap_or((command.trim(), ""));
        match verb {
            // say KEY TEXT
            "say" | "receipt" => {
                let (key, text) = rest.split_once(' ').unwrap_or((rest, rest));
                outcome.push(Effect::Say(Say {
                    key: MessageKey::new(key),
                    to: To::Thread(message.thread()),
                    body: Body { text: text.into(), ..Body::default() },
                    receipt: (verb == "receipt").then(|| owner.clone()),
                }));
            }
            "announce" => outcome.push(Effect::Say(Say {
                key: MessageKey::new(rest),
                to: To::Room(room()),
                body: Body { text: rest.into(), ..Body::default() },
                receipt: None,
            })),
            "ask" => outcome.push(Effect::Ask(Query {
                id: CallId::new(format!("{}.0", message.message)),
                owner: owner.clone(),
                call: call(rest),
            })),
            "elsewhere" => outcome.push(Effect::Ask(Query {
                id: id.clone(),
                owner: owner.clone(),
                call: Call { connector: "nowhere".into(), ..call(rest) },
            })),
            "do" => outcome.push(Effect::Do(Operation {
                id: id.clone(),
                owner: owner.clone(),
                call: call("act"),
                evidence: Value::Null,
            })),
            // timer SECONDS
            "timer" => outcome.push(Effect::SetTimer(Timer {
                owner: EntityKey::Run(RunId::new("r1")),
                name: TimerName::Look(0),
                generation: ctx.now.0.unsigned_abs(),
                due: ctx.now + Duration::from_secs(rest.parse().unwrap()),
            })),
            "patience" => outcome.push(Effect::SetTimer(Timer {
                owner: EntityKey::Run(RunId::new("r1")),
                name: TimerName::Patience,
                generation: 1,
                due: ctx.now + Duration::from_secs(rest.parse().unwrap()),
            })),
            "stop" => outcome
                .push(Effect::StopTimer(EntityKey::Run(RunId::new("r1")), TimerName::Look(0))),
            // One more in the queue of a lock that every lane wants and nobody needs.
            "count" => {
                let mut lock = world.locks.get(&shared_target()).cloned().unwrap_or_else(|| Lock {
                    holder: Some(RunId::numbered(1)),
                    ..Lock::free(shared_target())
                });
                lock.queue.push(RunId::new(message.message.as_str()));
                outcome.push(Effect::Put(Entity::Lock(lock)));
            }
            "panic" => panic!("on purpose"),
            _ => {}
        }
    }
    outcome
}

pub(crate) fn shared_target() -> wilco_core::target::Target {
    "main/argocd/shared".parse().unwrap()
}

/// A tool that does what the test says, and keeps a ledger.
pub(crate) struct Tool {
    /// Calls that may be answered; `hold` takes all of them away.
    pub(crate) answers: Semaphore,
    /// What really happened in the tool.
    pub(crate) ledger: Mutex<Vec<String>>,
    /// Every attempt, look and question.
    pub(crate) heard: Mutex<Vec<String>>,
    /// What `perform` answers, first to last; afterwards it works.
    pub(crate) faults: Mutex<VecDeque<OperationFault>>,
    /// What `find` answers; `None`: what the ledger says.
    pub(crate) finding: Mutex<Option<Finding>>,
    /// The request is lost before the tool sees it.
    pub(crate) loses: AtomicBool,
}

impl Default for Tool {
    fn default() -> Self {
        Self {
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
            ledger: Mutex::default(),
            heard: Mutex::default(),
            faults: Mutex::default(),
            finding: Mutex::default(),
            loses: AtomicBool::new(false),
        }
    }
}

impl Tool {
    pub(crate) fn hold(&self) {
        self.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release(&self) {
        self.answers.add_permits(1_000);
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub(crate) fn ledger(&self) -> Vec<String> {
        self.ledger.lock().unwrap().clone()
    }

    fn hear(&self, what: String) {
        self.heard.lock().unwrap().push(what);
    }

    async fn answer(&self) {
        self.answers.acquire().await.unwrap().forget();
    }
}

pub(crate) fn trouble(kind: TroubleKind) -> Trouble {
    Trouble { tool: "tool".into(), kind, detail: String::new() }
}

#[async_trait]
impl Connector for Tool {
    fn name(&self) -> &'static str {
        "tool"
    }

    fn actions(&self) -> &[ActionSpec] {
        &[]
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        self.hear(format!("ask {}", call.action));
        assert!(call.action != "panic", "on purpose");
        self.answer().await;
        Ok(Answer::Choices(Vec::new().into()))
    }

    async fn perform(
        &self,
        operation: &Operation,
        permit: &Permit,
    ) -> Result<Value, OperationFault> {
        self.hear(format!("perform {}", operation.id));
        if let Some(fault) = self.faults.lock().unwrap().pop_front() {
            return Err(fault);
        }
        let _ = permit;
        if !self.loses.load(Ordering::SeqCst) {
            self.ledger.lock().unwrap().push(operation.id.to_string());
        }
        self.answer().await;
        Ok(json!({ "receipt": operation.id }))
    }

    async fn find(&self, operation: &Operation) -> Finding {
        self.hear(format!("find {}", operation.id));
        if let Some(finding) = self.finding.lock().unwrap().clone() {
            return finding;
        }
        if self.ledger().contains(&operation.id.to_string()) {
            Finding::Found(json!({ "receipt": operation.id }))
        } else {
            Finding::NotFound
        }
    }

    fn recovery(&self, _call: &Call) -> Recovery {
        Recovery { http_timeout: Duration::from_secs(10), visible_after: Duration::from_secs(3) }
    }

    async fn watch(
        &self,
        operation: &Operation,
        receipt: &Value,
        memory: &Value,
    ) -> Result<Progress, Trouble> {
        self.hear(format!("watch {} {receipt} {memory}", operation.id));
        Ok(Progress {
            seen: Seen::Running { note: "Syncing".into() },
            memory: json!(1),
            hinted: false,
        })
    }
}

/// A chat platform that does what the test says.
pub(crate) struct Chat {
    name: AdapterName,
    /// Sends that may be answered.
    pub(crate) answers: Semaphore,
    /// Everything that was put on the platform: `post KEY TEXT`, `update ID TEXT`.
    pub(crate) sent: Mutex<Vec<String>>,
    /// What the next sends answer.
    pub(crate) faults: Mutex<VecDeque<SendFault>>,
    /// `find` finds nothing.
    pub(crate) blind: AtomicBool,
}

impl Default for Chat {
    fn default() -> Self {
        Self {
            name: AdapterName::new("console"),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
            sent: Mutex::default(),
            faults: Mutex::default(),
            blind: AtomicBool::new(false),
        }
    }
}

impl Chat {
    pub(crate) fn hold(&self) {
        self.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release(&self) {
        self.answers.add_permits(1_000);
    }

    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }

    async fn send(&self, what: String) -> Result<(), SendFault> {
        if let Some(fault) = self.faults.lock().unwrap().pop_front() {
            return Err(fault);
        }
        self.sent.lock().unwrap().push(what);
        self.answers.acquire().await.unwrap().forget();
        Ok(())
    }
}

#[async_trait]
impl Adapter for Chat {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        _to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        self.send(format!("post {key} {}", body.text)).await?;
        Ok((MessageId::new(format!("m-{key}")), START))
    }

    async fn update(&self, message: &MessageId, _to: &To, body: &Body) -> Result<(), SendFault> {
        self.send(format!("update {message} {}", body.text)).await
    }

    async fn find(&self, key: &MessageKey, _to: &To, _since: Timestamp) -> Finding {
        let posted = self.sent().iter().any(|sent| sent.starts_with(&format!("post {key} ")));
        if posted && !self.blind.load(Ordering::SeqCst) {
            Finding::Found(json!({ "message": format!("m-{key}"), "at": START }))
        } else {
            Finding::NotFound
        }
    }
}

pub(crate) fn thread(root: &str) -> Thread {
    Thread { room: room(), root: MessageId::new(root) }
}
