//! What is said when Wilco itself failed: what that means for whoever waits, and what to do. The
//! number finds the fault in log and audit.

use crate::ids::RunId;
use crate::lang::Text;

/// What somebody said or pressed was not done.
#[must_use]
pub fn not_done(number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco, so this was not done (fault {number}). It is on \
             record. Please try it once more; if it fails again, tell whoever runs Wilco this number."
        ),
        format!(
            "Wilco 내부 오류로 처리하지 못했습니다 (오류 번호 {number}). 기록해 두었습니다. 다시 \
             시도해 주시고, 또 실패하면 Wilco 운영자에게 이 번호를 알려 주세요."
        ),
    )
}

/// A dialog cannot go on.
#[must_use]
pub fn dialog_over(number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco, so this conversation ends here (fault {number}). \
             Nothing was started. Please begin again; if it fails again, tell whoever runs Wilco \
             this number."
        ),
        format!(
            "Wilco 내부 오류로 이 대화를 여기서 끝냅니다 (오류 번호 {number}). 아무것도 시작하지 \
             않았습니다. 처음부터 다시 시작해 주시고, 또 실패하면 Wilco 운영자에게 이 번호를 알려 \
             주세요."
        ),
    )
}

/// A run was lost sight of while something was under way.
#[must_use]
pub fn run_lost(run: &RunId, number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco (fault {number}), and it lost sight of {run}. What \
             was begun goes on in the tool by itself. Please look there, then write `resolve {run} \
             succeeded` or `resolve {run} failed`; until then those targets stay locked."
        ),
        format!(
            "Wilco 내부 오류로 {run} 작업을 더 지켜볼 수 없습니다 (오류 번호 {number}). 이미 시작된 \
             일은 도구에서 계속됩니다. 도구에서 확인한 뒤 `resolve {run} succeeded` 또는 `resolve \
             {run} failed`라고 적어 주세요. 그때까지 해당 대상은 잠겨 있습니다."
        ),
    )
}

/// A run ended because of a fault while nothing was under way.
#[must_use]
pub fn run_over(run: &RunId, number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco, so {run} ends here (fault {number}). Nothing is \
             under way, and its locks are free. Please ask for it again; if it fails again, tell \
             whoever runs Wilco this number."
        ),
        format!(
            "Wilco 내부 오류로 {run} 작업을 여기서 끝냅니다 (오류 번호 {number}). 진행 중인 일은 \
             없고 잠금은 풀었습니다. 다시 요청해 주시고, 또 실패하면 Wilco 운영자에게 이 번호를 \
             알려 주세요."
        ),
    )
}

/// Somebody wanted a run to stop.
#[must_use]
pub fn not_stopped(run: &RunId, number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco, so {run} was not stopped (fault {number}). Please \
             write `cancel {run}` here; if that fails too, stop it in the tool."
        ),
        format!(
            "Wilco 내부 오류로 {run} 작업을 멈추지 못했습니다 (오류 번호 {number}). 여기에 `cancel \
             {run}`라고 적어 주세요. 그래도 안 되면 도구에서 직접 멈춰 주세요."
        ),
    )
}

/// A run can neither go on nor be ended.
#[must_use]
pub fn run_stuck(run: &RunId, number: i64) -> Text {
    Text::new(
        format!(
            "Something went wrong inside Wilco, and {run} stands still, with its locks (fault \
             {number}). Please tell whoever runs Wilco this number, and look in the tool what became \
             of it."
        ),
        format!(
            "Wilco 내부 오류로 {run} 작업이 멈춰 있으며 잠금도 그대로입니다 (오류 번호 {number}). \
             Wilco 운영자에게 이 번호를 알려 주시고, 도구에서 상태를 확인해 주세요."
        ),
    )
}

/// What is stored about something cannot be read: it stands still, with its locks.
#[must_use]
pub fn unreadable(what: &str, number: i64) -> Text {
    Text::new(
        format!(
            "What Wilco has stored about {what} cannot be read, so it does not go on (fault \
             {number}). Please tell whoever runs Wilco this number: perhaps an older version was \
             started than the one that wrote it."
        ),
        format!(
            "저장된 {what} 정보를 읽을 수 없어 더 진행하지 않습니다 (오류 번호 {number}). Wilco \
             운영자에게 이 번호를 알려 주세요. 기록한 버전보다 낮은 버전이 실행 중일 수 있습니다."
        ),
    )
}

/// A line of the status report for what cannot be read.
#[must_use]
pub fn unreadable_line(what: &str) -> Text {
    Text::new(
        format!("• {what}: stored, but cannot be read by this version of Wilco"),
        format!("• {what}: 저장되어 있지만 이 버전의 Wilco에서 읽을 수 없습니다"),
    )
}

/// Why a target or a run ended, in a few words.
#[must_use]
pub fn inside(number: i64) -> Text {
    Text::new(
        format!("something went wrong inside Wilco (fault {number})"),
        format!("Wilco 내부 오류 (오류 번호 {number})"),
    )
}
