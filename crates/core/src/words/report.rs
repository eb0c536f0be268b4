//! Reports of functions that change nothing: versions, plans.

use crate::answer::VersionRow;
use crate::lang::Text;
use crate::plan::{Plan, TargetPlan};
use crate::target::{Environments, twins};
use crate::time::UtcOffset;

use super::when::day_and_clock;

/// How many lines stand in the message before "more".
const SHOWN: usize = 5;

/// Which version runs and which would come: what stands in the message, and behind "more".
#[must_use]
pub fn versions(rows: &[VersionRow], utc_offset: UtcOffset) -> (Text, Text) {
    if rows.is_empty() {
        let none =
            Text::new("No applications are to be seen there.", "조회되는 애플리케이션이 없습니다.");
        return (none, Text::default());
    }
    let twins = twins(rows.iter().map(|row| &row.target));
    let lines: Vec<Text> = rows
        .iter()
        .map(|row| version(row, &super::called(&row.target, &twins), utc_offset))
        .collect();
    let rest = lines.len().saturating_sub(SHOWN);
    let mut shown = Text::lines(lines.iter().take(SHOWN).cloned());
    if rest > 0 {
        shown = shown.line(&Text::new(
            format!("… and {rest} more below"),
            format!("… 외 {rest}개는 더보기"),
        ));
    }
    (shown, Text::lines(lines.into_iter().skip(SHOWN)))
}

/// One application: `wallet-api 1.4.2 → 1.5.0, OutOfSync, Healthy (mina 2026-11-22 18:03)`.
fn version(row: &VersionRow, name: &str, utc_offset: UtcOffset) -> Text {
    if let Some(trouble) = &row.trouble {
        let why = super::trouble::sentence(trouble);
        return Text::new(format!("{name}: {}", why.en), format!("{name}: {}", why.ko));
    }
    let live = short(&row.live);
    let wanted = short(&row.wanted);
    let mut parts = if row.missing_chart.is_some() || wanted == live {
        vec![Text::verbatim(format!("{name} {live}"))]
    } else {
        vec![Text::verbatim(format!("{name} {live} → {wanted}"))]
    };
    parts.extend(super::chart::versions(&row.charts));
    let words = [&row.sync, &row.health].into_iter().filter(|word| !word.is_empty());
    parts.extend(words.map(|word| Text::verbatim(word.clone())));
    if row.chart_not_updated {
        let git = Text::new("no newer version in git or chart yet", "git·차트에 아직 새 버전 없음");
        parts.push(match row.charts.is_empty() {
            true => git,
            false => super::chart::none_newer(&row.charts),
        });
    }
    let line = Text::join(parts, ", ");
    let changed = match (&row.changed_by, row.changed_at) {
        (Some(by), Some(at)) => format!(" ({by}, {})", day_and_clock(at, utc_offset)),
        (None, Some(at)) => format!(" ({})", day_and_clock(at, utc_offset)),
        (Some(by), None) => format!(" ({by})"),
        (None, None) => String::new(),
    };
    let commit = row
        .commit
        .as_ref()
        .map(|commit| format!(" — {}: {}", commit.author, commit.title))
        .unwrap_or_default();
    let line = Text::join([line, Text::verbatim(format!("{changed}{commit}"))], "");
    match &row.missing_chart {
        None => line,
        Some(chart) => Text::join([line, super::chart::missing(chart)], " — "),
    }
}

/// Tags alone where there is one image, names with tags where there are several.
fn short(images: &[String]) -> String {
    let last = |image: &String| image.rsplit('/').next().unwrap_or(image).to_owned();
    match images {
        [] => "?".to_owned(),
        [one] => last(one).split_once(':').map_or_else(|| last(one), |(_, tag)| tag.to_owned()),
        many => many.iter().map(last).collect::<Vec<_>>().join(" + "),
    }
}

/// What would change, without starting anything.
#[must_use]
pub fn plan(
    parts: &[TargetPlan],
    environments: &Environments,
    utc_offset: UtcOffset,
) -> (Text, Text) {
    let of = |part: &TargetPlan| (part.target.clone(), environments.of(&part.target));
    let plan = Plan::new(parts.to_vec(), parts.iter().map(of).collect());
    let mut lines: Vec<Text> = Vec::new();
    for (at, part) in plan.targets.iter().enumerate() {
        lines.push(match &part.obstacle {
            Some(obstacle) => {
                let why = super::plan::obstacle_reason(obstacle);
                let name = super::run::name(&plan, &part.target);
                Text::new(format!("{name}: {}", why.en), format!("{name}: {}", why.ko))
            }
            None => super::plan::change_line(&plan, at, utc_offset),
        });
    }
    if plan.targets.iter().any(|part| part.only.is_some()) {
        lines.push(super::plan::in_part());
    }
    let rest = Text::lines(lines.iter().skip(SHOWN).cloned());
    let details = super::plan::details(&plan);
    let mut shown = Text::lines(lines.into_iter().take(SHOWN));
    if plan.targets.len() > SHOWN {
        let more = plan.targets.len() - SHOWN;
        shown = shown.line(&Text::new(
            format!("… and {more} more below"),
            format!("… 외 {more}개는 더보기"),
        ));
    }
    (shown, rest.line(&details))
}
