//! What the bot says about approvals.

use crate::ids::{PlanDigest, RunId, TeamName};
use crate::lang::Text;
use crate::rights::Denial;

/// `@release-managers, @leads`.
#[must_use]
pub fn teams(teams: &[TeamName]) -> String {
    teams.iter().map(|team| format!("@{team}")).collect::<Vec<_>>().join(", ")
}

/// The foot of the card while it waits.
#[must_use]
pub fn wanted(requester: &str, by: &[TeamName], until: &str, digest: &PlanDigest) -> Text {
    let (by, plan) = (teams(by), digest.short());
    Text::new(
        format!("{by}: please approve or reject by {until}. Asked by {requester}, plan {plan}."),
        format!("{by} {until}까지 승인 또는 반려해 주세요. 요청 {requester} 님, 계획 {plan}"),
    )
}

/// The button that agrees.
#[must_use]
pub fn approve() -> Text {
    Text::new("Approve", "승인")
}

/// The button that refuses.
#[must_use]
pub fn reject() -> Text {
    Text::new("Reject", "반려")
}

/// A decision that does not count because of who made it.
#[must_use]
pub fn denied(who: &str, run: &RunId, denial: &Denial) -> Text {
    match denial {
        Denial::Requester => Text::new(
            format!("{who} asked for {run}, so someone else has to decide. `cancel` stops it."),
            format!(
                "{who} 님이 요청한 작업({run})이라 다른 분이 결정해야 합니다. 그만두려면 `취소`를 눌러 주세요."
            ),
        ),
        Denial::NotInTeams(wanted) => Text::new(
            format!("Only {} can decide on {run}, and {who} is not among them.", teams(wanted)),
            format!(
                "{run} 승인은 {} 소속만 할 수 있습니다. {who} 님은 소속이 아닙니다.",
                teams(wanted)
            ),
        ),
        Denial::Nobody => Text::new(
            format!("The runbook of {run} names nobody who may approve. Please correct it."),
            format!("{run} 런북에 승인할 수 있는 팀이 없습니다. 런북을 고쳐 주세요."),
        ),
        Denial::Unknown => Text::new(
            format!(
                "I do not know {who}, so this decision on {run} does not count. Please ask to be added under `people:`."
            ),
            format!(
                "{who} 님은 등록되지 않은 사용자라 {run} 결정이 반영되지 않습니다. `people:` 등록을 요청해 주세요."
            ),
        ),
    }
}

/// A button of another plan than the one that waits.
#[must_use]
pub fn old_card(run: &RunId, waiting: &PlanDigest) -> Text {
    Text::new(
        format!(
            "That card is old: {run} now waits with plan {}. Please decide on the newest card.",
            waiting.short()
        ),
        format!(
            "지난 카드입니다. {run} 작업은 지금 계획 {} 승인을 기다립니다. 최신 카드에서 결정해 주세요.",
            waiting.short()
        ),
    )
}

/// A decision sent after the deadline.
#[must_use]
pub fn too_late(who: &str, run: &RunId, until: &str) -> Text {
    Text::new(
        format!("{who}, that came too late: {run} could be decided until {until}."),
        format!("{who} 님, 승인 시간이 지났습니다. {run} 작업은 {until}까지였습니다."),
    )
}

/// A decision sent before the request for it stood there.
#[must_use]
pub fn too_early(who: &str, run: &RunId) -> Text {
    Text::new(
        format!(
            "{who}, that was sent before the request for {run} stood here, so it does not count. Please \
             read the card and say it again."
        ),
        format!(
            "{who} 님, {run} 승인 요청이 표시되기 전에 보낸 답이라 반영하지 않았습니다. 카드를 확인하고 다시 \
             입력해 주세요."
        ),
    )
}

/// A decision on something decided before.
#[must_use]
pub fn already(run: &RunId, by: &str) -> Text {
    Text::new(
        format!("{run} is already decided: {by} approved it."),
        format!("{run} 작업은 {by} 님이 이미 승인했습니다."),
    )
}

/// A decision on something that waits for nobody.
#[must_use]
pub fn not_wanted(run: &RunId) -> Text {
    Text::new(
        format!("{run} needs no approval."),
        format!("{run} 작업은 승인이 필요하지 않습니다."),
    )
}

/// A decision on something that is over.
#[must_use]
pub fn over(run: &RunId, how: &Text) -> Text {
    Text::new(
        format!("{run} is already over: {}.", how.en),
        format!("{run} 작업은 이미 끝났습니다({}).", how.ko),
    )
}

/// The yes was counted.
#[must_use]
pub fn approved(run: &RunId, by: &str) -> Text {
    Text::new(format!("{by} approved {run}."), format!("{by} 님이 {run} 작업을 승인했습니다."))
}

/// Why it ended: somebody said no.
#[must_use]
pub fn rejected(by: &str) -> Text {
    Text::new(format!("{by} rejected it"), format!("{by} 님이 반려했습니다"))
}

/// Why it ended: time ran out.
#[must_use]
pub fn expired(until: &str) -> Text {
    Text::new(
        format!("nobody approved it by {until}. Please ask again"),
        format!("{until}까지 승인되지 않았습니다. 다시 요청해 주세요"),
    )
}

/// Why it ended: it waited in the queue for longer than the approval counts.
#[must_use]
pub fn too_old(until: &str) -> Text {
    Text::new(
        format!(
            "the approval counted until {until}, and the locks were not free by then. Please ask again"
        ),
        format!(
            "승인은 {until}까지 유효했고 그때까지 잠금이 풀리지 않았습니다. 다시 요청해 주세요"
        ),
    )
}

/// Why it may not start: the runbook wants an approval by now, and nobody was asked for one.
#[must_use]
pub fn wanted_by_now(by: &[TeamName]) -> Text {
    let by = teams(by);
    Text::new(
        format!(
            "this needs the approval of {by} now, and it was asked for without one. Please ask again"
        ),
        format!("이제 {by} 승인이 필요한 작업입니다. 승인 없이 요청되었으므로 다시 요청해 주세요"),
    )
}

/// Why it ended: the plan is another one now; with what differs.
#[must_use]
pub fn plan_changed(differences: &Text) -> Text {
    Text::new(
        format!(
            "the plan changed after it was shown ({}), so the approval no longer counts. Please ask again",
            differences.en
        ),
        format!(
            "승인받은 뒤 계획이 바뀌어({}) 승인이 무효가 되었습니다. 다시 요청해 주세요",
            differences.ko
        ),
    )
}

/// Why it ended: the one who asked may not any more.
#[must_use]
pub fn requester_may_not(who: &str, denial: &Denial) -> Text {
    match denial {
        Denial::NotInTeams(wanted) => Text::new(
            format!("{who} may not start this (only {} may)", teams(wanted)),
            format!("{who} 님에게 실행 권한이 없습니다({} 소속만 가능)", teams(wanted)),
        ),
        Denial::Nobody => Text::new(
            "the runbook names nobody who may start it",
            "런북에 실행할 수 있는 팀이 없습니다",
        ),
        Denial::Unknown | Denial::Requester => Text::new(
            format!("{who} is not known any more"),
            format!("{who} 님은 더 이상 등록된 사용자가 아닙니다"),
        ),
    }
}

/// Why it ended: the one who agreed may not any more.
#[must_use]
pub fn approver_may_no_longer(who: &str) -> Text {
    Text::new(
        format!("{who}, who approved it, may not approve any more; please ask again"),
        format!("승인한 {who} 님에게 더 이상 승인 권한이 없습니다. 다시 요청해 주세요"),
    )
}

/// The rule that said no, for the audit log.
#[must_use]
pub fn rule(denial: &Denial) -> String {
    match denial {
        Denial::Nobody => "nobody".into(),
        Denial::NotInTeams(wanted) => format!("not in {}", teams(wanted)),
        Denial::Requester => "requester".into(),
        Denial::Unknown => "unknown person".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requester_is_told_that_another_one_decides() {
        let said = denied("mina", &RunId::numbered(1), &Denial::Requester);
        assert!(said.ko.starts_with("mina 님이 요청한 작업(r1)이라 다른 분이"), "{}", said.ko);
        assert_eq!(rule(&Denial::Requester), "requester");
    }
}
