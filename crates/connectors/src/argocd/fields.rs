//! Which fields of an object change, as far as people decide by them: replicas, limits, the names of environment
//! variables, the names in a `ConfigMap` or `Secret`. Values that may be secret never leave here. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use wilco_core::plan::FieldChange;

use super::images::containers;

/// Where numbers and short words stand by which people decide, whatever the kind.
const PLAIN: [(&str, &str); 6] = [
    ("replicas", "/spec/replicas"),
    ("minReplicas", "/spec/minReplicas"),
    ("maxReplicas", "/spec/maxReplicas"),
    ("schedule", "/spec/schedule"),
    ("suspend", "/spec/suspend"),
    ("type", "/spec/type"),
];
/// A longer word is not one that people compare at a glance.
const LONGEST: usize = 40;

/// What differs, sorted; empty where only other things do.
pub(super) fn fields(kind: &str, live: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    if matches!(kind, "ConfigMap" | "Secret") {
        names(&mut changes, "", &entries(live), &entries(after));
        return changes;
    }
    for (name, pointer) in PLAIN {
        shown(&mut changes, name, live.pointer(pointer), after.pointer(pointer));
    }
    let (has, gets) = (containers(kind, live), containers(kind, after));
    for (container, after) in &gets {
        // One that is new shows by its image.
        let Some(live) = has.get(container) else { continue };
        for part in ["limits", "requests"] {
            for resource in ["cpu", "memory"] {
                let at = format!("/resources/{part}/{resource}");
                let name = format!("{container} {part}.{resource}");
                shown(&mut changes, &name, live.pointer(&at), after.pointer(&at));
            }
        }
        names(&mut changes, &format!("{container} env "), &variables(live), &variables(after));
    }
    changes.sort();
    changes
}

fn shown(changes: &mut Vec<FieldChange>, field: &str, from: Option<&Value>, to: Option<&Value>) {
    let word = |value: &Value| match value {
        Value::String(text) => text.chars().take(LONGEST).collect(),
        other => other.to_string().chars().take(LONGEST).collect(),
    };
    if from != to {
        let (from, to) = (from.map(word), to.map(word));
        changes.push(FieldChange { field: field.to_owned(), from, to, hidden: false });
    }
}

/// Which names come, go, or get another value; the values are not told.
fn names(
    changes: &mut Vec<FieldChange>,
    before: &str,
    live: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) {
    let all: BTreeSet<&String> = live.keys().chain(after.keys()).collect();
    let there = |value: Option<&Value>| value.map(|_| String::new());
    for name in all {
        let (from, to) = (live.get(name), after.get(name));
        if from != to {
            let field = format!("{before}{name}");
            changes.push(FieldChange { field, from: there(from), to: there(to), hidden: true });
        }
    }
}

fn entries(object: &Value) -> BTreeMap<String, Value> {
    let parts = ["data", "stringData", "binaryData"];
    let entries = parts.iter().filter_map(|part| object.get(part)?.as_object()).flatten();
    entries.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn variables(container: &Value) -> BTreeMap<String, Value> {
    let list = container.get("env").and_then(Value::as_array);
    let named =
        |variable: &Value| Some((variable.get("name")?.as_str()?.to_owned(), variable.clone()));
    list.into_iter().flatten().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: &str, live: &Value, after: &Value) -> Vec<String> {
        let one = |change: FieldChange| {
            let side = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
            format!("{}: {} > {}", change.field, side(change.from), side(change.to))
        };
        fields(kind, live, after).into_iter().map(one).collect()
    }

    #[test]
    fn what_people_decide_by_is_told_and_values_are_not() {
        let workload = |replicas: i64, memory: &str, env: Value| {
            json!({ "spec": { "replicas": replicas, "template": { "spec": { "containers": [{
                "name": "app",
                "image": "a:1",
                "resources": { "limits": { "memory": memory } },
                "env": env,
            }] } } } })
        };
        let live = workload(
            2,
            "256Mi",
            json!([
                { "name": "LEVEL", "value": "info" },
                { "name": "OLD", "value": "s3cret-old" },
                { "name": "SAME", "value": "x" },
            ]),
        );
        let after = workload(
            3,
            "512Mi",
            json!([
                { "name": "SAME", "value": "x" },
                { "name": "LEVEL", "value": "s3cret-level" },
                { "name": "NEW", "valueFrom": { "secretKeyRef": { "name": "s", "key": "k" } } },
            ]),
        );
        let changes = told("Deployment", &live, &after);
        assert_eq!(
            changes,
            [
                "app env LEVEL:  > ",
                "app env NEW: - > ",
                "app env OLD:  > -",
                "app limits.memory: 256Mi > 512Mi",
                "replicas: 2 > 3",
            ]
        );
        assert_eq!(told("Deployment", &live, &live), [""; 0]);
        let scaler = |most: i64| json!({ "spec": { "minReplicas": 2, "maxReplicas": most } });
        assert_eq!(told("HorizontalPodAutoscaler", &scaler(4), &scaler(8)), ["maxReplicas: 4 > 8"]);
    }

    #[test]
    fn of_a_secret_only_names_are_told() {
        let secret = |value: &str| json!({ "data": { "password": value, "user": "+" } });
        let changes = fields("Secret", &secret("++++"), &secret("+++++"));
        assert_eq!(changes.len(), 1);
        assert!(changes[0].field == "password" && changes[0].hidden);
        assert!(!format!("{changes:?}").contains("++"));
    }
}
