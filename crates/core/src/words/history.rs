//! What changed, by whom: runs of Wilco and what was done past it.

use crate::answer::Deployed;
use crate::input::Span;
use crate::lang::Text;
use crate::run::Run;
use crate::run::state::{State, WasHeld};
use crate::time::{Timestamp, UtcOffset};
use crate::words::run::change_of;

use super::when;

/// How many targets of a run are named.
const NAMED: usize = 3;
/// How many characters of a revision are shown.
const REVISION: usize = 8;

/// The whole report, the newest first. `cut` says that older lines are left out, `usual` that nobody named a
/// time.
#[must_use]
pub fn report(
    span: Span,
    lines: Vec<(Timestamp, Text)>,
    cut: bool,
    usual: bool,
    utc_offset: UtcOffset,
) -> Text {
    let (from, until) =
        (when::day_and_clock(span.from, utc_offset), when::day_and_clock(span.until, utc_offset));
    let head = if lines.is_empty() {
        Text::new(
            format!("Nothing changed between {from} and {until}."),
            format!("{from} ~ {until} 사이에 변경이 없습니다."),
        )
    } else {
        let count = lines.len();
        Text::new(
            format!("{count} change(s) between {from} and {until}, the latest first:"),
            format!("{from} ~ {until} 변경 {count}건 (최신순):"),
        )
    };
    let more = if cut {
        Text::new("Older ones are not shown.", "더 오래된 것은 표시하지 않았습니다.")
    } else {
        Text::default()
    };
    let hint = if usual {
        Text::new(
            "Another time: `history yesterday`, `history wallet-api 14:00-15:00`, `history 7d`.",
            "다른 시간: `이력 어제`, `이력 wallet-api 14:00-15:00`, `이력 7일`.",
        )
    } else {
        Text::default()
    };
    let mut lines = lines;
    lines.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Text::lines(std::iter::once(head).chain(lines.into_iter().map(|(_, line)| line)))
        .line(&more)
        .line(&hint)
}

/// One run: when, what it did to which targets, who asked and agreed, how it ended.
#[must_use]
pub fn run_line(
    run: &Run,
    about: impl Fn(usize) -> bool,
    name: impl Fn(&crate::ids::PersonId) -> String,
    utc_offset: UtcOffset,
) -> Text {
    let parts: Vec<Text> = run
        .plan
        .targets
        .iter()
        .enumerate()
        .filter(|(at, _)| about(*at))
        .map(|(_, part)| change_of(&crate::words::run::name(&run.plan, &part.target), part))
        .collect();
    let more = parts.len().saturating_sub(NAMED);
    let mut targets = Text::join(parts.into_iter().take(NAMED), ", ");
    if more > 0 {
        targets =
            Text::join([targets, Text::new(format!("+{more}"), format!("외 {more}개"))], ", ");
    }
    let at = when::day_and_clock(run.created_at, utc_offset);
    let given = run.approval.as_ref().and_then(|approval| approval.given.as_ref());
    let by = name(&run.requester);
    let by = match given.map(|given| name(&given.by)) {
        Some(agreed) => {
            Text::new(format!("{by}, approved by {agreed}"), format!("{by}, 승인 {agreed}"))
        }
        None => Text::verbatim(by),
    };
    let ended = run.summary();
    let took = match &run.state {
        State::Ended(ended) => ended.since.map(|since| when::duration(ended.at.since(since))),
        _ => None,
    };
    let how = match took {
        Some(took) => Text::join([ended, took], ", "),
        None => ended,
    };
    Text::new(
        format!("{at} {} {} {} ({}): {}", run.id, run.name, targets.en, by.en, how.en),
        format!("{at} {} {} {} ({}): {}", run.id, run.name, targets.ko, by.ko, how.ko),
    )
}

/// A run was on hold for a while.
#[must_use]
pub fn hold_line(run: &Run, held: &WasHeld, by: &str, utc_offset: UtcOffset) -> Text {
    let (at, until) =
        (when::day_and_clock(held.since, utc_offset), when::clock(held.until, utc_offset));
    let run = &run.id;
    Text::new(
        format!("{at} {run} on hold until {until} (by {by})"),
        format!("{at} {run} 보류, {until}까지 ({by})"),
    )
}

/// Something was deployed past Wilco, to what is called `name`.
#[must_use]
pub fn past_us(deployed: &Deployed, name: &str, utc_offset: UtcOffset) -> Text {
    let at = when::day_and_clock(deployed.at, utc_offset);
    let revisions: Vec<String> =
        deployed.revisions.iter().map(|whole| whole.chars().take(REVISION).collect()).collect();
    let revisions = revisions.join(", ");
    if deployed.automated {
        return Text::new(
            format!("{at} {name} → {revisions}: deployed by Argo CD itself"),
            format!("{at} {name} → {revisions}: Argo CD 자동 배포"),
        );
    }
    let by = if deployed.by.is_empty() { "?" } else { deployed.by.as_str() };
    Text::new(
        format!("{at} {name} → {revisions}: outside Wilco, by {by}"),
        format!("{at} {name} → {revisions}: Wilco 밖에서 변경 ({by})"),
    )
}
