//! What was rolled back is left out of a deployment, aloud. Where nothing else is asked for, bringing it again
//! wants a yes of its own, before everything is read back.

use std::collections::BTreeSet;

use crate::message::ButtonStyle;
use crate::plan::{Obstacle, TargetPlan};
use crate::runbook::{Does, Runbook};
use crate::target::Target;
use crate::time::Timestamp;
use crate::token::Choice;
use crate::withdrawal::Withdrawal;
use crate::words;
use crate::world::{Outcome, World};

use super::advance::{read, step};
use super::turn::Turn;
use super::{Stands, Step, confirm};

/// Reads the plan back, or asks first whether what was rolled back shall come again.
pub(super) fn weigh(
    mut turn: Turn<'_>,
    world: &World,
    runbook: &Runbook,
    mut parts: Vec<TargetPlan>,
) -> Outcome {
    let again = turn.filling().is_some_and(|filling| filling.again);
    let withdrawn = |part: &TargetPlan| {
        world.withdrawals.get(&part.target).filter(|gone| gone.is_brought_by(part))
    };
    let free = || parts.iter().filter(|part| part.obstacle.is_none());
    let doubtful: Vec<(&TargetPlan, &Withdrawal)> =
        free().filter_map(|part| Some((part, withdrawn(part)?))).collect();
    if again || doubtful.is_empty() {
        return confirm::read_back(turn, world, runbook, parts);
    }
    if doubtful.len() < free().count() {
        for part in parts.iter_mut().filter(|part| part.obstacle.is_none()) {
            part.obstacle =
                withdrawn(part).map(|gone| Obstacle::Withdrawn { run: gone.run.clone() });
        }
        return confirm::read_back(turn, world, runbook, parts);
    }
    let Does::Run(procedure) = &runbook.does else { return turn.broken("nothing to run") };
    let twins = confirm::twins_among(&mut turn, procedure, &parts);
    ask(turn, &doubtful, &twins)
}

fn ask(
    mut turn: Turn<'_>,
    doubtful: &[(&TargetPlan, &Withdrawal)],
    twins: &BTreeSet<Target>,
) -> Outcome {
    let settings = &turn.ctx.settings;
    let named: Vec<_> = doubtful
        .iter()
        .map(|(part, gone)| (*part, *gone, settings.directory.name(&gone.by)))
        .collect();
    let (text, more) = words::withdrawn::again(&named, twins, settings.utc_offset);
    // A new generation first: the buttons carry it.
    step(&mut turn, Step::Starting);
    let buttons = [
        (words::withdrawn::yes_label(), Choice::Yes, ButtonStyle::Danger),
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

/// The person wants it again: the plan is read anew, because it may have changed meanwhile. A yes that was
/// sent before the question stood there meant something else.
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
