//! How a target is, and why.

use crate::answer::Trouble;
use crate::diagnosis::{Diagnosis, EventNote, LogTail, ObjectNote, OperationNote};
use crate::ids::RunId;
use crate::lang::Text;
use crate::target::twins;
use crate::time::UtcOffset;

use super::trouble::{cut, sentence};
use super::when::{clock, day_and_clock};

/// How many lines a message shows of one target among several.
const SHOWN_OF_MANY: usize = 2;
/// How many lines it shows of a single one.
const SHOWN_OF_ONE: usize = 5;
/// How many targets a message shows.
const TARGETS: usize = 3;
/// How many objects stand in the short form.
const OBJECTS: usize = 2;

/// All of them: what stands in the message, and everything, for behind "more".
#[must_use]
pub fn report(found: &[Diagnosis], utc_offset: UtcOffset) -> (Text, Text) {
    let room = if found.len() > 1 { SHOWN_OF_MANY } else { SHOWN_OF_ONE };
    let mut text = Text::default();
    let twins = twins(found.iter().map(|one| &one.target));
    for one in found.iter().take(TARGETS) {
        let name = super::called(&one.target, &twins);
        text = short(one, &name).into_iter().take(room).fold(text, |text, line| text.line(&line));
    }
    if found.len() > TARGETS {
        let rest = found.len() - TARGETS;
        text = text.line(&Text::new(
            format!("… and {rest} more below"),
            format!("… 외 {rest}개는 더보기"),
        ));
    }
    let whole = |one: &Diagnosis| whole(one, &super::called(&one.target, &twins), utc_offset);
    (text, Text::lines(found.iter().map(whole)))
}

/// Over what was found out about targets of a run that did not come up, or of which nobody knows.
#[must_use]
pub fn seen_of(run: &RunId) -> Text {
    Text::new(format!("{run}: what I see there now"), format!("{run} 관련 현재 상태"))
}

/// Nothing could be found out.
#[must_use]
pub fn not_found_out(trouble: &Trouble) -> Text {
    let why = sentence(trouble);
    Text::new(
        format!("I could not find out: {}", why.en),
        format!("원인을 확인하지 못했습니다: {}", why.ko),
    )
}

/// The most telling lines, the most telling first.
fn short(of: &Diagnosis, name: &str) -> Vec<Text> {
    let mut lines = vec![head(of, name)];
    lines.extend(of.operation.iter().filter(|operation| operation.goes_on).map(goes_on));
    // What only repeats the first line is left to the whole form.
    let telling = |note: &&ObjectNote| note.note.is_empty() || note.note != of.health_note;
    lines.extend(of.objects.iter().filter(telling).take(OBJECTS).map(object));
    lines.extend(of.conditions.iter().take(1).map(|said| Text::verbatim(cut(said))));
    // What a healthy container writes explains nothing.
    let ill = |tail: &&LogTail| tail.previous || of.health != "Healthy";
    let last = of.logs.iter().filter(ill).find_map(|tail| Some((tail, tail.lines.last()?)));
    lines.extend(last.map(|(tail, line)| log_line(tail, line)));
    lines.extend(of.events.iter().take(1).map(event));
    lines.extend(of.unread.iter().take(1).map(unread));
    lines
}

fn head(of: &Diagnosis, name: &str) -> Text {
    let states: Vec<&str> = [of.health.as_str(), of.sync.as_str()]
        .into_iter()
        .filter(|state| !state.is_empty())
        .collect();
    let images = match of.images.as_slice() {
        // An image that is called like its application says only its version.
        [only] => match only.split_once(':') {
            Some((name, version)) if name == of.target.name => format!(" {version}"),
            _ => format!(" {only}"),
        },
        _ => String::new(),
    };
    let note = if of.health_note.is_empty() {
        String::new()
    } else {
        format!(" — {}", cut(&of.health_note))
    };
    Text::verbatim(format!("{name}{images}: {}{note}", states.join(", ")))
}

fn goes_on(operation: &OperationNote) -> Text {
    let OperationNote { by, phase, note, .. } = operation;
    let note = if note.is_empty() { String::new() } else { format!(": {}", cut(note)) };
    Text::new(
        format!("▸ being changed now by {by}: {phase}{note}"),
        format!("▸ 지금 변경 중 (시작: {by}): {phase}{note}"),
    )
}

fn object(note: &ObjectNote) -> Text {
    let said = if note.note.is_empty() { String::new() } else { format!(", {}", cut(&note.note)) };
    let (mark, state) = if note.state.is_empty() {
        ("↻", String::new())
    } else {
        ("✗", format!(" {}", note.state))
    };
    let head = format!("{mark} {}:{state}{said}", note.object);
    match note.restarts {
        0 => Text::verbatim(head),
        1 => Text::new(format!("{head} (1 restart)"), format!("{head} (재시작 1회)")),
        many => Text::new(format!("{head} ({many} restarts)"), format!("{head} (재시작 {many}회)")),
    }
}

fn event(note: &EventNote) -> Text {
    let count = if note.count > 1 { format!(" ×{}", note.count) } else { String::new() };
    Text::verbatim(format!("! {}{count} ({}): {}", note.reason, note.object, cut(&note.note)))
}

/// Where a log is from: `log of wallet-api-x7k2p/app, before its last start`.
fn log_head(tail: &LogTail) -> Text {
    let whose = match tail.container.as_str() {
        "" => tail.pod.clone(),
        container => format!("{}/{container}", tail.pod),
    };
    if tail.previous {
        Text::new(
            format!("log of {whose}, before its last start"),
            format!("{whose} 로그 (마지막 재시작 이전)"),
        )
    } else {
        Text::new(format!("log of {whose}"), format!("{whose} 로그"))
    }
}

fn log_line(tail: &LogTail, line: &str) -> Text {
    Text::join([log_head(tail), Text::verbatim(cut(line))], ": ")
}

fn unread(trouble: &Trouble) -> Text {
    let why = sentence(trouble);
    Text::new(format!("Not read: {}", why.en), format!("읽지 못함: {}", why.ko))
}

/// Everything that is known of one target.
fn whole(of: &Diagnosis, name: &str, utc_offset: UtcOffset) -> Text {
    let mut text = head(of, name);
    if of.images.len() > 1 {
        text = text.line(&Text::verbatim(format!("  {}", of.images.join(", "))));
    }
    if let Some(operation) = &of.operation {
        text = text.line(&last_change(operation, utc_offset));
    }
    for said in &of.conditions {
        text = text.line(&Text::verbatim(format!("  {said}")));
    }
    for note in &of.objects {
        text = text.line(&indented(&object(note)));
    }
    for note in &of.events {
        let at = note.at.map(|at| format!("{} ", clock(at, utc_offset))).unwrap_or_default();
        text = text.line(&Text::join([Text::verbatim(format!("  {at}")), event(note)], ""));
    }
    for tail in &of.logs {
        text = text.line(&indented(&log_head(tail)));
        for line in &tail.lines {
            text = text.line(&Text::verbatim(format!("    {line}")));
        }
    }
    of.unread.iter().fold(text, |text, trouble| text.line(&indented(&unread(trouble))))
}

fn last_change(operation: &OperationNote, utc_offset: UtcOffset) -> Text {
    let OperationNote { by, phase, note, since, .. } = operation;
    let at = since.map(|at| format!(", {}", day_and_clock(at, utc_offset))).unwrap_or_default();
    let note = if note.is_empty() { String::new() } else { format!(": {note}") };
    Text::new(
        format!("  last change by {by}{at}: {phase}{note}"),
        format!("  마지막 변경 (시작: {by}{at}): {phase}{note}"),
    )
}

fn indented(text: &Text) -> Text {
    Text::new(format!("  {}", text.en), format!("  {}", text.ko))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sick() -> Diagnosis {
        let tail = LogTail {
            pod: "w-x7".into(),
            container: "app".into(),
            previous: true,
            lines: vec!["starting".into(), "panic: no database".into()],
        };
        let pod = ObjectNote {
            object: "Pod w-x7".into(),
            state: "CrashLoopBackOff".into(),
            note: "exit code 1".into(),
            restarts: 5,
        };
        Diagnosis {
            target: "main/argocd/w".parse().unwrap(),
            health: "Degraded".into(),
            health_note: "progress deadline exceeded".into(),
            sync: "Synced".into(),
            images: vec!["w:1.5.0".into()],
            operation: None,
            conditions: vec![],
            objects: vec![pod],
            events: vec![],
            logs: vec![tail],
            unread: vec![],
        }
    }

    #[test]
    fn the_most_telling_comes_first_and_everything_stands_behind() {
        let (text, more) = report(&[sick()], UtcOffset::east(9, 0));
        let lines: Vec<&str> = text.en.lines().collect();
        assert_eq!(
            lines,
            [
                "w 1.5.0: Degraded, Synced — progress deadline exceeded",
                "✗ Pod w-x7: CrashLoopBackOff, exit code 1 (5 restarts)",
                "log of w-x7/app, before its last start: panic: no database",
            ]
        );
        assert!(more.ko.contains("    starting\n    panic: no database"), "{}", more.ko);
    }

    #[test]
    fn of_several_each_has_its_lines() {
        let (text, more) = report(&[sick(), sick(), sick(), sick()], UtcOffset::east(9, 0));
        assert_eq!(text.en.lines().count(), TARGETS * SHOWN_OF_MANY + 1);
        assert_eq!(more.en.matches("panic: no database").count(), 4);
    }

    #[test]
    fn of_what_is_well_no_log_is_shown_in_the_thread() {
        let mut well = sick();
        well.health = "Healthy".into();
        well.health_note = String::new();
        well.objects.clear();
        well.logs[0].previous = false;
        let (text, more) = report(&[well], UtcOffset::east(9, 0));
        assert_eq!(text.en, "w 1.5.0: Healthy, Synced");
        assert!(more.en.contains("panic"));
    }
}
