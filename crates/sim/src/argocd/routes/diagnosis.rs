//! `GET …/events` and `GET …/logs`, as much as a diagnosis needs (ARGO-40).

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::super::ArgoCd;
use super::super::course::Health;
use super::super::errors::ApiError;
use super::super::manifest::uid;
use super::super::pod::Pod;
use super::super::wire::time;
use super::{Caller, Which, find, ok};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Object {
    #[serde(rename = "resourceUID")]
    uid: String,
    #[serde(rename = "resourceName")]
    name: String,
    #[serde(rename = "resourceNamespace")]
    namespace: String,
}

/// Without an object: those of the application. With one: all three fields must name an object of
/// the tree.
pub(crate) async fn events(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
    Query(of): Query<Object>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let whole = of.uid.is_empty() && of.name.is_empty() && of.namespace.is_empty();
    let object = app.view.compared.iter().map(|c| &c.object).find(|object| {
        uid(&name, object) == of.uid && object.name == of.name && object.namespace == of.namespace
    });
    let pod = Pod::all(app).find(|pod| {
        let own = &pod.object;
        uid(&name, own) == of.uid && own.name == of.name && own.namespace == of.namespace
    });
    if !whole && object.is_none() && pod.is_none() {
        let message = format!("{} not found as part of application {name}", of.name);
        return Err(ApiError::invalid(message));
    }
    let at_ms = app.view.reconciled_ms;
    let mut items = pod.map_or_else(Vec::new, |pod| pod.events(&of.uid, at_ms));
    if let (Health::Degraded, Some(object)) = (app.view.health, object) {
        items.push(json!({
            "metadata": { "name": format!("{}.17", object.name), "namespace": object.namespace },
            "involvedObject": { "kind": object.kind, "name": object.name, "uid": of.uid },
            "reason": "ProgressDeadlineExceeded",
            "message": app.view.health_message,
            "type": "Warning",
            "count": 1,
            "lastTimestamp": time(at_ms),
        }));
    }
    Ok(ok(&json!({ "metadata": {}, "items": items })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Logs {
    #[serde(rename = "podName")]
    pod: String,
    container: String,
    #[serde(rename = "tailLines")]
    tail: Option<usize>,
    previous: bool,
}

/// Lines of JSON; without a pod there is nothing to read, and the answer is empty.
pub(crate) async fn logs(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
    Query(logs): Query<Logs>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    if !caller.may_read_logs {
        let spec = &app.view.spec;
        let of = format!("{}/{}", spec.project, spec.name);
        let sub = &caller.name;
        return Err(ApiError::forbidden(format!("permission denied: logs, get, {of}, sub: {sub}")));
    }
    let mut text = String::new();
    if let Some(pod) = Pod::all(app).find(|pod| pod.object.name == logs.pod) {
        let known = pod.workload.containers.iter().any(|c| c.name == logs.container);
        if !logs.container.is_empty() && !known {
            let message = format!("container {} is not valid for pod {}", logs.container, logs.pod);
            return Err(ApiError::invalid(message));
        }
        let written = pod.log(logs.previous);
        let from = written.len().saturating_sub(logs.tail.unwrap_or(usize::MAX));
        let lines = written[from..].iter().map(|line| (*line, false));
        for (content, last) in lines.chain([("", true)]) {
            let entry = json!({
                "content": content,
                "timeStamp": time(now_ms),
                "timeStampStr": time(now_ms),
                "podName": logs.pod,
                "last": last,
            });
            text.push_str(&json!({ "result": entry }).to_string());
            text.push('\n');
        }
    }
    Ok(([(CONTENT_TYPE, "application/json")], text).into_response())
}
