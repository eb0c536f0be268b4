//! The version that somebody asked for, beside the one that would come.

use crate::chart::Chart;
use crate::lang::Text;
use crate::version::Fit;
use crate::words;

/// All of them bring it.
#[must_use]
pub fn brought(version: &str) -> Text {
    Text::new(
        format!("Asked for {version}: that is what comes."),
        format!("요청한 버전 {version}: 배포될 버전과 일치합니다."),
    )
}

/// Why what was asked for does not come; `None` where it does.
#[must_use]
pub fn mismatch(name: &str, asked: &str, fit: &Fit) -> Option<Text> {
    match fit {
        Fit::Brought => None,
        Fit::NotYet { stays, charts } => {
            let why = not_yet(asked, stays, charts);
            Some(Text::new(format!("{name}: {}", why.en), format!("{name}: {}", why.ko)))
        }
        Fit::Another { comes, charts } => {
            let comes = with_charts(comes, charts);
            Some(Text::new(
                format!("{name}: asked for {asked}, but {} would come.", comes.en),
                format!("{name}: 요청은 {asked}, 배포될 버전은 {}입니다.", comes.ko),
            ))
        }
    }
}

/// What was asked for is not there yet: in git, or, where it is rendered from a chart, as a version of it.
#[must_use]
pub fn not_yet(asked: &str, stays: &[String], charts: &[Chart]) -> Text {
    let what = with_charts(stays, charts);
    if charts.is_empty() {
        return Text::new(
            format!(
                "asked for {asked}, but git still says {}: the chart is not updated yet.",
                what.en
            ),
            format!("요청은 {asked}, git은 아직 {}입니다. 차트가 갱신되지 않았습니다.", what.ko),
        );
    }
    let why = words::chart::none_newer(charts);
    Text::new(
        format!("asked for {asked}, but it stays {}: {}.", what.en, why.en),
        format!("요청은 {asked}, 지금 그대로 {}입니다. {}.", what.ko, why.ko),
    )
}

/// `1.5.0 (chart wallet 1.2.0 → 1.3.0)`.
fn with_charts(tags: &[String], charts: &[Chart]) -> Text {
    let tags = if tags.is_empty() { "?".to_owned() } else { tags.join(", ") };
    match words::chart::versions(charts) {
        None => Text::verbatim(tags),
        Some(charts) => {
            Text::new(format!("{tags} ({})", charts.en), format!("{tags} ({})", charts.ko))
        }
    }
}

/// Whether that shall come all the same.
#[must_use]
pub fn ask() -> Text {
    Text::new(
        "Deploy what git says all the same? (`yes` / `cancel`)",
        "그래도 git에 있는 대로 배포할까요? (`예` / `취소`)",
    )
}

/// On the button that wants it all the same.
#[must_use]
pub fn yes_label() -> Text {
    Text::new("Yes, what git says", "예, git대로")
}
