//! Label selectors of the list: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`, `a`, `!a`,
//! joined by commas.

use std::collections::BTreeMap;

/// Whether these labels satisfy the selector. What cannot be read matches nothing.
pub(crate) fn selects(selector: &str, labels: &BTreeMap<String, String>) -> bool {
    split(selector).iter().all(|part| one(part.trim(), labels))
}

/// Splits at commas outside of brackets.
fn split(selector: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for sign in selector.chars() {
        match sign {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if sign == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(sign);
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn one(part: &str, labels: &BTreeMap<String, String>) -> bool {
    let value = |name: &str| labels.get(name.trim()).map(String::as_str);
    let among = |list: &str, value: &str| {
        let inner = list.trim().trim_start_matches('(').trim_end_matches(')');
        inner.split(',').any(|item| item.trim() == value)
    };
    if let Some((name, list)) = part.split_once(" notin ") {
        return value(name).is_none_or(|value| !among(list, value));
    }
    if let Some((name, list)) = part.split_once(" in ") {
        return value(name).is_some_and(|value| among(list, value));
    }
    if let Some((name, wanted)) = part.split_once("!=") {
        return value(name) != Some(wanted.trim());
    }
    if let Some((name, wanted)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return value(name) == Some(wanted.trim());
    }
    match part.strip_prefix('!') {
        Some(name) => value(name).is_none(),
        None => value(part).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_selects() {
        let labels = BTreeMap::from([("env".to_owned(), "stage".to_owned())]);
        for yes in ["env=stage", "env in (stage,dev),!team", "env!=production", "env", ""] {
            assert!(selects(yes, &labels), "{yes}");
        }
        for no in ["env=production", "env notin (stage)", "team", "env=stage,team=a"] {
            assert!(!selects(no, &labels), "{no}");
        }
    }
}
