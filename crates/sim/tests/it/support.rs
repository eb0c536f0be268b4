//! A double, a client, and the schema that every answer must satisfy.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Map, Value, json};
use wilco_sim::argocd::{AppSpec, ArgoCd, DEFAULT_TOKEN, Served, Timing};
use wilco_sim::clock::ManualClock;

/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

/// Round figures, so that tests can name the moments of a sync.
pub(crate) const TIMING: Timing = Timing {
    pickup_ms: 1_000,
    sync_ms: 9_000,
    reconcile_ms: 2_000,
    stale_ms: 3_000,
    rollout_ms: 10_000,
    terminate_ms: 1_000,
    auto_sync_ms: 4_000,
    retry_gap_ms: 5_000,
};

pub(crate) struct Bench {
    pub(crate) clock: ManualClock,
    pub(crate) argo: ArgoCd,
    pub(crate) served: Served,
    pub(crate) http: Client,
}

/// A served double with one application, `wallet-api`, whose image goes from 1.4.2 to 1.5.0.
pub(crate) async fn bench() -> Bench {
    let clock = ManualClock::new(START_MS);
    let argo = ArgoCd::new(clock.clone());
    argo.timing(TIMING).add(wallet());
    let served = argo.serve_local().await.unwrap();
    Bench { clock, argo, served, http: Client::new() }
}

pub(crate) fn wallet() -> AppSpec {
    AppSpec::new("wallet-api").repo("https://git.example/wallet.git").env("production").image(
        "wallet-api",
        "1.4.2",
        "1.5.0",
    )
}

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) cookie: Option<String>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl Bench {
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.served.url());
        self.http.request(method, url).header("Content-Type", "application/json")
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let cookie = answer.headers().get("set-cookie").map(|v| v.to_str().unwrap().to_owned());
        Answer { status, text: answer.text().await.unwrap(), cookie }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(DEFAULT_TOKEN)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).bearer_auth(DEFAULT_TOKEN);
        self.send(request.body(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).bearer_auth(DEFAULT_TOKEN)).await
    }

    /// The application `wallet-api` as the single get shows it.
    pub(crate) async fn wallet(&self) -> Value {
        self.get("/api/v1/applications/wallet-api").await.json()
    }

    pub(crate) async fn sync(&self, body: Value) -> Answer {
        self.post("/api/v1/applications/wallet-api/sync", &body).await
    }

    /// Sets the clock to so many milliseconds after the start.
    pub(crate) fn at(&self, ms: i64) {
        self.clock.set(START_MS + ms);
    }

    /// Starts a request that will be held, and waits until it is.
    pub(crate) async fn held(&self, request: RequestBuilder) -> tokio::task::JoinHandle<u16> {
        let before = self.argo.held_count();
        let task = tokio::spawn(async move {
            request.send().await.map_or(0, |answer| answer.status().as_u16())
        });
        while self.argo.held_count() == before {
            tokio::task::yield_now().await;
        }
        task
    }
}

static CONTRACT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../contract/argocd.json")).unwrap());

/// What is checked against the published definition, with every unknown field an error.
pub(crate) fn check(definition: &str, answer: &Value) {
    let errors = errors(definition, answer);
    assert!(errors.is_empty(), "{definition}:\n{}\n{answer:#}", errors.join("\n"));
}

/// How an answer differs from the published definition.
pub(crate) fn errors(definition: &str, answer: &Value) -> Vec<String> {
    let validator = {
        let mut known = VALIDATORS.lock().unwrap();
        let known = known.entry(definition.to_owned()).or_insert_with(|| validator(definition));
        Arc::clone(known)
    };
    let line = |e: jsonschema::ValidationError<'_>| format!("{}: {e}", e.instance_path());
    validator.iter_errors(answer).map(line).collect()
}

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

fn validator(definition: &str) -> Arc<Validator> {
    let mut definitions = CONTRACT["definitions"].clone();
    merge_all_of(&mut definitions);
    // The swagger shows the fields of Go's wrapper; on the wire stands the JSON itself, of any form, as the
    // description of the definition says (`spec.source.helm.valuesObject`).
    definitions["runtimeRawExtension"] = json!({});
    for schema in definitions.as_object_mut().unwrap().values_mut() {
        close(schema);
    }
    let schema = json!({
        "$ref": format!("#/definitions/{definition}"),
        "definitions": definitions,
    });
    Arc::new(Validator::new(&schema).unwrap())
}

/// Paths of the contract: path, method, the definition of the answer.
pub(crate) fn operations() -> Vec<(String, String, String)> {
    let paths = CONTRACT["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let answer = operation["answer"].as_str().unwrap().to_owned();
            all.push((path.clone(), method.clone(), answer));
        }
    }
    all
}

/// The names of the query of a path of the contract, whatever the parts of the path are called there; `None`
/// when it has no such path.
pub(crate) fn query_names(method: &str, path: &str) -> Option<Vec<String>> {
    let plain = |path: &str| -> Vec<String> {
        let part = |part: &str| if part.starts_with('{') { "{}" } else { part }.to_owned();
        path.split('/').map(part).collect()
    };
    let mut paths = CONTRACT["paths"].as_object().unwrap().iter();
    let (_, methods) = paths.find(|(known, of)| {
        plain(known) == plain(path) && of.get(method.to_lowercase()).is_some()
    })?;
    let names = methods[method.to_lowercase()]["query"].as_array()?.iter();
    Some(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
}

/// `allOf` with a reference would make closed objects refuse each other's fields, so it is written
/// out.
fn merge_all_of(definitions: &mut Value) {
    let known = definitions.clone();
    for schema in definitions.as_object_mut().unwrap().values_mut() {
        let Some(parts) = schema.as_object_mut().unwrap().remove("allOf") else { continue };
        for part in parts.as_array().unwrap() {
            let name = part["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let more = known[name]["properties"].as_object().unwrap().clone();
            let own = schema["properties"].as_object_mut().unwrap();
            own.extend(more);
        }
    }
}

/// Refuses unknown fields wherever fields are named.
fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    let open = object.contains_key("additionalProperties");
    if object.get("type") == Some(&json!("object")) && !open {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    let named: Option<&mut Map<String, Value>> =
        object.get_mut("properties").and_then(Value::as_object_mut);
    for inner in named.into_iter().flat_map(Map::values_mut) {
        close(inner);
    }
    if let Some(items) = object.get_mut("items") {
        close(items);
    }
}
