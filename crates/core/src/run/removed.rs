//! The catalog changed: a removed runbook stops what waits, aloud; what runs finishes.

use crate::words;

use super::end;
use super::state::{End, State};
use super::turn::Turn;

/// Ends a run that waits when its runbook is gone. Another version of it is fine: the run goes on
/// with the one it was asked for.
pub(super) fn check(turn: &mut Turn<'_>) {
    let waits =
        matches!(turn.run.state, State::Awaiting(_) | State::Rechecking(_) | State::Queued(_));
    if waits && turn.ctx.catalog.by_name(&turn.run.name).is_none() {
        let why = words::run::runbook_removed(&turn.run.name);
        end::end(turn, End::Cancelled, Some(why));
    }
}
