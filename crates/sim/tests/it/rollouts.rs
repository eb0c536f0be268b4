//! Rollouts in steps, and what can be done to them (ARGO-34, ARGO-39).

use serde_json::{Value, json};
use wilco_sim::argocd::{AppSpec, Outcome};

use super::support::{Bench, bench, check};

const APP: &str = "/api/v1/applications/shop";
const OBJECT: &str =
    "namespace=default&resourceName=shop&version=v1alpha1&group=argoproj.io&kind=Rollout";

async fn rolling(outcome: Outcome) -> Bench {
    let bench = bench().await;
    bench
        .argo
        .add(AppSpec::new("shop").workload("Rollout", "shop", "shop", "1", "2").outcome(outcome));
    bench.post(&format!("{APP}/sync"), &json!({ "name": "shop" })).await;
    bench
}

async fn open(bench: &Bench) -> Vec<String> {
    let answer = bench.get(&format!("{APP}/resource/actions?{OBJECT}")).await.json();
    check("applicationResourceActionsListResponse", &answer);
    let actions = answer["actions"].as_array().unwrap().clone();
    let open = actions.iter().filter(|action| action["disabled"] != true);
    open.map(|action| action["name"].as_str().unwrap().to_owned()).collect()
}

async fn act(bench: &Bench, action: &str) -> u16 {
    let request = json!({
        "name": "shop", "namespace": "default", "resourceName": "shop", "version": "v1alpha1",
        "group": "argoproj.io", "kind": "Rollout", "action": action,
        "resourceActionParameters": [],
    });
    bench.post(&format!("{APP}/resource/actions/v2"), &request).await.status
}

async fn rollout(bench: &Bench) -> Value {
    let answer = bench.get(&format!("{APP}/resource?{OBJECT}")).await.json();
    serde_json::from_str(answer["manifest"].as_str().unwrap()).unwrap()
}

async fn health(bench: &Bench) -> (String, String) {
    let app = bench.get(APP).await.json();
    let health = &app["status"]["health"];
    let word = |name: &str| health[name].as_str().unwrap_or_default().to_owned();
    (word("status"), word("message"))
}

#[tokio::test]
async fn argo_34_a_canary_pauses_after_each_weight_until_somebody_acts() {
    let bench = rolling(Outcome::Canary { weights: vec![20, 60] }).await;
    bench.at(60_000);
    assert_eq!(health(&bench).await, ("Suspended".into(), "CanaryPauseStep".into()));
    let first = rollout(&bench).await;
    assert_eq!(first["status"]["currentStepIndex"], 1);
    assert_eq!(first["spec"]["strategy"]["canary"]["steps"].as_array().unwrap().len(), 4);
    assert_eq!(first["status"]["pauseConditions"][0]["reason"], "CanaryPauseStep");
    assert_eq!(open(&bench).await, ["abort", "promote-full", "restart", "resume"]);
    bench.at(600_000);
    assert_eq!(health(&bench).await.0, "Suspended", "it stands still");
    assert_eq!(act(&bench, "resume").await, 200);
    assert_eq!(health(&bench).await.0, "Progressing");
    assert_eq!(act(&bench, "resume").await, 400, "there is no pause now");
    bench.at(660_000);
    let second = rollout(&bench).await;
    assert_eq!(second["status"]["currentStepIndex"], 3);
    assert_ne!(
        second["status"]["pauseConditions"][0]["startTime"],
        first["status"]["pauseConditions"][0]["startTime"]
    );
    assert_eq!(act(&bench, "resume").await, 200, "a second resume ends the next pause");
    bench.at(720_000);
    assert_eq!(health(&bench).await.0, "Healthy");
    assert_eq!(open(&bench).await, ["restart"]);
}

#[tokio::test]
async fn a_rollout_is_promoted_or_aborted_at_once() {
    let promoted = rolling(Outcome::BlueGreen).await;
    promoted.at(60_000);
    assert_eq!(health(&promoted).await.1, "BlueGreenPause");
    assert!(rollout(&promoted).await["spec"]["strategy"]["blueGreen"].is_object());
    assert_eq!(act(&promoted, "promote-full").await, 200);
    promoted.at(120_000);
    assert_eq!(health(&promoted).await.0, "Healthy");

    let aborted = rolling(Outcome::Canary { weights: vec![20] }).await;
    aborted.at(60_000);
    assert_eq!(act(&aborted, "abort").await, 200);
    let (health, message) = health(&aborted).await;
    assert_eq!(health, "Degraded");
    assert!(message.starts_with("RolloutAborted"), "{message}");
    let app = aborted.get(APP).await.json();
    assert_eq!(app["status"]["summary"]["images"], json!(["registry.example/shop:1"]));
    assert_eq!(rollout(&aborted).await["status"]["abort"], true);
    assert_eq!(open(&aborted).await, ["restart", "retry"]);
    assert_eq!(act(&aborted, "explode").await, 400);
}
