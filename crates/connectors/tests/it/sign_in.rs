//! Signing in: once for all, in time, and never in a storm.

use secrecy::SecretString;
use serde_json::json;
use wilco_connectors::argocd::{ProjectRights, SignIn};
use wilco_core::answer::TroubleKind;
use wilco_sim::argocd::{self as double, Account, AppSpec, EffectKind, Fault, FaultKind};

use crate::world::{World, password};

impl World {
    fn sign_ins(&self, kind: EffectKind) -> usize {
        self.tool.ledger().iter().filter(|effect| effect.kind == kind).count()
    }
}

#[tokio::test]
async fn argo_03_fifty_questions_at_once_are_one_sign_in() {
    let world = World::new().await;
    let ask = || world.ask("applications", json!({}));
    let all = futures_util::future::join_all((0..50).map(|_| ask())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(world.sign_ins(EffectKind::SignIn), 1);
}

#[tokio::test]
async fn argo_01_a_session_is_renewed_before_it_ends() {
    let world = World::new().await;
    world.tool.token_life(600_000);
    world.ask("applications", json!({})).await.unwrap();
    world.clock.advance(539_000);
    world.ask("applications", json!({})).await.unwrap();
    assert_eq!(world.sign_ins(EffectKind::SignIn), 1);
    world.clock.advance(2_000);
    world.ask("applications", json!({})).await.unwrap();
    assert_eq!(world.sign_ins(EffectKind::SignIn), 2, "a minute before its end");
    assert_eq!(world.requests("GET /api/v1/applications"), 3, "no 401 was needed");
}

#[tokio::test]
async fn argo_02_a_session_that_died_is_replaced_once() {
    let world = World::new().await;
    world.wallet();
    let plan = world.plan("wallet-api").await;
    world.tool.revoke_sessions("chatops");
    world.ask("applications", json!({})).await.unwrap();
    assert_eq!(world.sign_ins(EffectKind::SignIn), 2);
    world.tool.revoke_sessions("chatops");
    world.perform(&world.intend("r1.1", &plan)).await.unwrap();
    assert_eq!(world.sign_ins(EffectKind::SignIn), 3);
    assert_eq!(world.tool.syncs_of("wallet-api").len(), 1);
}

#[tokio::test]
async fn argo_03_a_refused_sign_in_is_remembered_and_not_repeated() {
    let world = World::with(|config| config.sign_in = password("wrong-word")).await;
    let first = world.ask("applications", json!({})).await.unwrap_err();
    assert_eq!(first.kind, TroubleKind::SignIn);
    assert!(!first.detail.contains("wrong-word"), "{}", first.detail);
    let ask = || world.ask("applications", json!({}));
    for answer in futures_util::future::join_all((0..20).map(|_| ask())).await {
        assert_eq!(answer.unwrap_err().kind, TroubleKind::SignIn);
    }
    assert_eq!(world.sign_ins(EffectKind::SignInRefused), 1);
    world.clock.advance(31_000);
    world.ask("applications", json!({})).await.unwrap_err();
    assert_eq!(world.sign_ins(EffectKind::SignInRefused), 2);
}

#[tokio::test]
async fn argo_04_a_401_that_stays_after_signing_in_ends_the_trying() {
    let world = World::new().await;
    let kind = FaultKind::Error { status: 401, code: 16, message: "no session information".into() };
    world.tool.fault(Fault::on("GET", "/api/v1/applications", kind));
    for _ in 0..10 {
        let trouble = world.ask("applications", json!({})).await.unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::SignIn);
    }
    assert_eq!(world.sign_ins(EffectKind::SignIn), 2);
    assert_eq!(world.requests("GET /api/v1/applications"), 2);
    world.tool.clear_faults();
    world.clock.advance(31_000);
    world.ask("applications", json!({})).await.unwrap();
}

#[tokio::test]
async fn argo_04_a_static_token_needs_no_sign_in_and_cannot_be_renewed() {
    let token = SecretString::from(double::DEFAULT_TOKEN);
    let world =
        World::with(|config| config.sign_in = SignIn::Token(double::DEFAULT_TOKEN.into())).await;
    assert!(!format!("{token:?}").contains(double::DEFAULT_TOKEN));
    world.wallet();
    let plan = world.plan("wallet-api").await;
    assert_eq!(plan.evidence["account"], "chatops", "asked, since the token does not say");
    assert_eq!(world.sign_ins(EffectKind::SignIn), 0);
    world.tool.account(Account::new("chatops"));
    let trouble = world.ask("applications", json!({})).await.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::SignIn);
    assert_eq!(world.requests("POST /api/v1/session"), 0);
}

#[tokio::test]
async fn argo_08_what_the_account_may_do_can_be_asked() {
    let world = World::new().await;
    world.wallet();
    world.tool.add(AppSpec::new("batch").project("jobs").image("batch", "1", "2"));
    let account = || Account::new("chatops").password("chatops-password");
    let asked = async |account: Account| {
        world.tool.account(account);
        world.argo.rights().await.remove(0).expect("it is up")
    };
    let all = asked(account()).await;
    assert_eq!((all.account.as_deref(), all.applications), (Some("chatops"), 2));
    let every = ProjectRights { sync: true, r#override: true, logs: true };
    assert_eq!(all.projects, [("default".to_owned(), every), ("jobs".to_owned(), every)].into());
    // An account of one project is not told that it may do nothing, as it would be for `*`.
    let one = asked(account().projects(&["jobs"])).await;
    assert_eq!((one.applications, one.projects), (1, [("jobs".to_owned(), every)].into()));
    let none = ProjectRights { sync: false, r#override: false, logs: false };
    let reader = asked(account().read_only().no_logs()).await;
    assert!(reader.projects.values().all(|rights| *rights == none), "{reader:?}");
}
