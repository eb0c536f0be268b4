//! After the operation: health, and the proof that what was planned really runs.

use std::collections::BTreeSet;
use std::time::Duration;

use wilco_core::answer::{Pause, Seen, Warning};
use wilco_core::time::Timestamp;

use super::super::evidence::Evidence;
use super::super::images::short;
use super::super::wire::App;
use super::memory::Memory;
use crate::http::clean;

/// How long Healthy must hold where no image proves the deployment (ARGO-31 asks for 5 to 10 s).
pub(super) const SETTLE: Duration = Duration::from_secs(10);
/// How long Healthy must hold when the new image runs and an old one is still shown: finished pods
/// of hooks and jobs may show it for ever.
pub(super) const LINGER: Duration = Duration::from_mins(1);
/// How long Degraded or Missing may last: it often recovers (ARGO-34).
pub(super) const GRACE: Duration = Duration::from_secs(30);
/// How long nothing may speak of our operation before it counts as lost.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(10);

/// What became of a sync that was applied; `deployed` are the revisions that run now.
pub(super) fn outcome(
    app: &App,
    deployed: &[String],
    evidence: Option<&Evidence>,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let health = &app.status.health;
    let note = if health.message.is_empty() {
        health.status.clone()
    } else {
        clean(&format!("{}: {}", health.status, health.message))
    };
    match health.status.as_str() {
        "Healthy" => {
            memory.bad_since = None;
            healthy(app, deployed, evidence, memory, now)
        }
        "Degraded" | "Missing" => {
            memory.healthy_since = None;
            let since = *memory.bad_since.get_or_insert(now);
            if now.since(since) < GRACE { Seen::Applied { note } } else { Seen::Failed { note } }
        }
        "Suspended" => {
            forget(memory);
            Seen::Waiting(Pause::noted(note))
        }
        _ => {
            forget(memory);
            Seen::Applied { note }
        }
    }
}

/// It is neither well nor ill at the moment: either has to hold anew.
pub(super) fn forget(memory: &mut Memory) {
    memory.healthy_since = None;
    memory.bad_since = None;
}

fn healthy(
    app: &App,
    deployed: &[String],
    evidence: Option<&Evidence>,
    memory: &mut Memory,
    now: Timestamp,
) -> Seen {
    let calm = now.since(*memory.healthy_since.get_or_insert(now));
    let planned = evidence.map(|evidence| evidence.revisions.as_slice()).unwrap_or_default();
    let mut warnings = Vec::new();
    let other = deployed.iter().zip(planned).find(|(deployed, planned)| deployed != planned);
    if let Some((revision, _)) = other {
        warnings.push(Warning::OtherRevision { revision: revision.clone() });
    }
    let wanted = evidence.filter(|evidence| !evidence.proof.expect_images.is_empty());
    let running: BTreeSet<&str> = app.status.summary.images.iter().map(String::as_str).collect();
    // Something else was deployed over ours, and what was planned does not run: no success of ours.
    if let (Some((revision, _)), Some(evidence)) = (other, wanted)
        && calm >= SETTLE
        && !evidence.proof.expect_images.iter().all(|image| running.contains(image.as_str()))
    {
        let revision: String = revision.chars().take(8).collect();
        return Seen::Lost { note: clean(&format!("replaced by revision {revision}")) };
    }
    let proven = match wanted {
        Some(_) if running.is_empty() => {
            warnings.push(Warning::ImagesNotShown);
            calm >= SETTLE
        }
        Some(evidence) => {
            let runs = |image: &String| running.contains(image.as_str());
            let old = evidence.proof.gone_images.iter().any(runs);
            evidence.proof.expect_images.iter().all(runs) && (!old || calm >= LINGER)
        }
        None => calm >= SETTLE,
    };
    // After a rollback it is so by nature (ARGO-37).
    let returned = evidence.is_some_and(|evidence| evidence.entry.is_some());
    // OutOfSync against a newer commit is no matter of this deployment.
    let differs =
        !returned && app.status.sync.status == "OutOfSync" && app.compared_revisions() == deployed;
    if !proven || (differs && calm < SETTLE) {
        return Seen::Applied { note: with_images(&app.status.health.status, &running) };
    }
    if differs {
        warnings.push(Warning::StillOutOfSync);
    }
    if returned && app.status.sync.status == "OutOfSync" {
        warnings.push(Warning::GitWantsAnother);
    }
    Seen::Succeeded { note: app.status.health.status.clone(), warnings }
}

/// `Healthy (wallet-api:1.4.2)`: why it is not over yet.
fn with_images(health: &str, running: &BTreeSet<&str>) -> String {
    if running.is_empty() {
        return health.to_owned();
    }
    let images: Vec<String> = running.iter().map(|image| short(image)).collect();
    clean(&format!("{health} ({})", images.join(", ")))
}
