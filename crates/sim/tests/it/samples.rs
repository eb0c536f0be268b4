//! The Application at seven moments of a sync has every field that the samples of the contract
//! have, and is in the same state.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wilco_sim::argocd::Object;

use super::support::{bench, wallet};

/// All paths to a field, with list positions left out.
fn paths(value: &Value, at: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let path = format!("{at}/{name}");
                paths(inner, &path, all);
                all.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| paths(item, at, all)),
        _ => {}
    }
}

/// Phase, in progress, sync status, health: what a sample says.
fn state(app: &Value) -> Value {
    json!([
        app["status"]["operationState"]["phase"],
        app.get("operation").is_some(),
        app["status"]["sync"]["status"],
        app["status"]["health"]["status"],
        app["status"]["operationState"].get("finishedAt").is_some(),
    ])
}

#[tokio::test]
async fn every_moment_has_the_fields_of_the_sample() {
    let sample = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let samples = [
        (0, sample(include_str!("../contract/samples/t1.json"))),
        (1_000, sample(include_str!("../contract/samples/t2.json"))),
        (10_000, sample(include_str!("../contract/samples/t3.json"))),
        (12_000, sample(include_str!("../contract/samples/t4.json"))),
        (15_000, sample(include_str!("../contract/samples/t5.json"))),
        (25_000, sample(include_str!("../contract/samples/t6.json"))),
    ];
    let bench = bench().await;
    bench.argo.add(wallet().same(Object::new("Service", "wallet-api")));
    bench.sync(json!({ "prune": true, "strategy": { "hook": {} } })).await;
    for (at_ms, sample) in samples {
        bench.at(at_ms);
        let ours = bench.wallet().await;
        assert_eq!(state(&ours), state(&sample), "at {at_ms}");
        let (mut wanted, mut have) = (BTreeSet::new(), BTreeSet::new());
        paths(&sample, "", &mut wanted);
        paths(&ours, "", &mut have);
        let missing: Vec<&String> = wanted.difference(&have).collect();
        assert!(missing.is_empty(), "at {at_ms} without {missing:?}");
    }
}

#[tokio::test]
async fn before_and_after_differ_as_in_the_sample() {
    let before: Value = serde_json::from_str(include_str!("../contract/samples/t0.json")).unwrap();
    let bench = bench().await;
    bench.sync(json!({})).await;
    bench.at(60_000);
    bench.argo.commit("wallet-api", wilco_sim::argocd::NewCommit::image("wallet-api", "1.6.0"));
    assert_eq!(state(&bench.wallet().await), state(&before));
}
