//! Reading back, and the explicit yes that comes after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::effect::Effect;
use crate::entity::DialogKey;
use crate::event::Event;
use crate::ids::{MessageKey, RunId};
use crate::input::Consent;
use crate::lang::Text;
use crate::message::ButtonStyle;
use crate::place::Direct;
use crate::plan::{Obstacle, Plan, TargetPlan};
use crate::run::{self, NewRun, Subscriber};
use crate::runbook::{Does, Procedure, Runbook};
use crate::target::{Target, twins};
use crate::time::Timestamp;
use crate::token::Choice;
use crate::vars;
use crate::words;
use crate::world::{Outcome, World};

use super::advance::step;
use super::back::{back, leads_anywhere};
use super::menu::may_start;
use super::turn::Turn;
use super::{Dialog, Stands, State, Step};

/// How a yes was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Yes {
    /// By a word.
    Typed(Consent),
    /// By the button under the read-back.
    Pressed,
}

/// Those that are called by their whole name: of one short name here, or chosen by the whole one because another
/// in the list has the same.
pub(super) fn twins_among(
    turn: &mut Turn<'_>,
    procedure: &Procedure,
    parts: &[TargetPlan],
) -> BTreeSet<Target> {
    let mut twins = twins(parts.iter().map(|part| &part.target));
    let answers = turn.filling().map(|filling| &filling.answers.0);
    if let Some(given) = answers.and_then(|answers| answers.get(&procedure.step.for_each)) {
        let whole = given.values.iter().zip(&given.titles).filter(|(value, title)| value == title);
        twins.extend(whole.filter_map(|(value, _)| value.parse::<Target>().ok()));
    }
    twins
}

/// Reads everything back. Targets that cannot be changed now are left out, aloud.
pub(super) fn read_back(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    parts: Vec<TargetPlan>,
) -> Outcome {
    let Does::Run(procedure) = &runbook.does else { return turn.broken("nothing to run") };
    let twins = twins_among(&mut turn, procedure, &parts);
    let (blocked, parts): (Vec<_>, Vec<_>) =
        parts.into_iter().partition(|part| part.obstacle.is_some());
    let left_out: Vec<(String, Obstacle)> = blocked
        .into_iter()
        .filter_map(|part| Some((words::called(&part.target, &twins), part.obstacle?)))
        .collect();
    let (left_out, left_out_more) = words::plan::left_out(&left_out);
    if parts.is_empty() {
        let all = runbook.ask.len();
        let leads = turn.filling().is_some_and(|filling| leads_anywhere(filling, all));
        let text = left_out.line(&words::plan::nothing_remains());
        if leads {
            turn.post(&text, &left_out_more, Vec::new());
            return back(turn, world, runbook, all);
        }
        turn.post(&text.line(&words::dialog::start_again()), &left_out_more, Vec::new());
        return turn.end();
    }
    let ctx = turn.ctx;
    let environments: BTreeMap<_, _> = parts
        .iter()
        .map(|part| (part.target.clone(), ctx.settings.environments.of(&part.target)))
        .collect();
    let mut plan = procedure.order.arrange(Plan::new(parts, environments));
    if let Some(filling) = turn.filling()
        && let Some(given) = filling.answers.0.get_mut(&procedure.step.for_each)
    {
        let stays =
            |value: &String| plan.targets.iter().any(|part| part.target.to_string() == *value);
        let keep: Vec<bool> = given.values.iter().map(stays).collect();
        let mut kept = keep.iter();
        given.values.retain(|_| kept.next().copied().unwrap_or(false));
        let mut kept = keep.iter();
        given.titles.retain(|_| kept.next().copied().unwrap_or(false));
    }
    plan.twins.extend(twins.iter().filter(|twin| plan.environments.contains_key(twin)).cloned());
    let approval = match approval(turn.ctx, &turn.dialog, runbook, procedure, &plan) {
        Ok(approval) => approval,
        Err(detail) => return turn.broken(&detail),
    };
    let waits: Vec<(String, String)> = plan
        .targets
        .iter()
        .filter_map(|part| {
            let holder = world.locks.get(&part.target)?.holder.as_ref()?;
            Some((words::called(&part.target, &twins), holder.to_string()))
        })
        .collect();
    let notes =
        turn.filling().map(|filling| std::mem::take(&mut filling.notes)).unwrap_or_default();
    let offset = ctx.settings.utc_offset;
    let (text, more) = words::plan::read_back(&runbook.title, &plan, &approval, &waits, offset);
    // A new generation first: the buttons carry it.
    step(&mut turn, Step::Starting);
    let yes = words::plan::yes_label(!approval.is_empty());
    let buttons = [
        (yes, Choice::Yes, ButtonStyle::Primary),
        (words::dialog::back_label(), Choice::Back, ButtonStyle::Plain),
        (words::menu::cancel_label(), Choice::Cancel, ButtonStyle::Danger),
    ]
    .map(|(label, choice, style)| turn.button(&label, choice, style));
    let text = Text::lines(notes).line(&left_out).line(&text);
    let more = left_out_more.line(&more);
    let message = turn.put_up(&text, &more, buttons.into(), true);
    if let Some(filling) = turn.filling() {
        filling.step =
            Step::ReadBack { plan: Box::new(plan), message, shown: None, early_yes: None };
    }
    turn.wait()
}

/// The teams of which one more person must agree; empty when nobody must.
fn approval(
    _ctx: &Context,
    dialog: &Dialog,
    runbook: &Runbook,
    procedure: &Procedure,
    plan: &Plan,
) -> Result<Vec<crate::ids::TeamName>, String> {
    let Some(rule) = &procedure.approval else { return Ok(Vec::new()) };
    let State::Filling(filling) = &dialog.state else { return Ok(Vec::new()) };
    let vars = serde_json::Value::Object(vars::of_plan(runbook, &filling.answers, plan));
    let wanted = match &rule.when {
        Some(condition) => condition.holds(&vars).map_err(|fault| fault.to_string())?,
        None => true,
    };
    Ok(if wanted { rule.by.clone() } else { Vec::new() })
}

/// The read-back, or the question, stands in the thread from this moment on.
#[must_use]
pub fn on_posted(
    ctx: &Context,
    world: &World,
    dialog: &Dialog,
    key: &MessageKey,
    at: Timestamp,
) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    let early = match turn.filling().map(|filling| &mut filling.step) {
        Some(Step::ReadBack { message, shown: shown @ None, early_yes, .. }) if message == key => {
            *shown = Some(at);
            early_yes.take()
        }
        Some(
            Step::Asking { stands: Stands::Since { message, at: stands }, .. }
            | Step::Doubting { stands: Stands::Since { message, at: stands } },
        ) if message == key && stands.is_none() => {
            *stands = Some(at);
            return turn.keep();
        }
        _ => return turn.unchanged(),
    };
    match (early, turn.runbook()) {
        (Some(sent_at), Some(runbook)) => yes(turn, world, &runbook, Yes::Pressed, sent_at),
        _ => turn.keep(),
    }
}

/// A yes. It counts only if it was sent after the read-back stood there.
pub(super) fn yes(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &std::sync::Arc<Runbook>,
    how: Yes,
    sent_at: Timestamp,
) -> Outcome {
    let ctx = turn.ctx;
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    let answers = filling.answers.clone();
    let Step::ReadBack { plan, shown, early_yes, .. } = &mut filling.step else {
        return turn.unchanged();
    };
    if how == Yes::Typed(Consent::Casual) && plan.touches_production() {
        turn.not_taken("not plain enough for production");
        turn.say(&words::plan::say_it_plainly());
        return turn.wait();
    }
    match shown {
        None => {
            *early_yes = Some(sent_at);
            return turn.keep();
        }
        Some(shown) if sent_at <= *shown => {
            turn.not_taken("sent before the read-back stood there");
            turn.say(&words::plan::yes_too_early());
            return turn.wait();
        }
        Some(_) => {}
    }
    let plan = (**plan).clone();
    // The questions are those of the pinned version; who may is decided by the one of now.
    let Some(current) = ctx.catalog.by_name(&runbook.name) else {
        turn.refused(runbook.name.as_str(), "removed from the catalog");
        turn.say(&words::dialog::removed(&runbook.title));
        return turn.end();
    };
    if !may_start(ctx, &turn.dialog, &current).is_allowed() {
        turn.refused(runbook.name.as_str(), "rights were taken away meanwhile");
        turn.say(&words::menu::may_no_longer(&runbook.title));
        return turn.end();
    }
    let Some(id) = ctx.next_run.clone() else { return turn.broken("no run number was drawn") };
    turn.retire(&words::plan::confirmed(id.as_str()));
    let new = NewRun {
        id,
        runbook: runbook.clone(),
        requester: turn.dialog.key.person.clone(),
        thread: turn.dialog.key.thread.clone(),
        answers,
        plan,
    };
    let effects = run::create(ctx, world, new);
    turn.extend(effects);
    turn.end()
}

/// Something else than a yes was typed after the read-back. A yes that came before it no longer
/// counts: the person is thinking.
pub(super) fn not_a_yes(mut turn: Turn<'_>) -> Outcome {
    if let Some(Step::ReadBack { early_yes, .. }) = turn.filling().map(|filling| &mut filling.step)
    {
        *early_yes = None;
    }
    turn.not_taken("not a yes");
    turn.say(&words::plan::not_a_yes());
    turn.wait()
}

/// The chosen run is told to stop; nothing else is asked, stopping needs no second yes.
pub(super) fn cancel_run(mut turn: Turn<'_>, input: &str) -> Outcome {
    let Some(run) = chosen_run(&mut turn, input) else { return turn.broken("no run was chosen") };
    let notes = turn.notes();
    turn.say(&notes.line(&words::dialog::stopping(run.as_str())));
    let by = turn.dialog.key.person.clone();
    let key = format!("stop {run} {} {}", turn.dialog.opened, turn.dialog.generation);
    turn.want(Effect::Tell { key, event: Event::CancelRun { run, by } });
    turn.end()
}

/// Tells the person directly when the chosen run is over.
pub(super) fn subscribe(mut turn: Turn<'_>, input: &str) -> Outcome {
    let Some(run) = chosen_run(&mut turn, input) else { return turn.broken("no run was chosen") };
    let DialogKey { thread, person } = turn.dialog.key.clone();
    let directory = &turn.ctx.settings.directory;
    let Some(user) = directory.account(&thread.room.adapter, &person).cloned() else {
        return turn.broken("the person has no account here any more");
    };
    let lang = directory.person(&person).and_then(|person| person.language);
    let at = Direct { adapter: thread.room.adapter, workspace: thread.room.workspace, user };
    let subscriber = Subscriber { person, at, lang: lang.unwrap_or(turn.dialog.lang) };
    let notes = turn.notes();
    turn.say(&notes.line(&words::dialog::will_be_told(run.as_str())));
    let key = format!("subscribe {run} {} {}", turn.dialog.opened, turn.dialog.generation);
    turn.want(Effect::Tell { key, event: Event::Subscribe { run, subscriber } });
    turn.end()
}

fn chosen_run(turn: &mut Turn<'_>, input: &str) -> Option<RunId> {
    let given = turn.filling()?.answers.0.get(input)?;
    given.values.first().map(RunId::new)
}
