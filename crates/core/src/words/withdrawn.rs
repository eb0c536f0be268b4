//! What was rolled back, and is asked for again.

use std::collections::BTreeSet;

use crate::ids::RunId;
use crate::lang::Text;
use crate::plan::TargetPlan;
use crate::target::Target;
use crate::time::UtcOffset;
use crate::withdrawal::Withdrawal;

use super::plan::brings;
use super::when;

/// How many are told before "more".
const SHOWN: usize = 3;

/// Whether these shall come again: what, by which run and whose it was taken back, and when. What stands in
/// the message, and what stands behind "more".
#[must_use]
pub fn again(
    doubtful: &[(&TargetPlan, &Withdrawal, String)],
    twins: &BTreeSet<Target>,
    utc_offset: UtcOffset,
) -> (Text, Text) {
    let line = |(part, gone, by): &(&TargetPlan, &Withdrawal, String)| {
        let (name, change) = (super::called(&part.target, twins), brings(part));
        let (run, at) = (&gone.run, when::day_and_clock(gone.at, utc_offset));
        Text::new(
            format!("{name} {}: rolled back by {run} ({by}, {at}).", change.en),
            format!("{name} {}: {run}에서 롤백한 버전입니다 ({by}, {at}).", change.ko),
        )
    };
    let lines: Vec<Text> = doubtful.iter().map(line).collect();
    let (shown, hidden) = lines.split_at(lines.len().min(SHOWN));
    let ask = match hidden.len() {
        0 => Text::new(
            "Really bring it again? (`yes` / `cancel`)",
            "정말 다시 배포할까요? (`예` / `취소`)",
        ),
        more => Text::new(
            format!("… and {more} more. Really bring them again? (`yes` / `cancel`)"),
            format!("… 외 {more}개. 정말 다시 배포할까요? (`예` / `취소`)"),
        ),
    };
    (Text::lines(shown.to_vec()).line(&ask), Text::lines(hidden.to_vec()))
}

/// On the button that wants it again.
#[must_use]
pub fn yes_label() -> Text {
    Text::new("Yes, bring it again", "예, 다시 배포")
}

/// Behind the name of a choice.
#[must_use]
pub fn note(run: &RunId) -> Text {
    Text::new(format!("rolled back by {run}"), format!("{run}에서 롤백됨"))
}

/// A yes that was sent before the question stood there.
#[must_use]
pub fn yes_too_early() -> Text {
    Text::new(
        "That yes was sent before you could read that it was rolled back. Please read it and say `yes` again.",
        "롤백된 버전이라는 안내가 표시되기 전에 보낸 답입니다. 내용을 확인하고 다시 `예`라고 입력해 주세요.",
    )
}

/// Something else than a yes.
#[must_use]
pub fn not_a_yes() -> Text {
    Text::new(
        "It was rolled back before. `yes` shows the plan to bring it again, `back` changes something, `cancel` \
         ends this.",
        "이전에 롤백한 버전입니다. 다시 배포할 계획을 보려면 `예`, 바꾸려면 `뒤로`, 그만두려면 `취소`를 입력하세요.",
    )
}
