//! What a sync would change, from `managed-resources` (ARGO-16). Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wilco_core::plan::{Change, FieldChange, ImageChange, ObjectChange, hex};

use super::fields::fields;
use super::images::{images, is_workload, rolls_out, without_images};
use super::wire::ManagedItem;

/// The difference between git and the cluster.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Delta {
    /// Whole image references, sorted by container.
    pub(super) images: Vec<ImageChange>,
    /// Other differences, sorted.
    pub(super) objects: Vec<ObjectChange>,
    /// Images that prove the deployment when they run.
    pub(super) expect: BTreeSet<String>,
    /// Images that should run no more.
    pub(super) gone: BTreeSet<String>,
    /// All images that run according to the objects.
    pub(super) live: BTreeSet<String>,
    /// All images that git wants.
    pub(super) wanted: BTreeSet<String>,
    /// Namespace and name of each application that is made or changed (ARGO-35).
    pub(super) children: BTreeSet<(String, String)>,
}

impl Delta {
    pub(super) fn is_empty(&self) -> bool {
        self.images.is_empty() && self.objects.is_empty()
    }
}

/// One side of an object; `null`, an empty text and what is no JSON are "not there".
fn side(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(|value: &Value| !value.is_null())
}

/// Reads all items.
pub(super) fn delta(items: &[ManagedItem]) -> Delta {
    let mut delta = Delta::default();
    let mut changed_images: BTreeMap<Key, (Option<String>, Option<String>)> = BTreeMap::new();
    // What may run or linger after the sync besides the changed workloads.
    let mut stays: BTreeSet<String> = BTreeSet::new();
    for item in items {
        let raw_live = side(&item.live_state);
        let live = side(&item.normalized_live_state)
            .filter(|_| raw_live.is_some())
            .or_else(|| raw_live.clone());
        let target = side(&item.target_state);
        let kind = item.kind.as_str();
        let has = live.as_ref().map(|live| images(kind, live)).unwrap_or_default();
        delta.live.extend(has.values().cloned());
        let Some(target) = target else {
            if live.is_some() {
                // Wilco does not prune, so what it holds goes on.
                stays.extend(has.into_values());
                delta.objects.push(change(item, Change::Extra, &Value::Null, Vec::new()));
            }
            continue;
        };
        // What the object will be: the server's own prediction, when both sides are there.
        let after = side(&item.predicted_live_state)
            .filter(|predicted| {
                live.is_some() && predicted.as_object().is_some_and(|o| !o.is_empty())
            })
            .unwrap_or_else(|| target.clone());
        let gets = images(kind, &after);
        delta.wanted.extend(gets.values().cloned());
        let rolls = rolls_out(kind, &after);
        if rolls {
            stays.extend(gets.values().cloned());
        } else {
            // Its old pods may linger, and its new ones may come much later.
            stays.extend(gets.values().chain(has.values()).cloned());
        }
        let is_child = item.group == "argoproj.io" && kind == "Application";
        if is_child && live.as_ref().is_none_or(|live| item.modified || *live != after) {
            delta.children.insert((item.namespace.clone(), item.name.clone()));
        }
        let same_images = has == gets;
        let names: BTreeSet<&String> = has.keys().chain(gets.keys()).collect();
        for name in names {
            let (from, to) = (has.get(name).cloned(), gets.get(name).cloned());
            if from == to {
                continue;
            }
            if rolls {
                delta.expect.extend(to.clone());
                delta.gone.extend(from.clone());
            }
            changed_images.insert(Key::of(item, name), (from, to));
        }
        match live {
            None => delta.objects.push(change(item, Change::Added, &target, Vec::new())),
            Some(live) => {
                let fields = fields(kind, &live, &after);
                let differs = if is_workload(kind) {
                    (item.modified && same_images)
                        || without_images(kind, live) != without_images(kind, after)
                } else {
                    item.modified || live != after
                };
                if differs {
                    delta.objects.push(change(item, Change::Changed, &target, fields));
                }
            }
        }
    }
    delta.gone = delta.gone.difference(&stays).cloned().collect();
    delta.images = named(changed_images);
    delta.images.sort();
    delta.objects.sort();
    delta
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    group: String,
    kind: String,
    namespace: String,
    name: String,
    container: String,
}

impl Key {
    fn of(item: &ManagedItem, container: &str) -> Self {
        Self {
            group: item.group.clone(),
            kind: item.kind.clone(),
            namespace: item.namespace.clone(),
            name: item.name.clone(),
            container: container.to_owned(),
        }
    }

    fn short(&self) -> String {
        format!("{}/{}/{}", self.kind, self.name, self.container)
    }
}

/// kind/name/container, with the namespace where that would name two.
fn named(changes: BTreeMap<Key, (Option<String>, Option<String>)>) -> Vec<ImageChange> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for key in changes.keys() {
        *count.entry(key.short()).or_default() += 1;
    }
    changes
        .into_iter()
        .map(|(key, (from, to))| {
            let short = key.short();
            let container = match count.get(&short) {
                Some(1) => short,
                _ => format!("{}/{}/{}/{}", key.kind, key.namespace, key.name, key.container),
            };
            ImageChange { container, from, to }
        })
        .collect()
}

/// Of an object's content only some fields and its hash are kept: it may be a secret.
fn change(
    item: &ManagedItem,
    change: Change,
    target: &Value,
    fields: Vec<FieldChange>,
) -> ObjectChange {
    ObjectChange {
        fields,
        object: format!("{}/{}/{}", item.kind, item.namespace, item.name),
        change,
        hash: hex(&Sha256::digest(target.to_string().as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(image: &str, replicas: i64) -> Value {
        json!({ "spec": { "replicas": replicas, "template": { "spec": {
            "containers": [{ "name": "app", "image": image }],
        } } } })
    }

    fn item(kind: &str, name: &str, live: &Value, target: &Value) -> ManagedItem {
        ManagedItem {
            kind: kind.to_owned(),
            namespace: "default".to_owned(),
            name: name.to_owned(),
            live_state: live.to_string(),
            normalized_live_state: live.to_string(),
            target_state: target.to_string(),
            predicted_live_state: target.to_string(),
            ..ManagedItem::default()
        }
    }

    #[test]
    fn argo_16_the_recorded_shape_is_read() {
        let text = include_str!("../../tests/contract/argocd/managed_resources.json");
        let managed: super::super::wire::Managed = serde_json::from_str(text).unwrap();
        let delta = delta(&managed.items);
        assert_eq!(delta.images, []);
        let words: Vec<(&str, Change)> =
            delta.objects.iter().map(|o| (o.object.as_str(), o.change)).collect();
        assert_eq!(
            words,
            [
                ("ConfigMap/default/only-in-git", Change::Added),
                ("Deployment/default/kustomize-guestbook-ui", Change::Changed),
                ("Service/default/only-live-needs-prune", Change::Extra),
            ]
        );
    }

    #[test]
    fn an_image_change_is_no_object_change() {
        let delta = delta(&[item("Deployment", "w", &deployment("w:1", 2), &deployment("w:2", 2))]);
        assert_eq!(delta.objects, []);
        let change = &delta.images[0];
        assert_eq!(change.container, "Deployment/w/app");
        assert_eq!((change.from.as_deref(), change.to.as_deref()), (Some("w:1"), Some("w:2")));
        assert!(delta.expect.contains("w:2") && delta.gone.contains("w:1"));
    }

    #[test]
    fn a_workload_that_differs_otherwise_too_is_both() {
        let delta = delta(&[item("Deployment", "w", &deployment("w:1", 2), &deployment("w:2", 3))]);
        assert_eq!((delta.images.len(), delta.objects.len()), (1, 1));
    }

    #[test]
    fn an_image_that_another_workload_keeps_need_not_go() {
        let delta = delta(&[
            item("Deployment", "w", &deployment("w:1", 2), &deployment("w:2", 2)),
            item("Deployment", "v", &deployment("w:1", 2), &deployment("w:1", 2)),
        ]);
        assert!(delta.gone.is_empty());
    }

    #[test]
    fn argo_15_without_pods_no_image_is_demanded() {
        let asleep =
            delta(&[item("Deployment", "w", &deployment("w:1", 0), &deployment("w:2", 0))]);
        assert_eq!(asleep.images.len(), 1);
        assert!(asleep.expect.is_empty() && asleep.gone.is_empty());
        let jobs = delta(&[item("Job", "w", &deployment("w:1", 1), &deployment("w:2", 1))]);
        assert!(jobs.expect.is_empty() && jobs.gone.is_empty());
    }

    #[test]
    fn argo_16_null_and_empty_texts_are_one_sided() {
        let mut added = item("ConfigMap", "new", &Value::Null, &json!({ "data": { "a": "1" } }));
        added.predicted_live_state = "{}".to_owned();
        let mut extra = item("Service", "old", &json!({ "kind": "Service" }), &Value::Null);
        extra.normalized_live_state = String::new();
        extra.target_state = String::new();
        let delta = delta(&[added, extra]);
        let words: Vec<(&str, Change)> =
            delta.objects.iter().map(|o| (o.object.as_str(), o.change)).collect();
        assert_eq!(
            words,
            [("ConfigMap/default/new", Change::Added), ("Service/default/old", Change::Extra)]
        );
    }

    #[test]
    fn argo_16_an_extra_workload_stays_and_changes_no_image() {
        let delta = delta(&[
            item("Deployment", "old", &deployment("w:1", 2), &Value::Null),
            item("Deployment", "new", &deployment("w:1", 2), &deployment("w:2", 2)),
        ]);
        assert_eq!(delta.images.len(), 1);
        assert!(delta.gone.is_empty(), "the extra one still runs w:1");
    }

    #[test]
    fn the_content_of_a_secret_never_shows() {
        let secret = |value: &str| json!({ "data": { "password": value } });
        let delta = delta(&[item("Secret", "s", &secret("++++"), &secret("+++++"))]);
        assert_eq!(delta.objects.len(), 1);
        assert!(!format!("{:?}", delta.objects).contains("++++"));
    }

    #[test]
    fn two_of_one_name_carry_their_namespaces() {
        let mut other = item("Deployment", "w", &deployment("w:1", 1), &deployment("w:3", 1));
        other.namespace = "green".to_owned();
        let first = item("Deployment", "w", &deployment("w:1", 1), &deployment("w:2", 1));
        let delta = delta(&[first, other]);
        let names: Vec<&str> = delta.images.iter().map(|i| i.container.as_str()).collect();
        assert_eq!(names, ["Deployment/default/w/app", "Deployment/green/w/app"]);
    }
}
