//! Applications that are rendered from a chart of a Helm repository.

use serde_json::json;
use wilco_core::answer::{Answer, Seen};
use wilco_core::plan::{Obstacle, TargetPlan};
use wilco_sim::argocd::{AppSpec, Fault, FaultKind, NewCommit};

use crate::world::{World, operation, whole};

const DAY_MS: i64 = 86_400_000;
const NOW_MS: i64 = 1_767_225_600_000;

fn shop() -> AppSpec {
    AppSpec::new("shop")
        .repo("https://charts.example/shop")
        .chart("shop", "1.2.0", "1.3.0")
        .image("shop", "1.4.2", "1.5.0")
        .was_chart("1.1.0", "1.4.1", NOW_MS - DAY_MS)
}

fn told(plan: &TargetPlan) -> Vec<(&str, Option<&str>, &str)> {
    let charts = plan.charts.iter();
    charts.map(|chart| (chart.name.as_str(), chart.from.as_deref(), chart.to.as_str())).collect()
}

async fn previous(world: &World) -> TargetPlan {
    match world.ask("previous", json!({ "apps": [whole("shop")] })).await {
        Ok(Answer::Plan(mut plans)) => plans.remove(0),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn argo_17_a_chart_is_told_by_its_details_and_pinned_by_its_version() {
    let world = World::new().await;
    world.tool.add(shop());
    let plan = world.plan("shop").await;
    assert_eq!(told(&plan), [("shop", Some("1.2.0"), "1.3.0")]);
    assert_eq!((plan.revisions.as_slice(), plan.commits.len()), (&["1.3.0".to_owned()][..], 0));
    assert_eq!(plan.charts[0].about, "Runs shop; Team Wallet");
    assert_eq!(world.requests("GET /api/v1/applications/{name}/revisions/{revision}/metadata"), 0);
    let sync = world.intend("r1.1", &plan);
    world.perform(&sync).await.unwrap();
    assert!(matches!(world.end(&sync).await, Seen::Succeeded { .. }));
    assert_eq!(world.tool.syncs_of("shop")[0].revisions, ["1.3.0"]);
    let row = world.versions(json!({ "apps": [whole("shop")] })).await.remove(0);
    assert_eq!((row.charts[0].from.as_deref(), row.chart_not_updated), (Some("1.3.0"), true));
}

#[tokio::test]
async fn argo_17_details_that_cannot_be_read_spoil_nothing() {
    let world = World::new().await;
    world.tool.add(shop());
    let route = "/api/v1/applications/*/revisions/*/chartdetails";
    world.tool.fault(Fault::on("GET", route, FaultKind::Html { status: 502 }));
    let plan = world.plan("shop").await;
    assert_eq!((plan.charts[0].about.as_str(), plan.obstacle), ("", None));
}

#[tokio::test]
async fn argo_18_a_chart_and_its_values_are_pinned_together() {
    let world = World::new().await;
    world.tool.add(shop().follows("1.x").values_from("https://git.example/values.git"));
    let plan = world.plan("shop").await;
    assert_eq!(told(&plan), [("shop", Some("1.2.0"), "1.3.0")]);
    assert_eq!((plan.revisions.len(), plan.commits.len()), (2, 1), "{plan:?}");
    assert_eq!(plan.commits[0].revision, plan.revisions[1], "the commit of the values");
    // Published after it was read back: it does not come.
    let sync = world.intend("r1.1", &plan);
    world.tool.publish("shop", "1.4.0", NewCommit::image("shop", "1.6.0"));
    world.perform(&sync).await.unwrap();
    assert!(matches!(world.end(&sync).await, Seen::Succeeded { .. }));
    assert_eq!(world.tool.running_images("shop"), ["registry.example/shop:1.5.0"]);
    assert_eq!(told(&world.plan("shop").await), [("shop", Some("1.3.0"), "1.4.0")]);
}

#[tokio::test]
async fn argo_36_a_rollback_goes_from_chart_to_chart() {
    let world = World::new().await;
    world.tool.add(shop());
    let sync = world.intend("r1.1", &world.plan("shop").await);
    world.perform(&sync).await.unwrap();
    world.end(&sync).await;
    let plan = previous(&world).await;
    assert_eq!(
        (plan.obstacle.as_ref(), told(&plan)),
        (None, vec![("shop", Some("1.3.0"), "1.2.0")])
    );
    let with = json!({ "app": plan.target });
    let back = operation("r2.1", "rollback", with, plan.evidence.clone());
    world.perform(&back).await.unwrap();
    assert!(matches!(world.end(&back).await, Seen::Succeeded { .. }));
    assert_eq!(world.tool.running_images("shop"), ["registry.example/shop:1.4.2"]);
}

#[tokio::test]
async fn a_version_that_the_repository_does_not_have_is_named() {
    let world = World::new().await;
    world.tool.add(shop());
    let planned = world.plan("shop").await;
    let gone = |plan: TargetPlan| match plan.obstacle {
        Some(Obstacle::MissingChart { chart }) => format!("{} {}", chart.name, chart.version),
        other => panic!("{other:?}"),
    };
    world.tool.chart_gone("shop", "1.3.0");
    assert_eq!(gone(world.plan("shop").await), "shop 1.3.0");
    let row = world.versions(json!({ "apps": [whole("shop")] })).await.remove(0);
    assert_eq!(row.missing_chart.map(|chart| chart.version).as_deref(), Some("1.3.0"));
    world.tool.chart_gone("shop", "1.1.0");
    assert_eq!(gone(previous(&world).await), "shop 1.1.0");
    let sync = world.intend("r1.1", &planned);
    world.perform(&sync).await.unwrap();
    let Seen::Failed { note } = world.end(&sync).await else { panic!("it cannot be rendered") };
    assert!(note.starts_with("chart \"shop\" version \"1.3.0\" not found in"), "{note}");
}
