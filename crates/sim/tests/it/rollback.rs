//! Rollback to an entry of the history (ARGO-36, ARGO-37), and what was rendered at a revision (ARGO-17).

use serde_json::{Value, json};
use wilco_sim::argocd::AppSpec;

use super::support::{Bench, START_MS, bench, check};

const APP: &str = "/api/v1/applications/shop";

fn shop() -> AppSpec {
    AppSpec::new("shop").image("shop", "1.5.0", "1.5.0").was("1.4.2", START_MS - 86_400_000)
}

async fn back(bench: &Bench, id: i64) -> (u16, Value) {
    let request = json!({ "name": "shop", "id": id });
    let answer = bench.post(&format!("{APP}/rollback"), &request).await;
    (answer.status, answer.json())
}

async fn shown(bench: &Bench) -> Value {
    let app = bench.get(APP).await.json();
    check("v1alpha1Application", &app);
    app
}

#[tokio::test]
async fn argo_36_a_rollback_goes_to_an_entry_by_its_id() {
    let bench = bench().await;
    bench.argo.add(shop());
    let entries = shown(&bench).await["status"]["history"].clone();
    let (old, new) = (&entries[0]["revision"], &entries[1]["revision"]);
    assert_ne!(old, new);
    assert!(entries[0]["source"]["repoURL"].is_string());
    let url = format!("{APP}/manifests?revision={}", old.as_str().unwrap());
    let rendered = bench.get(&url).await.json();
    check("repositoryManifestResponse", &rendered);
    assert!(rendered["manifests"][0].as_str().unwrap().contains("shop:1.4.2"), "{rendered}");
    let (status, refused) = back(&bench, 7).await;
    assert_eq!((status, refused["code"].as_i64()), (400, Some(3)), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("does not have deployment with id 7"));
    let (status, app) = back(&bench, 0).await;
    assert_eq!((status, &app["operation"]["sync"]["revision"]), (200, old));
    assert!(app["operation"]["info"].is_null(), "there is no room for a tag");
    assert_eq!(back(&bench, 0).await.0, 400, "one operation at a time");
    bench.at(60_000);
    let after = shown(&bench).await;
    let history = after["status"]["history"].as_array().unwrap();
    assert_eq!((history.len(), &history[2]["revision"], &history[2]["id"]), (3, old, &json!(2)));
    assert_eq!(after["status"]["summary"]["images"], json!(["registry.example/shop:1.4.2"]));
    let words = (&after["status"]["sync"]["status"], &after["status"]["health"]["status"]);
    assert_eq!(words, (&json!("OutOfSync"), &json!("Healthy")));
}

#[tokio::test]
async fn argo_37_automated_sync_takes_no_rollback() {
    let bench = bench().await;
    bench.argo.add(shop().automated());
    let (status, refused) = back(&bench, 0).await;
    assert_eq!((status, refused["code"].as_i64()), (400, Some(9)));
    let words = "rollback cannot be initiated when auto-sync is enabled";
    assert_eq!(refused["message"], words);
}
