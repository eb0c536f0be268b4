//! Pressed buttons: whose dialog or run they belong to.

use crate::context::Context;
use crate::dialog::{self, Opening, Said};
use crate::entity::DialogKey;
use crate::event::{Event, Press};
use crate::ids::{MessageId, RunId};
use crate::lang::Text;
use crate::people::{Author, Member, Person};
use crate::run::{self, Run, RunEvent};
use crate::token::{Choice, Token, Wish};
use crate::words;
use crate::world::{Outcome, World};

use super::decision;
use super::heard::{refused, say, stranger};

/// Somebody pressed a button.
pub(super) fn press(ctx: &Context, world: &World, press: &Press) -> Outcome {
    let (person, user) = match &press.author {
        Author::User(user) => {
            (ctx.settings.directory.of_account(&press.thread.room.adapter, user), user)
        }
        Author::Outsider(user) => (None, user),
        Author::Bot(_) | Author::Wilco => return Outcome::new(),
    };
    let key = format!("{} {user} {} press", press.thread, press.sent_at.0);
    if let (Token::OfRun { run, wish: Wish::Hold }, Author::User(_)) = (&press.token, &press.author)
    {
        let by = person.map_or_else(
            || Member::Account(user.clone()),
            |person| Member::Person(person.id.clone()),
        );
        return to_named_run(ctx, world, press, &key, run, &RunEvent::Hold { by });
    }
    let Some(person) = person else {
        let Some((text, refusal)) = stranger(ctx, "press", &press.author, &press.thread) else {
            return Outcome::new();
        };
        let mut effects = say(ctx, &press.thread, &key, &text);
        effects.push(refusal);
        return effects;
    };
    let by = person.id.clone();
    match &press.token {
        Token::Answer { dialog: owner, question, choice } => {
            if owner.person != by {
                let name = ctx.settings.directory.name(&owner.person);
                let mut effects =
                    say(ctx, &press.thread, &key, &words::dialog::not_your_button(&name));
                let why = format!("the dialog belongs to {}", owner.person);
                effects.push(refused(ctx, Some(by), "press", why));
                return effects;
            }
            match world.dialogs.get(owner) {
                None => {
                    let mut effects = say(ctx, &press.thread, &key, &closed(world, owner, choice));
                    effects.push(refused(ctx, Some(by), "press", "the dialog is over".into()));
                    effects
                }
                Some(dialog) if dialog.generation != *question => {
                    let mut effects = say(ctx, &press.thread, &key, &words::dialog::old_button());
                    effects.push(refused(ctx, Some(by), "press", "old button".into()));
                    effects
                }
                Some(dialog) => dialog::on_press(ctx, world, dialog, choice, press.sent_at),
            }
        }
        Token::OfRun { run, wish } => {
            let event = match wish.clone() {
                Wish::Decide { digest, approve } => {
                    RunEvent::Decide { by, digest: Some(digest), approve, at: press.sent_at }
                }
                Wish::Cancel => RunEvent::Cancel { by },
                Wish::Hold => RunEvent::Hold { by: Member::Person(by) },
                Wish::Resume => RunEvent::Resume { by },
                Wish::Act { step, act, pause } => {
                    RunEvent::Act { by, act, pressed: Some((step, pause)) }
                }
                Wish::Remedy { step, operation, remedy } => {
                    RunEvent::Remedy { by, step, operation, remedy }
                }
                Wish::Resolve { succeeded } => RunEvent::Resolve { by, succeeded },
                Wish::Explain => RunEvent::Explain,
                Wish::Again | Wish::Undo => {
                    return match world.runs.get(run) {
                        Some(run) => follow_up(ctx, world, press, person, run, wish),
                        None => say(ctx, &press.thread, &key, &words::dialog::closed_button()),
                    };
                }
            };
            to_named_run(ctx, world, press, &key, run, &event)
        }
    }
}

/// A function is opened about what a run left or did, as if its name and theirs had been typed: the same
/// rights, the same read-back, the same approval.
fn follow_up(
    ctx: &Context,
    world: &World,
    press: &Press,
    person: &Person,
    run: &Run,
    wish: &Wish,
) -> Outcome {
    let of_run = ctx.runbook(&run.runbook);
    let (name, first) = match wish {
        Wish::Undo => {
            (of_run.as_ref().and_then(|runbook| runbook.undo()), Some(run.id.to_string()))
        }
        _ => (Some(&run.name), None),
    };
    let Some(runbook) = name.and_then(|name| ctx.catalog.by_name(name)) else {
        let title = of_run
            .as_ref()
            .map_or_else(|| Text::verbatim(run.name.as_str()), |runbook| runbook.title.clone());
        let key = format!("{} {} {} press", press.thread, person.id, press.sent_at.0);
        return say(ctx, &press.thread, &key, &words::dialog::removed(&title));
    };
    let targets: Vec<String> = match wish {
        Wish::Undo => run.finished().map(ToString::to_string).collect(),
        _ => run.left_undone().map(ToString::to_string).collect(),
    };
    let said = Said::ToBot(first.into_iter().chain(targets).collect());
    let key = Event::dialog_of(&press.thread, &person.id);
    if let Some(open) = world.dialogs.get(&key).filter(|dialog| !dialog.only_listens()) {
        return dialog::open_instead(ctx, world, open, &runbook, said);
    }
    let lang = ctx.settings.language_of(&press.thread.room).or(person.language).unwrap_or(run.lang);
    let opening = Opening {
        key,
        opened: MessageId::new(format!("press-{}", press.sent_at.0)),
        sent_at: press.sent_at,
        lang,
        by_name: true,
    };
    dialog::open_command(ctx, world, opening, &runbook, said)
}

/// A button of a dialog that is over. A second press of the yes is told what the first one made.
fn closed(world: &World, owner: &DialogKey, choice: &Choice) -> Text {
    let own = |run: &&Run| run.thread == owner.thread && run.requester == owner.person;
    let newest = world.runs.values().filter(own).max_by_key(|run| run.created_at);
    match newest.filter(|_| *choice == Choice::Yes) {
        Some(run) => decision::again(run),
        None => words::dialog::closed_button(),
    }
}

fn to_named_run(
    ctx: &Context,
    world: &World,
    press: &Press,
    key: &str,
    run: &RunId,
    event: &RunEvent,
) -> Outcome {
    match world.runs.get(run) {
        Some(run) => run::handle(ctx, world, run, event),
        None => say(ctx, &press.thread, key, &words::dialog::closed_button()),
    }
}
