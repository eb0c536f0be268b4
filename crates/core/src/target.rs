//! What is changed, with its whole name, and the environment it belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::EnvironmentName;
use crate::wildcard;

/// instance / namespace / name: two Argo CDs may hold the same application name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The tool's instance, as named in the configuration.
    pub instance: String,
    /// The namespace within the tool.
    pub namespace: String,
    /// The name people use.
    pub name: String,
}

/// A text that is not `instance/namespace/name`.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a whole target name (instance/namespace/name)")]
pub struct NotATarget(String);

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.instance, self.namespace, self.name)
    }
}

impl FromStr for Target {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        let mut parts = text.splitn(3, '/').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(instance), Some(namespace), Some(name))
                if !instance.is_empty() && !namespace.is_empty() && !name.is_empty() =>
            {
                Ok(Self { instance, namespace, name })
            }
            _ => Err(NotATarget(text.to_owned())),
        }
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Those of several targets that share their short name with another one: they are called by their whole name.
#[must_use]
pub fn twins<'a>(targets: impl IntoIterator<Item = &'a Target>) -> BTreeSet<Target> {
    let mut by_name: BTreeMap<&str, BTreeSet<&Target>> = BTreeMap::new();
    for target in targets {
        by_name.entry(&target.name).or_default().insert(target);
    }
    by_name.into_values().filter(|same| same.len() > 1).flatten().cloned().collect()
}

/// The environment of what matches no rule: the careful reading.
pub const PRODUCTION: &str = "production";

/// `environments:` of the configuration: rules from target to environment, first match wins.
#[derive(Debug, Clone, Default)]
pub struct Environments {
    rules: Vec<(Pattern, EnvironmentName)>,
}

impl Environments {
    /// Rules in the order they stand in the configuration.
    #[must_use]
    pub fn new(rules: Vec<(Pattern, EnvironmentName)>) -> Self {
        Self { rules }
    }

    /// The environment of a target; what matches no rule is production.
    #[must_use]
    pub fn of(&self, target: &Target) -> EnvironmentName {
        let whole = target.to_string();
        self.rules
            .iter()
            .find(|(pattern, _)| pattern.matches(&whole))
            .map_or_else(|| EnvironmentName::new(PRODUCTION), |(_, name)| name.clone())
    }
}

/// A pattern over whole target names; `*` stands for any characters but `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// A pattern such as `main/*/*-stage`.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Whether the whole name fits, part by part.
    #[must_use]
    pub fn matches(&self, whole: &str) -> bool {
        let (mut pattern, mut name) = (self.0.split('/'), whole.split('/'));
        loop {
            match (pattern.next(), name.next()) {
                (None, None) => return true,
                (Some(p), Some(n)) if wildcard::fits(p, n) => {}
                _ => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_its_part() {
        for (pattern, name, expected) in [
            ("main/*/*-stage", "main/argocd/wallet-stage", true),
            ("main/*/*-stage", "main/argocd/wallet-stage-2", false),
            ("main/*", "main/argocd/wallet", false),
            ("*/*/a*b*c", "x/y/abbc", true),
            ("*/*/a*b*c", "x/y/acb", false),
            ("main/argocd/지갑-*", "main/argocd/지갑-api", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn what_matches_no_rule_is_production() {
        let rules =
            Environments::new(vec![(Pattern::new("*/*/*-stage"), EnvironmentName::new("stage"))]);
        let of = |name: &str| rules.of(&name.parse().unwrap()).to_string();
        assert_eq!(of("main/argocd/wallet-stage"), "stage");
        assert_eq!(of("main/argocd/wallet"), PRODUCTION);
    }
}
