//! The version report.

use serde_json::json;
use wilco_core::answer::TroubleKind;
use wilco_sim::argocd::{AppSpec, Fault, FaultKind, Object};

use crate::world::World;

#[tokio::test]
async fn a_row_says_what_runs_what_would_come_and_who_changed_it() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.perform(&operation).await.unwrap();
    world.end(&operation).await;
    world.tool.commit(
        "wallet-api",
        wilco_sim::argocd::NewCommit::image("wallet-api", "1.6.0").by("Jun", "1.6.0\nmore"),
    );
    let row = world.versions(json!({ "apps": ["main/argocd/wallet-api"] })).await.remove(0);
    assert_eq!(
        (row.live, row.wanted),
        (vec!["wallet-api:1.5.0".to_owned()], vec!["wallet-api:1.6.0".to_owned()])
    );
    assert_eq!((row.sync.as_str(), row.health.as_str()), ("OutOfSync", "Healthy"));
    assert_eq!(row.changed_by.as_deref(), Some("chatops"));
    assert!(row.changed_at.is_some() && !row.chart_not_updated && row.trouble.is_none());
    assert_eq!(row.commit.unwrap().title, "1.6.0");
}

#[tokio::test]
async fn a_chart_that_was_not_updated_is_told() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("a").image("a", "1", "2").chart_not_updated());
    world.tool.add(AppSpec::new("b").image("b", "1", "2"));
    let rows = world.versions(json!({ "repository": "" })).await;
    let told: Vec<bool> = rows.iter().map(|row| row.chart_not_updated).collect();
    assert_eq!(told, [true, false]);
}

#[tokio::test]
async fn argo_15_an_empty_summary_is_read_from_the_objects() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("config").same(Object::new("ConfigMap", "c")));
    world.tool.traps(|traps| traps.empty_summary = true);
    let rows = world.versions(json!({})).await;
    assert!(rows[0].live.is_empty() && rows[0].wanted.is_empty(), "no workload at all");
    assert_eq!(rows[1].live, ["wallet-api:1.4.2"]);
}

#[tokio::test]
async fn one_application_that_cannot_be_read_does_not_spoil_the_others() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("broken").image("broken", "1", "2"));
    let kind = FaultKind::Error { status: 500, code: 2, message: "rpc error".to_owned() };
    world.tool.fault(Fault::on("GET", "/api/v1/applications/broken", kind));
    let rows = world.versions(json!({})).await;
    let trouble = rows[0].trouble.as_ref().unwrap();
    assert_eq!(
        (trouble.kind, trouble.detail.as_str()),
        (TroubleKind::ToolFailed, "broken: rpc error")
    );
    assert!(rows[1].trouble.is_none());
}
