//! What happened between two quiet points, as lines that people review.
//!
//! The order is made stable where the world has none: messages by thread, then in the order in
//! which they were posted; calls by application; audit records by run. Operations that are intended in the same
//! instant of a run get their numbers by target, and their records stand together.

use std::collections::BTreeMap;

use serde_json::Value;
use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::ids::CallId;
use wilco_core::message::{Body, To};
use wilco_core::port::StoredAudit;
use wilco_core::time::Timestamp;
use wilco_sim::argocd::{Effect, EffectKind};

use crate::script::Place;
use crate::stage::{Posted, Stage};

/// Before the second and later lines of a message.
const INDENT: &str = "           ";

/// Remembers what was told already.
#[derive(Default)]
pub(crate) struct Recorder {
    revisions: BTreeMap<String, u64>,
    /// How many effects on each application were told.
    effects: BTreeMap<String, usize>,
    audits: i64,
    /// How operations are called here, where that is another name than their own.
    names: BTreeMap<String, String>,
}

impl Recorder {
    /// Where the next look at the audit log begins.
    pub(crate) fn audits_seen(&self) -> i64 {
        self.audits
    }

    /// The lines for everything new.
    pub(crate) fn lines(
        &mut self,
        stage: &Stage,
        ledger: &[Effect],
        audits: &[StoredAudit],
    ) -> Vec<String> {
        self.name(audits);
        let mut lines = self.messages(stage);
        lines.extend(self.calls(ledger));
        lines.extend(self.facts(audits));
        lines
    }

    /// Which of several operations of one instant came first is up to the threads of this process.
    fn name(&mut self, audits: &[StoredAudit]) {
        let mut instants: BTreeMap<_, Vec<(String, CallId)>> = BTreeMap::new();
        for audit in audits {
            if let Fact::Intended { run, call, target, .. } = &audit.record.what {
                let instant = (run.to_string(), audit.record.at);
                let call = CallId::new(call.as_str());
                instants.entry(instant).or_default().push((target.to_string(), call));
            }
        }
        for mut intended in instants.into_values().filter(|intended| intended.len() > 1) {
            let mut calls: Vec<CallId> = intended.iter().map(|(_, call)| call.clone()).collect();
            calls.sort_by_key(number);
            intended.sort_by(|a, b| a.0.cmp(&b.0));
            for ((_, call), name) in intended.iter().zip(&calls) {
                self.names.insert(call.to_string(), name.to_string());
            }
        }
    }

    fn named<'a>(&'a self, call: &'a str) -> &'a str {
        self.names.get(call).map_or(call, String::as_str)
    }

    fn messages(&mut self, stage: &Stage) -> Vec<String> {
        let mut by_place: BTreeMap<Place, Vec<(bool, Posted)>> = BTreeMap::new();
        for posted in stage.posted() {
            let seen = self.revisions.insert(posted.message.to_string(), posted.revision);
            if seen != Some(posted.revision) {
                let place = stage.place(&posted.to);
                by_place.entry(place).or_default().push((seen.is_some(), posted));
            }
        }
        let mut lines = Vec::new();
        for (place, posted) in by_place {
            for (edited, message) in posted {
                let verb = if edited { "edit" } else { "bot" };
                body_lines(&format!("    {verb:<6} {place}  "), &message.body, &mut lines);
                if let Some(thread) = &message.body.leads_to {
                    let there = stage.place(&To::Thread(thread.clone()));
                    lines.push(format!("{INDENT}→ {there}"));
                }
            }
        }
        lines
    }

    fn calls(&mut self, ledger: &[Effect]) -> Vec<String> {
        let mut there: BTreeMap<String, usize> = BTreeMap::new();
        let mut is_new = |effect: &&Effect| {
            let app = effect.app.clone().unwrap_or_default();
            let told = self.effects.get(&app).copied().unwrap_or_default();
            let count = there.entry(app).or_default();
            *count += 1;
            *count > told
        };
        let mut new: Vec<&Effect> = ledger
            .iter()
            .filter(|effect| !matches!(effect.kind, EffectKind::SignIn | EffectKind::SignInRefused))
            .filter(|effect| is_new(effect))
            .collect();
        self.effects.extend(there);
        new.sort_by(|a, b| (&a.app, a.at_ms).cmp(&(&b.app, b.at_ms)));
        new.into_iter().map(|effect| self.call_line(effect)).collect()
    }

    fn facts(&mut self, audits: &[StoredAudit]) -> Vec<String> {
        let mut told: Vec<Told> = audits.iter().map(|audit| self.told(audit)).collect();
        self.audits = audits.iter().map(|audit| audit.seq).fold(self.audits, i64::max);
        told.sort_by(|a, b| (&a.run, a.seq).cmp(&(&b.run, b.seq)));
        let same = |a: &Told, b: &Told| {
            (&a.run, a.at) == (&b.run, b.at) && a.call.is_some() && b.call.is_some()
        };
        for instant in told.chunk_by_mut(same) {
            instant.sort_by_key(|told| (told.call, told.seq));
        }
        told.into_iter().map(|told| told.line).collect()
    }

    fn told(&self, audit: &StoredAudit) -> Told {
        let call = match &audit.record.what {
            Fact::Intended { call, .. } | Fact::Settled { call, .. } => Some(call.as_str()),
            _ => None,
        };
        let (run, line) = self.fact_line(&audit.record);
        let call = call.map(|call| number(&CallId::new(self.named(call))));
        Told { run, at: audit.record.at, seq: audit.seq, call, line }
    }

    fn call_line(&self, effect: &Effect) -> String {
        let verb = match effect.kind {
            EffectKind::Sync => "argocd <- sync",
            EffectKind::AutoSync => "argocd    auto-sync",
            EffectKind::Terminate => "argocd <- terminate",
            EffectKind::Rollback => "argocd <- rollback",
            EffectKind::RollbackRefused => "argocd <- rollback refused",
            EffectKind::Action => &format!("argocd <- {}", effect.action),
            EffectKind::ActionRefused => &format!("argocd <- {} refused", effect.action),
            EffectKind::SyncRefused => "argocd <- sync refused",
            EffectKind::TerminateRefused => "argocd <- terminate refused",
            EffectKind::SignIn | EffectKind::SignInRefused => "argocd <- sign-in",
        };
        let app = effect.app.as_deref().unwrap_or("-");
        let revisions: Vec<String> =
            effect.revisions.iter().map(|revision| revision.chars().take(7).collect()).collect();
        let mut line = format!("    {verb} {app}");
        if let Some(object) = &effect.object {
            line.push_str(&format!(" {object}"));
        }
        if !effect.only.is_empty() {
            line.push_str(&format!(" only {}", effect.only.join(",")));
        }
        if !revisions.is_empty() {
            line.push_str(&format!(" revision {}", revisions.join(",")));
        }
        for info in &effect.infos {
            line.push_str(&format!(" infos {}={}", info.name, self.named(&info.value)));
        }
        if !effect.reason.is_empty() {
            line.push_str(&format!(" ({})", effect.reason));
        }
        line
    }

    /// The run that a record speaks of, for sorting, and the record in one line.
    fn fact_line(&self, record: &AuditRecord) -> (String, String) {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&record.what) else {
            return (String::new(), "    audit  unreadable".to_owned());
        };
        let name = match fields.remove("fact") {
            Some(Value::String(name)) => name.replace('_', " "),
            _ => String::new(),
        };
        let run = fields.get("run").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut line = format!("    audit  {name}");
        for (field, value) in fields {
            let text = match value {
                Value::String(text) if field == "plan" => text.chars().take(4).collect(),
                Value::String(text) if field == "call" => self.named(&text).to_owned(),
                Value::String(text) => text,
                Value::Array(items) => items
                    .iter()
                    .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            line.push_str(&format!(" {field}={text}"));
        }
        if let Some(who) = &record.who {
            line.push_str(&format!(" by {who}"));
        }
        (run, line)
    }
}

/// One record, as a line and with what it is sorted by.
struct Told {
    run: String,
    at: Timestamp,
    seq: i64,
    /// The number of the operation that it is about.
    call: Option<u64>,
    line: String,
}

/// The number of an operation in its run: `r1.19` is 19.
fn number(call: &CallId) -> u64 {
    call.as_str().rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The first line behind the head, the others below it; buttons in square brackets; what stands
/// behind "more" with `>`.
fn body_lines(head: &str, body: &Body, lines: &mut Vec<String>) {
    const LONGEST: usize = 6;
    let mention = body.mention.as_ref().map(|person| format!("@{person} ")).unwrap_or_default();
    let mut text = body.text.lines();
    lines.push(format!("{head}{mention}{}", text.next().unwrap_or_default()).trim_end().to_owned());
    lines.extend(text.map(|line| format!("{INDENT}| {line}").trim_end().to_owned()));
    let more: Vec<&str> = body.more.lines().collect();
    lines.extend(
        more.iter().take(LONGEST).map(|line| format!("{INDENT}> {line}").trim_end().to_owned()),
    );
    if more.len() > LONGEST {
        lines.push(format!("{INDENT}> … {} lines", more.len() - LONGEST));
    }
    if !body.buttons.is_empty() {
        let labels: Vec<String> =
            body.buttons.iter().map(|button| format!("[{}]", button.label)).collect();
        lines.push(format!("{INDENT}{}", labels.join(" ")));
    }
}
