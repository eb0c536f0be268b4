//! Container images in Kubernetes objects.

use std::collections::BTreeMap;

use serde_json::Value;

/// Where the pod's description stands in an object of this kind; `None` when it has none.
fn pod_spec<'a>(kind: &str, object: &'a Value) -> Option<&'a Value> {
    object.pointer(pod_pointer(kind)?)
}

fn pod_pointer(kind: &str) -> Option<&'static str> {
    match kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Rollout" => {
            Some("/spec/template/spec")
        }
        "CronJob" => Some("/spec/jobTemplate/spec/template/spec"),
        "Pod" => Some("/spec"),
        _ => None,
    }
}

/// Whether this kind holds containers.
pub(super) fn is_workload(kind: &str) -> bool {
    pod_pointer(kind).is_some()
}

/// Whether a changed object of this kind replaces running pods at once, so that its image shows.
/// A `CronJob` runs later, a finished `Job` stays, and no replicas are no pods.
pub(super) fn rolls_out(kind: &str, object: &Value) -> bool {
    matches!(kind, "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout")
        && object.pointer("/spec/replicas").and_then(Value::as_i64) != Some(0)
}

/// Containers by name, init containers too.
pub(super) fn containers<'a>(kind: &str, object: &'a Value) -> BTreeMap<String, &'a Value> {
    let Some(pod) = pod_spec(kind, object) else { return BTreeMap::new() };
    ["initContainers", "containers"]
        .iter()
        .filter_map(|list| pod.get(list)?.as_array())
        .flatten()
        .filter_map(|container| Some((container.get("name")?.as_str()?.to_owned(), container)))
        .collect()
}

/// Their images, by the name of the container.
pub(super) fn images(kind: &str, object: &Value) -> BTreeMap<String, String> {
    let image = |container: &Value| Some(container.get("image")?.as_str()?.to_owned());
    let all = containers(kind, object).into_iter();
    all.filter_map(|(name, container)| Some((name, image(container)?))).collect()
}

/// The object without the images of its containers, to see what else differs.
pub(super) fn without_images(kind: &str, mut object: Value) -> Value {
    let pod = pod_pointer(kind).and_then(|pointer| object.pointer_mut(pointer));
    if let Some(pod) = pod {
        for list in ["initContainers", "containers"] {
            let containers = pod.get_mut(list).and_then(Value::as_array_mut);
            for container in containers.into_iter().flatten() {
                if let Some(fields) = container.as_object_mut() {
                    fields.remove("image");
                }
            }
        }
    }
    object
}

/// `name:tag` of a whole reference; a digest is cut to twelve digits.
pub(super) fn short(image: &str) -> String {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    let last = name.rsplit('/').next().unwrap_or(name);
    match digest {
        Some(digest) if !last.contains(':') => {
            let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
            format!("{last}@{}", hex.get(..12).unwrap_or(hex))
        }
        _ => last.to_owned(),
    }
}

/// The tag of a whole reference, or its short digest.
pub(super) fn tag(image: &str) -> String {
    let short = short(image);
    short.split_once([':', '@']).map_or_else(|| "latest".to_owned(), |(_, tag)| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_cut_to_what_people_read() {
        for (image, shown, tagged) in [
            ("registry.example:5000/shop/wallet-api:1.5.0", "wallet-api:1.5.0", "1.5.0"),
            ("wallet-api", "wallet-api", "latest"),
            ("r/a@sha256:0123456789abcdef00", "a@0123456789ab", "0123456789ab"),
            ("r/a:1.2@sha256:0123456789abcdef00", "a:1.2", "1.2"),
        ] {
            assert_eq!((short(image), tag(image)), (shown.to_owned(), tagged.to_owned()));
        }
    }

    #[test]
    fn argo_16_images_are_found_in_every_kind() {
        let pod = serde_json::json!({
            "initContainers": [{ "name": "init", "image": "i:1" }],
            "containers": [{ "name": "app", "image": "a:1" }],
        });
        for kind in ["Deployment", "StatefulSet", "DaemonSet", "Job", "Rollout"] {
            let object = serde_json::json!({ "spec": { "template": { "spec": pod } } });
            assert_eq!(images(kind, &object).len(), 2, "{kind}");
            let rest = without_images(kind, object).to_string();
            assert!(!rest.contains("a:1") && !rest.contains("i:1"), "{rest}");
        }
        let cron = serde_json::json!({
            "spec": { "jobTemplate": { "spec": { "template": { "spec": pod } } } },
        });
        assert_eq!(images("CronJob", &cron)["app"], "a:1");
        assert_eq!(images("Pod", &serde_json::json!({ "spec": pod }))["init"], "i:1");
        assert!(images("Service", &cron).is_empty());
    }
}
