//! What happened between two quiet points, as lines that people review.
//!
//! The order is made stable where the world has none: messages by thread, then in the order in
//! which they were posted; calls by application; audit records by run.

use std::collections::BTreeMap;

use serde_json::Value;
use wilco_core::audit::AuditRecord;
use wilco_core::message::{Body, To};
use wilco_core::port::StoredAudit;
use wilco_sim::argocd::{Effect, EffectKind};

use crate::script::Place;
use crate::stage::{Posted, Stage};

/// Before the second and later lines of a message.
const INDENT: &str = "           ";

/// Remembers what was told already.
#[derive(Default)]
pub(crate) struct Recorder {
    revisions: BTreeMap<String, u64>,
    effects: usize,
    audits: i64,
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
        let mut lines = self.messages(stage);
        lines.extend(self.calls(ledger));
        lines.extend(self.facts(audits));
        lines
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
        let mut new: Vec<&Effect> = ledger[self.effects.min(ledger.len())..]
            .iter()
            .filter(|effect| !matches!(effect.kind, EffectKind::SignIn | EffectKind::SignInRefused))
            .collect();
        self.effects = ledger.len();
        new.sort_by(|a, b| (&a.app, a.at_ms).cmp(&(&b.app, b.at_ms)));
        new.into_iter().map(call_line).collect()
    }

    fn facts(&mut self, audits: &[StoredAudit]) -> Vec<String> {
        let mut lines: Vec<(String, i64, String)> = audits
            .iter()
            .map(|audit| {
                let (run, line) = fact_line(&audit.record);
                (run, audit.seq, line)
            })
            .collect();
        self.audits = audits.iter().map(|audit| audit.seq).fold(self.audits, i64::max);
        lines.sort();
        lines.into_iter().map(|(_, _, line)| line).collect()
    }
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

fn call_line(effect: &Effect) -> String {
    let verb = match effect.kind {
        EffectKind::Sync => "argocd <- sync",
        EffectKind::AutoSync => "argocd    auto-sync",
        EffectKind::Terminate => "argocd <- terminate",
        EffectKind::Restart => "argocd <- restart",
        EffectKind::RestartRefused => "argocd <- restart refused",
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
    if !revisions.is_empty() {
        line.push_str(&format!(" revision {}", revisions.join(",")));
    }
    for info in &effect.infos {
        line.push_str(&format!(" infos {}={}", info.name, info.value));
    }
    if !effect.reason.is_empty() {
        line.push_str(&format!(" ({})", effect.reason));
    }
    line
}

/// The run that a record speaks of, for sorting, and the record in one line.
fn fact_line(record: &AuditRecord) -> (String, String) {
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
