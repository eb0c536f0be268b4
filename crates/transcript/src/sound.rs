//! What holds at every end, however the engine died on the way and whatever people did meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use wilco_core::audit::Fact;
use wilco_core::port::StoredAudit;
use wilco_sim::argocd::{Effect, EffectKind};

use crate::stage::Stage;

/// The action whose effect carries the operation's name in the tool.
const SYNC: &str = "argocd.sync";

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
    let mut intended: BTreeMap<&str, &str> = BTreeMap::new();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    for audit in audits {
        match &audit.record.what {
            Fact::Intended { call, action, .. } => {
                let earlier = intended.insert(call, action);
                faults.extend(earlier.map(|_| format!("{call} was intended twice")));
            }
            Fact::Settled { call, how, .. } => {
                let times = happened.get(call.as_str()).copied().unwrap_or_default();
                let sync = intended.get(call.as_str()).is_some_and(|action| *action == SYNC);
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
    let mut keys = BTreeSet::new();
    for message in stage.posted() {
        let key = message.key.to_string();
        if !keys.insert(key.clone()) {
            faults.push(format!("{key} was posted twice"));
        }
    }
    faults
}
