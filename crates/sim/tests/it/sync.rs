//! The course of a sync, moment by moment (as in the contract's derived samples t0 … t6), and its
//! other ends.

use serde_json::{Value, json};
use wilco_sim::argocd::{AppSpec, EffectKind, Health, NewCommit, Object, Outcome, Window};

use super::support::{Bench, START_MS, bench, wallet};

fn images(app: &Value) -> String {
    let images = app["status"]["summary"]["images"].as_array().cloned().unwrap_or_default();
    let tag = |image: &Value| image.as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    images.iter().map(tag).collect::<Vec<_>>().join("+")
}

/// The whole state in one line: operation, phase, finished, reconciled after it, sync status,
/// health, images.
async fn line(bench: &Bench) -> String {
    let app = bench.wallet().await;
    let state = &app["status"]["operationState"];
    let finished = state["finishedAt"].as_str();
    let reconciled = app["status"]["reconciledAt"].as_str();
    format!(
        "{} {} {} {} {} {}",
        if app.get("operation").is_some() { "operation" } else { "-" },
        state["phase"].as_str().unwrap_or("-"),
        match finished {
            None => "unfinished",
            Some(_) if reconciled < finished => "finished",
            Some(_) => "reconciled",
        },
        app["status"]["sync"]["status"].as_str().unwrap(),
        app["status"]["health"]["status"].as_str().unwrap(),
        images(&app),
    )
}

#[tokio::test]
async fn the_course_of_a_good_sync() {
    let bench = bench().await;
    assert_eq!(line(&bench).await, "- - unfinished OutOfSync Healthy 1.4.2");
    let answer = bench.sync(json!({ "infos": [{ "name": "wilco", "value": "r1.1" }] })).await;
    let queued = answer.json();
    assert_eq!(queued["operation"]["info"][0]["value"], "r1.1");
    assert_eq!(queued["operation"]["initiatedBy"]["username"], "chatops");
    assert_eq!(queued["status"].get("operationState"), None);
    for (at_ms, expected) in [
        (0, "operation - unfinished OutOfSync Healthy 1.4.2"),
        (1_000, "operation Running unfinished OutOfSync Healthy 1.4.2"),
        (9_999, "operation Running unfinished OutOfSync Healthy 1.4.2"),
        (10_000, "- Succeeded finished OutOfSync Healthy 1.4.2"),
        (12_000, "- Succeeded reconciled Synced Healthy 1.4.2"),
        (15_000, "- Succeeded reconciled Synced Progressing 1.4.2+1.5.0"),
        (25_000, "- Succeeded reconciled Synced Healthy 1.5.0"),
    ] {
        bench.at(at_ms);
        assert_eq!(line(&bench).await, expected, "at {at_ms}");
    }
    let app = bench.wallet().await;
    let state = &app["status"]["operationState"];
    assert_eq!(state["operation"]["info"][0], json!({ "name": "wilco", "value": "r1.1" }));
    let last = app["status"]["history"].as_array().unwrap().last().unwrap();
    assert_eq!(last["id"], 1);
    assert_eq!(last["revision"], state["syncResult"]["revision"]);
    assert_eq!(last["initiatedBy"]["username"], "chatops");
    assert_eq!(last["deployStartedAt"], "2026-01-01T00:00:01Z");
    assert_eq!(last["deployedAt"], "2026-01-01T00:00:10Z");
    let syncs = bench.argo.syncs_of("wallet-api");
    assert_eq!(syncs.len(), 1);
    assert_eq!(syncs[0].at_ms, START_MS);
    assert_eq!(syncs[0].infos[0].value, "r1.1");
}

/// The state depends on the clock alone, not on who looked in between.
#[tokio::test]
async fn looking_rarely_shows_the_same() {
    let bench = bench().await;
    bench.sync(json!({})).await;
    bench.at(60_000);
    let rarely = bench.wallet().await;
    let other = super::support::bench().await;
    other.sync(json!({})).await;
    for second in 0..=60 {
        other.at(second * 1_000);
        other.wallet().await;
    }
    assert_eq!(rarely, other.wallet().await);
}

#[tokio::test]
async fn the_other_ends() {
    for (outcome, at_ms, expected) in [
        (
            Outcome::SyncFails { message: "denied".to_owned() },
            12_000,
            "- Failed reconciled OutOfSync Healthy 1.4.2",
        ),
        (Outcome::Degrades, 25_000, "- Succeeded reconciled Synced Degraded 1.4.2+1.5.0"),
        (
            Outcome::DegradesThenRecovers { after_ms: 5_000 },
            30_000,
            "- Succeeded reconciled Synced Healthy 1.5.0",
        ),
        (
            Outcome::StaysProgressing,
            9_000_000,
            "- Succeeded reconciled Synced Progressing 1.4.2+1.5.0",
        ),
        (Outcome::Suspends, 25_000, "- Succeeded reconciled Synced Suspended 1.4.2+1.5.0"),
        (
            Outcome::Waits { message: "hook".to_owned(), for_ms: None },
            9_000_000,
            "operation Running unfinished OutOfSync Healthy 1.4.2",
        ),
        (
            Outcome::Waits { message: "hook".to_owned(), for_ms: Some(60_000) },
            61_000,
            "- Succeeded finished OutOfSync Healthy 1.4.2",
        ),
    ] {
        let bench = bench().await;
        bench.argo.outcome("wallet-api", outcome.clone());
        bench.sync(json!({})).await;
        bench.at(at_ms);
        assert_eq!(line(&bench).await, expected, "{outcome:?}");
    }
}

#[tokio::test]
async fn argo_21_one_operation_at_a_time_and_who_holds_it_is_visible() {
    let bench = bench().await;
    bench.argo.someone_holds("wallet-api", "jun", Some(30_000));
    let refused = bench.sync(json!({})).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["code"], 9);
    let text = "error setting app operation: another operation is already in progress";
    assert_eq!(refused.message(), text);
    assert_eq!(bench.wallet().await["operation"]["initiatedBy"]["username"], "jun");
    let kinds: Vec<EffectKind> = bench.argo.ledger().iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EffectKind::Sync, EffectKind::SyncRefused]);
    bench.at(31_000);
    assert_eq!(bench.sync(json!({})).await.status, 200);
}

#[tokio::test]
async fn argo_18_multi_source_uses_lists() {
    let bench = bench().await;
    let spec = AppSpec::new("two").source("https://git.example/values.git", "values", "main");
    bench.argo.add(spec.image("two", "1", "2"));
    let revision = "c".repeat(40);
    let body = json!({ "revisions": [revision], "sourcePositions": ["2"] });
    let answer = bench.post("/api/v1/applications/two/sync", &body).await.json();
    assert_eq!(answer["operation"]["sync"]["revisions"][1], revision.as_str());
    assert_eq!(answer["operation"]["sync"].get("revision"), None);
}

#[tokio::test]
async fn argo_23_automated_applications_refuse_another_revision() {
    let bench = bench().await;
    bench.argo.add(AppSpec::new("auto").image("auto", "1", "1").automated());
    let body = json!({ "revision": "a".repeat(40) });
    let refused = bench.post("/api/v1/applications/auto/sync", &body).await;
    assert_eq!((refused.status, refused.json()["code"].as_i64()), (400, Some(9)));
    assert!(refused.message().ends_with("auto-sync currently set to HEAD"));
    let body = json!({ "revision": "HEAD" });
    assert_eq!(bench.post("/api/v1/applications/auto/sync", &body).await.status, 200);
}

#[tokio::test]
async fn a_pinned_revision_is_what_is_deployed_when_a_newer_commit_arrives() {
    let bench = bench().await;
    let planned = bench.wallet().await["status"]["sync"]["revision"].clone();
    let newer = bench.argo.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    bench.sync(json!({ "revision": planned })).await;
    bench.at(25_000);
    let app = bench.wallet().await;
    assert_eq!(images(&app), "1.5.0");
    assert_eq!(app["status"]["operationState"]["syncResult"]["revision"], planned);
    assert_eq!(app["status"]["sync"]["status"], "OutOfSync");
    assert_eq!(app["status"]["sync"]["revision"], newer.as_str());
}

#[tokio::test]
async fn an_unknown_commit_ends_in_an_error() {
    let bench = bench().await;
    assert_eq!(bench.sync(json!({ "revision": "d".repeat(40) })).await.status, 200);
    bench.at(20_000);
    assert_eq!(line(&bench).await, "- Error reconciled OutOfSync Healthy 1.4.2");
}

#[tokio::test]
async fn dry_run_and_partial_sync_leave_no_history() {
    let bench = bench().await;
    bench.sync(json!({ "dryRun": true })).await;
    bench.at(30_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["sync"]["status"], "OutOfSync");
    assert_eq!(app["status"]["history"].as_array().unwrap().len(), 1);
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 0);
    let resource = json!({ "group": "apps", "kind": "Deployment", "name": "wallet-api" });
    bench.sync(json!({ "resources": [resource] })).await;
    bench.at(90_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["sync"]["status"], "Synced");
    assert_eq!(app["status"]["history"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn objects_are_added_and_pruned_only_when_asked() {
    let bench = bench().await;
    let config = |name: &str| Object::new("ConfigMap", name).data("a", "b");
    bench.argo.add(wallet().added(config("new")).pruned(config("old")));
    let managed = "/api/v1/applications/wallet-api/managed-resources";
    let items = bench.get(managed).await.json()["items"].as_array().unwrap().clone();
    let item = |name: &str| items.iter().find(|i| i["name"] == name).unwrap();
    assert_eq!(item("new")["liveState"], "null");
    assert_eq!(item("old")["targetState"], "null");
    bench.sync(json!({})).await;
    bench.at(60_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["sync"]["status"], "OutOfSync", "the old one needs pruning");
    bench.sync(json!({ "prune": true })).await;
    bench.at(120_000);
    assert_eq!(bench.wallet().await["status"]["sync"]["status"], "Synced");
}

#[tokio::test]
async fn argo_38_terminate_is_asynchronous() {
    let bench = bench().await;
    let path = "/api/v1/applications/wallet-api/operation";
    let idle = bench.delete(path).await;
    assert_eq!((idle.status, idle.json()["code"].as_i64()), (400, Some(3)));
    bench.sync(json!({})).await;
    bench.at(5_000);
    assert_eq!(bench.delete(path).await.status, 200);
    assert_eq!(line(&bench).await, "operation Terminating unfinished OutOfSync Healthy 1.4.2");
    bench.at(6_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["operationState"]["phase"], "Failed");
    assert_eq!(app["status"]["operationState"]["message"], "Operation terminated");
    assert_eq!(app.get("operation"), None);
}

#[tokio::test]
async fn argo_24_windows_open_and_close_with_time() {
    let bench = bench().await;
    bench.argo.window("wallet-api", Window::deny(START_MS + 1_000, START_MS + 5_000));
    let path = "/api/v1/applications/wallet-api/syncwindows";
    assert_eq!(bench.get(path).await.json()["canSync"], true);
    bench.at(1_000);
    let closed = bench.get(path).await.json();
    assert_eq!(closed["canSync"], false);
    assert_eq!(closed["activeWindows"][0]["kind"], "deny");
    let refused = bench.sync(json!({})).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.message(), "cannot sync: blocked by sync window");
    bench.at(5_000);
    assert_eq!(bench.sync(json!({})).await.status, 200);
}

#[tokio::test]
async fn automated_applications_sync_by_themselves_once() {
    let bench = bench().await;
    bench.argo.add(AppSpec::new("auto").image("auto", "1", "1").automated());
    bench.argo.commit("auto", NewCommit::image("auto", "2"));
    bench.at(300_000);
    let app = bench.get("/api/v1/applications/auto").await.json();
    assert_eq!(images(&app), "2");
    assert_eq!(app["status"]["operationState"]["operation"]["initiatedBy"]["automated"], true);
    let auto = |e: &&wilco_sim::argocd::Effect| e.kind == EffectKind::AutoSync;
    assert_eq!(bench.argo.ledger().iter().filter(auto).count(), 1);
}

#[tokio::test]
async fn an_application_can_have_its_own_timing() {
    let bench = bench().await;
    let timing = wilco_sim::argocd::Timing { rollout_ms: 42_000, ..super::support::TIMING };
    bench.argo.timing_of("wallet-api", timing);
    bench.sync(json!({})).await;
    bench.at(56_999);
    assert_eq!(bench.argo.running_images("wallet-api").len(), 2);
    bench.at(57_000);
    assert_eq!(bench.argo.running_images("wallet-api"), ["registry.example/wallet-api:1.5.0"]);
}

#[tokio::test]
async fn a_test_can_end_a_rollout_when_it_likes() {
    let bench = bench().await;
    bench.argo.outcome("wallet-api", Outcome::StaysProgressing);
    bench.sync(json!({})).await;
    bench.at(100_000);
    assert_eq!(bench.wallet().await["status"]["health"]["status"], "Progressing");
    bench.argo.health("wallet-api", Health::Healthy);
    assert_eq!(line(&bench).await, "- Succeeded reconciled Synced Healthy 1.5.0");
}
