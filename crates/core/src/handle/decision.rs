//! Words for a run that stands in the thread: approve, reject, cancel, resolve, a second yes.

use crate::context::Context;
use crate::event::Incoming;
use crate::input::{self, Keyword};
use crate::people::Person;
use crate::run::{self, Run, RunEvent};
use crate::words;
use crate::world::{Outcome, World};

use super::heard::reply;

/// The live runs that were asked for in the thread of a message.
pub(super) fn runs_of<'a>(world: &'a World, message: &Incoming) -> impl Iterator<Item = &'a Run> {
    let thread = message.thread();
    world.runs.values().filter(move |run| run.thread == thread)
}

/// A word for a run in this thread: a decision, a stop, a second yes. `busy` tells that the person
/// has an open dialog here, which then takes whatever does not plainly mean a run.
pub(super) fn to_a_run(
    ctx: &Context,
    world: &World,
    message: &Incoming,
    person: &Person,
    word: Option<Keyword>,
    busy: bool,
) -> Option<Outcome> {
    let runs: Vec<&Run> = runs_of(world, message).collect();
    let command = input::split_command(&message.text);
    let named = command
        .rest
        .iter()
        .map(String::as_str)
        .find(|word| words::dialog::outcome_word(word).is_none());
    let verb = match word {
        Some(word) => word,
        None if command.rest.is_empty() => return None,
        None => input::keyword(&command.typed)?.word,
    };
    if let Keyword::Yes(_) = verb {
        // The second of two: the first one made the run and ended the dialog.
        let own = runs.iter().filter(|run| run.requester == person.id && !busy);
        let newest = own.max_by_key(|run| run.created_at).filter(|_| word.is_some())?;
        return Some(reply(ctx, message, &words::dialog::yes_again(newest.id.as_str())));
    }
    let fits: &dyn Fn(&Run) -> bool = match verb {
        Keyword::Approve | Keyword::Reject => &Run::awaits_decision,
        Keyword::Resolve => &Run::is_unknown,
        // `cancel` alone ends the dialog that is open.
        Keyword::Cancel if !busy || named.is_some() => &Run::is_live,
        _ => return None,
    };
    let fitting: Vec<&Run> = runs.iter().copied().filter(|run| fits(run)).collect();
    let chosen: Vec<&Run> = match named {
        Some(name) => fitting.iter().copied().filter(|run| is_named(run, name)).collect(),
        None => fitting.clone(),
    };
    let run = match (chosen.as_slice(), named) {
        ([run], _) => *run,
        // `stop talking about it` is talk among people, or an answer to the open dialog.
        ([], Some(name)) if verb == Keyword::Cancel && !names_a_run(name) => return None,
        ([], _) if fitting.is_empty() => {
            return nothing_fits(ctx, message, &runs, verb, word, busy);
        }
        (_, _) => {
            let names: Vec<String> = fitting.iter().map(|run| run.id.to_string()).collect();
            return Some(reply(ctx, message, &words::dialog::which_run(&command.typed, &names)));
        }
    };
    let by = person.id.clone();
    let event = match verb {
        Keyword::Approve | Keyword::Reject => RunEvent::Decide {
            by,
            digest: None,
            approve: verb == Keyword::Approve,
            at: message.sent_at,
        },
        Keyword::Resolve => {
            let outcome = command.rest.iter().find_map(|word| words::dialog::outcome_word(word));
            let Some(succeeded) = outcome else {
                let how = words::dialog::how_to_resolve(run.id.as_str());
                return Some(reply(ctx, message, &how));
            };
            RunEvent::Resolve { by, succeeded }
        }
        _ => RunEvent::Cancel { by },
    };
    Some(run::handle(ctx, world, run, &event))
}

/// A word for a run, but none here waits for it. It is answered where it can hardly mean anything
/// else: beside a run, or as the whole message in a thread. (The filter in front of the inbox lets
/// pass threads that Wilco knows.)
fn nothing_fits(
    ctx: &Context,
    message: &Incoming,
    runs: &[&Run],
    verb: Keyword,
    word: Option<Keyword>,
    busy: bool,
) -> Option<Outcome> {
    let text = match verb {
        Keyword::Resolve => words::dialog::nothing_to_resolve(),
        Keyword::Cancel => return None,
        _ => words::dialog::nothing_to_decide(),
    };
    let late = word.is_some() && message.thread.is_some() && verb != Keyword::Resolve;
    let meant = (word.is_some() && !runs.is_empty()) || late;
    (meant && !busy).then(|| reply(ctx, message, &text))
}

/// Whether a word looks like the name of a run.
fn names_a_run(name: &str) -> bool {
    name.to_lowercase()
        .strip_prefix('r')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a word names this run: by its id, or by the beginning of its plan's digest.
fn is_named(run: &Run, name: &str) -> bool {
    let name = name.to_lowercase();
    run.id.as_str() == name || (name.len() >= 4 && run.plan.digest.as_str().starts_with(&name))
}
