//! The words for the course of a deployment: health, timing, outcome, sync windows.

use serde::{Deserialize, Serialize};

/// Health of an application or object, in Argo CD's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words of the tool")]
pub enum Health {
    Healthy,
    Suspended,
    Progressing,
    Missing,
    Degraded,
    Unknown,
}

impl Health {
    /// The word on the wire.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::Suspended => "Suspended",
            Self::Progressing => "Progressing",
            Self::Missing => "Missing",
            Self::Degraded => "Degraded",
            Self::Unknown => "Unknown",
        }
    }
}

/// How long things take, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// From the accepted sync to the moment the controller picks it up.
    pub pickup_ms: i64,
    /// From there to the end of the operation.
    pub sync_ms: i64,
    /// From there until status is compared again.
    pub reconcile_ms: i64,
    /// From there until the workload controller looks: the stale Healthy (ARGO-31).
    pub stale_ms: i64,
    /// From there until the rollout has ended.
    pub rollout_ms: i64,
    /// From Terminating to the end.
    pub terminate_ms: i64,
    /// From seeing a difference to the automated sync.
    pub auto_sync_ms: i64,
    /// The gap between two attempts (ARGO-30).
    pub retry_gap_ms: i64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            pickup_ms: 1_000,
            sync_ms: 7_000,
            reconcile_ms: 1_000,
            stale_ms: 2_000,
            rollout_ms: 30_000,
            terminate_ms: 1_000,
            auto_sync_ms: 3_000,
            retry_gap_ms: 5_000,
        }
    }
}

/// How the next syncs of an application end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "snake_case")]
pub enum Outcome {
    /// New images run, Healthy.
    Succeeds,
    /// An object is refused: phase Failed, nothing applied.
    SyncFails {
        /// What the cluster said.
        message: String,
    },
    /// Applied; the rollout ends Degraded.
    Degrades,
    /// Applied; Degraded for a while, then Healthy (ARGO-34).
    DegradesThenRecovers {
        /// How long it is Degraded, in milliseconds.
        after_ms: i64,
    },
    /// Applied; stays Progressing for ever.
    StaysProgressing,
    /// Applied; a Rollout pauses (ARGO-34).
    Suspends,
    /// Applied; a Rollout pauses after each of these shares of the traffic, until somebody acts.
    Canary {
        /// In percent.
        weights: Vec<u32>,
    },
    /// Applied; a Rollout has the new version beside the old one, and switches when somebody acts.
    BlueGreen,
    /// Fails so often, with a gap after each failure, then succeeds (ARGO-30).
    Retries {
        /// Number of failures.
        failures: u32,
    },
    /// A hook of the application is a Job that is suspended: the operation waits for it until somebody resumes it.
    HookSuspended,
    /// The operation stays Running with this message (a hook, or "waiting for healthy state",
    /// ARGO-27, ARGO-33).
    Waits {
        /// `operationState.message` meanwhile.
        message: String,
        /// For so many milliseconds, then success; without a number for ever.
        for_ms: Option<i64>,
    },
}

/// A sync window as assigned to an application (ARGO-24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// True for a deny window.
    pub deny: bool,
    /// Cron line, only shown.
    pub schedule: String,
    /// Duration as text, only shown.
    pub duration: String,
    /// Whether people may sync manually in spite of it.
    pub manual_sync: bool,
    /// Open from (epoch milliseconds).
    pub from_ms: i64,
    /// Open until (epoch milliseconds).
    pub until_ms: i64,
}

impl Window {
    /// A deny window that is open from `from_ms` until `until_ms`.
    #[must_use]
    pub fn deny(from_ms: i64, until_ms: i64) -> Self {
        Self {
            deny: true,
            schedule: "0 18 * * *".to_owned(),
            duration: "14h".to_owned(),
            manual_sync: false,
            from_ms,
            until_ms,
        }
    }

    /// An allow window: outside of it nothing may be synced.
    #[must_use]
    pub fn allow(from_ms: i64, until_ms: i64) -> Self {
        Self { deny: false, ..Self::deny(from_ms, until_ms) }
    }
}
