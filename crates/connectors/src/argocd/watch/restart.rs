//! Is a restart done? It has no operation to look at (ARGO-39): the workloads' own controllers tell, by the
//! rule of `kubectl rollout status`, and then the health of the application. Pure.

use serde_json::Value;
use wilco_core::answer::{Pause, Seen};
use wilco_core::time::Timestamp;

use super::super::restart::{Receipt, Workload};
use super::super::wire::App;
use super::memory::Memory;
use super::proof::{GRACE, LOST_AFTER};
use crate::http::clean;

/// How far a workload is, the one that decides last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// All its pods are new and serve.
    Done,
    /// Pods are being replaced; how many.
    Under(String),
    /// It stands still until somebody acts.
    Waits(String),
    /// It does not carry another stamp than before.
    Untouched,
    /// Its controller has given up.
    Bad(String),
}

/// One look at the restart of these workloads, each with what the cluster holds, and their application. What
/// was left out is named at every end but a success, which there is none then.
pub(in super::super) fn restart(
    found: &[(Workload, Option<Value>)],
    receipt: &Receipt,
    app: &App,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let seen = restarted(found, receipt, app, memory, now);
    if receipt.left.is_empty() {
        return seen;
    }
    let (left, others) = left_out(found, receipt);
    match seen {
        Seen::Succeeded { .. } => Seen::Failed { note: clean(&[left, others].concat().join(", ")) },
        Seen::Failed { note } => {
            Seen::Failed { note: clean(&format!("{note}; {}", left.join(", "))) }
        }
        Seen::Lost { note } => Seen::Lost { note: clean(&format!("{note}; {}", left.join(", "))) },
        seen => seen,
    }
}

/// The same of those that were restarted.
fn restarted(
    found: &[(Workload, Option<Value>)],
    receipt: &Receipt,
    app: &App,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let asked = found.iter().filter(|(workload, _)| why_left(workload, receipt).is_none());
    let states = asked.map(|(workload, live)| (state(workload, live.as_ref()), workload));
    let Some((worst, workload)) = states.max_by(|(a, _), (b, _)| a.cmp(b)) else {
        return Seen::Failed { note: app.status.health.status.clone() };
    };
    let note =
        |what: &str| clean(format!("{}: {what}", workload.object).trim_end_matches([':', ' ']));
    if !matches!(worst, State::Untouched) {
        memory.absent_since = None;
    }
    match &worst {
        State::Bad(what) => return bad(memory, now, note(what)),
        // What was asked for shows at once; whoever took it back did something else.
        State::Untouched => {
            let since = *memory.absent_since.get_or_insert(now);
            let note = note("");
            return if now.since(since) < LOST_AFTER {
                Seen::Applied { note }
            } else {
                Seen::Lost { note }
            };
        }
        State::Waits(what) => {
            memory.bad_since = None;
            return Seen::Waiting(Pause::noted(note(what)));
        }
        State::Under(what) => {
            memory.bad_since = None;
            return Seen::Applied { note: note(what) };
        }
        State::Done => {}
    }
    let health = &app.status.health;
    let words =
        clean(format!("{}: {}", health.status, health.message).trim_end_matches([':', ' ']));
    match health.status.as_str() {
        "Degraded" | "Missing" => return bad(memory, now, words),
        _ => memory.bad_since = None,
    }
    match health.status.as_str() {
        "Healthy" => Seen::Succeeded { note: health.status.clone(), warnings: Vec::new() },
        "Suspended" => Seen::Waiting(Pause::noted(words)),
        // The application is compared a moment later than its workloads are done.
        _ => Seen::Applied { note: words },
    }
}

fn bad(memory: &mut Memory, now: Timestamp, note: String) -> Seen {
    let since = *memory.bad_since.get_or_insert(now);
    if now.since(since) < GRACE { Seen::Applied { note } } else { Seen::Failed { note } }
}

/// `StatefulSet/db ✗ permission denied`: what was left out and why. And `Deployment/api ✓`: the others.
fn left_out(found: &[(Workload, Option<Value>)], receipt: &Receipt) -> (Vec<String>, Vec<String>) {
    let (mut left, mut others) = (Vec::new(), Vec::new());
    for (workload, _) in found {
        let object = &workload.object;
        match why_left(workload, receipt) {
            Some("") => left.push(format!("{object} ✗ not found")),
            Some(why) => left.push(format!("{object} ✗ {why}")),
            None => others.push(format!("{object} ✓")),
        }
    }
    (left, others)
}

/// Why a workload was left out, when it was.
fn why_left<'a>(workload: &Workload, receipt: &'a Receipt) -> Option<&'a str> {
    let path = workload.object.path();
    receipt.left.iter().find(|(left, _)| *left == path).map(|(_, why)| why.as_str())
}

fn state(workload: &Workload, live: Option<&Value>) -> State {
    let Some(live) = live else { return State::Bad("not found".to_owned()) };
    if !workload.is_restarted(live) {
        return State::Untouched;
    }
    let kind = workload.object.kind.as_str();
    let number = |place: &str| number(live, place);
    if !is_observed(live) {
        return State::Under(String::new());
    }
    if let Some(why) = given_up(live) {
        return State::Bad(why);
    }
    let word = |place: &str| live.pointer(place).and_then(Value::as_str).unwrap_or_default();
    if live.pointer("/spec/paused").and_then(Value::as_bool) == Some(true) {
        return State::Waits("paused".to_owned());
    }
    let by_hand = word("/spec/updateStrategy/type") == "OnDelete";
    let state = match kind {
        "DaemonSet" => {
            let wanted = number("/status/desiredNumberScheduled").unwrap_or(0);
            let updated = number("/status/updatedNumberScheduled").unwrap_or(0);
            let serving = number("/status/numberAvailable").unwrap_or(0);
            counted(wanted, updated, updated, serving)
        }
        "StatefulSet" => {
            let replicas = number("/spec/replicas").unwrap_or(1);
            // Below the partition pods stay as they are on purpose.
            let partition = number("/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
            let wanted = (replicas - partition).max(0);
            let current = word("/status/currentRevision") == word("/status/updateRevision");
            // Once all are new, the field is gone or counts nothing any more.
            let updated =
                if current { wanted } else { number("/status/updatedReplicas").unwrap_or(0) };
            // Ready are all together: first those that stay as they are, then the new ones.
            let ready = number("/status/readyReplicas").unwrap_or(0);
            let serving = (ready - (replicas - wanted)).max(0);
            match counted(wanted, updated, updated, serving) {
                // Pods that people delete leave `currentRevision` as it was (kubernetes#73492).
                State::Done if current || by_hand => State::Done,
                State::Done if partition > 0 => State::Waits(format!("partition: {partition}")),
                State::Done => State::Under(String::new()),
                counted => counted,
            }
        }
        "Rollout" if word("/status/restartedAt") != word("/spec/restartAt") => {
            State::Under(word("/status/phase").to_owned())
        }
        // It paused before its new version had all pods, and these were replaced as well.
        "Rollout"
            if !word("/status/pauseConditions/0/reason").is_empty()
                && number("/status/availableReplicas") >= number("/spec/replicas") =>
        {
            State::Waits(word("/status/pauseConditions/0/reason").to_owned())
        }
        _ => {
            let wanted = number("/spec/replicas").unwrap_or(1);
            let updated = number("/status/updatedReplicas").unwrap_or(0);
            let all = number("/status/replicas").unwrap_or(0);
            let serving = number("/status/availableReplicas").unwrap_or(0);
            counted(wanted, updated, all, serving)
        }
    };
    match state {
        State::Under(_) if by_hand => State::Waits("updateStrategy: OnDelete".to_owned()),
        state => state,
    }
}

/// So many are wanted, so many are new, so many are there, so many serve.
fn counted(wanted: i64, updated: i64, all: i64, serving: i64) -> State {
    if updated < wanted || all > updated {
        return State::Under(format!("{}/{wanted}", updated.min(wanted)));
    }
    if serving < wanted {
        return State::Under(format!("{updated}/{wanted}, {serving} available"));
    }
    State::Done
}

/// A number; Argo Rollouts writes its generation as a text.
fn number(live: &Value, place: &str) -> Option<i64> {
    let value = live.pointer(place)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Whether its controller has seen what is wanted of it. Argo Rollouts before 0.10 wrote a hash in the
/// place of the generation, which tells nothing and counts as seen (so does `isGenerationObserved` in Argo
/// CD's own health check of a Rollout).
fn is_observed(live: &Value) -> bool {
    let place = "/status/observedGeneration";
    let is_hash =
        live.pointer(place).is_some_and(Value::is_string) && number(live, place).is_none();
    is_hash || number(live, place) >= number(live, "/metadata/generation")
}

/// What a controller says that has given up on a rollout: a condition, or only the phase of a Rollout.
fn given_up(live: &Value) -> Option<String> {
    let text = |of: &Value, field: &str| {
        of.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let status = live.get("status")?;
    let conditions = status.get("conditions").and_then(Value::as_array);
    let over = conditions.into_iter().flatten().find(|condition| {
        let reason = text(condition, "reason");
        ["ProgressDeadlineExceeded", "RolloutAborted", "InvalidSpec"].contains(&reason.as_str())
    });
    match over {
        Some(over) => Some(format!("{}: {}", text(over, "reason"), text(over, "message"))),
        None if text(status, "phase") == "Degraded" => {
            Some(format!("Degraded: {}", text(status, "message")))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::super::restart::ObjectName;
    use super::*;

    fn workload(kind: &str) -> Workload {
        let object = ObjectName {
            group: "apps".to_owned(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            namespace: "default".to_owned(),
            name: "wallet".to_owned(),
        };
        Workload { object, restarted_at: None }
    }

    /// A workload of this kind that was restarted, with this status.
    fn restarted(kind: &str, spec: &Value, status: &Value) -> Value {
        let mut live = json!({ "metadata": { "generation": 3 }, "spec": spec, "status": status });
        live["status"]["observedGeneration"] = json!(3);
        live["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] =
            json!("2026-01-02T10:00:00Z");
        if kind == "Rollout" {
            live["spec"]["restartAt"] = json!("2026-01-02T10:00:00Z");
            live["status"]["observedGeneration"] = json!("3");
        }
        live
    }

    fn of(kind: &str, spec: &Value, status: &Value) -> State {
        state(&workload(kind), Some(&restarted(kind, spec, status)))
    }

    fn app(health: &str) -> App {
        serde_json::from_value(json!({ "status": { "health": { "status": health } } })).unwrap()
    }

    #[test]
    fn argo_39_a_deployment_is_done_when_all_its_pods_are_new_and_serve() {
        let spec = json!({ "replicas": 3 });
        let at = |updated: i64, all: i64, serving: i64| {
            let status = json!({
                "replicas": all, "updatedReplicas": updated, "availableReplicas": serving,
            });
            of("Deployment", &spec, &status)
        };
        assert_eq!(at(1, 4, 3), State::Under("1/3".to_owned()));
        assert_eq!(at(3, 4, 3), State::Under("3/3".to_owned()), "an old pod is still there");
        assert_eq!(at(3, 3, 2), State::Under("3/3, 2 available".to_owned()));
        assert_eq!(at(3, 3, 3), State::Done);
        let none = json!({ "replicas": 0 });
        assert_eq!(of("Deployment", &none, &json!({})), State::Done, "no replicas are no pods");
    }

    #[test]
    fn argo_39_what_its_controller_has_not_seen_is_not_done() {
        let status = json!({ "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 });
        let mut live = restarted("Deployment", &json!({ "replicas": 1 }), &status);
        assert_eq!(state(&workload("Deployment"), Some(&live)), State::Done);
        live["status"]["observedGeneration"] = json!(2);
        assert_eq!(state(&workload("Deployment"), Some(&live)), State::Under(String::new()));
    }

    #[test]
    fn argo_39_the_other_kinds_count_in_their_own_words() {
        let daemons = json!({
            "desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberAvailable": 2,
        });
        assert_eq!(of("DaemonSet", &json!({}), &daemons), State::Under("1/2".to_owned()));
        let daemons = json!({
            "desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2,
        });
        assert_eq!(of("DaemonSet", &json!({}), &daemons), State::Done);
        let by_hand = json!({ "updateStrategy": { "type": "OnDelete" } });
        assert_eq!(of("DaemonSet", &by_hand, &daemons), State::Done, "a person deleted the pods");
        let old = json!({
            "desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberAvailable": 2,
        });
        assert!(matches!(of("DaemonSet", &by_hand, &old), State::Waits(_)));
        let paused = json!({ "paused": true });
        assert_eq!(of("Deployment", &paused, &json!({})), State::Waits("paused".to_owned()));
        let set = |current: &str, updated: i64| {
            let status = json!({
                "currentRevision": current, "updateRevision": "new",
                "updatedReplicas": updated, "readyReplicas": 2,
            });
            of("StatefulSet", &json!({ "replicas": 2 }), &status)
        };
        assert_eq!(set("old", 1), State::Under("1/2".to_owned()));
        assert_eq!(set("old", 2), State::Under(String::new()));
        assert_eq!(set("new", 0), State::Done);
        let partition = json!({
            "replicas": 2, "updateStrategy": { "rollingUpdate": { "partition": 1 } },
        });
        let status = json!({
            "currentRevision": "old", "updateRevision": "new", "updatedReplicas": 1, "readyReplicas": 2,
        });
        assert_eq!(of("StatefulSet", &partition, &status), State::Waits("partition: 1".to_owned()));
        let rollout = |at: &str, serving: i64| {
            let status = json!({
                "restartedAt": at, "replicas": 1, "updatedReplicas": 1, "availableReplicas": serving,
            });
            of("Rollout", &json!({}), &status)
        };
        assert!(matches!(rollout("", 1), State::Under(_)));
        assert!(
            matches!(rollout("2026-01-02T10:00:00Z", 0), State::Under(_)),
            "evicted, not there yet"
        );
        assert_eq!(rollout("2026-01-02T10:00:00Z", 1), State::Done);
    }

    #[test]
    fn argo_39_of_a_stateful_set_only_the_pods_above_the_partition_must_be_new_and_serve() {
        let set = |partition: i64, updated: i64, ready: i64| {
            let spec = json!({
                "replicas": 3, "updateStrategy": { "rollingUpdate": { "partition": partition } },
            });
            let status = json!({
                "currentRevision": "old", "updateRevision": "new",
                "updatedReplicas": updated, "readyReplicas": ready,
            });
            of("StatefulSet", &spec, &status)
        };
        assert_eq!(set(0, 3, 2), State::Under("3/3, 2 available".to_owned()));
        assert_eq!(set(1, 1, 3), State::Under("1/2".to_owned()));
        assert_eq!(set(1, 2, 2), State::Under("2/2, 1 available".to_owned()));
        assert_eq!(set(2, 1, 1), State::Under("1/1, 0 available".to_owned()), "never below none");
        assert_eq!(set(1, 2, 3), State::Waits("partition: 1".to_owned()));
        assert_eq!(set(5, 0, 3), State::Waits("partition: 5".to_owned()), "it keeps all of them");
    }

    #[test]
    fn argo_39_a_stateful_set_on_delete_is_done_when_people_have_deleted_all_its_old_pods() {
        let set = |updated: i64, ready: i64| {
            let spec = json!({ "replicas": 2, "updateStrategy": { "type": "OnDelete" } });
            let status = json!({
                "currentRevision": "old", "updateRevision": "new",
                "updatedReplicas": updated, "readyReplicas": ready,
            });
            of("StatefulSet", &spec, &status)
        };
        let waits = State::Waits("updateStrategy: OnDelete".to_owned());
        assert_eq!(set(0, 2), waits);
        assert_eq!(set(1, 2), waits);
        assert_eq!(set(2, 1), waits, "the last one does not serve yet");
        assert_eq!(set(2, 2), State::Done);
    }

    #[test]
    fn argo_39_a_rollout_tells_its_pause_and_its_end_in_its_own_words() {
        let stamp = "2026-01-02T10:00:00Z";
        let paused = |restarted_at: &str, serving: i64| {
            let status = json!({
                "restartedAt": restarted_at, "phase": "Paused",
                "replicas": 3, "updatedReplicas": 1, "availableReplicas": serving,
                "pauseConditions": [{ "reason": "CanaryPauseStep", "startTime": stamp }],
            });
            of("Rollout", &json!({ "replicas": 3 }), &status)
        };
        assert_eq!(paused(stamp, 3), State::Waits("CanaryPauseStep".to_owned()));
        assert_eq!(paused(stamp, 2), State::Under("1/3".to_owned()), "pods are still to come");
        assert_eq!(paused("", 3), State::Under("Paused".to_owned()), "pods are still to go");

        let condition =
            |reason: &str| json!({ "conditions": [{ "reason": reason, "message": "x" }] });
        for reason in ["ProgressDeadlineExceeded", "RolloutAborted", "InvalidSpec"] {
            let told = State::Bad(format!("{reason}: x"));
            assert_eq!(of("Rollout", &json!({}), &condition(reason)), told);
        }
        let degraded = json!({ "phase": "Degraded", "message": "x" });
        assert_eq!(of("Rollout", &json!({}), &degraded), State::Bad("Degraded: x".to_owned()));
        let fine = condition("NewReplicaSetAvailable");
        assert!(matches!(of("Rollout", &json!({}), &fine), State::Under(_)));
    }

    #[test]
    fn argo_39_an_older_rollout_writes_a_hash_for_its_generation() {
        for (observed, is_seen) in [
            (json!("3"), true),
            (json!("7bcdbf7bd9"), true),
            (json!("2"), false),
            (json!(null), false),
        ] {
            let live = json!({
                "metadata": { "generation": 3 }, "status": { "observedGeneration": observed },
            });
            assert_eq!(is_observed(&live), is_seen, "{live}");
        }
    }

    /// Looks at one Deployment, each so many seconds after the start.
    #[derive(Default)]
    struct Looks(Memory);

    impl Looks {
        fn at(&mut self, secs: u64, live: &Value, health: &str) -> Seen {
            let found = [(workload("Deployment"), Some(live.clone()))];
            let now = Timestamp(0) + Duration::from_secs(secs);
            restart(&found, &Receipt::default(), &app(health), &mut self.0, now)
        }
    }

    /// A Deployment whose new pods all serve.
    fn good() -> Value {
        let status = json!({ "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1 });
        restarted("Deployment", &json!({}), &status)
    }

    /// A Deployment that its controller has given up on.
    fn given_up_on() -> Value {
        let status = json!({ "conditions": [{
            "type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "x",
        }] });
        restarted("Deployment", &json!({}), &status)
    }

    /// A Deployment that carries no stamp.
    fn untouched() -> Value {
        json!({ "metadata": {}, "spec": {} })
    }

    fn goes_on(seen: &Seen) -> bool {
        matches!(seen, Seen::Applied { .. })
    }

    #[test]
    fn who_has_given_up_fails_it_after_a_while_and_health_counts_at_the_end() {
        let mut looks = Looks::default();
        assert!(goes_on(&looks.at(0, &given_up_on(), "Healthy")));
        assert!(goes_on(&looks.at(29, &given_up_on(), "Healthy")));
        let seen = looks.at(30, &given_up_on(), "Healthy");
        assert!(matches!(&seen, Seen::Failed { note } if note.contains("wallet")), "{seen:?}");

        let mut looks = Looks::default();
        assert!(goes_on(&looks.at(0, &good(), "Progressing")));
        let seen = looks.at(1, &good(), "Healthy");
        assert!(matches!(seen, Seen::Succeeded { .. }), "{seen:?}");
    }

    #[test]
    fn argo_34_an_application_that_stays_degraded_fails_it_and_a_suspended_one_waits() {
        for health in ["Degraded", "Missing"] {
            let mut looks = Looks::default();
            assert!(goes_on(&looks.at(0, &good(), health)), "{health}");
            assert!(goes_on(&looks.at(29, &good(), health)), "{health}");
            assert_eq!(looks.at(30, &good(), health), Seen::Failed { note: health.to_owned() });
        }
        let mut looks = Looks::default();
        for secs in [0, 300] {
            let seen = looks.at(secs, &good(), "Suspended");
            let told = matches!(&seen, Seen::Waiting(pause) if pause.note == "Suspended");
            assert!(told, "{secs}: {seen:?}");
        }
    }

    #[test]
    fn argo_34_what_recovers_in_between_starts_the_grace_anew() {
        let paused = restarted("Deployment", &json!({ "paused": true }), &json!({}));
        let under = restarted("Deployment", &json!({}), &json!({}));
        for (live, health) in [(paused, "Healthy"), (under, "Healthy"), (good(), "Progressing")] {
            let mut looks = Looks::default();
            looks.at(0, &given_up_on(), "Healthy");
            looks.at(20, &live, health);
            assert!(goes_on(&looks.at(40, &given_up_on(), "Healthy")), "{live}");
            assert!(goes_on(&looks.at(69, &given_up_on(), "Healthy")), "{live}");
            let seen = looks.at(70, &given_up_on(), "Healthy");
            assert!(matches!(seen, Seen::Failed { .. }), "{live}: {seen:?}");
        }
    }

    #[test]
    fn what_was_taken_back_is_lost_after_ten_seconds_without_a_break() {
        let mut looks = Looks::default();
        assert!(goes_on(&looks.at(0, &untouched(), "Healthy")), "not believed at once");
        assert!(goes_on(&looks.at(5, &good(), "Progressing")));
        assert!(goes_on(&looks.at(12, &untouched(), "Healthy")));
        assert!(goes_on(&looks.at(21, &untouched(), "Healthy")));
        let note = "Deployment/wallet".to_owned();
        assert_eq!(looks.at(22, &untouched(), "Healthy"), Seen::Lost { note });
    }

    #[test]
    fn what_was_left_out_is_named_at_every_end_and_makes_it_no_success() {
        let left = json!([
            ["Deployment/default/wallet", "permission denied"],
            ["DaemonSet/default/wallet", ""],
        ]);
        let receipt = Receipt::of(&json!({ "left": left, "applied": true }));
        let done = json!({
            "currentRevision": "new", "updateRevision": "new", "readyReplicas": 1,
        });
        let set = |live: Value| (workload("StatefulSet"), Some(live));
        let done = set(restarted("StatefulSet", &json!({}), &done));
        let found =
            |set| [set, (workload("Deployment"), Some(untouched())), (workload("DaemonSet"), None)];
        let mut memory = Memory::default();
        let mut seen = |found: &[_], health: &str, secs: u64| {
            let now = Timestamp(0) + Duration::from_secs(secs);
            restart(found, &receipt, &app(health), &mut memory, now)
        };
        let told = "Deployment/wallet ✗ permission denied, DaemonSet/wallet ✗ not found";
        // The one that was restarted is done, fails, or is taken back.
        let note = format!("{told}, StatefulSet/wallet ✓");
        assert_eq!(seen(&found(done.clone()), "Healthy", 0), Seen::Failed { note });
        let under = seen(&found(done.clone()), "Degraded", 1);
        assert_eq!(under, Seen::Applied { note: "Degraded".to_owned() }, "no end");
        let note = format!("Degraded; {told}");
        assert_eq!(seen(&found(done), "Degraded", 31), Seen::Failed { note });
        assert!(goes_on(&seen(&found(set(untouched())), "Healthy", 40)));
        let note = format!("StatefulSet/wallet; {told}");
        assert_eq!(seen(&found(set(untouched())), "Healthy", 50), Seen::Lost { note });
        // None was restarted.
        let note = format!("Healthy; {told}");
        assert_eq!(seen(&found(set(untouched()))[1..], "Healthy", 51), Seen::Failed { note });
    }
}
