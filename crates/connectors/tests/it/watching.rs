//! Is it done? Whole courses against the double; the rule itself is tested with recorded payloads.

use serde_json::json;
use wilco_core::answer::{Seen, Warning};
use wilco_core::call::Operation;
use wilco_sim::argocd::{AppSpec, Health, NewCommit, Object, Outcome};

use crate::world::World;

/// Plans and starts the sync of an application.
async fn started(world: &World, app: &str) -> Operation {
    let plan = world.plan(app).await;
    let operation = world.intend("r1.1", &plan);
    world.perform(&operation).await.expect("the sync is taken");
    operation
}

fn healthy() -> Seen {
    Seen::Succeeded { note: "Healthy".to_owned(), warnings: Vec::new() }
}

#[tokio::test]
async fn argo_31_success_only_when_the_new_image_runs() {
    let world = World::new().await;
    world.wallet();
    let operation = started(&world, "wallet-api").await;
    let all = world.follow(&operation, 100).await;
    assert_eq!(all.last(), Some(&healthy()));
    assert!(all.len() > 15, "the rollout takes 30 s and was waited for: {}", all.len());
    assert_eq!(world.tool.running_images("wallet-api"), ["registry.example/wallet-api:1.5.0"]);
    let notes = format!("{all:?}");
    assert!(notes.contains("Syncing") && notes.contains("1 out of 2"), "{notes}");
}

/// Health is that of the application, in the list, in the single answer and while a sync is looked at.
#[tokio::test]
async fn argo_12_no_health_of_objects_is_needed() {
    let mut courses = Vec::new();
    for no_object_health in [false, true] {
        for outcome in [Outcome::Succeeds, Outcome::Degrades] {
            let world = World::new().await;
            world.tool.traps(|traps| traps.no_object_health = no_object_health);
            world.wallet();
            world.tool.outcome("wallet-api", outcome);
            let operation = started(&world, "wallet-api").await;
            let seen = world.follow(&operation, 100).await;
            let listed = world.offers("applications", json!({})).await.remove(0);
            let health = listed.facts["health"].clone();
            let row =
                world.versions(json!({ "apps": [operation.call.with["app"]] })).await.remove(0);
            assert_eq!(json!(row.health), health);
            courses.push((seen, health));
        }
    }
    let (with, without) = courses.split_at(2);
    assert_eq!(with, without);
    let [(healed, healthy_now), (failed, degraded_now)] = with else { panic!("{with:?}") };
    assert_eq!((healed.last(), healthy_now), (Some(&healthy()), &json!("Healthy")));
    assert!(matches!(failed.last(), Some(Seen::Failed { .. })), "{failed:?}");
    assert_eq!(degraded_now, &json!("Degraded"));
}

#[tokio::test]
async fn argo_20_a_cleared_operation_state_is_no_end() {
    let world = World::new().await;
    world.wallet();
    let operation = started(&world, "wallet-api").await;
    let first = world.follow(&operation, 1).await;
    assert_eq!(first, [Seen::Running { note: "Syncing".to_owned() }]);
}

#[tokio::test]
async fn argo_15_without_images_health_must_hold() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.empty_summary = true);
    let operation = started(&world, "wallet-api").await;
    let warnings = vec![Warning::ImagesNotShown];
    assert_eq!(
        world.end(&operation).await,
        Seen::Succeeded { note: "Healthy".to_owned(), warnings }
    );
    assert_eq!(world.tool.running_images("wallet-api"), ["registry.example/wallet-api:1.5.0"]);
}

#[tokio::test]
async fn a_change_of_configuration_alone_ends_after_the_settle_time() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("config").changed(
        Object::new("ConfigMap", "c").data("a", "1"),
        Object::new("ConfigMap", "c").data("a", "2"),
    ));
    let operation = started(&world, "config").await;
    assert_eq!(world.end(&operation).await, healthy());
}

#[tokio::test]
async fn argo_25_newer_than_approved_is_no_success() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.takes_newest = true);
    let operation = started(&world, "wallet-api").await;
    let newest = world.tool.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    let note = format!("replaced by revision {}", &newest[..8]);
    assert_eq!(world.end(&operation).await, Seen::Lost { note });
}

#[tokio::test]
async fn argo_29_an_automated_sync_on_top_does_not_hide_our_end() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.auto_sync_overwrites = true);
    let operation = started(&world, "wallet-api").await;
    assert!(matches!(world.end(&operation).await, Seen::Succeeded { .. }));
}

#[tokio::test]
async fn argo_30_the_gap_between_attempts_is_waited_out() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.retry_gap = true);
    let operation = started(&world, "wallet-api").await;
    let all = world.follow(&operation, 100).await;
    assert_eq!(all.last(), Some(&healthy()));
    assert!(format!("{all:?}").contains("Retrying attempt #1"), "{all:?}");
}

#[tokio::test]
async fn argo_32_succeeded_and_still_out_of_sync_is_a_warning() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.succeeded_not_synced = true);
    let operation = started(&world, "wallet-api").await;
    let warnings = vec![Warning::StillOutOfSync];
    assert_eq!(
        world.end(&operation).await,
        Seen::Succeeded { note: "Healthy".to_owned(), warnings }
    );
}

#[tokio::test]
async fn argo_33_the_dead_state_never_becomes_a_success() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.dead_state = true);
    let operation = started(&world, "wallet-api").await;
    let all = world.follow(&operation, 100).await;
    assert_eq!(all.len(), 100);
    assert!(all.iter().all(|seen| matches!(seen, Seen::Running { .. })));
}

#[tokio::test]
async fn argo_34_degraded_that_recovers_is_a_success_and_one_that_stays_is_a_failure() {
    let world = World::new().await;
    world.wallet();
    world.tool.outcome("wallet-api", Outcome::DegradesThenRecovers { after_ms: 20_000 });
    let operation = started(&world, "wallet-api").await;
    assert_eq!(world.end(&operation).await, healthy());

    let world = World::new().await;
    world.wallet();
    world.tool.outcome("wallet-api", Outcome::Degrades);
    let operation = started(&world, "wallet-api").await;
    let end = world.end(&operation).await;
    assert!(matches!(&end, Seen::Failed { note } if note.contains("progress deadline")), "{end:?}");
}

#[tokio::test]
async fn argo_34_a_paused_rollout_waits_for_a_person_and_then_goes_on() {
    let world = World::new().await;
    world.tool.add(
        AppSpec::new("canary")
            .workload("Rollout", "canary", "canary", "1", "2")
            .outcome(Outcome::BlueGreen),
    );
    let operation = started(&world, "canary").await;
    assert!(matches!(world.end(&operation).await, Seen::Waiting(_)));
    world.tool.health("canary", Health::Healthy);
    assert_eq!(world.end(&operation).await, healthy());
}

#[tokio::test]
async fn argo_34_a_rollout_that_never_ends_stays_running() {
    let world = World::new().await;
    world.wallet();
    world.tool.outcome("wallet-api", Outcome::StaysProgressing);
    let operation = started(&world, "wallet-api").await;
    let all = world.follow(&operation, 60).await;
    assert_eq!(all.len(), 60);
}

#[tokio::test]
async fn argo_40_a_failed_sync_says_why() {
    let world = World::new().await;
    world.wallet();
    let message = "admission webhook denied the request".to_owned();
    world.tool.outcome("wallet-api", Outcome::SyncFails { message });
    let operation = started(&world, "wallet-api").await;
    let end = world.end(&operation).await;
    let Seen::Failed { note } = end else { panic!("{end:?}") };
    assert!(note.contains("admission webhook") && note.contains("Deployment/wallet-api"), "{note}");
}

#[tokio::test]
async fn argo_33_an_operation_that_never_came_is_lost() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    let all = world.follow(&operation, 100).await;
    assert!(all.len() > 2, "not believed at once");
    assert!(matches!(all.last(), Some(Seen::Lost { .. })), "{all:?}");
}

#[tokio::test]
async fn an_application_that_vanished_under_the_watch_is_lost() {
    let world = World::new().await;
    world.wallet();
    let operation = started(&world, "wallet-api").await;
    world.tool.remove("wallet-api");
    assert!(matches!(world.end(&operation).await, Seen::Lost { .. }));
}

#[tokio::test]
async fn an_automated_application_is_watched_to_the_end() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("auto").image("auto", "1", "2").automated());
    let plan = world.plan("auto").await;
    let operation = world.intend("r1.1", &plan);
    world.perform(&operation).await.unwrap();
    let all = world.follow(&operation, 100).await;
    assert_eq!(all.last(), Some(&healthy()));
    assert!(all.len() > 15, "{}", all.len());
    assert_eq!(world.tool.running_images("auto"), ["registry.example/auto:2"]);
}

#[tokio::test]
async fn an_automated_sync_that_fails_is_a_failure() {
    let world = World::new().await;
    let message = "denied".to_owned();
    world.tool.add(
        AppSpec::new("auto")
            .image("auto", "1", "2")
            .automated()
            .outcome(Outcome::SyncFails { message }),
    );
    let plan = world.plan("auto").await;
    let operation = world.intend("r1.1", &plan);
    world.perform(&operation).await.unwrap();
    assert!(matches!(world.end(&operation).await, Seen::Failed { .. }));
}

#[tokio::test]
async fn argo_35_a_parent_waits_for_what_its_children_bring() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("platform").added(Object::new("Application", "ranking")));
    let operation = started(&world, "platform").await;
    // The parent itself is Synced and Healthy after a few seconds.
    let waiting = world.follow(&operation, 30).await;
    let last = waiting.last().unwrap();
    assert!(matches!(last, Seen::Applied { note } if note.starts_with("ranking: ")), "{last:?}");
    // The controller makes the child, which deploys by itself.
    let child = AppSpec::new("ranking").automated().image("ranking", "3.0.0", "3.1.0");
    world.tool.add(child);
    assert_eq!(world.end(&operation).await, healthy());
    assert_eq!(world.tool.running_images("ranking"), ["registry.example/ranking:3.1.0"]);
}

#[tokio::test]
async fn argo_35_a_child_that_degrades_fails_the_parent_by_name() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("platform").added(Object::new("Application", "ranking")));
    let operation = started(&world, "platform").await;
    world.follow(&operation, 10).await;
    let child = AppSpec::new("ranking").automated().image("ranking", "3.0.0", "3.1.0");
    world.tool.add(child.outcome(Outcome::Degrades));
    let end = world.end(&operation).await;
    assert!(matches!(&end, Seen::Failed { note } if note.starts_with("ranking: ")), "{end:?}");
}
