//! A sync of single objects (ARGO-26).

use serde_json::{Value, json};
use wilco_core::answer::{Answer, Seen, Warning};
use wilco_core::call::Finding;
use wilco_core::plan::{Obstacle, TargetPlan};
use wilco_core::port::OperationFault;
use wilco_sim::argocd::{AppSpec, Fault, FaultKind, Health, Object, Outcome};

use crate::world::{World, whole};

const SYNC: &str = "/api/v1/applications/*/sync";

fn shop() -> AppSpec {
    let settings = |level: &str| Object::new("ConfigMap", "shop").data("level", level);
    AppSpec::new("shop")
        .image("shop", "1.4.2", "1.5.0")
        .changed(settings("info"), settings("debug"))
        .added(Object::new("HorizontalPodAutoscaler", "shop"))
}

async fn plan(world: &World, only: Value) -> TargetPlan {
    match world.ask("diff", json!({ "apps": [whole("shop")], "only": only })).await {
        Ok(Answer::Plan(mut plans)) => plans.remove(0),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn argo_26_only_these_objects_are_planned_asked_for_and_judged() {
    let world = World::new().await;
    world.tool.add(shop());
    let all = world.plan("shop").await;
    let part = plan(&world, json!("Deployment/*")).await;
    assert_eq!((part.images.len(), part.objects.len(), part.obstacle.clone()), (1, 0, None));
    let only = part.only.clone().expect("it is a part");
    assert_eq!((only.objects, only.stays), (vec!["apps/Deployment/default/shop".to_owned()], 2));
    let other = plan(&world, json!(["ConfigMap/shop"])).await;
    let digests = [all.digest(), part.digest(), other.digest()];
    assert!(digests[0] != digests[1] && digests[1] != digests[2], "{digests:?}");
    let sync = world.intend("r1.1", &part);
    world.perform(&sync).await.unwrap();
    assert_eq!(world.tool.syncs_of("shop")[0].only, ["Deployment/shop"]);
    let end = world.end(&sync).await;
    let rest = Warning::OthersDiffer { count: 2 };
    assert_eq!(end, Seen::Succeeded { note: "Healthy".to_owned(), warnings: vec![rest] });
    assert_eq!(world.tool.running_images("shop"), ["registry.example/shop:1.5.0"]);
    let rest = world.plan("shop").await;
    assert_eq!((rest.images.len(), rest.objects.len()), (0, 2), "the rest is still to come");
}

#[tokio::test]
async fn argo_26_it_is_known_by_its_tag_and_never_by_the_history() {
    let world = World::new().await;
    world.tool.add(shop());
    let sync = world.intend("r1.1", &plan(&world, json!("ConfigMap/shop")).await);
    world.tool.fault(Fault::on("POST", SYNC, FaultKind::ActThenClose).times(1));
    let lost = world.perform(&sync).await;
    assert!(matches!(lost, Err(OperationFault::Unclear(_))), "{lost:?}");
    assert!(matches!(world.find(&sync).await, Finding::Found(_)));
    world.clock.advance(60_000);
    assert!(matches!(world.find(&sync).await, Finding::Found(_)), "when it is over");
    // By our own account and to the same revision: the entry is that of another sync.
    world.tool.someone_syncs("shop", "chatops");
    world.clock.advance(60_000);
    assert!(matches!(world.find(&sync).await, Finding::Unsure(_)));
    assert!(matches!(world.end(&sync).await, Seen::Lost { .. }));
}

#[tokio::test]
async fn argo_26_the_health_of_the_others_is_no_matter_and_that_of_the_chosen_is() {
    let world = World::new().await;
    // ARGO-12: the tree has the health of objects, also where the application has not.
    world.tool.traps(|traps| traps.no_object_health = true);
    world.tool.add(shop());
    world.tool.health("shop", Health::Degraded);
    let sync = world.intend("r1.1", &plan(&world, json!("ConfigMap/shop")).await);
    world.perform(&sync).await.unwrap();
    assert!(matches!(world.end(&sync).await, Seen::Succeeded { .. }));
    world.tool.outcome("shop", Outcome::Degrades);
    let sync = world.intend("r1.2", &plan(&world, json!("Deployment/shop")).await);
    world.perform(&sync).await.unwrap();
    let Seen::Failed { note } = world.end(&sync).await else { panic!("it is degraded") };
    assert!(note.contains("Deployment/shop"), "{note}");
}

#[tokio::test]
async fn argo_26_nothing_is_never_everything() {
    let world = World::new().await;
    world.tool.add(shop());
    for none in [json!([]), json!(""), json!("Deployment/shap")] {
        let plan = plan(&world, none).await;
        assert!(matches!(plan.obstacle, Some(Obstacle::NoSuchObject { .. })), "{plan:?}");
    }
    world.tool.add(shop().automated());
    let plan = plan(&world, json!("ConfigMap/shop")).await;
    assert_eq!(plan.obstacle, Some(Obstacle::WholeByItself));
}

#[tokio::test]
async fn argo_26_a_part_is_no_entry_to_go_back_from_or_to() {
    let world = World::new().await;
    world.tool.add(shop());
    let sync = world.intend("r1.1", &plan(&world, json!("Deployment/shop")).await);
    world.perform(&sync).await.unwrap();
    world.end(&sync).await;
    let back = |run: &'static str| {
        let world = &world;
        async move {
            match world.ask("previous", json!({ "apps": [whole("shop")], "run": run })).await {
                Ok(Answer::Plan(mut plans)) => plans.remove(0),
                other => panic!("{other:?}"),
            }
        }
    };
    let plan = back("r1").await;
    let returns = plan.returns.expect("the deployment before it comes back");
    assert_eq!((plan.obstacle, returns.entry, returns.undoes_a_part), (None, 0, true));
    assert!(matches!(back("r7").await.obstacle, Some(Obstacle::NotLast { .. })));
    // The rest comes, and after it a part of the same version.
    let rest = world.intend("r2.1", &world.plan("shop").await);
    world.perform(&rest).await.unwrap();
    world.end(&rest).await;
    world.tool.live_image("shop", "shop", "hotfix");
    let again = world.intend("r3.1", &self::plan(&world, json!("Deployment/shop")).await);
    world.perform(&again).await.unwrap();
    world.end(&again).await;
    assert_eq!(back("r3").await.obstacle, Some(Obstacle::OnlyAPart));
}
