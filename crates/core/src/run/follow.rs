//! Looking at an operation until outside facts say how it ended. Lost sight is never "failed".

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::answer::{Answer, Progress, Seen, Trouble, TroubleKind, Warning};
use crate::call::{Call, Operation, QueryOutcome};
use crate::ids::CallId;
use crate::lang::Text;
use crate::time::Timestamp;
use crate::timer::TimerName;
use crate::words;

use super::state::{Following, Hitch, Look, Phase, Step, StepEnd, Stop};
use super::turn::Turn;
use super::{act, cancel, overdue, step};

/// The action by which the engine hands a look to `Connector::watch`.
const WATCH: &str = "watch";

/// What is going to be looked at.
pub(super) struct Taken {
    /// What the tool took, or what it does by itself.
    pub(super) operation: Operation,
    /// What is needed to look.
    pub(super) receipt: Value,
    /// Since when.
    pub(super) since: Timestamp,
    /// The tool does it by itself.
    pub(super) by_itself: bool,
}

/// Begins to look.
pub(super) fn begin(turn: &mut Turn<'_>, step: usize, taken: Taken) {
    let deadline = deadline(turn, step);
    let look = Look::Later(turn.timer(TimerName::Look(step), pause(0)));
    // What the tool does at once leaves nothing that could be stopped: the receipt says so.
    let phase = if taken.receipt["applied"] == true { Phase::Applied } else { Phase::Running };
    let following = Following {
        operation: taken.operation,
        receipt: taken.receipt,
        memory: Value::Null,
        since: taken.since,
        deadline,
        look,
        looked: turn.ctx.now,
        looks: 0,
        hinted: false,
        hint: None,
        is_behind: false,
        note: String::new(),
        phase,
        overdue: None,
        acting: None,
        hitch: None,
        stop: Stop::No,
        over: false,
        astray: false,
        by_itself: taken.by_itself,
    };
    step::set(turn, step, Step::Following(Box::new(following)));
    if turn.is_stopping() {
        cancel::stop(turn, step);
    }
}

/// How long until the next look at what stands still: a person takes a while, and each look is several
/// requests.
const STANDING: Duration = Duration::from_secs(15);

/// Sets the timer after which nobody knows.
pub(super) fn deadline(turn: &mut Turn<'_>, step: usize) -> u64 {
    let limit = Duration::from_millis(turn.run.timeout_ms);
    turn.timer(TimerName::Deadline(step), limit)
}

/// The next look is due now; one that is under way will do.
pub(super) fn look_now(turn: &mut Turn<'_>, step: usize) {
    look_in(turn, step, Duration::ZERO);
}

/// The next look is due in a moment; one that is under way comes first.
pub(super) fn look_soon(turn: &mut Turn<'_>, step: usize) {
    look_in(turn, step, pause(0));
}

fn look_in(turn: &mut Turn<'_>, step: usize, span: Duration) {
    let due = matches!(
        turn.run.steps.get(step),
        Some(Step::Following(following)) if matches!(following.look, Look::Later(_))
    );
    if !due {
        return;
    }
    let look = Look::Later(turn.timer(TimerName::Look(step), span));
    if let Some(Step::Following(following)) = turn.run.steps.get_mut(step) {
        following.look = look;
    }
}

/// How long until the next look: 2 s at first, 3 s after five looks, 5 s after ten.
fn pause(looks: u32) -> Duration {
    Duration::from_secs(match looks {
        0..5 => 2,
        5..10 => 3,
        _ => 5,
    })
}

/// How long until the next look where the tool tells of changes: only what it failed to tell is found then.
const HINTED: Duration = Duration::from_secs(10);

/// So long after a hint looking is as frequent as without any: what hints may be ahead of what answers.
const AFTER_HINT: Duration = Duration::from_secs(5);

/// How long until the look after the one that was just answered.
fn next(following: &Following, now: Timestamp) -> Duration {
    let usual = pause(following.looks);
    match following.hint {
        _ if following.is_behind => gap(following.looks),
        _ if matches!(following.phase, Phase::Waiting(_)) => STANDING,
        Some(hint) if now.since(hint) < AFTER_HINT => usual,
        _ if following.hinted => HINTED,
        _ => usual,
    }
}

/// How far two looks are apart at least, however often the tool says that something changed.
fn gap(looks: u32) -> Duration {
    Duration::from_millis(if looks < 20 { 500 } else { 2_000 })
}

/// What this operation is about may have changed: look, but not more often than is good for the tool.
pub(super) fn hinted(turn: &mut Turn<'_>, operation: &CallId) {
    let now = turn.ctx.now;
    let follows = |step: &Step| matches!(step, Step::Following(f) if f.operation.id == *operation);
    let Some(step) = turn.run.steps.iter().position(follows) else { return };
    let Step::Following(following) = &mut turn.run.steps[step] else { return };
    // The first hint after a look brings the next one forward; more of them say nothing new.
    let is_known = following.hint.is_some_and(|hint| hint > following.looked);
    following.hint = Some(now);
    if matches!(following.look, Look::Asked(_)) {
        following.is_behind = true;
        return;
    }
    // A tool that gives no usable answer is spared, whatever it tells.
    if is_known || following.hitch.is_some() {
        return;
    }
    let since = now.since(following.looked);
    let wait = gap(following.looks).saturating_sub(since);
    let look = Look::Later(turn.timer(TimerName::Look(step), wait));
    if let Step::Following(following) = &mut turn.run.steps[step] {
        following.look = look;
    }
}

/// Looks.
pub(super) fn look(turn: &mut Turn<'_>, step: usize, mut following: Following) {
    let with: Map<String, Value> = [
        ("operation".to_owned(), json!(following.operation)),
        ("receipt".to_owned(), following.receipt.clone()),
        ("memory".to_owned(), following.memory.clone()),
    ]
    .into_iter()
    .collect();
    let connector = following.operation.call.connector.clone();
    let call = turn.ask(Call { connector, action: WATCH.into(), with });
    following.look = Look::Asked(call);
    following.looked = turn.ctx.now;
    following.is_behind = false;
    step::set(turn, step, Step::Following(Box::new(following)));
}

/// What a look showed.
pub(super) fn looked(
    turn: &mut Turn<'_>,
    step: usize,
    mut following: Following,
    outcome: &QueryOutcome,
) {
    match outcome {
        Ok(Answer::Progress(Progress { seen, memory, hinted })) => {
            following.memory = memory.clone();
            following.hitch = None;
            following.hinted = *hinted;
            seen_as(turn, step, following, seen);
        }
        Ok(_) => missed(
            turn,
            step,
            following,
            Trouble {
                tool: "wilco".into(),
                kind: TroubleKind::BadRequest,
                detail: "the answer is not a progress".into(),
            },
        ),
        Err(trouble) => missed(turn, step, following, trouble.clone()),
    }
}

/// The look failed, the operation goes on all the same: look again, ever more slowly. Only the
/// deadline ends this, since no trouble of looking says how the operation ends.
fn missed(turn: &mut Turn<'_>, step: usize, mut following: Following, trouble: Trouble) {
    let hitch = Hitch::again(following.hitch.take(), trouble, turn.ctx.now);
    following.look = Look::Later(turn.timer(TimerName::Look(step), hitch.back_off()));
    following.hitch = Some(hitch);
    step::set(turn, step, Step::Following(Box::new(following)));
}

fn seen_as(turn: &mut Turn<'_>, step: usize, mut following: Following, seen: &Seen) {
    let stopping = turn.is_stopping();
    let end = match seen {
        Seen::Running { note } => {
            return goes_on(turn, step, following, Phase::Running, note);
        }
        Seen::Applied { note } => {
            return goes_on(turn, step, following, Phase::Applied, note);
        }
        Seen::Waiting(pause) => {
            return goes_on(turn, step, following, Phase::Waiting(pause.clone()), &pause.note);
        }
        Seen::Succeeded { note, .. } | Seen::Failed { note } | Seen::Stopped { note }
            if following.is_being_stopped() =>
        {
            note.clone_into(&mut following.note);
            following.over = true;
            return until_settled(turn, step, following);
        }
        Seen::Succeeded { note, warnings } => {
            if stopping || following.wanted().is_some() {
                let name = turn.target_name(step);
                turn.say(&words::run::finished_before_stop(&name));
            }
            let took = turn.ctx.now.since(following.since);
            let mut warnings = warnings.clone();
            if following.receipt["there"] == true {
                warnings.push(Warning::AlreadyThere);
            }
            StepEnd::Succeeded {
                note: note.clone(),
                warnings,
                took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            }
        }
        Seen::Failed { note } => StepEnd::Failed { why: Text::verbatim(words::trouble::cut(note)) },
        Seen::Stopped { .. } if stopping => StepEnd::Cancelled,
        Seen::Stopped { note } => {
            let why = overdue::terminated(turn, &following);
            let why = why.unwrap_or_else(|| words::run::card::stopped_outside(note));
            StepEnd::Failed { why }
        }
        Seen::Lost { note } => StepEnd::Unknown { why: Text::verbatim(words::trouble::cut(note)) },
    };
    // What was remembered counts for whatever comes next.
    step::set(turn, step, Step::Following(Box::new(following)));
    if !overdue::goes_on(turn, step, &end) {
        step::conclude(turn, step, end);
    }
}

/// It is over, and a request to stop it is still on its way, which could hit what somebody begins next: looked at
/// again until that is settled.
fn until_settled(turn: &mut Turn<'_>, step: usize, mut following: Following) {
    following.look = Look::Later(turn.timer(TimerName::Look(step), pause(0)));
    step::set(turn, step, Step::Following(Box::new(following)));
}

/// No end yet. A run that is being stopped asks once more where the tool did not hear it, and lets go
/// of what is over: nobody can stop that.
fn goes_on(turn: &mut Turn<'_>, step: usize, mut following: Following, phase: Phase, note: &str) {
    following.looks = following.looks.saturating_add(1);
    note.clone_into(&mut following.note);
    let before = std::mem::replace(&mut following.phase, phase);
    let stopping = turn.is_stopping();
    following.over = false;
    if stopping && following.is_being_stopped() && following.let_go().is_some() {
        return until_settled(turn, step, following);
    }
    if let Some(why) = following.let_go().filter(|_| stopping) {
        let name = turn.target_name(step);
        turn.say(&words::run::applied_before_stop(&name));
        return step::conclude(turn, step, StepEnd::LetGo { why });
    }
    let span = next(&following, turn.ctx.now);
    following.look = Look::Later(turn.timer(TimerName::Look(step), span));
    match (before, &following.phase) {
        (Phase::Waiting(was), Phase::Waiting(is)) if was.id == is.id => {}
        (_, Phase::Waiting(is)) => {
            act::begun(turn, step, &is.clone());
            // It is as late as people are.
            if following.wanted().is_none() {
                following.overdue = None;
            }
        }
        // People took their time; the tool has its own.
        (Phase::Waiting(_), _) => following.deadline = deadline(turn, step),
        (Phase::Running | Phase::Applied, _) => {}
    }
    step::set(turn, step, Step::Following(Box::new(following)));
    overdue::applied(turn, step);
    if matches!(&turn.run.steps[step], Step::Following(f) if matches!(f.stop, Stop::Again { .. })) {
        cancel::terminate(turn, step);
    }
}

/// It took too long. People are told and may decide; after as much time again nobody knows how it ends, and no
/// rule makes that a failure. What waits for a person may take as long as people do; they are reminded.
pub(super) fn give_up(turn: &mut Turn<'_>, step: usize, following: &Following) {
    let is_left_to_people = !turn.is_stopping() && following.wanted().is_none();
    if let Phase::Waiting(pause) = &following.phase
        && is_left_to_people
    {
        act::remind(turn, step, pause);
        let deadline = deadline(turn, step);
        let following = Following { deadline, ..following.clone() };
        turn.run.steps[step] = Step::Following(Box::new(following));
        return;
    }
    if following.overdue.is_none() && !turn.is_stopping() {
        return overdue::begin(turn, step, following);
    }
    let took = turn.ctx.now.since(following.since);
    let why =
        words::run::card::no_end_in_time(&words::when::duration(took), &following.last_seen());
    step::conclude(turn, step, StepEnd::Unknown { why });
}
