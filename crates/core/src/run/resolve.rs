//! A person looked, and says what became of a run that was lost sight of.

use crate::audit::Fact;
use crate::ids::PersonId;
use crate::lang::Text;
use crate::words;

use super::state::{End, Resolved, State};
use super::turn::Turn;
use super::{announce, cancel, lock, subscribe, withdraw};

/// Only a person turns "unknown" into something else; then its locks are free again.
pub(super) fn resolve(turn: &mut Turn<'_>, by: &PersonId, succeeded: bool) {
    let ended = match turn.run.state.clone() {
        State::Ended(ended) if ended.how == End::Unknown => ended,
        _ => {
            turn.refused(by, "resolve", "not unknown");
            return turn.say(&words::run::nothing_to_resolve(&turn.run.id));
        }
    };
    if let Some(resolved) = &ended.resolved {
        let said = words::run::already_resolved(&turn.run.id, &turn.name(&resolved.by));
        turn.refused(by, "resolve", "already resolved");
        return turn.say(&said);
    }
    if !cancel::may_touch(turn, by, "resolve") {
        return;
    }
    turn.record(Some(by.clone()), Fact::Resolved { run: turn.run.id.clone(), succeeded });
    if succeeded {
        let unknown = |at: &usize| turn.run.steps[*at].is_unknown();
        let steps: Vec<usize> = (0..turn.run.steps.len()).filter(unknown).collect();
        for step in steps {
            withdraw::applied(turn, step);
        }
    }
    lock::release_kept(turn);
    let who = turn.name(by);
    let resolved = Some(Resolved { by: by.clone(), succeeded });
    turn.run.state = State::Ended(super::state::Ended { resolved, ..ended });
    turn.draw();
    announce::resolved(turn, by, succeeded);
    let said = words::run::resolved(&turn.run.id, &who, succeeded);
    subscribe::resolved(turn, &said);
    if *by == turn.run.requester {
        return turn.say(&said);
    }
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
}
