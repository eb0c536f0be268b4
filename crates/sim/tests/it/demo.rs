//! The ready worlds.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wilco_sim::argocd::ArgoCd;
use wilco_sim::demo;

use super::support::{Bench, START_MS, bench, check};

async fn seeded(seed: impl FnOnce(&ArgoCd)) -> Bench {
    let bench = bench().await;
    bench.argo.remove("wallet-api");
    seed(&bench.argo);
    bench
}

async fn items(bench: &Bench) -> Vec<Value> {
    let list = bench.get("/api/v1/applications").await.json();
    check("v1alpha1ApplicationList", &list);
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_demo_world_has_something_of_everything() {
    let bench = seeded(demo::seed).await;
    let items = items(&bench).await;
    let repos: BTreeSet<&str> =
        items.iter().map(|i| i["spec"]["source"]["repoURL"].as_str().unwrap()).collect();
    assert_eq!((items.len(), repos.len()), (12, 3));
    let names = |status: &str| -> Vec<&str> {
        let with = items.iter().filter(|item| item["status"]["sync"]["status"] == status);
        with.map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
    };
    assert_eq!(names("Synced"), ["edge-proxy", "notice", "ranking"]);
    for item in &items {
        let env = item["metadata"]["labels"]["env"].as_str().unwrap();
        assert!(matches!(env, "production" | "stage"));
    }
}

#[tokio::test]
async fn a_demo_deployment_takes_about_sixteen_seconds_and_one_degrades() {
    let bench = seeded(demo::seed).await;
    for app in ["wallet-api", "matchmaking"] {
        let answer = bench.post(&format!("/api/v1/applications/{app}/sync"), &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    bench.clock.set(START_MS + 17_000);
    assert_eq!(bench.wallet().await["status"]["health"]["status"], "Healthy");
    let degraded = bench.get("/api/v1/applications/matchmaking").await.json();
    assert_eq!(degraded["status"]["health"]["status"], "Degraded");
}

#[tokio::test]
async fn many_applications() {
    let bench = seeded(|argo| demo::many(argo, 2_000)).await;
    let list = bench.get("/api/v1/applications").await.json();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2_000);
    let out = items.iter().filter(|item| item["status"]["sync"]["status"] == "OutOfSync");
    assert_eq!(out.count(), 1_000);
    let dated = |item: &Value| {
        item["status"]["history"][0]["deployedAt"]
            .as_str()
            .is_some_and(|at| !at.starts_with("1970"))
    };
    assert!(items.iter().all(dated), "{}", items[0]["status"]["history"]);
}
