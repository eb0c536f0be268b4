//! Objects as Kubernetes JSON, for `managed-resources` (ARGO-16).

use serde_json::{Map, Value, json};

use super::app::{App, Live};
use super::course::Health;
use super::object::Object;
use super::spec::Release;
use super::wire::time;

/// Where Kubernetes notes a restart by hand.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// The answer of `managed-resources`: one item per object that git or the cluster has, without
/// hooks.
pub(crate) fn managed(app: &App) -> Vec<Value> {
    let target = app.target();
    let mut items = Vec::new();
    for compared in &app.view.compared {
        let key = compared.object.key();
        let rendered = app.view.comparison_error.is_none();
        let wanted = target.objects.iter().find(|object| rendered && object.key() == key);
        let live = app.view.live.iter().find(|live| live.object.key() == key);
        // What was pruned since the last comparison is on neither side any more.
        items.extend(item(app, wanted, live, rendered && !compared.synced));
    }
    items
}

fn item(app: &App, wanted: Option<&Object>, live: Option<&Live>, modified: bool) -> Option<Value> {
    let name = &app.view.spec.name;
    let object = wanted.or(live.map(|live| &live.object))?;
    let equal = live.map(|live| &live.object) == wanted;
    let mut target = wanted.map_or(Value::Null, |wanted| manifest(wanted, name));
    let mut lives = live.map_or(Value::Null, |live| manifest(&live.object, name));
    if object.kind == "Secret" {
        mask(&mut target, 8);
        mask(&mut lives, if equal { 8 } else { 9 });
    }
    let normalized = lives.clone();
    let mut raw = lives;
    if let Some(live) = live {
        add_live_fields(&mut raw, live, app);
    }
    let predicted = if wanted.is_some() { target.clone() } else { Value::Null };
    let mut item = json!({
        "kind": object.kind,
        "namespace": object.namespace,
        "name": object.name,
        "targetState": target.to_string(),
        "liveState": raw.to_string(),
        "normalizedLiveState": normalized.to_string(),
        "predictedLiveState": predicted.to_string(),
    });
    if !object.group.is_empty() {
        item["group"] = json!(object.group);
    }
    if modified {
        item["modified"] = json!(true);
    }
    if live.is_some() {
        item["resourceVersion"] = json!(app.view.resource_version.to_string());
    }
    Some(item)
}

/// What a commit wants, hooks too, with the values of secrets hidden.
pub(crate) fn rendered(release: &Release, app: &str) -> Vec<Value> {
    let one = |object: &Object| {
        let mut manifest = manifest(object, app);
        if object.kind == "Secret" {
            mask(&mut manifest, 8);
        }
        manifest
    };
    release.objects.iter().map(one).collect()
}

fn mask(manifest: &mut Value, length: usize) {
    if let Some(data) = manifest.get_mut("data").and_then(Value::as_object_mut) {
        for value in data.values_mut() {
            *value = json!("+".repeat(length));
        }
    }
}

/// What only a living object has.
fn add_live_fields(manifest: &mut Value, live: &Live, app: &App) {
    manifest["metadata"]["uid"] = json!(uid(&app.view.spec.name, &live.object));
    manifest["metadata"]["resourceVersion"] = json!(app.view.resource_version.to_string());
    manifest["metadata"]["generation"] = json!(live.generation);
    if app.drift {
        manifest["metadata"]["annotations"]["webhook.example/mutated"] = json!("true");
    }
    if let Some(restarted_ms) = live.restarted_ms {
        let at = json!(time(restarted_ms));
        if live.object.kind == "Rollout" {
            manifest["spec"]["restartAt"] = at;
        } else {
            manifest["spec"]["template"]["metadata"]["annotations"][RESTARTED_AT] = at;
        }
    }
    if live.object.rolls_out() {
        manifest["status"] = rollout_status(live, app);
        let at_work = app.view.rolling.contains(&live.object.key());
        if let Some(steps) =
            app.view.steps.as_ref().filter(|_| at_work && live.object.kind == "Rollout")
        {
            steps.write(manifest);
        }
    }
}

/// What the workload's own controller says of the pods: two are wanted, one is replaced at a time.
fn rollout_status(live: &Live, app: &App) -> Value {
    let seen = live.observed == live.generation;
    let at_work =
        app.view.rolling.contains(&live.object.key()) && app.view.health != Health::Healthy;
    // Old and new pods together, those of them that are new, those that serve.
    let (replicas, updated, available) = match (seen, at_work) {
        (false, _) => (2, if live.generation == 1 { 0 } else { 2 }, 2),
        (true, true) => (3, 1, 2),
        (true, false) => (2, 2, 2),
    };
    let mut status = match live.object.kind.as_str() {
        "DaemonSet" => json!({
            "desiredNumberScheduled": 2,
            "updatedNumberScheduled": updated,
            "numberAvailable": available,
        }),
        "StatefulSet" => json!({
            "replicas": 2,
            "updatedReplicas": updated,
            "readyReplicas": available,
            "availableReplicas": available,
            "currentRevision": "old",
            "updateRevision": if at_work || !seen { "new" } else { "old" },
        }),
        _ => json!({
            "replicas": replicas,
            "updatedReplicas": updated,
            "readyReplicas": available,
            "availableReplicas": available,
        }),
    };
    // A Rollout's is a text.
    status["observedGeneration"] = match live.object.kind.as_str() {
        "Rollout" => json!(live.observed.to_string()),
        _ => json!(live.observed),
    };
    if live.object.kind == "Rollout" {
        let phase = match app.view.health {
            Health::Suspended => "Paused",
            health => health.word(),
        };
        status["phase"] = json!(if at_work { phase } else { "Healthy" });
        if let Some(restarted_ms) = live.restarted_ms.filter(|_| seen) {
            status["restartedAt"] = json!(time(restarted_ms));
        }
    }
    if at_work && app.view.health == Health::Degraded {
        status["conditions"] = json!([{
            "type": "Progressing",
            "status": "False",
            "reason": "ProgressDeadlineExceeded",
            "message": app.view.health_message,
        }]);
    }
    status
}

/// The object as the cluster holds it, for `resource`.
pub(crate) fn live_manifest(app: &App, live: &Live) -> Value {
    let mut manifest = manifest(&live.object, &app.view.spec.name);
    if live.object.kind == "Secret" {
        mask(&mut manifest, 8);
    }
    add_live_fields(&mut manifest, live, app);
    let hook = app.view.hook.as_ref().filter(|hook| hook.live.object.key() == live.object.key());
    if let Some(hook) = hook {
        // Each sync makes a Job of its own.
        let uid = uid(&app.view.spec.name, &live.object);
        manifest["metadata"]["uid"] = json!(format!("{uid}-{}", live.generation));
        manifest["spec"]["suspend"] = json!(hook.suspended);
    }
    manifest
}

/// The same object always has the same uid.
pub(crate) fn uid(app: &str, object: &Object) -> String {
    let hash = super::spec::revision_of(app, &format!("{}/{}", object.kind, object.name));
    let part = |from: usize, to: usize| &hash[from..to];
    format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// The manifest that git would hold for an object.
fn manifest(object: &Object, app: &str) -> Value {
    let api_version = if object.group.is_empty() {
        object.version.clone()
    } else {
        format!("{}/{}", object.group, object.version)
    };
    let tracking =
        format!("{app}:{}/{}:{}/{}", object.group, object.kind, object.namespace, object.name);
    let mut manifest = json!({
        "apiVersion": api_version,
        "kind": object.kind,
        "metadata": {
            "name": object.name,
            "namespace": object.namespace,
            "annotations": { "argocd.argoproj.io/tracking-id": tracking },
        },
    });
    let data = || -> Map<String, Value> {
        object.data.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
    };
    if object.containers.is_empty() {
        if !object.data.is_empty() {
            let field = if matches!(object.kind.as_str(), "ConfigMap" | "Secret") {
                "data"
            } else {
                "spec"
            };
            manifest[field] = Value::Object(data());
        }
        return manifest;
    }
    let containers: Vec<Value> =
        object.containers.iter().map(|c| json!({ "name": c.name, "image": c.image })).collect();
    let template = json!({
        "metadata": { "labels": { "app": object.name }, "annotations": data() },
        "spec": { "containers": containers },
    });
    manifest["spec"] = match object.kind.as_str() {
        "CronJob" => json!({
            "schedule": "0 3 * * *",
            "jobTemplate": { "spec": { "template": template } },
        }),
        "Job" => json!({ "template": template }),
        _ => json!({
            "replicas": 2,
            "selector": { "matchLabels": { "app": object.name } },
            "template": template,
        }),
    };
    for (name, value) in &object.settings {
        set(&mut manifest, name, value);
    }
    manifest
}

/// Puts a setting where it belongs: `replicas`, `limits.memory` and `env.NAME` of the first container.
fn set(manifest: &mut Value, name: &str, value: &str) {
    if name == "replicas" {
        manifest["spec"]["replicas"] = json!(value.parse::<u32>().unwrap_or_default());
        return;
    }
    let container = &mut manifest["spec"]["template"]["spec"]["containers"][0];
    if let Some(variable) = name.strip_prefix("env.") {
        let one = json!({ "name": variable, "value": value });
        match container["env"].as_array_mut() {
            Some(variables) => variables.push(one),
            None => container["env"] = json!([one]),
        }
    } else if let Some((part, resource)) = name.split_once('.') {
        container["resources"][part][resource] = json!(value);
    }
}
