//! What the bot says about a target that should have ended by now.

use crate::answer::{Trouble, TroubleKind};
use crate::ids::RunId;
use crate::lang::Text;
use crate::run::Remedy;
use crate::words::trouble;

/// The state of its row.
#[must_use]
pub fn late(last: &Text, asked: Option<Remedy>) -> Text {
    let late = Text::new(
        format!("overdue, last seen: {}", trouble::cut(&last.en)),
        format!("시간 초과, 마지막 상태: {}", trouble::cut(&last.ko)),
    );
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
pub fn asked(remedy: Remedy, by: &str, name: &str) -> Text {
    match remedy {
        Remedy::Terminate => Text::new(
            format!("{by} terminates {name} in the tool."),
            format!("{by} 님이 도구에서 {name} 작업을 강제 종료합니다."),
        ),
        Remedy::StartAgain => Text::new(
            format!(
                "{by} starts {name} again: what is under way is terminated first, and what would change is read anew."
            ),
            format!(
                "{by} 님이 {name} 작업을 다시 실행합니다. 진행 중인 작업을 먼저 종료하고 변경 내용을 다시 확인합니다."
            ),
        ),
        Remedy::GiveUp => Text::new(
            format!("{by} ends the waiting for {name}: a person has to look what became of it."),
            format!("{by} 님이 {name} 대기를 끝냅니다. 결과는 사람이 확인해야 합니다."),
        ),
    }
}

/// Why it did not work, when somebody had it terminated.
#[must_use]
pub fn terminated(by: &str) -> Text {
    Text::new(format!("terminated by {by}"), format!("{by} 님이 강제 종료함"))
}

/// Why its end is unknown, when somebody said that it is.
#[must_use]
pub fn given_up(by: &str, last: &Text) -> Text {
    Text::new(
        format!("{by} stopped waiting for it, last seen: {}", last.en),
        format!("{by} 님이 대기를 끝냄, 마지막 상태: {}", last.ko),
    )
}

/// The tool does not terminate it. One that says it has nothing to terminate, or refuses, is in a state of which only
/// somebody with access to the cluster can free it (ARGO-33); in all other cases it may be asked again.
#[must_use]
pub fn stuck(name: &str, trouble: &Trouble) -> Text {
    let is_dead = matches!(trouble.kind, TroubleKind::NotYet | TroubleKind::Refused);
    let (why, then) = if is_dead {
        let then = Text::new(
            "Somebody with access to the cluster can free it (in Argo CD: remove `operation` of the Application). I keep watching.",
            "클러스터 권한이 있는 사람이 풀어 줄 수 있습니다(Argo CD: Application의 `operation` 제거). 계속 지켜봅니다.",
        );
        (trouble::happened(trouble), then)
    } else {
        let then = Text::new(
            "Choose again when that is in order. I keep watching.",
            "해결되면 다시 골라 주세요. 계속 지켜봅니다.",
        );
        (trouble::sentence(trouble), then)
    };
    Text::new(
        format!("{name} could not be terminated: {} {}", why.en, then.en),
        format!("{name} 작업을 강제 종료하지 못했습니다. {} {}", why.ko, then.ko),
    )
}

/// It was over before it could be terminated.
#[must_use]
pub fn applied(name: &str) -> Text {
    Text::new(
        format!(
            "{name} was applied before it could be terminated. What was applied stays; I keep watching its health."
        ),
        format!(
            "{name} 작업은 종료되기 전에 이미 적용되었습니다. 적용된 내용은 그대로 두고 상태를 계속 지켜봅니다."
        ),
    )
}

/// Nobody knows whether the request to terminate it reached the tool.
#[must_use]
pub fn not_after_astray(name: &str) -> Text {
    Text::new(
        format!(
            "Nobody knows whether the request to terminate {name} arrived, and one that comes late could stop a new attempt. So it is only terminated, not started again; retry it when the run is over."
        ),
        format!(
            "{name} 종료 요청이 도착했는지 알 수 없고, 늦게 도착하면 새 작업을 멈출 수 있습니다. 그래서 종료만 하고 다시 실행하지 않습니다. 작업이 끝난 뒤 다시 시도해 주세요."
        ),
    )
}

/// The state of the row of what is to be begun once more after a hold.
#[must_use]
pub fn again() -> Text {
    Text::new("waits to be started again", "다시 실행 대기")
}

/// Nothing can be started again now.
#[must_use]
pub fn on_hold(run: &RunId, resumers: &str) -> Text {
    Text::new(
        format!(
            "{run} is on hold, so nothing is started again. `resume` ({resumers}) comes first."
        ),
        format!(
            "{run} 작업은 보류 중이라 다시 실행할 수 없습니다. 먼저 `재개`({resumers})해야 합니다."
        ),
    )
}

/// The agreement is for now, and an approver has to give another.
#[must_use]
pub fn agreement_is_over(run: &RunId, until: &str, approvers: &str) -> Text {
    Text::new(
        format!(
            "The approval of {run} counted until {until}. Someone of {approvers} has to start it again, which approves it anew."
        ),
        format!(
            "{run} 작업의 승인은 {until}까지 유효했습니다. {approvers} 중 한 명이 다시 실행해 주세요. 다시 승인하는 것으로 봅니다."
        ),
    )
}

/// The attempt before came to no good end, and another could not be begun in time. `last`: what stood in the way.
#[must_use]
pub fn not_again(limit: &Text, last: &Text) -> Text {
    Text::new(
        format!(
            "over without success, and could not be started again within {}. {}",
            limit.en, last.en
        ),
        format!("성공하지 못한 채 끝났고 {} 안에 다시 시작하지 못함. {}", limit.ko, last.ko),
    )
}

/// The attempt before came to no good end, and no other is begun for this reason.
#[must_use]
pub fn not_again_because(why: &Text) -> Text {
    Text::new(
        format!("over without success, and not started again: {}", why.en),
        format!("성공하지 못한 채 끝났고 다시 시작하지 않음: {}", why.ko),
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

/// It went on meanwhile, so that this is not offered any more.
#[must_use]
pub fn not_offered(name: &str) -> Text {
    Text::new(
        format!("That cannot be done to {name} any more: the card shows what can."),
        format!("{name}에는 이제 할 수 없는 조치입니다. 카드에 보이는 것 중에서 골라 주세요."),
    )
}
