//! Is it done? The rule of Argo CD's own command line (ARGO-28), pinned to our operation (ARGO-29),
//! and then proof from outside: the new images run, or health that holds (ARGO-31). Pure: one look at
//! one application, what earlier looks remembered, and the time.

mod children;
mod memory;
mod proof;
mod restart;

use wilco_core::answer::Seen;
use wilco_core::plan::Mode;
use wilco_core::time::Timestamp;

use super::charts::telling;
use super::evidence::Evidence;
use super::find::our_entry;
use super::mark::Mark;
use super::restart::ObjectName;
use super::wire::{App, OperationState, ResultLine, time};
use crate::http::clean;
pub(super) use children::{Child, children, is_from_before};
use memory::End;
pub(super) use memory::Memory;
use proof::{LOST_AFTER, forget, outcome};
pub(super) use restart::restart;

/// Between the end of the operation and the next comparison (ARGO-28). Argo CD's own word is
/// "Succeeded", which a person would read as the end of the deployment.
const APPLIED: &str = "applied, being compared";

/// What Argo CD says of an operation that was stopped (ARGO-38).
pub(super) const TERMINATED: &str = "Operation terminated";

/// One look at the sync with this tag.
pub(super) fn sync(
    app: &App,
    tag: &str,
    evidence: Option<&Evidence>,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    match evidence {
        Some(evidence) if evidence.mode == Mode::Watch => automated(app, evidence, memory, now),
        _ => own(app, tag, evidence, memory, now),
    }
}

/// One look at the stopping of the operation with this tag.
pub(super) fn terminate(app: &App, tag: &str, evidence: Option<&Evidence>) -> Seen {
    let mark = Mark::of(tag, evidence);
    let phase = mark.state(app).map(|state| state.phase.clone()).unwrap_or_default();
    if mark.runs(app) {
        Seen::Running { note: phase }
    } else {
        Seen::Succeeded { note: phase, warnings: Vec::new() }
    }
}

fn own(
    app: &App,
    tag: &str,
    evidence: Option<&Evidence>,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let mark = Mark::of(tag, evidence);
    let state = mark.state(app);
    let unfinished = state.filter(|state| in_progress(state));
    let left = unfinished.filter(|_| app.operation.is_none());
    if let Some(state) = left.filter(|_| memory.end.is_none())
        && let Some(seen) = left_alone(app, state, evidence, memory, now)
    {
        return seen;
    }
    if left.is_none() && (mark.runs(app) || unfinished.is_some()) {
        memory.absent_since = None;
        return Seen::Running { note: state.map_or_else(|| "Syncing".to_owned(), progress_note) };
    }
    if let Some(state) = state.filter(|state| !in_progress(state) || state.phase == "Succeeded") {
        memory.end = Some(End::of(state));
    } else if memory.end.is_none() {
        let entry = evidence.and_then(|evidence| our_entry(app, tag, evidence));
        memory.end = entry.map(End::of_history);
    }
    let Some(end) = memory.end.clone() else { return absent(app, memory, now) };
    memory.absent_since = None;
    if let Some(over) = ended_badly(&end) {
        return over;
    }
    if !is_reconciled(app, end.finished_at.as_deref()) {
        return Seen::Applied { note: APPLIED.to_owned() };
    }
    // When something newer was deployed on top of ours, that is what runs now.
    let state = app.status.operation_state.as_ref();
    let latest = state.filter(|state| {
        state.phase == "Succeeded" && state.finished_at.is_some() && !state.operation.sync.dry_run
    });
    let deployed = latest.map_or(end.revisions, OperationState::revisions);
    outcome(app, &deployed, evidence, memory, now)
}

/// The Jobs that our operation waits for at the moment as its hooks (ARGO-27). A hook of another kind runs to its end
/// by itself.
pub(super) fn hooks(app: &App, tag: &str, evidence: Option<&Evidence>) -> Vec<ObjectName> {
    let state = Mark::of(tag, evidence).state(app).filter(|state| state.phase == "Running");
    let lines = state.and_then(|state| state.sync_result.as_ref()).map(|result| &result.resources);
    let waits = |line: &&ResultLine| {
        !line.hook_type.is_empty() && line.hook_phase == "Running" && line.kind == "Job"
    };
    lines.into_iter().flatten().filter(waits).map(ObjectName::of_line).collect()
}

/// An application that Argo CD deploys by itself: there is no operation of ours to pin.
fn automated(app: &App, evidence: &Evidence, memory: &mut Memory, now: Timestamp) -> Seen {
    let state = app.status.operation_state.as_ref();
    let state = state.filter(|state| {
        state.started_at != evidence.operation_started_at && !state.operation.sync.dry_run
    });
    if app.operation.is_some() || state.is_some_and(in_progress) {
        forget(memory);
        return Seen::Running { note: state.map_or_else(|| "Syncing".to_owned(), progress_note) };
    }
    let sync = &app.status.sync;
    let compared = app.compared_revisions();
    let ended = state.map(End::of).filter(|end| end.revisions == compared);
    if let Some(end) = &ended {
        if let Some(over) = ended_badly(end).filter(|_| sync.status != "Synced") {
            return over;
        }
        if !is_reconciled(app, end.finished_at.as_deref()) {
            return Seen::Applied { note: APPLIED.to_owned() };
        }
    }
    // Everything applied and still different is ARGO-32; otherwise the sync is still to come.
    if sync.status != "Synced" && ended.is_none() {
        forget(memory);
        return Seen::Running { note: sync.status.clone() };
    }
    outcome(app, &compared, Some(evidence), memory, now)
}

/// In progress: `phase` is looked at before `finishedAt`, which is set in the gap between two
/// attempts (ARGO-30) and missing for ever in the dead state (ARGO-33); core's deadline ends that.
pub(super) fn in_progress(state: &OperationState) -> bool {
    !matches!(state.phase.as_str(), "Succeeded" | "Failed" | "Error") || state.finished_at.is_none()
}

fn progress_note(state: &OperationState) -> String {
    if state.message.is_empty() {
        state.phase.clone()
    } else {
        clean(&format!("{}: {}", state.phase, state.message))
    }
}

/// The status is newer than the operation. Times have whole seconds, so equal counts (ARGO-28).
pub(super) fn is_reconciled(app: &App, finished_at: Option<&str>) -> bool {
    match (time(app.status.reconciled_at.as_deref()), time(finished_at)) {
        (Some(reconciled), Some(finished)) => reconciled >= finished,
        (None, _) => false,
        (_, None) => true,
    }
}

fn ended_badly(end: &End) -> Option<Seen> {
    if end.phase == "Succeeded" {
        return None;
    }
    let note = clean(telling(&end.message));
    let stopped = end.message.contains(TERMINATED);
    Some(if stopped { Seen::Stopped { note } } else { Seen::Failed { note } })
}

/// Our operation is in progress and is none any more: somebody took `operation` away, as one does to leave a dead
/// state (ARGO-33), since Argo CD itself does so only together with the end. Not believed at once. `None` when all of it
/// is in place, so that health tells the rest.
fn left_alone(
    app: &App,
    state: &OperationState,
    evidence: Option<&Evidence>,
    memory: &mut Memory,
    now: Timestamp,
) -> Option<Seen> {
    let since = *memory.absent_since.get_or_insert(now);
    let is_compared = is_reconciled(app, state.started_at.as_deref());
    if now.since(since) < LOST_AFTER || !is_compared {
        return Some(Seen::Running { note: progress_note(state) });
    }
    let note = clean(&format!("{}, without an operation", state.phase));
    if state.phase != "Succeeded" {
        return Some(Seen::Stopped { note });
    }
    // After a rollback it differs by nature (ARGO-37), and a newer commit is no matter of this deployment.
    let is_in_place = app.status.sync.status == "Synced"
        || evidence.is_some_and(|evidence| evidence.entry.is_some())
        || app.compared_revisions() != state.revisions();
    // It says that it succeeded, and something differs: perhaps always (ARGO-32), perhaps nothing was done.
    (!is_in_place).then_some(Seen::Lost { note })
}

/// Nothing speaks of our operation. Not believed at once.
fn absent(app: &App, memory: &mut Memory, now: Timestamp) -> Seen {
    let since = *memory.absent_since.get_or_insert(now);
    let state = app.status.operation_state.as_ref();
    let by = app.operation.as_ref().map(super::wire::Operation::by);
    let by = by.or_else(|| state.map(|state| state.operation.by())).unwrap_or_default();
    let note = clean(&format!("{} {by}", app.status.sync.status));
    if now.since(since) < LOST_AFTER { Seen::Running { note } } else { Seen::Lost { note } }
}

#[cfg(test)]
mod tests;
