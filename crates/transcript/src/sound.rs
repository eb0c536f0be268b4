//! What holds at every end, however the engine died on the way and whatever people did meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use wilco_core::audit::Fact;
use wilco_core::port::StoredAudit;
use wilco_sim::argocd::{DEFAULT_ACCOUNT, Effect, EffectKind};

use crate::doubles::called;
use crate::stage::Stage;

/// The action whose effect carries the operation's name in the tool.
const SYNC: &str = "argocd.sync";

/// Effects that carry no name: they are counted by what they do to which application.
#[derive(Debug, Default)]
struct Unnamed<'a> {
    /// By action and application, then by object: of several objects each has its own effect.
    happened: BTreeMap<(&'static str, &'a str), BTreeMap<&'a str, usize>>,
}

impl<'a> Unnamed<'a> {
    fn of(ledger: &'a [Effect]) -> Self {
        let mut all = Self::default();
        // What people did past Wilco in the story is not Wilco's.
        for effect in ledger.iter().filter(|effect| effect.account == DEFAULT_ACCOUNT) {
            let kind = match (effect.kind, effect.action.as_str()) {
                (EffectKind::Rollback, _) => "rollback",
                (EffectKind::Terminate, _) => "terminate",
                (EffectKind::Action, "restart") => "restart",
                (EffectKind::Action, _) => "act",
                _ => continue,
            };
            let (app, object) = (effect.app.as_deref(), effect.object.as_deref());
            let objects = all.happened.entry((kind, app.unwrap_or_default())).or_default();
            *objects.entry(object.unwrap_or_default()).or_default() += 1;
        }
        all
    }

    /// Each intent does each of its objects at most once, and one that is settled as done did something.
    fn faults(&self, intended: &BTreeMap<&str, Intent<'_>>, done: &BTreeSet<&str>) -> Vec<String> {
        let mut faults = Vec::new();
        for (&(kind, app), objects) in &self.happened {
            let intents =
                intended.values().filter(|of| of.kind() == Some(kind) && of.app == app).count();
            for (object, &times) in objects.iter().filter(|(_, times)| **times > intents) {
                faults.push(format!(
                    "{kind} {app} {object} happened {times} times and was intended {intents} times"
                ));
            }
        }
        for (call, of) in intended.iter().filter(|(call, _)| done.contains(*call)) {
            let Some(kind) = of.kind() else { continue };
            if !self.happened.contains_key(&(kind, of.app.as_str())) {
                faults.push(format!("{call} is settled as done and never happened"));
            }
        }
        faults
    }
}

/// What was intended, to which application.
#[derive(Debug)]
struct Intent<'a> {
    action: &'a str,
    /// As the ledger has it.
    app: String,
}

impl Intent<'_> {
    /// What its effect is called among those without a name.
    fn kind(&self) -> Option<&'static str> {
        match self.action {
            "argocd.rollback" => Some("rollback"),
            "argocd.terminate" => Some("terminate"),
            "argocd.restart" => Some("restart"),
            "argocd.resume" | "argocd.promote" | "argocd.abort" => Some("act"),
            _ => None,
        }
    }
}

/// Everything that is not as it must be:
///
/// - an effect of Wilco's was intended before, and happened once;
/// - what is settled as done happened, what is settled as refused did not;
/// - every operation was settled, every run ended at most once;
/// - no message was posted twice.
pub(crate) fn faults(ledger: &[Effect], stage: &Stage, audits: &[StoredAudit]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut happened: BTreeMap<&str, usize> = BTreeMap::new();
    for effect in ledger.iter().filter(|effect| effect.kind == EffectKind::Sync) {
        for info in effect.infos.iter().filter(|info| info.name == "wilco") {
            *happened.entry(info.value.as_str()).or_default() += 1;
        }
    }
    let unnamed = Unnamed::of(ledger);
    let mut intended: BTreeMap<&str, Intent<'_>> = BTreeMap::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    for audit in audits {
        match &audit.record.what {
            Fact::Intended { call, action, target, .. } => {
                let earlier = intended.insert(call, Intent { action, app: called(target) });
                faults.extend(earlier.map(|_| format!("{call} was intended twice")));
            }
            Fact::Settled { call, how, .. } => {
                let times = happened.get(call.as_str()).copied().unwrap_or_default();
                let sync = intended.get(call.as_str()).is_some_and(|of| of.action == SYNC);
                if matches!(how.as_str(), "done" | "found") {
                    done.insert(call);
                }
                match (how.as_str(), times) {
                    ("done" | "found", 0) if sync => {
                        faults.push(format!("{call} is settled as {how} and never happened"));
                    }
                    ("refused", 1..) => {
                        faults.push(format!("{call} is settled as refused and happened"));
                    }
                    _ => {}
                }
                if !settled.insert(call) {
                    faults.push(format!("{call} was settled twice"));
                }
            }
            Fact::RunEnded { run, .. } if !ended.insert(run.as_str()) => {
                faults.push(format!("{run} ended twice"));
            }
            _ => {}
        }
    }
    for (call, times) in happened {
        if !intended.contains_key(call) {
            faults.push(format!("{call} happened and was never intended"));
        }
        if times > 1 {
            faults.push(format!("{call} happened {times} times"));
        }
    }
    for call in intended.keys().filter(|call| !settled.contains(*call)) {
        faults.push(format!("{call} was never settled"));
    }
    faults.extend(unnamed.faults(&intended, &done));
    let mut keys = BTreeSet::new();
    for message in stage.posted() {
        let key = message.key.to_string();
        if !keys.insert(key.clone()) {
            faults.push(format!("{key} was posted twice"));
        }
    }
    faults
}
