//! Reading the arguments of a call.

use serde_json::{Map, Value};
use wilco_core::target::Target;

/// A text argument; absent, `null` and empty are the same.
pub(super) fn text<'a>(with: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    with.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A list of texts; a single text counts as a list of one.
pub(super) fn texts(with: &Map<String, Value>, name: &str) -> Result<Vec<String>, String> {
    match with.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) if one.is_empty() => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| format!("{name}: {item}")))
            .collect(),
        Some(other) => Err(format!("{name}: {other}")),
    }
}

/// A whole target name.
pub(super) fn target(with: &Map<String, Value>, name: &str) -> Result<Target, String> {
    let text = text(with, name).ok_or_else(|| format!("{name}: missing"))?;
    text.parse().map_err(|error| format!("{name}: {error}"))
}

/// Whole target names, in order, each once.
pub(super) fn targets(with: &Map<String, Value>, name: &str) -> Result<Vec<Target>, String> {
    let mut targets: Vec<Target> = Vec::new();
    for text in texts(with, name)? {
        let target = text.parse().map_err(|error| format!("{name}: {error}"))?;
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_keep_their_order_and_stand_once() {
        let with = serde_json::json!({ "apps": ["m/a/2", "m/a/1", "m/a/2"], "one": "m/a/x" });
        let with = with.as_object().unwrap();
        let names: Vec<String> =
            targets(with, "apps").unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["m/a/2", "m/a/1"]);
        assert_eq!(targets(with, "one").unwrap().len(), 1);
        assert!(targets(with, "none").unwrap().is_empty());
        let bad = serde_json::json!({ "apps": ["short"] });
        assert!(targets(bad.as_object().unwrap(), "apps").is_err());
    }
}
