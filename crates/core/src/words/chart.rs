//! Helm charts and their versions.

use crate::chart::{Chart, MissingChart};
use crate::lang::Text;

/// `chart wallet 1.2.0 → 1.3.0`, one after the other; `None` where there is no chart.
#[must_use]
pub fn versions(charts: &[Chart]) -> Option<Text> {
    let one = |chart: &Chart| {
        let (name, version) = (&chart.name, version(chart));
        Text::new(format!("chart {name} {version}"), format!("차트 {name} {version}"))
    };
    (!charts.is_empty()).then(|| Text::join(charts.iter().map(one), ", "))
}

fn version(chart: &Chart) -> String {
    match &chart.from {
        Some(from) if chart.changes() => format!("{from} → {}", chart.to),
        _ => chart.to.clone(),
    }
}

/// With what it says of itself, for behind "more": `chart wallet 1.2.0 → 1.3.0 (1.x): Runs wallet`.
#[must_use]
pub fn detail(chart: &Chart) -> String {
    let Chart { name, follows, about, .. } = chart;
    let range = match follows.is_empty() || chart.is_pinned() {
        true => String::new(),
        false => format!(" ({follows})"),
    };
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    format!("chart {name} {}{range}{about}", version(chart))
}

/// Why nothing newer would come.
#[must_use]
pub fn none_newer(charts: &[Chart]) -> Text {
    match charts.iter().find(|chart| !chart.is_pinned()) {
        Some(ranged) => {
            let range = &ranged.follows;
            Text::new(
                format!("no newer chart within {range} yet"),
                format!("{range} 범위에 아직 새 차트 없음"),
            )
        }
        None => Text::new(
            "this chart version is named exactly, so no newer one comes",
            "이 차트 버전으로 고정되어 새 버전 없음",
        ),
    }
}

/// The version that is wanted is not in the chart's repository.
#[must_use]
pub fn missing(chart: &MissingChart) -> Text {
    let MissingChart { name, version } = chart;
    Text::new(
        format!(
            "its repository has no chart {name} {version} (any more); have it published again, or name another \
             version."
        ),
        format!(
            "차트 리포지터리에 없는 버전입니다: {name} {version}. 다시 올리거나 다른 버전을 지정해 주세요."
        ),
    )
}
