//! The control surface for other processes.

use serde_json::json;

use super::support::bench;

#[tokio::test]
async fn the_world_can_be_driven_from_outside() {
    let bench = bench().await;
    let commit = json!({ "app": "wallet-api", "commit": { "images": [["wallet-api", "1.6.0"]] } });
    let revision = bench.post("/_sim/commit", &commit).await.json()["revision"].clone();
    assert_eq!(bench.wallet().await["status"]["sync"]["revision"], revision);

    let outcome = json!({ "app": "wallet-api", "outcome": { "end": "degrades" } });
    assert_eq!(bench.post("/_sim/outcome", &outcome).await.status, 200);
    assert_eq!(bench.post("/_sim/traps", &json!({ "empty_summary": true })).await.status, 200);
    assert_eq!(bench.post("/_sim/traps", &json!({ "no_such_trap": true })).await.status, 400);
    bench.sync(json!({ "infos": [{ "name": "wilco", "value": "r1.1" }] })).await;
    bench.at(60_000);
    let app = bench.wallet().await;
    assert_eq!(app["status"]["health"]["status"], "Degraded");
    assert_eq!(app["status"]["summary"], json!({}));
    let healthy = json!({ "app": "wallet-api", "health": "Healthy" });
    assert_eq!(bench.post("/_sim/health", &healthy).await.status, 200);
    assert_eq!(bench.wallet().await["status"]["health"]["status"], "Healthy");

    let ledger = bench.get("/_sim/ledger").await.json();
    assert_eq!(ledger[0]["kind"], "sync");
    assert_eq!(ledger[0]["infos"][0]["value"], "r1.1");
    assert_eq!(ledger.as_array().unwrap().len(), 1);
    let hold = json!({ "app": "wallet-api", "account": "jun", "for_ms": 1_000 });
    assert_eq!(bench.post("/_sim/hold", &hold).await.status, 200);
    assert_eq!(bench.post("/_sim/hold", &hold).await.status, 400);
    let none = json!({ "app": "none", "health": "Healthy" });
    assert_eq!(bench.post("/_sim/health", &none).await.status, 400);
}

#[tokio::test]
async fn faults_from_outside_do_not_catch_the_control_surface() {
    let bench = bench().await;
    let fault = json!({ "method": "*", "path": "/**", "do": "html", "status": 503 });
    assert_eq!(bench.post("/_sim/faults", &fault).await.status, 200);
    assert_eq!(bench.get("/api/v1/applications").await.status, 503);
    assert_eq!(bench.get("/_sim/held").await.json()["count"], 0);
    assert_eq!(bench.delete("/_sim/faults").await.status, 200);
    assert_eq!(bench.get("/api/v1/applications").await.status, 200);
    let requests = bench.get("/_sim/requests").await.json();
    assert_eq!(requests, json!({ "GET /api/v1/applications": 2 }));
}
