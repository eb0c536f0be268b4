//! Going back to an earlier deployment (ARGO-36, ARGO-37).

use serde_json::json;
use wilco_core::answer::{Answer, Seen, TroubleKind, Warning};
use wilco_core::call::{Finding, Operation};
use wilco_core::plan::{Obstacle, TargetPlan};
use wilco_core::port::OperationFault;
use wilco_sim::argocd::{AppSpec, EffectKind, Fault, FaultKind, Outcome};

use super::world::{World, operation, whole};

const ROLLBACK: &str = "/api/v1/applications/*/rollback";
const DAY_MS: i64 = 86_400_000;
const NOW_MS: i64 = 1_767_225_600_000;

fn shop() -> AppSpec {
    AppSpec::new("shop").image("shop", "1.5.0", "1.5.0").was("1.4.2", NOW_MS - DAY_MS)
}

async fn previous(world: &World) -> TargetPlan {
    match world.ask("previous", json!({ "apps": [whole("shop")] })).await {
        Ok(Answer::Plan(mut plans)) => plans.remove(0),
        other => panic!("{other:?}"),
    }
}

fn intend(plan: &TargetPlan) -> Operation {
    operation("r1.2", "rollback", json!({ "app": plan.target }), plan.evidence.clone())
}

fn rollbacks(world: &World) -> usize {
    world.tool.ledger().iter().filter(|effect| effect.kind == EffectKind::Rollback).count()
}

#[tokio::test]
async fn argo_37_success_is_the_old_image_and_health_and_never_synced() {
    let world = World::new().await;
    world.tool.add(shop());
    let plan = previous(&world).await;
    assert_eq!(plan.obstacle, None);
    let image = &plan.images[0];
    assert!(image.from.as_deref().unwrap_or_default().ends_with(":1.5.0"), "{image:?}");
    assert!(image.to.as_deref().unwrap_or_default().ends_with(":1.4.2"), "{image:?}");
    assert_eq!(plan.objects, []);
    let returns = plan.returns.clone().expect("something returns");
    assert_eq!((returns.entry, returns.deployed_by.as_deref()), (0, Some("admin")));
    assert_eq!(returns.deployed_at.map(|at| at.0), Some(NOW_MS - DAY_MS));
    let operation = intend(&plan);
    assert_eq!(world.find(&operation).await, Finding::NotFound);
    world.perform(&operation).await.expect("it is taken");
    let end = world.end(&operation).await;
    let Seen::Succeeded { warnings, .. } = &end else { panic!("{end:?}") };
    assert_eq!(*warnings, [Warning::GitWantsAnother]);
    let again = previous(&world).await;
    assert_ne!(again.digest(), plan.digest(), "another deployment would come back now");
}

#[tokio::test]
async fn argo_36_a_lost_answer_is_found_without_a_tag() {
    let world = World::new().await;
    world.tool.add(shop());
    let operation = intend(&previous(&world).await);
    world.tool.fault(Fault::on("POST", ROLLBACK, FaultKind::ActThenClose).times(1));
    let lost = world.perform(&operation).await;
    assert!(matches!(lost, Err(OperationFault::Unclear(_))), "{lost:?}");
    assert!(matches!(world.find(&operation).await, Finding::Found(_)), "while it runs");
    // Sent again by something on the way: ours is in progress.
    assert!(world.perform(&operation).await.is_ok());
    world.clock.advance(120_000);
    assert!(matches!(world.find(&operation).await, Finding::Found(_)), "when it is over");
    assert_eq!(rollbacks(&world), 1);
}

#[tokio::test]
async fn what_somebody_else_did_meanwhile_is_unsure() {
    let world = World::new().await;
    world.tool.add(shop());
    let operation = intend(&previous(&world).await);
    world.tool.someone_syncs("shop", "sora");
    assert!(matches!(world.find(&operation).await, Finding::Unsure(_)));
    let refused = world.perform(&operation).await;
    let Err(OperationFault::Refused(trouble)) = refused else { panic!("{refused:?}") };
    assert_eq!(trouble.kind, TroubleKind::Busy);
}

#[tokio::test]
async fn argo_37_automated_sync_is_an_obstacle_and_a_refusal() {
    let world = World::new().await;
    world.tool.add(shop().automated());
    let plan = previous(&world).await;
    assert_eq!((plan.obstacle.as_ref(), plan.images.len()), (Some(&Obstacle::AutoSync), 0));
    let refused = world.perform(&intend(&plan)).await;
    let Err(OperationFault::Refused(trouble)) = refused else { panic!("{refused:?}") };
    assert!(trouble.detail.contains("auto-sync is enabled"), "{trouble:?}");
}

#[tokio::test]
async fn what_came_from_another_path_is_not_guessed() {
    let world = World::new().await;
    world.tool.add(shop().was_at("old/path"));
    let plan = previous(&world).await;
    assert_eq!((plan.obstacle, plan.images.len()), (Some(Obstacle::SourceChanged), 0));
}

#[tokio::test]
async fn one_that_is_under_way_can_be_stopped() {
    let world = World::new().await;
    let message = "one or more tasks are running".to_owned();
    world.tool.add(shop().outcome(Outcome::Waits { message, for_ms: None }));
    let rollback = intend(&previous(&world).await);
    world.perform(&rollback).await.expect("it is taken");
    world.follow(&rollback, 3).await;
    let with = json!({ "app": whole("shop"), "operation": "r1.2" });
    let stop = operation("r1.3", "terminate", with, rollback.evidence.clone());
    world.perform(&stop).await.expect("it is ours");
    assert!(matches!(world.find(&stop).await, Finding::Found(_)));
    assert!(matches!(world.end(&rollback).await, Seen::Stopped { .. }));
}
