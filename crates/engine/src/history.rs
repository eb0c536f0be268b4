//! What changed in a span of time: our own runs, and what tools' histories have beside them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wilco_core::answer::{Answer, Deployed, Gathered, Trouble, TroubleKind};
use wilco_core::call::Call;
use wilco_core::context::Settings;
use wilco_core::input::Span;
use wilco_core::lang::Text;
use wilco_core::people::Member;
use wilco_core::port::Connector;
use wilco_core::run::Run;
use wilco_core::target::{Target, twins};
use wilco_core::time::Timestamp;
use wilco_core::words::{self, history, trouble};

/// The action of a connector that tells its tool's history.
const ACTION: &str = "history";
/// How many lines are told at most.
const MOST: usize = 100;
/// A tool's clock, and its whole seconds, may differ so far from ours.
const APART: Duration = Duration::from_mins(2);

/// Which targets are asked about; all when none is named.
pub(crate) fn targets(call: &Call) -> Result<BTreeSet<Target>, Trouble> {
    let bad = |detail: &str| Trouble {
        tool: call.connector.clone(),
        kind: TroubleKind::BadRequest,
        detail: detail.to_owned(),
    };
    let named = match call.with.get("apps") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(named)) => named.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    let name = |name: &Value| name.as_str().and_then(|name| name.parse().ok());
    named.iter().map(|one| name(one).ok_or_else(|| bad(&one.to_string()))).collect()
}

/// The report. `tools` are asked for what was done past us; one that cannot be is told.
pub(crate) async fn report(
    runs: &[Run],
    tools: &[Arc<dyn Connector>],
    about: &BTreeSet<Target>,
    span: Span,
    settings: &Settings,
    now: Timestamp,
) -> Text {
    let offset = settings.utc_offset;
    let name = |person: &_| settings.directory.name(person);
    let concerns = |target: &Target| about.is_empty() || about.contains(target);
    let mut lines: Vec<(Timestamp, Text)> = Vec::new();
    for run in runs.iter().filter(|run| overlaps(run, span)) {
        let of = |at: usize| concerns(&run.plan.targets[at].target);
        if !(0..run.plan.targets.len()).any(of) {
            continue;
        }
        lines.push((run.created_at, history::run_line(run, of, name, offset)));
        for held in &run.was_held {
            let by = match &held.by {
                Member::Person(person) => name(person),
                Member::Account(account) => account.to_string(),
            };
            lines.push((held.since, history::hold_line(run, held, &by, offset)));
        }
    }
    let mut unread = Text::default();
    for tool in tools.iter().filter(|tool| tool.actions().iter().any(|spec| spec.name == ACTION)) {
        match past_us(tool.as_ref(), about, span).await {
            Ok(Gathered { items: deployed, missing }) => {
                unread = unread.line(&trouble::missing(&missing));
                let past = deployed.iter().filter(|one| !runs.iter().any(|run| did(run, one)));
                let changed =
                    runs.iter().flat_map(|run| &run.plan.targets).map(|part| &part.target);
                let twins = twins(deployed.iter().map(|one| &one.target).chain(changed));
                lines.extend(past.map(|one| {
                    (one.at, history::past_us(one, &words::called(&one.target, &twins), offset))
                }));
            }
            Err(why) => unread = unread.line(&trouble::sentence(&why)),
        }
    }
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let cut = lines.len() > MOST;
    lines.truncate(MOST);
    // Nobody named a time.
    let usual = Span::usual(span.until) == span && now.since(span.until) < APART;
    unread.line(&history::report(span, lines, cut, usual, offset))
}

async fn past_us(
    tool: &dyn Connector,
    about: &BTreeSet<Target>,
    span: Span,
) -> Result<Gathered<Deployed>, Trouble> {
    let apps: Vec<String> = about.iter().map(ToString::to_string).collect();
    let with = [("apps".to_owned(), json!(apps)), ("from".to_owned(), json!(span.from.0))];
    let call = Call {
        connector: tool.name().to_owned(),
        action: ACTION.to_owned(),
        with: with.into_iter().collect(),
    };
    let within = |one: &Deployed| one.at <= span.until;
    match tool.ask(&call).await? {
        Answer::Deployed(mut all) => {
            all.items.retain(within);
            Ok(all)
        }
        _ => Ok(Vec::new().into()),
    }
}

fn overlaps(run: &Run, span: Span) -> bool {
    run.created_at <= span.until && run.ended_at().is_none_or(|at| at >= span.from)
}

/// Whether this entry of a tool's history is what a run did, or watched: the same target and revisions, while it
/// ran, and not by somebody else.
fn did(run: &Run, deployed: &Deployed) -> bool {
    if !(deployed.ours || deployed.automated) {
        return false;
    }
    let during = deployed.at >= run.created_at - APART
        && run.ended_at().is_none_or(|at| deployed.at <= at + APART);
    during
        && run
            .plan
            .targets
            .iter()
            .any(|part| part.target == deployed.target && part.revisions == deployed.revisions)
}
