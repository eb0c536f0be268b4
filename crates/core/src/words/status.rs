//! What the functions `status` and `cancel` show of the engine's own work.

use std::time::Duration;

use crate::lang::Text;
use crate::lock::Lock;
use crate::run::Run;
use crate::words::fault;

/// The whole report: what runs or waits, then who holds which lock, then what is stored but cannot be
/// read. `name` gives a person's name, `age` how long ago the run was asked for.
#[must_use]
pub fn report<'a>(
    runs: impl IntoIterator<Item = (&'a Run, String, Duration)>,
    locks: impl IntoIterator<Item = &'a Lock>,
    unreadable: &[String],
) -> Text {
    let runs: Vec<Text> =
        runs.into_iter().map(|(run, name, age)| run_line(run, &name, age)).collect();
    let locks: Vec<Text> = locks.into_iter().filter_map(lock_line).collect();
    let head = if runs.is_empty() { nothing_runs() } else { running(runs.len()) };
    let unreadable = unreadable.iter().map(|what| fault::unreadable_line(what));
    Text::lines([head].into_iter().chain(runs).chain(locks).chain(unreadable))
}

/// No run is live.
#[must_use]
pub fn nothing_runs() -> Text {
    Text::new("Nothing is running or waiting.", "실행 중이거나 대기 중인 작업이 없습니다.")
}

/// The head of the list of live runs.
#[must_use]
pub fn running(count: usize) -> Text {
    let noun = if count == 1 { "run" } else { "runs" };
    Text::new(
        format!("{count} {noun} in progress or waiting:"),
        format!("진행 중이거나 대기 중인 작업 {count}건:"),
    )
}

/// One live run: id, function, targets, who asked, since when, and what it does now.
#[must_use]
pub fn run_line(run: &Run, name: &str, age: Duration) -> Text {
    let title = run_title(run, name);
    let (en, ko) = span(age);
    let line = Text::new(format!("• {title}, {en} ago"), format!("• {title}, {ko} 전"));
    let summary = run.summary();
    if summary.is_empty() { line } else { Text::join([line, summary], ": ") }
}

/// What a run is called in a list: `r3 deploy wallet-api (mina)`.
#[must_use]
pub fn run_title(run: &Run, name: &str) -> String {
    /// More names than this do not fit a line of a phone.
    const NAMED: usize = 3;
    let targets = &run.plan.targets;
    let mut names: Vec<String> =
        targets.iter().take(NAMED).map(|part| super::run::name(&run.plan, &part.target)).collect();
    let more = targets.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("+{more}"));
    }
    let names = names.join(", ");
    let gap = if names.is_empty() { "" } else { " " };
    format!("{} {}{gap}{names} ({name})", run.id, run.name)
}

/// Where a run stands with a target, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It works on it.
    Holds,
    /// It waits for it, at this place of the queue, counted from 1.
    Waits(usize),
    /// It was asked for, and has no place yet.
    Asked,
}

impl Place {
    /// Where this run stands with the target of this lock.
    #[must_use]
    pub fn of(run: &Run, lock: Option<&Lock>) -> Self {
        let Some(lock) = lock else { return Self::Asked };
        if lock.holder.as_ref() == Some(&run.id) {
            return Self::Holds;
        }
        let place = lock.queue.iter().position(|waiting| *waiting == run.id);
        place.map_or(Self::Asked, |place| Self::Waits(place + 1))
    }
}

/// A run that concerns a target.
#[derive(Debug, Clone)]
pub struct Concerns {
    /// Where it stands.
    pub place: Place,
    /// See [`short_title`].
    pub title: String,
    /// How long ago it was asked for.
    pub age: Duration,
    /// What it does now.
    pub does: Text,
}

/// What is known of one target: what works on it, what waits, and how long it usually takes.
#[must_use]
pub fn of_target(name: &str, runs: &[Concerns], usual: Option<Duration>) -> Text {
    let usual = usual.map(super::when::duration).map(|span| {
        Text::new(format!("usually takes {}", span.en), format!("보통 {} 걸립니다", span.ko))
    });
    let head = match runs {
        [] => Text::new(
            format!("{name}: nothing runs or waits"),
            format!("{name}: 실행 중이거나 대기 중인 작업이 없습니다"),
        ),
        _ => Text::verbatim(name),
    };
    let head = match usual {
        Some(usual) if runs.is_empty() => Text::join([head, usual], "; "),
        Some(usual) => Text::join([head, usual], ": "),
        None => head,
    };
    runs.iter().fold(head, |text, run| text.line(&concerns(run)))
}

fn concerns(run: &Concerns) -> Text {
    let mark = match run.place {
        Place::Holds => "▸".to_owned(),
        Place::Waits(place) => format!("{place}."),
        Place::Asked => "·".to_owned(),
    };
    let (en, ko) = span(run.age);
    let title = &run.title;
    let line = Text::new(format!("{mark} {title}, {en} ago"), format!("{mark} {title}, {ko} 전"));
    if run.does == Text::default() { line } else { Text::join([line, run.does.clone()], ": ") }
}

/// What a run is called where its targets are known: `r3 deploy (mina)`.
#[must_use]
pub fn short_title(run: &Run, name: &str) -> String {
    format!("{} {} ({name})", run.id, run.name)
}

/// Who holds a lock, and who waits for it; `None` when nobody does.
#[must_use]
pub fn lock_line(lock: &Lock) -> Option<Text> {
    let holder = lock.holder.as_ref()?;
    let target = &lock.target;
    let held = Text::new(
        format!("🔒 {target}: held by {holder}"),
        format!("🔒 {target}: {holder} 사용 중"),
    );
    if lock.queue.is_empty() {
        return Some(held);
    }
    let queue: Vec<String> =
        lock.queue.iter().enumerate().map(|(place, run)| format!("{}. {run}", place + 1)).collect();
    let queue = queue.join(", ");
    let waiting = Text::new(format!("waiting: {queue}"), format!("대기: {queue}"));
    Some(Text::join([held, waiting], ", "))
}

/// A span in one unit, for people: seconds below a minute, minutes below two hours, then hours and
/// days.
fn span(age: Duration) -> (String, String) {
    let secs = age.as_secs();
    match secs {
        0..60 => (format!("{secs} s"), format!("{secs}초")),
        60..7_200 => (format!("{} min", secs / 60), format!("{}분", secs / 60)),
        7_200..172_800 => (format!("{} h", secs / 3_600), format!("{}시간", secs / 3_600)),
        _ => (format!("{} days", secs / 86_400), format!("{}일", secs / 86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RunId;

    #[test]
    fn a_lock_names_holder_and_queue() {
        let mut lock = Lock::free("main/argocd/wallet".parse().unwrap());
        assert_eq!(lock_line(&lock), None);
        for number in 1..=3 {
            lock.ask(&RunId::numbered(number));
        }
        let line = lock_line(&lock).unwrap();
        assert_eq!(line.en, "🔒 main/argocd/wallet: held by r1, waiting: 1. r2, 2. r3");
        assert_eq!(line.ko, "🔒 main/argocd/wallet: r1 사용 중, 대기: 1. r2, 2. r3");
    }

    #[test]
    fn nothing_is_said_in_both_languages() {
        let text = report([], [], &[]);
        assert_eq!(text, nothing_runs());
        assert!(!text.en.is_empty() && !text.ko.is_empty());
    }

    #[test]
    fn spans_have_one_unit() {
        let of = |secs| span(Duration::from_secs(secs)).0;
        assert_eq!(
            [of(0), of(59), of(60), of(7_199), of(7_200), of(200_000)],
            ["0 s", "59 s", "1 min", "119 min", "2 h", "2 days"].map(str::to_owned)
        );
    }
}
