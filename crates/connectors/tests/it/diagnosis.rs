//! How an application is, and why (ARGO-40).

use serde_json::json;
use wilco_core::answer::{Answer, Seen, Trouble, TroubleKind};
use wilco_core::diagnosis::Diagnosis;
use wilco_sim::argocd::{AppSpec, Fault, FaultKind, Outcome};

use super::world::{World, whole};

async fn ask(world: &World, app: &str) -> Result<Diagnosis, Trouble> {
    match world.ask("diagnosis", json!({ "apps": [whole(app)] })).await {
        Ok(Answer::Diagnoses(mut found)) => Ok(found.remove(0)),
        Ok(other) => panic!("{other:?}"),
        Err(trouble) => Err(trouble),
    }
}

/// An application whose deployment ended so.
async fn after(outcome: Outcome) -> World {
    let world = World::new().await;
    world.tool.add(AppSpec::new("shop").image("shop", "1.4.2", "1.5.0").outcome(outcome));
    let sync = world.intend("r12.3", &world.plan("shop").await);
    world.perform(&sync).await.expect("the sync is taken");
    assert!(!matches!(world.end(&sync).await, Seen::Running { .. }));
    world
}

#[tokio::test]
async fn argo_40_what_crashes_is_found_with_its_last_words_and_without_its_password() {
    let world = after(Outcome::Degrades).await;
    let found = ask(&world, "shop").await.unwrap();
    assert_eq!((found.health.as_str(), found.sync.as_str()), ("Degraded", "Synced"));
    assert_eq!(found.operation.as_ref().map(|operation| operation.by.as_str()), Some("r12"));
    let pod = &found.objects[0];
    assert!(pod.object.starts_with("Pod shop-"), "{pod:?}");
    assert_eq!((pod.state.as_str(), pod.restarts), ("CrashLoopBackOff", 5));
    assert_eq!(pod.note, "shop: Error, exit code 1");
    assert_eq!(
        found.events.iter().map(|event| event.reason.as_str()).max(),
        Some("ProgressDeadlineExceeded")
    );
    let log = &found.logs[0];
    assert_eq!((log.container.as_str(), log.previous), ("shop", true));
    assert_eq!(
        log.lines,
        [
            "starting",
            "connecting to postgres://wallet:***@db:5432/wallet",
            "panic: cannot connect to database",
        ]
    );
    assert_eq!(found.unread, []);
    assert!(found.tells());
}

#[tokio::test]
async fn argo_40_what_failed_in_the_sync_comes_first() {
    let world = after(Outcome::SyncFails { message: "denied: token=abc".into() }).await;
    let found = ask(&world, "shop").await.unwrap();
    assert_eq!(found.objects[0].state, "SyncFailed");
    assert_eq!(found.objects[0].note, "denied: token=***");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_the_rest_is_told() {
    let world = after(Outcome::Degrades).await;
    let deny = |route: &str| {
        let error = FaultKind::Error { status: 403, code: 7, message: "permission denied".into() };
        world.tool.fault(Fault::on("GET", route, error));
    };
    deny("/api/v1/applications/*/logs");
    deny("/api/v1/applications/*/events");
    let found = ask(&world, "shop").await.unwrap();
    assert!(found.logs.is_empty() && found.events.is_empty() && !found.objects.is_empty());
    assert!(found.unread.iter().all(|trouble| trouble.kind == TroubleKind::Forbidden));
    assert!(!found.unread.is_empty());
    deny("/api/v1/applications/*/resource-tree");
    let found = ask(&world, "shop").await.unwrap();
    assert_eq!((found.health.as_str(), found.unread.len()), ("Degraded", 1));
}

#[tokio::test]
async fn of_what_is_well_there_is_nothing_to_tell() {
    let world = after(Outcome::Succeeds).await;
    let found = ask(&world, "shop").await.unwrap();
    assert!(!found.tells(), "{found:?}");
    assert_eq!(found.logs[0].lines, ["listening on :8080"]);
    assert_eq!(ask(&world, "none").await.unwrap_err().kind, TroubleKind::NotFound);
}
