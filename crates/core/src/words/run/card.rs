//! The card of a run and the notices: what it is, how far each target is, what is being waited for.

use crate::answer::{Trouble, Warning};
use crate::ids::RunId;
use crate::lang::Text;
use crate::runbook::OnFailure;
use crate::words::trouble;

use super::warning;

/// How a run ended, in one word.
#[must_use]
pub fn succeeded() -> Text {
    Text::new("succeeded", "완료")
}

/// See [`succeeded`].
#[must_use]
pub fn failed() -> Text {
    Text::new("failed", "실패")
}

/// See [`succeeded`].
#[must_use]
pub fn cancelled() -> Text {
    Text::new("cancelled", "취소됨")
}

/// See [`succeeded`]: nothing was stopped, it is only no longer looked at.
#[must_use]
pub fn unwatched() -> Text {
    Text::new("no longer watched", "확인 중단")
}

/// A target was applied before its run was stopped, and is no longer looked at.
#[must_use]
pub fn applied() -> Text {
    Text::new("applied already; no longer watched", "이미 적용됨, 더 이상 확인하지 않음")
}

/// A target that a tool deploys by itself is no longer looked at.
#[must_use]
pub fn let_go() -> Text {
    Text::new(
        "no longer watched; Argo CD goes on by itself",
        "더 이상 확인하지 않음, Argo CD는 계속 진행",
    )
}

/// See [`succeeded`].
#[must_use]
pub fn unknown() -> Text {
    Text::new("unknown", "결과 알 수 없음")
}

/// Wilco lost sight, and a person said what became of it.
#[must_use]
pub fn settled(succeeded: bool) -> Text {
    if succeeded {
        Text::new("settled as succeeded", "성공으로 정리됨")
    } else {
        Text::new("settled as failed", "실패로 정리됨")
    }
}

/// Waits for a second person.
#[must_use]
pub fn awaiting() -> Text {
    Text::new("approval wanted", "승인 대기")
}

/// Is about to begin.
#[must_use]
pub fn preparing() -> Text {
    Text::new("about to start", "시작 준비 중")
}

/// Waits for a lock.
#[must_use]
pub fn queued() -> Text {
    Text::new("in the queue", "순서 대기")
}

/// Goes on.
#[must_use]
pub fn running() -> Text {
    Text::new("running", "진행 중")
}

/// Is being stopped.
#[must_use]
pub fn stopping() -> Text {
    Text::new("being stopped", "중지하는 중")
}

/// The first line: `[production] r1 Deploy applications: running`.
#[must_use]
pub fn head(environments: &str, run: &RunId, title: &Text, state: &Text) -> Text {
    Text::new(
        format!("[{environments}] {run} {}: {}", title.en, state.en),
        format!("[{environments}] {run} {}: {}", title.ko, state.ko),
    )
}

/// Rows that are not shown here.
#[must_use]
pub fn more_rows(n: usize) -> Text {
    Text::new(format!("… and {n} more"), format!("… 외 {n}개"))
}

/// A row with a mark in front and its state behind.
#[must_use]
pub fn row(mark: &str, what: &Text, state: &Text) -> Text {
    let line = |what: &str, state: &str| {
        if state.is_empty() { format!("{mark} {what}") } else { format!("{mark} {what}: {state}") }
    };
    Text::new(line(&what.en, &state.en), line(&what.ko, &state.ko))
}

/// A target is read once more under its lock.
#[must_use]
pub fn checking() -> Text {
    Text::new("checking once more", "다시 확인하는 중")
}

/// The tool is being asked to begin.
#[must_use]
pub fn requesting() -> Text {
    Text::new("being started", "시작하는 중")
}

/// The tool was asked and has not shown anything yet.
#[must_use]
pub fn begun() -> Text {
    Text::new("started", "시작함")
}

/// A target is done.
#[must_use]
pub fn done(note: &str, took: &Text, warnings: &[Warning]) -> Text {
    let note = trouble::cut(note);
    let done = Text::new(format!("{note} ({})", took.en), format!("{note} ({})", took.ko));
    let warnings = warnings.iter().map(|w| {
        let w = warning(w);
        Text::new(format!("note: {}", w.en), format!("참고: {}", w.ko))
    });
    Text::join(std::iter::once(done).chain(warnings), "; ")
}

/// A target failed.
#[must_use]
pub fn failed_because(why: &Text) -> Text {
    Text::new(format!("failed, {}", why.en), format!("실패, {}", why.ko))
}

/// A target was not started.
#[must_use]
pub fn skipped(after: &str) -> Text {
    Text::new(format!("not started, because of {after}"), format!("{after} 때문에 시작하지 않음"))
}

/// Nobody knows.
#[must_use]
pub fn unknown_because(why: &Text) -> Text {
    Text::new(
        format!("lost sight, please look yourself: {}", why.en),
        format!("결과를 알 수 없습니다. 직접 확인해 주세요: {}", why.ko),
    )
}

/// Why failed: the deadline, before anything was begun.
#[must_use]
pub fn not_begun_in_time(limit: &Text, last: &Text) -> Text {
    let told = Text::new(
        format!("could not be begun within {}, so nothing was changed.", limit.en),
        format!("{} 안에 시작하지 못했습니다. 변경한 것은 없습니다.", limit.ko),
    );
    if last.is_empty() { told } else { Text::join([told, last.clone()], " ") }
}

/// Why unknown: the deadline.
#[must_use]
pub fn no_end_in_time(limit: &Text, last: &Text) -> Text {
    if last.is_empty() {
        return Text::new(
            format!("no end within {}", limit.en),
            format!("{} 안에 끝나지 않음", limit.ko),
        );
    }
    let (en, ko) = (trouble::cut(&last.en), trouble::cut(&last.ko));
    Text::new(
        format!("no end within {}, last seen: {en}", limit.en),
        format!("{} 안에 끝나지 않음, 마지막 상태: {ko}", limit.ko),
    )
}

/// Why failed: someone else stopped it in the tool.
#[must_use]
pub fn stopped_outside(note: &str) -> Text {
    let note = trouble::cut(note);
    Text::new(
        format!("it was stopped in the tool ({note})"),
        format!("도구에서 누군가 중지했습니다({note})"),
    )
}

/// What was done before a tool went away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// Nothing.
    Nothing,
    /// It was asked to begin, and nobody knows whether it did.
    Unclear,
    /// It has begun.
    Begun,
}

/// The foot while a tool is away: which, since when, what was done, what happens next.
#[must_use]
pub fn hitch(what: &Trouble, since: &str, meanwhile: Meanwhile) -> Text {
    let what = trouble::happened(what);
    let (en, ko) = match meanwhile {
        Meanwhile::Nothing => ("Nothing was changed yet.", "아직 변경한 것은 없습니다."),
        Meanwhile::Unclear => (
            "Whether it took the request is not known yet; nothing is sent twice.",
            "요청이 접수되었는지는 아직 알 수 없으며, 두 번 보내지 않습니다.",
        ),
        Meanwhile::Begun => {
            ("What was started goes on there.", "이미 시작한 작업은 도구에서 계속됩니다.")
        }
    };
    Text::new(
        format!("{} It has been so since {since}. {en} I keep trying by myself.", what.en),
        format!("{} {since}부터입니다. {ko} 자동으로 다시 시도합니다.", what.ko),
    )
}

/// The foot while the plan is read again.
#[must_use]
pub fn reading_again() -> Text {
    Text::new("Reading the plan once more.", "계획을 다시 읽는 중입니다.")
}

/// The foot in the queue.
#[must_use]
pub fn place(name: &str, holder: &RunId, place: usize) -> Text {
    Text::new(
        format!("{holder} holds {name}; this run is number {place} in the queue."),
        format!("{holder} 작업이 {name} 잠금을 갖고 있습니다. 대기 순서 {place}번입니다."),
    )
}

/// Who asked, and who agreed.
#[must_use]
pub fn by(requester: &str, approver: Option<&str>) -> Text {
    match approver {
        Some(approver) => Text::new(
            format!("asked by {requester}, approved by {approver}"),
            format!("요청 {requester} 님, 승인 {approver} 님"),
        ),
        None => Text::new(format!("asked by {requester}"), format!("요청 {requester} 님")),
    }
}

/// The foot of a card that is over, when its rows do not say why.
#[must_use]
pub fn ended_because(why: &Text) -> Text {
    Text::new(format!("Why: {}.", why.en), format!("사유: {}.", why.ko))
}

/// The foot of a card that is over.
#[must_use]
pub fn ended_after(took: &Text) -> Text {
    Text::new(format!("It took {}.", took.en), format!("{} 걸렸습니다.", took.ko))
}

/// The foot of a card that lost sight and waits for a person.
#[must_use]
pub fn look_yourself() -> Text {
    Text::new(
        "Please look in the tool and press what became of it; until then its locks stay.",
        "도구에서 직접 확인하고 결과를 눌러 주세요. 그때까지 잠금이 유지됩니다.",
    )
}

/// Behind a target that the tool deploys by itself.
#[must_use]
pub fn by_itself() -> Text {
    Text::new("(Argo CD deploys it by itself)", "(Argo CD 자동 배포)")
}

/// The button that asks again for what a run did not do.
#[must_use]
pub fn again_button() -> Text {
    Text::new("Try the rest again", "나머지 다시 시도")
}

/// The button that takes back what a run did before it failed.
#[must_use]
pub fn undo_button() -> Text {
    Text::new("Roll back the finished", "완료된 것 롤백")
}

/// The button that asks why.
#[must_use]
pub fn explain_button() -> Text {
    Text::new("Why? Logs", "원인과 로그")
}

/// The button that stops.
#[must_use]
pub fn cancel_button() -> Text {
    Text::new("Cancel", "취소")
}

/// The buttons that settle a run that was lost sight of.
#[must_use]
pub fn resolve_button(succeeded: bool) -> Text {
    if succeeded {
        Text::new("It succeeded", "성공했음")
    } else {
        Text::new("It failed", "실패했음")
    }
}

/// The first line of the notice at the start.
#[must_use]
pub fn start_notice(title: &Text, run: &RunId, by: &Text) -> Text {
    Text::new(
        format!("Started: {} {run} ({})", title.en, by.en),
        format!("시작: {} {run} ({})", title.ko, by.ko),
    )
}

/// In what order, for the notice at the start.
#[must_use]
pub fn order(at_once: usize, waves: usize, on_failure: OnFailure, targets: usize) -> Text {
    match (at_once, targets) {
        (_, 0 | 1) => Text::default(),
        _ if waves > 1 && on_failure == OnFailure::GoOn => Text::new(
            format!("In {waves} waves: the next one starts when the last is over."),
            format!("{waves}단계로 진행하며, 앞 단계가 모두 끝나면 다음 단계를 시작합니다."),
        ),
        _ if waves > 1 => Text::new(
            format!("In {waves} waves: the next one starts when all of the last are healthy."),
            format!("{waves}단계로 진행하며, 앞 단계가 모두 정상이면 다음 단계를 시작합니다."),
        ),
        _ if waves == 1 => Text::new("All at once.", "모두 동시에 진행합니다."),
        (1, _) => {
            Text::new("One after the other, in this order.", "위 순서대로 하나씩 진행합니다.")
        }
        (n, _) => {
            Text::new(format!("Up to {n} at once."), format!("최대 {n}개씩 동시에 진행합니다."))
        }
    }
}

/// The first line of the notice at the end.
#[must_use]
pub fn end_notice(title: &Text, run: &RunId, how: &Text, took: Option<&Text>) -> Text {
    let said = Text::new(
        format!("Finished: {} {run} {}", title.en, how.en),
        format!("종료: {} {run} {}", title.ko, how.ko),
    );
    match took {
        Some(took) => {
            Text::new(format!("{} ({})", said.en, took.en), format!("{} ({})", said.ko, took.ko))
        }
        None => said,
    }
}

/// The last message in the thread, to the person who asked.
#[must_use]
pub fn last(run: &RunId, how: &Text, why: Option<&Text>) -> Text {
    match why {
        Some(why) => Text::new(
            format!("{run} {}: {}.", how.en, why.en),
            format!("{run} {}: {}.", how.ko, why.ko),
        ),
        None => Text::new(format!("{run} {}.", how.en), format!("{run} {}", how.ko)),
    }
}
