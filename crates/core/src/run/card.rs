//! The card: the one message of a run that is updated while it goes on.

use std::time::Duration;

use crate::answer::Act;
use crate::lang::Text;
use crate::message::{Body, Button, ButtonStyle, To};
use crate::plan::{Mode, Plan, TargetPlan};
use crate::runbook::Runbook;
use crate::timer::TimerName;
use crate::token::{Token, Wish};
use crate::words;
use crate::words::run::card::{self as say, Meanwhile};
use crate::words::run::overdue as say_overdue;

use super::state::{End, Ended, State, Step, StepEnd};
use super::turn::{Turn, procedure};
use super::{Remedy, Run, hold, step};

/// The shortest time between two updates, so that no platform's rate limit is met.
const APART: Duration = Duration::from_secs(2);

/// What the card is called among the messages of its run.
pub(super) const NAME: &str = "card";

/// How many lines stand before the buttons at most.
const LINES: usize = 5;

/// Writes the card, or sets the timer that will. What people wait for is written at once: the end, and
/// that a button is gone.
pub(super) fn write(turn: &mut Turn<'_>) {
    if !turn.is_drawn() {
        return;
    }
    let since = turn.run.card.drawn_at.map(|at| turn.ctx.now.since(at));
    if let Some(since) = since.filter(|since| *since < APART)
        && !matches!(turn.run.state, State::Ended(_))
        && turn.before().is_none_or(|before| is_same_row(turn, before))
    {
        if turn.run.card.redraw.is_none() {
            turn.run.card.redraw = Some(turn.timer(TimerName::Redraw, APART.saturating_sub(since)));
        }
        return;
    }
    if turn.run.card.redraw.take().is_some() {
        turn.stop(TimerName::Redraw);
    }
    turn.run.card.drawn_at = Some(turn.ctx.now);
    let (body, to) = (body(turn), To::Thread(turn.run.thread.clone()));
    // A typed decision counts only if it was sent after the card stood there.
    match &turn.run.state {
        State::Awaiting(awaiting) if awaiting.shown.is_none() => {
            turn.post_with_receipt(NAME, to, body);
        }
        _ => turn.post(NAME, to, body),
    }
}

/// Whether the same buttons stand below it as before.
fn is_same_row(turn: &Turn<'_>, before: &Run) -> bool {
    let runbook = turn.runbook();
    buttons(before, runbook.as_deref()) == buttons(&turn.run, runbook.as_deref())
}

/// The timer of the card is due.
pub(super) fn due(turn: &mut Turn<'_>, generation: u64) {
    if turn.run.card.redraw == Some(generation) {
        turn.run.card.redraw = None;
        turn.draw();
    }
}

fn body(turn: &Turn<'_>) -> Body {
    let run = &turn.run;
    let (text, mut more) = squeeze(head(turn), rows(turn), &foot(turn));
    if run.awaits_decision() {
        // Who decides wants to see everything.
        more = more.line(&words::plan::details(&run.plan));
    }
    let (text, more) = (text.to(run.lang), more.to(run.lang));
    let buttons = buttons(run, turn.runbook().as_deref());
    Body { text, more, buttons, ..Body::default() }
}

/// Environments, number, title and state in one line.
fn head(turn: &Turn<'_>) -> Text {
    let plan = &turn.run.plan;
    let mut environments: Vec<String> = Vec::new();
    for part in &plan.targets {
        let environment = plan.environment(&part.target).to_string();
        if !environments.contains(&environment) {
            environments.push(environment);
        }
    }
    say::head(&environments.join(", "), &turn.run.id, &title(turn), &state(turn))
}

/// The title of the runbook; its name when the definition is missing.
pub(super) fn title(turn: &Turn<'_>) -> Text {
    turn.runbook()
        .map_or_else(|| Text::verbatim(turn.run.name.to_string()), |runbook| runbook.title.clone())
}

/// How a run with these targets ended, in a word or two.
pub(super) fn how(how: End, steps: &[Step]) -> Text {
    let any = |wanted: fn(&StepEnd) -> bool| {
        steps.iter().any(|step| matches!(step, Step::Ended(end) if wanted(end)))
    };
    let let_go = any(|end| matches!(end, StepEnd::LetGo { .. }));
    match how {
        End::Succeeded => say::succeeded(),
        End::Failed => say::failed(),
        // Nothing was stopped: it is only no longer looked at.
        End::Cancelled if let_go && !any(|end| *end == StepEnd::Cancelled) => say::unwatched(),
        End::Cancelled => say::cancelled(),
        End::Unknown => say::unknown(),
    }
}

fn state(turn: &Turn<'_>) -> Text {
    match &turn.run.state {
        State::Queued(_) if waits_for(turn).is_none() => turn.run.or_on_hold(say::preparing()),
        State::Ended(Ended { resolved: Some(resolved), .. }) => say::settled(resolved.succeeded),
        _ => turn.run.summary(),
    }
}

/// Who asked, and who agreed.
pub(super) fn by(turn: &Turn<'_>) -> Text {
    let approver =
        turn.run.approval.as_ref().and_then(|approval| Some(&approval.given.as_ref()?.by));
    let approver = approver.map(|person| turn.name(person));
    say::by(&turn.name(&turn.run.requester), approver.as_deref())
}

/// The first lock that is held by another run.
fn waits_for(turn: &Turn<'_>) -> Option<Text> {
    turn.run.plan.targets.iter().find_map(|part| {
        let lock = turn.lock(&part.target)?;
        let (holder, place) = (lock.holder.as_ref()?, lock.place(&turn.run.id)?);
        let name = words::run::name(&turn.run.plan, &part.target);
        Some(say::place(&name, holder, place))
    })
}

/// What is told of a run whose tool is away: what nobody knows weighs most.
fn meanwhile(steps: &[Step]) -> Meanwhile {
    if steps.iter().any(|step| matches!(step, Step::Requesting(_))) {
        Meanwhile::Unclear
    } else if steps.iter().any(|step| matches!(step, Step::Following(_)) || step.is_succeeded()) {
        Meanwhile::Begun
    } else {
        Meanwhile::Nothing
    }
}

fn foot(turn: &Turn<'_>) -> Text {
    let run = &turn.run;
    let clock = |at| words::when::clock(at, turn.ctx.settings.utc_offset);
    match &run.state {
        State::Awaiting(awaiting) => {
            let teams = run.approval.as_ref().map_or(&[][..], |approval| &approval.teams);
            let requester = turn.name(&run.requester);
            let until = clock(awaiting.until);
            words::approval::wanted(&requester, teams, &until, &run.plan.digest)
        }
        State::Rechecking(rechecking) => match &rechecking.hitch {
            Some(hitch) => say::hitch(&hitch.trouble, &clock(hitch.since), Meanwhile::Nothing),
            None => say::reading_again(),
        },
        State::Queued(_) => waits_for(turn).unwrap_or_else(|| under_way(turn)),
        State::Running(_) => run.steps.iter().find_map(Step::hitch).map_or_else(
            || under_way(turn),
            |hitch| say::hitch(&hitch.trouble, &clock(hitch.since), meanwhile(&run.steps)),
        ),
        State::Ended(ended) => match &ended.resolved {
            Some(resolved) => {
                words::run::resolved(&run.id, &turn.name(&resolved.by), resolved.succeeded)
            }
            None if ended.is_unresolved() => say::look_yourself(),
            None => match (&ended.why, took(ended.at.since(ended.since.unwrap_or(ended.at)))) {
                (Some(why), _) => say::ended_because(why),
                (None, Some(took)) => say::ended_after(&took),
                (None, None) => by(turn),
            },
        },
    }
}

/// Who keeps it from going on, if somebody does; else who wanted it.
fn under_way(turn: &Turn<'_>) -> Text {
    let Some(held) = &turn.run.held else { return by(turn) };
    let since = words::when::clock(held.since, turn.ctx.settings.utc_offset);
    words::run::hold::held_by(&turn.member(&held.by), &since, &hold::resumers(turn))
}

/// How long it took; nothing when it was over at once.
pub(super) fn took(span: Duration) -> Option<Text> {
    (span >= Duration::from_secs(1)).then(|| words::when::duration(span))
}

/// A line about one target.
#[derive(Debug, Clone)]
pub(super) struct Row {
    text: Text,
    /// It is shown before others when there is not room for all.
    urgent: bool,
}

impl Row {
    /// One that may stand behind "more".
    pub(super) fn plain(text: Text) -> Self {
        Self { text, urgent: false }
    }
}

/// One row per target: what changes, and how far it is.
pub(super) fn rows(turn: &Turn<'_>) -> Vec<Row> {
    let plan = &turn.run.plan;
    plan.targets
        .iter()
        .zip(&turn.run.steps)
        .enumerate()
        .map(|(at, (part, step))| {
            let what = what(plan, part);
            let (mark, state) = step::progress(step);
            let wave = plan.wave(at).map(|wave| format!(" {wave}.")).unwrap_or_default();
            let mark = &format!("{mark}{wave}");
            let urgent = *step != Step::Waiting && !step.is_succeeded() && !step.is_skipped();
            Row { text: say::row(mark, &what, &state), urgent }
        })
        .collect()
}

/// What a row is about. The head names the environments; where production is not alone, rows do too.
pub(super) fn what(plan: &Plan, part: &TargetPlan) -> Text {
    let name = words::run::name(plan, &part.target);
    let first = plan.targets.first().map(|first| plan.environment(&first.target));
    let mixed = plan.targets.iter().any(|part| Some(plan.environment(&part.target)) != first);
    let mark = if mixed { words::plan::mark(plan, &part.target) } else { String::new() };
    let change = words::run::change_of(&format!("{mark}{name}"), part);
    match part.mode {
        Mode::Start => change,
        Mode::Watch => Text::join([change, say::by_itself()], " "),
    }
}

/// At most five lines in each language; all rows go behind "more" when some are not shown. What
/// failed, is lost or under way is shown first: that is what people look for.
pub(super) fn squeeze(head: Text, rows: Vec<Row>, foot: &Text) -> (Text, Text) {
    let lines = |text: &Text| usize::from(!text.is_empty());
    let room = LINES - lines(&head) - lines(foot);
    let hidden = if rows.len() > room { rows.len() - room.saturating_sub(1) } else { 0 };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|&at| !rows[at].urgent);
    let mut shown = order[..rows.len() - hidden].to_vec();
    shown.sort_unstable();
    let mut text = head;
    for at in shown {
        text = text.line(&rows[at].text);
    }
    if hidden > 0 {
        text = text.line(&say::more_rows(hidden));
    }
    let all = rows.into_iter().map(|row| row.text);
    let more = if hidden > 0 { Text::lines(all) } else { Text::default() };
    (text.line(foot), more)
}

/// What can be done about targets that stand still. Where several do, a button names its own.
fn acts(of: &Run, button: &impl Fn(&Text, Wish, ButtonStyle) -> Button) -> Vec<Button> {
    let pauses = || of.steps.iter().enumerate().filter_map(|(at, step)| Some((at, step.pause()?)));
    let several = pauses().count() > 1;
    let mut buttons = Vec::new();
    for (step, pause) in pauses() {
        if matches!(&of.steps[step], Step::Following(following) if following.acting.is_some()) {
            continue;
        }
        for &act in &pause.acts {
            let label = words::run::pause::button(act, pause.is_hook);
            let name = words::run::name(&of.plan, &of.plan.targets[step].target);
            let label =
                if several { Text::join([Text::verbatim(name), label], ": ") } else { label };
            let style = if act == Act::Abort { ButtonStyle::Danger } else { ButtonStyle::Plain };
            buttons.push(button(&label, Wish::Act { step, act, pause: pause.id.clone() }, style));
        }
    }
    buttons
}

/// Whether a hold would still hold it back for a while.
fn may_be_held(step: &Step) -> bool {
    step.is_to_begin() && (*step == Step::Waiting || step.has_begun())
}

/// What can be done about targets that should have ended.
fn remedies(of: &Run, button: &impl Fn(&Text, Wish, ButtonStyle) -> Button) -> Vec<Button> {
    let late = || {
        of.steps.iter().enumerate().filter_map(|(at, step)| match step {
            Step::Following(following) => {
                Some((at, following, following.remedies(&of.plan.targets[at])))
            }
            _ => None,
        })
    };
    let several = late().filter(|(.., remedies)| !remedies.is_empty()).count() > 1;
    let mut buttons = Vec::new();
    for (step, following, remedies) in late() {
        for remedy in remedies {
            let label = say_overdue::button(remedy);
            let name = words::run::name(&of.plan, &of.plan.targets[step].target);
            let label =
                if several { Text::join([Text::verbatim(name), label], ": ") } else { label };
            let style = match remedy {
                Remedy::Terminate => ButtonStyle::Danger,
                Remedy::StartAgain | Remedy::GiveUp => ButtonStyle::Plain,
            };
            let operation = following.operation.id.clone();
            buttons.push(button(&label, Wish::Remedy { step, operation, remedy }, style));
        }
    }
    buttons
}

/// What can be done after a run that did not succeed as a whole. What nobody knows can only be looked at.
fn afterwards(
    of: &Run,
    runbook: Option<&Runbook>,
    button: &impl Fn(&Text, Wish, ButtonStyle) -> Button,
) -> Vec<Button> {
    let Some(procedure) = runbook.and_then(procedure) else { return Vec::new() };
    let mut buttons = Vec::new();
    if of.has_failed() {
        buttons.push(button(&say::again_button(), Wish::Again, ButtonStyle::Primary));
        if procedure.undo.is_some() && of.finished().next().is_some() {
            buttons.push(button(&say::undo_button(), Wish::Undo, ButtonStyle::Danger));
        }
    }
    if procedure.diagnosis.is_some() && !of.sick.steps.is_empty() {
        buttons.push(button(&say::explain_button(), Wish::Explain, ButtonStyle::Plain));
    }
    buttons
}

fn buttons(of: &Run, runbook: Option<&Runbook>) -> Vec<Button> {
    let run = of.id.clone();
    let button = |label: &Text, wish, style| Button {
        label: label.to(of.lang).replace('\n', " / "),
        token: Token::OfRun { run: run.clone(), wish },
        style,
    };
    let cancel = || button(&say::cancel_button(), Wish::Cancel, ButtonStyle::Danger);
    let decide = |approve| Wish::Decide { digest: of.plan.digest.clone(), approve };
    let resolve = |succeeded, style| {
        button(&say::resolve_button(succeeded), Wish::Resolve { succeeded }, style)
    };
    let brake = || {
        if of.is_held() {
            Some(button(&words::run::hold::resume_button(), Wish::Resume, ButtonStyle::Primary))
        } else if of.steps.iter().any(may_be_held) {
            Some(button(&words::run::hold::hold_button(), Wish::Hold, ButtonStyle::Plain))
        } else {
            None
        }
    };
    match &of.state {
        State::Awaiting(_) => vec![
            button(&words::approval::approve(), decide(true), ButtonStyle::Primary),
            button(&words::approval::reject(), decide(false), ButtonStyle::Danger),
        ]
        .into_iter()
        .chain(brake().filter(|_| of.is_held()))
        .chain([cancel()])
        .collect(),
        State::Rechecking(_) | State::Queued(_) => {
            brake().filter(|_| of.is_held()).into_iter().chain([cancel()]).collect()
        }
        State::Running(running) => {
            let refused = of.steps.iter().any(Step::is_not_stopped);
            if running.stopping.is_none() {
                let decide = acts(of, &button).into_iter().chain(remedies(of, &button));
                decide.chain(brake()).chain([cancel()]).collect()
            } else if refused {
                vec![cancel()]
            } else {
                Vec::new()
            }
        }
        State::Ended(ended) if ended.is_unresolved() => {
            let look = afterwards(of, runbook, &button);
            [resolve(true, ButtonStyle::Plain), resolve(false, ButtonStyle::Plain)]
                .into_iter()
                .chain(look)
                .collect()
        }
        State::Ended(_) => afterwards(of, runbook, &button),
    }
}
