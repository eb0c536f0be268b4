//! Words for a run that stands in the thread: approve, reject, cancel, hold, resume, promote, resolve, a second
//! yes.
//!
//! These words start or end something in production, so a whole message is one or it is none:
//!
//! ```text
//! decision = VERB [RUN [OUTCOME]] | RUN VERB | VERB OUTCOME
//! RUN      = r12 | 3f9c…        ; its number, or the beginning of its plan's digest
//! OUTCOME  = succeeded | failed ; with resolve alone
//! ```
//!
//! `reject` and `cancel` may be asked for politely. One more word, or a question mark, and nothing is
//! decided: `approve r1 not yet` begins like a decision and says the contrary. Where a run is named, that
//! is told; where none is, people talk among themselves.
//!
//! `hold` is a brake, and whoever pulls one does not choose words: it counts with whatever else is said,
//! and where nobody says which run is meant, it is meant for all.

use std::time::Duration;

use crate::answer::Act;
use crate::context::Context;
use crate::effect::Effect;
use crate::event::Incoming;
use crate::ids::{PersonId, RunId, UserId};
use crate::input::{self, Keyword};
use crate::lang::Text;
use crate::people::{Member, Person};
use crate::run::{self, Run, RunEvent};
use crate::words;
use crate::world::{Outcome, World};

use super::heard::{refused, reply};

/// The runs that were asked for in the thread of a message.
pub(super) fn runs_of<'a>(world: &'a World, message: &Incoming) -> impl Iterator<Item = &'a Run> {
    let thread = message.thread();
    world.runs.values().filter(move |run| run.thread == thread)
}

/// A message that begins or ends with a word for a run.
struct Spoken {
    verb: Keyword,
    /// The verb as it was typed, for an answer that repeats it.
    typed: String,
    /// What names a run, or may.
    names: Vec<String>,
    /// What became of it.
    outcome: Option<bool>,
    /// Words that have no place in a decision.
    others: usize,
    /// It has a question mark.
    asks: bool,
}

impl Spoken {
    fn of(text: &str, runs: &[&Run]) -> Option<Self> {
        let input::Command { typed: head, mut rest, .. } = input::split_command(text);
        let (verb, typed) = if let Some(verb) = verb(&head) {
            (verb, input::normalise(&head))
        } else if names_a_run(&head) {
            // `r1 취소해 주세요`: Korean has the verb at the end.
            let at = rest.iter().rposition(|word| !input::is_courtesy(word))?;
            let last = std::mem::replace(&mut rest[at], head);
            (verb(&last)?, input::normalise(&last))
        } else {
            return None;
        };
        let mut spoken = Self {
            verb,
            typed,
            names: Vec::new(),
            outcome: None,
            others: 0,
            asks: input::clean(text).contains('?'),
        };
        for word in rest {
            match words::dialog::outcome_word(&word) {
                Some(outcome) if verb == Keyword::Resolve && spoken.outcome.is_none() => {
                    spoken.outcome = Some(outcome);
                }
                _ if !verb.consents() && input::is_courtesy(&word) => {}
                _ if may_name(&word, runs) => spoken.names.push(input::normalise(&word)),
                _ => spoken.others += 1,
            }
        }
        Some(spoken)
    }

    /// The run that is named, if exactly one is.
    fn name(&self) -> Option<&str> {
        match self.names.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }

    /// Whether it is a decision and nothing else.
    fn is_plain(&self) -> bool {
        self.verb == Keyword::Hold || (self.others == 0 && self.names.len() < 2 && !self.asks)
    }

    /// Tells what is wrong with it, and puts on record that it was not taken.
    fn not_taken(
        &self,
        ctx: &Context,
        message: &Incoming,
        person: &Person,
        why: &str,
        said: &Text,
    ) -> Outcome {
        let mut effects = reply(ctx, message, said);
        effects.push(refused(ctx, Some(person.id.clone()), &self.typed, why.to_owned()));
        effects
    }

    /// Asks which of these runs is meant.
    fn which_run(
        &self,
        ctx: &Context,
        message: &Incoming,
        person: &Person,
        fitting: &[&Run],
    ) -> Outcome {
        let asks = words::dialog::which_run(&examples(self, fitting));
        self.not_taken(ctx, message, person, "no run was named", &asks)
    }

    /// Whether it surely speaks of a run: it has the number of one.
    fn names_one(&self) -> bool {
        self.names.iter().any(|name| names_a_run(name))
    }
}

/// The verb of a decision that a word is.
fn verb(word: &str) -> Option<Keyword> {
    // A question mark is judged for the whole message.
    let found = input::keyword(word.trim_end_matches(['?', '？']))?;
    matches!(
        found.word,
        Keyword::Approve
            | Keyword::Reject
            | Keyword::Resolve
            | Keyword::Cancel
            | Keyword::Hold
            | Keyword::Resume
            | Keyword::Promote
            | Keyword::Yes(_)
    )
    .then_some(found.word)
}

/// What a second yes is told.
pub(super) fn again(run: &Run) -> Text {
    match run.is_live() {
        true => words::dialog::yes_again(run.id.as_str()),
        false => words::dialog::yes_after(run.id.as_str(), &run.summary()),
    }
}

/// How long after the end of a run a yes is taken for a second one.
const JUST: Duration = Duration::from_mins(2);

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
    if let Some(Keyword::Yes(_)) = word {
        // The second of two: the first one made the run and ended the dialog. Later a yes is said to others.
        let just = |run: &Run| run.ended_at().is_none_or(|at| ctx.now.since(at) < JUST);
        let own = runs.iter().filter(|run| run.requester == person.id && just(run) && !busy);
        let newest = own.max_by_key(|run| run.created_at)?;
        return Some(reply(ctx, message, &again(newest)));
    }
    let spoken = Spoken::of(&message.text, &runs)?;
    if spoken.verb == Keyword::Hold {
        return hold(ctx, world, &runs, &spoken, &Member::Person(person.id.clone()));
    }
    let fits: &dyn Fn(&Run) -> bool = match spoken.verb {
        Keyword::Approve | Keyword::Reject => &Run::awaits_decision,
        Keyword::Resolve => &Run::is_unknown,
        Keyword::Resume => &Run::can_be_resumed,
        Keyword::Promote => &Run::stands_still,
        // `cancel` alone ends the dialog that is open.
        Keyword::Cancel if !busy || spoken.names_one() => &Run::is_live,
        _ => return None,
    };
    let fitting: Vec<&Run> = runs.iter().copied().filter(|run| fits(run)).collect();
    if !spoken.is_plain() && (!fitting.is_empty() || !spoken.names_one()) {
        return not_plain(ctx, message, person, &spoken, &fitting);
    }
    let chosen: Vec<&Run> = match spoken.name() {
        Some(name) => fitting.iter().copied().filter(|run| is_named(run, name)).collect(),
        None => fitting.clone(),
    };
    let run = match chosen.as_slice() {
        [run] => *run,
        // Nobody waits for it, and a function may be called so.
        [] if fitting.is_empty()
            && spoken.verb.is_for_runs_alone()
            && super::called(ctx, &message.text).is_some() =>
        {
            return None;
        }
        [] if fitting.is_empty() => {
            return nothing_fits(ctx, world, message, person, &runs, &spoken, busy);
        }
        [] if spoken.verb == Keyword::Cancel && !spoken.names_one() => return None,
        _ => return Some(spoken.which_run(ctx, message, person, &fitting)),
    };
    // A bare word to stop may be meant for a dialog that is over by now; only of their own run people
    // may be believed to mean it.
    if spoken.verb == Keyword::Cancel && spoken.names.is_empty() && run.requester != person.id {
        return Some(spoken.which_run(ctx, message, person, &[run]));
    }
    match decision(&spoken, person.id.clone(), message) {
        Some(event) => Some(run::handle(ctx, world, run, &event)),
        None => {
            let how = words::dialog::how_to_resolve(run.id.as_str());
            Some(spoken.not_taken(ctx, message, person, "no outcome", &how))
        }
    }
}

/// A word of somebody whom `people:` does not name: it can be a brake, and nothing else.
pub(super) fn held_by_stranger(
    ctx: &Context,
    world: &World,
    message: &Incoming,
    account: &UserId,
) -> Option<Outcome> {
    let runs: Vec<&Run> = runs_of(world, message).collect();
    let spoken = Spoken::of(&message.text, &runs).filter(|spoken| spoken.verb == Keyword::Hold)?;
    hold(ctx, world, &runs, &spoken, &Member::Account(account.clone()))
}

/// Holds the run that is named, or else all that go on in the thread.
fn hold(
    ctx: &Context,
    world: &World,
    runs: &[&Run],
    spoken: &Spoken,
    by: &Member,
) -> Option<Outcome> {
    let live = || runs.iter().filter(|run| run.is_live() && !run.is_unknown());
    let named = |run: &&&Run| spoken.names.iter().any(|name| is_named(run, name));
    let mut meant: Vec<&&Run> = live().filter(named).collect();
    if meant.is_empty() {
        meant = live().collect();
    }
    let event = RunEvent::Hold { by: by.clone() };
    let outcomes = meant.into_iter().map(|run| run::handle(ctx, world, run, &event));
    Some(outcomes.flatten().collect()).filter(|outcome: &Outcome| !outcome.is_empty())
}

/// What a plain message decides; `None` when it does not say what became of the run.
fn decision(spoken: &Spoken, by: PersonId, message: &Incoming) -> Option<RunEvent> {
    let at = message.sent_at;
    Some(match spoken.verb {
        Keyword::Approve => RunEvent::Decide { by, digest: None, approve: true, at },
        Keyword::Reject => RunEvent::Decide { by, digest: None, approve: false, at },
        Keyword::Resolve => RunEvent::Resolve { by, succeeded: spoken.outcome? },
        Keyword::Resume => RunEvent::Resume { by },
        Keyword::Promote => RunEvent::Act { by, act: Act::Promote, pressed: None },
        _ => RunEvent::Cancel { by },
    })
}

/// Something that begins like a decision and is none. Whoever names a run is told that nothing was
/// decided; the others talk.
fn not_plain(
    ctx: &Context,
    message: &Incoming,
    person: &Person,
    spoken: &Spoken,
    fitting: &[&Run],
) -> Option<Outcome> {
    let named = |run: &&Run| spoken.names.iter().any(|name| is_named(run, name));
    let named: Vec<&Run> = fitting.iter().copied().filter(named).collect();
    (!named.is_empty()).then(|| {
        let plainly = words::dialog::nothing_decided(&examples(spoken, &named));
        spoken.not_taken(ctx, message, person, "more was said than a decision", &plainly)
    })
}

/// What one would type for each of these runs.
fn examples(spoken: &Spoken, runs: &[&Run]) -> Vec<String> {
    let outcome = if spoken.verb == Keyword::Resolve { " succeeded" } else { "" };
    runs.iter().map(|run| format!("{} {}{outcome}", spoken.typed, run.id)).collect()
}

/// A word for a run, but none here waits for it. It is answered where it can hardly mean anything
/// else: with the number of a run, beside a run, or as the whole message in a thread. (The filter in
/// front of the inbox lets pass threads that Wilco knows.)
fn nothing_fits(
    ctx: &Context,
    world: &World,
    message: &Incoming,
    person: &Person,
    runs: &[&Run],
    spoken: &Spoken,
    busy: bool,
) -> Option<Outcome> {
    if let Some(run) = elsewhere(world, message, spoken) {
        let said = words::dialog::said_elsewhere(run.id.as_str());
        let mut effects =
            spoken.not_taken(ctx, message, person, "the run stands in another thread", &said);
        for effect in &mut effects {
            if let Effect::Say(say) = effect {
                say.body.leads_to = Some(run.thread.clone());
            }
        }
        return Some(effects);
    }
    let text = match (spoken.verb, spoken.names_one()) {
        (_, true) if message.thread.is_none() => {
            words::dialog::no_such_run(spoken.name().unwrap_or(&spoken.typed))
        }
        (Keyword::Resolve, _) => words::dialog::nothing_to_resolve(),
        (Keyword::Resume, _) => words::dialog::nothing_to_resume(),
        (Keyword::Promote, _) => words::dialog::nothing_to_promote(),
        (Keyword::Cancel, true) => words::dialog::nothing_to_cancel(),
        (Keyword::Cancel, false) => return None,
        _ => words::dialog::nothing_to_decide(),
    };
    let bare = spoken.names.is_empty() && spoken.outcome.is_none();
    let late = bare
        && message.thread.is_some()
        && !matches!(spoken.verb, Keyword::Resolve | Keyword::Resume | Keyword::Promote);
    let meant = spoken.names_one() || (bare && !runs.is_empty()) || late;
    let answers = meant && (!busy || spoken.names_one());
    answers.then(|| spoken.not_taken(ctx, message, person, "nothing waits for it", &text))
}

/// The run that a word for a run names by its number, wherever that is said: `approve r12`. Cheap where it is
/// none: every message of every room comes by here.
pub(super) fn names_run(text: &str) -> Option<RunId> {
    const LONGEST: usize = 200;
    if text.len() > LONGEST || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let spoken = Spoken::of(text, &[])?;
    let decides = spoken.is_plain() && !matches!(spoken.verb, Keyword::Hold | Keyword::Yes(_));
    let name = spoken.name().filter(|name| decides && names_a_run(name))?;
    Some(RunId::new(name))
}

/// The run that is named stands in a thread of its own.
fn elsewhere<'a>(world: &'a World, message: &Incoming, spoken: &Spoken) -> Option<&'a Run> {
    let run = world.runs.get(&RunId::new(spoken.name()?))?;
    (run.thread != message.thread()).then_some(run)
}

/// Whether a word has the form of a run's number.
fn names_a_run(word: &str) -> bool {
    input::normalise(word)
        .strip_prefix('r')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a word may be meant as the name of a run: `r12`, `12`, or what names one of these.
fn may_name(word: &str, runs: &[&Run]) -> bool {
    let word = input::normalise(word);
    let number = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    number || names_a_run(&word) || runs.iter().any(|run| is_named(run, &word))
}

/// Whether a word names this run: by its id, or by the beginning of its plan's digest.
fn is_named(run: &Run, name: &str) -> bool {
    run.id.as_str() == name || (name.len() >= 4 && run.plan.digest.as_str().starts_with(name))
}
