//! One test per switch in `Traps`, each showing the state with the switch on, and where it matters
//! with it off.

use reqwest::Method;
use serde_json::json;
use wilco_sim::argocd::{Account, DEFAULT_TOKEN, EffectKind, NewCommit};

use super::support::bench;

const APP: &str = "/api/v1/applications/wallet-api";
const LIST: &str = "/api/v1/applications";

#[tokio::test]
async fn argo_10_narrow_fields() {
    let bench = bench().await;
    let path = format!("{LIST}?fields=items.metadata.name,items.spec.project,items.status.history");
    let wide = bench.get(&path).await.json();
    let expected =
        json!([{ "metadata": { "name": "wallet-api" }, "spec": { "project": "default" } }]);
    assert_eq!(wide["items"], expected);
    bench.argo.traps(|t| t.narrow_fields = true);
    let narrow = bench.get(&path).await.json();
    assert_eq!(narrow["items"], json!([{ "metadata": { "name": "wallet-api" } }]));
}

#[tokio::test]
async fn argo_11_the_list_lags_behind_the_get() {
    let bench = bench().await;
    bench.argo.traps(|t| t.list_lag_ms = 3_000);
    bench.at(10_000);
    bench.sync(json!({})).await;
    let in_list = async || bench.get(LIST).await.json()["items"][0].clone();
    assert!(bench.wallet().await.get("operation").is_some());
    let listed = in_list().await;
    assert_eq!(listed.get("operation"), None);
    assert_ne!(
        listed["metadata"]["resourceVersion"],
        bench.wallet().await["metadata"]["resourceVersion"]
    );
    bench.at(13_000);
    assert!(in_list().await.get("operation").is_some());
}

#[tokio::test]
async fn argo_12_the_list_has_no_health_of_objects() {
    let bench = bench().await;
    let listed = bench.get(LIST).await.json()["items"][0]["status"]["resources"][0].clone();
    assert_eq!(listed["kind"], "Deployment");
    assert_eq!(listed.get("health"), None);
    assert_eq!(bench.wallet().await["status"]["resources"][0]["health"]["status"], "Healthy");
    bench.argo.traps(|t| t.no_object_health = true);
    let status = bench.wallet().await["status"].clone();
    assert_eq!(status["resources"][0].get("health"), None);
    assert_eq!(status["health"]["status"], "Healthy");
}

#[tokio::test]
async fn argo_13_refresh_blocks() {
    let bench = bench().await;
    bench.argo.traps(|t| t.refresh_blocks_ms = 40_000);
    let path = format!("{APP}?refresh=normal");
    let waiting = bench.held(bench.request(Method::GET, &path).bearer_auth(DEFAULT_TOKEN)).await;
    let due_ms = bench.argo.held_until().unwrap();
    assert_eq!(due_ms, super::support::START_MS + 40_000);
    assert_eq!(bench.get(APP).await.status, 200, "a get without refresh is not held");
    assert!(!waiting.is_finished());
    bench.clock.set(due_ms);
    assert_eq!(waiting.await.unwrap(), 200);
    assert_eq!(bench.argo.held_until(), None);
}

#[tokio::test]
async fn argo_14_a_stale_target_until_refresh() {
    let bench = bench().await;
    bench.argo.traps(|t| t.stale_target = true);
    let new = bench.argo.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    assert_ne!(bench.wallet().await["status"]["sync"]["revision"], new.as_str());
    let fresh = bench.get(&format!("{APP}?refresh=hard")).await.json();
    assert_eq!(fresh["status"]["sync"]["revision"], new.as_str());
}

#[tokio::test]
async fn argo_15_an_empty_summary() {
    let bench = bench().await;
    bench.argo.traps(|t| t.empty_summary = true);
    assert_eq!(bench.wallet().await["status"]["summary"], json!({}));
}

#[tokio::test]
async fn argo_16_managed_resources_missing_or_empty() {
    let bench = bench().await;
    let path = format!("{APP}/managed-resources");
    bench.argo.traps(|t| t.managed_missing = true);
    assert_eq!(bench.get(&path).await.status, 500);
    bench.argo.traps(|t| (t.managed_missing, t.managed_empty) = (false, true));
    assert_eq!(bench.get(&path).await.json(), json!({}));
    bench.argo.traps(|t| t.managed_empty = false);
    assert_eq!(bench.get(&path).await.json()["items"][0]["kind"], "Deployment");
}

#[tokio::test]
async fn argo_20_operation_state_is_cleared() {
    for cleared in [true, false] {
        let bench = bench().await;
        bench.argo.traps(|t| t.operation_state_cleared = cleared);
        bench.sync(json!({})).await;
        bench.at(60_000);
        let again = bench.sync(json!({})).await.json();
        assert_eq!(again["status"].get("operationState").is_none(), cleared);
    }
}

#[tokio::test]
async fn argo_21_older_error_text() {
    let bench = bench().await;
    bench.argo.traps(|t| t.older_errors = true);
    bench.sync(json!({})).await;
    let refused = bench.sync(json!({})).await;
    assert_eq!(refused.message(), "another operation is already in progress");
}

#[tokio::test]
async fn argo_23_a_foreign_revision_needs_the_override_right() {
    let bench = bench().await;
    bench.argo.account(Account::new("chatops").token(DEFAULT_TOKEN).no_override());
    let revision = bench.wallet().await["status"]["sync"]["revision"].clone();
    bench.argo.traps(|t| t.foreign_revision_needs_override = true);
    let refused = bench.sync(json!({ "revision": revision })).await;
    assert_eq!(refused.status, 403);
    assert!(refused.message().starts_with("permission denied: applications, override"));
    assert_eq!(bench.sync(json!({})).await.status, 200);
}

#[tokio::test]
async fn argo_24_window_closed() {
    let bench = bench().await;
    bench.argo.traps(|t| t.window_closed = true);
    assert_eq!(bench.sync(json!({})).await.message(), "cannot sync: blocked by sync window");
    let windows = bench.get(&format!("{APP}/syncwindows")).await.json();
    assert_eq!(windows["canSync"], false);
}

#[tokio::test]
async fn argo_25_takes_newest() {
    let bench = bench().await;
    let planned = bench.wallet().await["status"]["sync"]["revision"].clone();
    bench.sync(json!({ "revision": planned })).await;
    let newest = bench.argo.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    bench.argo.traps(|t| t.takes_newest = true);
    bench.at(12_000);
    let state = bench.wallet().await["status"]["operationState"].clone();
    assert_eq!(state["operation"]["sync"]["revision"], planned);
    assert_eq!(state["syncResult"]["revision"], newest.as_str());
}

#[tokio::test]
async fn argo_25_a_retry_with_refresh_deploys_more_than_was_asked_for() {
    for refresh in [true, false] {
        let bench = bench().await;
        bench.argo.traps(|t| t.retry_gap = true);
        let planned = bench.wallet().await["status"]["sync"]["revision"].clone();
        let retry = json!({ "limit": 2, "refresh": refresh });
        bench.sync(json!({ "revision": planned, "retryStrategy": retry })).await;
        let newest = bench.argo.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
        bench.at(60_000);
        let state = bench.wallet().await["status"]["operationState"].clone();
        let expected = if refresh { json!(newest) } else { planned };
        assert_eq!(state["syncResult"]["revision"], expected);
    }
}

#[tokio::test]
async fn argo_29_auto_sync_overwrites_the_operation_state() {
    let bench = bench().await;
    bench.argo.traps(|t| t.auto_sync_overwrites = true);
    bench.sync(json!({ "infos": [{ "name": "wilco", "value": "r1.1" }] })).await;
    bench.at(12_000);
    let app = bench.wallet().await;
    let state = &app["status"]["operationState"];
    assert_eq!(state["operation"]["initiatedBy"], json!({ "automated": true }));
    assert_eq!(state["phase"], "Running");
    let history = app["status"]["history"].as_array().unwrap();
    assert_eq!(history.last().unwrap()["initiatedBy"]["username"], "chatops");
}

#[tokio::test]
async fn argo_29_auto_sync_wins_the_race() {
    let bench = bench().await;
    bench.argo.traps(|t| t.auto_sync_wins_race = true);
    assert_eq!(bench.sync(json!({})).await.status, 400);
    let app = bench.wallet().await;
    assert_eq!(app["operation"]["initiatedBy"], json!({ "automated": true }));
    let kinds: Vec<EffectKind> = bench.argo.ledger().iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EffectKind::AutoSync, EffectKind::SyncRefused]);
}

#[tokio::test]
async fn argo_30_the_retry_gap() {
    let bench = bench().await;
    bench.argo.traps(|t| t.retry_gap = true);
    bench.sync(json!({})).await;
    bench.at(11_000);
    let gap = bench.wallet().await;
    let state = &gap["status"]["operationState"];
    assert_eq!(state["phase"], "Running");
    assert_eq!(state["retryCount"], 1);
    assert!(state.get("finishedAt").is_some(), "set, though not final");
    assert!(gap.get("operation").is_some());
    bench.at(15_000);
    assert_eq!(bench.wallet().await["status"]["operationState"].get("finishedAt"), None);
    bench.at(24_000);
    assert_eq!(bench.wallet().await["status"]["operationState"]["phase"], "Succeeded");
}

#[tokio::test]
async fn argo_31_stale_healthy() {
    for stale in [true, false] {
        let bench = bench().await;
        bench.argo.traps(|t| t.stale_healthy = stale);
        bench.sync(json!({})).await;
        bench.at(12_000);
        let app = bench.wallet().await;
        assert_eq!(app["status"]["sync"]["status"], "Synced");
        let expected = if stale { "Healthy" } else { "Progressing" };
        assert_eq!(app["status"]["health"]["status"], expected);
    }
}

#[tokio::test]
async fn argo_31_the_observed_generation_tells_a_stale_healthy() {
    let bench = bench().await;
    bench.sync(json!({})).await;
    let live = async || {
        let items = bench.get(&format!("{APP}/managed-resources")).await.json();
        let text = items["items"][0]["liveState"].as_str().unwrap().to_owned();
        let live: serde_json::Value = serde_json::from_str(&text).unwrap();
        (live["metadata"]["generation"].clone(), live["status"]["observedGeneration"].clone())
    };
    bench.at(12_000);
    assert_eq!(live().await, (json!(2), json!(1)));
    bench.at(15_000);
    assert_eq!(live().await, (json!(2), json!(2)));
}

#[tokio::test]
async fn argo_32_succeeded_but_not_synced() {
    let bench = bench().await;
    bench.argo.traps(|t| t.succeeded_not_synced = true);
    bench.sync(json!({})).await;
    bench.at(60_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["operationState"]["phase"], "Succeeded");
    assert_eq!(app["status"]["health"]["status"], "Healthy");
    assert_eq!(app["status"]["sync"]["status"], "OutOfSync");
}

#[tokio::test]
async fn argo_33_the_dead_state_refuses_syncs_for_ever() {
    let bench = bench().await;
    bench.argo.traps(|t| t.dead_state = true);
    bench.sync(json!({})).await;
    bench.at(9_000_000);
    let app = bench.wallet().await;
    let state = &app["status"]["operationState"];
    assert_eq!(state["phase"], "Succeeded");
    assert_eq!((state.get("finishedAt"), state.get("syncResult")), (None, None));
    assert_eq!(app["status"]["sync"]["status"], "OutOfSync");
    assert_eq!(bench.sync(json!({})).await.status, 400);
}

#[tokio::test]
async fn argo_33_terminate_is_refused_though_an_operation_is_set() {
    let bench = bench().await;
    bench.argo.traps(|t| t.terminate_refused = true);
    bench.sync(json!({})).await;
    bench.at(2_000);
    let refused = bench.delete(&format!("{APP}/operation")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("No operation is in progress"));
    assert!(bench.wallet().await.get("operation").is_some());
}

#[tokio::test]
async fn lists_are_null() {
    let bench = bench().await;
    bench.argo.traps(|t| (t.null_lists, t.managed_empty) = (true, true));
    assert!(bench.get(&format!("{APP}/managed-resources")).await.json()["items"].is_null());
    let windows = bench.get(&format!("{APP}/syncwindows")).await.json();
    assert_eq!(windows.get("activeWindows"), Some(&json!(null)));
}
