//! Applications whose source is a chart of a Helm repository, alone and with values from git (ARGO-17, ARGO-18).

use serde_json::json;
use wilco_sim::argocd::{AppSpec, NewCommit};

use super::support::{Bench, START_MS, bench, check};

const APP: &str = "/api/v1/applications/shop";

fn shop() -> AppSpec {
    AppSpec::new("shop")
        .repo("https://charts.example/shop")
        .chart("shop", "1.2.0", "1.3.0")
        .helm("parameters", json!([{ "name": "replicas", "value": "2" }]))
        .helm("valuesObject", json!({ "ingress": { "host": "shop.example" } }))
        .image("shop", "1.4.2", "1.5.0")
        .was_chart("1.1.0", "1.4.1", START_MS - 86_400_000)
}

async fn shown(bench: &Bench) -> serde_json::Value {
    let app = bench.get(APP).await.json();
    check("v1alpha1Application", &app);
    app
}

#[tokio::test]
async fn argo_17_of_a_chart_the_revision_is_its_version() {
    let bench = bench().await;
    bench.argo.add(shop());
    let app = shown(&bench).await;
    assert_eq!(app["spec"]["source"]["chart"], "shop");
    assert_eq!(app["spec"]["source"]["targetRevision"], "1.3.0");
    assert!(app["spec"]["source"].get("path").is_none());
    assert_eq!(app["status"]["sync"]["revision"], "1.3.0");
    let history = app["status"]["history"].as_array().unwrap();
    let told = |at: usize| (&history[at]["revision"], &history[at]["source"]["targetRevision"]);
    assert_eq!(told(0), (&json!("1.1.0"), &json!("1.1.0")), "it named the version of then");
    assert_eq!(told(1), (&json!("1.2.0"), &json!("1.2.0")));
    let details = bench.get(&format!("{APP}/revisions/1.3.0/chartdetails")).await;
    check("v1alpha1ChartDetails", &details.json());
    assert_eq!(details.json()["description"], "Runs shop");
    assert_eq!(bench.get(&format!("{APP}/revisions/1.3.0/metadata")).await.status, 500);
    let git = bench.get("/api/v1/applications/wallet-api/revisions/x/chartdetails").await;
    assert_eq!(git.message(), "no chart found for application: wallet-api");
    let rendered = bench.get(&format!("{APP}/manifests?revision=1.1.0")).await.json();
    check("repositoryManifestResponse", &rendered);
    assert!(rendered["manifests"][0].as_str().unwrap().contains("shop:1.4.1"), "{rendered}");

    let body = json!({ "name": "shop", "revision": "1.3.0" });
    let answer = bench.post(&format!("{APP}/sync"), &body).await;
    assert_eq!(
        (answer.status, &answer.json()["operation"]["sync"]["revision"]),
        (200, &json!("1.3.0"))
    );
    bench.at(60_000);
    let app = shown(&bench).await;
    assert_eq!(app["status"]["history"][2]["revision"], "1.3.0");
    assert_eq!(app["status"]["summary"]["images"], json!(["registry.example/shop:1.5.0"]));
    let back = bench.post(&format!("{APP}/rollback"), &json!({ "name": "shop", "id": 0 })).await;
    assert_eq!(back.json()["operation"]["sync"]["revision"], "1.1.0");
}

#[tokio::test]
async fn argo_18_a_chart_with_values_from_git_has_two_revisions() {
    let bench = bench().await;
    bench.argo.add(shop().follows("1.x").values_from("https://git.example/values.git"));
    let app = shown(&bench).await;
    let sources = &app["spec"]["sources"];
    assert_eq!((&sources[0]["chart"], &sources[1]["ref"]), (&json!("shop"), &json!("values")));
    assert_eq!(sources[0]["helm"]["valueFiles"], json!(["$values/shop/values.yaml"]));
    let revisions = app["status"]["sync"]["revisions"].clone();
    assert_eq!((&revisions[0], revisions[1].as_str().map(str::len)), (&json!("1.3.0"), Some(40)));
    bench.argo.commit("shop", NewCommit::image("shop", "1.5.1"));
    let after = shown(&bench).await["status"]["sync"]["revisions"].clone();
    assert_eq!(after[0], "1.3.0", "a commit changes the values");
    assert_ne!(after[1], revisions[1]);
    bench.argo.publish("shop", "2.0.0", NewCommit::image("shop", "2.0"));
    assert_eq!(shown(&bench).await["status"]["sync"]["revisions"], after, "out of the range");
    bench.argo.publish("shop", "1.4.0", NewCommit::image("shop", "1.6"));
    assert_eq!(shown(&bench).await["status"]["sync"]["revisions"][0], "1.4.0");
    let sha = after[1].as_str().unwrap();
    let metadata = bench.get(&format!("{APP}/revisions/{sha}/metadata?sourceIndex=1")).await;
    check("v1alpha1RevisionMetadata", &metadata.json());
    bench.argo.chart_gone("shop", "1.4.0");
    bench.get(&format!("{APP}?refresh=normal")).await;
    assert_eq!(
        shown(&bench).await["status"]["sync"]["revisions"][0],
        "1.3.0",
        "the newest that is there"
    );
}

#[tokio::test]
async fn a_version_that_the_repository_does_not_have_is_a_comparison_error() {
    let bench = bench().await;
    bench.argo.add(shop());
    bench.argo.chart_gone("shop", "1.3.0");
    let app = shown(&bench).await;
    assert_eq!(app["status"]["sync"]["status"], "Unknown");
    assert_eq!(app["status"]["conditions"][0]["type"], "ComparisonError");
    let said = app["status"]["conditions"][0]["message"].as_str().unwrap();
    assert!(said.ends_with("Error: chart \"shop\" version \"1.3.0\" not found in https://charts.example/shop repository"));
    let managed = bench.get(&format!("{APP}/managed-resources")).await.json();
    check("applicationManagedResourcesResponse", &managed);
    assert_eq!(managed["items"][0]["targetState"], "null");
    assert_eq!(bench.get(&format!("{APP}/manifests?revision=1.3.0")).await.status, 500);
    let taken =
        bench.post(&format!("{APP}/sync"), &json!({ "name": "shop", "revision": "1.3.0" })).await;
    assert_eq!(taken.status, 200, "an exact version is not looked up");
    bench.at(60_000);
    let app = shown(&bench).await;
    assert_eq!(app["status"]["operationState"]["phase"], "Error");
    assert_eq!(app["status"]["history"].as_array().map(Vec::len), Some(2), "nothing was deployed");
}
