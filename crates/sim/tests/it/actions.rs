//! Resource actions (ARGO-39).

use serde_json::{Value, json};
use wilco_sim::argocd::EffectKind;

use super::support::{Bench, bench, check};

const APP: &str = "/api/v1/applications/wallet-api";
const OBJECT: &str =
    "namespace=default&resourceName=wallet-api&version=v1&group=apps&kind=Deployment";

fn request(action: &str) -> Value {
    json!({
        "name": "wallet-api", "namespace": "default", "resourceName": "wallet-api",
        "version": "v1", "group": "apps", "kind": "Deployment", "action": action,
        "resourceActionParameters": [],
    })
}

/// The Deployment as the cluster holds it.
async fn deployment(bench: &Bench) -> Value {
    let answer = bench.get(&format!("{APP}/resource?{OBJECT}")).await.json();
    check("applicationApplicationResourceResponse", &answer);
    serde_json::from_str(answer["manifest"].as_str().unwrap()).unwrap()
}

fn stamp(deployment: &Value) -> &Value {
    &deployment["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"]
}

#[tokio::test]
async fn argo_39_a_restart_leaves_a_stamp_and_replaces_the_pods() {
    let bench = bench().await;
    let before = deployment(&bench).await;
    assert!(stamp(&before).is_null());
    check("applicationResourceActionRunRequestV2", &request("restart"));
    let answer = bench.post(&format!("{APP}/resource/actions/v2"), &request("restart")).await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    check("applicationApplicationResponse", &answer.json());
    let after = deployment(&bench).await;
    assert_eq!(stamp(&after), "2026-01-01T00:00:00Z");
    assert_eq!(after["metadata"]["generation"], 2);
    assert_eq!(after["status"]["observedGeneration"], 1, "its controller has not looked yet");
    let app = bench.wallet().await;
    assert_eq!(app["status"]["health"]["status"], "Healthy", "neither has Argo CD");
    assert!(app.get("operation").is_none() && app["status"]["operationState"].is_null());
    bench.at(4_000);
    assert_eq!(bench.wallet().await["status"]["health"]["status"], "Progressing");
    let under = deployment(&bench).await;
    assert_eq!(
        (&under["status"]["updatedReplicas"], &under["status"]["replicas"]),
        (&json!(1), &json!(3))
    );
    bench.at(20_000);
    let done = deployment(&bench).await;
    assert_eq!(
        (&done["status"]["updatedReplicas"], &done["status"]["replicas"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(bench.wallet().await["status"]["health"]["status"], "Healthy");
}

#[tokio::test]
async fn argo_39_a_second_restart_is_a_second_one_unless_in_the_same_second() {
    let bench = bench().await;
    let path = format!("{APP}/resource/actions/v2");
    for (at_ms, generation) in [(0, 2), (400, 2), (1_500, 3)] {
        bench.at(at_ms);
        assert_eq!(bench.post(&path, &request("restart")).await.status, 200);
        assert_eq!(deployment(&bench).await["metadata"]["generation"], generation);
    }
    let ledger = bench.argo.ledger();
    assert!(
        ledger.iter().all(|effect| effect.kind == EffectKind::Action && effect.action == "restart")
    );
    assert_eq!(ledger.len(), 3);
    assert_eq!(ledger[0].object.as_deref(), Some("Deployment/default/wallet-api"));
}

#[tokio::test]
async fn argo_39_older_servers_know_the_first_form_only() {
    let bench = bench().await;
    bench.argo.traps(|traps| traps.actions_v1_only = true);
    let newer = bench.post(&format!("{APP}/resource/actions/v2"), &request("restart")).await;
    assert_eq!((newer.status, newer.message().as_str()), (404, "Not Found"));
    let older = format!("{APP}/resource/actions?{OBJECT}");
    assert_eq!(bench.post(&older, &json!("restart")).await.status, 200);
    assert_eq!(stamp(&deployment(&bench).await), "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn what_is_not_there_or_cannot_be_restarted_is_refused() {
    let bench = bench().await;
    let path = format!("{APP}/resource/actions/v2");
    assert_eq!(bench.post(&path, &request("reboot")).await.status, 400);
    let mut other = request("restart");
    other["resourceName"] = json!("other");
    let answer = bench.post(&path, &other).await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().contains("not found as part of application"), "{}", answer.text);
    let refused = bench.argo.ledger();
    assert!(refused.iter().all(|effect| effect.kind == EffectKind::ActionRefused));
    assert_eq!(refused.len(), 2);
}
