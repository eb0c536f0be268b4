//! Every error body that Argo CD is known to send, and what becomes of it.

use serde::Deserialize;
use serde_json::json;
use wilco_core::answer::TroubleKind;
use wilco_core::port::OperationFault;
use wilco_sim::argocd::{Fault, FaultKind};

use crate::world::World;

#[derive(Deserialize)]
struct Known {
    when: String,
    http: u16,
    #[serde(default)]
    body: Option<Body>,
}

#[derive(Deserialize)]
struct Body {
    code: i64,
    message: String,
}

#[tokio::test]
async fn argo_06_a_refused_sync_is_told_by_status_code_and_text() {
    let known: Vec<Known> =
        serde_json::from_str(include_str!("../contract/argocd/errors.json")).unwrap();
    let mut seen = 0;
    for Known { when, http, body } in known {
        let Some(Body { code, message }) = body else { continue };
        if http == 401 {
            continue;
        }
        let world = World::new().await;
        world.wallet();
        let plan = world.plan("wallet-api").await;
        world.tool.fault(Fault::on_sync(FaultKind::Error { status: http, code, message }));
        let kind = match world.perform(&world.intend("r1.1", &plan)).await {
            Err(OperationFault::Refused(trouble)) => {
                assert!(trouble.detail.starts_with("wallet-api: "), "{trouble:?}");
                trouble.kind
            }
            other => panic!("{when}: {other:?}"),
        };
        let expected = match when.as_str() {
            w if w.contains("no ?project=") => TroubleKind::Forbidden,
            w if w.contains("in another project") => TroubleKind::NotFound,
            w if w.contains("window") => TroubleKind::WindowClosed,
            w if w.contains("while operation is set") => TroubleKind::Busy,
            w if w.contains("unknown history") || w.contains("nothing running") => {
                // InvalidArgument: the request makes no sense. Terminate's is NotYet by its text.
                if w.contains("nothing") { TroubleKind::NotYet } else { TroubleKind::BadRequest }
            }
            _ => TroubleKind::Refused,
        };
        assert_eq!(kind, expected, "{when}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen}");
}

#[tokio::test]
async fn argo_07_a_foreign_application_is_not_found_and_named() {
    let world = World::new().await;
    let apps = json!({ "apps": ["main/argocd/nowhere"] });
    let trouble = world.ask("diff", apps).await.unwrap_err();
    assert_eq!((trouble.kind, trouble.detail.as_str()), (TroubleKind::NotFound, "nowhere"));
    let apps = json!({ "apps": ["other/argocd/nowhere"] });
    let trouble = world.ask("diff", apps).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::NotFound, "no such instance");
}

#[tokio::test]
async fn argo_07_an_application_that_moved_to_another_project_is_found_again() {
    let world = World::new().await;
    world.wallet();
    world.plan("wallet-api").await;
    world.tool.add(wilco_sim::argocd::AppSpec::new("wallet-api").project("shop").image(
        "wallet-api",
        "1.4.2",
        "1.5.0",
    ));
    assert_eq!(world.plan("wallet-api").await.evidence["project"], "shop");
}

#[tokio::test]
async fn argo_07_a_forbidden_read_names_the_application() {
    let world = World::new().await;
    world.wallet();
    let kind = FaultKind::Error { status: 403, code: 7, message: "permission denied".into() };
    world.tool.fault(Fault::on("GET", "/api/v1/applications/wallet-api", kind));
    let trouble =
        world.ask("diff", json!({ "apps": ["main/argocd/wallet-api"] })).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Forbidden);
    assert_eq!(trouble.detail, "wallet-api: permission denied");
}
