//! Where the rule turns: what was deployed on top of ours, what Argo CD deploys by itself, and the
//! second at which a wait ends. Found by changing the code and watching no test fail.

use super::*;

const OTHER: &str = "cccccccccccccccccccccccccccccccccccccccc";

/// The good end of ours, and then somebody else's operation to another revision.
fn on_top(phase: &str, finished_at: Option<&str>) -> Value {
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"]["operationState"] = json!({
        "operation": { "initiatedBy": { "username": "sora" }, "sync": { "revision": OTHER } },
        "phase": phase,
        "startedAt": "2026-01-02T10:00:20Z",
        "finishedAt": finished_at,
        "syncResult": { "revision": OTHER },
    });
    app
}

#[test]
fn argo_29_only_what_was_deployed_on_top_of_ours_replaces_it() {
    let over = Some("2026-01-02T10:00:21Z");
    let told = vec![Warning::OtherRevision { revision: OTHER.to_owned() }];
    for (phase, finished_at, warnings) in [
        ("Succeeded", over, told),
        ("Failed", over, vec![]),
        ("Error", over, vec![]),
        ("Running", None, vec![]),
        // In the gap between two attempts (ARGO-30), and in the dead state (ARGO-33).
        ("Running", over, vec![]),
        ("Succeeded", None, vec![]),
    ] {
        let mut looks = Looks::new();
        let ours = tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale"));
        assert!(is_running(&looks.at(9, &ours)));
        let seen = looks.at(90, &on_top(phase, finished_at));
        assert_eq!(seen, succeeded(warnings), "{phase} {finished_at:?}");
    }
}

#[test]
fn argo_20_an_accepted_automated_sync_is_running_before_it_has_a_state() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let mut app = sample!("sync_ok/t1_sync_response_operation_set_operationState_absent");
    app["status"]["sync"]["status"] = json!("Synced");
    assert_eq!(looks.at(90, &app), Seen::Running { note: "Syncing".to_owned() });
    // A cache may show the state, and no more the operation that it is of (ARGO-11).
    let mut app = sample!("sync_ok/t2_running");
    app.as_object_mut().unwrap().remove("operation");
    app["status"]["sync"]["status"] = json!("Synced");
    let seen = looks.at(91, &app);
    assert!(matches!(&seen, Seen::Running { note } if note.starts_with("Running")), "{seen:?}");
}

#[test]
fn argo_32_an_automated_sync_that_leaves_a_difference_is_over_all_the_same() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"]["sync"]["status"] = json!("OutOfSync");
    assert!(matches!(looks.at(20, &app), Seen::Applied { .. }), "it may be compared once more");
    assert_eq!(looks.at(30, &app), succeeded(vec![Warning::StillOutOfSync]));
}

#[test]
fn argo_28_a_dry_run_applied_nothing() {
    let mut looks = Looks::new();
    let ours = tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale"));
    assert!(is_running(&looks.at(9, &ours)));
    let mut app = on_top("Succeeded", Some("2026-01-02T10:00:21Z"));
    app["status"]["operationState"]["operation"]["sync"]["dryRun"] = json!(true);
    assert_eq!(looks.at(90, &app), succeeded(vec![]), "ours is what runs");

    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    looks.evidence.proof.expect_images.clear();
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"]["sync"]["status"] = json!("OutOfSync");
    app["status"]["operationState"]["operation"]["sync"]["dryRun"] = json!(true);
    for secs in [20, 90] {
        assert_eq!(looks.at(secs, &app), Seen::Running { note: "OutOfSync".to_owned() });
    }
}

#[test]
fn an_automated_application_that_is_in_sync_needs_no_operation_to_be_done() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let mut app = sample!("sync_ok/t6_synced_healthy");
    app["status"].as_object_mut().unwrap().remove("operationState");
    assert_eq!(looks.at(20, &app), succeeded(vec![]));
    app["status"]["sync"]["status"] = json!("OutOfSync");
    assert_eq!(looks.at(21, &app), Seen::Running { note: "OutOfSync".to_owned() });
}

#[test]
fn argo_29_nothing_of_ours_for_ten_seconds_is_lost_at_the_tenth() {
    let mut looks = Looks::new();
    let before = sample!("sync_ok/t0_before_outofsync_healthy_old_operationState");
    assert!(is_running(&looks.at(0, &before)));
    assert!(is_running(&looks.at(9, &before)));
    assert!(matches!(looks.at(10, &before), Seen::Lost { .. }));
}

#[test]
fn argo_29_what_shows_again_starts_the_wait_anew() {
    let mut looks = Looks::new();
    let before = sample!("sync_ok/t0_before_outofsync_healthy_old_operationState");
    looks.at(0, &before);
    looks.at(5, &tagged(sample!("sync_ok/t2_running")));
    assert!(is_running(&looks.at(12, &before)));
    assert!(matches!(looks.at(22, &before), Seen::Lost { .. }));
}

#[test]
fn argo_37_after_a_rollback_git_wants_another_as_long_as_it_is_out_of_sync() {
    let mut app = sample!("sync_ok/t6_synced_healthy");
    let operation =
        json!({ "initiatedBy": { "username": "chatops" }, "sync": { "revision": PLANNED } });
    app["status"]["operationState"]["operation"] = operation;
    for (sync, warnings) in [("OutOfSync", vec![Warning::GitWantsAnother]), ("Synced", vec![])] {
        app["status"]["sync"]["status"] = json!(sync);
        let mut looks = Looks::new();
        looks.evidence.entry = Some(0);
        assert_eq!(looks.at(20, &app), succeeded(warnings), "{sync}");
    }
}

#[test]
fn argo_29_what_runs_beside_an_old_pod_was_not_replaced() {
    let mut looks = Looks::new();
    looks.at(9, &tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")));
    let mut app = on_top("Succeeded", Some("2026-01-02T10:00:21Z"));
    app["status"]["summary"]["images"] = json!([NEW, OLD]);
    for secs in [90, 90 + SETTLE.as_secs(), 90 + LINGER.as_secs() - 1] {
        assert!(matches!(looks.at(secs, &app), Seen::Applied { .. }), "{secs}");
    }
    let told = vec![Warning::OtherRevision { revision: OTHER.to_owned() }];
    assert_eq!(looks.at(90 + LINGER.as_secs(), &app), succeeded(told));
}

/// A wait of so many seconds that one look interrupts, and what is said at the very second at which it is over.
fn interrupted(mut looks: Looks, waits: &Value, between: &Value, secs: u64) -> Seen {
    for (at, app) in [(0, waits), (secs - 1, between), (secs + 1, waits), (2 * secs, waits)] {
        let seen = looks.at(at, app);
        assert!(is_running(&seen) || matches!(seen, Seen::Waiting(_)), "{at}: {seen:?}");
    }
    looks.at(2 * secs + 1, waits)
}

#[test]
fn every_look_that_says_otherwise_starts_a_wait_anew() {
    let looks = |mode: Mode| {
        let mut looks = Looks::new();
        looks.evidence.mode = mode;
        looks
    };
    let without_images = |mode: Mode| {
        let mut looks = looks(mode);
        looks.evidence.proof.expect_images.clear();
        looks.evidence.proof.gone_images.clear();
        looks
    };
    let good = tagged(sample!("sync_ok/t6_synced_healthy"));
    let with = |path: &str, value: Value| {
        let mut app = good.clone();
        *app.pointer_mut(path).unwrap() = value;
        app
    };
    let degraded = with("/status/health/status", json!("Degraded"));
    let unproven = with("/status/summary/images", json!([OLD]));
    let running = sample!("sync_ok/t2_running");
    // A newer commit: Argo CD is about to deploy it.
    let differs = sample!("sync_ok/t0_before_outofsync_healthy_old_operationState");

    let (settle, grace) = (SETTLE.as_secs(), GRACE.as_secs());
    let healthy = |mode: Mode, between: &Value| {
        assert_eq!(
            interrupted(without_images(mode), &good, between, settle),
            succeeded(vec![]),
            "{between}"
        );
    };
    let unhealthy = |mode: Mode, between: &Value| {
        let seen = interrupted(looks(mode), &degraded, between, grace);
        assert!(matches!(seen, Seen::Failed { .. }), "{between}: {seen:?}");
    };
    healthy(Mode::Start, &degraded);
    unhealthy(Mode::Start, &unproven);
    for status in ["Suspended", "Progressing"] {
        let between = with("/status/health/status", json!(status));
        healthy(Mode::Start, &between);
        unhealthy(Mode::Start, &between);
    }
    for between in [running, differs] {
        healthy(Mode::Watch, &between);
        unhealthy(Mode::Watch, &between);
    }
}

#[test]
fn once_the_end_is_known_nothing_waits_for_it_any_more() {
    let mut looks = Looks::new();
    looks.at(0, &sample!("sync_ok/t0_before_outofsync_healthy_old_operationState"));
    assert!(Memory::of(&looks.memory).counts(), "nothing of ours");
    looks.at(9, &tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")));
    assert!(!Memory::of(&looks.memory).counts());

    // An operation that was taken away (ARGO-33).
    let mut app = tagged(sample!("sync_ok/t5_synced_progressing"));
    app["status"]["operationState"].as_object_mut().unwrap().remove("finishedAt");
    let mut looks = Looks::new();
    assert!(matches!(looks.at(0, &app), Seen::Running { .. }));
    assert!(Memory::of(&looks.memory).counts());
    assert!(matches!(looks.at(10, &app), Seen::Applied { .. }));
    assert!(!Memory::of(&looks.memory).counts());
}

#[test]
fn argo_15_of_several_images_every_new_one_runs_and_every_old_one_is_gone() {
    let (new_job, old_job) = ("registry.example/job:1.1.0", "registry.example/job:1.0.0");
    let looks = || {
        let mut looks = Looks::new();
        looks.evidence.proof.expect_images = vec![NEW.to_owned(), new_job.to_owned()];
        looks.evidence.proof.gone_images = vec![OLD.to_owned(), old_job.to_owned()];
        looks
    };
    let showing = |images: &[&str]| {
        let mut app = tagged(sample!("sync_ok/t6_synced_healthy"));
        app["status"]["summary"]["images"] = json!(images);
        app
    };
    assert_eq!(looks().at(20, &showing(&[NEW, new_job])), succeeded(vec![]));

    let mut one_of_two = looks();
    for secs in [20, 1000] {
        let seen = one_of_two.at(secs, &showing(&[NEW]));
        assert!(matches!(seen, Seen::Applied { .. }), "{secs}: {seen:?}");
    }
    let mut beside_an_old_one = looks();
    for secs in [20, 20 + LINGER.as_secs() - 1] {
        let seen = beside_an_old_one.at(secs, &showing(&[NEW, new_job, OLD]));
        assert!(matches!(seen, Seen::Applied { .. }), "{secs}: {seen:?}");
    }
    let mut another_revision = showing(&[NEW]);
    another_revision["status"]["operationState"]["syncResult"]["revision"] = json!("cccc");
    let mut one_of_two = looks();
    assert!(is_running(&one_of_two.at(20, &another_revision)));
    assert_eq!(one_of_two.at(30, &another_revision), replaced());
}

#[test]
fn an_older_look_at_a_running_operation_does_not_undo_its_end() {
    let mut looks = Looks::new();
    looks.at(9, &tagged(sample!("sync_ok/t3_succeeded_but_not_reconciled_status_stale")));
    let mut older = tagged(sample!("sync_ok/t2_running"));
    older.as_object_mut().unwrap().remove("operation");
    let seen = looks.at(10, &older);
    assert!(matches!(seen, Seen::Applied { .. }), "{seen:?}");
    assert_eq!(looks.at(90, &tagged(sample!("sync_ok/t6_synced_healthy"))), succeeded(vec![]));
}

#[test]
fn an_automated_application_that_is_in_sync_is_judged_by_what_runs() {
    let mut looks = Looks::new();
    looks.evidence.mode = Mode::Watch;
    let mut app = sample!("sync_ok/t6_synced_healthy");
    // A hook after the sync failed, say: everything is applied.
    app["status"]["operationState"]["phase"] = json!("Failed");
    assert_eq!(looks.at(20, &app), succeeded(vec![]));
    app["status"]["sync"]["status"] = json!("OutOfSync");
    assert!(matches!(looks.at(21, &app), Seen::Failed { .. }));
}
