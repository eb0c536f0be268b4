//! Repositories and applications as they are offered.

use serde_json::json;
use wilco_core::answer::{Offer, TroubleKind};
use wilco_sim::argocd::{Account, AppSpec};

use crate::world::World;

#[tokio::test]
async fn repositories_have_short_names_and_counts() {
    let world = World::with(|config| {
        config
            .repositories
            .insert("https://git.example/web.git".to_owned(), "gamedosi-web".to_owned());
    })
    .await;
    world.tool.add(AppSpec::new("a").repo("https://git.example/web.git").image("a", "1", "2"));
    world.tool.add(AppSpec::new("b").repo("https://git.example/web.git"));
    world.tool.add(AppSpec::new("c").repo("https://git.example/wallet.git").source(
        "https://git.example/web.git",
        "values",
        "HEAD",
    ));
    let offers = world.offers("repositories", json!({})).await;
    let lines: Vec<(&str, &str)> =
        offers.iter().map(|offer| (offer.title.as_str(), offer.note.as_str())).collect();
    assert_eq!(lines, [("gamedosi-web", "1/3 OutOfSync"), ("wallet", "0/1 OutOfSync")]);
    assert_eq!(offers[1].value, "https://git.example/wallet.git");
    assert_eq!(offers[0].facts["out_of_sync"], 1);
}

#[tokio::test]
async fn applications_stand_out_of_sync_first_and_then_by_name() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("b").image("b", "1", "1"));
    world.tool.add(AppSpec::new("z").image("z", "1", "2").env("production"));
    world.tool.add(AppSpec::new("a").namespace("team-a").automated());
    world.tool.add(AppSpec::new("a"));
    let offers = world.offers("applications", json!({ "repository": "" })).await;
    let values: Vec<&str> = offers.iter().map(|offer| offer.value.as_str()).collect();
    assert_eq!(values, ["main/argocd/z", "main/argocd/a", "main/team-a/a", "main/argocd/b"]);
    let z = &offers[0];
    assert_eq!((z.title.as_str(), z.note.as_str()), ("z", "1 · OutOfSync · Healthy"));
    assert_eq!(z.facts["sync"], "OutOfSync");
    assert_eq!(z.facts["project"], "default");
    assert_eq!(z.facts["labels"]["env"], "production");
    assert_eq!(z.facts["auto_sync"], false);
    assert_eq!(offers[2].facts["auto_sync"], true);
}

#[tokio::test]
async fn applications_of_one_repository_by_url_or_short_name() {
    let world = World::new().await;
    world.tool.add(AppSpec::new("a").repo("https://git.example/x.git"));
    world.tool.add(AppSpec::new("b").repo("https://git.example/y.git"));
    for wanted in ["https://git.example/x.git", "x"] {
        let offers = world.offers("applications", json!({ "repository": wanted })).await;
        assert_eq!(offers.len(), 1, "{wanted}");
        assert_eq!(offers[0].title, "a");
    }
}

#[tokio::test]
async fn argo_09_a_null_list_is_empty() {
    let world = World::new().await;
    world.tool.traps(|traps| traps.null_lists = true);
    assert_eq!(world.offers("applications", json!({})).await, []);
    assert_eq!(world.offers("repositories", json!({})).await, []);
}

#[tokio::test]
async fn argo_14_what_is_named_is_compared_anew_before_it_is_listed() {
    let world = World::new().await;
    world.tool.traps(|traps| traps.stale_target = true);
    let unseen =
        || AppSpec::new("wallet-api").image("wallet-api", "1.4.2", "1.5.0").target_unseen();
    world.tool.add(unseen());
    let sync = |offers: &[Offer]| offers[0].facts["sync"].clone();
    let listed = world.offers("applications", json!({})).await;
    assert_eq!(sync(&listed), "Synced", "the list is as old as the last look into git");
    let fresh = json!({ "fresh": ["main/argocd/wallet-api", "main/argocd/none"] });
    assert_eq!(sync(&world.offers("applications", fresh).await), "OutOfSync");
}

#[tokio::test]
async fn argo_09_what_may_not_be_seen_is_silently_absent() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("secret").project("other"));
    let account = Account::new("chatops").password("chatops-password").projects(&["default"]);
    world.tool.account(account);
    assert_eq!(world.offers("applications", json!({})).await.len(), 1);
}

#[tokio::test]
async fn argo_10_an_older_field_list_gives_the_same() {
    let world = World::new().await;
    world.wallet();
    let newer = world.offers("applications", json!({})).await;
    world.tool.traps(|traps| traps.narrow_fields = true);
    assert_eq!(world.offers("applications", json!({})).await, newer);
    assert_eq!(newer[0].facts["repository"], "https://git.example/wallet-api.git");
}

#[tokio::test]
async fn two_thousand_applications_are_one_list() {
    let world = World::new().await;
    for number in 0..2_000 {
        world.tool.add(AppSpec::new(&format!("app-{number}")));
    }
    assert_eq!(world.offers("applications", json!({})).await.len(), 2_000);
    assert_eq!(world.requests("GET /api/v1/applications"), 1);
}

#[tokio::test]
async fn an_unknown_action_is_a_mistake_of_the_runbook() {
    let world = World::new().await;
    let trouble = world.ask("paint", json!({})).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::BadRequest);
}
