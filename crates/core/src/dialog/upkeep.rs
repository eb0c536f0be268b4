//! What happens to a dialog without its person: time runs out, a tool is slow, the catalog changes.

use crate::audit::Fact;
use crate::context::Context;
use crate::timer::TimerName;
use crate::words;
use crate::world::Outcome;

use super::turn::Turn;
use super::{Dialog, State, Step};

/// A timer of this dialog is due. One that an older state set does nothing.
#[must_use]
pub fn on_timer(ctx: &Context, dialog: &Dialog, name: &TimerName, generation: u64) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    if generation != dialog.generation {
        return turn.unchanged();
    }
    match name {
        TimerName::Slow => {
            if let State::Filling(filling) = &dialog.state
                && matches!(filling.step, Step::Loading { .. } | Step::Reading { .. })
                && !dialog.only_listens()
            {
                turn.remark(&words::dialog::asking_takes_long());
            }
            turn.unchanged()
        }
        // Renewed by a wrong answer while the time-out was already on its way.
        TimerName::Patience if ctx.now < dialog.due => turn.wait_on(),
        TimerName::Patience => {
            let minutes = ctx.settings.patience.as_secs().div_ceil(60);
            let runbook = turn.filling().map(|filling| filling.name.clone());
            turn.record(Fact::DialogTimedOut { runbook });
            turn.retire(&words::dialog::closed());
            turn.say(&words::dialog::timed_out(minutes));
            turn.end()
        }
        _ => turn.unchanged(),
    }
}

/// Wilco itself failed on an event of this dialog: it ends, aloud. `number` finds the fault.
#[must_use]
pub fn lose(ctx: &Context, dialog: &Dialog, number: i64) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    turn.say(&words::fault::dialog_over(number));
    turn.end()
}

/// The catalog changed: a dialog of a removed function ends, aloud.
#[must_use]
pub fn on_catalog_changed(ctx: &Context, dialog: &Dialog) -> Outcome {
    let mut turn = Turn::new(ctx, dialog);
    let State::Filling(filling) = &dialog.state else { return turn.unchanged() };
    if ctx.catalog.by_name(&filling.name).is_some() {
        return turn.unchanged();
    }
    if dialog.only_listens() {
        return turn.end();
    }
    let title = turn.runbook().map_or_else(
        || crate::lang::Text::verbatim(filling.name.as_str()),
        |runbook| runbook.title.clone(),
    );
    turn.say(&words::dialog::removed(&title));
    turn.end()
}
