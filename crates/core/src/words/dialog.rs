//! What a dialog says between the menu and the read-back.

use crate::input::{Selection, as_other_layout, normalise, number};
use crate::lang::Text;

use super::menu::shorten;

/// One numbered choice.
#[must_use]
pub fn choice(number: usize, title: &str, note: &str) -> Text {
    let (title, note) = (one_line(title), one_line(note));
    if note.is_empty() {
        Text::verbatim(format!("{number}. {title}"))
    } else {
        Text::verbatim(format!("{number}. {title} — {note}"))
    }
}

/// On the button beside a numbered choice.
#[must_use]
pub fn choice_label(number: usize, title: &str) -> Text {
    Text::verbatim(format!("{number} {}", one_line(title)))
}

/// A tool's words in one line that a phone can show.
fn one_line(text: &str) -> String {
    const SHOWN: usize = 120;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().nth(SHOWN).is_none() {
        line
    } else {
        line.chars().take(SHOWN).chain(['…']).collect()
    }
}

/// Where a page stands in its list.
#[derive(Debug, Clone, Copy)]
pub struct PageOf {
    /// The number of its first choice.
    pub first: usize,
    /// The number of its last choice.
    pub last: usize,
    /// How many choices these pages have: those that were searched for, or else all.
    pub all: usize,
    /// How many others come after them.
    pub others: usize,
}

impl PageOf {
    /// There are other pages.
    #[must_use]
    pub fn is_one_of_several(self) -> bool {
        self.first > 1 || self.last < self.all || self.others > 0
    }
}

/// Below a list, in one line: which page this is and how to turn it, how several are chosen, what is
/// hidden.
#[must_use]
pub fn list_end(page: PageOf, hidden: &[(usize, Text)], many: bool) -> Text {
    let mut parts = Vec::new();
    if page.first > 1 || page.last < page.all {
        let (first, last, all) = (thousands(page.first), thousands(page.last), thousands(page.all));
        let shown = if first == last { last } else { format!("{first}–{last}") };
        parts.push(Text::new(format!("{shown} of {all}"), format!("{all}개 중 {shown}")));
    }
    if page.is_one_of_several() {
        parts.push(if page.last < page.all {
            Text::new("`more`, or type a part of the name", "`더` 또는 이름 일부 입력")
        } else if page.others > 0 {
            let others = thousands(page.others);
            Text::new(format!("`more`: the other {others}"), format!("`더`: 나머지 {others}개"))
        } else {
            Text::new("`more` begins again", "`더`: 처음부터")
        });
    }
    if many && page.all > 1 {
        parts.push(Text::new("several: `1,3-5`, `all`", "여러 개: `1,3-5`, `전체`"));
    }
    if !hidden.is_empty() {
        let counts = counts(hidden);
        parts.push(Text::new(
            format!("not shown: {}", counts.en),
            format!("목록에서 제외: {}", counts.ko),
        ));
    }
    if parts.is_empty() {
        return Text::default();
    }
    let line = Text::join(parts, " · ");
    Text::new(format!("({})", line.en), format!("({})", line.ko))
}

/// `2,000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What is said to a person in a thread where others may be in dialogs of their own.
#[must_use]
pub fn addressed(name: &str, text: &Text) -> Text {
    Text::new(format!("{name}: {}", text.en), format!("{name} 님: {}", text.ko))
}

fn counts(hidden: &[(usize, Text)]) -> Text {
    Text::join(
        hidden.iter().map(|(count, reason)| {
            let count = thousands(*count);
            Text::new(format!("{count} {}", reason.en), format!("{count}개 {}", reason.ko))
        }),
        ", ",
    )
}

/// Why an item is not offered: another run holds it.
#[must_use]
pub fn hidden_locked() -> Text {
    Text::new("locked by runs", "다른 작업이 잠금")
}

/// Why an item is not offered: a run of which nobody knows how it ended holds it.
#[must_use]
pub fn hidden_lost() -> Text {
    Text::new("locked by runs whose end is unknown", "결과를 알 수 없는 작업이 잠금")
}

/// Somebody typed the name of an item that a run in progress holds.
#[must_use]
pub fn locked_by(title: &str, run: &str) -> Text {
    Text::new(
        format!(
            "`{title}` cannot be chosen: {run} is in progress and keeps it locked until its end. \
             `status` tells how far it is."
        ),
        format!(
            "`{title}` 선택 불가: {run} 작업이 진행 중이며 끝날 때까지 잠겨 있습니다. \
             `상태`로 진행 상황을 볼 수 있습니다."
        ),
    )
}

/// Somebody typed the name of an item that a run holds of which nobody knows how it ended.
#[must_use]
pub fn lost_by(title: &str, run: &str) -> Text {
    Text::new(
        format!(
            "`{title}` cannot be chosen: nobody knows how {run} ended, and it stays locked until a \
             person looks in the tool and writes `resolve {run} succeeded` or `resolve {run} failed` \
             in the thread of {run}."
        ),
        format!(
            "`{title}` 선택 불가: {run} 작업의 결과를 알 수 없어 잠겨 있습니다. 도구에서 직접 확인한 뒤 \
             {run} 작업의 스레드에 `해결 {run} 성공` 또는 `해결 {run} 실패`를 입력하면 풀립니다."
        ),
    )
}

/// Why an item is not offered, when the runbook does not say.
#[must_use]
pub fn hidden_filtered() -> Text {
    Text::new("not possible now", "지금은 선택할 수 없음")
}

/// Somebody typed the name of an item that is not offered.
#[must_use]
pub fn hidden_because(title: &str, reason: &Text) -> Text {
    Text::new(
        format!("`{title}` cannot be chosen: {}.", reason.en),
        format!("`{title}` 선택 불가: {}.", reason.ko),
    )
}

/// No item has this name.
#[must_use]
pub fn not_in_list(what: &str, suggestion: Option<&str>) -> Text {
    let what = shorten(what);
    match suggestion {
        Some(name) => Text::new(
            format!("There is no `{what}` in the list. Did you mean `{name}`?"),
            format!("목록에 `{what}` 항목이 없습니다. 혹시 `{name}`인가요?"),
        ),
        None => Text::new(
            format!("There is no `{what}` in the list."),
            format!("목록에 `{what}` 항목이 없습니다."),
        ),
    }
}

/// Several items fit.
#[must_use]
pub fn ambiguous(what: &str, candidates: &[String]) -> Text {
    const SHOWN: usize = 5;
    let mut names =
        candidates.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if candidates.len() > SHOWN {
        names.push_str(", …");
    }
    let what = shorten(what);
    Text::new(
        format!("`{what}` fits several: {names}."),
        format!("`{what}`에 해당하는 항목이 여러 개입니다: {names}."),
    )
}

/// A number is also the name of something else in the list.
fn name_or_number(what: &str) -> Text {
    Text::new(
        format!(
            "It is a number and a name: press its button, or type the name in quotes: `\"{what}\"`."
        ),
        format!("번호이면서 이름입니다. 버튼을 누르거나 이름을 따옴표로 입력하세요: `\"{what}\"`."),
    )
}

/// An answer that chose nothing, and why.
#[must_use]
pub fn wrong_answer(refusal: &Selection, name: &dyn Fn(usize) -> Text) -> Text {
    match refusal {
        Selection::NotInList { what } => not_in_list(what, None),
        Selection::OutOfRange { number, max } => Text::new(
            format!("There is no number {number}; the last one is {max}."),
            format!("{number}번은 없습니다. 마지막 번호는 {max}번입니다."),
        ),
        Selection::Ambiguous { what, candidates } => {
            let names: Vec<Text> = candidates.iter().map(|index| name(*index)).collect();
            let (en, ko): (Vec<String>, Vec<String>) =
                names.into_iter().map(|name| (name.en, name.ko)).unzip();
            let text = Text::new(ambiguous(what, &en).en, ambiguous(what, &ko).ko);
            if number(what).is_some() { text.line(&name_or_number(what)) } else { text }
        }
        Selection::TooMany => {
            Text::new("Only one can be chosen here.", "여기서는 하나만 선택할 수 있습니다.")
        }
        Selection::Empty => Text::new("That was empty.", "입력이 비어 있습니다."),
        Selection::NotUnderstood | Selection::Chosen(_) | Selection::All => {
            Text::new("I could not read an answer in that.", "답변을 이해하지 못했습니다.")
        }
    }
}

/// The question once more, after a wrong answer.
#[must_use]
pub fn ask_again(question: &Text, many: bool) -> Text {
    let hint = if many {
        Text::new(
            "Numbers, names or `all`; `back`, `cancel`.",
            "번호, 이름 또는 `전체`. `뒤로`, `취소`도 됩니다.",
        )
    } else {
        Text::new(
            "A number or a name; `back`, `cancel`.",
            "번호 또는 이름. `뒤로`, `취소`도 됩니다.",
        )
    };
    Text::new(format!("{} {}", question.en, hint.en), format!("{} {}", question.ko, hint.ko))
}

/// A part of a name was typed and several names have it.
#[must_use]
pub fn found_by_search(what: &str, count: usize) -> Text {
    let what = shorten(what);
    Text::new(format!("{count} names contain `{what}`:"), format!("`{what}` 검색 결과 {count}개:"))
}

/// A question with one possible answer is not asked.
#[must_use]
pub fn only_choice(question: &Text, title: &str) -> Text {
    Text::new(
        format!("{} → {title} (the only choice)", question.en),
        format!("{} → {title} (선택지가 하나뿐입니다)", question.ko),
    )
}

/// What was understood of a request of which something else was not.
#[must_use]
pub fn understood(names: &[String]) -> Text {
    const SHOWN: usize = 5;
    let mut list =
        names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        list.push_str(", …");
    }
    Text::new(
        format!("Understood: {list}. Please name all that you want once more."),
        format!("확인된 항목: {list}. 원하는 항목을 모두 다시 선택해 주세요."),
    )
}

/// Words behind a function's name that no question could use.
#[must_use]
pub fn unused_words(words: &str) -> Text {
    let words = shorten(words);
    Text::new(
        format!("`{words}` was not used: there is nothing to choose by it."),
        format!("사용하지 않은 입력: `{words}`. 이 기능에서 선택할 항목이 아닙니다."),
    )
}

/// After a function that the person may not start was named within a dialog.
#[must_use]
pub fn still_open() -> Text {
    Text::new(
        "The question above still stands; `cancel` ends it.",
        "위 질문은 그대로 남아 있습니다. `취소`로 끝낼 수 있습니다.",
    )
}

/// The question once more, where anything may be typed.
#[must_use]
pub fn type_it(question: &Text) -> Text {
    Text::new(
        format!("{} Type it; `back`, `cancel`.", question.en),
        format!("{} 내용을 입력하세요. `뒤로`, `취소`도 됩니다.", question.ko),
    )
}

/// The list is empty.
#[must_use]
pub fn nothing_to_choose(hidden: &[(usize, Text)]) -> Text {
    if hidden.is_empty() {
        return Text::new(
            "There is nothing to choose from: there is none, or none that I may see.",
            "선택할 수 있는 항목이 없습니다. 없거나 제가 조회할 수 없습니다.",
        );
    }
    let counts = counts(hidden);
    Text::new(
        format!("There is nothing to choose: {}.", counts.en),
        format!("선택할 항목이 없습니다: {}.", counts.ko),
    )
}

/// The end of a run will be told.
#[must_use]
pub fn will_be_told(run: &str) -> Text {
    Text::new(
        format!("All right: I will send you a direct message when {run} is over."),
        format!("알겠습니다. {run} 작업이 끝나면 다이렉트 메시지로 알려 드리겠습니다."),
    )
}

/// The end of a run was to be told, and there is none.
#[must_use]
pub fn nothing_to_be_told() -> Text {
    Text::new(
        "No run is in progress or waiting, so there is nothing to tell.",
        "진행 중이거나 대기 중인 작업이 없어 알려 드릴 것이 없습니다.",
    )
}

/// A run was to be stopped, and there is none.
#[must_use]
pub fn nothing_to_stop() -> Text {
    Text::new(
        "No run is in progress or waiting, so there is nothing to stop.",
        "진행 중이거나 대기 중인 작업이 없어 중단할 것이 없습니다.",
    )
}

/// How to begin anew, after a dialog ended by itself.
#[must_use]
pub fn start_again() -> Text {
    Text::new("Type `help` to start again.", "다시 시작하려면 `헬프`를 입력하세요.")
}

/// On the button that chooses everything.
#[must_use]
pub fn all_label() -> Text {
    Text::new("All", "전체")
}

/// On the button for the next page.
#[must_use]
pub fn more_label() -> Text {
    Text::new("More", "더")
}

/// On the button that begins the list again, on its last page.
#[must_use]
pub fn first_page_label() -> Text {
    Text::new("From the start", "처음부터")
}

/// On the button that goes one question back.
#[must_use]
pub fn back_label() -> Text {
    Text::new("Back", "뒤로")
}

/// On the button that asks a tool again.
#[must_use]
pub fn retry_label() -> Text {
    Text::new("Try again", "다시 시도")
}

/// Whether somebody typed that the tool shall be asked again.
#[must_use]
pub fn is_retry(text: &str) -> bool {
    let word = |text: &str| {
        matches!(
            normalise(text).as_str(),
            "again" | "retry" | "try again" | "다시" | "재시도" | "다시 시도" | "다시시도"
        )
    };
    word(text) || as_other_layout(text).is_some_and(|meant| word(&meant))
}

/// After trouble with a tool.
#[must_use]
pub fn stuck_help() -> Text {
    Text::new(
        "`again` tries once more, `back` goes one question back, `cancel` ends this.",
        "`다시`는 재시도, `뒤로`는 이전 질문, `취소`는 종료입니다.",
    )
}

/// The person ended the dialog.
#[must_use]
pub fn cancelled() -> Text {
    Text::new("Cancelled. Nothing was started.", "취소했습니다. 아무것도 시작하지 않았습니다.")
}

/// Nobody answered.
#[must_use]
pub fn timed_out(minutes: u64) -> Text {
    Text::new(
        format!(
            "No answer for {minutes} min, so I closed this. Nothing was started. Type `help` to start again."
        ),
        format!(
            "{minutes}분 동안 답이 없어 종료했습니다. 아무것도 시작하지 않았습니다. 다시 하려면 `헬프`를 입력하세요."
        ),
    )
}

/// Under a read-back whose time ran out; the time-out itself is announced below it.
#[must_use]
pub fn closed() -> Text {
    Text::new("Timed out.", "시간이 지나 종료되었습니다.")
}

/// A tool takes longer than a second.
#[must_use]
pub fn asking_takes_long() -> Text {
    Text::new("One moment, I am asking the tool …", "잠시만요, 도구에 확인하고 있습니다 …")
}

/// Something was typed while a tool is being asked.
#[must_use]
pub fn still_asking() -> Text {
    Text::new(
        "I am still asking the tool; your answer was not used. `cancel` ends this.",
        "아직 도구에 확인하는 중이라 답변을 사용하지 않았습니다. `취소`로 끝낼 수 있습니다.",
    )
}

/// A number that was typed before the list could be read, where it would count at once.
#[must_use]
pub fn unread_list() -> Text {
    Text::new(
        "That number may have been meant for an earlier list. Please read this one and type it again, or \
         press the button.",
        "이전 목록의 번호일 수 있어 반영하지 않았습니다. 이 목록을 확인하고 다시 입력하거나 버튼을 눌러 주세요.",
    )
}

/// A button of an earlier question.
#[must_use]
pub fn old_button() -> Text {
    Text::new(
        "That button belongs to an earlier question; nothing was changed. Please answer the newest one.",
        "이전 질문의 버튼이라 반영되지 않았습니다. 가장 최근 질문에 답해 주세요.",
    )
}

/// A button of a dialog that is over.
#[must_use]
pub fn closed_button() -> Text {
    Text::new(
        "That dialog is over; nothing was changed. Type `help` to start again.",
        "이미 끝난 대화의 버튼이라 반영되지 않았습니다. 다시 하려면 `헬프`를 입력하세요.",
    )
}

/// A second yes, after the run that the first one made is over.
#[must_use]
pub fn yes_after(run: &str, how: &Text) -> Text {
    Text::new(
        format!("{run} is over already ({}); nothing is started twice.", how.en),
        format!("{run} 작업은 이미 끝났습니다 ({}). 두 번 시작하지 않습니다.", how.ko),
    )
}

/// A button of somebody else's dialog.
#[must_use]
pub fn not_your_button(owner: &str) -> Text {
    Text::new(
        format!("This dialog belongs to {owner}. Type `help` to open your own."),
        format!("{owner} 님의 대화입니다. 직접 하시려면 `헬프`를 입력하세요."),
    )
}

/// A button whose content cannot be read.
#[must_use]
pub fn yes_again(run: &str) -> Text {
    Text::new(
        format!("{run} is already on its way; nothing is started twice."),
        format!("{run} 작업이 이미 진행 중입니다. 두 번 시작하지 않습니다."),
    )
}

/// The runbook was removed while the dialog was open.
#[must_use]
pub fn removed(title: &Text) -> Text {
    Text::new(
        format!(
            "\"{}\" was removed from the catalog, so this ends here. Nothing was started.",
            title.en
        ),
        format!("\"{}\" 기능이 제거되어 여기서 끝냅니다. 아무것도 시작하지 않았습니다.", title.ko),
    )
}

/// A mistake in the runbook shows only now.
#[must_use]
pub fn runbook_broken(name: &str, detail: &str) -> Text {
    Text::new(
        format!(
            "The runbook `{name}` has a mistake: {detail}. Nothing was started; please tell its author."
        ),
        format!(
            "`{name}` 런북에 오류가 있습니다: {detail}. 아무것도 시작하지 않았으니 작성자에게 알려 주세요."
        ),
    )
}

/// A run is told to stop.
#[must_use]
pub fn stopping(run: &str) -> Text {
    Text::new(
        format!("I passed the stop on to {run}; its own thread tells what becomes of it."),
        format!("{run} 작업에 중단 요청을 전달했습니다. 결과는 해당 작업의 스레드에 표시됩니다."),
    )
}

/// Nothing waits for a decision in this thread.
#[must_use]
pub fn nothing_to_decide() -> Text {
    Text::new(
        "Nothing waits for approval in this thread.",
        "이 스레드에는 승인을 기다리는 작업이 없습니다.",
    )
}

/// Something was said to a run of which nothing is known.
#[must_use]
pub fn no_such_run(run: &str) -> Text {
    Text::new(format!("I know of no run {run}."), format!("{run} 작업을 찾을 수 없습니다."))
}

/// Something was said to a run that stands in another thread.
#[must_use]
pub fn said_elsewhere(run: &str) -> Text {
    Text::new(
        format!(
            "{run} stands in a thread of its own: please say it there, where everyone sees what it is about."
        ),
        format!(
            "{run} 작업은 별도 스레드에 있습니다. 내용을 함께 볼 수 있는 그 스레드에서 말씀해 주세요."
        ),
    )
}

/// Nothing was lost sight of in this thread.
#[must_use]
pub fn nothing_to_resolve() -> Text {
    Text::new(
        "No run in this thread waits to be resolved.",
        "이 스레드에는 결과를 확인해야 할 작업이 없습니다.",
    )
}

/// Nothing is on hold in this thread, and nothing pauses.
#[must_use]
pub fn nothing_to_resume() -> Text {
    Text::new(
        "No run in this thread is on hold or paused.",
        "이 스레드에는 보류 중이거나 일시 정지된 작업이 없습니다.",
    )
}

/// Nothing pauses in this thread.
#[must_use]
pub fn nothing_to_promote() -> Text {
    Text::new("No run in this thread is paused.", "이 스레드에는 일시 정지된 작업이 없습니다.")
}

/// Nothing is going on in this thread that could be stopped.
#[must_use]
pub fn nothing_to_cancel() -> Text {
    Text::new(
        "No such run goes on in this thread. `stop-run` lists those that do.",
        "이 스레드에는 그런 작업이 진행 중이지 않습니다. `중단`을 입력하면 진행 중인 작업을 보여 드립니다.",
    )
}

/// A word was meant for a run, but not plainly for one; with what one would type.
#[must_use]
pub fn which_run(examples: &[String]) -> Text {
    let examples = quoted(examples);
    Text::new(
        format!("Which run do you mean: {examples}?"),
        format!("어느 작업인가요: {examples}?"),
    )
}

/// A message begins like a decision and says more; with what one would type.
#[must_use]
pub fn nothing_decided(examples: &[String]) -> Text {
    let examples = quoted(examples);
    Text::new(
        format!("I took that as talk and did nothing. To decide, type only {examples}."),
        format!(
            "결정이 아닌 대화로 보고 아무것도 하지 않았습니다. 결정하려면 {examples}만 입력해 주세요."
        ),
    )
}

fn quoted(examples: &[String]) -> String {
    examples.iter().map(|example| format!("`{example}`")).collect::<Vec<_>>().join(", ")
}

/// The end of a lost run that somebody typed: `resolve r3 succeeded`.
#[must_use]
pub fn outcome_word(word: &str) -> Option<bool> {
    match normalise(word).as_str() {
        "succeeded" | "success" | "done" | "성공" | "완료" => Some(true),
        "failed" | "failure" | "실패" => Some(false),
        _ => None,
    }
}

/// How a lost run is resolved by typing.
#[must_use]
pub fn how_to_resolve(run: &str) -> Text {
    Text::new(
        format!("What became of it? Type `resolve {run} succeeded` or `resolve {run} failed`."),
        format!("결과를 알려 주세요: `해결 {run} 성공` 또는 `해결 {run} 실패`."),
    )
}
