//! Which applications somebody follows at the moment, and what the latest look at each showed. The stream is
//! listened to only as long as there are any, and says something new only when it shows something else.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Shape {
    operation: bool,
    started_at: Option<String>,
    phase: String,
    is_over: bool,
    is_compared: bool,
    sync: String,
    revisions: Vec<String>,
    health: String,
    images: BTreeSet<String>,
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
            images: status.summary.images.iter().cloned().collect(),
        }
    }
}

/// What one operation is about: an application, and the children that it waits for. Another run may follow one of
/// those.
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
    entries: Mutex<HashMap<Key, Vec<Entry>>>,
    begun: Notify,
    hearing: Mutex<Hearing>,
}

impl Followed {
    /// A look at an application showed this, for this operation.
    pub(super) fn looked(&self, app: &App, operation: &Operation, now: Timestamp) {
        let entry =
            Entry { operation: operation.clone(), until: now + FOLLOWED_FOR, seen: Shape::of(app) };
        let mut entries = self.entries();
        forget(&mut entries, now);
        let of_app = entries.entry(key(app)).or_default();
        of_app.retain(|other| other.operation.id != operation.id);
        of_app.push(entry);
        drop(entries);
        let mut hearing = self.state();
        if *hearing == Hearing::NotWanted {
            *hearing = Hearing::Opening;
        }
        drop(hearing);
        self.begun.notify_one();
    }

    /// The stream shows this: a hint for each who follows the application and saw something else.
    pub(super) fn streamed(&self, app: &App, is_gone: bool, now: Timestamp) -> Vec<Hint> {
        let shape = if is_gone { Shape::default() } else { Shape::of(app) };
        // Two shapes of one version are two changes: an old server tells no version.
        let mut hasher = DefaultHasher::new();
        shape.hash(&mut hasher);
        let change = format!("{}-{:x}", app.metadata.resource_version, hasher.finish());
        let mut entries = self.entries();
        let of_app = entries.get_mut(&key(app)).into_iter().flatten();
        of_app
            .filter(|entry| entry.until > now && entry.seen != shape)
            .map(|entry| {
                entry.seen = shape.clone();
                Hint {
                    owner: entry.operation.owner.clone(),
                    operation: entry.operation.id.clone(),
                    change: change.clone(),
                }
            })
            .collect()
    }

    /// Whether anything is followed; what is not any more is forgotten.
    pub(super) fn is_any(&self, now: Timestamp) -> bool {
        let mut entries = self.entries();
        forget(&mut entries, now);
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

    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Vec<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What nobody looked at for long.
fn forget(entries: &mut HashMap<Key, Vec<Entry>>, now: Timestamp) {
    entries.retain(|_, of_app| {
        of_app.retain(|entry| entry.until > now);
        !of_app.is_empty()
    });
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
        let hint = |app: &App| {
            let hint = followed.streamed(app, false, NOW).pop();
            hint.map(|hint| hint.change.split('-').next().unwrap().to_owned())
        };
        assert_eq!(hint(&app("Running", "Healthy", "1", "")), None, "nobody follows it");
        followed.looked(&app("Running", "Healthy", "1", ""), &operation(), NOW);
        assert_eq!(hint(&app("Running", "Healthy", "2", "waiting for hook")), None);
        assert_eq!(hint(&app("Succeeded", "Progressing", "3", "")).as_deref(), Some("3"));
        assert_eq!(hint(&app("Succeeded", "Progressing", "4", "1 of 3")), None, "told already");
        assert_eq!(hint(&app("Succeeded", "Healthy", "5", "")).as_deref(), Some("5"));
        let gone = followed.streamed(&app("Succeeded", "Healthy", "6", ""), true, NOW);
        assert_eq!(gone[0].operation, CallId::new("r1.2"));
    }

    #[test]
    fn two_who_follow_one_application_are_both_told_and_each_change_has_a_name() {
        let followed = Followed::default();
        let other = Operation { id: CallId::new("r2.2"), ..operation() };
        followed.looked(&app("Running", "Healthy", "", ""), &operation(), NOW);
        followed.looked(&app("Running", "Healthy", "", ""), &other, NOW);
        let first = followed.streamed(&app("Succeeded", "Progressing", "", ""), false, NOW);
        let ids: Vec<_> = first.iter().map(|hint| hint.operation.as_str()).collect();
        assert_eq!(ids, ["r1.2", "r2.2"]);
        followed.looked(&app("Succeeded", "Healthy", "", ""), &other, NOW);
        let second = followed.streamed(&app("Succeeded", "Healthy", "", ""), false, NOW);
        assert_eq!(second.len(), 1, "the other one saw it");
        assert_ne!(first[0].change, second[0].change);
    }

    #[test]
    fn images_in_another_order_are_the_same() {
        let followed = Followed::default();
        let with = |images: &[&str]| {
            let mut app = app("Succeeded", "Healthy", "1", "");
            app.status.summary.images = images.iter().map(|&image| image.to_owned()).collect();
            app
        };
        followed.looked(&with(&["w:1", "w:2"]), &operation(), NOW);
        assert!(followed.streamed(&with(&["w:2", "w:1"]), false, NOW).is_empty());
        assert_eq!(followed.streamed(&with(&["w:2"]), false, NOW).len(), 1);
    }

    #[test]
    fn what_nobody_looked_at_for_long_is_not_followed() {
        let followed = Followed::default();
        followed.looked(&app("Running", "Healthy", "1", ""), &operation(), NOW);
        assert!(followed.is_any(NOW + Duration::from_secs(59)));
        let late = NOW + FOLLOWED_FOR;
        assert_eq!(followed.streamed(&app("Failed", "Healthy", "2", ""), false, late), []);
        assert!(!followed.is_any(late));
    }
}
