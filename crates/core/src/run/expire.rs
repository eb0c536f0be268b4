//! Nobody approved in time.

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
        expire(turn, until);
    }
}

/// The request ends; asking again makes a new one.
pub(super) fn expire(turn: &mut Turn<'_>, until: Timestamp) {
    turn.record(None, Fact::ApprovalVoid { run: turn.run.id.clone(), why: "expired".into() });
    let until = words::when::clock(until, turn.ctx.settings.utc_offset);
    end::end(turn, End::Cancelled, Some(words::approval::expired(&until)));
}
