//! `?fields=` of the list: a fixed allow-list, everything else is dropped without an error
//! (ARGO-10).

use serde_json::{Value, json};

/// Names that every known version takes.
const COMMON: [&str; 16] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.annotations",
    "metadata.labels",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "spec",
    "status.sync.status",
    "status.health",
    "status.summary",
    "status.resources",
    "status.operationState.phase",
    "status.operationState.startedAt",
    "status.operationState.finishedAt",
    "status.operationState.operation.sync",
    "operation.sync",
];

/// Names that only newer versions take.
const NEWER: [&str; 6] = [
    "spec.project",
    "spec.source",
    "spec.sources",
    "spec.syncPolicy",
    "spec.destination",
    "status.sync.revision",
];

/// One application cut to the fields asked for; a leading `-` excludes instead.
pub(crate) fn cut(app: &Value, fields: &str, narrow: bool) -> Value {
    let (exclude, fields) = match fields.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, fields),
    };
    let asked: Vec<&str> = fields.split(',').filter_map(|f| f.strip_prefix("items.")).collect();
    let newer: &[&str] = if narrow || exclude { &[] } else { &NEWER };
    let mut kept = json!({});
    for &field in COMMON.iter().chain(newer) {
        if asked.contains(&field) != exclude {
            copy(app, &mut kept, field);
        }
    }
    kept
}

/// One message of a stream cut to the fields asked for, by their whole paths. Unlike the list, a stream takes
/// every name.
pub(crate) fn narrow(message: &Value, fields: &str) -> Value {
    let (exclude, fields) = match fields.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, fields),
    };
    let asked: Vec<&str> = fields.split(',').collect();
    below(message, "", &asked, exclude)
}

/// What is above an asked field is kept, because it leads there; the server compares the beginnings of names
/// for that, letter by letter.
fn below(item: &Value, path: &str, asked: &[&str], exclude: bool) -> Value {
    match item {
        Value::Object(map) => {
            let mut kept = serde_json::Map::new();
            for (key, value) in map {
                let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let is_asked = asked.contains(&at.as_str());
                let leads = is_asked || asked.iter().any(|field| field.starts_with(&at));
                if is_asked && !exclude {
                    kept.insert(key.clone(), value.clone());
                } else if (exclude && !is_asked) || (!exclude && leads) {
                    kept.insert(key.clone(), below(value, &at, asked, exclude));
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(|item| below(item, path, asked, exclude)).collect(),
        other => other.clone(),
    }
}

fn copy(from: &Value, into: &mut Value, field: &str) {
    // The real server answers the result here, not the request (ARGO-10).
    let source = match field {
        "status.operationState.operation.sync" => "status.operationState.syncResult",
        other => other,
    };
    let pointer = format!("/{}", source.replace('.', "/"));
    let Some(value) = from.pointer(&pointer) else { return };
    let mut place = into;
    for part in field.split('.') {
        place = &mut place[part];
    }
    *place = value.clone();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argo_10_unknown_fields_are_dropped_and_the_narrow_list_is_narrower() {
        let app = json!({
            "metadata": { "name": "a", "uid": "u" },
            "spec": { "project": "p" },
            "status": { "history": [1], "sync": { "status": "Synced", "revision": "r" } },
        });
        let fields = "items.metadata.name,items.status.history,items.spec.project,items.status.sync.revision";
        let wide = cut(&app, fields, false);
        let expected = json!({
            "metadata": { "name": "a" },
            "spec": { "project": "p" },
            "status": { "sync": { "revision": "r" } },
        });
        assert_eq!(wide, expected);
        assert_eq!(cut(&app, fields, true), json!({ "metadata": { "name": "a" } }));
        let rest = cut(&app, "-items.spec", false);
        assert_eq!(rest["status"]["sync"]["status"], "Synced");
        assert!(rest.get("spec").is_none());
    }
}
