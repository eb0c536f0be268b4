//! Effects: starting a sync, and terminating one of ours.

use serde_json::{Value, json};
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::Operation;
use wilco_core::plan::Mode;
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::args;
use super::client::{Instance, Look, Wanted, WriteError, accepted};
use super::error::Refusal;
use super::evidence::Evidence;
use super::find;
use super::mark::Mark;
use super::wire::App;
use crate::http::Reply;

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
    let wanted = Wanted { revisions: &revisions, several, only: &evidence.proof.only };
    let sent = instance.sync(target, &evidence.project, wanted, tag, permit).await;
    match sent {
        Ok(reply) => taken(instance, target, &reply, tag, &evidence),
        Err(WriteError::Fault(fault)) => Err(fault),
        Err(WriteError::Refused(Refusal::InProgress(trouble))) => {
            attach(instance, target, tag, &evidence, trouble).await
        }
        Err(WriteError::Refused(refusal)) => {
            Err(refused(instance.about(target, refusal.into_trouble())))
        }
    }
}

/// The answer to a request that started an operation: the application, with our mark on it.
pub(super) fn taken(
    instance: &Instance,
    target: &Target,
    reply: &Reply,
    tag: &str,
    evidence: &Evidence,
) -> Result<Value, OperationFault> {
    // Accepted, but with words that cannot be read: let `find` say what happened.
    let app = accepted(reply).map_err(|t| OperationFault::Unclear(instance.about(target, t)))?;
    let mark = Mark::of(tag, Some(evidence));
    if mark.runs(&app) || mark.state(&app).is_some() {
        return Ok(receipt(tag));
    }
    let garbled = reply.as_trouble(TroubleKind::Garbled, &reply.shape());
    Err(OperationFault::Unclear(instance.about(target, garbled)))
}

/// Another operation is in progress: ours, after a reply that was lost (ARGO-22), or whose?
pub(super) async fn attach(
    instance: &Instance,
    target: &Target,
    tag: &str,
    evidence: &Evidence,
    trouble: Trouble,
) -> Result<Value, OperationFault> {
    let mark = Mark::of(tag, Some(evidence));
    match instance.app(target, Look::Plain).await {
        Ok(app) if mark.runs(&app) || mark.state(&app).is_some() => Ok(receipt(tag)),
        // Who holds it, or, when that is over already, Argo CD's own words.
        Ok(app) => {
            let holder = app.operation.as_ref().map(super::wire::Operation::by);
            let busy = holder.map(|by| instance.trouble(TroubleKind::Busy, &by));
            Err(OperationFault::Refused(instance.about(target, busy.unwrap_or(trouble))))
        }
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
    let evidence = Evidence::of(&operation.evidence);
    let mark = Mark::of(tag, evidence.as_ref());
    if !mark.runs(&app) {
        return Err(refused(idle(instance, target, operation, tag, &app)));
    }
    match instance.terminate(target, &app.spec.project, permit).await {
        Ok(_) => Ok(json!({ "terminates": tag })),
        Err(WriteError::Fault(fault)) => Err(fault),
        // Not picked up yet (ARGO-33), or it came to its end just now: the application tells which.
        Err(WriteError::Refused(Refusal::NothingToTerminate(trouble))) => {
            match instance.app(target, Look::Plain).await {
                Ok(app) if !mark.runs(&app) => {
                    Err(refused(idle(instance, target, operation, tag, &app)))
                }
                Ok(_) | Err(_) => Err(refused(instance.about(target, trouble))),
            }
        }
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

/// The operation that is to be stopped is not in progress: it is over, or not shown yet.
fn idle(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    tag: &str,
    app: &App,
) -> Trouble {
    let evidence = Evidence::of(&operation.evidence);
    let kind = if find::is_over(app, tag, evidence.as_ref()) {
        TroubleKind::Over
    } else {
        TroubleKind::NotYet
    };
    let by = app.operation.as_ref().map(super::wire::Operation::by);
    let detail = by.as_deref().unwrap_or("No operation is in progress");
    instance.about(target, instance.trouble(kind, detail))
}

fn bad(instance: &Instance, target: &Target, detail: &str) -> Trouble {
    instance.about(target, instance.trouble(TroubleKind::BadRequest, detail))
}
