//! The stream of changes: a hint that comes at once, and is never needed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use wilco_connectors::argocd::{ArgoCd, Hearing, SignIn};
use wilco_core::answer::Seen;
use wilco_core::call::Operation;
use wilco_core::port::{Connector as _, Hint};
use wilco_sim::argocd::{AppSpec, DEFAULT_TOKEN, Fault, FaultKind};

use crate::world::World;

/// A world whose connector is listened to.
struct Ear {
    world: World,
    hints: Arc<Mutex<Vec<Hint>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ear {
    async fn new() -> Self {
        Self::at(World::with(|c| c.sign_in = SignIn::Token(DEFAULT_TOKEN.to_owned().into())).await)
    }

    fn at(world: World) -> Self {
        let hints: Arc<Mutex<Vec<Hint>>> = Arc::default();
        let (argo, told) = (Arc::clone(&world.argo), Arc::clone(&hints));
        let task = tokio::spawn(async move {
            let tell = move |hint| told.lock().expect("no holder panics").push(hint);
            argo.hints(&tell).await;
        });
        Self { world, hints, task }
    }

    fn hints(&self) -> usize {
        self.hints.lock().expect("no holder panics").len()
    }

    /// Waits, in real time, until this holds.
    async fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..3_000 {
            if holds(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("never: {what}; {:?}", self.world.argo.hearing());
    }

    async fn until_open(&self) {
        self.until(
            "the stream is open",
            |ear| matches!(ear.world.argo.hearing()[0], Hearing::Open { changes } if changes > 0),
        )
        .await;
    }

    fn streams(&self) -> u64 {
        self.world.requests("GET /api/v1/stream/applications")
    }

    /// A sync of wallet-api that was looked at once.
    async fn syncing(&self) -> Operation {
        self.world.wallet();
        let plan = self.world.plan("wallet-api").await;
        let operation = self.world.intend("r1.2", &plan);
        self.world.perform(&operation).await.expect("the sync is taken");
        self.world.look(&operation, &Value::Null).await;
        operation
    }
}

fn gets(world: &World) -> u64 {
    world.requests("GET /api/v1/applications/{name}")
}

#[tokio::test]
async fn argo_44_a_change_is_told_at_once_and_looking_says_what_it_is() {
    let ear = Ear::new().await;
    let operation = ear.syncing().await;
    ear.until_open().await;
    let looks = gets(&ear.world);
    let mut memory = Value::Null;
    let mut seen = Vec::new();
    for _ in 0..120 {
        let before = ear.hints();
        ear.world.clock.advance(1_000);
        // What nobody would see differently is no hint, and nobody waits for one.
        tokio::time::sleep(Duration::from_millis(20)).await;
        if ear.hints() == before {
            continue;
        }
        let progress = ear.world.look(&operation, &memory).await;
        // While health has to hold, looking is as frequent as ever: no change ends that.
        let counts = !progress.memory["healthy_since"].is_null();
        assert_eq!(progress.hinted, !counts, "{}", progress.memory);
        memory = progress.memory;
        let over = matches!(progress.seen, Seen::Succeeded { .. });
        seen.push(progress.seen);
        if over {
            break;
        }
    }
    assert!(matches!(seen.last(), Some(Seen::Succeeded { .. })), "{seen:?}");
    assert!(gets(&ear.world) - looks < 10, "{} looks", gets(&ear.world) - looks);
    let hints = ear.hints.lock().unwrap();
    assert!(hints.iter().all(|hint| hint.operation == operation.id), "{hints:?}");
    assert!(hints.iter().all(|hint| hint.owner == operation.owner));
}

#[tokio::test]
async fn it_is_open_only_while_somebody_follows_something() {
    let ear = Ear::new().await;
    ear.world.wallet();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((ear.streams(), ear.world.argo.hearing()[0]), (0, Hearing::NotWanted));
    ear.syncing().await;
    ear.until_open().await;
    assert_eq!(ear.world.tool.streams(), 1);
    // Nobody looked for more than a minute: the next change closes it.
    ear.world.clock.advance(61_000);
    ear.until("it is closed", |ear| ear.world.argo.hearing()[0] == Hearing::NotWanted).await;
    ear.until("the server knows", |ear| ear.world.tool.streams() == 0).await;
    assert_eq!(ear.streams(), 1);
}

#[tokio::test]
async fn argo_42_what_a_cut_stream_missed_is_found_by_the_next_one() {
    let ear = Ear::new().await;
    ear.syncing().await;
    ear.until_open().await;
    let before = ear.hints();
    ear.world.tool.fault(Fault::on("GET", "/api/v1/stream/*", FaultKind::Close).times(1));
    ear.world.tool.cut_streams();
    ear.until("it was cut", |ear| ear.world.argo.hearing()[0] == Hearing::Resting).await;
    // The whole deployment goes by.
    ear.world.clock.advance(50_000);
    ear.until_open().await;
    assert!(ear.hints() > before, "the first message of a new stream shows what is");
    assert!(ear.streams() >= 3, "one that could not be opened lies in between");
}

#[tokio::test]
async fn argo_43_a_server_that_cuts_at_once_is_not_stormed() {
    let ear = Ear::new().await;
    ear.world.tool.fault(Fault::on("GET", "/api/v1/stream/*", FaultKind::Close));
    ear.syncing().await;
    tokio::time::sleep(Duration::from_millis(3_500)).await;
    // At once, after one second, after two more.
    assert!((2..=3).contains(&ear.streams()), "{}", ear.streams());
}

#[tokio::test]
async fn argo_43_who_is_not_let_in_stops_asking() {
    for (status, code) in [(401, 16), (403, 7), (404, 5)] {
        let ear = Ear::new().await;
        let kind = FaultKind::Error { status, code, message: "no session".into() };
        ear.world.tool.fault(Fault::on("GET", "/api/v1/stream/*", kind));
        ear.syncing().await;
        ear.until("it rests", |ear| ear.world.argo.hearing()[0] == Hearing::Resting).await;
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert_eq!(ear.streams(), 1, "{status}");
    }
}

/// Something before Argo CD may let everything through but what has no end.
#[tokio::test]
async fn a_stream_that_is_not_let_in_does_not_end_the_session() {
    let ear = Ear::at(World::with(|_| {}).await);
    let kind = FaultKind::Error { status: 401, code: 16, message: "no session".into() };
    ear.world.tool.fault(Fault::on("GET", "/api/v1/stream/*", kind));
    let operation = ear.syncing().await;
    ear.until("it gave up", |ear| ear.world.argo.hearing()[0] == Hearing::Resting).await;
    let sign_ins = ear.world.requests("POST /api/v1/session");
    ear.world.clock.advance(1_000);
    ear.world.look(&operation, &Value::Null).await;
    assert_eq!(ear.world.requests("POST /api/v1/session"), sign_ins);
}

#[tokio::test]
async fn who_panics_is_deaf_and_says_so() {
    let world = World::with(|c| c.sign_in = SignIn::Token(DEFAULT_TOKEN.to_owned().into())).await;
    let argo = Arc::clone(&world.argo);
    let task = tokio::spawn(async move {
        argo.hints(&|_| panic!("as a test wants it")).await;
    });
    let mut ear = Ear { world, hints: Arc::default(), task };
    let operation = ear.syncing().await;
    ear.until_open().await;
    for _ in 0..40 {
        ear.world.clock.advance(1_000);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    ear.until("it is deaf", |ear| ear.world.argo.hearing()[0] == Hearing::Resting).await;
    (&mut ear.task).await.expect("the panic stays where it is");
    assert!(
        !ear.world.look(&operation, &json!(null)).await.hinted,
        "it is looked at as often as ever"
    );
}

#[tokio::test]
async fn argo_41_an_error_in_the_stream_is_one_more_cut() {
    let ear = Ear::new().await;
    let operation = ear.syncing().await;
    ear.until_open().await;
    ear.world.tool.fail_streams("the informer is gone");
    ear.until("it was cut", |ear| ear.world.argo.hearing()[0] == Hearing::Resting).await;
    assert!(!ear.world.look(&operation, &json!(null)).await.hinted, "polling goes on alone");
    ear.until_open().await;
    assert!(ear.world.look(&operation, &json!(null)).await.hinted);
}

#[tokio::test]
async fn argo_41_an_application_of_megabytes_is_one_line() {
    let ear = Ear::new().await;
    ear.world.tool.traps(|traps| traps.whole_stream = true);
    let label = |app: AppSpec, n: u32| {
        app.label(&format!("example.com/a-label-of-an-application-{n}"), "x")
    };
    ear.world.tool.add((0..60_000).fold(AppSpec::new("huge-api"), label));
    ear.syncing().await;
    ear.until_open().await;
}

/// Without a stream nothing is hinted, and nothing is missed.
#[tokio::test]
async fn a_connector_that_shall_not_listen_does_not() {
    let ear = Ear::at(World::with(|config| config.stream = false).await);
    let operation = ear.syncing().await;
    ear.world.clock.advance(60_000);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!((ear.streams(), ear.hints()), (0, 0));
    assert!(!ear.world.look(&operation, &Value::Null).await.hinted);
}

/// The connector must be usable while it is listened to.
const _: fn(&ArgoCd) = |argo| {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(argo);
};
