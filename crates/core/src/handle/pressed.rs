//! Pressed buttons: whose dialog or run they belong to.

use crate::context::Context;
use crate::dialog;
use crate::entity::DialogKey;
use crate::event::Press;
use crate::ids::RunId;
use crate::lang::Text;
use crate::people::{Author, Member};
use crate::run::{self, Run, RunEvent};
use crate::token::{Choice, Token, Wish};
use crate::words;
use crate::world::{Outcome, World};

use super::heard::{refused, say, unknown};

/// Somebody pressed a button.
pub(super) fn press(ctx: &Context, world: &World, press: &Press) -> Outcome {
    let Author::User(user) = &press.author else { return Outcome::new() };
    let key = format!("{} {user} {} press", press.thread, press.sent_at.0);
    if let Token::OfRun { run, wish: Wish::Hold } = &press.token {
        let person = ctx.settings.directory.of_account(&press.thread.room.adapter, user);
        let by = person.map_or_else(
            || Member::Account(user.clone()),
            |person| Member::Person(person.id.clone()),
        );
        return to_named_run(ctx, world, press, &key, run, &RunEvent::Hold { by });
    }
    let Some(person) = ctx.settings.directory.of_account(&press.thread.room.adapter, user) else {
        let mut effects =
            say(ctx, &press.thread, &key, &words::menu::unknown_person(user.as_str()));
        effects.push(unknown(ctx, "press", user.as_str(), &press.thread));
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
                Wish::Resolve { succeeded } => RunEvent::Resolve { by, succeeded },
            };
            to_named_run(ctx, world, press, &key, run, &event)
        }
    }
}

/// A button of a dialog that is over. A second press of the yes is told what the first one made.
fn closed(world: &World, owner: &DialogKey, choice: &Choice) -> Text {
    let own =
        |run: &&Run| run.thread == owner.thread && run.requester == owner.person && run.is_live();
    let newest = world.runs.values().filter(own).max_by_key(|run| run.created_at);
    match newest.filter(|_| *choice == Choice::Yes) {
        Some(run) => words::dialog::yes_again(run.id.as_str()),
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
