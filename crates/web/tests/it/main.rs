//! Health, metrics and the walk over all routes, through a real socket.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::http::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wilco_core::context::Settings;
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{AdapterName, MessageId, RoomId, UserId};
use wilco_core::people::Author;
use wilco_core::place::Room;
use wilco_core::port::Store;
use wilco_core::runbook::Catalog;
use wilco_core::time::Timestamp;
use wilco_engine::{Current, Engine, EngineHandle, Parts, SystemClock, Timing};
use wilco_store::SqliteStore;
use wilco_web::{Guard, Metrics, Mount, Route, Site};

struct Served {
    engine: Option<EngineHandle>,
    store: Arc<dyn Store>,
    address: std::net::SocketAddr,
    routes: Vec<Route>,
    folder: std::path::PathBuf,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The recorder is one per process.
fn metrics() -> Metrics {
    static METRICS: std::sync::OnceLock<Metrics> = std::sync::OnceLock::new();
    METRICS.get_or_init(|| Metrics::install().unwrap()).clone()
}

async fn serve(part: Mount) -> Served {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("wilco-web-{}-{count}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.join("wilco.db")).unwrap());
    let metrics = metrics();
    let engine = Engine::start(Parts {
        store: Arc::clone(&store),
        exclusive: true,
        connectors: Vec::new(),
        adapters: Vec::new(),
        settings: Current::new(Settings::default()),
        catalog: Current::new(Catalog::default()),
        definitions: Arc::new(|_, _| None),
        clock: Arc::new(SystemClock::new()),
        timing: Timing { probe_every: Duration::ZERO, ..Timing::default() },
        handler: Arc::new(|_, _, _| Vec::new()),
    })
    .await
    .unwrap();
    let site = Site::new(engine.view(), metrics).mount(part);
    let routes = site.routes().to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, site.into_router()).await });
    Served { engine: Some(engine), store, address, routes, folder }
}

impl Served {
    /// Status and body of one request without any sign of who sends it.
    async fn request(&self, method: &Method, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = stream.read_to_string(&mut answer);
        tokio::time::timeout(Duration::from_secs(10), read).await.expect("answers").unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        (status, body.unwrap_or_default())
    }

    /// What an unsigned request could have changed.
    async fn state(&self) -> String {
        let work = self.store.work(Timestamp(i64::MAX)).await.unwrap();
        let audits = self.store.audits(0, 1_000).await.unwrap().len();
        let timers = self.store.timers(1_000).await.unwrap().len();
        format!("{work:?} {audits} {timers}")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alive_and_ready_until_the_engine_stops() {
    let mut served = serve(Mount::new()).await;
    assert_eq!(served.request(&Method::GET, "/healthz").await, (200, "alive\n".into()));
    assert_eq!(served.request(&Method::GET, "/readyz").await, (200, "ready\n".into()));
    served.engine.take().unwrap().stop().await;
    let (status, body) = served.request(&Method::GET, "/readyz").await;
    assert_eq!((status, body.as_str()), (503, "not ready: the engine has stopped\n"));
    assert_eq!(served.request(&Method::GET, "/healthz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_was_received_and_what_waits() {
    let served = serve(Mount::new()).await;
    let message = Incoming {
        room: Room {
            adapter: AdapterName::new("console"),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        },
        thread: None,
        message: MessageId::new("1"),
        author: Author::User(UserId::new("mina")),
        text: "a secret thing".into(),
        mentioned: true,
        direct: false,
        sent_at: Timestamp(0),
    };
    let engine = served.engine.as_ref().unwrap();
    engine.inbox().receive(Event::Message(message), "1".into()).await.unwrap();
    engine.quiet().await.unwrap();
    let (status, body) = served.request(&Method::GET, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "wilco_events_handled_total{event=\"message\"} 1",
        "wilco_inbox_waiting 0",
        "wilco_up 1",
        "# HELP wilco_events_handled_total Events handled, by kind",
        "wilco_event_seconds_count 1",
    ] {
        assert!(body.contains(line), "{line} in {body}");
    }
    assert!(!body.contains("secret") && !body.contains("mina"), "no content of messages");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_unsigned_request_changes_state() {
    let served = serve(Mount::new()).await;
    assert_eq!(served.routes.len(), 3);
    let before = served.state().await;
    for route in &served.routes {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let (status, _) = served.request(&method, &route.path).await;
            let expected = if method == route.method { 200 } else { 405 };
            assert_eq!(status, expected, "{method} {}", route.path);
        }
    }
    assert_eq!(served.state().await, before);
    assert_eq!(served.request(&Method::GET, "/nothing").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mounted_is_served_and_listed() {
    let part = Mount::new().get("/a/{id}", Guard::ReadOnly, async || "a").post(
        "/hook",
        Guard::Signature,
        async || axum::http::StatusCode::UNAUTHORIZED,
    );
    let served = serve(part).await;
    assert_eq!(served.request(&Method::GET, "/a/1").await, (200, "a".into()));
    assert_eq!(served.request(&Method::POST, "/hook").await.0, 401);
    let listed: Vec<(&str, Guard)> =
        served.routes.iter().skip(3).map(|route| (route.path.as_str(), route.guard)).collect();
    assert_eq!(listed, [("/a/{id}", Guard::ReadOnly), ("/hook", Guard::Signature)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_declared_is_not_served() {
    let called = Arc::new(AtomicU32::new(0));
    let count = || {
        let called = Arc::clone(&called);
        async move || format!("{}", called.fetch_add(1, Ordering::SeqCst))
    };
    let built = axum::Router::new()
        .route("/a/{id}", axum::routing::get(count()).post(count()))
        .route("/b", axum::routing::get(count()));
    let get = Route { method: Method::GET, path: "/a/{id}".into(), guard: Guard::ReadOnly };
    let served = serve(Mount::new().merge(built, [get])).await;
    assert_eq!(served.request(&Method::POST, "/a/1").await.0, 405);
    assert_eq!(served.request(&Method::GET, "/b").await.0, 404);
    assert_eq!(called.load(Ordering::SeqCst), 0);
    assert_eq!(served.request(&Method::GET, "/a/1").await, (200, "0".into()));
    assert_eq!(served.request(&Method::HEAD, "/a/1").await.0, 200);
}

/// Set for the process of the test below whose files may not grow.
const SMALL: &str = "WILCO_WEB_TEST_SMALL";

#[test]
fn a_store_that_can_only_read_is_not_ready() {
    // Writes fail as on a full disk; the signal would end the process instead.
    let script = r#"trap '' XFSZ; ulimit -f 2048; exec "$0" --exact "$1" --ignored --nocapture"#;
    let program = std::env::current_exe().unwrap();
    let status = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .arg("the_process_whose_files_may_not_grow")
        .env(SMALL, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&status.stdout);
    assert!(status.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "is the other process of the test above"]
async fn the_process_whose_files_may_not_grow() {
    std::env::var(SMALL).expect("only the test above runs this");
    let served = serve(Mount::new()).await;
    assert_eq!(served.request(&Method::GET, "/readyz").await, (200, "ready\n".into()));
    let mut number = 0;
    loop {
        number += 1;
        assert!(number < 10_000, "the files grow");
        let (key, body) = (format!("{number}"), "x".repeat(10_000));
        let event = wilco_core::port::NewEvent { key, lane: "x".into(), body, opens: None };
        if served.store.receive(vec![event], Timestamp(1)).await.is_err() {
            break;
        }
    }
    // What is left takes a few small writes at most.
    for _ in 0..20 {
        let (status, body) = served.request(&Method::GET, "/readyz").await;
        if status == 503 {
            assert!(body.starts_with("not ready: the store failed: "), "{body}");
            return;
        }
    }
    panic!("still ready");
}
