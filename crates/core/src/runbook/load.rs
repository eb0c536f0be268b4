//! From a file to a checked runbook, or to everything that is wrong with it.
//!
//! The life of a file: [`yaml::read`] gives what is written ([`raw`](super::raw)); this module checks
//! what belongs together, and `check` every single name. Nothing stops at the first
//! mistake, and a file with a mistake gives no runbook.

use std::collections::BTreeSet;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::ids::{DefinitionHash, RunbookName};
use crate::input::{keyword, normalise};
use crate::plan::hex;
use crate::port::{ActionKind, ActionSpec};
use crate::target::Pattern;

pub use super::check::Known;
use super::check::{Checker, Input, Scope, Stands};
use super::diagnostic::{Diagnostic, Place, suggest};
use super::raw::{At, RawApproval, RawOnFailure, RawOrder, RawRunbook, RawStep};
use super::{
    AT_ONCE_MAX, ApprovalRule, Does, OnFailure, Order, Procedure, Runbook, Step, Use, ask, yaml,
};

/// What the design of runbooks has and this version has not. Such a key is refused by its own name,
/// so that nobody takes it for misspelt or believes that it works.
const LATER: &[&str] = &["secret"];
/// How long an approval request stands when the runbook does not say.
const WITHIN: Duration = Duration::from_mins(30);
/// How long a step may take when the runbook does not say.
const TIMEOUT: Duration = Duration::from_mins(15);
/// The longest that an approval request may stand: what was read must not be a week old.
const WITHIN_MAX: Duration = Duration::from_hours(24);
/// The longest that a step may take.
const TIMEOUT_MAX: Duration = Duration::from_hours(12);
/// The largest number in the menu.
const NUMBER_MAX: u32 = 999;

/// A runbook and where the file says what other files must not say too.
pub(super) struct Loaded {
    pub(super) runbook: Runbook,
    pub(super) number: Place,
    pub(super) words: Vec<(String, Place)>,
    pub(super) undo: Option<Place>,
}

/// Loads one runbook. `file` is its name for messages.
///
/// # Errors
/// Everything that is wrong with the file, in its order.
pub fn load(
    file: &str,
    source: impl AsRef<[u8]>,
    known: &Known<'_>,
) -> Result<Runbook, Vec<Diagnostic>> {
    load_placed(file, source.as_ref(), known).map(|loaded| loaded.runbook)
}

/// Loads a definition that was stored when it was first used, so that what runs can finish. Its
/// teams and chat platforms are not looked up: they may be gone by now, and rights are decided by the
/// present teams.
///
/// # Errors
/// As [`load`]; an action that it names may be gone too.
pub fn load_pinned(
    name: &RunbookName,
    source: &str,
    actions: &[(&str, &[ActionSpec])],
) -> Result<Runbook, Vec<Diagnostic>> {
    let known = Known { actions, teams: &BTreeSet::new(), adapters: None };
    load_with(name.as_str(), source.as_bytes(), &known, false).map(|loaded| loaded.runbook)
}

pub(super) fn load_placed(
    file: &str,
    source: &[u8],
    known: &Known<'_>,
) -> Result<Loaded, Vec<Diagnostic>> {
    load_with(file, source, known, true)
}

fn load_with(
    file: &str,
    source: &[u8],
    known: &Known<'_>,
    look_up_teams: bool,
) -> Result<Loaded, Vec<Diagnostic>> {
    let reading = yaml::read::<RawRunbook>(file, source, LATER);
    let mut check = Checker {
        file,
        source: reading.source,
        known: *known,
        look_up_teams,
        damaged: !reading.mistakes.is_empty(),
        found: reading.mistakes,
    };
    let loaded = reading.value.and_then(|raw| runbook(&mut check, &raw, &reading.lost));
    let mut found = check.found;
    match loaded {
        Some(loaded) if found.is_empty() => Ok(loaded),
        _ => {
            if found.is_empty() {
                found.push(Diagnostic::at(file, Place::START, "this is not a runbook"));
            }
            found.sort_by_key(|problem| (problem.line, problem.column));
            found.dedup();
            Err(found)
        }
    }
}

fn runbook(check: &mut Checker<'_>, raw: &RawRunbook, lost: &[String]) -> Option<Loaded> {
    let mut wanted = |key: &str, is_there: bool| {
        if !is_there && !lost.iter().any(|lost| lost == key) {
            check.problem(Place::START, format!("the key `{key}` is missing"));
        }
    };
    wanted("runbook", raw.runbook.is_some());
    wanted("number", raw.number.is_some());
    wanted("title", raw.title.is_some());
    wanted("who", raw.who.is_some());

    let words = words(check, raw);
    if let Some(number) = &raw.number
        && !(1..=NUMBER_MAX).contains(&number.value)
    {
        let message = format!("the number {} is not between 1 and {NUMBER_MAX}", number.value);
        check.problem(number.place, message);
    }
    let title = raw.title.as_ref().map(|title| check.text(title));
    let who = raw.who.as_deref().map(|who| check.teams(who));
    let (questions, inputs) = ask::questions(check, &raw.ask);
    let does = does(check, raw, &inputs, lost);

    let name = raw.runbook.as_ref()?;
    let number = raw.number.as_ref()?;
    let runbook = Runbook {
        name: RunbookName::new(&name.value),
        hash: DefinitionHash::new(hex(&Sha256::digest(check.source.as_bytes()))),
        source: check.source.to_owned(),
        number: number.value,
        title: title?,
        aliases: raw.aliases.iter().map(|alias| alias.value.trim().to_owned()).collect(),
        who: who?,
        ask: questions,
        does: does?,
    };
    let undo = raw.undo.as_ref().map(|name| name.place);
    Some(Loaded { runbook, number: number.place, words, undo })
}

/// The words that start the runbook: its name and its aliases, in the form in which typed words are
/// compared.
fn words(check: &mut Checker<'_>, raw: &RawRunbook) -> Vec<(String, Place)> {
    let mut words: Vec<(String, Place)> = Vec::new();
    if let Some(name) = &raw.runbook {
        let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let text = name.value.as_str();
        if !text.starts_with(char::is_alphabetic)
            || !text.chars().all(fits)
            || text.chars().nth(40).is_some()
        {
            let message = "the name of a runbook is one word of at most 40 letters, digits, `-` and \
                           `_`, and begins with a letter";
            check.problem(name.place, message);
        }
    }
    for word in raw.runbook.iter().chain(&raw.aliases) {
        let normal = normalise(&word.value);
        if normal.is_empty() {
            check.problem(word.place, "this word is empty");
        } else if normal.chars().all(|c| c.is_ascii_digit()) {
            check.problem(word.place, format!("`{normal}` is a number of the menu, not a word"));
        } else if keyword(&word.value).is_some_and(|found| !found.word.is_for_runs_alone()) {
            let message =
                format!("`{}` has a fixed meaning in every dialog; choose another", word.value);
            check.problem(word.place, message);
        } else if words.iter().any(|(other, _)| *other == normal) {
            check.problem(word.place, format!("the word `{}` stands here twice", word.value));
        } else {
            words.push((normal, word.place));
        }
    }
    words
}

/// What it does: exactly one of four things.
fn does(
    check: &mut Checker<'_>,
    raw: &RawRunbook,
    inputs: &[Input],
    lost: &[String],
) -> Option<Does> {
    let ways = [
        ("answer", raw.answer.as_ref().map(|at| at.place)),
        ("plan", raw.plan.as_ref().map(|at| at.place)),
        ("steps", raw.steps.as_ref().map(|at| at.place)),
        ("cancel", raw.cancel.as_ref().map(|at| at.place)),
        ("subscribe", raw.subscribe.as_ref().map(|at| at.place)),
    ];
    let is_there = |key: &str| {
        ways.iter().any(|(way, place)| *way == key && place.is_some())
            || lost.iter().any(|lost| lost == key)
    };
    let changes = is_there("plan") || is_there("steps");
    let others = ["answer", "cancel", "subscribe"].into_iter().filter(|key| is_there(key)).count();
    match usize::from(changes) + others {
        0 => {
            let message = "it does nothing: one of `answer`, `plan` with `steps`, `cancel`, or \
                           `subscribe` is missing";
            check.problem(Place::START, message);
        }
        1 => {}
        _ => {
            let message = "only one of `answer`, `plan` with `steps`, `cancel`, and `subscribe` can \
                           stand in a runbook";
            let second = ways.iter().filter_map(|(_, place)| *place).max();
            check.problem(second.unwrap_or(Place::START), message);
        }
    }
    if !changes {
        only_with_steps(check, raw);
    }

    let all = Scope { inputs, later: &[], special: &[] };
    let answer = raw.answer.as_ref().and_then(|answer| {
        const ANSWER: Stands =
            Stands { kinds: &[ActionKind::Report, ActionKind::Plan], key: "answer" };
        check.call(&answer.value.action, &answer.value.with, ANSWER, all).map(Does::Answer)
    });
    let mut of_one = |run: &Option<At<String>>, what: &str| {
        let run = run.as_ref()?;
        if input(check, run, inputs)?.many {
            let message = format!("`{}` names several runs; one is {what}", run.value);
            check.problem(run.place, message);
        }
        Some(run.value.clone())
    };
    let cancel = of_one(&raw.cancel, "stopped").map(|run| Does::Cancel { run });
    let subscribe = of_one(&raw.subscribe, "told about").map(|run| Does::Subscribe { run });
    let run = if changes { procedure(check, raw, inputs, lost) } else { None };
    answer.or(cancel).or(subscribe).or(run.map(|run| Does::Run(Box::new(run))))
}

/// Keys that mean nothing where nothing is changed are refused, because whoever wrote `approval`
/// relies on it.
fn only_with_steps(check: &mut Checker<'_>, raw: &RawRunbook) {
    let keys = [
        ("approval", raw.approval.as_ref().map(|at| at.place)),
        ("lock", raw.lock.as_ref().map(|at| at.place)),
        ("order", raw.order.as_ref().map(|at| at.place)),
        ("on_failure", raw.on_failure.as_ref().map(|at| at.place)),
        ("announce", raw.announce.first().map(|at| at.place)),
        ("diagnosis", raw.diagnosis.as_ref().map(|at| at.place)),
        ("undo", raw.undo.as_ref().map(|at| at.place)),
    ];
    for (key, place) in keys {
        if let Some(place) = place {
            check.problem(place, format!("`{key}` means nothing without `plan` and `steps`"));
        }
    }
}

/// The input that a key names.
fn input<'i>(check: &mut Checker<'_>, name: &At<String>, inputs: &'i [Input]) -> Option<&'i Input> {
    let found = inputs.iter().find(|input| input.name == name.value);
    if found.is_none() && !check.damaged {
        let names = inputs.iter().map(|input| input.name.as_str());
        let message = format!("no question is called `{}`", name.value);
        check.unknown(name.place, message, &name.value, names);
    }
    found
}

fn procedure(
    check: &mut Checker<'_>,
    raw: &RawRunbook,
    inputs: &[Input],
    lost: &[String],
) -> Option<Procedure> {
    const PLAN: Stands = Stands { kinds: &[ActionKind::Plan], key: "plan" };
    const DIAGNOSIS: Stands = Stands { kinds: &[ActionKind::Report], key: "diagnosis" };
    let is_lost = |key: &str| lost.iter().any(|lost| lost == key);
    let scope = |special| Scope { inputs, later: &[], special };

    if raw.plan.is_none() && !is_lost("plan") {
        let place = raw.steps.as_ref().map_or(Place::START, |steps| steps.place);
        check.problem(place, "`steps` want a `plan`: nothing is done that nobody could read first");
    }
    let plan = raw
        .plan
        .as_ref()
        .and_then(|plan| check.call(&plan.value.action, &plan.value.with, PLAN, scope(&[])));
    let diagnosis = raw
        .diagnosis
        .as_ref()
        .map(|asks| check.call(&asks.value.action, &asks.value.with, DIAGNOSIS, scope(&[])));
    let approval = raw
        .approval
        .as_ref()
        .map(|approval| approval_rule(check, &approval.value, scope(&["plan", "env", "envs"])));
    if let Some(lock) = raw.lock.as_ref().filter(|lock| !names_the_item(&lock.value)) {
        check.problem(
            lock.place,
            "any lock but `{{ item }}`, the target itself, is not supported yet",
        );
    }
    let order = raw.order.as_ref().map(|order| work_order(check, order));
    for room in &raw.announce {
        announced(check, room);
    }
    let step = match raw.steps.as_ref() {
        None => {
            if !is_lost("steps") {
                let place = raw.plan.as_ref().map_or(Place::START, |plan| plan.place);
                check.problem(
                    place,
                    "a `plan` wants `steps`; to show it only, put it under `answer`",
                );
            }
            None
        }
        Some(steps) => {
            match steps.value.get(1) {
                Some(second) => {
                    check.problem(second.place, "more than one step is not supported yet");
                }
                None if steps.value.is_empty() && !check.damaged => {
                    check.problem(steps.place, "`steps` is empty");
                }
                None => {}
            }
            // Later ones are checked too, so that their mistakes are told at once.
            let checked: Vec<Option<Step>> =
                steps.value.iter().map(|at| step(check, &at.value, inputs)).collect();
            checked.into_iter().next().flatten()
        }
    };
    Some(Procedure {
        plan: plan?,
        approval: approval.map_or(Some(None), |rule| rule.map(Some))?,
        on_failure: match raw.on_failure.as_ref().map(|at| at.value) {
            Some(RawOnFailure::Stop) => OnFailure::Stop,
            Some(RawOnFailure::GoOn) => OnFailure::GoOn,
            None => order.as_ref().map_or(OnFailure::Stop, Order::on_failure),
        },
        order: order.unwrap_or(Order::Listed),
        announce: raw.announce.iter().map(|room| room.value.trim().to_owned()).collect(),
        step: step?,
        diagnosis: diagnosis.map_or(Some(None), |asks| asks.map(Some))?,
        undo: raw.undo.as_ref().map(|name| RunbookName::new(name.value.trim())),
    })
}

/// Whether a lock is the target itself, however it is spaced.
fn names_the_item(lock: &str) -> bool {
    lock.split_whitespace().collect::<String>() == "{{item}}"
}

fn approval_rule(
    check: &mut Checker<'_>,
    raw: &RawApproval,
    scope: Scope<'_>,
) -> Option<ApprovalRule> {
    let when = raw.when.as_ref().map(|when| check.condition(when, scope));
    let by = check.teams(&raw.by.value);
    if raw.by.value.is_empty() && !check.damaged {
        check.problem(raw.by.place, "nobody could agree: `by` names no team");
    }
    if let Some(count) = &raw.count
        && count.value != 1
    {
        let message = format!("a `count` of {} is not supported yet; only 1 is", count.value);
        check.problem(count.place, message);
    }
    let within = match &raw.within {
        None => Some(WITHIN),
        Some(within) => check.duration(within, WITHIN_MAX),
    };
    Some(ApprovalRule {
        when: when.map_or(Some(None), |when| when.map(Some))?,
        by,
        within: within?,
    })
}

fn work_order(check: &mut Checker<'_>, raw: &At<RawOrder>) -> Order {
    match &raw.value {
        RawOrder::Listed => Order::Listed,
        RawOrder::Waves(raw_waves) => Order::Waves(waves(check, raw.place, raw_waves)),
        RawOrder::Parallel(count) if (1..=AT_ONCE_MAX).contains(count) => {
            Order::Parallel(usize::try_from(*count).unwrap_or(1))
        }
        RawOrder::Parallel(count) => {
            let message = format!("`parallel: {count}` is not between 1 and {AT_ONCE_MAX}");
            check.problem(raw.place, message);
            Order::Listed
        }
    }
}

/// The patterns of each wave: a name, or the whole of instance, namespace and name.
fn waves(check: &mut Checker<'_>, place: Place, raw: &[At<Vec<At<String>>>]) -> Vec<Vec<Pattern>> {
    if raw.is_empty() {
        check.problem(place, "`waves` is empty");
    }
    let mut all = Vec::new();
    for wave in raw {
        if wave.value.is_empty() {
            check.problem(wave.place, "a wave is empty");
        }
        let mut patterns = Vec::new();
        for name in &wave.value {
            let text = name.value.trim();
            match text.matches('/').count() {
                _ if text.is_empty() || text.split('/').any(str::is_empty) => {
                    check.problem(name.place, "a name of a wave is empty");
                }
                0 => patterns.push(Pattern::new(format!("*/*/{text}"))),
                2 => patterns.push(Pattern::new(text)),
                _ => check.problem(
                    name.place,
                    format!("`{text}` is neither a name nor instance/namespace/name"),
                ),
            }
        }
        all.push(patterns);
    }
    all
}

/// `#room`, or `adapter:room`.
fn announced(check: &mut Checker<'_>, room: &At<String>) {
    let text = room.value.trim();
    let (adapter, name) = match text.split_once(':') {
        Some((adapter, name)) if !text.starts_with('#') => (Some(adapter), name),
        _ => (None, text.strip_prefix('#').unwrap_or_default()),
    };
    let fits = !name.trim_start_matches('#').is_empty()
        && !text.contains(char::is_whitespace)
        && adapter != Some("");
    if !fits {
        let message = format!("`{text}` names no room; write `#room` or `adapter:room`");
        check.problem(room.place, message);
    } else if let Some(adapter) = adapter {
        adapter_exists(check, room.place, adapter, name);
    }
}

/// A notice on a platform that is not there would wait for ever, and nobody would know of it.
fn adapter_exists(check: &mut Checker<'_>, place: Place, adapter: &str, room: &str) {
    let Some(known) = check.known.adapters.filter(|known| !known.contains(&adapter)) else {
        return;
    };
    let near = suggest(adapter, known.iter().copied());
    let there = match known {
        [] => "there is none".to_owned(),
        [only] => format!("there is only `{only}`"),
        several => format!("there are `{}`", several.join("`, `")),
    };
    let mut problem =
        Diagnostic::at(check.file, place, format!("unknown adapter `{adapter}`; {there}"));
    problem.suggestion = near.map(|near| format!("{near}:{room}"));
    check.found.push(problem);
}

fn step(check: &mut Checker<'_>, raw: &RawStep, inputs: &[Input]) -> Option<Step> {
    const STEP: Stands = Stands { kinds: &[ActionKind::Operation], key: "steps" };
    let scope = Scope { inputs, later: &[], special: &["item", "plan", "env", "envs"] };
    let for_each = input(check, &raw.for_each, inputs).map(|input| input.name.clone());
    let action: Option<Use> = check.call(&raw.action, &raw.with, STEP, scope);
    let timeout = match &raw.timeout {
        None => Some(TIMEOUT),
        Some(timeout) => check.duration(timeout, TIMEOUT_MAX),
    };
    Some(Step { for_each: for_each?, action: action?, timeout: timeout? })
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
