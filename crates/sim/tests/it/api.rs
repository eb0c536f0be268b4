//! Sign-in, rights, listing, and the error bodies.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use wilco_sim::argocd::{Account, AppSpec, EffectKind, Object};

use super::support::{Bench, START_MS, bench};

const APP: &str = "/api/v1/applications/wallet-api";
const LIST: &str = "/api/v1/applications";

async fn sign_in(bench: &Bench, password: &str) -> super::support::Answer {
    let body = json!({ "username": "chatops", "password": password });
    bench.send(bench.request(Method::POST, "/api/v1/session").body(body.to_string())).await
}

async fn get_with(bench: &Bench, token: &str, path: &str) -> super::support::Answer {
    bench.send(bench.request(Method::GET, path).bearer_auth(token)).await
}

#[tokio::test]
async fn argo_1_and_2_a_session_ends_at_exp_and_is_renewed_only_by_cookie() {
    let bench = bench().await;
    bench.argo.token_life(600_000);
    let token = sign_in(&bench, "chatops-password").await.json()["token"].clone();
    let token = token.as_str().unwrap();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["exp"], (START_MS + 600_000) / 1000);
    assert_eq!(claims["sub"], "chatops:login");
    let early = get_with(&bench, token, LIST).await;
    assert_eq!((early.status, early.cookie), (200, None));
    bench.at(599_000);
    let late = get_with(&bench, token, LIST).await;
    assert!(late.cookie.unwrap().starts_with("argocd.token="));
    bench.at(600_000);
    let ended = get_with(&bench, token, LIST).await;
    assert_eq!(ended.status, 401);
    let body = json!({ "error": "no session information", "code": 16, "message": "no session information" });
    assert_eq!(ended.json(), body);
}

#[tokio::test]
async fn argo_3_bad_passwords_are_recorded_and_lock_the_account() {
    let bench = bench().await;
    for _ in 0..5 {
        let refused = sign_in(&bench, "wrong").await;
        assert_eq!(refused.status, 401);
        assert_eq!(refused.message(), "Invalid username or password");
    }
    assert_eq!(sign_in(&bench, "chatops-password").await.status, 401);
    bench.at(300_000);
    assert_eq!(sign_in(&bench, "chatops-password").await.status, 200);
    let count = |kind| bench.argo.ledger().iter().filter(|e| e.kind == kind).count();
    assert_eq!((count(EffectKind::SignIn), count(EffectKind::SignInRefused)), (1, 6));
}

#[tokio::test]
async fn argo_5_content_type_is_checked_first() {
    let bench = bench().await;
    let url = format!("{}{APP}/operation", bench.served.url());
    let answer = bench.send(bench.http.delete(url)).await;
    assert_eq!(answer.status, 415);
    assert!(answer.text.starts_with("Invalid content type"));
}

#[tokio::test]
async fn argo_7_missing_and_forbidden_look_alike_without_a_project() {
    let bench = bench().await;
    bench.argo.account(Account::new("other").token("other").projects(&["team-b"]));
    let cases = [
        ("/api/v1/applications/none", 403),
        ("/api/v1/applications/none?project=team-b", 404),
        (APP, 403),
        ("/api/v1/applications/wallet-api?project=default", 403),
        ("/api/v1/applications/wallet-api?project=team-b", 404),
    ];
    for (path, status) in cases {
        assert_eq!(get_with(&bench, "other", path).await.status, status, "{path}");
    }
    assert!(get_with(&bench, "other", LIST).await.json()["items"].is_null());
    assert_eq!(bench.get(&format!("{APP}?project=default&appNamespace=argocd")).await.status, 200);
    assert_eq!(
        bench.get(&format!("{APP}?project=default&appNamespace=elsewhere")).await.status,
        404
    );
}

#[tokio::test]
async fn argo_8_a_read_only_account_may_not_sync() {
    let bench = bench().await;
    bench.argo.account(Account::new("reader").token("reader").read_only());
    let can = "/api/v1/account/can-i/applications/sync/default/wallet-api";
    assert_eq!(get_with(&bench, "reader", can).await.json()["value"], "no");
    assert_eq!(bench.get(can).await.json()["value"], "yes");
    let request = bench.request(Method::POST, &format!("{APP}/sync")).bearer_auth("reader");
    let refused = bench.send(request.body("{}")).await;
    assert_eq!(refused.status, 403);
    assert!(refused.message().starts_with("permission denied: applications, sync"));
    assert_eq!(bench.argo.syncs_of("wallet-api").len(), 0);
}

#[tokio::test]
async fn argo_9_the_list_is_sorted_and_filtered() {
    let bench = bench().await;
    bench.argo.add(AppSpec::new("b-app").project("team-b").env("stage"));
    bench.argo.add(AppSpec::new("a-app").env("stage").namespace("elsewhere"));
    let names = async |query: &str| {
        let list = bench.get(&format!("{LIST}{query}")).await.json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let name = |item: &Value| item["metadata"]["name"].as_str().unwrap().to_owned();
        items.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("").await, "a-app b-app wallet-api");
    assert_eq!(names("?projects=team-b").await, "b-app");
    assert_eq!(names("?projects=team-b&projects=default").await, "a-app b-app wallet-api");
    assert_eq!(names("?selector=env%3Dstage").await, "a-app b-app");
    assert_eq!(names("?repo=https://git.example/wallet").await, "wallet-api");
    assert_eq!(names("?appNamespace=elsewhere").await, "a-app");
    assert!(bench.get(&format!("{LIST}?projects=none")).await.json()["items"].is_null());
}

#[tokio::test]
async fn argo_16_hooks_are_absent_and_secrets_masked() {
    let bench = bench().await;
    bench.argo.add(
        super::support::wallet()
            .same(Object::new("Secret", "s").data("password", "hunter2"))
            .same(Object::new("Job", "migrate").container("m", "m:1").hook("PreSync"))
            .workload("CronJob", "night", "night", "1", "2"),
    );
    let answer = bench.get(&format!("{APP}/managed-resources")).await;
    assert!(!answer.text.contains("hunter2") && !answer.text.contains("migrate"));
    let items = answer.json()["items"].as_array().unwrap().clone();
    let cron = items.iter().find(|item| item["kind"] == "CronJob").unwrap();
    let target: Value = serde_json::from_str(cron["targetState"].as_str().unwrap()).unwrap();
    let pod = &target["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["image"], "registry.example/night:2");
}

#[tokio::test]
async fn a_misspelt_field_of_a_sync_is_refused() {
    let bench = bench().await;
    let answer = bench.sync(json!({ "info": [] })).await;
    assert_eq!(answer.status, 400);
    assert!(answer.message().contains("unknown field"), "{}", answer.text);
}

#[tokio::test]
async fn unknown_paths_are_the_web_page_or_the_gateways_404() {
    let bench = bench().await;
    assert_eq!(bench.get("/api/v1/nothing").await.status, 404);
    let page = bench.get("/argocd/api/v1/applications").await;
    assert_eq!(page.status, 200);
    assert!(page.text.starts_with("<!doctype html>"));
}
