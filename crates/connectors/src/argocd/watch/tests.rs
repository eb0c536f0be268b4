//! The rule against recorded payloads: each test names the moments it looks at.

use serde_json::{Value, json};
use wilco_core::answer::Warning;

use super::super::evidence::{Evidence, Proof};
use super::proof::{GRACE, LINGER, SETTLE};
use super::*;

const OURS: &str = "r1.4";
const OLD: &str = "registry.example/app:1.0.0";
const NEW: &str = "registry.example/app:1.1.0";
const PLANNED: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const START: Timestamp = Timestamp(1_767_348_000_000);

macro_rules! sample {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/contract/argocd/",
            $name,
            ".json"
        )))
        .expect("the sample is JSON")
    };
}

// Behind the macro, which it uses.
mod edges;

fn evidence() -> Evidence {
    Evidence {
        project: "default".to_owned(),
        mode: Mode::Start,
        history_ids: vec![0],
        operation_started_at: Some("2026-01-01T00:00:00Z".to_owned()),
        account: Some("chatops".to_owned()),
        sources: 1,
        revisions: vec![PLANNED.to_owned()],
        entry: None,
        proof: Proof {
            only: Vec::new(),
            expect_images: vec![NEW.to_owned()],
            gone_images: vec![OLD.to_owned()],
            children: Vec::new(),
        },
    }
}

/// The sample with our tag on its operation.
fn tagged(mut app: Value) -> Value {
    let info = json!([{ "name": "wilco", "value": OURS }]);
    for path in ["/operation", "/status/operationState/operation"] {
        if let Some(operation) = app.pointer_mut(path).filter(|value| value.is_object()) {
            operation["info"] = info.clone();
        }
    }
    app
}

/// Looks in order, each so many seconds after the start; the last one's answer.
struct Looks {
    memory: Value,
    evidence: Evidence,
}

impl Looks {
    fn new() -> Self {
        Self { memory: Value::Null, evidence: evidence() }
    }

    fn at(&mut self, secs: u64, app: &Value) -> Seen {
        let app: App = serde_json::from_value(app.clone()).unwrap();
        let now = START + std::time::Duration::from_secs(secs);
        // Through JSON, as the engine keeps it.
        let mut memory = Memory::of(&self.memory);
        let seen = sync(&app, OURS, Some(&self.evidence), &mut memory, now);
        self.memory = memory.to_value();
        seen
    }
}

fn is_running(seen: &Seen) -> bool {
    matches!(seen, Seen::Running { .. } | Seen::Applied { .. })
}

fn succeeded(warnings: Vec<Warning>) -> Seen {
    Seen::Succeeded { note: "Healthy".to_owned(), warnings }
}

#[test]
fn argo_28_the_whole_course_of_a_good_sync() {
    let mut looks = Looks::new();
    for (secs, over, sample) in [
        (1, false, sample!("sync_ok/t1_sync_response_operation_set_operationState_absent")),
        (2, false, sample!("sync_ok/t2_running")),
        (9, true, sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")),
        (10, true, sample!("sync_ok/t4_reconciled_synced_healthy_stale_before_rollout")),
        (12, true, sample!("sync_ok/t5_synced_progressing")),
    ] {
        let seen = looks.at(secs, &tagged(sample));
        assert!(is_running(&seen), "{secs}: {seen:?}");
        let applied = matches!(seen, Seen::Applied { .. });
        assert_eq!(applied, over, "{secs}: what is over cannot be stopped: {seen:?}");
    }
    let seen = looks.at(90, &tagged(sample!("sync_ok/t6_synced_healthy")));
    assert_eq!(seen, succeeded(vec![]));
}

#[test]
fn argo_28_finished_counts_only_when_the_status_is_not_older() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["reconciledAt"] = Value::Null;
    assert!(is_running(&Looks::new().at(90, &app)));
    app["status"]["reconciledAt"] = json!("2026-01-02T10:00:08Z");
    assert!(is_running(&Looks::new().at(90, &app)));
    app["status"]["reconciledAt"] = json!("2026-01-02T10:00:09Z");
    assert_eq!(Looks::new().at(90, &app), succeeded(vec![]), "equal seconds count");
}

#[test]
fn argo_29_the_old_operation_is_not_ours() {
    let mut looks = Looks::new();
    let before = sample!("sync_ok/t0_before_outofsync_healthy_old_operationState");
    assert!(is_running(&looks.at(0, &before)), "not believed at once");
    assert!(matches!(looks.at(11, &before), Seen::Lost { .. }));
}

#[test]
fn argo_29_an_end_that_was_seen_outlives_a_following_auto_sync() {
    let mut looks = Looks::new();
    let failed = tagged(sample!("sync_bad/failed_task"));
    assert!(matches!(looks.at(5, &failed), Seen::Failed { .. }));
    let mut after = sample!("sync_ok/t2_running");
    after["status"]["operationState"]["operation"]["initiatedBy"] = json!({ "automated": true });
    assert!(matches!(looks.at(6, &after), Seen::Failed { .. }), "the captured end is judged");

    let mut looks = Looks::new();
    looks.at(9, &tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")));
    let mut after = sample!("sync_ok/t6_synced_healthy");
    after["status"]["operationState"]["operation"]["initiatedBy"] = json!({ "automated": true });
    assert_eq!(looks.at(90, &after), succeeded(vec![]));
}

#[test]
fn argo_29_an_end_that_nobody_saw_stands_in_the_history() {
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"]["history"][1]["initiatedBy"] = json!({ "username": "chatops" });
    app["status"]["operationState"]["operation"]["initiatedBy"] = json!({ "automated": true });
    app["status"]["operationState"]["startedAt"] = json!("2026-01-02T10:00:20Z");
    app["status"]["operationState"]["finishedAt"] = json!("2026-01-02T10:00:21Z");
    assert_eq!(Looks::new().at(90, &app), succeeded(vec![]));
}

#[test]
fn argo_30_the_gap_between_two_attempts_is_not_the_end() {
    let app = tagged(sample!("sync_bad/retrying_running_with_retryCount"));
    let seen = Looks::new().at(6, &app);
    assert!(matches!(&seen, Seen::Running { note } if note.contains("Retrying")), "{seen:?}");
    let mut without = app;
    without.as_object_mut().unwrap().remove("operation");
    assert!(is_running(&Looks::new().at(6, &without)));
}

#[test]
fn argo_31_a_stale_healthy_is_not_believed() {
    let mut looks = Looks::new();
    let stale = tagged(sample!("sync_ok/t4_reconciled_synced_healthy_stale_before_rollout"));
    assert!(is_running(&looks.at(10, &stale)));
    assert!(is_running(&looks.at(1000, &stale)), "the new image must run, however long it takes");
}

#[test]
fn argo_31_without_images_only_health_that_holds_counts() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["summary"] = json!({});
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(10, &app)));
    assert!(is_running(&looks.at(12, &tagged(sample!("sync_ok/t5_synced_progressing")))));
    assert!(is_running(&looks.at(22, &app)), "the break starts it anew");
    let done = looks.at(22 + SETTLE.as_secs(), &app);
    assert_eq!(done, succeeded(vec![Warning::ImagesNotShown]));
}

#[test]
fn argo_15_during_the_rollout_both_images_show() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["summary"]["images"] = json!([NEW, OLD]);
    let mut looks = Looks::new();
    let seen = looks.at(20, &app);
    assert!(matches!(&seen, Seen::Applied { note } if note.contains("app:1.0.0")), "{seen:?}");
    assert!(is_running(&looks.at(20 + LINGER.as_secs() - 1, &app)));
    assert_eq!(looks.at(20 + LINGER.as_secs(), &app), succeeded(vec![]), "a finished hook's pod");
}

#[test]
fn a_change_without_images_needs_health_that_holds() {
    let mut looks = Looks::new();
    looks.evidence.proof.expect_images.clear();
    looks.evidence.proof.gone_images.clear();
    let app = tagged(sample!("sync_ok/t6_synced_healthy"));
    assert!(is_running(&looks.at(20, &app)));
    assert_eq!(looks.at(30, &app), succeeded(vec![]));
}

#[test]
fn argo_32_still_out_of_sync_is_a_warning() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["sync"]["status"] = json!("OutOfSync");
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(20, &app)), "it may be compared once more");
    assert_eq!(looks.at(30, &app), succeeded(vec![Warning::StillOutOfSync]));
    // Against a newer commit it is no matter of ours.
    app["status"]["sync"]["revision"] = json!("cccccccccccccccccccccccccccccccccccccccc");
    assert_eq!(Looks::new().at(20, &app), succeeded(vec![]));
}

#[test]
fn argo_33_the_dead_state_goes_on_until_the_deadline() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["operationState"].as_object_mut().unwrap().remove("finishedAt");
    app["status"]["operationState"].as_object_mut().unwrap().remove("syncResult");
    app["operation"] = app["status"]["operationState"]["operation"].clone();
    for health in ["Healthy", "Degraded"] {
        app["status"]["health"]["status"] = json!(health);
        let mut looks = Looks::new();
        for secs in [0, 1000] {
            let seen = looks.at(secs, &app);
            let goes_on = matches!(&seen, Seen::Running { note } if note.contains("Succeeded"));
            assert!(goes_on, "{seen:?}");
        }
    }
}

#[test]
fn argo_33_an_operation_that_was_taken_away_is_over() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    let state = app["status"]["operationState"].as_object_mut().unwrap();
    state.remove("finishedAt");
    state.remove("syncResult");
    let mut looks = Looks::new();
    assert!(matches!(looks.at(0, &app), Seen::Running { .. }), "not believed at once");
    assert!(matches!(looks.at(9, &app), Seen::Running { .. }));
    assert_eq!(looks.at(10, &app), succeeded(vec![]), "all is in place");
    app["status"]["health"]["status"] = json!("Progressing");
    assert!(matches!(looks.at(12, &app), Seen::Applied { .. }), "and is believed from then on");
    let mut differs = app.clone();
    differs["status"]["sync"]["status"] = json!("OutOfSync");
    assert!(matches!(looks.at(14, &differs), Seen::Applied { .. }), "whatever is compared later");
    app = differs;
    let end = |app: &Value, evidence: Evidence| {
        let mut looks = Looks { evidence, ..Looks::new() };
        assert!(matches!(looks.at(0, app), Seen::Running { .. }));
        looks.at(10, app)
    };
    for phase in ["Running", "Terminating"] {
        app["status"]["operationState"]["phase"] = json!(phase);
        let seen = end(&app, evidence());
        assert!(matches!(&seen, Seen::Stopped { note } if note.contains(phase)), "{seen:?}");
    }
    app["status"]["operationState"]["phase"] = json!("Succeeded");
    let seen = end(&app, evidence());
    assert!(matches!(seen, Seen::Lost { .. }), "lost sight is never a failure: {seen:?}");
    let mut newer = app.clone();
    newer["status"]["sync"]["revision"] = json!("cccccccccccccccccccccccccccccccccccccccc");
    let seen = end(&newer, evidence());
    assert!(matches!(seen, Seen::Applied { .. }), "against a newer commit: {seen:?}");
    let mut stale = app.clone();
    stale["status"]["reconciledAt"] = json!("2020-01-01T00:00:00Z");
    assert!(matches!(end(&stale, evidence()), Seen::Running { .. }), "not compared since");
    // It is there again, or was only not shown.
    let mut looks = Looks::new();
    app["status"]["operationState"]["phase"] = json!("Running");
    looks.at(0, &app);
    let mut there = app.clone();
    there["operation"] = there["status"]["operationState"]["operation"].clone();
    assert!(matches!(looks.at(9, &there), Seen::Running { .. }));
    assert!(matches!(looks.at(11, &app), Seen::Running { .. }));
}

#[test]
fn argo_34_degraded_fails_only_after_a_grace() {
    let degraded = tagged(sample!("sync_bad/degraded_after_sync"));
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(60, &degraded)));
    assert!(is_running(&looks.at(70, &tagged(sample!("sync_ok/t5_synced_progressing")))));
    assert!(is_running(&looks.at(95, &degraded)), "it had recovered in between");
    let seen = looks.at(95 + GRACE.as_secs(), &degraded);
    assert!(
        matches!(&seen, Seen::Failed { note } if note.contains("progress deadline")),
        "{seen:?}"
    );
}

#[test]
fn argo_34_missing_has_the_same_grace_and_unknown_waits() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["health"]["status"] = json!("Missing");
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(20, &app)));
    assert!(matches!(looks.at(50, &app), Seen::Failed { .. }));
    app["status"]["health"]["status"] = json!("Unknown");
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(20, &app)));
    assert!(is_running(&looks.at(500, &app)));
}

#[test]
fn argo_34_suspended_waits_for_a_person() {
    let seen = Looks::new().at(90, &tagged(sample!("sync_bad/suspended")));
    assert!(matches!(seen, Seen::Waiting(_)), "{seen:?}");
}

#[test]
fn argo_40_a_failure_says_which_object() {
    let Seen::Failed { note } = Looks::new().at(6, &tagged(sample!("sync_bad/failed_task"))) else {
        panic!("it failed");
    };
    assert!(note.contains("admission webhook") && note.contains("Deployment/app"), "{note}");
}

#[test]
fn argo_38_a_terminated_operation_was_stopped() {
    let mut app = tagged(sample!("sync_bad/failed_task"));
    app["status"]["operationState"]["message"] = json!("Operation terminated");
    app["status"]["operationState"]["syncResult"]["resources"] = Value::Null;
    assert!(matches!(Looks::new().at(6, &app), Seen::Stopped { .. }));
    app["status"]["operationState"]["phase"] = json!("Terminating");
    assert!(is_running(&Looks::new().at(6, &app)));
}

#[test]
fn argo_25_another_revision_than_planned_is_told() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    app["status"]["operationState"]["syncResult"]["revision"] = json!("cccc");
    let other = Warning::OtherRevision { revision: "cccc".to_owned() };
    assert_eq!(
        Looks::new().at(20, &app),
        succeeded(vec![other]),
        "what was planned runs all the same"
    );
    app["status"]["summary"]["images"] = json!(["registry.example/other:1"]);
    let mut looks = Looks::new();
    assert!(is_running(&looks.at(20, &app)));
    assert_eq!(looks.at(30, &app), replaced(), "what was planned does not run");
}

#[test]
fn argo_27_a_long_hook_is_no_failure() {
    let mut app = tagged(sample!("sync_ok/t2_running"));
    app["status"]["operationState"]["message"] =
        json!("waiting for completion of hook batch/Job/migrate");
    let seen = Looks::new().at(7200, &app);
    assert!(matches!(&seen, Seen::Running { note } if note.contains("migrate")), "{seen:?}");
}

#[test]
fn argo_27_the_jobs_that_an_operation_of_ours_waits_for_are_its_hooks() {
    let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
    let line = |kind: &str, hook: &str, phase: &str| {
        json!({
            "group": "batch", "version": "v1", "kind": kind, "namespace": "default", "name": "migrate",
            "hookType": hook, "hookPhase": phase,
        })
    };
    let state = app.pointer_mut("/status/operationState").unwrap();
    state["phase"] = json!("Running");
    let named = |app: &Value, tag: &str| {
        let app: App = serde_json::from_value(app.clone()).unwrap();
        let found = hooks(&app, tag, Some(&evidence()));
        found.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (kind, hook, phase, waits) in [
        ("Job", "PreSync", "Running", true),
        ("Job", "PreSync", "Succeeded", false),
        ("Job", "", "Running", false),
        ("Workflow", "PreSync", "Running", false),
    ] {
        app["status"]["operationState"]["syncResult"]["resources"] =
            json!([line(kind, hook, phase)]);
        let found = named(&app, OURS);
        assert_eq!(
            found,
            if waits { vec!["Job/migrate"] } else { vec![] },
            "{kind} {hook} {phase}"
        );
    }
    app["status"]["operationState"]["syncResult"]["resources"] =
        json!([line("Job", "PreSync", "Running")]);
    assert_eq!(named(&app, "r9.9"), Vec::<String>::new(), "another one's");
    app["status"]["operationState"]["phase"] = json!("Terminating");
    assert_eq!(named(&app, OURS), Vec::<String>::new(), "it waits for nothing any more");
}

#[test]
fn an_automated_application_is_watched_until_the_new_image_runs() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let before = sample!("sync_ok/t0_before_outofsync_healthy_old_operationState");
    let seen = looks.at(0, &before);
    assert_eq!(seen, Seen::Running { note: "OutOfSync".to_owned() });
    for (secs, app) in [
        (2, sample!("sync_ok/t2_running")),
        (9, sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")),
        (10, sample!("sync_ok/t4_reconciled_synced_healthy_stale_before_rollout")),
        (12, sample!("sync_ok/t5_synced_progressing")),
    ] {
        assert!(is_running(&looks.at(secs, &app)), "{secs}");
    }
    assert_eq!(looks.at(90, &sample!("sync_ok/t6_synced_healthy")), succeeded(vec![]));
}

#[test]
fn a_failed_automated_sync_of_the_planned_revision_is_a_failure() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    assert!(matches!(looks.at(10, &sample!("sync_bad/failed_task")), Seen::Failed { .. }));
    // One from before the plan says nothing.
    looks.evidence.operation_started_at = Some("2026-01-02T10:00:02Z".to_owned());
    assert!(is_running(&looks.at(10, &sample!("sync_bad/failed_task"))));
}

#[test]
fn an_automated_application_that_took_a_newer_commit_says_so() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"]["sync"]["revision"] = json!("cccc");
    app["status"]["operationState"]["syncResult"]["revision"] = json!("cccc");
    app["status"]["summary"]["images"] = json!(["registry.example/other:1"]);
    assert!(is_running(&looks.at(20, &app)));
    assert_eq!(looks.at(30, &app), replaced());
}

fn replaced() -> Seen {
    Seen::Lost { note: "replaced by revision cccc".to_owned() }
}
