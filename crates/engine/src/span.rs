//! What every span of the log names, so that one line leads to all others about the same run.
//!
//! | span | lane | run |
//! |---|---|---|
//! | `event` | its own | the one it names; else the one that its unit writes, as a typed `approve` does |
//! | `call` | that of its answer | the one that asks |
//! | `send` | where it goes | the one that says it |

use tracing::field::display;
use wilco_core::entity::EntityKey;
use wilco_core::event::{Event, Press};
use wilco_core::ids::{MessageKey, RunId};
use wilco_core::port::Unit;
use wilco_core::token::Token;

/// The run that an event names.
pub(crate) fn named(event: &Event) -> Option<&RunId> {
    match event {
        Event::Posted { owner, .. }
        | Event::Answered { owner, .. }
        | Event::Settled { owner, .. }
        | Event::Hindered { owner, .. }
        | Event::Hinted { owner, .. }
        | Event::TimerFired { owner, .. }
        | Event::CatalogChanged { owner } => of(owner),
        Event::LockGranted { run }
        | Event::CancelRun { run, .. }
        | Event::Subscribe { run, .. } => Some(run),
        Event::Press(Press { token, .. }) => match token {
            Token::OfRun { run, .. } => Some(run),
            Token::Answer { .. } => None,
        },
        Event::Message(_) => None,
    }
}

/// The run that a unit writes, if it writes one.
pub(crate) fn written(unit: &Unit) -> Option<&RunId> {
    unit.puts.iter().find_map(|(key, ..)| of(key))
}

/// The run that an entity is.
pub(crate) fn of(key: &EntityKey) -> Option<&RunId> {
    match key {
        EntityKey::Run(run) => Some(run),
        EntityKey::Dialog(_) | EntityKey::Lock(_) | EntityKey::Withdrawal(_) => None,
    }
}

/// The run that says a message: such a message is named `r1.card`.
pub(crate) fn says(key: &MessageKey) -> Option<RunId> {
    let (run, _) = key.as_str().split_once('.')?;
    let number = run.strip_prefix('r')?.parse().ok()?;
    Some(RunId::numbered(number)).filter(|found| found.as_str() == run)
}

/// Names the run in the current span, which has an empty field for it.
pub(crate) fn tell(run: &RunId) {
    tracing::Span::current().record("run", display(run));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_run_says_what_is_named_after_it() {
        let said = |key: &str| says(&MessageKey::new(key)).map(|run| run.to_string());
        assert_eq!(said("r12.note.3").as_deref(), Some("r12"));
        for other in ["fault.3", "r1", "room.1", "r01.card", "console main #r1.2 5 m1", "r.1"] {
            assert_eq!(said(other), None, "{other}");
        }
    }
}
