//! A pause: a Rollout stands still at a step until a person acts (ARGO-34), or the Job of a hook is suspended, and a
//! person has Argo CD do something about it by an action of the object (ARGO-39).
//!
//! Like a restart such an action has no operation and no tag, and a second `resume` ends the *next* pause.
//! What tells them apart is the pause itself: it is named by when it began, and at which step. Whoever finds
//! another pause, or none, finds that this one was ended; so it is looked at right before it is asked for,
//! and again when nobody knows whether it was.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wilco_core::answer::{Act, Pause, Seen, Stop, Trouble, TroubleKind};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::plan::hex;
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::client::{Instance, WriteError};
use super::diff::PARALLEL;
use super::restart::ObjectName;
use super::wire::Node;

/// How many Rollouts of one application are looked at; each is two requests.
const LOOKED_AT: usize = 5;

/// A Rollout, or the Job of a hook, and the pause that it was in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stopped {
    object: ObjectName,
    /// When the pause began, and at which step.
    since: Vec<String>,
    step: Option<i64>,
}

/// `Pause::evidence` of this connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Evidence {
    /// The project, which every call wants (ARGO-7).
    project: String,
    objects: Vec<Stopped>,
}

/// The act that a call is, if it is one.
pub(super) fn act_of(call: &Call) -> Option<Act> {
    Act::ALL.into_iter().find(|act| act.as_str() == call.action)
}

/// The action, as Argo CD calls it.
fn name_of(act: Act) -> &'static str {
    match act {
        Act::Resume => "resume",
        Act::Promote => "promote-full",
        Act::Abort => "abort",
    }
}

/// When the pauses began that an object is in now; empty when it is in none, or will be out of it as soon
/// as its controller looks.
fn paused_since(live: &Value) -> Vec<String> {
    let status = &live["status"];
    if status["abort"] == true || status["promoteFull"] == true {
        return Vec::new();
    }
    let conditions = status["pauseConditions"].as_array().into_iter().flatten();
    let mut since: Vec<String> = conditions
        .filter_map(|condition| condition["startTime"].as_str())
        .map(str::to_owned)
        .collect();
    if live.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        since.push("spec.paused".to_owned());
    }
    // A Job; the same name may be another one in the next sync.
    if live.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
        let uid = live.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
        since.push(format!("spec.suspend {uid}"));
    }
    since
}

impl Stopped {
    fn of(object: ObjectName, live: &Value) -> Option<Self> {
        let since = paused_since(live);
        let step = live.pointer("/status/currentStepIndex").and_then(Value::as_i64);
        (!since.is_empty()).then_some(Self { object, since, step })
    }

    /// Whether it is still the same pause.
    fn is_here(&self, live: Option<&Value>) -> bool {
        let now = live.and_then(|live| Self::of(self.object.clone(), live));
        now.as_ref() == Some(self)
    }
}

/// Where a Rollout stands: at which step of how many, with how much of the traffic.
fn stop(object: &ObjectName, live: &Value) -> Stop {
    let steps = live.pointer("/spec/strategy/canary/steps").and_then(Value::as_array);
    let at = live.pointer("/status/currentStepIndex").and_then(Value::as_u64);
    let at = at.and_then(|at| usize::try_from(at).ok());
    let weight = steps.zip(at).and_then(|(steps, at)| {
        let passed = steps.iter().take(at.saturating_add(1));
        passed.rev().find_map(|step| step["setWeight"].as_u64())
    });
    let step =
        steps.zip(at).map(|(steps, at)| (at.saturating_add(1).min(steps.len()), steps.len()));
    Stop { object: object.to_string(), step, weight }
}

/// What an application that is Suspended waits for. What cannot be read is not told: that it waits is known,
/// and the pause is looked at again.
pub(super) async fn look(
    instance: &Instance,
    target: &Target,
    project: &str,
    noted: Pause,
) -> Seen {
    let Ok(nodes) = instance.nodes(target, project).await else { return Seen::Waiting(noted) };
    let suspended = |node: &Node| node.health.status == "Suspended" && node.parent_refs.is_empty();
    let (rollouts, others): (Vec<Node>, Vec<Node>) = nodes
        .into_iter()
        .filter(suspended)
        .partition(|node| node.group == "argoproj.io" && node.kind == "Rollout");
    let names = rollouts.into_iter().take(LOOKED_AT).map(ObjectName::of).collect();
    let Ok(lives) = read(instance, target, project, names).await else {
        return Seen::Waiting(noted);
    };
    let looked_at_rollouts = !lives.is_empty();
    let pause = Pause { note: noted.note, ..Pause::default() };
    let mut standing = Standing::of(instance, target, project, lives, pause).await;
    standing.pause.stops.extend(others.iter().map(|node| Stop {
        object: format!("{}/{}", node.kind, node.name),
        step: None,
        weight: None,
    }));
    if standing.pause.stops.is_empty() && looked_at_rollouts {
        // Its controller goes on, and Argo CD has not looked since.
        return Seen::Applied { note: standing.pause.note };
    }
    standing.seen(project)
}

/// Whether one of these hooks, which Argo CD waits for, is a Job that is suspended: it waits for ever, until a person
/// has it go on. What this account may not read runs as far as anybody knows.
///
/// # Errors
/// One of them cannot be read now, so that nobody knows whether it still waits.
pub(super) async fn look_at_hooks(
    instance: &Instance,
    target: &Target,
    project: &str,
    hooks: Vec<ObjectName>,
    note: String,
) -> Result<Seen, Trouble> {
    let names = hooks.into_iter().take(LOOKED_AT).collect();
    let lives = match read(instance, target, project, names).await {
        Err(trouble) if trouble.kind.passes() => return Err(trouble),
        read => read.unwrap_or_default(),
    };
    let pause = Pause { note: note.clone(), is_hook: true, ..Pause::default() };
    let standing = Standing::of(instance, target, project, lives, pause).await;
    Ok(if standing.objects.is_empty() { Seen::Running { note } } else { standing.seen(project) })
}

/// What stands still of some objects.
struct Standing {
    pause: Pause,
    objects: Vec<Stopped>,
}

impl Standing {
    async fn of(
        instance: &Instance,
        target: &Target,
        project: &str,
        lives: Vec<(ObjectName, Option<Value>)>,
        mut pause: Pause,
    ) -> Self {
        let mut open: BTreeSet<Act> = BTreeSet::new();
        let mut objects = Vec::new();
        for (object, live) in lives {
            let Some(live) = live else { continue };
            let Some(stopped) = Stopped::of(object.clone(), &live) else { continue };
            pause.stops.push(stop(&object, &live));
            // Without them a person still knows where it stands.
            let actions = instance.actions(target, project, &object).await.unwrap_or_default();
            open.extend(
                Act::ALL.into_iter().filter(|act| actions.iter().any(|name| name == name_of(*act))),
            );
            objects.push(stopped);
        }
        pause.acts = open.into_iter().collect();
        Self { pause, objects }
    }

    fn seen(self, project: &str) -> Seen {
        let Self { mut pause, objects } = self;
        let evidence = json!(Evidence { project: project.to_owned(), objects });
        let id = hex(&Sha256::digest(evidence.to_string().as_bytes()));
        pause.id = id.chars().take(12).collect();
        pause.evidence = evidence;
        Seen::Waiting(pause)
    }
}

/// Objects with what the cluster holds; `None` for one that is gone.
async fn read(
    instance: &Instance,
    target: &Target,
    project: &str,
    objects: Vec<ObjectName>,
) -> Result<Vec<(ObjectName, Option<Value>)>, Trouble> {
    let reads = stream::iter(objects)
        .map(|object| async move {
            let live = instance.object(target, project, &object).await?;
            Ok((object, live))
        })
        .buffered(PARALLEL);
    reads.try_collect().await
}

/// The objects of an operation, and whether each is still in its pause.
async fn still_here(
    instance: &Instance,
    target: &Target,
    evidence: &Evidence,
) -> Result<Vec<(Stopped, bool)>, Trouble> {
    let objects = evidence.objects.iter().map(|stopped| stopped.object.clone()).collect();
    let lives = read(instance, target, &evidence.project, objects).await?;
    let rollouts = evidence.objects.iter().cloned().zip(lives);
    Ok(rollouts
        .map(|(stopped, (_, live))| (stopped.clone(), stopped.is_here(live.as_ref())))
        .collect())
}

/// Asks for the act on each Rollout that is still in the pause that the person saw.
pub(super) async fn act(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    permit: &Permit,
) -> Result<Value, OperationFault> {
    let refused = |kind, detail: &str| {
        OperationFault::Refused(instance.about(target, instance.trouble(kind, detail)))
    };
    let (Some(act), Some(evidence)) = (act_of(&operation.call), evidence_of(operation)) else {
        return Err(refused(TroubleKind::BadRequest, "evidence"));
    };
    // An earlier attempt may have ended some, so a failed reading says nothing about them.
    let rollouts =
        still_here(instance, target, &evidence).await.map_err(OperationFault::Unclear)?;
    let mut done = false;
    let mut left: Option<Trouble> = None;
    for (stopped, _) in rollouts.iter().filter(|(_, here)| *here) {
        let object = &stopped.object;
        match instance.act(target, &evidence.project, object, name_of(act), permit).await {
            Ok(()) => done = true,
            Err(WriteError::Refused(refusal)) => left = Some(refusal.into_trouble()),
            // Of this one surely nothing was sent; of the whole that is not so any more.
            Err(WriteError::Fault(OperationFault::Refused(trouble))) if done => {
                return Err(OperationFault::Unclear(trouble));
            }
            Err(WriteError::Fault(OperationFault::PermitOver)) if done => {
                let late = instance.trouble(TroubleKind::TimedOut, &object.to_string());
                return Err(OperationFault::Unclear(instance.about(target, late)));
            }
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
    }
    match left {
        Some(trouble) => Err(OperationFault::Refused(instance.about(target, trouble))),
        None if !done => Err(refused(TroubleKind::Over, "")),
        None => Ok(json!({ "act": act })),
    }
}

/// Whether it happened, to all of them, to some, to none. Whoever ended the pause: it is over.
pub(super) async fn find(instance: &Instance, target: &Target, operation: &Operation) -> Finding {
    let Some(evidence) = evidence_of(operation) else {
        return Finding::Unsure("evidence: null".to_owned());
    };
    let rollouts = match still_here(instance, target, &evidence).await {
        Ok(rollouts) => rollouts,
        Err(trouble) => return Finding::NotNow(trouble),
    };
    match rollouts.iter().filter(|(_, here)| *here).count() {
        0 => Finding::Found(json!({ "act": act_of(&operation.call) })),
        all if all == rollouts.len() => Finding::NotFound,
        _ => Finding::Partly,
    }
}

fn evidence_of(operation: &Operation) -> Option<Evidence> {
    serde_json::from_value(operation.evidence.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::recorded::{assert_whole, sample};
    use super::*;

    fn name() -> ObjectName {
        ObjectName::of(Node { kind: "Rollout".into(), name: "web".into(), ..Node::default() })
    }

    fn live(index: i64, since: &str) -> Value {
        json!({
            "spec": { "strategy": { "canary": { "steps": [
                { "setWeight": 20 }, { "pause": {} }, { "setWeight": 60 }, { "pause": {} },
            ] } } },
            "status": {
                "currentStepIndex": index,
                "pauseConditions": [{ "reason": "CanaryPauseStep", "startTime": since }],
            },
        })
    }

    #[test]
    fn argo_34_a_pause_is_told_by_step_and_weight() {
        let told = |live: &Value| {
            let Stop { step, weight, .. } = stop(&name(), live);
            (step, weight)
        };
        assert_eq!(told(&live(1, "a")), (Some((2, 4)), Some(20)));
        assert_eq!(told(&live(3, "a")), (Some((4, 4)), Some(60)));
        assert_eq!(told(&live(9, "a")), (Some((4, 4)), Some(60)), "past the end");
        assert_eq!(told(&json!({ "spec": { "strategy": { "blueGreen": {} } } })), (None, None));
        let first = json!({
            "spec": { "strategy": { "canary": { "steps": [{ "pause": {} }] } } },
            "status": { "currentStepIndex": 0 },
        });
        assert_eq!(told(&first), (Some((1, 1)), None), "before any weight");
    }

    #[test]
    fn argo_34_every_recorded_rollout_is_in_its_pause_or_in_none() {
        let user = ("spec.paused", Some((2, 2)), Some(20));
        let controller = ("2019-12-09T18:34:12Z", Some((2, 2)), Some(20));
        let newer = ("2021-07-15T21:08:55Z", Some((2, 8)), Some(21));
        let table = [
            ("Rollout_suspended_userPause", Some(user)),
            ("Rollout_suspended_controllerPause", Some(controller)),
            ("Rollout_suspended_v1.0_pausedRollout", Some(newer)),
            ("Rollout_degraded_abortedRollout", None),
            ("Rollout_degraded_invalidSpec", None),
            ("Rollout_degraded_rolloutTimeout", None),
            ("Rollout_degraded_statusPhaseMessage", None),
        ];
        assert_whole("live_objects", "Rollout_", table.iter().map(|row| row.0));
        for (sample_name, expected) in table {
            let live = sample("live_objects", sample_name);
            let seen = Stopped::of(name(), &live).map(|stopped| stopped.since);
            let Stop { step, weight, .. } = stop(&name(), &live);
            let seen = seen.map(|since| (since.join(" "), step, weight));
            let expected = expected.map(|(since, step, weight)| (since.to_owned(), step, weight));
            assert_eq!(seen, expected, "{sample_name}");
        }
    }

    #[test]
    fn a_pause_is_here_until_anything_of_it_is_different() {
        let seen = Stopped::of(name(), &live(1, "09:00")).unwrap();
        assert!(seen.is_here(Some(&live(1, "09:00"))));
        for (what, now) in [
            ("the next one", live(3, "09:05")),
            ("the same step, begun again", live(1, "09:05")),
            ("none", json!({ "status": { "currentStepIndex": 1 } })),
        ] {
            assert!(!seen.is_here(Some(&now)), "{what}");
        }
        for flag in ["abort", "promoteFull"] {
            let mut asked = live(1, "09:00");
            asked["status"][flag] = json!(true);
            assert!(!seen.is_here(Some(&asked)), "{flag} was asked, the controller has not looked");
        }
        assert!(!seen.is_here(None), "it is gone");
        let by_hand = json!({ "spec": { "paused": true } });
        assert!(Stopped::of(name(), &by_hand).unwrap().is_here(Some(&by_hand)));
    }
}
