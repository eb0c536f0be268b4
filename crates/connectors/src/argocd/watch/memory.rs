//! What one look hands to the next.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wilco_core::time::Timestamp;

use super::super::wire::{History, OperationState};

/// Kept as `Progress::memory`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(in super::super) struct Memory {
    /// How our operation ended, captured as soon as it was seen: a following automated sync
    /// overwrites `operationState` (ARGO-29).
    pub(super) end: Option<End>,
    /// Since when nothing speaks of our operation.
    pub(super) absent_since: Option<Timestamp>,
    /// Since when it is Healthy without a break.
    pub(super) healthy_since: Option<Timestamp>,
    /// Since when it is Degraded or Missing without a break.
    pub(super) bad_since: Option<Timestamp>,
    /// Since when all its children are as they should be, without a break.
    pub(super) children_calm_since: Option<Timestamp>,
    /// Since when a child is Degraded or Missing without a break.
    pub(super) child_bad_since: Option<Timestamp>,
}

/// How an operation ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) phase: String,
    /// The message, with the objects that failed.
    pub(super) message: String,
    pub(super) revisions: Vec<String>,
    pub(super) finished_at: Option<String>,
}

impl Memory {
    /// From an earlier look; what cannot be read starts anew.
    pub(in super::super) fn of(value: &Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }

    /// When our operation ended, once that is known.
    pub(in super::super) fn finished_at(&self) -> Option<&str> {
        self.end.as_ref()?.finished_at.as_deref()
    }

    /// Whether something is to hold, or may last, for a while: that ends although nothing changes.
    pub(in super::super) fn counts(&self) -> bool {
        let since = [
            self.absent_since,
            self.healthy_since,
            self.bad_since,
            self.children_calm_since,
            self.child_bad_since,
        ];
        since.iter().any(Option::is_some)
    }

    pub(in super::super) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl End {
    pub(super) fn of(state: &OperationState) -> Self {
        Self {
            phase: state.phase.clone(),
            message: failure(state),
            revisions: state.revisions(),
            finished_at: state.finished_at.clone(),
        }
    }

    /// A deployment that stands in the history succeeded.
    pub(super) fn of_history(entry: &History) -> Self {
        Self {
            phase: "Succeeded".to_owned(),
            message: String::new(),
            revisions: entry.revisions(),
            finished_at: entry.deployed_at.clone(),
        }
    }
}

/// The operation's message, then the first objects that failed (ARGO-40).
pub(super) fn failure(state: &OperationState) -> String {
    let mut text = state.message.clone();
    let lines = state.sync_result.iter().flat_map(|result| &result.resources);
    for line in lines.filter(|line| line.has_failed()).take(2) {
        for part in ["; ", &line.kind, "/", &line.name] {
            text.push_str(part);
        }
        if !state.message.contains(&line.message) {
            text.push_str(": ");
            text.push_str(&line.message);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn argo_40_a_failure_names_two_objects_and_says_nothing_twice() {
        let line = |name: &str, status: &str, hook: &str, message: &str| {
            json!({
                "kind": "Job", "name": name, "status": status, "hookPhase": hook, "message": message,
            })
        };
        for (message, lines, told) in [
            ("it failed", vec![], "it failed"),
            ("it failed", vec![line("a", "Synced", "Succeeded", "made")], "it failed"),
            ("it failed", vec![line("a", "SyncFailed", "", "denied")], "it failed; Job/a: denied"),
            ("it failed", vec![line("a", "Synced", "Error", "lost")], "it failed; Job/a: lost"),
            (
                "Job a was denied",
                vec![line("a", "SyncFailed", "", "denied")],
                "Job a was denied; Job/a",
            ),
            ("it failed", vec![line("a", "SyncFailed", "", "")], "it failed; Job/a"),
            (
                "it failed",
                vec![
                    line("a", "Synced", "Failed", "1"),
                    line("b", "Synced", "", "made"),
                    line("c", "SyncFailed", "", "2"),
                    line("d", "SyncFailed", "", "3"),
                ],
                "it failed; Job/a: 1; Job/c: 2",
            ),
        ] {
            let state = json!({ "message": message, "syncResult": { "resources": lines } });
            let state: OperationState = serde_json::from_value(state).unwrap();
            assert_eq!(failure(&state), told);
        }
    }

    #[test]
    fn what_was_kept_is_read_again_and_what_cannot_be_read_starts_anew() {
        let mut memory = Memory::default();
        assert_eq!(memory.finished_at(), None);
        memory.absent_since = Some(Timestamp(7));
        memory.end = Some(End { finished_at: Some("10:00".to_owned()), ..End::default() });
        let again = Memory::of(&memory.to_value());
        assert_eq!((again.finished_at(), &again), (Some("10:00"), &memory));
        assert_eq!(Memory::of(&json!({ "end": 7 })), Memory::default());
    }
}
