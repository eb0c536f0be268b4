//! Did it happen? Asked after a crash or a lost reply, before anything is sent again. Pure.
//!
//! Only three things count: our mark, a new history entry by our account with the planned revisions,
//! and an application that shows exactly what it showed before the intent. Everything else is unsure.

use serde_json::json;
use wilco_core::call::Finding;
use wilco_core::plan::Mode;

use super::evidence::Evidence;
use super::mark::Mark;
use super::sync::{receipt, watched};
use super::watch;
use super::wire::{App, History};

/// Whether the sync with this tag was taken.
pub(super) fn sync(app: &App, tag: &str, evidence: Option<&Evidence>) -> Finding {
    if evidence.is_some_and(|evidence| evidence.mode == Mode::Watch) {
        // A refresh leaves nothing behind, and nothing is lost without it.
        return Finding::Found(watched());
    }
    let mark = Mark::of(tag, evidence);
    if mark.runs(app) || mark.state(app).is_some() {
        return Finding::Found(receipt(tag));
    }
    let Some(evidence) = evidence else {
        return Finding::Unsure("evidence: null".to_owned());
    };
    if our_entry(app, tag, evidence).is_some() {
        return Finding::Found(receipt(tag));
    }
    let state = app.status.operation_state.as_ref();
    if let Some(operation) = &app.operation {
        return Finding::Unsure(format!("operation: {}", operation.by()));
    }
    let started_at = state.and_then(|state| state.started_at.as_ref());
    if started_at != evidence.operation_started_at.as_ref() {
        let seen = state.map_or_else(
            || "null".to_owned(),
            |state| format!("{} {}", state.operation.by(), started_at.map_or("", String::as_str)),
        );
        return Finding::Unsure(format!("status.operationState: {seen}"));
    }
    if let Some(entry) = new_entries(app, evidence).next() {
        let by = entry.initiated_by.name();
        return Finding::Unsure(format!("status.history {}: {by}", entry.id));
    }
    Finding::NotFound
}

/// Whether the sync with this tag was asked to stop. One that came to its end by itself was not: who
/// asks it to stop then learns that it is over.
pub(super) fn terminate(app: &App, tag: &str, evidence: Option<&Evidence>) -> Finding {
    let asked = Mark::of(tag, evidence).state(app).is_some_and(|state| {
        state.phase == "Terminating" || state.message.contains(watch::TERMINATED)
    });
    if asked { Finding::Found(json!({ "terminates": tag })) } else { Finding::NotFound }
}

/// Whether the sync with this tag, which was taken, is surely over. An application that shows nothing
/// of it may only not show it yet.
pub(super) fn is_over(app: &App, tag: &str, evidence: Option<&Evidence>) -> bool {
    let mark = Mark::of(tag, evidence);
    if mark.runs(app) {
        return false;
    }
    if let Some(state) = mark.state(app) {
        // Without an operation nothing goes on, whatever the state says (ARGO-33).
        return !watch::in_progress(state) || app.operation.is_none();
    }
    let started_at = app.status.operation_state.as_ref().map(|state| &state.started_at);
    app.operation.is_some()
        || evidence.is_some_and(|evidence| {
            our_entry(app, tag, evidence).is_some()
                || started_at.is_some_and(|at| *at != evidence.operation_started_at)
        })
}

fn new_entries<'a>(app: &'a App, evidence: &'a Evidence) -> impl Iterator<Item = &'a History> {
    app.status.history.iter().filter(|entry| !evidence.history_ids.contains(&entry.id))
}

/// The history entry that our operation left: new, by our account, with the planned revisions, and
/// not known to be that of another of our operations. A sync of single objects leaves none (ARGO-26).
pub(super) fn our_entry<'a>(
    app: &'a App,
    tag: &str,
    evidence: &'a Evidence,
) -> Option<&'a History> {
    let account = evidence.account.as_deref().filter(|_| evidence.proof.only.is_empty())?;
    let state = app.status.operation_state.as_ref();
    let of_another = state
        .filter(|_| Mark::of(tag, Some(evidence)).state(app).is_none())
        .and_then(|state| state.started_at.as_deref());
    new_entries(app, evidence).find(|entry| {
        entry.initiated_by.username == account
            && !entry.initiated_by.automated
            && entry.revisions() == evidence.revisions
            && (of_another.is_none() || entry.deploy_started_at.as_deref() != of_another)
    })
}

#[cfg(test)]
mod tests;
