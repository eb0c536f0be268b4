//! Each look-up against the applications that it may meet.

use serde_json::Value;

use super::super::evidence::Proof;
use super::*;

const OURS: &str = "r1.4";
const BEFORE: &str = "2026-01-02T09:00:00Z";
const AT: &str = "2026-01-02T10:00:00Z";
const LATER: &str = "2026-01-02T10:05:00Z";

fn evidence() -> Evidence {
    Evidence {
        project: "default".to_owned(),
        mode: Mode::Start,
        history_ids: vec![0],
        operation_started_at: Some(BEFORE.to_owned()),
        account: Some("wilco".to_owned()),
        sources: 1,
        revisions: vec!["new".to_owned()],
        entry: None,
        proof: Proof {
            only: Vec::new(),
            expect_images: Vec::new(),
            gone_images: Vec::new(),
            children: Vec::new(),
        },
    }
}

fn operation(by: &str, revision: &str, tag: Option<&str>) -> Value {
    let info: Vec<Value> = tag.iter().map(|tag| json!({ "name": "wilco", "value": tag })).collect();
    json!({ "initiatedBy": { "username": by }, "sync": { "revision": revision }, "info": info })
}

fn state(operation: &Value, phase: &str, started_at: &str) -> Value {
    let finished_at = (phase != "Running").then_some(started_at);
    json!({
        "operation": operation, "phase": phase, "startedAt": started_at, "finishedAt": finished_at,
    })
}

fn entry(id: i64, by: &str, revision: &str, started_at: &str) -> Value {
    json!({
        "id": id, "initiatedBy": { "username": by }, "revision": revision,
        "deployStartedAt": started_at,
    })
}

/// What runs or is queued, the last state, and the history behind the entry that was there before.
fn app(operation: Value, state: Value, entries: &[Value]) -> App {
    let mut history = vec![entry(0, "wilco", "new", BEFORE)];
    history.extend_from_slice(entries);
    let status = json!({ "operationState": state, "history": history });
    serde_json::from_value(json!({ "operation": operation, "status": status })).unwrap()
}

/// Nothing happened since the plan was read.
fn untouched() -> App {
    app(Value::Null, state(&operation("sora", "old", None), "Succeeded", BEFORE), &[])
}

fn ours() -> Value {
    operation("wilco", "new", Some(OURS))
}

fn another() -> Value {
    operation("sora", "other", None)
}

#[test]
fn argo_22_a_sync_is_found_by_its_tag_or_its_entry_else_it_is_unsure_or_was_not() {
    let found = || Finding::Found(receipt(OURS));
    let unsure = |what: &str| Finding::Unsure(what.to_owned());
    let before = || state(&operation("sora", "old", None), "Succeeded", BEFORE);
    let entry_of_ours = || entry(1, "wilco", "new", AT);
    for (case, app, finding) in [
        ("untouched", untouched(), Finding::NotFound),
        (
            "never synced before",
            app(Value::Null, Value::Null, &[]),
            unsure("status.operationState: null"),
        ),
        ("accepted", app(ours(), Value::Null, &[]), found()),
        ("over", app(Value::Null, state(&ours(), "Failed", AT), &[]), found()),
        (
            "overwritten",
            app(another(), state(&another(), "Running", LATER), &[entry_of_ours()]),
            found(),
        ),
        ("another runs", app(another(), before(), &[]), unsure("operation: sora")),
        (
            "another ran",
            app(Value::Null, state(&another(), "Failed", LATER), &[]),
            unsure(&format!("status.operationState: sora {LATER}")),
        ),
        (
            "another entry",
            app(Value::Null, before(), &[entry(1, "sora", "new", AT)]),
            unsure("status.history 1: sora"),
        ),
    ] {
        assert_eq!(sync(&app, OURS, Some(&evidence())), finding, "{case}");
    }
    assert_eq!(sync(&untouched(), OURS, None), unsure("evidence: null"));
    assert_eq!(sync(&app(ours(), Value::Null, &[]), OURS, None), found());
    let watched_only = Evidence { mode: Mode::Watch, ..evidence() };
    let finding = sync(&untouched(), OURS, Some(&watched_only));
    assert_eq!(finding, Finding::Found(watched()), "a refresh leaves nothing behind");
}

#[test]
fn argo_38_only_what_is_being_stopped_or_was_stopped_was_asked_to_stop() {
    for (case, operation, phase, message, asked) in [
        ("running", ours(), "Running", "", false),
        ("being stopped", ours(), "Terminating", "", true),
        ("stopped", ours(), "Failed", "Operation terminated", true),
        ("ended by itself", ours(), "Failed", "one or more tasks failed", false),
        ("another is being stopped", another(), "Terminating", "", false),
    ] {
        let mut state = state(&operation, phase, AT);
        state["message"] = json!(message);
        let finding = terminate(&app(Value::Null, state, &[]), OURS, Some(&evidence()));
        assert_eq!(matches!(finding, Finding::Found(_)), asked, "{case}");
        assert_eq!(finding == Finding::NotFound, !asked, "{case}");
    }
}

#[test]
fn argo_29_a_sync_is_over_when_its_end_shows_or_something_took_its_place() {
    let before = || state(&operation("sora", "old", None), "Succeeded", BEFORE);
    let ended = || state(&ours(), "Succeeded", AT);
    let entry_of_ours = || entry(1, "wilco", "new", AT);
    for (case, app, over) in [
        ("it may only not show it yet", untouched(), false),
        ("no state at all", app(Value::Null, Value::Null, &[]), false),
        ("accepted", app(ours(), Value::Null, &[]), false),
        ("running", app(ours(), state(&ours(), "Running", AT), &[]), false),
        ("it was taken away", app(Value::Null, state(&ours(), "Running", AT), &[]), true),
        ("ended", app(Value::Null, ended(), &[]), true),
        ("failed", app(Value::Null, state(&ours(), "Failed", AT), &[]), true),
        ("ended, and another was accepted", app(another(), ended(), &[]), true),
        ("another was accepted", app(another(), before(), &[]), true),
        ("another ended", app(Value::Null, state(&another(), "Failed", LATER), &[]), true),
        // Accepted by Argo CD, which clears the state, and taken away again before it began.
        ("another came and went", app(Value::Null, Value::Null, &[entry_of_ours()]), true),
        ("the entry comes first", app(Value::Null, before(), &[entry_of_ours()]), true),
    ] {
        assert_eq!(is_over(&app, OURS, Some(&evidence())), over, "{case}");
    }
    assert!(!is_over(&untouched(), OURS, None), "without evidence nobody can tell");
}

#[test]
fn argo_29_an_entry_is_ours_by_account_revision_and_novelty() {
    let before = || state(&operation("sora", "old", None), "Succeeded", BEFORE);
    let is_ours = |entry: Value, state: Value, evidence: &Evidence| {
        let app = app(Value::Null, state, &[entry]);
        our_entry(&app, OURS, evidence).map(|entry| entry.id)
    };
    let mut automated = entry(1, "wilco", "new", AT);
    automated["initiatedBy"]["automated"] = json!(true);
    for (case, entry, id) in [
        ("ours", entry(1, "wilco", "new", AT), Some(1)),
        ("somebody else's", entry(1, "sora", "new", AT), None),
        ("another revision", entry(1, "wilco", "old", AT), None),
        ("automated", automated, None),
        ("known before", entry(0, "wilco", "new", AT), None),
    ] {
        assert_eq!(is_ours(entry, before(), &evidence()), id, "{case}");
    }
    let good = || entry(1, "wilco", "new", AT);
    let nobody = Evidence { account: None, ..evidence() };
    assert_eq!(is_ours(good(), before(), &nobody), None, "nobody knows our account");
    let part = serde_json::from_value(
        json!([{ "group": "", "kind": "Service", "namespace": "", "name": "w" }]),
    );
    let part = Evidence { proof: Proof { only: part.unwrap(), ..Proof::default() }, ..evidence() };
    assert_eq!(is_ours(good(), before(), &part), None, "some objects leave none (ARGO-26)");

    // Another operation of our account to the same revision: its entry began when it did.
    let twin = operation("wilco", "new", Some("r0.9"));
    assert_eq!(is_ours(good(), state(&twin, "Succeeded", AT), &evidence()), None);
    assert_eq!(is_ours(good(), state(&twin, "Succeeded", LATER), &evidence()), Some(1));
    assert_eq!(is_ours(good(), state(&ours(), "Succeeded", AT), &evidence()), Some(1));
    assert_eq!(is_ours(good(), Value::Null, &evidence()), Some(1));
}
