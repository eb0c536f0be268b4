//! Nobody approved in time, or the approval became too old in the queue.

use crate::audit::Fact;
use crate::time::Timestamp;
use crate::words;

use super::end;
use super::state::{End, State};
use super::turn::Turn;

/// The timer of the approval is due.
pub(super) fn due(turn: &mut Turn<'_>, generation: u64) {
    if let State::Awaiting(awaiting) = &turn.run.state
        && awaiting.expiry == generation
    {
        let until = awaiting.until;
        return expire(turn, until);
    }
    let given = turn.run.approval.as_ref().and_then(|approval| approval.given.as_ref());
    if let (State::Queued(queued), Some(given)) = (&turn.run.state, given)
        && queued.expiry == Some(generation)
    {
        let until = given.until;
        too_old(turn, until);
    }
}

/// The queue was longer than the approval counts.
pub(super) fn too_old(turn: &mut Turn<'_>, until: Timestamp) {
    turn.record(None, Fact::ApprovalVoid { run: turn.run.id.clone(), why: "too old".into() });
    let until = words::when::clock(until, turn.ctx.settings.utc_offset);
    end::end(turn, End::Cancelled, Some(words::approval::too_old(&until)));
}

/// The request ends; asking again makes a new one.
pub(super) fn expire(turn: &mut Turn<'_>, until: Timestamp) {
    turn.record(None, Fact::ApprovalVoid { run: turn.run.id.clone(), why: "expired".into() });
    let until = words::when::clock(until, turn.ctx.settings.utc_offset);
    end::end(turn, End::Cancelled, Some(words::approval::expired(&until)));
}
