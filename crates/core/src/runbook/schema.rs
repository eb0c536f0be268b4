//! The JSON Schema of runbook files, which gives editors completion and marks mistakes as they are
//! typed. It comes from the types that read the files, so the two cannot drift apart.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::RawRunbook;

/// The JSON Schema (draft 2020-12) of a runbook file.
#[must_use]
pub fn json_schema() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<RawRunbook>().to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_every_key_and_allows_no_other() {
        let schema = json_schema();
        assert_eq!(schema["additionalProperties"], false);
        let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        for key in ["runbook", "number", "title", "aliases", "who", "ask", "plan", "approval"] {
            assert!(keys.iter().any(|known| *known == key), "{key}");
        }
        let mut required: Vec<&str> =
            schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        required.sort_unstable();
        assert_eq!(required, ["number", "runbook", "title", "who"]);
        let text = schema.to_string();
        assert!(text.contains(r#""where""#) && text.contains(r#""use""#), "{text}");
        assert!(!text.contains("Raw"), "{text}");
    }

    #[test]
    fn every_key_is_explained() {
        let schema = json_schema();
        let definitions = schema["$defs"].as_object().unwrap().values();
        for object in definitions.chain([&schema]) {
            let Some(properties) = object["properties"].as_object() else { continue };
            for (key, property) in properties {
                assert!(property["description"].is_string(), "{key}: {property}");
            }
        }
    }
}
