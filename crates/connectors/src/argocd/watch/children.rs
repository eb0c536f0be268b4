//! The children of an application of applications (ARGO-35): it is Synced and Healthy as soon as their
//! `Application` objects are written, long before what they stand for runs. Pure.
//!
//! A child is judged by its own status, once that is newer than the sync of its parent. One that deploys by
//! itself must come to be in sync; one that a person deploys stays OutOfSync, and that is told.

use wilco_core::answer::{Pause, Seen, Warning};
use wilco_core::time::Timestamp;

use super::super::wire::{App, time};
use super::is_reconciled;
use super::memory::Memory;
use super::proof::{GRACE, SETTLE};
use crate::http::clean;

/// A child as one look found it.
pub(in super::super) struct Child {
    /// What people call it.
    pub(in super::super) name: String,
    /// `None` when Argo CD does not show it: it may not exist yet.
    pub(in super::super) app: Option<App>,
}

/// How far a child is, the worst last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// As it should be.
    Calm,
    /// As it should be, but for a person who has to deploy it.
    Undeployed,
    /// It goes on.
    Under,
    /// It stands still until a person acts.
    Waits,
    /// Degraded or Missing.
    Bad,
}

/// What becomes of a success of the parent, when its children are looked at as well.
pub(in super::super) fn children(
    parent: Seen,
    found: &[Child],
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let Seen::Succeeded { note, mut warnings } = parent else { return parent };
    let states: Vec<(State, &Child)> =
        found.iter().map(|child| (state(child, memory.finished_at()), child)).collect();
    let Some((worst, child)) = states.iter().max_by(|a, b| a.0.cmp(&b.0)) else {
        return Seen::Succeeded { note, warnings };
    };
    let note_of = |child: &Child| clean(&format!("{}: {}", child.name, words(child)));
    match worst {
        State::Bad => {
            memory.children_calm_since = None;
            let since = *memory.child_bad_since.get_or_insert(now);
            let note = note_of(child);
            if now.since(since) < GRACE { Seen::Applied { note } } else { Seen::Failed { note } }
        }
        State::Waits => {
            forget(memory);
            Seen::Waiting(Pause::noted(note_of(child)))
        }
        State::Under => {
            forget(memory);
            Seen::Applied { note: note_of(child) }
        }
        State::Calm | State::Undeployed => {
            memory.child_bad_since = None;
            let calm = now.since(*memory.children_calm_since.get_or_insert(now));
            if calm < SETTLE {
                return Seen::Applied { note: note_of(child) };
            }
            let undeployed = states.iter().filter(|(state, _)| *state == State::Undeployed);
            warnings.extend(
                undeployed.map(|(_, child)| Warning::ChildNotDeployed { name: child.name.clone() }),
            );
            Seen::Succeeded { note, warnings }
        }
    }
}

fn forget(memory: &mut Memory) {
    memory.children_calm_since = None;
    memory.child_bad_since = None;
}

fn state(child: &Child, parent_finished_at: Option<&str>) -> State {
    let Some(app) = &child.app else { return State::Under };
    if app.operation.is_some() || is_from_before(app, parent_finished_at) {
        return State::Under;
    }
    let in_sync = app.status.sync.status == "Synced";
    if !in_sync && app.is_automated() {
        return State::Under;
    }
    match app.status.health.status.as_str() {
        "Healthy" if in_sync => State::Calm,
        // What a person deploys is healthy or not as it was before.
        "Healthy" => State::Undeployed,
        "Degraded" | "Missing" if in_sync => State::Bad,
        "Degraded" | "Missing" => State::Undeployed,
        "Suspended" => State::Waits,
        _ => State::Under,
    }
}

/// Whether what a child shows is older than the sync of its parent.
pub(in super::super) fn is_from_before(app: &App, parent_finished_at: Option<&str>) -> bool {
    time(parent_finished_at).is_some() && !is_reconciled(app, parent_finished_at)
}

fn words(child: &Child) -> String {
    let Some(app) = &child.app else { return "NotFound".to_owned() };
    let health = &app.status.health;
    let words = format!("{} {} {}", app.status.sync.status, health.status, health.message);
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::memory::End;
    use super::*;

    fn child(sync: &str, health: &str, reconciled: &str, automated: bool) -> Child {
        let policy = if automated { json!({ "automated": {} }) } else { json!(null) };
        let app = serde_json::from_value(json!({
            "spec": { "syncPolicy": policy },
            "status": {
                "sync": { "status": sync }, "health": { "status": health },
                "reconciledAt": reconciled,
            },
        }));
        Child { name: "child".to_owned(), app: Some(app.unwrap()) }
    }

    /// Looks at these children at second `secs`, behind a parent that ended at 10:00:09.
    fn at(memory: &mut Memory, secs: u64, found: &[Child]) -> Seen {
        memory.end =
            Some(End { finished_at: Some("2026-01-02T10:00:09Z".to_owned()), ..End::default() });
        let parent = Seen::Succeeded { note: "Healthy".to_owned(), warnings: vec![] };
        children(parent, found, memory, Timestamp(0) + Duration::from_secs(secs))
    }

    const AFTER: &str = "2026-01-02T10:00:30Z";
    const BEFORE: &str = "2026-01-02T09:59:00Z";

    #[test]
    fn argo_35_a_parent_is_done_when_its_children_are() {
        let mut memory = Memory::default();
        let old = [child("Synced", "Healthy", BEFORE, true)];
        assert!(matches!(at(&mut memory, 0, &old), Seen::Applied { .. }), "a status from before");
        let none = [Child { name: "child".to_owned(), app: None }];
        assert!(matches!(at(&mut memory, 1, &none), Seen::Applied { .. }));
        for (secs, sync, health) in [(2, "OutOfSync", "Healthy"), (3, "Synced", "Progressing")] {
            let seen = at(&mut memory, secs, &[child(sync, health, AFTER, true)]);
            assert!(
                matches!(&seen, Seen::Applied { note } if note.starts_with("child: ")),
                "{seen:?}"
            );
        }
        let good = [child("Synced", "Healthy", AFTER, true)];
        assert!(matches!(at(&mut memory, 4, &good), Seen::Applied { .. }), "it must hold");
        assert!(matches!(at(&mut memory, 14, &good), Seen::Succeeded { .. }));
    }

    #[test]
    fn argo_35_a_child_that_stays_degraded_fails_its_parent() {
        let mut memory = Memory::default();
        let bad =
            [child("Synced", "Healthy", AFTER, true), child("Synced", "Degraded", AFTER, true)];
        assert!(matches!(at(&mut memory, 0, &bad), Seen::Applied { .. }));
        let seen = at(&mut memory, 30, &bad);
        assert!(matches!(&seen, Seen::Failed { note } if note.contains("Degraded")), "{seen:?}");
    }

    #[test]
    fn argo_35_a_child_that_people_deploy_is_told() {
        let mut memory = Memory::default();
        let waits = [child("OutOfSync", "Degraded", AFTER, false)];
        at(&mut memory, 0, &waits);
        let warnings = vec![Warning::ChildNotDeployed { name: "child".to_owned() }];
        let note = "Healthy".to_owned();
        assert_eq!(at(&mut memory, 10, &waits), Seen::Succeeded { note, warnings });
    }

    /// What becomes of a parent with only this child, at once and when it holds for a minute.
    fn held(child: impl Fn() -> Child) -> (Seen, Seen) {
        let mut memory = Memory::default();
        (at(&mut memory, 0, &[child()]), at(&mut memory, 60, &[child()]))
    }

    #[test]
    fn argo_35_each_state_of_a_child_has_its_meaning_for_the_parent() {
        let good = |warnings| Seen::Succeeded { note: "Healthy".to_owned(), warnings };
        let told = good(vec![Warning::ChildNotDeployed { name: "child".to_owned() }]);
        let goes_on = |words: &str| Seen::Applied { note: format!("child: {words}") };
        let waits = |words: &str| Seen::Waiting(Pause::noted(format!("child: {words}")));
        let fails = |words: &str| Seen::Failed { note: format!("child: {words}") };
        for (sync, health, automated, end) in [
            ("Synced", "Healthy", true, good(vec![])),
            ("Synced", "Healthy", false, good(vec![])),
            ("Synced", "Degraded", true, fails("Synced Degraded")),
            ("Synced", "Missing", true, fails("Synced Missing")),
            ("Synced", "Progressing", true, goes_on("Synced Progressing")),
            ("Synced", "Unknown", true, goes_on("Synced Unknown")),
            ("Synced", "Suspended", true, waits("Synced Suspended")),
            ("OutOfSync", "Healthy", true, goes_on("OutOfSync Healthy")),
            ("OutOfSync", "Degraded", true, goes_on("OutOfSync Degraded")),
            ("OutOfSync", "Healthy", false, told.clone()),
            ("OutOfSync", "Degraded", false, told.clone()),
            ("OutOfSync", "Missing", false, told),
            ("OutOfSync", "Progressing", false, goes_on("OutOfSync Progressing")),
            ("OutOfSync", "Suspended", false, waits("OutOfSync Suspended")),
        ] {
            let case = format!("{sync} {health} {automated}");
            let (first, last) = held(|| child(sync, health, AFTER, automated));
            assert_eq!(last, end, "{case}");
            let by_a_person = matches!(end, Seen::Waiting(_));
            assert_eq!(matches!(first, Seen::Applied { .. }), !by_a_person, "{case}: {first:?}");
        }
    }

    #[test]
    fn argo_35_what_a_child_showed_before_the_sync_says_nothing() {
        for health in ["Healthy", "Degraded", "Suspended"] {
            let (_, last) = held(|| child("Synced", health, BEFORE, true));
            assert_eq!(last, Seen::Applied { note: format!("child: Synced {health}") });
        }
        let (_, last) = held(|| {
            let mut busy = child("Synced", "Healthy", AFTER, true);
            busy.app.as_mut().unwrap().operation = Some(<_>::default());
            busy
        });
        assert!(matches!(last, Seen::Applied { .. }), "it is being synced: {last:?}");
        let never = App::default();
        assert!(is_from_before(&never, Some("2026-01-02T10:00:09Z")), "never compared");
        assert!(!is_from_before(&never, None), "nobody knows when the parent ended");
    }

    #[test]
    fn argo_35_a_child_that_changes_its_mind_starts_its_time_anew() {
        let of = |health: &str| [child("Synced", health, AFTER, true)];
        for (between, first, last) in [
            ("Progressing", "Healthy", SETTLE),
            ("Suspended", "Healthy", SETTLE),
            ("Degraded", "Healthy", SETTLE),
            ("Progressing", "Degraded", GRACE),
            ("Suspended", "Degraded", GRACE),
            ("Healthy", "Degraded", GRACE),
        ] {
            let mut memory = Memory::default();
            let time = last.as_secs();
            at(&mut memory, 0, &of(first));
            at(&mut memory, 1, &of(between));
            for secs in [2, time, time + 1] {
                let seen = at(&mut memory, secs, &of(first));
                assert!(matches!(seen, Seen::Applied { .. }), "{first}, {between}: {seen:?}");
            }
            let seen = at(&mut memory, time + 2, &of(first));
            assert!(!matches!(seen, Seen::Applied { .. }), "{first}, {between}: {seen:?}");
        }
    }

    #[test]
    fn what_is_no_success_of_the_parent_stays_what_it_is() {
        let failed = Seen::Failed { note: "x".to_owned() };
        let bad = [child("Synced", "Healthy", AFTER, true)];
        let mut memory = Memory::default();
        assert_eq!(children(failed.clone(), &bad, &mut memory, Timestamp(0)), failed);
    }
}
