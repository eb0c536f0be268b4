//! The end of a story as facts that no crash may change.

use std::collections::{BTreeMap, BTreeSet};

use wilco_core::audit::Fact;
use wilco_core::message::To;
use wilco_core::port::StoredAudit;
use wilco_sim::argocd::{Effect, EffectKind};

use crate::stage::{Posted, Stage};
use crate::times;

/// What was really done to the tool, counted by the tool; which messages stand there, and what they
/// say; what is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// Accepted effects in the double's own ledger.
    pub(crate) effects: Vec<String>,
    /// Each bot message by its name: what it says at last, once for each time it was posted.
    pub(crate) messages: BTreeMap<String, Vec<String>>,
    /// How runs ended, and everything else that is on record.
    pub(crate) facts: Vec<String>,
}

impl End {
    pub(crate) fn of(ledger: &[Effect], stage: &Stage, audits: &[StoredAudit]) -> Self {
        let names = Names::of(stage, audits);
        let mut effects: Vec<String> = ledger
            .iter()
            .filter(|effect| {
                matches!(
                    effect.kind,
                    EffectKind::Sync
                        | EffectKind::AutoSync
                        | EffectKind::Rollback
                        | EffectKind::Terminate
                        | EffectKind::Action
                )
            })
            .map(|effect| {
                let tags: Vec<&str> = effect.infos.iter().map(|info| info.value.as_str()).collect();
                names.steady(&format!(
                    "{:?} {:?} {:?} {:?} {:?} {:?} {tags:?}",
                    effect.kind,
                    effect.action,
                    effect.app,
                    effect.object,
                    effect.only,
                    effect.revisions
                ))
            })
            .collect();
        effects.sort();
        let mut messages: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for message in stage.posted() {
            let key = message.key.to_string();
            // "One moment" is said when a tool is slow, and a dead engine is slow.
            if !key.contains("_remark_") {
                let said = times::hidden(&names.steady(&said(&message, stage)));
                let said = times::without_course(&said);
                messages.entry(names.steady(&key)).or_default().push(said);
            }
        }
        let (vain, stops) = (vain(audits), stops(audits));
        let mut facts: Vec<String> = audits
            .iter()
            // Who starts again reads the runbooks again, and says so again.
            .filter(|audit| {
                !matches!(
                    audit.record.what,
                    Fact::CatalogReloaded { .. } | Fact::CatalogKept { .. }
                )
            })
            .filter(|audit| call_of(&audit.record.what).is_none_or(|call| !vain.contains(call)))
            .filter_map(|audit| serde_json::to_value(&audit.record.what).ok())
            .map(|mut fact| {
                // Whether an effect was seen at once or found after a crash is the one thing that
                // may differ.
                let settled = fact["fact"] == "settled";
                if settled && fact["how"] == "found" {
                    fact["how"] = "done".into();
                }
                // And whether a stop acted is lost with the operation that it stopped: when the next
                // one stands in its place, asking again says "over". What it did is in the ledger.
                let stop = fact["call"].as_str().is_some_and(|call| stops.contains(call));
                if settled && stop && fact["how"] == "refused" {
                    fact["how"] = "done".into();
                }
                names.steady(&fact.to_string())
            })
            .collect();
        facts.sort();
        Self { effects, messages, facts }
    }

    /// Its effects, and what else is not so at the other end.
    pub(crate) fn beside(&self, other: &Self) -> Self {
        let mut end = self.clone();
        end.messages.retain(|key, said| other.messages.get(key) != Some(said));
        end.facts.retain(|fact| !other.facts.contains(fact));
        end
    }
}

/// All that a reader sees of a message, and where.
fn said(message: &Posted, stage: &Stage) -> String {
    let body = &message.body;
    let mut said = stage.place(&message.to).to_string();
    said.extend(body.mention.iter().map(|person| format!(" @{person}")));
    said.push_str(&format!(" {}", body.text));
    if !body.more.is_empty() {
        said.push_str(&format!("\n> {}", body.more));
    }
    // On lines of their own: the last line of a text may tell how long it took.
    said.extend(body.buttons.iter().map(|button| format!("\n[{}]", button.label)));
    if let Some(thread) = &body.leads_to {
        said.push_str(&format!(" -> {}", stage.place(&To::Thread(thread.clone()))));
    }
    said
}

/// The operation that a fact is about.
fn call_of(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Intended { call, .. } | Fact::Settled { call, .. } => Some(call),
        _ => None,
    }
}

/// Operations that ask a tool to stop another one.
fn stops(audits: &[StoredAudit]) -> BTreeSet<&str> {
    let stop = |audit: &StoredAudit| matches!(&audit.record.what, Fact::Intended { action, .. } if action == "argocd.terminate");
    audits
        .iter()
        .filter(|audit| stop(audit))
        .filter_map(|audit| call_of(&audit.record.what))
        .collect()
}

/// Operations that a tool surely did not take, and that were intended anew: how many of them there are
/// depends on when the engine died, and they have done nothing.
fn vain(audits: &[StoredAudit]) -> BTreeSet<&str> {
    let intended: Vec<_> = audits
        .iter()
        .filter_map(|audit| match &audit.record.what {
            Fact::Intended { run, call, target, action } => Some((call, (run, target, action))),
            _ => None,
        })
        .collect();
    let refused = |call: &String| {
        let of = |audit: &&StoredAudit| matches!(&audit.record.what, Fact::Settled { call: of, how, .. } if of == call && how == "refused");
        audits.iter().any(|audit| of(&audit))
    };
    let anew = |at: usize| intended[at + 1..].iter().any(|later| later.1 == intended[at].1);
    (0..intended.len())
        .filter(|&at| anew(at) && refused(intended[at].0))
        .map(|at| intended[at].0.as_str())
        .collect()
}

/// Names that depend on how long a recovery took, with steady ones instead: operations by what they do to which
/// target, runs by their order (numbers may have gaps, and looks are counted too), threads and what people did
/// by theirs.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(stage: &Stage, audits: &[StoredAudit]) -> Self {
        let (mut names, vain) = (BTreeMap::new(), vain(audits));
        let mut runs = 0;
        let mut calls: BTreeMap<_, usize> = BTreeMap::new();
        for audit in audits {
            match &audit.record.what {
                Fact::RunCreated { run, .. } => {
                    names.insert(run.as_str().to_owned(), format!("run{runs}"));
                    runs += 1;
                }
                // By what it does to which target: of two at the same time either may come first.
                Fact::Intended { run, call, target, action } if !vain.contains(call.as_str()) => {
                    let run = names.get(run.as_str()).cloned().unwrap_or_default();
                    let of = format!("{run}:{action}:{target}");
                    let count = calls.entry(of.clone()).or_default();
                    *count += 1;
                    names.insert(call.as_str().to_owned(), format!("{of}:{count}"));
                }
                _ => {}
            }
        }
        for (at, act) in stage.acts().into_iter().enumerate() {
            names.insert(act.0.to_string(), format!("act{at}"));
        }
        for (at, root) in stage.roots().into_iter().enumerate() {
            names.insert(root, format!("thread{at}"));
        }
        Self(names)
    }

    /// The text with each of these names as a whole word replaced.
    fn steady(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            // The longest first: an operation's name begins with its run's.
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            match (self.0.get(word), word.split_once('.')) {
                (Some(name), _) => out.push_str(name),
                (None, Some((run, more))) if self.0.contains_key(run) => {
                    out.push_str(&self.0[run]);
                    out.push('.');
                    out.push_str(more);
                }
                _ => out.push_str(word),
            }
            let mut chars = tail.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let names = [("r12", "run0"), ("r12.7", "operation0"), ("1795", "thread0")];
        let names = Names(names.map(|(a, b)| (a.to_owned(), b.to_owned())).into());
        for (text, steady) in [
            ("r12.card", "run0.card"),
            ("\"call\":\"r12.7\"", "\"call\":\"operation0\""),
            ("r123 r1", "r123 r1"),
            ("stage_#ops_1795_m1", "stage_#ops_thread0_m1"),
            ("refused approve r12", "refused approve run0"),
        ] {
            assert_eq!(names.steady(text), steady);
        }
    }
}
