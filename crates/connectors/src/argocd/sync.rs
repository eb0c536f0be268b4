//! Effects: starting a sync, and terminating one of ours.

use serde_json::{Value, json};
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::Operation;
use wilco_core::plan::Mode;
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::args;
use super::client::{Instance, Look, WriteError, accepted};
use super::error::Refusal;
use super::evidence::Evidence;
use super::wire::App;

/// Starts the sync of an operation, or lets Argo CD look into git for one that deploys by itself.
pub(super) async fn start(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    permit: &Permit,
) -> Result<Value, OperationFault> {
    let refused = OperationFault::Refused;
    let Some(evidence) = Evidence::of(&operation.evidence) else {
        return Err(refused(bad(instance, target, "evidence")));
    };
    if evidence.mode == Mode::Watch {
        return match instance.app(target, Look::Refreshed).await {
            Ok(_) => Ok(watched()),
            Err(trouble) if trouble.kind == TroubleKind::TimedOut => Ok(watched()),
            Err(trouble) => Err(refused(trouble)),
        };
    }
    let revisions = args::texts(&operation.call.with, "revisions")
        .map_err(|detail| refused(bad(instance, target, &detail)))?;
    if revisions.is_empty() || revisions.iter().any(String::is_empty) {
        // Without a revision Argo CD would take the newest, which nobody has seen (ARGO-25).
        return Err(refused(bad(instance, target, "revisions: empty")));
    }
    let tag = operation.id.as_str();
    let several = evidence.sources > 1;
    let sent = instance.sync(target, &evidence.project, &revisions, several, tag, permit).await;
    match sent {
        Ok(reply) => {
            // Accepted, but with words that cannot be read: let `find` say what happened.
            let app =
                accepted(&reply).map_err(|t| OperationFault::Unclear(instance.about(target, t)))?;
            if app.runs(tag) || app.state_of(tag).is_some() {
                return Ok(receipt(tag));
            }
            let garbled = reply.as_trouble(TroubleKind::Garbled, &reply.shape());
            Err(OperationFault::Unclear(instance.about(target, garbled)))
        }
        Err(WriteError::Fault(fault)) => Err(fault),
        Err(WriteError::Refused(Refusal::InProgress(trouble))) => {
            attach(instance, target, tag, trouble).await
        }
        Err(WriteError::Refused(refusal)) => {
            Err(refused(instance.about(target, refusal.into_trouble())))
        }
    }
}

/// Another operation is in progress: ours, after a reply that was lost (ARGO-22), or whose?
async fn attach(
    instance: &Instance,
    target: &Target,
    tag: &str,
    trouble: Trouble,
) -> Result<Value, OperationFault> {
    match instance.app(target, Look::Plain).await {
        Ok(app) if app.runs(tag) || app.state_of(tag).is_some() => Ok(receipt(tag)),
        Ok(app) if app.operation.is_some() => {
            Err(OperationFault::Refused(busy(instance, target, &app)))
        }
        // It is over already: Argo CD's own words then.
        Ok(_) => Err(OperationFault::Refused(instance.about(target, trouble))),
        // What is in progress may be ours, sent twice by something on the way: look for it.
        Err(unread) => Err(OperationFault::Unclear(unread)),
    }
}

/// Terminates the operation in progress, if it carries the tag.
pub(super) async fn terminate(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    permit: &Permit,
) -> Result<Value, OperationFault> {
    let refused = OperationFault::Refused;
    let Some(tag) = args::text(&operation.call.with, "operation") else {
        return Err(refused(bad(instance, target, "operation: missing")));
    };
    let app = instance.app(target, Look::Plain).await.map_err(refused)?;
    if !app.runs(tag) {
        return Err(refused(busy(instance, target, &app)));
    }
    match instance.terminate(target, &app.spec.project, permit).await {
        Ok(_) => Ok(json!({ "terminates": tag })),
        Err(WriteError::Fault(fault)) => Err(fault),
        Err(WriteError::Refused(refusal)) => {
            Err(refused(instance.about(target, refusal.into_trouble())))
        }
    }
}

/// What `watch` needs of a sync of ours.
pub(super) fn receipt(tag: &str) -> Value {
    json!({ "tag": tag })
}

/// What `watch` needs of an application that Argo CD deploys by itself.
pub(super) fn watched() -> Value {
    json!({ "mode": "watch" })
}

/// Not ours: who holds it, or that nobody does.
fn busy(instance: &Instance, target: &Target, app: &App) -> Trouble {
    let trouble = match &app.operation {
        Some(operation) => instance.trouble(TroubleKind::Busy, &operation.by()),
        None => instance.trouble(TroubleKind::Refused, "No operation is in progress"),
    };
    instance.about(target, trouble)
}

fn bad(instance: &Instance, target: &Target, detail: &str) -> Trouble {
    instance.about(target, instance.trouble(TroubleKind::BadRequest, detail))
}
