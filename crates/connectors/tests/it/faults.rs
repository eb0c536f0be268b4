//! What networks, proxies and dying servers do: to a read, and to a write.

use std::time::Duration;

use serde_json::json;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::Finding;
use wilco_core::port::{Connector as _, OperationFault};
use wilco_sim::argocd::{Fault, FaultKind};

use crate::world::{World, permit};

const LIST: &str = "/api/v1/applications";

async fn read_under(kind: FaultKind) -> Trouble {
    let world = World::with(|config| config.limits.read = Duration::from_secs(2)).await;
    world.wallet();
    world.ask("applications", json!({})).await.expect("no fault yet");
    world.tool.fault(Fault::on("GET", LIST, kind));
    world.ask("applications", json!({})).await.expect_err("the fault")
}

fn api_error(status: u16) -> FaultKind {
    FaultKind::Error { status, code: 2, message: "something broke".to_owned() }
}

#[tokio::test]
async fn reads_say_what_kind_of_trouble_it_is() {
    for (kind, expected) in [
        (api_error(401), TroubleKind::SignIn),
        (api_error(403), TroubleKind::Forbidden),
        (api_error(404), TroubleKind::NotFound),
        (api_error(429), TroubleKind::SlowDown),
        (api_error(500), TroubleKind::ToolFailed),
        (api_error(503), TroubleKind::ToolFailed),
        (FaultKind::Html { status: 200 }, TroubleKind::Garbled),
        (FaultKind::Html { status: 403 }, TroubleKind::Garbled),
        (FaultKind::Html { status: 502 }, TroubleKind::ToolFailed),
        (FaultKind::HalfJson, TroubleKind::Garbled),
        (FaultKind::Empty { status: 200 }, TroubleKind::Garbled),
        (FaultKind::Empty { status: 302 }, TroubleKind::Garbled),
        (FaultKind::Close, TroubleKind::Unreachable),
    ] {
        let trouble = read_under(kind.clone()).await;
        assert_eq!((trouble.kind, trouble.tool.as_str()), (expected, "argocd"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_read_without_an_answer_times_out() {
    let world = World::with(|config| config.limits.read = Duration::from_millis(1_500)).await;
    world.ask("applications", json!({})).await.unwrap();
    world.tool.fault(Fault::on("GET", LIST, FaultKind::Silence));
    let trouble = world.ask("applications", json!({})).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::TimedOut);
    assert_eq!(world.requests("GET /api/v1/applications"), 2, "a time-out is not repeated");
}

#[tokio::test]
async fn a_read_is_repeated_once_when_the_connection_breaks() {
    let world = World::new().await;
    world.ask("applications", json!({})).await.unwrap();
    world.tool.fault(Fault::on("GET", LIST, FaultKind::Close).once());
    world.ask("applications", json!({})).await.unwrap();
    assert_eq!(world.requests("GET /api/v1/applications"), 3);
}

#[tokio::test]
async fn a_tool_that_is_down_is_unreachable_and_a_write_to_it_surely_refused() {
    let mut world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.down().await;
    let trouble = world.ask("applications", json!({})).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Unreachable);
    let operation = world.intend("r1.1", &plan);
    match world.perform(&operation).await {
        // It passes, so the run goes on by itself when the tool is back.
        Err(OperationFault::Refused(trouble)) => {
            assert_eq!(trouble.kind, TroubleKind::Unreachable);
            assert!(trouble.kind.passes());
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(world.find(&operation).await, Finding::NotNow(_)));
}

#[tokio::test]
async fn a_write_before_which_the_sign_in_fails_was_surely_not_taken() {
    for (kind, expected) in [
        (FaultKind::Close, TroubleKind::Unreachable),
        (api_error(503), TroubleKind::ToolFailed),
        (FaultKind::Html { status: 502 }, TroubleKind::ToolFailed),
        (api_error(429), TroubleKind::SlowDown),
    ] {
        let world = World::new().await;
        world.wallet();
        let plan = world.plan("wallet-api").await;
        let operation = world.intend("r1.1", &plan);
        world.tool.revoke_sessions(wilco_sim::argocd::DEFAULT_ACCOUNT);
        world.tool.fault(Fault::on("POST", "/api/v1/session", kind.clone()));
        match world.perform(&operation).await {
            Err(OperationFault::Refused(trouble)) => {
                assert_eq!(trouble.kind, expected, "{kind:?}");
                assert!(trouble.kind.passes());
            }
            other => panic!("{kind:?}: {other:?}"),
        }
        assert!(world.tool.syncs_of("wallet-api").is_empty());
    }
}

#[tokio::test]
async fn a_refusal_that_may_have_come_after_the_deed_is_unclear() {
    let error = |status, code, message: &str| FaultKind::Error {
        status,
        code,
        message: message.to_owned(),
    };
    for kind in [
        error(499, 1, "context canceled"),
        error(408, 1, "context canceled"),
        error(429, 8, "grpc: received message larger than max (209715201 vs. 209715200)"),
        error(504, 4, "context deadline exceeded"),
    ] {
        let world = World::new().await;
        world.wallet();
        let plan = world.plan("wallet-api").await;
        world.tool.fault(Fault::on_sync(kind.clone()));
        let outcome = world.perform(&world.intend("r1.1", &plan)).await;
        assert!(matches!(outcome, Err(OperationFault::Unclear(_))), "{kind:?}: {outcome:?}");
    }
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.tool.fault(Fault::on_sync(error(429, 8, "too many requests")));
    match world.perform(&world.intend("r1.1", &plan)).await {
        Err(OperationFault::Refused(trouble)) => assert_eq!(trouble.kind, TroubleKind::SlowDown),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_or_unreadable_is_unclear_and_then_found() {
    for (kind, acted) in [
        (FaultKind::ActThenClose, true),
        (FaultKind::HalfJson, true),
        (FaultKind::Close, false),
        (FaultKind::Html { status: 200 }, false),
        (FaultKind::Html { status: 403 }, false),
        (FaultKind::Empty { status: 200 }, false),
        (api_error(500), false),
        (FaultKind::Html { status: 502 }, false),
    ] {
        let world = World::new().await;
        world.wallet();
        let plan = world.plan("wallet-api").await;
        let operation = world.intend("r1.1", &plan);
        world.tool.fault(Fault::on_sync(kind.clone()).once());
        let outcome = world.perform(&operation).await;
        assert!(matches!(outcome, Err(OperationFault::Unclear(_))), "{kind:?}: {outcome:?}");
        assert_eq!(world.requests("POST /api/v1/applications/{name}/sync"), 1, "{kind:?}");
        assert_eq!(world.tool.syncs_of("wallet-api").len(), usize::from(acted), "{kind:?}");
        let finding = world.find(&operation).await;
        assert_eq!(matches!(finding, Finding::Found(_)), acted, "{kind:?}: {finding:?}");
        assert_eq!(finding == Finding::NotFound, !acted, "{kind:?}: {finding:?}");
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_unclear() {
    let world = World::with(|config| config.limits.write = Duration::from_millis(1_500)).await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    world.tool.fault(Fault::on_sync(FaultKind::Hold { ms: 60_000 }).once());
    let outcome = world.perform(&operation).await;
    let Err(OperationFault::Unclear(trouble)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(trouble.kind, TroubleKind::TimedOut);
    assert!(matches!(world.find(&operation).await, Finding::Found(_)));
}

#[tokio::test]
async fn nothing_is_written_once_the_permit_is_over() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    let operation = world.intend("r1.1", &plan);
    let outcome = world.argo.perform(&operation, &permit(0)).await;
    assert_eq!(outcome, Err(OperationFault::PermitOver));
    assert_eq!(world.requests("POST /api/v1/applications/{name}/sync"), 0);
    assert_eq!(world.find(&operation).await, Finding::NotFound);
}

#[tokio::test]
async fn null_lists_change_nothing() {
    let world = World::new().await;
    world.wallet();
    let plain = world.plan("wallet-api").await;
    world.tool.traps(|traps| traps.null_lists = true);
    assert_eq!(world.plan("wallet-api").await, plain);
    assert_eq!(world.versions(json!({})).await.len(), 1);
}

#[tokio::test]
async fn neither_tokens_nor_passwords_show_in_troubles() {
    for kind in [api_error(500), FaultKind::Html { status: 200 }, FaultKind::Close] {
        let text = format!("{:?}", read_under(kind).await);
        for secret in ["chatops-password", "eyJ", "Bearer", "127.0.0.1"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
