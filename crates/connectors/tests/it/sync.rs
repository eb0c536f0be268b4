//! Syncs and terminates: what is sent, what is refused, what is found again.

use serde_json::json;
use wilco_core::answer::TroubleKind;
use wilco_core::call::{Finding, Operation};
use wilco_core::port::OperationFault;
use wilco_sim::argocd::{Account, AppSpec, EffectKind, Info, NewCommit, Outcome};

use crate::world::{World, operation, whole};

fn refused(outcome: Result<serde_json::Value, OperationFault>) -> (TroubleKind, String) {
    match outcome {
        Err(OperationFault::Refused(trouble)) => (trouble.kind, trouble.detail),
        other => panic!("{other:?}"),
    }
}

fn terminate(of: &Operation) -> Operation {
    let with = json!({ "app": of.call.with["app"], "operation": of.id });
    operation("r1.9", "terminate", with, of.evidence.clone())
}

#[tokio::test]
async fn argo_19_a_sync_is_pinned_and_tagged_and_keeps_the_application_s_own_options() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    // A newer commit after the plan must not be deployed (ARGO-25).
    world.tool.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    world.perform(&world.intend("r1.4", &plan)).await.unwrap();
    let syncs = world.tool.syncs_of("wallet-api");
    assert_eq!(syncs.len(), 1);
    assert_eq!(syncs[0].revisions, plan.revisions);
    assert_eq!(syncs[0].infos, [Info { name: "wilco".to_owned(), value: "r1.4".to_owned() }]);
}

#[tokio::test]
async fn argo_18_a_multi_source_sync_names_every_source() {
    let world = World::new().await;
    world.tool.add(
        AppSpec::new("two")
            .source("https://git.example/values.git", "prod", "HEAD")
            .image("two", "1", "2"),
    );
    let plan = world.plan("two").await;
    let operation = world.intend("r1.1", &plan);
    world.perform(&operation).await.unwrap();
    assert_eq!(world.tool.syncs_of("two")[0].revisions, plan.revisions);
    assert!(matches!(world.end(&operation).await, wilco_core::answer::Seen::Succeeded { .. }));
}

#[tokio::test]
async fn without_a_planned_revision_nothing_is_sent() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    for revisions in [json!([]), json!([""]), json!(null)] {
        let with = json!({ "app": plan.target, "revisions": revisions });
        let bare = operation("r1.1", "sync", with, plan.evidence.clone());
        assert_eq!(refused(world.perform(&bare).await).0, TroubleKind::BadRequest);
    }
    assert_eq!(world.requests("POST /api/v1/applications/{name}/sync"), 0);
}

#[tokio::test]
async fn argo_21_a_second_operation_is_refused_and_says_who() {
    for older in [false, true] {
        let world = World::new().await;
        world.wallet();
        world.tool.traps(|traps| traps.older_errors = older);
        let plan = world.plan("wallet-api").await;
        world.tool.someone_holds("wallet-api", "jun", None);
        let (kind, detail) = refused(world.perform(&world.intend("r1.1", &plan)).await);
        assert_eq!((kind, detail.as_str()), (TroubleKind::Busy, "wallet-api: jun"));
    }
}

#[tokio::test]
async fn argo_21_auto_sync_may_win_the_race() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.tool.traps(|traps| traps.auto_sync_wins_race = true);
    let (kind, detail) = refused(world.perform(&world.intend("r1.1", &plan)).await);
    assert_eq!((kind, detail.as_str()), (TroubleKind::Busy, "wallet-api: automated"));
}

#[tokio::test]
async fn argo_22_our_own_operation_is_attached_to_and_never_doubled() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    let first = world.perform(&operation).await.unwrap();
    let again = world.perform(&operation).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(world.tool.syncs_of("wallet-api").len(), 1);
}

#[tokio::test]
async fn argo_23_auto_sync_that_was_switched_on_meanwhile_refuses() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.tool.add(AppSpec::new("wallet-api").image("wallet-api", "1.4.2", "1.5.0").automated());
    let (kind, detail) = refused(world.perform(&world.intend("r1.1", &plan)).await);
    assert_eq!(kind, TroubleKind::Refused);
    assert!(detail.contains("auto-sync"), "{detail}");
}

#[tokio::test]
async fn argo_24_a_closed_window_and_a_missing_right_are_told_apart() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.traps(|traps| traps.window_closed = true);
    assert_eq!(refused(world.perform(&operation).await).0, TroubleKind::WindowClosed);
    world.tool.traps(|traps| traps.window_closed = false);
    world.tool.account(Account::new("chatops").password("chatops-password").read_only());
    let (kind, detail) = refused(world.perform(&operation).await);
    assert_eq!(kind, TroubleKind::Forbidden);
    assert!(detail.starts_with("wallet-api: permission denied"), "{detail}");
}

#[tokio::test]
async fn argo_08_a_missing_override_right_is_told() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.tool.traps(|traps| traps.foreign_revision_needs_override = true);
    world.tool.account(Account::new("chatops").password("chatops-password").no_override());
    let (kind, detail) = refused(world.perform(&world.intend("r1.1", &plan)).await);
    assert_eq!(kind, TroubleKind::Forbidden);
    assert!(detail.contains("override"), "{detail}");
}

#[tokio::test]
async fn an_automated_application_is_refreshed_and_never_synced_by_us() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("auto").image("auto", "1", "2").automated());
    let plan = world.plan("auto").await;
    let receipt = world.perform(&world.intend("r1.1", &plan)).await.unwrap();
    assert_eq!(receipt["mode"], "watch");
    assert_eq!(world.requests("POST /api/v1/applications/{name}/sync"), 0);
}

#[tokio::test]
async fn argo_05_terminate_reaches_only_our_own_operation() {
    let world = World::new().await;
    world.wallet();
    let waits = Outcome::Waits { message: "waiting for hook".to_owned(), for_ms: None };
    world.tool.outcome("wallet-api", waits);
    let plan = world.plan("wallet-api").await;
    let ours = world.intend("r1.1", &plan);
    world.perform(&ours).await.unwrap();
    world.clock.advance(5_000);
    let foreign = terminate(&world.intend("r2.1", &plan));
    assert_eq!(
        refused(world.perform(&foreign).await),
        (TroubleKind::Over, "wallet-api: chatops".to_owned()),
        "another one is in progress, so that one is not"
    );
    let stop = terminate(&ours);
    assert_eq!(world.find(&stop).await, Finding::NotFound);
    world.perform(&stop).await.unwrap();
    assert!(matches!(world.find(&stop).await, Finding::Found(_)));
    assert!(matches!(world.end(&ours).await, wilco_core::answer::Seen::Stopped { .. }));
    assert!(matches!(world.find(&stop).await, Finding::Found(_)), "also when it is over");
    let terminates = world.tool.ledger();
    let terminates = terminates.iter().filter(|e| e.kind == EffectKind::Terminate).count();
    assert_eq!(terminates, 1);
}

#[tokio::test]
async fn argo_33_a_terminate_that_argo_cd_refuses_is_told() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let ours = world.intend("r1.1", &plan);
    world.perform(&ours).await.unwrap();
    world.clock.advance(2_000);
    world.tool.traps(|traps| traps.terminate_refused = true);
    let (kind, detail) = refused(world.perform(&terminate(&ours)).await);
    assert_eq!(kind, TroubleKind::NotYet, "it may only not have been picked up yet");
    assert!(detail.contains("No operation is in progress"), "{detail}");
}

#[tokio::test]
async fn argo_33_what_is_over_cannot_be_stopped_and_that_is_told_apart_from_too_soon() {
    let world = World::new().await;
    world.wallet();
    world.tool.outcome("wallet-api", Outcome::StaysProgressing);
    let plan = world.plan("wallet-api").await;
    let ours = world.intend("r1.1", &plan);
    let stop = terminate(&ours);
    assert_eq!(refused(world.perform(&stop).await).0, TroubleKind::NotYet, "nothing shows it");
    world.perform(&ours).await.unwrap();
    assert_eq!(refused(world.perform(&stop).await).0, TroubleKind::NotYet, "not picked up");
    world.clock.advance(60_000);
    let asked = world.requests("DELETE /api/v1/applications/{name}/operation");
    assert_eq!(refused(world.perform(&stop).await).0, TroubleKind::Over, "Progressing");
    assert_eq!(world.find(&stop).await, Finding::NotFound, "nobody stopped it");
    world.tool.someone_syncs("wallet-api", "jun");
    let (kind, detail) = refused(world.perform(&stop).await);
    assert_eq!((kind, detail.as_str()), (TroubleKind::Over, "wallet-api: jun"));
    world.clock.advance(60_000);
    assert_eq!(refused(world.perform(&stop).await).0, TroubleKind::Over, "after another one");
    let since = world.requests("DELETE /api/v1/applications/{name}/operation") - asked;
    assert_eq!(since, 0, "what is not ours is not touched");
}

#[tokio::test]
async fn argo_22_found_while_it_is_queued_while_it_runs_and_after_it_ended() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    assert_eq!(world.find(&operation).await, Finding::NotFound);
    world.perform(&operation).await.unwrap();
    for _ in 0..30 {
        assert!(matches!(world.find(&operation).await, Finding::Found(_)));
        world.clock.advance(2_000);
    }
    let other = world.intend("r2.1", &plan);
    assert!(!matches!(world.find(&other).await, Finding::Found(_)), "the tag of another run");
}

#[tokio::test]
async fn argo_29_found_in_the_history_when_auto_sync_overwrote_the_operation() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.traps(|traps| traps.auto_sync_overwrites = true);
    world.perform(&operation).await.unwrap();
    world.clock.advance(60_000);
    assert!(matches!(world.find(&operation).await, Finding::Found(_)));
}

#[tokio::test]
async fn what_others_did_since_the_intent_makes_it_unsure() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.someone_syncs("wallet-api", "jun");
    assert!(matches!(world.find(&operation).await, Finding::Unsure(_)), "while it runs");
    world.clock.advance(120_000);
    assert!(matches!(world.find(&operation).await, Finding::Unsure(_)), "and afterwards");
    // The same account by hand, without our tag, is not ours either.
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r3.1", &plan);
    world.tool.someone_syncs("wallet-api", "chatops");
    world.clock.advance(120_000);
    assert!(matches!(world.find(&operation).await, Finding::Unsure(_)));
}

#[tokio::test]
async fn argo_11_a_lagging_list_does_not_hide_an_effect() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.traps(|traps| traps.list_lag_ms = 60_000);
    world.perform(&operation).await.unwrap();
    assert!(matches!(world.find(&operation).await, Finding::Found(_)));
}

#[tokio::test]
async fn an_application_that_vanished_is_unsure() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.remove("wallet-api");
    assert!(matches!(world.find(&operation).await, Finding::Unsure(_)));
    let trouble = world.ask("diff", json!({ "apps": [whole("wallet-api")] })).await.unwrap_err();
    assert_eq!((trouble.kind, trouble.detail.as_str()), (TroubleKind::NotFound, "wallet-api"));
}
