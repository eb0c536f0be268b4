//! The version that somebody asked for, beside the one that would come.

use crate::lang::Text;
use crate::version::Fit;

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
    let list = |tags: &[String]| if tags.is_empty() { "?".to_owned() } else { tags.join(", ") };
    match fit {
        Fit::Brought => None,
        Fit::NotYet { stays } => {
            let stays = list(stays);
            Some(Text::new(
                format!(
                    "{name}: asked for {asked}, but git still says {stays}: the chart is not updated yet."
                ),
                format!(
                    "{name}: 요청은 {asked}, git은 아직 {stays}입니다. 차트가 갱신되지 않았습니다."
                ),
            ))
        }
        Fit::Another { comes } => {
            let comes = list(comes);
            Some(Text::new(
                format!("{name}: asked for {asked}, but {comes} would come."),
                format!("{name}: 요청은 {asked}, 배포될 버전은 {comes}입니다."),
            ))
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
