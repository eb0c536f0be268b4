//! `GET /api/v1/stream/applications` (ARGO-41 … ARGO-44): an answer without an end.
//!
//! It shows what changed when the clock has moved on a little, so that a test that owns the clock owns this too.

use std::collections::BTreeMap;
use std::convert::Infallible;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};

use super::super::accounts::Account;
use super::super::app::View;
use super::super::streams::{Order, Ticket};
use super::super::wire::{Depth, application};
use super::super::{AppKey, ArgoCd, fields, selector};
use super::Caller;

/// How long after a change at most it is shown.
const DELAY_MS: i64 = 100;

pub(crate) async fn stream(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Query(query): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let events = headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    let kind = if events { "text/event-stream" } else { "application/json" };
    let ticket = argo.0.streams.open();
    let watcher = Watcher { argo, caller, query, events, ticket, sent: None };
    let body = unfold(Some(watcher), |watcher| async move {
        let mut watcher = watcher?;
        let (text, goes_on) = watcher.next().await;
        let part: Result<String, Infallible> = Ok(text);
        Some((part, goes_on.then_some(watcher)))
    });
    ([(CONTENT_TYPE, kind)], Body::from_stream(body)).into_response()
}

/// One open stream.
struct Watcher {
    argo: ArgoCd,
    caller: Account,
    query: Vec<(String, String)>,
    events: bool,
    ticket: Ticket,
    /// The versions that were shown; nothing yet at the beginning.
    sent: Option<BTreeMap<AppKey, u64>>,
}

impl Watcher {
    /// The next frames, and whether more may come after them.
    async fn next(&mut self) -> (String, bool) {
        loop {
            let now_ms = self.argo.now_ms();
            let changes = self.changes();
            self.ticket.shown(changes.len(), now_ms);
            if !changes.is_empty() {
                return (changes.iter().map(|change| self.frame(change)).collect(), true);
            }
            let later = self.argo.0.clock.sleep_until(now_ms + DELAY_MS);
            tokio::select! {
                order = self.ticket.order() => match order {
                    // Whatever has no end is over when its server is.
                    Order::Cut => return (String::new(), false),
                    Order::Error(message) => {
                        let error = json!({ "error": {
                            "grpc_code": 14, "http_code": 503, "message": message,
                            "http_status": "Service Unavailable",
                        } });
                        return (self.frame(&error), false);
                    }
                    Order::Beat => return (":\n".to_owned(), true),
                },
                () = later => {}
            }
        }
    }

    /// What changed since it was shown the last time. The first time that is everything, unless the caller
    /// names a version: then it is nothing, whatever happened since that version (ARGO-42).
    fn changes(&mut self) -> Vec<Value> {
        let get = |name: &str| self.query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v);
        self.argo.settle();
        let state = self.argo.lock();
        let traps = &state.world.traps;
        let show = |kind: &str, view: &View| json!({ "result": { "type": kind, "application": application(view, traps, Depth::List) } });
        let views = state.apps.iter().filter(|(_, app)| self.wants(&app.view));
        let now: BTreeMap<AppKey, &View> =
            views.map(|(key, app)| (key.clone(), &app.view)).collect();
        let is_first = self.sent.is_none();
        let silent = is_first && !get("resourceVersion").is_empty() && get("name").is_empty();
        let sent = self.sent.take().unwrap_or_default();
        let mut changes = Vec::new();
        for (key, view) in &now {
            match sent.get(key) {
                Some(version) if *version == view.resource_version => {}
                Some(_) => changes.push(show("MODIFIED", view)),
                None if silent => {}
                None => changes.push(show("ADDED", view)),
            }
        }
        for (name, namespace) in sent.keys().filter(|key| !now.contains_key(*key)) {
            let metadata = json!({ "name": name, "namespace": namespace });
            let gone = json!({ "type": "DELETED", "application": { "metadata": metadata } });
            changes.push(json!({ "result": gone }));
        }
        self.sent = Some(now.into_iter().map(|(key, view)| (key, view.resource_version)).collect());
        match get("fields") {
            _ if traps.whole_stream => changes,
            "" => changes,
            fields => changes.iter().map(|change| fields::narrow(change, fields)).collect(),
        }
    }

    fn wants(&self, view: &View) -> bool {
        let get = |name: &str| self.query.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v);
        let spec = &view.spec;
        let namespace = if get("appNamespace").is_empty() { "argocd" } else { get("appNamespace") };
        let mut projects = self.query.iter().filter(|(name, value)| {
            matches!(name.as_str(), "project" | "projects") && !value.is_empty()
        });
        let any = projects.clone().next().is_none();
        (get("name").is_empty() || (spec.name == get("name") && spec.namespace == namespace))
            && (any || projects.any(|(_, project)| *project == spec.project))
            && selector::selects(get("selector"), &spec.labels)
            && self.caller.sees(&spec.project)
    }

    fn frame(&self, value: &Value) -> String {
        if self.events { format!("data: {value} \n\n") } else { format!("{value}\n") }
    }
}
