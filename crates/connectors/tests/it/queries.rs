//! Every name in a query is one that Argo CD reads: it passes over the others without a word, and then the
//! wrong application is meant, or nothing is looked at anew.

use std::collections::BTreeSet;

use serde_json::json;
use wilco_core::answer::Seen;
use wilco_core::port::Connector as _;
use wilco_sim::argocd::{AppSpec, Outcome};

use crate::world::{World, operation};

#[tokio::test]
async fn every_name_that_is_sent_is_read() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(
        AppSpec::new("values")
            .repo("https://git.example/web.git")
            .source("https://git.example/values.git", "prod", "HEAD")
            .image("values", "1", "2"),
    );
    world.tool.add(
        AppSpec::new("chart")
            .repo("https://charts.example/shop")
            .chart("shop", "1.2.0", "1.3.0")
            .values_from("https://git.example/values.git")
            .image("chart", "1", "2"),
    );
    world.offers("repositories", json!({})).await;
    world.offers("applications", json!({ "fresh": "main/argocd/wallet-api" })).await;
    world.versions(json!({ "apps": ["main/argocd/wallet-api"] })).await;
    let plans = world.plans(&["wallet-api", "values", "chart"]).await;
    for rights in world.argo.rights().await {
        rights.expect("the account may be asked about");
    }
    for (plan, id) in plans.iter().zip(["r1.1", "r1.2"]) {
        let sync = world.intend(id, plan);
        world.perform(&sync).await.expect("the sync is taken");
        world.find(&sync).await;
        world.follow(&sync, 2).await;
        let with = json!({ "app": plan.target, "operation": id });
        let stop = operation("r1.9", "terminate", with, sync.evidence.clone());
        world.perform(&stop).await.ok();
    }
    let plan = world.workloads(&["wallet-api"]).await.remove(0);
    // An older server is asked with everything in the address.
    world.tool.traps(|traps| traps.actions_v1_only = true);
    world.perform(&world.intend_restart("r1.3", &plan)).await.expect("the restart is taken");
    world.tool.add(AppSpec::new("back").image("back", "2", "2").was("1", 1));
    let back = world.ask("previous", json!({ "apps": ["main/argocd/back"] })).await;
    back.expect("it can be rendered");
    world.tool.add(AppSpec::new("ill").image("ill", "1", "2").outcome(Outcome::Degrades));
    let sync = world.intend("r1.5", &world.plan("ill").await);
    world.perform(&sync).await.expect("the sync is taken");
    assert!(matches!(world.end(&sync).await, Seen::Failed { .. }));
    let ill = world.ask("diagnosis", json!({ "apps": ["main/argocd/ill"] })).await;
    ill.expect("it can be looked at");
    let shop = AppSpec::new("shop").workload("Rollout", "shop", "shop", "1", "2");
    world.tool.add(shop.outcome(Outcome::BlueGreen));
    let sync = world.intend("r1.4", &world.plan("shop").await);
    world.perform(&sync).await.expect("the sync is taken");
    assert!(matches!(world.end(&sync).await, Seen::Waiting(_)));
    assert_eq!(world.tool.passed_over(), BTreeSet::new());
    // Listening ends by itself never: until the stream was opened.
    let opened = async {
        while world.requests("GET /api/v1/stream/applications") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    };
    tokio::select! {
        () = world.argo.hints(&|_| ()) => {}
        () = opened => {}
    }
    // All that the double reads queries of was asked.
    let asked = world.tool.requests();
    let read = wilco_sim::argocd::query::READ.iter();
    let never: Vec<&str> = read
        .filter(|(method, route, _)| !asked.contains_key(&format!("{method} {route}")))
        .map(|(_, route, _)| route.rsplit('/').next().unwrap_or_default())
        .collect();
    assert_eq!(never, [""; 0]);
}
