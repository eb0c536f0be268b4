//! Exactly what will change, read fresh from the tools, and its digest.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::answer::CommitNote;
use crate::ids::{EnvironmentName, PlanDigest};
use crate::target::Target;
use crate::time::Timestamp;

/// What will change in one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetPlan {
    /// What is changed.
    pub target: Target,
    /// Images per container, old → new; only those that differ, sorted by key.
    pub images: Vec<ImageChange>,
    /// Other objects added, changed or pruned, sorted.
    pub objects: Vec<ObjectChange>,
    /// The exact revision(s) that will be applied, one for each source.
    pub revisions: Vec<String>,
    /// Who brings it and why, when the tool tells.
    #[serde(default)]
    pub commits: Vec<CommitNote>,
    /// How the tool will be driven.
    pub mode: Mode,
    /// What stands in the way right now, if anything; such a plan cannot be started.
    #[serde(default)]
    pub obstacle: Option<Obstacle>,
    /// How fresh all this is. Not part of the digest.
    pub freshness: Freshness,
    /// What the connector wants stored with the intent so that the effect can be recognised after a
    /// crash: history ids, the operation that was there before. Not part of the digest.
    #[serde(default)]
    pub evidence: Value,
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
    /// SHA-256 (hex) of what it will be, so that any later difference changes the digest.
    pub hash: String,
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
    /// It has nothing whose pods could be replaced.
    NothingToRestart,
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
        let twin = |one: &&TargetPlan| {
            let same = targets.iter().filter(|other| other.target.name == one.target.name);
            same.count() > 1
        };
        let twins = targets.iter().filter(twin).map(|part| part.target.clone()).collect();
        Self { targets, environments, digest, twins }
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
            .unwrap_or_else(|| EnvironmentName::new(crate::target::PRODUCTION))
    }

    /// Whether production is touched.
    #[must_use]
    pub fn touches_production(&self) -> bool {
        self.targets
            .iter()
            .any(|t| self.environment(&t.target).as_str() == crate::target::PRODUCTION)
    }
}

impl TargetPlan {
    /// SHA-256 (hex) over what would change: target, images, objects, revisions and mode. Commits,
    /// obstacles, freshness and evidence are left out: they may move while the change stays the same.
    #[must_use]
    pub fn digest(&self) -> String {
        let what =
            serde_json::json!([self.target, self.images, self.objects, self.revisions, self.mode]);
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
