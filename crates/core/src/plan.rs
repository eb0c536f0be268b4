//! Exactly what will change, read fresh from the tools, and its digest.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::answer::CommitNote;
use crate::chart::{Chart, MissingChart};
use crate::commits::Between;
use crate::ids::{EnvironmentName, PlanDigest, RunId};
use crate::target::{self, Pattern, Target};
use crate::time::Timestamp;

/// See [`TargetPlan::evidence`].
const PROOF: &str = "proof";

/// What will change in one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetPlan {
    /// What is changed.
    pub target: Target,
    /// Images per container, old → new; only those that differ, sorted by key.
    pub images: Vec<ImageChange>,
    /// All images that run afterwards, sorted; empty when the tool does not tell. Not part of the digest: what
    /// brings them is.
    #[serde(default)]
    pub wanted: Vec<String>,
    /// The charts that it is rendered from, in the order of the sources. Not part of the digest: the revisions are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<Chart>,
    /// Other objects added, changed or pruned, sorted.
    pub objects: Vec<ObjectChange>,
    /// Which of its objects alone are brought; without it, all that differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// The exact revision(s) that will be applied, one for each source.
    pub revisions: Vec<String>,
    /// Who brings it and why, when the tool tells: one commit for each source from git. Not part of the digest.
    #[serde(default)]
    pub commits: Vec<CommitNote>,
    /// What the histories of its sources have between what runs and what would come, where they are read. Not part
    /// of the digest: the revisions are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub between: Vec<Between>,
    /// The earlier deployment that comes back, in a rollback.
    #[serde(default)]
    pub returns: Option<Returns>,
    /// How the tool will be driven.
    pub mode: Mode,
    /// What stands in the way right now, if anything; such a plan cannot be started.
    #[serde(default)]
    pub obstacle: Option<Obstacle>,
    /// How fresh all this is. Not part of the digest.
    pub freshness: Freshness,
    /// What the connector wants stored with the intent so that the effect can be recognised after a
    /// crash: history ids, the operation that was there before. What of it proves later that the change is
    /// really there stands under `proof`. Not part of the digest.
    #[serde(default)]
    pub evidence: Value,
}

/// An earlier deployment that comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returns {
    /// The tool's own number of it.
    pub entry: i64,
    /// When it was deployed, as far as the tool tells.
    pub deployed_at: Option<Timestamp>,
    /// By whom.
    pub deployed_by: Option<String>,
    /// The deployment that goes ran hooks before it (migrations of a database, say), which nothing undoes.
    pub hooks_ran: bool,
    /// The deployment that goes brought only some objects: what comes back is the whole of the one before it.
    #[serde(default)]
    pub undoes_a_part: bool,
}

/// Some objects of a target, where not all of it is brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// Their whole names, group/kind/namespace/name, sorted.
    pub objects: Vec<String>,
    /// How many other objects differ, and stay. Not part of the digest.
    pub stays: usize,
}

/// One container image that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImageChange {
    /// kind/name/container.
    pub container: String,
    /// What runs, if it exists.
    pub from: Option<String>,
    /// What will run, if it stays.
    pub to: Option<String>,
}

/// One object that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectChange {
    /// kind/namespace/name.
    pub object: String,
    /// What happens to it.
    pub change: Change,
    /// The fields by which people decide, as far as they differ, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// SHA-256 (hex) of what it will be, so that any later difference changes the digest.
    pub hash: String,
}

impl ObjectChange {
    /// The same change, whatever an autoscaler does to the object meanwhile. To how many replicas it comes is in
    /// the hash.
    #[must_use]
    pub fn without_replicas(&self) -> Self {
        let mut change = self.clone();
        change.fields.retain(|field| field.field != "replicas");
        change
    }
}

/// One field of an object that changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldChange {
    /// `replicas`, `app limits.memory`, `app env LOG_LEVEL`.
    pub field: String,
    /// What it is, if it is there; empty where it is hidden.
    pub from: Option<String>,
    /// What it will be, if it stays; empty where it is hidden.
    pub to: Option<String>,
    /// Values are not shown: they may be secret.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// It differs.
    Changed,
    /// It is no longer wanted. Wilco does not prune; the plan says that it stays.
    Extra,
    /// Its pods are replaced by new ones of the same kind; it stays what it is.
    Restarted,
}

/// How the tool will be driven for this target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Wilco starts the sync.
    Start,
    /// The tool deploys by itself: Wilco refreshes, watches and reports, and never claims the sync.
    Watch,
}

/// How fresh a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Freshness {
    /// The tool looked anew.
    Now,
    /// The tool could not look anew in time (ARGO-13): this is what it knew.
    Old {
        /// When it looked last, if it tells.
        at: Option<Timestamp>,
    },
}

/// Why a plan cannot be started now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Obstacle {
    /// A sync window is closed (ARGO-24).
    WindowClosed,
    /// Another operation is in progress in the tool.
    Busy {
        /// Who started it, as the tool names them.
        by: String,
    },
    /// Nothing differs.
    NothingToDo,
    /// None of its objects is one of those that were asked for.
    NoSuchObject {
        /// What was asked for, as it was written.
        asked: Vec<String>,
    },
    /// The tool deploys it by itself, and always all of it.
    WholeByItself,
    /// The run brought only some objects, of the version that was there before: what they were is in no history.
    OnlyAPart,
    /// It has nothing whose pods could be replaced.
    NothingToRestart,
    /// The tool deploys it by itself, and would undo a rollback (ARGO-37).
    AutoSync,
    /// No earlier deployment differs from the last one.
    NothingBefore,
    /// The run that would be taken back is not what changed it last.
    NotLast {
        /// Who, as the tool names them.
        by: String,
    },
    /// Git says what runs, and another version was asked for.
    ChartNotUpdated {
        /// The version that was asked for.
        asked: String,
        /// What runs and stays.
        stays: Vec<String>,
        /// The charts, which stay too.
        #[serde(default)]
        charts: Vec<Chart>,
    },
    /// The chart that is wanted is not in its repository.
    MissingChart {
        /// Which.
        chart: MissingChart,
    },
    /// It would bring again what was rolled back, and was not asked for alone.
    Withdrawn {
        /// The run that rolled it back.
        run: RunId,
    },
    /// The earlier deployment came from another place, so that nobody can tell what would come back.
    SourceChanged,
    /// The tool has not compared it yet, so nobody knows what would change.
    NotCompared {
        /// In the tool's own words.
        detail: String,
    },
}

/// The plan of a run: every target with its environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// In the order in which they will be worked on.
    pub targets: Vec<TargetPlan>,
    /// The environment of each target.
    pub environments: BTreeMap<Target, EnvironmentName>,
    /// What people see and approve.
    pub digest: PlanDigest,
    /// The wave of each target, counted from 0 and never falling; empty when there are no waves.
    #[serde(default)]
    pub waves: Vec<usize>,
    /// Targets whose short name another one has too, in this plan or outside: they are called by their
    /// whole name.
    pub twins: BTreeSet<Target>,
}

impl Plan {
    /// A plan with its digest.
    #[must_use]
    pub fn new(targets: Vec<TargetPlan>, environments: BTreeMap<Target, EnvironmentName>) -> Self {
        let mut hash = Sha256::new();
        for target in &targets {
            hash.update(target.digest().as_bytes());
            hash.update(
                environments.get(&target.target).map_or("", EnvironmentName::as_str).as_bytes(),
            );
            hash.update([0]);
        }
        let digest = PlanDigest::new(hex(&hash.finalize()));
        let twins = target::twins(targets.iter().map(|part| &part.target));
        Self { targets, environments, digest, waves: Vec::new(), twins }
    }

    /// The same plan in waves: a target belongs to the first of which a pattern fits, or comes last. The
    /// digest holds the waves too, because what is agreed to is also what comes after what.
    #[must_use]
    pub fn in_waves(mut self, patterns: &[Vec<Pattern>]) -> Self {
        let wave_of = |part: &TargetPlan| {
            let whole = part.target.to_string();
            let fits = |wave: &Vec<Pattern>| wave.iter().any(|pattern| pattern.matches(&whole));
            patterns.iter().position(fits).unwrap_or(patterns.len())
        };
        self.targets.sort_by_key(wave_of);
        let found: Vec<usize> = self.targets.iter().map(wave_of).collect();
        // Waves without a target are no waves of this plan.
        let mut there = found.clone();
        there.dedup();
        let number =
            |wave: &usize| there.iter().position(|other| other == wave).unwrap_or_default();
        let twins = self.twins;
        self = Self::new(self.targets, self.environments);
        self.twins.extend(twins);
        self.waves = found.iter().map(number).collect();
        let digest = json!([self.digest, self.waves]).to_string();
        self.digest = PlanDigest::new(hex(&Sha256::digest(digest.as_bytes())));
        self
    }

    /// The wave of the target at this place, counted from 1, where there are several waves and one of them has
    /// more than one target: elsewhere the order says it all.
    #[must_use]
    pub fn wave(&self, at: usize) -> Option<usize> {
        let last = *self.waves.last()?;
        let told = last > 0 && last + 1 < self.waves.len();
        self.waves.get(at).filter(|_| told).map(|wave| wave + 1)
    }

    /// How many waves there are; 0 when it has none.
    #[must_use]
    pub fn wave_count(&self) -> usize {
        self.waves.last().map_or(0, |last| last + 1)
    }

    /// The part of one target.
    #[must_use]
    pub fn target(&self, target: &Target) -> Option<&TargetPlan> {
        self.targets.iter().find(|plan| plan.target == *target)
    }

    /// The environment of one target; production when the plan does not name it.
    #[must_use]
    pub fn environment(&self, target: &Target) -> EnvironmentName {
        self.environments
            .get(target)
            .cloned()
            .unwrap_or_else(|| EnvironmentName::new(target::PRODUCTION))
    }

    /// Whether production is touched.
    #[must_use]
    pub fn touches_production(&self) -> bool {
        self.targets.iter().any(|t| self.environment(&t.target).as_str() == target::PRODUCTION)
    }
}

impl TargetPlan {
    /// Whether it brings what git wants, other than a restart or a rollback.
    #[must_use]
    pub fn brings_a_version(&self) -> bool {
        self.returns.is_none() && !self.revisions.is_empty()
    }

    /// The evidence for another attempt at what was approved: the effect is recognised by what is there now, and
    /// proven by all that was to change, also what an attempt before brought already.
    #[must_use]
    pub fn evidence_after(&self, approved: &Self) -> Value {
        let mut evidence = self.evidence.clone();
        if let (Some(of), Some(proof)) = (evidence.as_object_mut(), approved.evidence.get(PROOF)) {
            of.insert(PROOF.to_owned(), proof.clone());
        }
        evidence
    }

    /// SHA-256 (hex) over what would change: target, images, objects, revisions and mode, which
    /// deployment comes back, and which objects alone are brought. Commits, obstacles, freshness and evidence are left out: they may move while the
    /// change stays the same. So are the replicas of an object: an autoscaler moves them.
    #[must_use]
    pub fn digest(&self) -> String {
        let objects: Vec<_> = self.objects.iter().map(ObjectChange::without_replicas).collect();
        let mut what = json!([self.target, self.images, objects, self.revisions, self.mode]);
        if let (Some(returns), Some(parts)) = (&self.returns, what.as_array_mut()) {
            parts.push(json!(returns.entry));
        }
        if let (Some(only), Some(parts)) = (&self.only, what.as_array_mut()) {
            parts.push(json!({ "only": only.objects }));
        }
        hex(&Sha256::digest(what.to_string().as_bytes()))
    }
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(field: &str, from: &str, hash: &str) -> TargetPlan {
        serde_json::from_value(json!({
            "target": "main/argocd/wallet",
            "images": [],
            "objects": [{
                "object": "Deployment/default/wallet",
                "change": "changed",
                "fields": [{ "field": field, "from": from, "to": "4" }],
                "hash": hash,
            }],
            "revisions": ["r"],
            "mode": "start",
            "freshness": { "is": "now" },
        }))
        .unwrap()
    }

    #[test]
    fn what_an_autoscaler_moves_meanwhile_does_not_void_an_approval() {
        let digest = |field, from, hash| part(field, from, hash).digest();
        assert_eq!(digest("replicas", "2", "a"), digest("replicas", "3", "a"));
        assert_ne!(digest("replicas", "2", "a"), digest("replicas", "2", "b"), "something else");
        let mut reached = part("replicas", "2", "a");
        reached.objects[0].fields.clear();
        assert_eq!(reached.digest(), digest("replicas", "2", "a"), "it is there already");
        let limits = |from| digest("app limits.memory", from, "a");
        assert_ne!(limits("1Gi"), limits("4Gi"), "somebody changed it by hand");
    }

    #[test]
    fn another_attempt_is_proven_by_all_that_was_approved() {
        let with = |evidence| TargetPlan { evidence, ..part("replicas", "2", "a") };
        let approved = with(json!({ "ids": [1], "proof": { "images": ["w:2"] } }));
        let fresh = with(json!({ "ids": [1, 2], "proof": { "images": [] } }));
        let wanted = json!({ "ids": [1, 2], "proof": { "images": ["w:2"] } });
        assert_eq!(fresh.evidence_after(&approved), wanted);
        assert_eq!(with(Value::Null).evidence_after(&approved), Value::Null);
    }
}
