//! One event in, effects out: which entities an event concerns, and which state machine it goes to.

pub mod aside;
mod decision;
mod heard;
mod pressed;

use std::sync::Arc;

use crate::context::{Context, Settings};
use crate::dialog::{self, Said};
use crate::entity::{EntityKey, EntityKind};
use crate::event::{Event, Incoming, Press};
use crate::ids::{DefinitionHash, PersonId, RunId};
use crate::input::{self, Keyword};
use crate::people::Author;
use crate::place::{Room, Thread};
use crate::run::{self, RunEvent};
use crate::runbook::{Choices, Does, Question, Runbook};
use crate::token::{Choice, Token};
use crate::world::{Outcome, World};

/// What must be loaded for an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// These entities.
    pub keys: Vec<EntityKey>,
    /// All live entities of this thread.
    pub thread: Option<Thread>,
    /// All live entities of these kinds.
    pub live: Vec<EntityKind>,
    /// The runs of this thread, also the one that ended there last, to be looked at only.
    pub looks_at: Option<Thread>,
    /// All dialogs of this person in this room.
    pub talk: Option<(Room, PersonId)>,
}

/// What must be loaded before [`handle`] is called. What belongs to the targets of runs that are loaded by
/// key or with their thread comes on top: [`further_needs`].
#[must_use]
pub fn needs(settings: &Settings, event: &Event) -> Needs {
    match event {
        Event::Message(message) => {
            let needs = Needs { thread: Some(message.thread()), ..Needs::default() }
                .with_dialog(settings, &message.room, &message.thread(), &message.author)
                .with_talk(settings, message);
            match decision::names_run(&message.text) {
                Some(run) => needs.with(EntityKey::Run(run)),
                None => needs,
            }
        }
        Event::Press(Press { thread, author, token, .. }) => {
            let needs = Needs::default().with_dialog(settings, &thread.room, thread, author);
            match token {
                // A second press of the yes is told which run the first one made.
                Token::Answer { dialog, choice: Choice::Yes, .. } => Needs {
                    thread: Some(dialog.thread.clone()),
                    ..needs.with(EntityKey::Dialog(dialog.clone()))
                },
                Token::Answer { dialog, .. } => needs.with(EntityKey::Dialog(dialog.clone())),
                Token::OfRun { run, .. } => needs.with(EntityKey::Run(run.clone())),
            }
        }
        Event::Answered { owner: owner @ EntityKey::Dialog(dialog), .. } => {
            // Who holds a lock, and whether that run still goes on; what was rolled back; and what was worked on
            // here last.
            let live = vec![EntityKind::Lock, EntityKind::Run, EntityKind::Withdrawal];
            let looks_at = Some(dialog.thread.clone());
            Needs { live, looks_at, ..Needs::default() }.with(owner.clone())
        }
        Event::Posted { owner, .. }
        | Event::Answered { owner, .. }
        | Event::Settled { owner, .. }
        | Event::Hindered { owner, .. }
        | Event::Hinted { owner, .. }
        | Event::TimerFired { owner, .. }
        | Event::CatalogChanged { owner } => Needs::default().with(owner.clone()),
        Event::LockGranted { run }
        | Event::CancelRun { run, .. }
        | Event::Subscribe { run, .. } => Needs::default().with(EntityKey::Run(run.clone())),
    }
}

impl Needs {
    fn with(mut self, key: EntityKey) -> Self {
        if !self.keys.contains(&key) {
            self.keys.push(key);
        }
        self
    }

    /// At the top level of a direct conversation people answer what was asked in a thread of it.
    fn with_talk(mut self, settings: &Settings, message: &Incoming) -> Self {
        if message.direct && message.thread.is_none() {
            let person = person(settings, &message.room, &message.author);
            self.talk = person.map(|person| (message.room.clone(), person));
        }
        self
    }

    fn with_dialog(
        self,
        settings: &Settings,
        room: &Room,
        thread: &Thread,
        author: &Author,
    ) -> Self {
        match person(settings, room, author) {
            Some(person) => self.with(EntityKey::Dialog(Event::dialog_of(thread, &person))),
            None => self,
        }
    }
}

/// What must be loaded too, once runs are loaded: the locks of all their targets, and what was rolled back
/// there.
#[must_use]
pub fn further_needs(world: &World) -> Vec<EntityKey> {
    world
        .runs
        .values()
        .filter(|run| run.is_live())
        .flat_map(|run| &run.plan.targets)
        .flat_map(|plan| {
            let target = || plan.target.clone();
            [EntityKey::Lock(target()), EntityKey::Withdrawal(target())]
        })
        .collect()
}

/// The definitions that loaded entities name; the engine loads those that the catalog lacks.
#[must_use]
pub fn definitions(world: &World) -> Vec<DefinitionHash> {
    use crate::dialog::State;
    let of_dialogs = world.dialogs.values().filter_map(|dialog| match &dialog.state {
        State::Filling(filling) => Some(filling.runbook.clone()),
        State::Menu { .. } => None,
    });
    of_dialogs.chain(world.runs.values().map(|run| run.runbook.clone())).collect()
}

/// The person whom the platform vouches for, if Wilco knows them.
#[must_use]
pub fn person(settings: &Settings, room: &Room, author: &Author) -> Option<PersonId> {
    match author {
        Author::User(user) => {
            settings.directory.of_account(&room.adapter, user).map(|person| person.id.clone())
        }
        Author::Outsider(_) | Author::Wilco | Author::Bot(_) => None,
    }
}

/// Whether this event may create a run, so that the engine draws a number for it: a yes to a
/// read-back, or the receipt of a read-back that was answered before it was known to stand there.
#[must_use]
pub fn may_create_run(world: &World, event: &Event) -> bool {
    use crate::dialog::{State, Step};
    use crate::token::Choice;
    let read_back = |answered: bool| {
        world.dialogs.values().any(|dialog| match &dialog.state {
            State::Filling(filling) => match &filling.step {
                Step::ReadBack { shown, early_yes, .. } => {
                    if answered {
                        early_yes.is_some()
                    } else {
                        shown.is_some()
                    }
                }
                _ => false,
            },
            State::Menu { .. } => false,
        })
    };
    match event {
        Event::Message(message) => {
            read_back(false)
                && matches!(input::keyword(&message.text), Some(found) if matches!(found.word, Keyword::Yes(_)))
        }
        Event::Press(press) => {
            matches!(&press.token, Token::Answer { choice: Choice::Yes, .. }) && read_back(false)
        }
        Event::Posted { .. } => read_back(true),
        _ => false,
    }
}

/// One event in, effects out.
#[must_use]
pub fn handle(ctx: &Context, world: &World, event: &Event) -> Outcome {
    match event {
        Event::Message(message) => heard::message(ctx, world, message),
        Event::Press(press) => pressed::press(ctx, world, press),
        Event::Posted { owner: EntityKey::Dialog(key), key: message, at, .. } => world
            .dialogs
            .get(key)
            .map(|dialog| dialog::on_posted(ctx, world, dialog, message, *at))
            .unwrap_or_default(),
        Event::Posted { owner: EntityKey::Run(id), key, at, .. } => {
            on_run(ctx, world, id, &RunEvent::Posted { message: key.clone(), at: *at })
        }
        Event::Posted { owner: EntityKey::Lock(_) | EntityKey::Withdrawal(_), .. } => {
            Outcome::new()
        }
        Event::Answered { owner, call, outcome } => match owner {
            EntityKey::Dialog(key) => world
                .dialogs
                .get(key)
                .map(|dialog| dialog::on_answered(ctx, world, dialog, call, outcome))
                .unwrap_or_default(),
            EntityKey::Run(id) => {
                let event = RunEvent::Answered { call: call.clone(), outcome: outcome.clone() };
                on_run(ctx, world, id, &event)
            }
            EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
        Event::Settled { owner, call, settlement } => match owner {
            EntityKey::Run(id) => {
                let event =
                    RunEvent::Settled { call: call.clone(), settlement: settlement.clone() };
                on_run(ctx, world, id, &event)
            }
            EntityKey::Dialog(_) | EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
        Event::Hindered { owner, call, trouble } => match owner {
            EntityKey::Run(id) => {
                let event = RunEvent::Hindered { call: call.clone(), trouble: trouble.clone() };
                on_run(ctx, world, id, &event)
            }
            EntityKey::Dialog(_) | EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
        Event::Hinted { owner, operation } => match owner {
            EntityKey::Run(id) => {
                on_run(ctx, world, id, &RunEvent::Hinted { operation: operation.clone() })
            }
            EntityKey::Dialog(_) | EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
        Event::TimerFired { owner, name, generation } => match owner {
            EntityKey::Dialog(key) => world
                .dialogs
                .get(key)
                .map(|dialog| dialog::on_timer(ctx, dialog, name, *generation))
                .unwrap_or_default(),
            EntityKey::Run(id) => {
                let event = RunEvent::Timer { name: name.clone(), generation: *generation };
                on_run(ctx, world, id, &event)
            }
            EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
        Event::LockGranted { run } => on_run(ctx, world, run, &RunEvent::LockGranted),
        Event::CancelRun { run, by } => {
            on_run(ctx, world, run, &RunEvent::Cancel { by: by.clone() })
        }
        Event::Subscribe { run, subscriber } => {
            on_run(ctx, world, run, &RunEvent::Subscribe(subscriber.clone()))
        }
        Event::CatalogChanged { owner } => match owner {
            EntityKey::Dialog(key) => world
                .dialogs
                .get(key)
                .map(|dialog| dialog::on_catalog_changed(ctx, dialog))
                .unwrap_or_default(),
            EntityKey::Run(id) => on_run(ctx, world, id, &RunEvent::CatalogChanged),
            EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Outcome::new(),
        },
    }
}

fn on_run(ctx: &Context, world: &World, id: &RunId, event: &RunEvent) -> Outcome {
    world.runs.get(id).map(|run| run::handle(ctx, world, run, event)).unwrap_or_default()
}

/// The function that a message names, with the words behind its name.
#[must_use]
pub fn command(ctx: &Context, text: &str) -> Option<(Arc<Runbook>, Vec<String>)> {
    let command = input::split_command(text);
    let found = input::best_command(&command, ctx.catalog.aliases())?;
    let runbook = ctx.catalog.by_word(found.index)?;
    Some((runbook, command.rest.get(found.words - 1..).unwrap_or_default().to_vec()))
}

/// The function that a message to the bot names, at its beginning or, as Korean has it, at its end; with
/// the other words.
#[must_use]
pub fn request(ctx: &Context, text: &str) -> Option<(Arc<Runbook>, Vec<String>)> {
    command(ctx, text).or_else(|| ending(ctx, text))
}

fn ending(ctx: &Context, text: &str) -> Option<(Arc<Runbook>, Vec<String>)> {
    let command = input::split_command(text);
    let (found, words) = input::ending_command(&command, ctx.catalog.aliases())?;
    Some((ctx.catalog.by_word(found.index)?, words))
}

/// The function that a message names which nobody addressed to the bot; `None` when it is surely talk
/// among people. What its words mean may be known only when a tool told the choices:
/// [`dialog::Said`].
#[must_use]
pub fn called(ctx: &Context, text: &str) -> Option<(Arc<Runbook>, Said)> {
    let Some((runbook, words)) = command(ctx, text) else {
        return named_before(ctx, text);
    };
    if words.is_empty() {
        return Some((runbook, Said::default()));
    }
    // No question can understand any word.
    (!runbook.ask.is_empty()).then_some((runbook, Said::Perhaps(words)))
}

/// Names with a request behind them: `wallet-api 배포해줘`. People ask each other like this too, so
/// nothing but names may stand there, and a yes must follow.
fn named_before(ctx: &Context, text: &str) -> Option<(Arc<Runbook>, Said)> {
    if !input::ends_as_request(text) {
        return None;
    }
    let (runbook, words) = ending(ctx, text)?;
    let names = |question: &Question| !matches!(question.choices, Choices::Free);
    let fits = !words.is_empty()
        && !runbook.ask.is_empty()
        && runbook.ask.iter().all(names)
        && !matches!(runbook.does, Does::Cancel { .. });
    fits.then_some((runbook, Said::IfNames(words)))
}

/// Whether a message must be kept by the filter in front of the inbox; `known` tells whether its
/// thread is known. Errs towards keeping.
#[must_use]
pub fn keeps(ctx: &Context, message: &Incoming, known: bool) -> bool {
    known
        || message.direct
        || message.mentioned
        || message.author == Author::Wilco
        || is_addressed(ctx, &message.text)
        || decision::names_run(&message.text).is_some()
}

/// Whether a text may speak to the bot without a mention: it asks for help or names a function.
fn is_addressed(ctx: &Context, text: &str) -> bool {
    (ctx.catalog.may_open(text) || input::ends_as_request(text))
        && (asks_for_help(text) || called(ctx, text).is_some())
}

fn asks_for_help(text: &str) -> bool {
    matches!(input::keyword(text), Some(found) if found.word == Keyword::Help)
}
