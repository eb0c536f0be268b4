//! Every answer against the published swagger, at every moment of a sync.

use serde_json::{Value, json};
use wilco_sim::argocd::{AppSpec, Object, Outcome, Window, query};

use super::support::{Bench, START_MS, bench, check, errors, operations, query_names};

const APP: &str = "/api/v1/applications/wallet-api";

#[test]
fn the_check_itself_refuses_unknown_and_wrong_fields() {
    let good = json!({ "metadata": { "name": "a" }, "status": { "sync": { "status": "Synced" } } });
    check("v1alpha1Application", &good);
    let misspelt = json!({ "status": { "sync": { "state": "Synced" } } });
    assert_eq!(errors("v1alpha1Application", &misspelt).len(), 1);
    let mistyped = json!({ "status": { "history": [{ "id": "0" }] } });
    assert_eq!(errors("v1alpha1Application", &mistyped).len(), 1);
}

#[test]
fn every_path_of_the_double_is_in_the_contract() {
    let known = operations();
    for (path, method, answer) in [
        ("/api/v1/session", "post", "sessionSessionResponse"),
        ("/api/v1/session/userinfo", "get", "sessionGetUserInfoResponse"),
        ("/api/version", "get", "versionVersionMessage"),
        ("/api/v1/account/can-i/{resource}/{action}/{subresource}", "get", "accountCanIResponse"),
        ("/api/v1/applications", "get", "v1alpha1ApplicationList"),
        ("/api/v1/stream/applications", "get", "v1alpha1ApplicationWatchEvent"),
        ("/api/v1/applications/{name}", "get", "v1alpha1Application"),
        ("/api/v1/applications/{name}/sync", "post", "v1alpha1Application"),
        (
            "/api/v1/applications/{name}/operation",
            "delete",
            "applicationOperationTerminateResponse",
        ),
        ("/api/v1/applications/{name}/events", "get", "eventsEventList"),
        (
            "/api/v1/applications/{name}/syncwindows",
            "get",
            "applicationApplicationSyncWindowsResponse",
        ),
        (
            "/api/v1/applications/{name}/revisions/{revision}/metadata",
            "get",
            "v1alpha1RevisionMetadata",
        ),
        (
            "/api/v1/applications/{name}/revisions/{revision}/chartdetails",
            "get",
            "v1alpha1ChartDetails",
        ),
        (
            "/api/v1/applications/{applicationName}/managed-resources",
            "get",
            "applicationManagedResourcesResponse",
        ),
        ("/api/v1/applications/{applicationName}/resource-tree", "get", "v1alpha1ApplicationTree"),
    ] {
        let wanted = (path.to_owned(), method.to_owned(), answer.to_owned());
        assert!(known.contains(&wanted), "{wanted:?}");
    }
}

/// Those of these names that the contract does not have for their path.
fn unknown(read: &[(&str, &str, &[&str])]) -> Vec<String> {
    let mut unknown = Vec::new();
    for (method, route, names) in read {
        let known = query_names(method, route);
        let known = known.unwrap_or_else(|| panic!("{method} {route} is not in the contract"));
        let cut = ["/api/v1/applications", "/api/v1/stream/applications"];
        let beside = |name: &str| name == query::FIELDS && cut.contains(route);
        let names = names.iter().filter(|name| !known.iter().any(|k| k == *name) && !beside(name));
        unknown.extend(names.map(|name| format!("{method} {route}: {name}")));
    }
    unknown
}

#[test]
fn every_name_in_a_query_that_is_read_is_in_the_contract() {
    assert_eq!(unknown(query::READ), [""; 0]);
    let misspelt: &[(&str, &str, &[&str])] =
        &[("GET", "/api/v1/applications/{name}", &["project", "appNamspace", "fields"])];
    let app = "GET /api/v1/applications/{name}";
    assert_eq!(unknown(misspelt), [format!("{app}: appNamspace"), format!("{app}: fields")]);
}

#[tokio::test]
async fn names_that_are_not_read_are_passed_over_and_remembered() {
    let bench = bench().await;
    let status = |path: &'static str| {
        let bench = &bench;
        async move { bench.get(path).await.status }
    };
    assert_eq!(status("/api/v1/applications/wallet-api?project=none").await, 404);
    assert_eq!(bench.argo.passed_over().len(), 0);
    assert_eq!(
        status("/api/v1/applications/wallet-api?projekt=none&appNamespace=argocd").await,
        200
    );
    assert_eq!(status("/api/v1/session/userinfo?a=b").await, 200);
    let told: Vec<String> = bench.argo.passed_over().into_iter().collect();
    assert_eq!(
        told,
        ["GET /api/v1/applications/{name}: projekt", "GET /api/v1/session/userinfo: a"]
    );
}

async fn check_reads(bench: &Bench) {
    check("v1alpha1ApplicationList", &bench.get("/api/v1/applications").await.json());
    check("v1alpha1Application", &bench.get(APP).await.json());
    for (path, definition) in [
        ("managed-resources", "applicationManagedResourcesResponse"),
        ("resource-tree", "v1alpha1ApplicationTree"),
        ("syncwindows", "applicationApplicationSyncWindowsResponse"),
        ("events", "eventsEventList"),
    ] {
        let answer = bench.get(&format!("{APP}/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        check(definition, &answer.json());
    }
}

#[tokio::test]
async fn reads_and_sync_at_every_moment() {
    for outcome in [
        Outcome::Succeeds,
        Outcome::SyncFails { message: "refused".to_owned() },
        Outcome::Degrades,
        Outcome::Suspends,
        Outcome::StaysProgressing,
        Outcome::Retries { failures: 1 },
        Outcome::Waits { message: "hook".to_owned(), for_ms: None },
    ] {
        let bench = bench().await;
        bench.argo.add(
            super::support::wallet()
                .label("team", "wallet")
                .annotation("example.com/display-name", "지갑")
                .same(Object::new("Secret", "wallet-api").data("password", "hunter2"))
                .same(Object::new("Job", "migrate").container("migrate", "m:1").hook("PreSync"))
                .added(Object::new("ConfigMap", "new").data("a", "b"))
                .pruned(Object::new("Service", "old"))
                .window(Window::allow(START_MS, START_MS + 1_000_000))
                .outcome(outcome),
        );
        check_reads(&bench).await;
        let body = json!({
            "infos": [{ "name": "wilco", "value": "r1.1" }],
            "prune": true,
            "strategy": { "hook": {} },
            "retryStrategy": { "limit": 2 },
            "syncOptions": { "items": ["PruneLast=true"] },
        });
        check("applicationApplicationSyncRequest", &body);
        let answer = bench.sync(body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        check("v1alpha1Application", &answer.json());
        for second in 0..40 {
            bench.at(second * 1_000);
            check_reads(&bench).await;
        }
    }
}

#[tokio::test]
async fn multi_source_and_automated_applications() {
    let bench = bench().await;
    let spec = AppSpec::new("two").source("https://git.example/values.git", "values", "main");
    bench.argo.add(spec.image("two", "1", "2").automated());
    for second in 0..30 {
        bench.at(second * 1_000);
        let app = bench.get("/api/v1/applications/two").await.json();
        check("v1alpha1Application", &app);
        assert_eq!(app["status"]["sync"]["revisions"].as_array().map(Vec::len), Some(2));
        assert_eq!(app["status"]["sync"].get("revision"), None);
    }
}

#[tokio::test]
async fn session_account_version_metadata_terminate_and_errors() {
    let bench = bench().await;
    check("versionVersionMessage", &bench.get("/api/version").await.json());
    check("sessionGetUserInfoResponse", &bench.get("/api/v1/session/userinfo").await.json());
    let can = bench.get("/api/v1/account/can-i/applications/sync/default/wallet-api").await;
    check("accountCanIResponse", &can.json());
    let login = json!({ "username": "chatops", "password": "chatops-password" });
    check("sessionSessionResponse", &bench.post("/api/v1/session", &login).await.json());
    let app = bench.wallet().await;
    let revision = app["status"]["sync"]["revision"].as_str().unwrap();
    let metadata = bench.get(&format!("{APP}/revisions/{revision}/metadata")).await;
    check("v1alpha1RevisionMetadata", &metadata.json());
    bench.sync(json!({})).await;
    bench.clock.advance(2_000);
    let stopped = bench.delete(&format!("{APP}/operation")).await;
    assert_eq!(stopped.status, 200);
    check("applicationOperationTerminateResponse", &stopped.json());
    check("v1alpha1Application", &bench.wallet().await);
    for answer in [
        bench.get("/api/v1/applications/none").await,
        bench.get("/api/v1/applications/none?project=default").await,
        bench.get("/api/v1/nothing").await,
        bench.sync(json!({ "revision": "no-such-branch" })).await,
    ] {
        assert!(answer.status >= 400);
        check("runtimeError", &answer.json());
    }
    let tree = bench.get(&format!("{APP}/resource-tree")).await.json();
    let nodes = tree["nodes"].as_array().unwrap();
    let pod = nodes.iter().find(|node| node["kind"] == "Pod").unwrap()["name"].as_str().unwrap();
    let logs = bench.get(&format!("{APP}/logs?podName={pod}&follow=false&tailLines=5")).await;
    assert_eq!(logs.text.lines().count(), 2, "what it wrote, and the end");
    for line in logs.text.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        check("applicationLogEntry", &line["result"]);
    }
}
