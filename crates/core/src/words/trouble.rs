//! What people read when a tool gives no usable answer: what happened, and what to do.

use crate::answer::{Trouble, TroubleKind};
use crate::lang::Text;

/// How many characters of a tool's own words are shown in one line.
const DETAIL_CHARS: usize = 160;

/// What happened and what to do, in two short sentences, with the tool's own words behind.
#[must_use]
pub fn sentence(trouble: &Trouble) -> Text {
    with_detail(Text::join([what(trouble), advice(trouble.kind)], " "), &trouble.detail)
}

/// Only what happened, with the tool's own words behind.
#[must_use]
pub fn happened(trouble: &Trouble) -> Text {
    with_detail(what(trouble), &trouble.detail)
}

/// Some of several connections cannot be asked, the others can: what they have is missing in what follows.
#[must_use]
pub fn missing(troubles: &[Trouble]) -> Text {
    Text::lines(troubles.iter().map(|trouble| {
        let missing =
            Text::new("What it has is missing here.", "그쪽 항목은 여기에 나오지 않습니다.");
        Text::join([what(trouble), missing], " ")
    }))
}

/// What happened, without the tool's own words.
#[must_use]
pub fn what(trouble: &Trouble) -> Text {
    let tool = &trouble.tool;
    match trouble.kind {
        TroubleKind::Unreachable => {
            Text::new(format!("{tool} cannot be reached."), format!("{tool}에 연결할 수 없습니다."))
        }
        TroubleKind::TimedOut => Text::new(
            format!("{tool} did not answer in time."),
            format!("{tool}에서 제시간에 응답이 오지 않았습니다."),
        ),
        TroubleKind::Garbled => Text::new(
            format!("{tool} sent an answer that makes no sense."),
            format!("{tool}에서 알아볼 수 없는 응답이 왔습니다."),
        ),
        TroubleKind::ToolFailed => Text::new(
            format!("{tool} reports an error of its own."),
            format!("{tool} 내부에서 오류가 났습니다."),
        ),
        TroubleKind::SignIn => Text::new(
            format!("{tool} does not accept Wilco's sign-in."),
            format!("{tool}에 Wilco 계정으로 로그인할 수 없습니다."),
        ),
        TroubleKind::Forbidden => Text::new(
            format!("{tool} does not let Wilco's account do this."),
            format!("{tool}에서 Wilco 계정에 이 작업 권한이 없습니다."),
        ),
        TroubleKind::NotFound => Text::new(
            format!("{tool} does not know it."),
            format!("{tool}에서 대상을 찾을 수 없습니다."),
        ),
        TroubleKind::Busy => Text::new(
            format!("{tool} is already doing something else to it."),
            format!("{tool}에서 이 대상에 다른 작업이 진행 중입니다."),
        ),
        TroubleKind::WindowClosed => Text::new(
            format!("A closed sync window of {tool} forbids it now."),
            format!("{tool}의 배포 시간대가 닫혀 있어 지금은 할 수 없습니다."),
        ),
        TroubleKind::NotYet => Text::new(
            format!("{tool} has not begun it yet."),
            format!("{tool}에서 아직 시작하지 않았습니다."),
        ),
        TroubleKind::Over => Text::new(
            format!("{tool} has finished it already."),
            format!("{tool}에서 이미 끝난 작업입니다."),
        ),
        TroubleKind::Refused => {
            Text::new(format!("{tool} refused."), format!("{tool}에서 거절했습니다."))
        }
        TroubleKind::SlowDown => Text::new(
            format!("{tool} asks for fewer requests."),
            format!("{tool}에서 요청이 너무 많다고 합니다."),
        ),
        TroubleKind::BadRequest => Text::new(
            format!("{tool} does not understand the request."),
            format!("{tool}에 보낸 요청이 잘못되었습니다."),
        ),
        TroubleKind::Unclear => Text::new(
            format!("What {tool} shows does not tell whether it was done."),
            format!("{tool}에서 확인한 내용만으로는 실행되었는지 알 수 없습니다."),
        ),
    }
}

/// What to do about it.
#[must_use]
pub fn advice(kind: TroubleKind) -> Text {
    match kind {
        TroubleKind::Unreachable | TroubleKind::TimedOut => Text::new(
            "Please check that it is up and can be reached from Wilco.",
            "동작 중인지, Wilco에서 접속되는지 확인해 주세요.",
        ),
        TroubleKind::Garbled => Text::new(
            "Please check its address in the configuration and any proxy in between.",
            "설정의 주소와 중간 프록시를 확인해 주세요.",
        ),
        TroubleKind::ToolFailed => {
            Text::new("Please look at its own logs.", "해당 도구의 로그를 확인해 주세요.")
        }
        TroubleKind::SignIn => Text::new(
            "Please renew the token or password in Wilco's configuration.",
            "Wilco 설정의 토큰이나 비밀번호를 갱신해 주세요.",
        ),
        TroubleKind::Forbidden => Text::new(
            "Please ask its administrator to give the account this right.",
            "관리자에게 이 계정의 권한을 요청해 주세요.",
        ),
        TroubleKind::NotFound => Text::new(
            "Please check the name; it may have been deleted.",
            "이름을 확인해 주세요. 삭제되었을 수도 있습니다.",
        ),
        TroubleKind::Busy => Text::new(
            "Please wait until that is over, then ask again.",
            "그 작업이 끝난 뒤 다시 요청해 주세요.",
        ),
        TroubleKind::WindowClosed => Text::new(
            "Please ask again when the window is open.",
            "시간대가 열린 뒤 다시 요청해 주세요.",
        ),
        TroubleKind::Over => {
            Text::new("Please look there how it ended.", "도구에서 결과를 확인해 주세요.")
        }
        TroubleKind::Refused => Text::new(
            "Please see its reason, and ask again when it is settled.",
            "사유를 확인하고 해결한 뒤 다시 요청해 주세요.",
        ),
        TroubleKind::SlowDown | TroubleKind::NotYet => {
            Text::new("Please try again in a minute.", "잠시 후 다시 시도해 주세요.")
        }
        TroubleKind::BadRequest => {
            Text::new("The runbook needs to be corrected.", "런북을 고쳐야 합니다.")
        }
        TroubleKind::Unclear => Text::new(
            "Please look there what became of it; Wilco does not do it a second time.",
            "도구에서 결과를 직접 확인해 주세요. Wilco는 같은 일을 다시 하지 않습니다.",
        ),
    }
}

/// A sentence with the tool's own words in brackets, if there are any.
fn with_detail(text: Text, detail: &str) -> Text {
    let detail = cut(detail);
    if detail.is_empty() {
        return text;
    }
    Text::new(format!("{} ({detail})", text.en), format!("{} ({detail})", text.ko))
}

/// A tool's own words in one short line.
#[must_use]
pub fn cut(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(DETAIL_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tools_long_words_are_cut_at_a_character() {
        let trouble = Trouble {
            tool: "argocd".into(),
            kind: TroubleKind::Refused,
            detail: "거절\n".repeat(40_000),
        };
        let said = sentence(&trouble);
        assert!(said.ko.starts_with("argocd에서 거절했습니다. 사유를"), "{}", said.ko);
        assert!(said.en.ends_with("…)") && said.en.chars().count() < 300, "{}", said.en);
        assert!(!said.en.contains('\n'));
    }

    #[test]
    fn what_cannot_be_told_says_what_was_seen_and_what_to_do() {
        let trouble = Trouble {
            tool: "argocd".into(),
            kind: TroubleKind::Unclear,
            detail: "operation: mina".into(),
        };
        assert!(!trouble.kind.passes(), "asking again does not help");
        let said = sentence(&trouble);
        assert!(said.en.contains("does not tell whether") && said.en.contains("Please look there"));
        assert!(said.ko.contains("알 수 없습니다") && said.ko.ends_with("(operation: mina)"));
    }

    #[test]
    fn without_words_of_the_tool_there_are_no_brackets() {
        let trouble =
            Trouble { tool: "argocd".into(), kind: TroubleKind::SignIn, detail: " ".into() };
        assert_eq!(happened(&trouble).en, "argocd does not accept Wilco's sign-in.");
    }
}
