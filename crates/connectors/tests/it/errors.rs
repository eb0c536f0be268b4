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
    for Known { when, http, body } in known {
        let expected = match when.as_str() {
            // Who signs in is another matter (sign_in.rs), and a body that is not JSON is none of these
            // words (argo_05_every_write_says_that_it_is_json).
            "no/expired/revoked token on a REST call"
            | "wrong password on POST /api/v1/session"
            | "POST/PUT/DELETE without Content-Type: application/json" => continue,
            "app missing OR no right, and no ?project= given" => TroubleKind::Forbidden,
            "app missing, or in another project, and ?project= given" => TroubleKind::NotFound,
            "sync blocked by window" => TroubleKind::WindowClosed,
            "sync/rollback while operation is set" => TroubleKind::Busy,
            "rollback with auto-sync on"
            | "sync to another revision with auto-sync on"
            | "app being deleted" => TroubleKind::Refused,
            // InvalidArgument: the request makes no sense. Terminate's is told by its text.
            "rollback to unknown history id" => TroubleKind::BadRequest,
            "terminate with nothing running" => TroubleKind::NotYet,
            other => panic!("{other}: what does it mean?"),
        };
        let Body { code, message } = body.unwrap();
        let world = World::new().await;
        world.wallet();
        let plan = world.plan("wallet-api").await;
        world.tool.fault(Fault::on_sync(FaultKind::Error { status: http, code, message }));
        match world.perform(&world.intend("r1.1", &plan)).await {
            Err(OperationFault::Refused(trouble)) => {
                assert!(trouble.detail.starts_with("wallet-api: "), "{trouble:?}");
                assert_eq!(trouble.kind, expected, "{when}");
            }
            other => panic!("{when}: {other:?}"),
        }
    }
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
