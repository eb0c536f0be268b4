//! `GET /api/v1/applications/{name}/resource-tree`: the objects, and for each workload one replica
//! set and one pod per image.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::super::ArgoCd;
use super::super::app::{App, Compared};
use super::super::errors::ApiError;
use super::super::manifest::uid;
use super::super::object::Object;
use super::super::pod::Pod;
use super::super::wire::object_health;
use super::{Caller, Which, find, ok};

pub(crate) async fn resource_tree(
    State(argo): State<ArgoCd>,
    Caller(caller): Caller,
    Path(name): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, ApiError> {
    let now_ms = argo.now_ms();
    let mut state = argo.lock();
    let (app, _) = find(&mut state, &caller, &name, &which, now_ms)?;
    let nodes: Vec<Value> = app.view.compared.iter().flat_map(|c| nodes(app, c)).collect();
    Ok(ok(&json!({ "nodes": nodes })))
}

fn node(app: &App, object: &Object, parent: Option<&Object>) -> Value {
    let mut node = json!({
        "version": object.version,
        "kind": object.kind,
        "namespace": object.namespace,
        "name": object.name,
        "uid": uid(&app.view.spec.name, object),
        "resourceVersion": app.view.resource_version.to_string(),
    });
    if !object.group.is_empty() {
        node["group"] = json!(object.group);
    }
    if let Some(parent) = parent {
        node["parentRefs"] = json!([{
            "group": parent.group,
            "kind": parent.kind,
            "namespace": parent.namespace,
            "name": parent.name,
            "uid": uid(&app.view.spec.name, parent),
        }]);
    }
    node
}

fn nodes(app: &App, compared: &Compared) -> Vec<Value> {
    let object = &compared.object;
    let mut health = json!({ "status": object_health(compared, &app.view).word() });
    if app.view.rolling.contains(&object.key()) && !app.view.health_message.is_empty() {
        health["message"] = json!(app.view.health_message);
    }
    let mut root = node(app, object, None);
    if object.has_health() {
        root["health"] = health.clone();
    }
    let mut all = vec![root];
    let Some(pod) = Pod::of(app, compared) else { return all };
    let mut replicas = node(app, &pod.set, Some(object));
    replicas["health"] = health.clone();
    let mut pod_node = node(app, &pod.object, Some(&pod.set));
    let own = |image: &&String| {
        let named = |image: &str| image.rsplit_once(':').map(|(name, _)| name.to_owned());
        object.containers.iter().any(|c| named(&c.image) == named(image))
    };
    pod_node["images"] = json!(app.view.pods.iter().filter(own).collect::<Vec<_>>());
    pod_node["health"] = health;
    pod_node["info"] = pod.info();
    all.extend([replicas, pod_node]);
    all
}
