//! The end of a run: its locks are freed in the same unit, and everyone is told.

use crate::audit::Fact;
use crate::lang::Text;
use crate::timer::TimerName;
use crate::words;

use super::state::{End, Ended, State};
use super::turn::Turn;
use super::{announce, card, explain, hold, lock, subscribe};

/// Ends the run. `why` is for ends that the targets do not explain.
pub(super) fn end(turn: &mut Turn<'_>, how: End, why: Option<Text>) {
    let since = match &turn.run.state {
        State::Running(running) => Some(running.since),
        State::Awaiting(_) | State::Queued(_) => {
            turn.stop(TimerName::Expiry);
            None
        }
        State::Rechecking(_) => {
            turn.stop(TimerName::Look(0));
            turn.stop(TimerName::Deadline(0));
            None
        }
        State::Ended(_) => None,
    };
    hold::forget(turn);
    let said = words::run::card::last(&turn.run.id, &card::how(how, &turn.run.steps), why.as_ref());
    let at = turn.ctx.now;
    turn.enter(State::Ended(Ended { how, why, since, at, resolved: None }));
    lock::release(turn);
    turn.record(None, Fact::RunEnded { run: turn.run.id.clone(), how: how.as_str().into() });
    announce::end(turn);
    subscribe::end(turn);
    // A message of its own, because an updated card is seen by nobody who looks away.
    let rows = if since.is_some() { card::rows(turn) } else { Vec::new() };
    let (said, more) = card::squeeze(said, rows, &Text::default());
    turn.say_to(turn.run.requester.clone(), &said, &more);
    explain::by_itself(turn);
}
