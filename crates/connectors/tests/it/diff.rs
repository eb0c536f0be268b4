//! Plans.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use wilco_connectors::argocd::{ArgoCd, InstanceConfig};
use wilco_core::answer::{Answer, Trouble, TroubleKind};
use wilco_core::plan::{Change, Freshness, Mode, Obstacle};
use wilco_core::port::Connector as _;
use wilco_core::time::Timestamp;
use wilco_sim::argocd::{AppSpec, DEFAULT_PASSWORD, Fault, FaultKind, NewCommit, Object};

use crate::world::{World, call, password};

#[tokio::test]
async fn a_plan_names_images_objects_revision_and_commit() {
    let world = World::new().await;
    world.tool.add(
        AppSpec::new("wallet-api")
            .image("wallet-api", "1.4.2", "1.5.0")
            .workload("CronJob", "cleanup", "cleanup", "3", "4")
            .changed(
                Object::new("ConfigMap", "settings").data("a", "1"),
                Object::new("ConfigMap", "settings").data("a", "2"),
            )
            .added(Object::new("Service", "wallet-api"))
            .pruned(Object::new("Ingress", "old"))
            .commit("Mina <mina@example.com>", "wallet-api 1.5.0\n\nlonger", 1_767_000_000_000),
    );
    let plan = world.plan("wallet-api").await;
    let images: Vec<String> = plan
        .images
        .iter()
        .map(|change| {
            let side = |image: &Option<String>| image.clone().unwrap_or_default();
            format!("{} {} {}", change.container, side(&change.from), side(&change.to))
        })
        .collect();
    assert_eq!(
        images,
        [
            "CronJob/cleanup/cleanup registry.example/cleanup:3 registry.example/cleanup:4",
            "Deployment/wallet-api/wallet-api registry.example/wallet-api:1.4.2 \
         registry.example/wallet-api:1.5.0",
        ]
    );
    let objects: Vec<(&str, Change)> =
        plan.objects.iter().map(|change| (change.object.as_str(), change.change)).collect();
    assert_eq!(
        objects,
        [
            ("ConfigMap/default/settings", Change::Changed),
            ("Ingress/default/old", Change::Extra),
            ("Service/default/wallet-api", Change::Added),
        ]
    );
    assert_eq!((plan.revisions.len(), plan.mode, plan.obstacle), (1, Mode::Start, None));
    assert_eq!(plan.commits[0].title, "wallet-api 1.5.0");
    assert_eq!(plan.commits[0].revision, plan.revisions[0]);
    // The image of a job that runs later proves nothing now.
    assert_eq!(
        plan.evidence["proof"]["expect_images"],
        json!(["registry.example/wallet-api:1.5.0"])
    );
    assert_eq!(plan.evidence["proof"]["gone_images"], json!(["registry.example/wallet-api:1.4.2"]));
}

#[tokio::test]
async fn plans_stand_in_the_order_asked_for() {
    let world = World::new().await;
    for name in ["c", "a", "b", "d", "e", "f"] {
        world.tool.add(AppSpec::new(name).image(name, "1", "2"));
    }
    let plans = world.plans(&["f", "c", "a", "e", "b", "d"]).await;
    let names: Vec<&str> = plans.iter().map(|plan| plan.target.name.as_str()).collect();
    assert_eq!(names, ["f", "c", "a", "e", "b", "d"]);
}

#[tokio::test]
async fn a_plan_read_twice_has_the_same_digest_and_a_new_commit_another() {
    let world = World::new().await;
    world.wallet();
    let first = world.plan("wallet-api").await;
    assert_eq!(world.plan("wallet-api").await.digest(), first.digest());
    world.tool.commit("wallet-api", NewCommit::image("wallet-api", "1.6.0"));
    let second = world.plan("wallet-api").await;
    assert_ne!(second.digest(), first.digest());
    assert_ne!(second.revisions, first.revisions);
}

#[tokio::test]
async fn argo_14_a_commit_that_argo_cd_has_not_seen_is_in_the_plan() {
    let world = World::new().await;
    world.tool.traps(|traps| traps.stale_target = true);
    world
        .tool
        .add(AppSpec::new("wallet-api").image("wallet-api", "1.4.2", "1.5.0").target_unseen());
    let plan = world.plan("wallet-api").await;
    assert_eq!((plan.images.len(), plan.obstacle), (1, None));
}

#[tokio::test]
async fn argo_13_a_refresh_that_blocks_means_may_be_old() {
    let world = World::with(|config| config.limits.refresh = Duration::from_millis(200)).await;
    world.wallet();
    world.tool.traps(|traps| traps.refresh_blocks_ms = 3_600_000);
    let plan = world.plan("wallet-api").await;
    assert_eq!(plan.images.len(), 1);
    assert!(matches!(plan.freshness, Freshness::Old { at: Some(_) }), "{:?}", plan.freshness);
}

#[tokio::test]
async fn argo_16_what_was_not_compared_yet_is_no_plan() {
    for missing in [true, false] {
        let world = World::new().await;
        world.wallet();
        world.tool.traps(|traps| {
            traps.managed_missing = missing;
            traps.managed_empty = !missing;
        });
        let plan = world.plan("wallet-api").await;
        assert!(matches!(plan.obstacle, Some(Obstacle::NotCompared { .. })), "{plan:?}");
    }
}

#[tokio::test]
async fn argo_16_a_secret_shows_only_that_it_changes() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("wallet-api").changed(
        Object::new("Secret", "keys").data("k", "old-word"),
        Object::new("Secret", "keys").data("k", "new-word"),
    ));
    let plan = world.plan("wallet-api").await;
    assert_eq!(plan.objects.len(), 1);
    let text = serde_json::to_string(&plan).unwrap();
    assert!(!text.contains("word") && !text.contains("+++"), "{text}");
}

#[tokio::test]
async fn argo_18_a_multi_source_application_has_a_revision_for_each_source() {
    let world = World::new().await;
    world.tool.add(
        AppSpec::new("two")
            .source("https://git.example/values.git", "prod", "HEAD")
            .image("two", "1", "2"),
    );
    let plan = world.plan("two").await;
    assert_eq!((plan.revisions.len(), plan.commits.len()), (2, 2));
    assert_eq!(plan.evidence["sources"], 2);
}

#[tokio::test]
async fn argo_17_commits_are_told_as_far_as_they_can_be_read() {
    let world = World::new().await;
    world.wallet();
    world.tool.fault(Fault::on(
        "GET",
        "/api/v1/applications/*/revisions/*/metadata",
        FaultKind::Html { status: 502 },
    ));
    let plan = world.plan("wallet-api").await;
    assert_eq!((plan.commits.len(), plan.images.len()), (0, 1));
}

#[tokio::test]
async fn argo_24_a_closed_window_is_an_obstacle() {
    let world = World::new().await;
    world.wallet();
    world.tool.traps(|traps| traps.window_closed = true);
    assert_eq!(world.plan("wallet-api").await.obstacle, Some(Obstacle::WindowClosed));
}

#[tokio::test]
async fn argo_21_an_operation_in_progress_is_an_obstacle_that_names_who() {
    let world = World::new().await;
    world.wallet();
    world.tool.someone_holds("wallet-api", "jun", None);
    let obstacle = world.plan("wallet-api").await.obstacle;
    assert_eq!(obstacle, Some(Obstacle::Busy { by: "jun".to_owned() }));
}

#[tokio::test]
async fn nothing_to_do_and_automated_are_told() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("same").image("same", "1", "1"));
    world.tool.add(AppSpec::new("auto").image("auto", "1", "2").automated());
    let plans = world.plans(&["same", "auto"]).await;
    assert_eq!(plans[0].obstacle, Some(Obstacle::NothingToDo));
    assert_eq!(plans[1].mode, Mode::Watch);
}

#[tokio::test]
async fn the_same_name_in_two_namespaces_is_two_applications() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("wallet-api").namespace("team-b").image("wallet-api", "1", "2"));
    let plans = world.plans(&["wallet-api", "team-b/wallet-api"]).await;
    assert_ne!(plans[0].images, plans[1].images);
    assert_eq!(plans[1].target.namespace, "team-b");
}

#[tokio::test]
async fn a_second_argo_cd_that_is_down_does_not_stop_the_first() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("other").image("other", "1", "2"));
    let mut first = InstanceConfig::new("main", &world.url(), password(DEFAULT_PASSWORD));
    first.limits.read = Duration::from_secs(5);
    let nowhere = InstanceConfig::new("dr", "http://127.0.0.1:1", password("x"));
    let now = Arc::new(|| Timestamp(1_767_225_600_000));
    let argo = ArgoCd::new(vec![first, nowhere], now).unwrap();
    let apps = json!({ "apps": ["main/argocd/wallet-api", "main/argocd/other"] });
    let plans = argo.ask(&call("diff", apps)).await.unwrap();
    assert!(matches!(plans, Answer::Plan(plans) if plans.len() == 2));
    // What is asked of all is never a list that is silently short.
    let away = |missing: &[Trouble]| {
        assert!(matches!(missing, [one] if one.tool == "argocd dr"), "{missing:?}");
        assert_eq!(missing[0].kind, TroubleKind::Unreachable);
    };
    for action in ["repositories", "applications"] {
        let answer = argo.ask(&call(action, json!({}))).await.unwrap();
        let Answer::Choices(offers) = answer else { panic!("{answer:?}") };
        assert_eq!(offers.items.len(), 2);
        away(&offers.missing);
    }
    let both = json!({ "apps": ["main/argocd/wallet-api", "dr/argocd/x", "dr/argocd/y"] });
    for with in [json!({}), both] {
        let answer = argo.ask(&call("versions", with)).await.unwrap();
        let Answer::Versions(rows) = answer else { panic!("{answer:?}") };
        assert!(rows.items.iter().all(|row| row.trouble.is_none()) && !rows.items.is_empty());
        away(&rows.missing);
    }
    let answer = argo.ask(&call("history", json!({ "from": 0 }))).await.unwrap();
    let Answer::Deployed(deployed) = answer else { panic!("{answer:?}") };
    away(&deployed.missing);
    // Who asks about those alone is told why there is nothing.
    let only = json!({ "apps": ["dr/argocd/x", "dr/argocd/y"] });
    for action in ["versions", "history", "diff"] {
        let trouble = argo.ask(&call(action, only.clone())).await.unwrap_err();
        assert_eq!(trouble.tool, "argocd dr", "{action}");
    }
}

#[tokio::test]
async fn names_of_instances_are_checked() {
    let config = |name: &str| InstanceConfig::new(name, "http://127.0.0.1:1", password("x"));
    let now = || Arc::new(|| Timestamp(0));
    for names in [vec![], vec!["a", "a"], vec!["a/b"], vec![""]] {
        let configs = names.iter().map(|name| config(name)).collect();
        assert!(ArgoCd::new(configs, now()).is_err(), "{names:?}");
    }
}
