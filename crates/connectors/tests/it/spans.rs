//! What the log says of a call: the connection, the route, the status; no token, no password.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::world::{World, password};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test panics while it writes").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_span_names_route_and_status_and_holds_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.perform(&world.intend("r1.1", &plan)).await.unwrap();
    let wrong = World::with(|config| config.sign_in = password("wrong-word")).await;
    wrong.ask("applications", json!({})).await.unwrap_err();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text
        .lines()
        .find(|line| line.contains("{name}/sync\"") && line.contains("close"))
        .expect("the sync has a span");
    for part in ["connection=argocd", "method=POST", "status=200", "ms="] {
        assert!(line.contains(part), "{line}");
    }
    for secret in ["chatops-password", "wrong-word", "Bearer ", "eyJ"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
