//! What the menu says.

use crate::ids::TeamName;
use crate::lang::{Lang, Text};
use crate::rights::Denial;

/// Above the numbered list.
#[must_use]
pub fn greeting() -> Text {
    Text::new(
        "What can I do for you? Type a number or a name; `cancel` ends this at any time.",
        "무엇을 도와드릴까요? 번호나 이름을 입력하세요. 언제든 `취소`로 끝낼 수 있습니다.",
    )
}

/// A function's title in one line, also where both languages are read.
#[must_use]
pub fn title(title: &Text, lang: Lang) -> Text {
    match lang {
        Lang::Both if title.en != title.ko => {
            Text::verbatim(format!("{} / {}", title.ko, title.en))
        }
        Lang::Both | Lang::Ko | Lang::En => title.clone(),
    }
}

/// One line of the list.
#[must_use]
pub fn entry(number: u32, title: &Text) -> Text {
    Text::new(format!("{number}. {}", title.en), format!("{number}. {}", title.ko))
}

/// On the button that ends a dialog.
#[must_use]
pub fn cancel_label() -> Text {
    Text::new("Cancel", "취소")
}

/// After a wrong answer to the menu.
#[must_use]
pub fn how_to_choose() -> Text {
    Text::new(
        "Please type a number from the list above, or a function's name. `help` shows the list again.",
        "위 목록의 번호나 기능 이름을 입력해 주세요. `헬프`로 목록을 다시 볼 수 있습니다.",
    )
}

/// The chosen function was removed while the menu stood there.
#[must_use]
pub fn gone() -> Text {
    Text::new("That function was removed a moment ago.", "그 기능은 방금 제거되었습니다.")
}

/// Nothing in the menu for this person.
#[must_use]
pub fn nothing_allowed() -> Text {
    Text::new(
        "No function is open to you here. An administrator can add you to a team.",
        "사용할 수 있는 기능이 없습니다. 관리자에게 팀 추가를 요청해 주세요.",
    )
}

/// Not one function is loaded.
#[must_use]
pub fn nothing_loaded() -> Text {
    Text::new(
        "No functions are loaded, so I can do nothing yet. An administrator can add runbooks.",
        "등록된 기능이 없어 아직 할 수 있는 일이 없습니다. 관리자에게 런북 추가를 요청해 주세요.",
    )
}

/// Somebody whom Wilco does not know talked to it.
#[must_use]
pub fn unknown_person(account: &str) -> Text {
    Text::new(
        format!(
            "I do not know the account `{account}`, so I may do nothing for it. An administrator can add it under `people:`."
        ),
        format!(
            "`{account}` 계정은 등록되어 있지 않아 아무 작업도 할 수 없습니다. 관리자에게 `people:` 등록을 요청해 주세요."
        ),
    )
}

/// Somebody of another organisation talked to it, in a room that is shared with them.
#[must_use]
pub fn outsider() -> Text {
    Text::new(
        "This room is shared with another organisation. People from there may read along, and I do nothing for them. Please ask somebody of ours.",
        "다른 조직과 공유된 방입니다. 외부 조직의 분은 읽을 수만 있고, 요청은 처리하지 않습니다. 내부 담당자에게 요청해 주세요.",
    )
}

/// Addressed, but no function has this name.
#[must_use]
pub fn not_understood(what: &str, suggestion: Option<&str>) -> Text {
    let what = shorten(what);
    match suggestion {
        Some(word) => Text::new(
            format!("I did not understand `{what}`. Did you mean `{word}`?"),
            format!("이해하지 못했습니다: `{what}`. 혹시 `{word}`인가요?"),
        ),
        None => Text::new(
            format!("I did not understand `{what}`."),
            format!("이해하지 못했습니다: `{what}`."),
        ),
    }
}

/// The person may not start this function.
#[must_use]
pub fn may_not(title: &Text, denial: &Denial) -> Text {
    let why = because(denial);
    Text::new(
        format!("You may not start \"{}\": {}", title.en, why.en),
        format!("\"{}\" 기능을 시작할 수 없습니다: {}", title.ko, why.ko),
    )
}

/// The right was taken away between the first question and the yes.
#[must_use]
pub fn may_no_longer(title: &Text) -> Text {
    Text::new(
        format!("You may no longer start \"{}\", so nothing was started.", title.en),
        format!("\"{}\" 기능의 권한이 없어져 아무것도 시작하지 않았습니다.", title.ko),
    )
}

/// The rule that said no, and whom to ask.
#[must_use]
pub fn because(denial: &Denial) -> Text {
    match denial {
        Denial::Nobody => Text::new(
            "its `who` names nobody. An administrator can add a team.",
            "`who`에 지정된 팀이 없습니다. 관리자에게 팀 추가를 요청해 주세요.",
        ),
        Denial::NotInTeams(teams) => {
            let teams = teams.iter().map(TeamName::as_str).collect::<Vec<_>>().join(", ");
            Text::new(
                format!("only members of {teams} may. Please ask one of them."),
                format!("{teams} 팀만 할 수 있습니다. 해당 팀에 요청해 주세요."),
            )
        }
        Denial::Requester => Text::new(
            "you asked for it yourself, so somebody else must agree.",
            "본인이 요청한 작업이라 다른 분의 승인이 필요합니다.",
        ),
        Denial::Unknown => Text::new(
            "I do not know this person. An administrator can add them under `people:`.",
            "등록되지 않은 사용자입니다. 관리자에게 `people:` 등록을 요청해 주세요.",
        ),
    }
}

/// What somebody typed, cut to a length that can be repeated.
#[must_use]
pub(super) fn shorten(what: &str) -> String {
    const SHOWN: usize = 60;
    let line = what.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= SHOWN {
        line
    } else {
        line.chars().take(SHOWN).chain(['…']).collect()
    }
}
