//! The Application as JSON, field by field as in the recorded samples.
//!
//! What Go leaves out when it is empty is left out here too.

use serde_json::{Map, Value, json};

use super::app::{Compared, HistoryEntry, Operation, OperationState, View};
use super::course::Health;
use super::object::Object;
use super::spec::{Source, Takes};
use super::traps::Traps;

/// Who asks: a list never carries the health of single objects (ARGO-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    List,
    Get,
}

/// A time on the wire: RFC 3339 with whole seconds, cut off.
pub(crate) fn time(at_ms: i64) -> String {
    let at = jiff::Timestamp::from_second(at_ms.div_euclid(1000)).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The Application object.
pub(crate) fn application(view: &View, traps: &Traps, depth: Depth) -> Value {
    let spec = &view.spec;
    let mut metadata = json!({
        "name": spec.name,
        "namespace": spec.namespace,
        "uid": super::manifest::uid(&spec.namespace, &Object::new("Application", &spec.name)),
        "resourceVersion": view.resource_version.to_string(),
        "generation": view.resource_version,
        "creationTimestamp": "2025-01-01T00:00:00Z",
    });
    if !spec.labels.is_empty() {
        metadata["labels"] = json!(spec.labels);
    }
    if !spec.annotations.is_empty() {
        metadata["annotations"] = json!(spec.annotations);
    }
    let mut app = json!({
        "metadata": metadata,
        "spec": spec_json(view),
        "status": status(view, traps, depth),
    });
    if let Some(operation) = &view.operation {
        app["operation"] = operation_json(operation, view);
    }
    app
}

fn destination() -> Value {
    json!({ "server": "https://kubernetes.default.svc", "namespace": "default" })
}

fn source_json(source: &Source) -> Value {
    let mut json = json!({
        "repoURL": source.repo_url,
        "targetRevision": source.target_revision,
    });
    match &source.takes {
        Takes::Path(path) => json["path"] = json!(path),
        Takes::Values(name) => json["ref"] = json!(name),
        Takes::Chart { name, helm } => {
            json["chart"] = json!(name);
            if !helm.is_empty() {
                json["helm"] = json!(helm);
            }
        }
    }
    json
}

/// Puts the application's own sources.
fn put_sources(into: &mut Value, view: &View) {
    put_these(into, &view.spec.sources);
}

/// Puts `source` or `sources`, whichever the application has (ARGO-18).
fn put_these(into: &mut Value, sources: &[Source]) {
    let mut all: Vec<Value> = sources.iter().map(source_json).collect();
    if all.len() > 1 {
        into["sources"] = Value::Array(all);
    } else if let Some(only) = all.pop() {
        into["source"] = only;
    }
}

/// Puts `revision` or `revisions`, whichever the application has (ARGO-18).
fn put_revisions(into: &mut Value, view: &View, revisions: &[String]) {
    if revisions.is_empty() {
        return;
    }
    if view.spec.sources.len() > 1 {
        into["revisions"] = json!(revisions);
    } else {
        into["revision"] = json!(revisions.first().map_or("", String::as_str));
    }
}

fn spec_json(view: &View) -> Value {
    let mut spec = json!({ "destination": destination(), "project": view.spec.project });
    put_sources(&mut spec, view);
    if view.spec.automated {
        spec["syncPolicy"] = json!({ "automated": {} });
    }
    spec
}

/// The sync status of the application or of one object.
fn word(view: &View, synced: bool) -> &'static str {
    match (&view.comparison_error, synced) {
        (Some(_), _) => "Unknown",
        (None, true) => "Synced",
        (None, false) => "OutOfSync",
    }
}

fn status(view: &View, traps: &Traps, depth: Depth) -> Value {
    let mut compared_to = json!({ "destination": destination() });
    put_sources(&mut compared_to, view);
    let mut sync = json!({ "status": word(view, view.synced), "comparedTo": compared_to });
    put_revisions(&mut sync, view, &view.compared_revisions);
    let health = view.shown_health();
    let mut health_json = json!({ "status": health.word() });
    if !view.health_message.is_empty() {
        health_json["message"] = json!(view.health_message);
    }
    let mut status = json!({
        "sync": sync,
        "health": health_json,
        "reconciledAt": time(view.reconciled_ms),
        "sourceType": if view.spec.sources[0].chart().is_some() { "Helm" } else { "Directory" },
        "summary": summary(view, traps),
    });
    if let Some(error) = &view.comparison_error {
        status["conditions"] = json!([{
            "type": "ComparisonError",
            "message": error,
            "lastTransitionTime": time(view.reconciled_ms),
        }]);
    }
    let with_health = depth == Depth::Get && !traps.no_object_health;
    let resources = view.compared.iter().map(|c| resource(c, view, with_health)).collect();
    put_list(&mut status, "resources", resources, traps);
    let history = view.history.iter().map(|entry| history_json(entry, view)).collect();
    put_list(&mut status, "history", history, traps);
    if let Some(state) = &view.state {
        status["operationState"] = state_json(state, view);
    }
    status
}

/// Puts a list; an empty one is left out, or `null` with the trap on.
pub(crate) fn put_list(into: &mut Value, name: &str, list: Vec<Value>, traps: &Traps) {
    if !list.is_empty() {
        into[name] = Value::Array(list);
    } else if traps.null_lists {
        into[name] = Value::Null;
    }
}

fn summary(view: &View, traps: &Traps) -> Value {
    if traps.empty_summary || view.pods.is_empty() {
        return json!({});
    }
    json!({ "images": view.pods })
}

fn resource(compared: &Compared, view: &View, with_health: bool) -> Value {
    let object = &compared.object;
    let mut line = Map::new();
    let mut put = |name: &str, value: Value| line.insert(name.to_owned(), value);
    if !object.group.is_empty() {
        put("group", json!(object.group));
    }
    put("version", json!(object.version));
    put("kind", json!(object.kind));
    put("namespace", json!(object.namespace));
    put("name", json!(object.name));
    put("status", json!(word(view, compared.synced)));
    if compared.requires_pruning {
        put("requiresPruning", json!(true));
    }
    if with_health && object.has_health() {
        let health = object_health(compared, view);
        put("health", json!({ "status": health.word() }));
    }
    Value::Object(line)
}

/// Health of one object: what is being rolled out has the application's.
pub(crate) fn object_health(compared: &Compared, view: &View) -> Health {
    let rolling = if view.rolling.is_empty() {
        compared.object.rolls_out()
    } else {
        view.rolling.contains(&compared.object.key())
    };
    match (compared.missing, rolling) {
        (true, _) => Health::Missing,
        (false, true) => view.health,
        (false, false) => Health::Healthy,
    }
}

fn initiator(account: &str, automated: bool) -> Value {
    if automated { json!({ "automated": true }) } else { json!({ "username": account }) }
}

fn history_json(entry: &HistoryEntry, view: &View) -> Value {
    let mut line = json!({
        "id": entry.id,
        "deployStartedAt": time(entry.started_ms),
        "deployedAt": time(entry.deployed_ms),
        "initiatedBy": initiator(&entry.account, entry.automated),
    });
    put_revisions(&mut line, view, &entry.revisions);
    put_these(&mut line, &entry.sources);
    line
}

/// The `operation` object, also found inside `operationState`.
fn operation_json(operation: &Operation, view: &View) -> Value {
    let mut sync = json!({});
    put_revisions(&mut sync, view, &operation.revisions);
    if let Some(sources) = &operation.sources {
        put_these(&mut sync, sources);
    }
    if operation.dry_run {
        sync["dryRun"] = json!(true);
    }
    if operation.prune {
        sync["prune"] = json!(true);
    }
    if !operation.resources.is_empty() {
        sync["resources"] = json!(operation.resources);
    }
    if let Some(strategy) = &operation.strategy {
        sync["syncStrategy"] = strategy.clone();
    }
    if let Some(options) = &operation.options {
        sync["syncOptions"] = options.clone();
    }
    let mut json = json!({
        "sync": sync,
        "initiatedBy": initiator(&operation.account, operation.automated),
        "retry": operation.retry.clone().unwrap_or_else(|| json!({})),
    });
    if !operation.infos.is_empty() {
        json["info"] = json!(operation.infos);
    }
    json
}

fn state_json(state: &OperationState, view: &View) -> Value {
    let mut json = json!({
        "operation": operation_json(&state.operation, view),
        "phase": state.phase,
        "message": state.message,
        "startedAt": time(state.started_ms),
    });
    if let Some(finished_ms) = state.finished_ms {
        json["finishedAt"] = json!(time(finished_ms));
    }
    if state.retries > 0 {
        json["retryCount"] = json!(state.retries);
    }
    if let Some(result) = &state.result {
        let mut sync = json!({ "resources": result.resources });
        put_revisions(&mut sync, view, &result.revisions);
        put_sources(&mut sync, view);
        json["syncResult"] = sync;
    }
    json
}
