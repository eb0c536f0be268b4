//! One target goes on to its next state.

use std::time::Duration;

use crate::lang::Text;
use crate::timer::TimerName;
use crate::words;
use crate::words::run::card as say;

use super::state::{LetGo, Step, StepEnd};
use super::turn::Turn;
use super::{explain, withdraw};

/// A target goes on; the card follows when people would see a difference.
pub(super) fn set(turn: &mut Turn<'_>, step: usize, to: Step) {
    let Some(state) = turn.run.steps.get_mut(step) else {
        return;
    };
    let seen = |step: &Step| {
        let hitch = step.hitch().map(|hitch| (hitch.trouble.clone(), hitch.since));
        (progress(step), hitch)
    };
    let differs = seen(state) != seen(&to);
    *state = to;
    if differs {
        turn.draw();
    }
}

/// A target ended; none of its timers is wanted any more.
pub(super) fn conclude(turn: &mut Turn<'_>, step: usize, how: StepEnd) {
    turn.stop(TimerName::Look(step));
    turn.stop(TimerName::Deadline(step));
    withdraw::ended(turn, step, &how);
    explain::note(turn, step, &how);
    set(turn, step, Step::Ended(how));
}

/// How far a target is: its mark and its state.
pub(super) fn progress(step: &Step) -> (&'static str, Text) {
    if let (Some(pause), Step::Following(following)) = (step.pause(), step) {
        let asked = following.acting.as_ref().map(|acting| acting.act);
        return ("⏸", words::run::pause::waits(pause, asked));
    }
    match step {
        Step::Waiting => ("·", Text::default()),
        Step::Again(_) => ("·", words::run::overdue::again()),
        Step::Checking(_) => ("▸", say::checking()),
        Step::Requesting(_) => ("▸", say::requesting()),
        Step::Following(following) if following.overdue.is_some() => {
            let wanted = following.overdue.as_ref().and_then(|overdue| overdue.wanted.as_ref());
            let asked = wanted.map(|wanted| wanted.remedy);
            ("!", words::run::overdue::late(&following.last_seen(), asked))
        }
        Step::Following(following) if following.note.is_empty() => ("▸", say::begun()),
        Step::Following(following) => ("▸", Text::verbatim(words::trouble::cut(&following.note))),
        Step::Ended(end) => match end {
            StepEnd::Succeeded { note, warnings, took_ms } => {
                let took = words::when::duration(Duration::from_millis(*took_ms));
                ("✓", say::done(note, &took, warnings))
            }
            StepEnd::Failed { why } => ("✗", say::failed_because(why)),
            StepEnd::Skipped { after } => ("–", say::skipped(after)),
            StepEnd::Cancelled => ("–", say::cancelled()),
            StepEnd::LetGo { why: LetGo::ByItself } => ("–", say::let_go()),
            StepEnd::LetGo { why: LetGo::Applied } => ("–", say::applied()),
            StepEnd::Unknown { why } => ("?", say::unknown_because(why)),
        },
    }
}
