//! Restart: the pods of an application's workloads are replaced by new ones of the same kind (ARGO-39).
//!
//! An action has no operation, no tag and no answer but `{}`, and a second one is a second restart. What
//! tells them apart is the stamp that it leaves on the workload: the plan notes the stamp of before, and
//! whoever finds another one finds the restart. So a workload that carries another stamp is never asked
//! again, and an application of which some do is finished, not begun anew.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::{Finding, Operation};
use wilco_core::plan::{Change, Freshness, Mode, ObjectChange, Obstacle, TargetPlan};
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::ArgoCd;
use super::client::{Instance, Look, WriteError};
use super::diff::PARALLEL;
use super::wire::{Node, ResultLine};
use crate::http::Request;

/// The action, as Argo CD calls it.
const RESTART: &str = "restart";
/// Where Kubernetes notes a restart by hand.
const RESTARTED_AT: &str = "/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt";
/// Where Argo Rollouts does.
const RESTART_AT: &str = "/spec/restartAt";

/// The name of an object, as the calls want it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ObjectName {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

impl ObjectName {
    pub(super) fn of(node: Node) -> Self {
        let Node { group, version, kind, namespace, name, .. } = node;
        Self { group, version, kind, namespace, name }
    }

    pub(super) fn of_line(line: &ResultLine) -> Self {
        let ResultLine { group, version, kind, namespace, name, .. } = line.clone();
        Self { group, version, kind, namespace, name }
    }

    /// `Deployment/default/wallet-api`: of one name there may be one in each namespace.
    pub(super) fn path(&self) -> String {
        let Self { kind, namespace, name, .. } = self;
        format!("{kind}/{namespace}/{name}")
    }

    /// The request about this object.
    pub(super) fn queried(&self, request: Request) -> Request {
        request
            .query("namespace", &self.namespace)
            .query("resourceName", &self.name)
            .query("version", &self.version)
            .query("group", &self.group)
            .query("kind", &self.kind)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// A workload and the stamp that it carried when the plan was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Workload {
    pub(super) object: ObjectName,
    pub(super) restarted_at: Option<String>,
}

impl Workload {
    /// Whether it was restarted since.
    pub(super) fn is_restarted(&self, live: &Value) -> bool {
        stamp(&self.object.kind, live) != self.restarted_at
    }
}

/// `TargetPlan::evidence` of a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Evidence {
    /// The project, which every call wants (ARGO-7).
    pub(super) project: String,
    pub(super) workloads: Vec<Workload>,
}

impl Evidence {
    pub(super) fn of(operation: &Operation) -> Option<Self> {
        serde_json::from_value(operation.evidence.clone()).ok()
    }
}

/// Receipt of a restart: which workloads could not be restarted (their paths), and why, in the tool's own
/// words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    #[serde(default)]
    pub(super) left: Vec<(String, String)>,
    /// There is nothing that could be stopped: what was asked for is done.
    applied: bool,
}

impl Receipt {
    fn written(left: Vec<(String, String)>) -> Value {
        json!(Self { left, applied: true })
    }

    pub(super) fn of(value: &Value) -> Self {
        serde_json::from_value(value.clone()).unwrap_or_default()
    }
}

/// When it was restarted last, as it carries it.
fn stamp(kind: &str, live: &Value) -> Option<String> {
    let place = if kind == "Rollout" { RESTART_AT } else { RESTARTED_AT };
    live.pointer(place).and_then(Value::as_str).map(str::to_owned)
}

impl ArgoCd {
    /// Which workloads a restart would replace, in the order asked for.
    pub(super) async fn workloads(&self, targets: &[Target]) -> Result<Vec<TargetPlan>, Trouble> {
        self.learn(targets).await?;
        let plans = stream::iter(targets.to_vec())
            .map(|target| async move { plan(self.instance(&target)?, &target).await })
            .buffered(PARALLEL);
        plans.try_collect().await
    }
}

async fn plan(instance: &Instance, target: &Target) -> Result<TargetPlan, Trouble> {
    let app = instance.app(target, Look::Plain).await?;
    let project = app.spec.project.clone();
    let (mut objects, mut workloads) = (Vec::new(), Vec::new());
    for node in instance.workloads(target, &project).await? {
        let object = ObjectName::of(node);
        // One that is named and not there yet has no pods either.
        let Some(live) = instance.object(target, &project, &object).await? else { continue };
        let kind = &object.kind;
        let uid = live.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or_default();
        objects.push(ObjectChange {
            object: object.path(),
            change: Change::Restarted,
            fields: Vec::new(),
            // One that was made anew is another one.
            hash: uid.to_owned(),
        });
        let restarted_at = stamp(kind, &live);
        workloads.push(Workload { object, restarted_at });
    }
    objects.sort();
    let obstacle = match &app.operation {
        Some(operation) => Some(Obstacle::Busy { by: operation.by() }),
        None if workloads.is_empty() => Some(Obstacle::NothingToRestart),
        None => None,
    };
    Ok(TargetPlan {
        wanted: Vec::new(),
        only: None,
        charts: Vec::new(),
        target: target.clone(),
        images: Vec::new(),
        objects,
        revisions: Vec::new(),
        commits: Vec::new(),
        between: Vec::new(),
        returns: None,
        mode: Mode::Start,
        obstacle,
        freshness: Freshness::Now,
        evidence: json!(Evidence { project, workloads }),
    })
}

/// The workloads of an operation with what the cluster holds; `None` for one that is gone.
async fn read(
    instance: &Instance,
    target: &Target,
    evidence: &Evidence,
) -> Result<Vec<Option<Value>>, Trouble> {
    let objects = evidence.workloads.iter().map(|workload| workload.object.clone());
    let reads = stream::iter(objects.collect::<Vec<_>>())
        .map(|object| async move { instance.object(target, &evidence.project, &object).await })
        .buffered(PARALLEL);
    reads.try_collect().await
}

/// What a restart's workloads are now, for whoever follows it.
pub(super) async fn look(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
) -> Result<Vec<(Workload, Option<Value>)>, Trouble> {
    let Some(evidence) = Evidence::of(operation) else {
        return Err(no_evidence(instance, target));
    };
    let lives = read(instance, target, &evidence).await?;
    Ok(evidence.workloads.into_iter().zip(lives).collect())
}

/// Restarts each workload that was not restarted since the plan was read.
pub(super) async fn start(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    permit: &Permit,
) -> Result<Value, OperationFault> {
    let Some(evidence) = Evidence::of(operation) else {
        return Err(OperationFault::Refused(no_evidence(instance, target)));
    };
    // An earlier attempt may have restarted some, so a failed reading says nothing about them.
    let lives = read(instance, target, &evidence).await.map_err(OperationFault::Unclear)?;
    let mut done = 0_usize;
    let mut left: Vec<(String, Trouble)> = Vec::new();
    let of_all =
        |trouble: &Trouble| OperationFault::Refused(instance.about(target, trouble.clone()));
    for (workload, live) in evidence.workloads.iter().zip(&lives) {
        let object = &workload.object;
        match live {
            Some(live) if workload.is_restarted(live) => {
                done += 1;
                continue;
            }
            Some(_) => {}
            None => {
                left.push((object.path(), instance.trouble(TroubleKind::NotFound, "")));
                continue;
            }
        }
        match instance.act(target, &evidence.project, object, RESTART, permit).await {
            Ok(()) => done += 1,
            Err(WriteError::Refused(refusal)) => {
                left.push((object.path(), refusal.into_trouble()));
            }
            // Of this one surely nothing was sent; of the whole that is not so any more.
            Err(WriteError::Fault(OperationFault::Refused(trouble))) if done > 0 => {
                return Err(OperationFault::Unclear(trouble));
            }
            Err(WriteError::Fault(OperationFault::PermitOver)) if done > 0 => {
                let late = instance.trouble(TroubleKind::TimedOut, &object.to_string());
                return Err(OperationFault::Unclear(instance.about(target, late)));
            }
            Err(WriteError::Fault(fault)) => return Err(fault),
        }
    }
    match left.first() {
        Some((_, trouble)) if done == 0 => Err(of_all(trouble)),
        _ => Ok(Receipt::written(left.into_iter().map(|(name, why)| (name, why.detail)).collect())),
    }
}

/// Whether it happened: to all of them, to some, to none.
pub(super) async fn find(instance: &Instance, target: &Target, operation: &Operation) -> Finding {
    let Some(evidence) = Evidence::of(operation) else {
        return Finding::Unsure("evidence: null".to_owned());
    };
    let lives = match read(instance, target, &evidence).await {
        Ok(lives) => lives,
        Err(trouble) => return Finding::NotNow(trouble),
    };
    let there = || evidence.workloads.iter().zip(&lives);
    let restarted = |(workload, live): &(&Workload, &Option<Value>)| {
        live.as_ref().is_some_and(|live| workload.is_restarted(live))
    };
    let gone = there().filter(|(_, live)| live.is_none());
    let gone: Vec<_> = gone.map(|(workload, _)| (workload.object.path(), String::new())).collect();
    match there().filter(restarted).count() {
        0 if gone.is_empty() => Finding::NotFound,
        // It may have been restarted before it went.
        0 => Finding::Unsure(gone.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ")),
        count if count + gone.len() == lives.len() => Finding::Found(Receipt::written(gone)),
        _ => Finding::Partly,
    }
}

fn no_evidence(instance: &Instance, target: &Target) -> Trouble {
    instance.about(target, instance.trouble(TroubleKind::BadRequest, "evidence"))
}
