//! What a person may not have meant wants a yes of its own, before everything is read back: bringing again what was
//! rolled back, and another version than the one that was asked for.
//!
//! What was rolled back is left out of a deployment of several, aloud.

use std::collections::BTreeSet;

use crate::lang::Text;
use crate::message::ButtonStyle;
use crate::plan::{Obstacle, TargetPlan};
use crate::runbook::{Does, Runbook};
use crate::target::Target;
use crate::time::Timestamp;
use crate::token::Choice;
use crate::version::Fit;
use crate::withdrawal::Withdrawal;
use crate::words;
use crate::world::{Outcome, World};

use super::advance::{read, step};
use super::turn::Turn;
use super::{Stands, Step, confirm, planned};

/// Reads the plan back, or asks first whether that is meant.
pub(super) fn weigh(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    mut parts: Vec<TargetPlan>,
) -> Outcome {
    let Does::Run(procedure) = &runbook.does else { return turn.broken("nothing to run") };
    let Some(filling) = turn.filling() else { return turn.unchanged() };
    let (settled, asked) = (filling.again, planned::asked(runbook, filling).map(str::to_owned));
    let asked = asked.as_deref();
    name_what_git_lacks(&mut parts, asked);
    let twins = confirm::twins_among(&mut turn, procedure, &parts);
    let free = |parts: &[TargetPlan]| parts.iter().filter(|part| part.obstacle.is_none()).count();
    let withdrawn = |part: &TargetPlan| {
        let gone = world.withdrawals.get(&part.target);
        gone.filter(|gone| part.obstacle.is_none() && gone.is_brought_by(part)).cloned()
    };
    let back: Vec<Option<Withdrawal>> = parts.iter().map(withdrawn).collect();
    let (backs, all) = (back.iter().flatten().count(), free(&parts));
    if backs < all && !settled {
        for (part, gone) in parts.iter_mut().zip(&back) {
            if let Some(gone) = gone {
                part.obstacle = Some(Obstacle::Withdrawn { run: gone.run.clone() });
            }
        }
    }
    let fits = planned::fits(asked, parts.iter().filter(|part| part.obstacle.is_none()));
    let other = |(part, fit): &(&TargetPlan, Fit)| {
        let name = words::called(&part.target, &twins);
        words::planned::mismatch(&name, asked?, fit)
    };
    let others: Vec<Text> = fits.iter().filter_map(other).collect();
    if let Some(filling) = turn.filling() {
        let fitting = asked.filter(|_| others.is_empty() && !fits.is_empty());
        filling.notes.extend(fitting.map(words::planned::brought));
        // Whoever reads the plan shall know what was asked for.
        filling.notes.extend(others.iter().filter(|_| settled).cloned());
    }
    let again: Vec<(&TargetPlan, &Withdrawal)> = if backs < all {
        Vec::new()
    } else {
        parts.iter().zip(&back).filter_map(|(part, gone)| Some((part, gone.as_ref()?))).collect()
    };
    if settled || (again.is_empty() && others.is_empty()) {
        return confirm::read_back(turn, world, runbook, parts);
    }
    ask(turn, &again, others, &twins)
}

/// Where nothing would change although another version was asked for, the chart is behind.
fn name_what_git_lacks(parts: &mut [TargetPlan], asked: Option<&str>) {
    let Some(asked) = asked else { return };
    for part in parts.iter_mut().filter(|part| part.obstacle == Some(Obstacle::NothingToDo)) {
        if let Fit::NotYet { stays, charts } = crate::version::fit(part, asked) {
            let asked = asked.to_owned();
            part.obstacle = Some(Obstacle::ChartNotUpdated { asked, stays, charts });
        }
    }
}

fn ask(
    mut turn: Turn<'_>,
    again: &[(&TargetPlan, &Withdrawal)],
    others: Vec<Text>,
    twins: &BTreeSet<Target>,
) -> Outcome {
    let settings = &turn.ctx.settings;
    let (text, more, yes) = if again.is_empty() {
        let (shown, more) = words::folded(others);
        (shown.line(&words::planned::ask()), more, words::planned::yes_label())
    } else {
        let named: Vec<_> = again
            .iter()
            .map(|(part, gone)| (*part, *gone, settings.directory.name(&gone.by)))
            .collect();
        let (text, more) = words::withdrawn::again(&named, twins, settings.utc_offset);
        (Text::lines(others).line(&text), more, words::withdrawn::yes_label())
    };
    // A new generation first: the buttons carry it.
    step(&mut turn, Step::Starting);
    let buttons = [
        (yes, Choice::Yes, ButtonStyle::Danger),
        (words::dialog::back_label(), Choice::Back, ButtonStyle::Plain),
        (words::menu::cancel_label(), Choice::Cancel, ButtonStyle::Plain),
    ]
    .map(|(label, choice, style)| turn.button(&label, choice, style));
    let message = turn.put_up(&text, &more, buttons.into(), true);
    if let Some(filling) = turn.filling() {
        filling.step = Step::Doubting { stands: Stands::Since { message, at: None } };
    }
    turn.wait()
}

/// The person means it: the plan is read anew, because it may have changed meanwhile. A yes that was sent before the
/// question stood there meant something else.
pub(super) fn yes(
    mut turn: Turn<'_>,
    runbook: &Runbook,
    stands: &Stands,
    sent_at: Timestamp,
) -> Outcome {
    if !stands.was_read(sent_at) {
        turn.not_taken("sent before the question stood there");
        turn.say(&words::withdrawn::yes_too_early());
        return turn.wait();
    }
    if let Some(filling) = turn.filling() {
        filling.again = true;
    }
    read(turn, runbook)
}
