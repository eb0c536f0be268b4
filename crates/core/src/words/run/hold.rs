//! What the bot says about a run on hold.

use crate::ids::RunId;
use crate::lang::Text;

/// How many names a sentence has.
const NAMES: usize = 3;

/// What a run does, and that nothing new begins.
#[must_use]
pub fn on_hold(does: &Text) -> Text {
    Text::new(format!("{}, on hold", does.en), format!("{}, 보류", does.ko))
}

/// Somebody put it on hold, maybe while something is under way.
#[must_use]
pub fn held(run: &RunId, by: &str, goes_on: bool, waiting: &[String], resumers: &str) -> Text {
    let (en, ko) = (names(waiting, "and", "more"), names(waiting, "외", "개"));
    let does_not = if waiting.len() == 1 { "does not begin" } else { "do not begin" };
    let (first, meanwhile) = if goes_on {
        ("what is under way goes on, ", "진행 중인 것은 끝까지 진행하고 ")
    } else {
        ("", "")
    };
    Text::new(
        format!(
            "{by} put {run} on hold: {first}{en} {does_not}. `resume` by {resumers} goes on, `cancel` ends it."
        ),
        format!(
            "{by} 님이 {run} 작업을 보류했습니다. {meanwhile}{ko} 작업은 시작하지 않습니다. 이어서 하려면 \
             `재개`({resumers}), 끝내려면 `취소`를 입력하세요."
        ),
    )
}

/// The first names, and how many more there are.
fn names(all: &[String], and: &str, more: &str) -> String {
    let shown = all[..all.len().min(NAMES)].join(", ");
    match all.len().saturating_sub(NAMES) {
        0 => shown,
        rest => format!("{shown} {and} {rest} {more}").replace(" 개", "개"),
    }
}

/// It is on hold already.
#[must_use]
pub fn already_held(run: &RunId, by: &str, resumers: &str) -> Text {
    Text::new(
        format!("{run} is on hold already, as {by} asked. `resume` by {resumers} goes on."),
        format!(
            "{run} 작업은 {by} 님 요청으로 이미 보류 중입니다. 이어서 하려면 `재개`({resumers})를 입력하세요."
        ),
    )
}

/// Everything was begun.
#[must_use]
pub fn nothing_left(run: &RunId) -> Text {
    Text::new(
        format!(
            "Nothing of {run} is left to hold back: all of it has begun. `cancel` stops what is under way."
        ),
        format!(
            "{run} 작업은 모두 시작되어 보류할 것이 없습니다. `취소`를 입력하면 진행 중인 것을 중지합니다."
        ),
    )
}

/// It goes on.
#[must_use]
pub fn resumed(run: &RunId, by: &str) -> Text {
    Text::new(format!("{by} resumed {run}."), format!("{by} 님이 {run} 작업을 재개했습니다."))
}

/// Nobody holds it.
#[must_use]
pub fn not_held(run: &RunId) -> Text {
    Text::new(format!("{run} is not on hold."), format!("{run} 작업은 보류 중이 아닙니다."))
}

/// Somebody who may not lets it go on.
#[must_use]
pub fn may_not_resume(run: &RunId, who: &str, resumers: &str) -> Text {
    Text::new(
        format!("{who} may not resume {run}. Those who may: {resumers}."),
        format!("{who} 님은 {run} 작업을 재개할 수 없습니다. 가능한 사람: {resumers}."),
    )
}

/// The one who started it may not let it go on any more, because the agreement was for then.
#[must_use]
pub fn agreement_is_over(run: &RunId, until: &str, approvers: &str) -> Text {
    Text::new(
        format!(
            "The approval of {run} counted until {until}. Someone of {approvers} has to resume it, which \
             approves it anew."
        ),
        format!(
            "{run} 작업의 승인은 {until}까지 유효했습니다. {approvers} 중 한 명이 재개해 주세요. 다시 승인하는 \
             것으로 봅니다."
        ),
    )
}

/// The foot of the card on hold.
#[must_use]
pub fn held_by(by: &str, since: &str, resumers: &str) -> Text {
    Text::new(
        format!("{by} holds it since {since}: nothing new begins until `resume` by {resumers}."),
        format!(
            "{by} 님이 {since}부터 보류했습니다. `재개`({resumers})할 때까지 새로 시작하지 않습니다."
        ),
    )
}

/// It may be forgotten.
#[must_use]
pub fn reminder(run: &RunId, by: &str, since: &str, resumers: &str) -> Text {
    Text::new(
        format!(
            "{run} is still on hold, by {by} since {since}, and keeps its locks. `resume` by {resumers} goes \
             on, `cancel` ends it."
        ),
        format!(
            "{run} 작업이 아직 보류 중이며 잠금도 유지됩니다({by} 님, {since}부터). 이어서 하려면 \
             `재개`({resumers}), 끝내려면 `취소`를 입력하세요."
        ),
    )
}

/// The button that holds.
#[must_use]
pub fn hold_button() -> Text {
    Text::new("Hold", "보류")
}

/// The button that lets it go on.
#[must_use]
pub fn resume_button() -> Text {
    Text::new("Resume", "재개")
}
