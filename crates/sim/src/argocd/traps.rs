//! The switches for the numbered traps of Argo CD.
//!
//! What the real server always does is on by default and can be switched off to show that a test
//! needs it; what it does only sometimes is off by default.

use serde::{Deserialize, Serialize};

/// One switch per trap. Change them with [`super::ArgoCd::traps`], at any time.
#[expect(clippy::struct_excessive_bools, reason = "independent switches, not a state")]
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traps {
    /// ARGO-10: an older field list: only the whole `spec`, no `spec.project` and the like, no
    /// `status.sync.revision`.
    pub narrow_fields: bool,
    /// ARGO-11: the list shows the state of so many milliseconds ago, the single get shows now.
    pub list_lag_ms: i64,
    /// ARGO-12: no answer has the health of single objects, as an Application itself has not since 3.0; a
    /// list never has it.
    pub no_object_health: bool,
    /// ARGO-13: `?refresh=` is answered only after so many milliseconds.
    pub refresh_blocks_ms: i64,
    /// ARGO-14: a new commit is seen only by a refresh, not by itself.
    pub stale_target: bool,
    /// ARGO-15: `status.summary` is `{}`.
    pub empty_summary: bool,
    /// ARGO-16: managed-resources is missing from the cache: 500.
    pub managed_missing: bool,
    /// ARGO-16: managed-resources answers `{}`, as for an application the controller has not
    /// compared yet.
    pub managed_empty: bool,
    /// ARGO-20: an accepted sync clears `status.operationState` (on by default).
    pub operation_state_cleared: bool,
    /// ARGO-21: "another operation is already in progress" without the newer prefix.
    pub older_errors: bool,
    /// ARGO-23: a revision other than the target revision needs the `override` right.
    pub foreign_revision_needs_override: bool,
    /// ARGO-24: a deny window is open for every application.
    pub window_closed: bool,
    /// ARGO-25: the operation deploys the newest commit, whatever revision was asked for.
    pub takes_newest: bool,
    /// ARGO-29: an automated operation starts right after ours and overwrites `operationState`.
    pub auto_sync_overwrites: bool,
    /// ARGO-29, ARGO-21: an automated operation starts just before ours, which is refused.
    pub auto_sync_wins_race: bool,
    /// ARGO-30: the first attempt fails; in the gap `phase` is Running while `finishedAt` is set.
    pub retry_gap: bool,
    /// ARGO-31: after the sync the old "Healthy" is shown until the workload controller looks (on
    /// by default).
    pub stale_healthy: bool,
    /// ARGO-32: the operation succeeds and the application stays `OutOfSync`.
    pub succeeded_not_synced: bool,
    /// ARGO-33: the operation ends as Succeeded without `finishedAt` and `syncResult`; `operation`
    /// stays set.
    pub dead_state: bool,
    /// ARGO-33: terminate says that no operation is in progress, though one is.
    pub terminate_refused: bool,
    /// ARGO-39: an older server that knows only the first version of resource actions.
    pub actions_v1_only: bool,
    /// ARGO-41: an older stream takes no field names, so that every change is the whole application.
    pub whole_stream: bool,
    /// Lists that are empty come as `null` instead of being absent.
    pub null_lists: bool,
}

impl Default for Traps {
    fn default() -> Self {
        Self {
            narrow_fields: false,
            list_lag_ms: 0,
            no_object_health: false,
            refresh_blocks_ms: 0,
            stale_target: false,
            empty_summary: false,
            managed_missing: false,
            managed_empty: false,
            operation_state_cleared: true,
            older_errors: false,
            foreign_revision_needs_override: false,
            window_closed: false,
            takes_newest: false,
            auto_sync_overwrites: false,
            auto_sync_wins_race: false,
            retry_gap: false,
            stale_healthy: true,
            succeeded_not_synced: false,
            dead_state: false,
            terminate_refused: false,
            actions_v1_only: false,
            whole_stream: false,
            null_lists: false,
        }
    }
}
