//! What is stored with an intent, so that its effect can be recognised and proven later.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wilco_core::plan::Mode;
use wilco_core::target::Target;

use super::part::ObjectKey;

/// `TargetPlan::evidence` of this connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Evidence {
    /// The project, which every call wants (ARGO-7).
    pub(super) project: String,
    /// Whether Argo CD deploys by itself.
    pub(super) mode: Mode,
    /// Ids in `status.history` before.
    pub(super) history_ids: Vec<i64>,
    /// `status.operationState.startedAt` of the last operation that was over before.
    pub(super) operation_started_at: Option<String>,
    /// Our account, as the history names it.
    pub(super) account: Option<String>,
    /// How many sources it has: one wants `revision`, several `revisions`.
    pub(super) sources: usize,
    /// The planned revisions, one for each source.
    pub(super) revisions: Vec<String>,
    /// The entry of the history that a rollback goes back to; none for a sync.
    #[serde(default)]
    pub(super) entry: Option<i64>,
    /// What shows that it is really there.
    #[serde(default)]
    pub(super) proof: Proof,
}

/// What a deployment is about, and what shows that it is really there. Another attempt takes it from what was approved,
/// because the one before may have brought some of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Proof {
    /// The objects that alone are brought; empty for the whole application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) only: Vec<ObjectKey>,
    /// Images that must run.
    pub(super) expect_images: Vec<String>,
    /// Images that should run no more.
    pub(super) gone_images: Vec<String>,
    /// Applications that the sync makes or changes: the objects of an application of applications.
    pub(super) children: Vec<Target>,
}

impl Evidence {
    /// The evidence of an operation, if it has any that can be read.
    pub(super) fn of(value: &Value) -> Option<Self> {
        serde_json::from_value(value.clone()).ok()
    }

    pub(super) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}
