//! The stream of changes: frames, fields, errors in-band, and what a reconnect does not bring back.

use reqwest::{Method, Response};
use serde_json::{Value, json};
use wilco_sim::argocd::{Account, AppSpec, DEFAULT_TOKEN};

use super::support::{Bench, bench, check};

const STREAM: &str = "/api/v1/stream/applications";

struct Reader {
    answer: Response,
    text: String,
}

impl Reader {
    async fn open(bench: &Bench, query: &str, accept: &str) -> Self {
        let request = bench.request(Method::GET, &format!("{STREAM}?{query}"));
        let request = request.bearer_auth(DEFAULT_TOKEN).header("Accept", accept);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        Self { answer, text: String::new() }
    }

    /// The next line that is not empty; `None` at the end.
    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some((line, rest)) = self.text.split_once('\n') {
                let (line, rest) = (line.to_owned(), rest.to_owned());
                self.text = rest;
                if line.is_empty() {
                    continue;
                }
                return Some(line);
            }
            let chunk = self.answer.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn json(&mut self) -> Value {
        let line = self.line().await.expect("a line");
        serde_json::from_str(line.strip_prefix("data: ").unwrap_or(&line)).unwrap()
    }

    /// Type, name, and health of the next change.
    async fn change(&mut self) -> (String, String, String) {
        let frame = self.json().await;
        check("v1alpha1ApplicationWatchEvent", &frame["result"]);
        let text = |path: &str| frame.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let app = "/result/application";
        (
            text("/result/type").to_owned(),
            text(&format!("{app}/metadata/name")).to_owned(),
            text(&format!("{app}/status/health/status")).to_owned(),
        )
    }
}

fn told(kind: &str, name: &str, health: &str) -> (String, String, String) {
    (kind.to_owned(), name.to_owned(), health.to_owned())
}

#[tokio::test]
async fn argo_41_changes_are_shown_as_lines_or_events() {
    for accept in ["application/json", "text/event-stream"] {
        let bench = bench().await;
        let mut reader = Reader::open(&bench, "", accept).await;
        let kind = reader.answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, accept);
        assert_eq!(reader.change().await, told("ADDED", "wallet-api", "Healthy"));
        bench.sync(json!({})).await;
        bench.at(200);
        assert_eq!(reader.change().await.0, "MODIFIED");
        bench.argo.beat_streams();
        assert_eq!(reader.line().await.as_deref(), Some(":"));
    }
}

#[tokio::test]
async fn argo_41_an_error_comes_in_band_and_ends_it() {
    let bench = bench().await;
    let mut reader = Reader::open(&bench, "", "application/json").await;
    reader.change().await;
    bench.argo.fail_streams("the informer is gone");
    let frame = reader.json().await;
    check("runtimeStreamError", &frame["error"]);
    assert_eq!(frame["error"]["message"], "the informer is gone");
    assert_eq!(reader.line().await, None);
}

#[tokio::test]
async fn argo_42_what_happened_meanwhile_is_not_told_again() {
    let bench = bench().await;
    // With a version and no name: nothing of what is, only what comes.
    let mut since = Reader::open(&bench, "resourceVersion=1", "application/json").await;
    // With a name: always a first ADDED.
    let named = "resourceVersion=1&name=wallet-api";
    let mut named = Reader::open(&bench, named, "application/json").await;
    assert_eq!(named.change().await, told("ADDED", "wallet-api", "Healthy"));
    bench.at(1_000);
    bench.argo.add(AppSpec::new("shop-api"));
    bench.at(2_000);
    assert_eq!(since.change().await, told("ADDED", "shop-api", "Healthy"));
}

#[tokio::test]
async fn argo_43_a_cut_stream_ends_without_a_word() {
    let bench = bench().await;
    let mut reader = Reader::open(&bench, "", "text/event-stream").await;
    reader.change().await;
    assert_eq!(bench.argo.streams(), 1);
    bench.argo.cut_streams();
    assert_eq!(reader.line().await, None);
}

#[tokio::test]
async fn fields_cut_each_message_by_whole_paths() {
    let bench = bench().await;
    let fields = "fields=result.type,result.application.metadata.name,\
                  result.application.status.sync.revision";
    let mut reader = Reader::open(&bench, fields, "application/json").await;
    let frame = reader.json().await;
    let revision = &bench.wallet().await["status"]["sync"]["revision"];
    let wanted = json!({ "result": { "type": "ADDED", "application": {
        "metadata": { "name": "wallet-api" },
        "status": { "sync": { "revision": revision } },
    } } });
    assert_eq!(frame, wanted);
}

#[tokio::test]
async fn only_what_the_caller_may_see_and_asks_for_is_shown() {
    let bench = bench().await;
    bench.argo.add(AppSpec::new("secret-api").project("secret"));
    let only = Account::new("few").token("few-token").projects(&["default"]);
    bench.argo.account(only);
    let request = bench.request(Method::GET, STREAM).bearer_auth("few-token");
    let mut reader = Reader { answer: request.send().await.unwrap(), text: String::new() };
    assert_eq!(reader.change().await, told("ADDED", "wallet-api", "Healthy"));
    let mut named = Reader::open(&bench, "projects=secret", "application/json").await;
    assert_eq!(named.change().await, told("ADDED", "secret-api", "Healthy"));
    let bad = bench.request(Method::GET, STREAM).bearer_auth("nobody").send().await.unwrap();
    assert_eq!(bad.status(), 401);
}
