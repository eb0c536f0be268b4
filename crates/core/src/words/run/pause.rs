//! What the bot says about a target that stands still until a person acts.

use crate::answer::{Act, Pause, Stop, Trouble};
use crate::ids::RunId;
use crate::lang::Text;
use crate::words::trouble;

/// The state of its row.
#[must_use]
pub fn waits(pause: &Pause, asked: Option<Act>) -> Text {
    let what = what(pause);
    match asked {
        Some(act) => {
            let act = button(act, pause.is_hook);
            Text::new(
                format!("{}: \"{}\" is being asked for", what.en, act.en),
                format!("{}, \"{}\" 요청 중", what.ko, act.ko),
            )
        }
        None => Text::new(
            format!("waits for a person ({})", what.en),
            format!("사람의 확인을 기다립니다({})", what.ko),
        ),
    }
}

/// What stands still: `Rollout/web at step 2 of 4 with 20 %`; else the tool's words.
fn what(pause: &Pause) -> Text {
    if pause.stops.is_empty() {
        return Text::verbatim(trouble::cut(&pause.note));
    }
    let stops = Text::join(pause.stops.iter().map(stop), ", ");
    if pause.is_hook {
        return Text::new(
            format!("hook {} is suspended", stops.en),
            format!("훅 {} 일시 중단됨", stops.ko),
        );
    }
    if pause.stops.iter().any(|stop| stop.step.is_some()) {
        return stops;
    }
    Text::join([stops, Text::verbatim(trouble::cut(&pause.note))], ", ")
}

fn stop(stop: &Stop) -> Text {
    let object = &stop.object;
    let step = stop.step.map_or_else(Text::default, |(at, of)| {
        Text::new(format!(" at step {at} of {of}"), format!(" {of}단계 중 {at}단계"))
    });
    let weight = stop.weight.map_or_else(Text::default, |weight| {
        Text::new(format!(" with {weight} % of the traffic"), format!(", 트래픽 {weight} %"))
    });
    Text::new(
        format!("{object}{}{}", step.en, weight.en),
        format!("{object}{}{}", step.ko, weight.ko),
    )
}

/// Said when it begins to wait.
#[must_use]
pub fn begun(name: &str, pause: &Pause) -> Text {
    let (what, how) = (what(pause), how(pause));
    Text::new(
        format!("{name} waits for a person: {}. {}", what.en, how.en),
        format!("{name} 작업이 사람의 확인을 기다립니다: {}. {}", what.ko, how.ko),
    )
}

/// Said again and again while it waits.
#[must_use]
pub fn reminder(name: &str, pause: &Pause) -> Text {
    let (what, how) = (what(pause), how(pause));
    Text::new(
        format!("{name} still waits for a person, and keeps its lock: {}. {}", what.en, how.en),
        format!(
            "{name} 작업이 아직 사람의 확인을 기다리며 잠금도 유지됩니다: {}. {}",
            what.ko, how.ko
        ),
    )
}

/// What a person can do about it.
fn how(pause: &Pause) -> Text {
    if pause.acts.is_empty() {
        return Text::new("Please act in Argo CD.", "Argo CD에서 처리해 주세요.");
    }
    // `abort` alone is a word to stop the run.
    let typed = |act: Act| pause.acts.contains(&act);
    let (en, ko) = match (typed(Act::Resume), typed(Act::Promote)) {
        (true, true) => ("`resume` or `promote`", "`재개` 또는 `승격`을"),
        (true, false) => ("`resume`", "`재개`를"),
        (false, true) => ("`promote`", "`승격`을"),
        (false, false) => {
            return Text::new("Press a button of the card.", "카드의 버튼을 눌러 주세요.");
        }
    };
    Text::new(
        format!("Press a button of the card, or type {en}."),
        format!("카드의 버튼을 누르거나 {ko} 입력해 주세요."),
    )
}

/// The label of the button.
#[must_use]
pub fn button(act: Act, is_hook: bool) -> Text {
    match act {
        Act::Resume if is_hook => Text::new("Resume hook", "훅 재개"),
        Act::Resume => Text::new("Resume rollout", "롤아웃 재개"),
        Act::Promote => Text::new("Promote fully", "전체 승격"),
        Act::Abort => Text::new("Abort rollout", "롤아웃 중단"),
    }
}

/// Somebody has the tool do it.
#[must_use]
pub fn asked(act: Act, by: &str, name: &str, is_hook: bool) -> Text {
    match act {
        Act::Resume if is_hook => Text::new(
            format!("{by} resumes the hook of {name}."),
            format!("{by} 님이 {name} 훅을 재개합니다."),
        ),
        Act::Resume => Text::new(
            format!("{by} resumes the rollout of {name}."),
            format!("{by} 님이 {name} 롤아웃을 재개합니다."),
        ),
        Act::Promote => Text::new(
            format!("{by} promotes {name} fully: no more pauses."),
            format!("{by} 님이 {name} 롤아웃을 끝까지 승격합니다. 더 이상 멈추지 않습니다."),
        ),
        Act::Abort => Text::new(
            format!("{by} aborts the rollout of {name}: the old version takes the traffic again."),
            format!("{by} 님이 {name} 롤아웃을 중단합니다. 이전 버전이 다시 트래픽을 받습니다."),
        ),
    }
}

/// Nothing stands still any more, or not there.
#[must_use]
pub fn nothing(run: &RunId) -> Text {
    Text::new(
        format!("Nothing of {run} waits for a person now."),
        format!("{run} 작업 중 사람의 확인을 기다리는 것이 없습니다."),
    )
}

/// The button belongs to an earlier pause.
#[must_use]
pub fn old(name: &str) -> Text {
    Text::new(
        format!("That button is of an earlier pause of {name}; nothing was done."),
        format!("이전 단계의 버튼이라 아무것도 하지 않았습니다({name})."),
    )
}

/// It cannot be done now.
#[must_use]
pub fn not_offered(act: Act, name: &str, is_hook: bool) -> Text {
    let act = button(act, is_hook);
    Text::new(
        format!("\"{}\" is not possible for {name} now; please look in Argo CD.", act.en),
        format!("{name}에는 지금 \"{}\" 작업을 할 수 없습니다. Argo CD에서 확인해 주세요.", act.ko),
    )
}

/// Somebody else asked for something before.
#[must_use]
pub fn already(by: &str, name: &str) -> Text {
    Text::new(
        format!("{by} has just asked for something about {name}; wait for what comes of it."),
        format!("{by} 님이 방금 {name}에 요청했습니다. 결과를 기다려 주세요."),
    )
}

/// The pause was over before the request came.
#[must_use]
pub fn over(name: &str) -> Text {
    Text::new(
        format!("That pause of {name} was over already; nothing was done."),
        format!("{name}의 일시 정지가 이미 끝나 있어 아무것도 하지 않았습니다."),
    )
}

/// The tool did not do it, or nobody knows whether it did.
#[must_use]
pub fn not_done(act: Act, name: &str, why: &Trouble, unsure: bool, is_hook: bool) -> Text {
    let (act, why) = (button(act, is_hook), trouble::sentence(why));
    if unsure {
        return Text::new(
            format!(
                "Whether \"{}\" reached {name} is not known: {} I keep looking.",
                act.en, why.en
            ),
            format!(
                "{name} \"{}\" 요청이 전달되었는지 알 수 없습니다. {} 계속 확인하겠습니다.",
                act.ko, why.ko
            ),
        );
    }
    Text::new(
        format!("\"{}\" was not done for {name}: {}", act.en, why.en),
        format!("{name} \"{}\" 요청이 처리되지 않았습니다. {}", act.ko, why.ko),
    )
}
