//! What the bot says about a target that should have ended by now.

use crate::answer::Trouble;
use crate::ids::RunId;
use crate::lang::Text;
use crate::run::Remedy;
use crate::words::trouble;

/// The state of its row.
#[must_use]
pub fn late(note: &str, asked: Option<Remedy>) -> Text {
    let note = trouble::cut(note);
    let late =
        Text::new(format!("overdue, last seen: {note}"), format!("시간 초과, 마지막 상태: {note}"));
    let Some(asked) = asked.map(button) else { return late };
    Text::new(
        format!("{}; \"{}\" is under way", late.en, asked.en),
        format!("{}, \"{}\" 진행 중", late.ko, asked.ko),
    )
}

/// Said when its time is over. `until`: when it counts as unknown. `remedies`: the buttons.
#[must_use]
pub fn begun(name: &str, limit: &Text, last: &Text, until: &str, remedies: &[Remedy]) -> Text {
    let labels = |label: fn(&Text) -> &str| {
        let quoted = remedies.iter().map(|remedy| format!("\"{}\"", label(&button(*remedy))));
        quoted.collect::<Vec<_>>().join(", ")
    };
    let (en, ko) = (labels(|text| &text.en), labels(|text| &text.ko));
    Text::new(
        format!("{name} has not come to an end within {}, last seen: {}", limit.en, last.en),
        format!("{name} 작업이 {} 안에 끝나지 않았습니다. 마지막 상태: {}", limit.ko, last.ko),
    )
    .line(&Text::new(
        "I keep watching it, and it keeps its lock.",
        "계속 지켜보며 잠금도 유지합니다.",
    ))
    .line(&Text::new(
        format!("Choose on the card: {en}. If nobody does and it does not end, it counts as unknown at {until}."),
        format!("카드에서 골라 주세요: {ko}. 아무도 고르지 않고 끝나지도 않으면 {until}에 \"결과 알 수 없음\"이 됩니다."),
    ))
}

/// The label of the button.
#[must_use]
pub fn button(remedy: Remedy) -> Text {
    match remedy {
        Remedy::Terminate => Text::new("Terminate", "강제 종료"),
        Remedy::StartAgain => Text::new("Start it again", "다시 실행"),
        Remedy::GiveUp => Text::new("A person has to look", "사람이 확인"),
    }
}

/// Somebody decided.
#[must_use]
pub fn asked(remedy: Remedy, by: &str, name: &str, is_over: bool) -> Text {
    match (remedy, is_over) {
        (Remedy::Terminate, _) => Text::new(
            format!("{by} terminates {name} in the tool."),
            format!("{by} 님이 도구에서 {name} 작업을 강제 종료합니다."),
        ),
        (Remedy::StartAgain, true) => Text::new(
            format!("{by} starts {name} again. What would change is read anew first."),
            format!("{by} 님이 {name} 작업을 다시 실행합니다. 먼저 변경 내용을 다시 확인합니다."),
        ),
        (Remedy::StartAgain, false) => Text::new(
            format!(
                "{by} starts {name} again: what is under way is terminated first, and what would change is read anew."
            ),
            format!(
                "{by} 님이 {name} 작업을 다시 실행합니다. 진행 중인 작업을 먼저 종료하고 변경 내용을 다시 확인합니다."
            ),
        ),
        (Remedy::GiveUp, _) => Text::new(
            format!("{by} ends the waiting for {name}: a person has to look what became of it."),
            format!("{by} 님이 {name} 대기를 끝냅니다. 결과는 사람이 확인해야 합니다."),
        ),
    }
}

/// Why its end is unknown, when somebody said that it is.
#[must_use]
pub fn given_up(by: &str, last: &Text) -> Text {
    Text::new(
        format!("{by} stopped waiting for it, last seen: {}", last.en),
        format!("{by} 님이 대기를 끝냄, 마지막 상태: {}", last.ko),
    )
}

/// The tool does not terminate it, so that nothing can be started again.
#[must_use]
pub fn stuck(name: &str, why: &Trouble) -> Text {
    let why = trouble::happened(why);
    Text::new(
        format!(
            "{name} could not be terminated: {} Somebody with access to the cluster has to free it (in Argo CD: remove `operation` of the Application); then choose again.",
            why.en
        ),
        format!(
            "{name} 작업을 강제 종료하지 못했습니다. {} 클러스터 권한이 있는 사람이 풀어 준 뒤(Argo CD: Application의 `operation` 제거) 다시 골라 주세요.",
            why.ko
        ),
    )
}

/// It was decided already, by somebody else or twice.
#[must_use]
pub fn already(by: &str, name: &str, remedy: Remedy) -> Text {
    let what = button(remedy);
    Text::new(
        format!("{by} chose \"{}\" for {name} already; that is under way.", what.en),
        format!("{by} 님이 이미 {name}에 \"{}\" 조치를 골라 진행 중입니다.", what.ko),
    )
}

/// The button belongs to what is over by now.
#[must_use]
pub fn old(run: &RunId) -> Text {
    Text::new(
        format!("That button is old: {run} is not where it was. Nothing was done."),
        format!("오래된 버튼입니다. {run} 작업의 상태가 달라져 아무것도 하지 않았습니다."),
    )
}

/// There is nothing in the tool that could be terminated.
#[must_use]
pub fn not_offered(name: &str) -> Text {
    Text::new(
        format!("There is nothing of {name} under way that could be terminated."),
        format!("{name}에는 강제 종료할 작업이 없습니다."),
    )
}
