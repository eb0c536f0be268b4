//! `/_sim/`: the same commands as the methods of `ArgoCd`, for tests with other processes and for
//! the demo.
//!
//! ```text
//! GET    /_sim/ledger    every effect, oldest first
//! GET    /_sim/requests  requests per method and route
//! GET    /_sim/held      {"until_ms", "count", "now_ms", "next_change_ms"}
//! POST   /_sim/faults    a Fault; DELETE removes all
//! POST   /_sim/traps     some switches: {"list_lag_ms": 5000}
//! POST   /_sim/commit    {"app": "wallet-api", "commit": {"images": [["wallet-api", "1.6.0"]]}}
//! POST   /_sim/outcome   {"app": "wallet-api", "outcome": {"end": "degrades"}}
//! POST   /_sim/health    {"app": "wallet-api", "health": "Healthy"}
//! POST   /_sim/hold      {"app": "wallet-api", "account": "jun", "for_ms": 60000}
//! ```
//!
//! These requests are never counted and no fault catches them. This surface has no sign-in: serve a
//! double on loopback only.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::course::{Health, Outcome};
use super::super::faults::Fault;
use super::super::world::NewCommit;
use super::super::{ArgoCd, Traps};
use super::ok;

pub(crate) fn router() -> Router<ArgoCd> {
    Router::new()
        .route("/_sim/ledger", get(ledger))
        .route("/_sim/requests", get(requests))
        .route("/_sim/held", get(held))
        .route("/_sim/faults", post(fault).delete(clear_faults))
        .route("/_sim/traps", post(traps))
        .route("/_sim/commit", post(commit))
        .route("/_sim/outcome", post(outcome))
        .route("/_sim/health", post(health))
        .route("/_sim/hold", post(hold))
}

/// A command that cannot be read or carried out: 400 with the reason as text.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0).into_response()
    }
}

fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| Refused(error.to_string()))
}

fn no_app(app: &str) -> Refused {
    Refused(format!("no application {app}"))
}

async fn ledger(State(argo): State<ArgoCd>) -> Response {
    ok(&json!(argo.ledger()))
}

async fn requests(State(argo): State<ArgoCd>) -> Response {
    ok(&json!(argo.requests()))
}

async fn held(State(argo): State<ArgoCd>) -> Response {
    ok(&json!({
        "until_ms": argo.held_until(),
        "count": argo.held_count(),
        "now_ms": argo.now_ms(),
        "next_change_ms": argo.next_change_ms(),
    }))
}

async fn fault(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    argo.fault(parse::<Fault>(&body)?);
    Ok(ok(&json!({})))
}

async fn clear_faults(State(argo): State<ArgoCd>) -> Response {
    argo.clear_faults();
    ok(&json!({}))
}

async fn traps(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    let changes: serde_json::Map<String, Value> = parse(&body)?;
    let mut state = argo.lock();
    let mut all = json!(state.world.traps);
    for (name, value) in changes {
        all[name] = value;
    }
    let traps = serde_json::from_value::<Traps>(all);
    state.world.traps = traps.map_err(|error| Refused(error.to_string()))?;
    Ok(ok(&json!(state.world.traps)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    app: String,
    commit: NewCommit,
}

async fn commit(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    let Commit { app, commit } = parse(&body)?;
    argo.try_change(&app, |_, _, _| ()).ok_or_else(|| no_app(&app))?;
    Ok(ok(&json!({ "revision": argo.commit(&app, commit) })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetOutcome {
    app: String,
    outcome: Outcome,
}

async fn outcome(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    let SetOutcome { app, outcome } = parse(&body)?;
    let set = argo.try_change(&app, |found, _, _| found.outcome = outcome);
    set.map(|()| ok(&json!({}))).ok_or_else(|| no_app(&app))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetHealth {
    app: String,
    health: Health,
}

async fn health(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    let SetHealth { app, health } = parse(&body)?;
    let set = argo.try_change(&app, |found, now_ms, _| found.set_health(health, "", now_ms));
    set.map(|()| ok(&json!({}))).ok_or_else(|| no_app(&app))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hold {
    app: String,
    account: String,
    for_ms: Option<i64>,
}

async fn hold(State(argo): State<ArgoCd>, body: Bytes) -> Result<Response, Refused> {
    let Hold { app, account, for_ms } = parse(&body)?;
    let busy = argo.try_change(&app, |found, _, _| found.view.operation.is_some());
    match busy {
        None => Err(no_app(&app)),
        Some(true) => Err(Refused("another operation is already in progress".to_owned())),
        Some(false) => {
            argo.someone_holds(&app, &account, for_ms);
            Ok(ok(&json!({})))
        }
    }
}
