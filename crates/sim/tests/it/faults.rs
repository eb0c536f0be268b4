//! Accidents on the way, and what they leave behind.

use reqwest::Method;
use serde_json::json;
use wilco_sim::argocd::{DEFAULT_TOKEN, Fault, FaultKind};

use super::support::{Bench, START_MS, bench};

const APP: &str = "/api/v1/applications/wallet-api";

fn sync_request(bench: &Bench) -> reqwest::RequestBuilder {
    let request = bench.request(Method::POST, &format!("{APP}/sync"));
    request.bearer_auth(DEFAULT_TOKEN).body("{}")
}

#[tokio::test]
async fn bad_answers() {
    let bench = bench().await;
    let read = |kind| Fault::on("GET", "/api/v1/applications/*", kind).once();
    bench.argo.fault(read(FaultKind::Error { status: 500, code: 13, message: "boom".to_owned() }));
    bench.argo.fault(read(FaultKind::Html { status: 502 }));
    bench.argo.fault(read(FaultKind::Empty { status: 200 }));
    bench.argo.fault(read(FaultKind::HalfJson));
    let answer = bench.get(APP).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "boom"));
    let answer = bench.get(APP).await;
    assert_eq!(answer.status, 502);
    assert!(answer.text.starts_with("<html>"));
    let answer = bench.get(APP).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    let answer = bench.get(APP).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.starts_with('{') && !answer.text.ends_with('}'));
    assert_eq!(bench.get(APP).await.json()["metadata"]["name"], "wallet-api");
}

#[tokio::test]
async fn a_closed_connection_did_nothing_and_a_lost_reply_did_it() {
    let bench = bench().await;
    bench.argo.fault(Fault::on_sync(FaultKind::Close).once());
    assert!(sync_request(&bench).send().await.is_err());
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 0);
    bench.argo.fault(Fault::on_sync(FaultKind::ActThenClose).once());
    assert!(sync_request(&bench).send().await.is_err());
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 1);
    assert!(bench.wallet().await.get("operation").is_some(), "the next connection works");
    assert_eq!(bench.argo.requests()["POST /api/v1/applications/{name}/sync"], 2);
}

#[tokio::test]
async fn a_held_answer_goes_out_at_its_time() {
    let bench = bench().await;
    bench.argo.fault(Fault::on_sync(FaultKind::Hold { ms: 60_000 }).once());
    let waiting = bench.held(sync_request(&bench)).await;
    assert_eq!(bench.argo.held_until(), Some(START_MS + 60_000));
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 1, "acted on at once");
    assert!(!waiting.is_finished());
    bench.at(60_000);
    assert_eq!(waiting.await.unwrap(), 200);
}

#[tokio::test]
async fn a_late_act_happens_though_the_caller_has_hung_up() {
    let bench = bench().await;
    bench.argo.fault(Fault::on_sync(FaultKind::ActLate { ms: 60_000 }).once());
    let waiting = bench.held(sync_request(&bench)).await;
    waiting.abort();
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 0);
    bench.at(60_000);
    while bench.argo.syncs_of("wallet-api").is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.argo.syncs_of("wallet-api")[0].at_ms, START_MS + 60_000);
}

#[tokio::test]
async fn a_caller_who_hangs_up_is_no_longer_held() {
    let bench = bench().await;
    bench.argo.fault(Fault::everywhere(FaultKind::HoldUntil { at_ms: i64::MAX }));
    let waiting = bench.held(sync_request(&bench)).await;
    waiting.abort();
    while bench.argo.held_until().is_some() {
        tokio::task::yield_now().await;
    }
    bench.argo.clear_faults();
    assert_eq!(bench.get(APP).await.status, 200);
}

#[tokio::test]
async fn the_tool_goes_down_and_comes_back_with_its_state() {
    let bench = bench().await;
    bench.sync(json!({})).await;
    bench.argo.fault(Fault::on("GET", APP, FaultKind::Silence).once());
    let request = bench.request(Method::GET, APP).bearer_auth(DEFAULT_TOKEN);
    let silent = tokio::spawn(request.send());
    while !bench.argo.requests().contains_key("GET /api/v1/applications/{name}") {
        tokio::task::yield_now().await;
    }
    let Bench { argo, served, http, .. } = bench;
    let (addr, url) = (served.addr, served.url());
    served.shutdown().await;
    assert!(silent.await.unwrap().is_err(), "open connections are cut");
    let get = || http.get(format!("{url}{APP}")).bearer_auth(DEFAULT_TOKEN).send();
    assert!(get().await.is_err());
    let _again = argo.serve(addr).await.unwrap();
    let app: serde_json::Value = get().await.unwrap().json().await.unwrap();
    assert!(app.get("operation").is_some());
}
