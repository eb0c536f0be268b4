//! Restarting workloads (ARGO-39).

use serde_json::json;
use wilco_core::answer::{Seen, TroubleKind};
use wilco_core::call::Finding;
use wilco_core::plan::{Change, Obstacle};
use wilco_core::port::OperationFault;
use wilco_sim::argocd::{AppSpec, EffectKind, Fault, FaultKind, Object};

use super::world::World;

const ACTIONS: &str = "/api/v1/applications/*/resource/actions/v2";
const OBJECT: &str = "/api/v1/applications/*/resource";

/// wallet-api with two workloads.
fn two(world: &World) {
    let app = AppSpec::new("wallet-api").image("wallet-api", "1.4.2", "1.4.2");
    world.tool.add(app.workload("StatefulSet", "wallet-db", "db", "16", "16"));
}

fn restarts(world: &World) -> Vec<String> {
    let ledger = world.tool.ledger().into_iter();
    let restarts = ledger.filter(|effect| effect.kind == EffectKind::Action);
    restarts.filter_map(|effect| effect.object).collect()
}

#[tokio::test]
async fn the_plan_names_every_workload_and_what_stands_in_the_way() {
    let world = World::new().await;
    two(&world);
    world.tool.add(AppSpec::new("settings").same(Object::new("ConfigMap", "settings")));
    let plans = world.workloads(&["wallet-api", "settings"]).await;
    let objects: Vec<_> =
        plans[0].objects.iter().map(|object| (object.object.as_str(), object.change)).collect();
    assert_eq!(
        objects,
        [
            ("Deployment/default/wallet-api", Change::Restarted),
            ("StatefulSet/default/wallet-db", Change::Restarted),
        ]
    );
    assert_eq!(plans[0].obstacle, None);
    assert_eq!(plans[1].obstacle, Some(Obstacle::NothingToRestart));
    let digest = plans[0].digest();
    world.tool.someone_syncs("wallet-api", "sora");
    let busy = world.workloads(&["wallet-api"]).await.remove(0);
    assert_eq!(busy.obstacle, Some(Obstacle::Busy { by: "sora".to_owned() }));
    assert_eq!(busy.digest(), digest, "what would be done is the same");
}

#[tokio::test]
async fn a_restart_is_followed_until_the_new_pods_serve() {
    let world = World::new().await;
    two(&world);
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    let operation = world.intend_restart("r1.2", &plan);
    let receipt = world.perform(&operation).await.unwrap();
    assert_eq!(receipt, json!({ "applied": true, "left": [] }));
    let seen = world.follow(&operation, 60).await;
    assert!(matches!(seen.first(), Some(Seen::Applied { .. })), "{seen:?}");
    assert!(matches!(seen.last(), Some(Seen::Succeeded { .. })), "{seen:?}");
    assert!(seen.len() > 5, "{seen:?}");
    assert_eq!(restarts(&world).len(), 2);
}

#[tokio::test]
async fn argo_39_each_workload_is_restarted_once_whatever_gets_lost() {
    let world = World::new().await;
    two(&world);
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    let operation = world.intend_restart("r1.2", &plan);
    assert_eq!(world.find(&operation).await, Finding::NotFound);
    world.tool.fault(Fault::on("POST", ACTIONS, FaultKind::ActThenClose).times(1));
    let lost = world.perform(&operation).await;
    assert!(matches!(lost, Err(OperationFault::Unclear(_))), "{lost:?}");
    assert_eq!(world.find(&operation).await, Finding::Partly);
    world.clock.advance(30_000);
    world.perform(&operation).await.unwrap();
    assert_eq!(
        restarts(&world),
        ["Deployment/default/wallet-api", "StatefulSet/default/wallet-db"]
    );
    assert!(matches!(world.find(&operation).await, Finding::Found(_)));
    world.clock.advance(30_000);
    world.perform(&operation).await.unwrap();
    assert_eq!(restarts(&world).len(), 2, "a restart that is found is not asked for again");
}

#[tokio::test]
async fn argo_39_an_older_server_is_asked_in_its_own_form() {
    let world = World::new().await;
    two(&world);
    world.tool.traps(|traps| traps.actions_v1_only = true);
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    world.perform(&world.intend_restart("r1.2", &plan)).await.unwrap();
    assert_eq!(restarts(&world).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_restarted_is_refused_in_whole_or_told_in_part() {
    let world = World::new().await;
    two(&world);
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    let operation = world.intend_restart("r1.2", &plan);
    let error =
        || FaultKind::Error { status: 403, code: 7, message: "permission denied".to_owned() };
    world.tool.fault(Fault::on("POST", ACTIONS, error()));
    match world.perform(&operation).await {
        Err(OperationFault::Refused(trouble)) => {
            assert_eq!(trouble.kind, TroubleKind::Forbidden);
            assert_eq!(trouble.detail, "wallet-api: permission denied");
        }
        other => panic!("{other:?}"),
    }
    world.tool.clear_faults();
    world.tool.fault(Fault::on("POST", ACTIONS, error()).after(1));
    let receipt = world.perform(&operation).await.unwrap();
    let left = json!([["StatefulSet/default/wallet-db", "permission denied"]]);
    assert_eq!(receipt, json!({ "applied": true, "left": left }));
}

#[tokio::test]
async fn a_reading_that_fails_is_no_refusal_and_no_finding() {
    let world = World::new().await;
    two(&world);
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    let operation = world.intend_restart("r1.2", &plan);
    world.tool.fault(Fault::on("GET", OBJECT, FaultKind::Html { status: 502 }));
    let unread = world.perform(&operation).await;
    assert!(matches!(unread, Err(OperationFault::Unclear(_))), "{unread:?}");
    assert!(matches!(world.find(&operation).await, Finding::NotNow(_)));
    assert!(restarts(&world).is_empty());
    // A gateway's "not found" is not Argo CD's word about the workload.
    world.tool.clear_faults();
    let gateway = FaultKind::Error { status: 404, code: 5, message: "Not Found".to_owned() };
    world.tool.fault(Fault::on("GET", OBJECT, gateway));
    assert!(matches!(world.find(&operation).await, Finding::NotNow(_)));
    let apps = json!({ "apps": ["main/argocd/wallet-api"] });
    assert!(world.ask("workloads", apps).await.is_err(), "no plan leaves it out");
    world.tool.clear_faults();
    let gone = FaultKind::Error {
        status: 400,
        code: 3,
        message: "Deployment apps wallet-api not found as part of application wallet-api"
            .to_owned(),
    };
    world.tool.fault(Fault::on("GET", OBJECT, gone));
    assert!(
        matches!(world.find(&operation).await, Finding::Unsure(_)),
        "restarted before it went?"
    );
}
