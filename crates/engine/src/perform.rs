//! One operation: intended → done → settled, exactly once as far as the tool can tell.
//!
//! | what the claim says | what is done |
//! |---|---|
//! | nobody can have acted | perform |
//! | somebody may have acted | look first: *found* counts at once; *not found* and *partly* count only when that worker can no longer be sending (`earlier_send_by`, plus the HTTP timeout, plus the time a tool takes to show an effect); *unsure* is never sent again |
//!
//! After *partly* it is performed under this claim, which does the rest. After *not found* it is when its
//! worker died. When the tool gave an
//! unclear answer, it surely did not take it, and that is what is settled: whoever wants it decides
//! whether to try anew, and until when. The answer is kept with the call, so whichever process claims
//! it next knows.
//!
//! Nothing waits here: what has to wait is settled as a retry, so that the claim is free, a crash
//! meanwhile costs nothing, and the world is quiet in between.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::{Finding, Operation, Settlement};
use wilco_core::port::{Claim, Connector, OperationFault, Permit, Recovery};
use wilco_core::time::Timestamp;

use crate::calls::SOON;
use crate::limit::limited;
use crate::shared::Shared;

/// What becomes of a claimed operation.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    /// It is over.
    Settle(Settlement),
    /// To be claimed again.
    Retry {
        /// Not before this moment.
        at: Timestamp,
        /// Why.
        why: Why,
    },
}

/// Why an operation is claimed again.
#[derive(Debug, PartialEq)]
pub(crate) enum Why {
    /// It was not its time; this attempt surely did nothing.
    TooSoon,
    /// The tool cannot be asked what it did; this attempt only looked.
    Away(Trouble),
    /// This attempt may have acted.
    Unclear(Trouble),
}

impl Next {
    /// The word in log and metrics.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Settle(Settlement::Done { found: false, .. }) => "done",
            Self::Settle(Settlement::Done { found: true, .. }) => "found",
            Self::Settle(Settlement::Refused { .. }) => "refused",
            Self::Settle(Settlement::Unsure { .. }) => "unsure",
            Self::Retry { why: Why::Unclear(_), .. } => "unclear",
            Self::Retry { .. } => "later",
        }
    }
}

/// Since when this process looks for operations that may have happened, by call. Forgotten in a
/// crash: then the patience with the tool begins anew, which is harmless.
#[derive(Debug, Default)]
pub(crate) struct Looking(Mutex<HashMap<String, Timestamp>>);

impl Looking {
    fn known(&self) -> MutexGuard<'_, HashMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn since(&self, id: &str, now: Timestamp) -> Timestamp {
        *self.known().entry(id.to_owned()).or_insert(now)
    }

    fn over(&self, id: &str) {
        self.known().remove(id);
    }
}

/// A claimed operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed<'a> {
    /// The operation.
    pub(crate) operation: &'a Operation,
    /// The claim.
    pub(crate) claim: &'a Claim,
    /// See [`CallRow::unclear`](wilco_core::port::CallRow::unclear).
    pub(crate) unclear: Option<&'a Trouble>,
    /// When it was claimed, on the monotonic clock.
    pub(crate) at: Instant,
}

/// Carries out one claim of an operation.
pub(crate) async fn carry_out(shared: &Shared, looking: &Looking, claimed: Claimed<'_>) -> Next {
    let operation = claimed.operation;
    let next = match shared.connectors.get(&operation.call.connector) {
        Some(connector) => attempt(shared, looking, connector.as_ref(), claimed).await,
        None => no_connector(operation, claimed.claim),
    };
    if matches!(next, Next::Settle(_)) {
        looking.over(operation.id.as_str());
    }
    next
}

async fn attempt(
    shared: &Shared,
    looking: &Looking,
    connector: &dyn Connector,
    claimed: Claimed<'_>,
) -> Next {
    let Claimed { operation, claim, unclear, at } = claimed;
    let timing = &shared.timing;
    let recovery = connector.recovery(&operation.call);
    let shown_after = recovery.http_timeout + recovery.visible_after;
    if let Some(earlier_send_by) = claim.earlier_send_by {
        let since = looking.since(operation.id.as_str(), shared.now());
        let until = shared.now() + timing.call_limit;
        let asked_at = shared.now();
        let finding = match limited(shared.clock.as_ref(), until, connector.find(operation)).await {
            Ok(finding) => finding,
            Err(broken) => Finding::NotNow(broken.trouble(connector.name())),
        };
        let counts_from = earlier_send_by + shown_after;
        match finding {
            Finding::Found(receipt) => {
                return Next::Settle(Settlement::Done { receipt, found: true });
            }
            // Whatever else was seen: perhaps the effect does not show yet.
            Finding::NotFound | Finding::Partly | Finding::Unsure(_) if asked_at < counts_from => {
                return Next::Retry { at: counts_from, why: Why::TooSoon };
            }
            Finding::NotFound => {
                if let Some(trouble) = unclear.cloned() {
                    return Next::Settle(Settlement::Refused { trouble });
                }
            }
            // The rest is tried as long as a tool that cannot be asked is; then a person has to look.
            Finding::Partly if shared.now().since(since) >= timing.look_for => {
                let trouble = unclear.cloned().unwrap_or_else(|| partly(operation));
                return Next::Settle(Settlement::Unsure { trouble });
            }
            Finding::Partly => {}
            Finding::Unsure(detail) => return unsure(operation, detail),
            Finding::NotNow(trouble) if shared.now().since(since) >= timing.look_for => {
                return Next::Settle(Settlement::Unsure { trouble });
            }
            Finding::NotNow(trouble) => {
                let at = shared.now() + timing.look_again;
                return Next::Retry { at, why: Why::Away(trouble) };
            }
        }
    }
    let permit = Permit::until(at + timing.call_lease);
    let until = shared.now() + timing.call_limit;
    match limited(shared.clock.as_ref(), until, connector.perform(operation, &permit)).await {
        Ok(Ok(receipt)) => Next::Settle(Settlement::Done { receipt, found: false }),
        Ok(Err(OperationFault::Refused(trouble))) => Next::Settle(Settlement::Refused { trouble }),
        Ok(Err(OperationFault::PermitOver)) => {
            Next::Retry { at: shared.now() + SOON, why: Why::TooSoon }
        }
        // The store notes the end of this claim as the last moment at which it may have acted. The
        // first look comes as soon as the tool should show the effect; if it finds nothing, the
        // next one comes when "not found" counts.
        Ok(Err(OperationFault::Unclear(trouble))) => look_soon(shared, &recovery, trouble),
        Err(broken) => look_soon(shared, &recovery, broken.trouble(connector.name())),
    }
}

fn look_soon(shared: &Shared, recovery: &Recovery, trouble: Trouble) -> Next {
    tracing::warn!(tool = trouble.tool, kind = ?trouble.kind, "unclear; looking for it");
    let at = shared.now() + recovery.visible_after.max(SOON);
    Next::Retry { at, why: Why::Unclear(trouble) }
}

fn unsure(operation: &Operation, detail: String) -> Next {
    Next::Settle(Settlement::Unsure { trouble: Trouble { detail, ..partly(operation) } })
}

fn partly(operation: &Operation) -> Trouble {
    let tool = operation.call.connector.clone();
    Trouble { tool, kind: TroubleKind::Unclear, detail: String::new() }
}

/// The connection was taken out of the configuration.
fn no_connector(operation: &Operation, claim: &Claim) -> Next {
    let trouble = Trouble {
        tool: operation.call.connector.clone(),
        kind: TroubleKind::BadRequest,
        detail: "no such connection".into(),
    };
    Next::Settle(match claim.earlier_send_by {
        Some(_) => Settlement::Unsure { trouble },
        None => Settlement::Refused { trouble },
    })
}
