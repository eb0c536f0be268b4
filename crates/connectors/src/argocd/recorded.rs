//! What Wilco says of everything that was recorded of Argo CD. Each sample stands in a table with its
//! verdict, and one that stands in none fails the test.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use wilco_core::answer::Seen;
use wilco_core::plan::Mode;
use wilco_core::target::Target;
use wilco_core::time::Timestamp;

use super::diff;
use super::evidence::{Evidence, Proof};
use super::restart::{ObjectName, Receipt, Workload};
use super::versions::row;
use super::watch;
use super::wire::{App, Node};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/argocd");
const OURS: &str = "r1.4";

/// A sample of this folder.
pub(super) fn sample(folder: &str, name: &str) -> Value {
    let path = format!("{FOLDER}/{folder}/{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    serde_json::from_str(&text).unwrap()
}

/// Whether exactly the samples of this folder that begin like this stand in a table.
pub(super) fn assert_whole<'a>(folder: &str, begin: &str, table: impl Iterator<Item = &'a str>) {
    let files = std::fs::read_dir(format!("{FOLDER}/{folder}")).unwrap();
    let files: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(begin))
        .collect();
    let table: BTreeSet<String> = table.map(|name| format!("{name}.json")).collect();
    assert_eq!(files, table, "the samples in {folder}, and its table");
}

/// What is seen, in a line.
fn line(seen: &Seen) -> String {
    let (what, note) = match seen {
        Seen::Running { note } => ("running", note),
        Seen::Applied { note } => ("applied", note),
        Seen::Waiting(pause) => ("waiting", &pause.note),
        Seen::Succeeded { note, warnings } => {
            assert_eq!(*warnings, [], "{note}");
            ("succeeded", note)
        }
        Seen::Failed { note } => ("failed", note),
        Seen::Stopped { note } => ("stopped", note),
        Seen::Lost { note } => ("lost", note),
    };
    format!("{what}: {note}").trim_end_matches([':', ' ']).to_owned()
}

/// In the place of what is seen later: the same as at once.
const STAYS: &str = "stays";

/// The sample, what is seen at once, what when it is still so a minute later, and what the question for
/// the state answers: sync, health, what runs, since when.
type Row = (&'static str, &'static str, &'static str, &'static str);

/// Recorded from servers, or from Argo CD's own tests. The operation that they show is taken for ours.
const APPLICATIONS: &[Row] = &[
    // Never compared: Argo CD says nothing yet, and deploys it by itself.
    ("argo-cd_child-app_live", "running", STAYS, ""),
    ("argo-cd_test_fakeAppWithDestName", "running", STAYS, ""),
    ("roadie_created_app_no_status", "running", STAYS, ""),
    // An operation that ended, and a status that was never compared (ARGO-28).
    ("argo-cd_test_fakeApp", "running", STAYS, ""),
    // Argo CD deploys it by itself, and a person's sync is accepted; its state is cleared (ARGO-20).
    (
        "roadie_sync_response",
        "running: Syncing",
        STAYS,
        "Synced · Healthy · backstage20220408139:0.0.1 kuma-dp:1.3.1 kuma-init:1.3.1 · \
         2022-04-12T13:28:46Z",
    ),
    // Its phase is the end, and it has none: a dead state (ARGO-33), until the deadline.
    (
        "community-plugins_preprod_synced_degraded",
        "running: Succeeded",
        STAYS,
        "Synced · Degraded · quarkus-app:latest · 2024-04-22T17:57:40Z",
    ),
    // No operation at all is shown of what only a person deploys (ARGO-29).
    (
        "gitops-backend_application1",
        "running: Synced",
        "lost: Synced",
        "Synced · 2021-05-15T02:12:13Z",
    ),
    ("gitops-engine_application-healthy", "running", "lost", "Healthy"),
    ("gitops-engine_application-degraded", "running", "lost", "Degraded"),
    // Over, compared, healthy: believed when it holds (ARGO-31).
    (
        "gitops-backend_application3",
        "applied: Healthy (nginx-unprivileged:latest)",
        "succeeded: Healthy",
        "Synced · Healthy · nginx-unprivileged:latest · 2022-04-22T17:11:29Z",
    ),
    (
        "roadie_e2e_test-app_full",
        "applied: Healthy (ks-guestbook-demo:0.2)",
        "succeeded: Healthy",
        "Synced · Healthy · ks-guestbook-demo:0.2 · 2021-08-11T11:38:52Z",
    ),
    (
        "roadie_guestbook_namespaced",
        "applied: Healthy (ks-guestbook-demo:0.2)",
        "succeeded: Healthy",
        "Synced · Healthy · ks-guestbook-demo:0.2 · 2020-11-18T16:47:04Z",
    ),
    (
        "roadie_guestbook_synced_healthy",
        "applied: Healthy (ks-guestbook-demo:0.2)",
        "succeeded: Healthy",
        "Synced · Healthy · ks-guestbook-demo:0.2 · 2020-11-18T16:47:04Z",
    ),
];

/// The moments of a sync that brings a new image.
const SYNC_OK: &[Row] = &[
    // Its operation is one from before the plan.
    (
        "t0_before_outofsync_healthy_old_operationState",
        "running: OutOfSync chatops",
        "lost: OutOfSync chatops",
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-01T00:00:00Z",
    ),
    (
        "t1_sync_response_operation_set_operationState_absent",
        "running: Syncing",
        STAYS,
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-01T00:00:00Z",
    ),
    (
        "t2_running",
        "running: Running: one or more tasks are running",
        STAYS,
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-01T00:00:00Z",
    ),
    (
        "t3_succeeded_but_not_reconciled_status_stale",
        "applied: applied, being compared",
        STAYS,
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-02T10:00:09Z",
    ),
    // The image of before is the proof that "Healthy" is that of before.
    (
        "t4_reconciled_synced_healthy_stale_before_rollout",
        "applied: Healthy (app:1.0.0)",
        STAYS,
        "Synced · Healthy · app:1.0.0 · 2026-01-02T10:00:09Z",
    ),
    (
        "t5_synced_progressing",
        "applied: Progressing: Waiting for rollout to finish: \
         1 out of 2 new replicas have been updated...",
        STAYS,
        "Synced · Progressing · app:1.1.0 · 2026-01-02T10:00:09Z",
    ),
    // The new image runs: no wait is needed.
    (
        "t6_synced_healthy",
        "succeeded: Healthy",
        STAYS,
        "Synced · Healthy · app:1.1.0 · 2026-01-02T10:00:09Z",
    ),
];

/// How such a sync goes wrong.
const SYNC_BAD: &[Row] = &[
    // It may recover (ARGO-34).
    (
        "degraded_after_sync",
        "applied: Degraded: Deployment \"app\" exceeded its progress deadline",
        "failed: Degraded: Deployment \"app\" exceeded its progress deadline",
        "Synced · Degraded · app:1.0.0 · 2026-01-02T10:00:09Z",
    ),
    (
        "failed_task",
        "failed: one or more objects failed to apply, reason: admission webhook \
         denied the request; Deployment/app",
        STAYS,
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-01T00:00:00Z",
    ),
    // An end of this attempt, not of the operation (ARGO-30).
    (
        "retrying_running_with_retryCount",
        "running: Running: one or more objects failed to apply. Retrying attempt #1 at 10:00AM.",
        STAYS,
        "OutOfSync · Healthy · app:1.0.0 · 2026-01-01T00:00:00Z",
    ),
    (
        "suspended",
        "waiting: Suspended",
        STAYS,
        "Synced · Suspended · app:1.0.0 · 2026-01-02T10:00:09Z",
    ),
];

/// The evidence of a plan whose operation this is. No sample tells what it changed: a new image only where
/// the sample was built so.
fn evidence(app: &App, brings_image: bool) -> Evidence {
    let image = |tag: &str| format!("registry.example/app:{tag}");
    let images = |tag: &str| brings_image.then(|| image(tag)).into_iter().collect();
    let state = app.status.operation_state.as_ref();
    Evidence {
        project: app.spec.project.clone(),
        mode: if app.is_automated() { Mode::Watch } else { Mode::Start },
        history_ids: app.status.history.iter().map(|entry| entry.id).collect(),
        operation_started_at: Some("2018-01-01T00:00:00Z".to_owned()),
        account: Some("wilco".to_owned()),
        sources: 1,
        revisions: state.map(|state| state.operation.revisions()).unwrap_or_default(),
        entry: None,
        proof: Proof {
            only: Vec::new(),
            expect_images: images("1.1.0"),
            gone_images: images("1.0.0"),
            children: Vec::new(),
        },
    }
}

/// What is seen of the operation at once, and what a minute later.
fn followed(app: &Value, brings_image: bool) -> (String, String) {
    let mut app: App = serde_json::from_value(app.clone()).unwrap();
    let evidence = evidence(&app, brings_image);
    let info = json!([{ "name": "wilco", "value": OURS }]);
    let state = app.status.operation_state.as_mut().map(|state| &mut state.operation);
    let from_before = "2026-01-01T00:00:00Z";
    for operation in app.operation.iter_mut().chain(state) {
        operation.info = serde_json::from_value(info.clone()).unwrap();
    }
    if let Some(state) = &mut app.status.operation_state
        && state.started_at.as_deref() == Some(from_before)
    {
        state.operation.info.clear();
    }
    let mut memory = watch::Memory::default();
    let mut look = |secs: u64| {
        let now = Timestamp(0) + Duration::from_secs(secs);
        let seen = watch::sync(&app, OURS, Some(&evidence), &mut memory, now);
        memory = watch::Memory::of(&memory.to_value());
        line(&seen)
    };
    (look(1), look(61))
}

/// What the question for the state answers.
fn state(app: &Value) -> String {
    let app: App = serde_json::from_value(app.clone()).unwrap();
    let target: Target = "main/argocd/app".parse().unwrap();
    let seen = diff::Seen { app, items: None, delta: None, stale: false, moving: false };
    let row = row(&target, &seen);
    let at = row.changed_at.map(|at| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string());
    let parts = [row.sync, row.health, row.live.join(" "), at.unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[test]
fn every_recorded_application_has_its_verdict() {
    for (folder, table) in
        [("applications", APPLICATIONS), ("sync_ok", SYNC_OK), ("sync_bad", SYNC_BAD)]
    {
        assert_whole(folder, "", table.iter().map(|row| row.0));
        for (name, at_once, later, answer) in table {
            let app = sample(folder, name);
            let seen = followed(&app, folder != "applications");
            let later = if *later == STAYS { at_once } else { later };
            assert_eq!((seen.0.as_str(), seen.1.as_str()), (*at_once, *later), "{folder}/{name}");
            assert_eq!(state(&app), *answer, "{folder}/{name}");
        }
    }
}

/// Objects of Argo CD's own tests of its health and its actions, as if they had just been restarted: the
/// sample, the health that Argo CD gives it, what is seen at once and a minute later, in which words.
const OBJECTS: &[(&str, &str, [&str; 2], &str)] = &[
    (
        "Deployment_deployment",
        "Progressing",
        ["applied", "applied"],
        "Deployment/nginx-deploy: 3/3, 2 available",
    ),
    (
        "Deployment_deployment-restarted",
        "Progressing",
        ["applied", "applied"],
        "Deployment/nginx-deploy: 3/3, 2 available",
    ),
    (
        "Deployment_deployment-scaled",
        "Progressing",
        ["applied", "applied"],
        "Deployment/nginx-deploy: 3/6",
    ),
    (
        "Deployment_deployment-pause",
        "Suspended",
        ["waiting", "waiting"],
        "Deployment/nginx-deploy: paused",
    ),
    ("Deployment_deployment-resume", "Healthy", ["succeeded", "succeeded"], "Healthy"),
    (
        "Rollout_degraded_abortedRollout",
        "Degraded",
        ["applied", "failed"],
        "Rollout/canary-demo: RolloutAborted: Rollout is aborted",
    ),
    (
        "Rollout_degraded_invalidSpec",
        "Degraded",
        ["applied", "failed"],
        "Rollout/basic: InvalidSpec: The Rollout \"basic\" is invalid: spec.strategy.strategy: \
         Required value: Rollout has missing field \
         '.spec.strategy.canary or .spec.strategy.blueGreen'",
    ),
    // Its `observedGeneration` is a hash, as older controllers write it.
    (
        "Rollout_degraded_rolloutTimeout",
        "Degraded",
        ["applied", "failed"],
        "Rollout/guestbook-bluegreen-helm-guestbook: ProgressDeadlineExceeded: ReplicaSet \
         \"guestbook-bluegreen-helm-guestbook-6b8cf6f7db\" has timed out progressing.",
    ),
    // No condition speaks of it, only the phase.
    (
        "Rollout_degraded_statusPhaseMessage",
        "Degraded",
        ["applied", "failed"],
        "Rollout/basic: Degraded: InvalidSpec",
    ),
    (
        "Rollout_suspended_controllerPause",
        "Suspended",
        ["waiting", "waiting"],
        "Rollout/canary-demo: CanaryPauseStep",
    ),
    (
        "Rollout_suspended_userPause",
        "Suspended",
        ["waiting", "waiting"],
        "Rollout/example-rollout-canary: paused",
    ),
    (
        "Rollout_suspended_v1.0_pausedRollout",
        "Suspended",
        ["waiting", "waiting"],
        "Rollout/rollouts-demo: CanaryPauseStep",
    ),
];

/// The workload before it was restarted, and the sample with the stamp of a restart.
fn restarted(mut live: Value) -> (Workload, Option<Value>) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let node = Node {
        kind: text(&live["kind"]),
        namespace: text(&live["metadata"]["namespace"]),
        name: text(&live["metadata"]["name"]),
        ..Node::default()
    };
    let stamp = json!("2026-01-02T10:00:00Z");
    if node.kind == "Rollout" {
        live["spec"]["restartAt"] = stamp.clone();
        live["status"]["restartedAt"] = stamp;
    } else {
        let annotations = &mut live["spec"]["template"]["metadata"]["annotations"];
        annotations["kubectl.kubernetes.io/restartedAt"] = stamp;
    }
    (Workload { object: ObjectName::of(node), restarted_at: None }, Some(live))
}

#[test]
fn every_recorded_workload_has_its_verdict_when_it_was_restarted() {
    assert_whole("live_objects", "", OBJECTS.iter().map(|row| row.0));
    for (name, health, [at_once, later], words) in OBJECTS {
        let found = [restarted(sample("live_objects", name))];
        let app = json!({ "status": { "health": { "status": health } } });
        let app: App = serde_json::from_value(app).unwrap();
        let mut memory = watch::Memory::default();
        let mut look = |secs: u64| {
            let now = Timestamp(0) + Duration::from_secs(secs);
            line(&watch::restart(&found, &Receipt::default(), &app, &mut memory, now))
        };
        assert_eq!(look(1), format!("{at_once}: {words}"), "{name}");
        assert_eq!(look(61), format!("{later}: {words}"), "{name}, a minute later");
    }
}
