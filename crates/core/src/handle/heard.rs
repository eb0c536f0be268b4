//! What people say: whose dialog or run it belongs to, and what opens a new dialog.

use crate::audit::{AuditRecord, Fact};
use crate::context::Context;
use crate::dialog::{self, Dialog, Opening, Said};
use crate::effect::Effect;
use crate::entity::DialogKey;
use crate::event::{Event, Incoming};
use crate::ids::{MessageKey, PersonId};
use crate::input::{self, Keyword};
use crate::lang::{Lang, Text, has_hangul};
use crate::message::{Body, Say, To};
use crate::people::{Author, Person};
use crate::place::Thread;
use crate::run::Run;
use crate::words;
use crate::world::{Outcome, World};

use super::decision::{held_by_stranger, runs_of, to_a_run};

/// Somebody wrote something.
pub(super) fn message(ctx: &Context, world: &World, message: &Incoming) -> Outcome {
    let adapter = &message.room.adapter;
    let (person, user) = match &message.author {
        Author::User(user) => (ctx.settings.directory.of_account(adapter, user), Some(user)),
        // Whoever `people:` may name: rights end at the border of the organisation.
        Author::Outsider(_) => (None, None),
        // What a bot or a workflow writes never has rights, whatever it says.
        Author::Bot(_) | Author::Wilco => return Outcome::new(),
    };
    let word = input::keyword(&message.text).map(|found| found.word);
    let Some(person) = person else {
        if let Some(outcome) = user.and_then(|user| held_by_stranger(ctx, world, message, user)) {
            return outcome;
        }
        let decides = match word {
            Some(Keyword::Approve | Keyword::Reject) => {
                runs_of(world, message).any(Run::awaits_decision)
            }
            Some(Keyword::Resume) => runs_of(world, message).any(Run::can_be_resumed),
            Some(Keyword::Promote) => runs_of(world, message).any(Run::stands_still),
            // Whoever believes that it stands still now must not.
            Some(Keyword::Hold) => runs_of(world, message).any(Run::is_live),
            _ => false,
        };
        let addressed = message.mentioned
            || message.direct
            || decides
            || super::asks_for_help(&message.text)
            || super::called(ctx, &message.text)
                .is_some_and(|(runbook, said)| dialog::looks_meant(&runbook, &said));
        return if addressed { refuse_stranger(ctx, message) } else { Outcome::new() };
    };
    let key = Event::dialog_of(&message.thread(), &person.id);
    let dialog = world.dialogs.get(&key).or_else(|| newest(ctx, world, message, person, word));
    if let Some(dialog) = dialog.filter(|dialog| !dialog.only_listens()) {
        let decision = if dialog::awaits_this(ctx, dialog, &message.text) {
            None
        } else {
            to_a_run(ctx, world, message, person, word, true)
        };
        return decision.unwrap_or_else(|| {
            dialog::on_text(ctx, world, dialog, &message.text, message.sent_at)
        });
    }
    to_a_run(ctx, world, message, person, word, false)
        .unwrap_or_else(|| opens(ctx, world, message, person, key, word))
}

/// At the top level of a direct conversation: the dialog there with the newest question, unless the
/// message opens a new one. Its answer stands in its own thread.
fn newest<'a>(
    ctx: &Context,
    world: &'a World,
    message: &Incoming,
    person: &Person,
    word: Option<Keyword>,
) -> Option<&'a Dialog> {
    if !message.direct || message.thread.is_some() || word == Some(Keyword::Help) {
        return None;
    }
    let here = |key: &DialogKey| key.thread.room == message.room && key.person == person.id;
    let own = world.dialogs.values().filter(|dialog| here(&dialog.key));
    let newest = own.max_by_key(|dialog| (dialog.heard_at, &dialog.key))?;
    let opens = super::command(ctx, &message.text).is_some();
    (!opens || dialog::awaits_this(ctx, newest, &message.text)).then_some(newest)
}

/// A message that opens a dialog: help, a function's name, or anything said to the bot directly.
fn opens(
    ctx: &Context,
    world: &World,
    message: &Incoming,
    person: &Person,
    key: DialogKey,
    word: Option<Keyword>,
) -> Outcome {
    let lang = language(ctx, message, person);
    let opening = Opening {
        key,
        opened: message.message.clone(),
        sent_at: message.sent_at,
        lang,
        by_name: message.thread.is_some() && !message.direct,
    };
    if word == Some(Keyword::Help) {
        return dialog::open_menu(ctx, opening, &Text::default());
    }
    if !(message.mentioned || message.direct) {
        return match super::called(ctx, &message.text) {
            Some((runbook, said)) => dialog::open_command(ctx, world, opening, &runbook, said),
            // Talk among people.
            None => Outcome::new(),
        };
    }
    if let Some((runbook, words)) = super::request(ctx, &message.text) {
        return dialog::open_command(ctx, world, opening, &runbook, Said::ToBot(words));
    }
    let note = if input::clean(&message.text).is_empty() {
        Text::default()
    } else {
        let names: Vec<&str> = ctx.catalog.words().map(|(word, _)| word).collect();
        let head = input::split_command(&message.text).typed;
        words::menu::not_understood(&message.text, input::suggest(&head, &names))
    };
    dialog::open_menu(ctx, opening, &note)
}

/// A room that has a language is spoken to in it, because everyone there reads along. Elsewhere, and
/// in a direct conversation, people are answered in their own, else in the one they wrote in.
fn language(ctx: &Context, message: &Incoming, person: &Person) -> Lang {
    if let Some(lang) = ctx.settings.language_of(&message.room).filter(|_| !message.direct) {
        return lang;
    }
    // Whoever types Hangul with the keyboard set to Latin, or the other way round, reads Korean.
    let swapped = input::keyword(&message.text)
        .is_some_and(|found| found.layout == input::Layout::OtherLayout);
    person.language.unwrap_or_else(|| {
        if swapped || has_hangul(&message.text) {
            Lang::Ko
        } else if message.text.chars().any(|c| c.is_ascii_alphabetic()) {
            Lang::En
        } else {
            ctx.settings.room_language(&message.room)
        }
    })
}

fn refuse_stranger(ctx: &Context, message: &Incoming) -> Outcome {
    let Some((text, refusal)) = stranger(ctx, "talk", &message.author, &message.thread()) else {
        return Outcome::new();
    };
    let mut effects = reply(ctx, message, &text);
    effects.push(refusal);
    effects
}

/// What somebody is told whom nobody knows here, and the record of it; nothing for bots.
pub(super) fn stranger(
    ctx: &Context,
    what: &str,
    author: &Author,
    thread: &Thread,
) -> Option<(Text, Effect)> {
    let (text, who) = match author {
        Author::User(user) => {
            (words::menu::unknown_person(user.as_str()), format!("unknown account {user}"))
        }
        Author::Outsider(user) => {
            (words::menu::outsider(), format!("account {user} of another organisation"))
        }
        Author::Bot(_) | Author::Wilco => return None,
    };
    Some((text, refused(ctx, None, what, format!("{who} on {}", thread.room.adapter))))
}

pub(super) fn refused(ctx: &Context, who: Option<PersonId>, what: &str, why: String) -> Effect {
    let what = Fact::Refused { what: what.to_owned(), why };
    Effect::Record(AuditRecord { at: ctx.now, who, what })
}

/// A single answer to a message, in the room's language.
pub(super) fn reply(ctx: &Context, message: &Incoming, text: &Text) -> Outcome {
    say(ctx, &message.thread(), &format!("{} {} reply", message.room, message.message), text)
}

pub(super) fn say(ctx: &Context, thread: &Thread, key: &str, text: &Text) -> Outcome {
    let text = text.to(ctx.settings.room_language(&thread.room));
    vec![Effect::Say(Say {
        key: MessageKey::new(key),
        to: To::Thread(thread.clone()),
        body: Body { text, ..Body::default() },
        receipt: None,
    })]
}
