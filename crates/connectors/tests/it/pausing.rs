//! Pauses of Rollouts, and what is done about them (ARGO-34, ARGO-39).

use serde_json::json;
use wilco_core::answer::{Act, Pause, Seen, TroubleKind};
use wilco_core::call::{Finding, Operation};
use wilco_core::port::{Connector as _, OperationFault};
use wilco_sim::argocd::{Account, AppSpec, EffectKind, Fault, FaultKind, Object, Outcome};

use super::world::{World, operation};

const ACT: &str = "/api/v1/applications/*/resource/actions/v2";
const ACTIONS: &str = "/api/v1/applications/*/resource/actions";
const OBJECT: &str = "/api/v1/applications/*/resource";

/// A deployment of `shop` that has come to its first pause.
async fn paused(world: &World, outcome: Outcome) -> (Operation, Pause) {
    let shop = AppSpec::new("shop").workload("Rollout", "shop", "shop", "1", "2");
    world.tool.add(shop.outcome(outcome));
    let sync = world.intend("r1.2", &world.plan("shop").await);
    world.perform(&sync).await.expect("the sync is taken");
    let Seen::Waiting(pause) = world.end(&sync).await else { panic!("it does not pause") };
    (sync, pause)
}

fn canary() -> Outcome {
    Outcome::Canary { weights: vec![20, 60] }
}

fn intend(id: &str, act: Act, pause: &Pause) -> Operation {
    operation(id, act.as_str(), json!({ "app": "main/argocd/shop" }), pause.evidence.clone())
}

fn acts(world: &World) -> Vec<String> {
    let ledger = world.tool.ledger().into_iter();
    ledger.filter(|effect| effect.kind == EffectKind::Action).map(|effect| effect.action).collect()
}

#[tokio::test]
async fn argo_34_a_pause_tells_where_it_stands_and_what_can_be_done() {
    let world = World::new().await;
    let (_, pause) = paused(&world, canary()).await;
    let stop = &pause.stops[0];
    assert_eq!(
        (stop.object.as_str(), stop.step, stop.weight),
        ("Rollout/shop", Some((2, 4)), Some(20))
    );
    assert_eq!(pause.acts, Act::ALL);
    assert!(!pause.id.is_empty());
}

#[tokio::test]
async fn each_act_is_done_once_and_the_next_pause_is_another_one() {
    let world = World::new().await;
    let (sync, first) = paused(&world, canary()).await;
    let resume = intend("r1.3", Act::Resume, &first);
    assert_eq!(world.find(&resume).await, Finding::NotFound);
    world.perform(&resume).await.unwrap();
    let happened = world.find(&resume).await;
    assert!(matches!(happened, Finding::Found(_)), "{happened:?}");
    let Seen::Waiting(second) = world.end(&sync).await else { panic!("no second pause") };
    assert_ne!(second.id, first.id);
    // Sent again by something on the way, or by a person with an old button.
    let again = world.perform(&resume).await;
    let Err(OperationFault::Refused(trouble)) = again else { panic!("{again:?}") };
    assert_eq!(trouble.kind, TroubleKind::Over);
    assert!(matches!(world.find(&resume).await, Finding::Found(_)));
    world.perform(&intend("r1.4", Act::Promote, &second)).await.unwrap();
    assert!(matches!(world.end(&sync).await, Seen::Succeeded { .. }));
    assert_eq!(acts(&world), ["resume", "promote-full"]);
}

#[tokio::test]
async fn an_aborted_rollout_fails() {
    let world = World::new().await;
    let (sync, pause) = paused(&world, canary()).await;
    world.perform(&intend("r1.3", Act::Abort, &pause)).await.unwrap();
    let end = world.end(&sync).await;
    let Seen::Failed { note } = &end else { panic!("{end:?}") };
    assert!(note.contains("RolloutAborted"), "{note}");
}

#[tokio::test]
async fn a_lost_answer_is_looked_for() {
    let world = World::new().await;
    let (_, pause) = paused(&world, canary()).await;
    let resume = intend("r1.3", Act::Resume, &pause);
    world.tool.fault(Fault::on("POST", ACT, FaultKind::ActThenClose).times(1));
    let lost = world.perform(&resume).await;
    assert!(matches!(lost, Err(OperationFault::Unclear(_))), "{lost:?}");
    assert!(matches!(world.find(&resume).await, Finding::Found(_)));
    world.tool.fault(Fault::on("GET", OBJECT, FaultKind::Close));
    assert!(matches!(world.find(&resume).await, Finding::NotNow(_)));
}

#[tokio::test]
async fn what_the_account_may_not_do_is_refused_with_the_words_of_argo_cd() {
    let world = World::new().await;
    let (_, pause) = paused(&world, Outcome::BlueGreen).await;
    world.tool.account(Account::new("chatops").password("chatops-password").no_actions());
    let refused = world.perform(&intend("r1.3", Act::Promote, &pause)).await;
    let Err(OperationFault::Refused(trouble)) = refused else { panic!("{refused:?}") };
    assert_eq!(trouble.kind, TroubleKind::Forbidden);
    assert!(trouble.detail.contains("action/argoproj.io/Rollout/promote-full"), "{trouble:?}");
    assert_eq!(acts(&world), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_read_is_not_offered_and_waits_all_the_same() {
    let world = World::new().await;
    let (sync, _) = paused(&world, canary()).await;
    world.tool.fault(Fault::on("GET", ACTIONS, FaultKind::Empty { status: 503 }));
    let Seen::Waiting(pause) = world.end(&sync).await else { panic!("it waits") };
    assert_eq!((pause.stops.len(), pause.acts.len()), (1, 0), "where it stands is known");
    world.tool.fault(Fault::on("GET", OBJECT, FaultKind::Empty { status: 503 }));
    let Seen::Waiting(pause) = world.end(&sync).await else { panic!("it waits") };
    assert_eq!((pause.stops.len(), pause.note.as_str()), (0, "Suspended: CanaryPauseStep"));
}

#[tokio::test]
async fn what_is_suspended_and_no_rollout_is_named() {
    let world = World::new().await;
    let app = AppSpec::new("shop").image("shop", "1", "2").same(Object::new("ConfigMap", "c"));
    world.tool.add(app.outcome(Outcome::Suspends));
    let sync = world.intend("r1.2", &world.plan("shop").await);
    world.perform(&sync).await.unwrap();
    let Seen::Waiting(pause) = world.end(&sync).await else { panic!("it waits") };
    assert_eq!(pause.stops[0].object, "Deployment/shop");
    assert!(pause.acts.is_empty());
}

/// A deployment of `shop` whose hook is a suspended Job.
async fn hooked(world: &World) -> (Operation, Pause) {
    let hook = Object::new("Job", "migrate").hook("PreSync");
    let shop = AppSpec::new("shop").image("shop", "1", "2").changed(hook.clone(), hook);
    world.tool.add(shop.outcome(Outcome::HookSuspended));
    let sync = world.intend("r1.2", &world.plan("shop").await);
    world.perform(&sync).await.expect("the sync is taken");
    let Seen::Waiting(pause) = world.end(&sync).await else { panic!("it does not pause") };
    (sync, pause)
}

#[tokio::test]
async fn argo_27_a_hook_that_is_suspended_waits_for_a_person_and_is_resumed_once() {
    let world = World::new().await;
    let (sync, pause) = hooked(&world).await;
    assert!(pause.is_hook && pause.note.contains("hook batch/Job/migrate"), "{pause:?}");
    assert_eq!(pause.stops[0].object, "Job/migrate");
    assert_eq!(pause.acts, [Act::Resume]);
    let resume = intend("r1.3", Act::Resume, &pause);
    assert_eq!(world.find(&resume).await, Finding::NotFound);
    world.perform(&resume).await.unwrap();
    assert!(matches!(world.find(&resume).await, Finding::Found(_)));
    let again = world.perform(&resume).await;
    let Err(OperationFault::Refused(trouble)) = again else { panic!("{again:?}") };
    assert_eq!(trouble.kind, TroubleKind::Over);
    assert!(matches!(world.end(&sync).await, Seen::Succeeded { .. }));
    assert_eq!(acts(&world), ["resume"]);
}

#[tokio::test]
async fn argo_27_a_hook_that_cannot_be_read_now_is_a_missed_look_and_no_news() {
    let world = World::new().await;
    let (sync, _) = hooked(&world).await;
    let look = || world.argo.watch(&sync, &json!(null), &json!(null));
    for kind in [FaultKind::Close, FaultKind::HalfJson] {
        world.tool.clear_faults();
        world.tool.fault(Fault::on("GET", OBJECT, kind));
        let seen = look().await;
        assert!(seen.as_ref().is_err_and(|trouble| trouble.kind.passes()), "{seen:?}");
    }
    world.tool.clear_faults();
    let denied = FaultKind::Error { status: 403, code: 7, message: "permission denied".into() };
    world.tool.fault(Fault::on("GET", OBJECT, denied));
    let seen = look().await.unwrap().seen;
    assert!(matches!(&seen, Seen::Running { note } if note.contains("Job/migrate")), "{seen:?}");
}
