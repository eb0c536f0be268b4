//! Which applications somebody follows at the moment, and what the latest look at each showed. The stream is
//! listened to only as long as there are any, and says something new only when it shows something else.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use wilco_core::call::Operation;
use wilco_core::port::Hint;
use wilco_core::time::Timestamp;

use super::watch::{in_progress, is_reconciled};
use super::wire::App;

/// So long after the latest look nobody follows an application any more: longer than the longest pause
/// between two looks.
const FOLLOWED_FOR: Duration = Duration::from_mins(1);

/// What matters of an application while a change of it is followed. What differs at every comparison, such as
/// times and messages, is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Shape {
    operation: bool,
    started_at: Option<String>,
    phase: String,
    is_over: bool,
    is_compared: bool,
    sync: String,
    revisions: Vec<String>,
    health: String,
    images: Vec<String>,
}

impl Shape {
    fn of(app: &App) -> Self {
        let status = &app.status;
        let state = status.operation_state.as_ref();
        let finished_at = state.and_then(|state| state.finished_at.as_deref());
        Self {
            operation: app.operation.is_some(),
            started_at: state.and_then(|state| state.started_at.clone()),
            phase: state.map(|state| state.phase.clone()).unwrap_or_default(),
            is_over: state.is_some_and(|state| !in_progress(state)),
            is_compared: is_reconciled(app, finished_at),
            sync: status.sync.status.clone(),
            revisions: app.compared_revisions(),
            health: status.health.status.clone(),
            images: status.summary.images.clone(),
        }
    }
}

struct Entry {
    operation: Operation,
    until: Timestamp,
    seen: Shape,
}

/// Namespace and name.
type Key = (String, String);

/// How one stream of changes is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hearing {
    /// Nobody follows anything, so it is closed.
    #[default]
    NotWanted,
    /// It is about to be opened.
    Opening,
    /// It is open.
    Open {
        /// How many changes came through it.
        changes: u64,
    },
    /// It could not be opened or broke off, and is opened again later.
    Resting,
}

/// See the module.
#[derive(Default)]
pub(super) struct Followed {
    entries: Mutex<HashMap<Key, Entry>>,
    begun: Notify,
    hearing: Mutex<Hearing>,
}

impl Followed {
    /// A look at an application showed this, for this operation.
    pub(super) fn looked(&self, app: &App, operation: &Operation, now: Timestamp) {
        let entry =
            Entry { operation: operation.clone(), until: now + FOLLOWED_FOR, seen: Shape::of(app) };
        self.entries().insert(key(app), entry);
        let mut hearing = self.state();
        if *hearing == Hearing::NotWanted {
            *hearing = Hearing::Opening;
        }
        drop(hearing);
        self.begun.notify_one();
    }

    /// The stream shows this. Something new for whoever follows the application?
    pub(super) fn streamed(&self, app: &App, is_gone: bool, now: Timestamp) -> Option<Hint> {
        let shape = if is_gone { Shape::default() } else { Shape::of(app) };
        let mut entries = self.entries();
        let entry = entries.get_mut(&key(app)).filter(|entry| entry.until > now)?;
        if entry.seen == shape {
            return None;
        }
        entry.seen = shape;
        Some(Hint {
            owner: entry.operation.owner.clone(),
            operation: entry.operation.id.clone(),
            change: app.metadata.resource_version.clone(),
        })
    }

    /// Whether anything is followed; what is not any more is forgotten.
    pub(super) fn is_any(&self, now: Timestamp) -> bool {
        let mut entries = self.entries();
        entries.retain(|_, entry| entry.until > now);
        !entries.is_empty()
    }

    /// Returns when there was a look, perhaps at once.
    pub(super) async fn begun(&self) {
        self.begun.notified().await;
    }

    /// How its stream is.
    pub(super) fn hearing(&self) -> Hearing {
        *self.state()
    }

    /// The stream is like this from now on.
    pub(super) fn set_hearing(&self, hearing: Hearing) {
        *self.state() = hearing;
    }

    /// One more change came through the stream, and was taken in.
    pub(super) fn count_change(&self) {
        if let Hearing::Open { changes } = &mut *self.state() {
            *changes += 1;
        }
    }

    fn state(&self) -> MutexGuard<'_, Hearing> {
        self.hearing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(app: &App) -> Key {
    (app.metadata.namespace.clone(), app.metadata.name.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wilco_core::call::Call;
    use wilco_core::entity::EntityKey;
    use wilco_core::ids::{CallId, RunId};

    use super::*;

    fn app(phase: &str, health: &str, version: &str, message: &str) -> App {
        let finished = (phase != "Running").then_some("2026-01-02T10:00:09Z");
        serde_json::from_value(json!({
            "metadata": { "name": "wallet", "namespace": "argocd", "resourceVersion": version },
            "status": {
                "operationState": {
                    "phase": phase, "message": message, "startedAt": "2026-01-02T10:00:00Z",
                    "finishedAt": finished,
                },
                "sync": { "status": "Synced" },
                "health": { "status": health, "message": message },
                "reconciledAt": "2026-01-02T10:00:30Z",
            },
        }))
        .unwrap()
    }

    fn operation() -> Operation {
        let call = Call { connector: "argocd".into(), action: "sync".into(), with: <_>::default() };
        let owner = EntityKey::Run(RunId::new("r1"));
        Operation { id: CallId::new("r1.2"), owner, call, evidence: json!(null) }
    }

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn argo_44_only_what_a_look_would_see_differently_is_a_hint() {
        let followed = Followed::default();
        let hint = |app: &App| followed.streamed(app, false, NOW).map(|hint| hint.change);
        assert_eq!(hint(&app("Running", "Healthy", "1", "")), None, "nobody follows it");
        followed.looked(&app("Running", "Healthy", "1", ""), &operation(), NOW);
        assert_eq!(hint(&app("Running", "Healthy", "2", "waiting for hook")), None);
        assert_eq!(hint(&app("Succeeded", "Progressing", "3", "")).as_deref(), Some("3"));
        assert_eq!(hint(&app("Succeeded", "Progressing", "4", "1 of 3")), None, "told already");
        assert_eq!(hint(&app("Succeeded", "Healthy", "5", "")).as_deref(), Some("5"));
        let gone = followed.streamed(&app("Succeeded", "Healthy", "6", ""), true, NOW);
        assert_eq!(gone.unwrap().operation, CallId::new("r1.2"));
    }

    #[test]
    fn what_nobody_looked_at_for_long_is_not_followed() {
        let followed = Followed::default();
        followed.looked(&app("Running", "Healthy", "1", ""), &operation(), NOW);
        assert!(followed.is_any(NOW + Duration::from_secs(59)));
        let late = NOW + FOLLOWED_FOR;
        assert_eq!(followed.streamed(&app("Failed", "Healthy", "2", ""), false, late), None);
        assert!(!followed.is_any(late));
    }
}
