//! Opening a dialog: the numbered menu and its answers, or a function named in one line.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::context::Context;
use crate::entity::DialogKey;
use crate::ids::{MessageId, RunbookName};
use crate::input::{self, Item, Selection};
use crate::lang::{Lang, Text};
use crate::message::ButtonStyle;
use crate::rights::{self, Decision, Denial};
use crate::runbook::Runbook;
use crate::time::Timestamp;
use crate::token::Choice;
use crate::words;
use crate::world::{Outcome, World};

use super::list::is_exactly;
use super::turn::Turn;
use super::{Answers, Dialog, Filling, Said, State, Step, planned, span};

/// Who opens a dialog, where, by which message.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Whose, and where.
    pub key: DialogKey,
    /// The message that opens it.
    pub opened: MessageId,
    /// The platform's time of that message.
    pub sent_at: Timestamp,
    /// In which language the person is answered.
    pub lang: Lang,
    /// What is said names the person.
    pub by_name: bool,
}

impl Opening {
    fn dialog(self, ctx: &Context) -> Dialog {
        // 48 bits, which any reader of JSON keeps whole.
        let hash = Sha256::digest(format!("{} {}", self.key, self.opened));
        Dialog {
            key: self.key,
            opened: self.opened,
            generation: hash.iter().take(6).fold(0, |all, byte| all << 8 | u64::from(*byte)),
            said: 0,
            heard_at: self.sent_at,
            due: ctx.now,
            lang: self.lang,
            by_name: self.by_name,
            state: State::Menu { entries: Vec::new() },
        }
    }
}

/// Opens the menu, with a word before it if there is one to say.
#[must_use]
pub fn open_menu(ctx: &Context, opening: Opening, note: &Text) -> Outcome {
    show_menu(Turn::new(ctx, &opening.dialog(ctx)), note)
}

/// Shows the menu of what this person may do here; numbers are fixed, hidden ones leave gaps.
pub(super) fn show_menu(mut turn: Turn<'_>, note: &Text) -> Outcome {
    let ctx = turn.ctx;
    let allowed: Vec<Arc<Runbook>> = ctx
        .catalog
        .iter()
        .filter(|runbook| may_start(ctx, &turn.dialog, runbook).is_allowed())
        .cloned()
        .collect();
    if allowed.is_empty() {
        turn.refused("help", "no function is open to this person");
        let why = if ctx.catalog.iter().next().is_none() {
            words::menu::nothing_loaded()
        } else {
            words::menu::nothing_allowed()
        };
        turn.say(&note.clone().line(&why));
        return turn.end();
    }
    turn.enter(State::Menu {
        entries: allowed.iter().map(|runbook| (runbook.number, runbook.name.clone())).collect(),
    });
    let lang = turn.dialog.lang;
    let title = |runbook: &Runbook| words::menu::title(&runbook.title, lang);
    let mut buttons: Vec<_> = allowed
        .iter()
        .enumerate()
        .map(|(at, runbook)| {
            let label =
                Text::join([Text::verbatim(runbook.number.to_string()), title(runbook)], " ");
            turn.button(&label, Choice::Item(at), ButtonStyle::Plain)
        })
        .collect();
    buttons.push(turn.button(&words::menu::cancel_label(), Choice::Cancel, ButtonStyle::Danger));
    let entry = |runbook: &Arc<Runbook>| words::menu::entry(runbook.number, &title(runbook));
    let entries = allowed.iter().map(entry).collect();
    let (shown, more) = words::folded(entries);
    turn.post(&note.clone().line(&words::menu::greeting()).line(&shown), &more, buttons);
    turn.wait()
}

/// Whether the dialog's person may start a function.
pub(super) fn may_start(ctx: &Context, dialog: &Dialog, runbook: &Runbook) -> Decision {
    ctx.settings
        .directory
        .person(&dialog.key.person)
        .map_or(Decision::Denied(Denial::Unknown), |person| rights::may(person, &runbook.who))
}

/// Opens a dialog for a function named in the message, with the words behind its name.
#[must_use]
pub fn open_command(
    ctx: &Context,
    world: &World,
    opening: Opening,
    runbook: &Arc<Runbook>,
    said: Said,
) -> Outcome {
    let turn = Turn::new(ctx, &opening.dialog(ctx));
    if said.is_perhaps() {
        // Whoever talks to somebody else is not told what they may not.
        return begin(turn, world, runbook, said);
    }
    choose(turn, world, runbook, said)
}

/// Goes on with another function in the place of what a dialog was about.
#[must_use]
pub fn open_instead(
    ctx: &Context,
    world: &World,
    dialog: &Dialog,
    runbook: &Arc<Runbook>,
    said: Said,
) -> Outcome {
    choose(Turn::new(ctx, dialog), world, runbook, said)
}

/// A function was chosen: rights first, then its questions.
pub(super) fn choose(turn: Turn<'_>, world: &World, runbook: &Arc<Runbook>, said: Said) -> Outcome {
    match may_start(turn.ctx, &turn.dialog, runbook) {
        Decision::Allowed { .. } => begin(turn, world, runbook, said),
        Decision::Denied(denial) => refuse(turn, runbook, &denial),
    }
}

/// Tells why the person may not. A dialog that was open before goes on: a wrong answer ends nothing.
fn refuse(mut turn: Turn<'_>, runbook: &Runbook, denial: &Denial) -> Outcome {
    turn.refused(runbook.name.as_str(), &words::approval::rule(denial));
    let no = words::menu::may_not(&runbook.title, denial);
    let next = match &turn.dialog.state {
        State::Menu { entries } if entries.is_empty() => {
            turn.say(&no);
            return turn.end();
        }
        State::Menu { .. } => words::menu::how_to_choose(),
        State::Filling(_) => words::dialog::still_open(),
    };
    turn.say(&no.line(&next));
    turn.stay()
}

/// It turned out that the person talks to the bot: from here on they are answered. `Err` is the
/// answer to somebody who may not.
pub(super) fn settle<'a>(mut turn: Turn<'a>, runbook: &Runbook) -> Result<Turn<'a>, Outcome> {
    if let Decision::Denied(denial) = may_start(turn.ctx, &turn.dialog, runbook) {
        turn.dialog.state = State::Menu { entries: Vec::new() };
        return Err(refuse(turn, runbook, &denial));
    }
    if let Some(filling) = turn.filling() {
        filling.words.settle();
    }
    Ok(turn)
}

fn begin(mut turn: Turn<'_>, world: &World, runbook: &Arc<Runbook>, said: Said) -> Outcome {
    turn.want(crate::effect::Effect::Define {
        hash: runbook.hash.clone(),
        source: runbook.source.clone(),
    });
    let (words, time) = span::taken(turn.ctx, runbook, said);
    let (words, version) = planned::taken(runbook, words);
    // Nothing but a time stands behind the name: nobody talks like this to somebody else.
    let settles = time.is_some() && words.is_perhaps() && words.is_empty();
    turn.enter(State::Filling(Filling {
        runbook: runbook.hash.clone(),
        name: runbook.name.clone(),
        answers: Answers(time.into_iter().chain(version).collect()),
        words,
        trail: Vec::new(),
        notes: Vec::new(),
        fresh: Vec::new(),
        again: false,
        step: Step::Starting,
    }));
    if settles {
        turn = match settle(turn, runbook) {
            Ok(turn) => turn,
            Err(refused) => return refused,
        };
    }
    super::advance::advance(turn, world)
}

/// An answer to the menu.
pub(super) fn in_menu(
    mut turn: Turn<'_>,
    world: &World,
    entries: &[(u32, RunbookName)],
    text: &str,
) -> Outcome {
    let shown: Vec<(u32, Arc<Runbook>)> = entries
        .iter()
        .filter_map(|(number, name)| Some((*number, turn.ctx.catalog.by_name(name)?)))
        .collect();
    let reader: Vec<Item<'_>> =
        shown.iter().map(|(number, runbook)| item(*number, runbook)).collect();
    // A whole title may begin with a word that is a command by itself.
    let titled = reader.iter().any(|item| is_exactly(text, item));
    if !titled && let Some((runbook, rest)) = crate::handle::request(turn.ctx, text) {
        return choose(turn, world, &runbook, Said::ToBot(rest));
    }
    let refusal = match input::select(text, &reader, false) {
        Selection::Chosen(found) if !found.is_empty() => {
            return choose(turn, world, &shown[found[0]].1, Said::default());
        }
        refusal => refusal,
    };
    if let Some(number) = input::number(text).and_then(|number| u32::try_from(number).ok()) {
        if entries.iter().any(|(shown, _)| *shown == number) {
            return show_menu(turn, &words::menu::gone());
        }
        // A gap: whoever may not is told why; a new function comes with a new list.
        if let Some(runbook) = turn.ctx.catalog.by_number(number) {
            return if may_start(turn.ctx, &turn.dialog, &runbook).is_allowed() {
                show_menu(turn, &Text::default())
            } else {
                choose(turn, world, &runbook, Said::default())
            };
        }
    }
    turn.not_taken(refusal.reason());
    let problem = match &refusal {
        Selection::NotInList { what } => {
            let names: Vec<&str> = turn.ctx.catalog.words().map(|(word, _)| word).collect();
            words::dialog::not_in_list(what, input::suggest(what, &names))
        }
        refusal => words::dialog::wrong_answer(refusal, &|index| shown[index].1.title.clone()),
    };
    turn.say(&problem.line(&words::menu::how_to_choose()));
    turn.wait()
}

fn item(number: u32, runbook: &Runbook) -> Item<'_> {
    let titles = [runbook.title.en.as_str(), runbook.title.ko.as_str()];
    let aliases = runbook.aliases.iter().map(String::as_str);
    Item {
        number,
        value: runbook.name.as_str(),
        names: titles.into_iter().chain(aliases).collect(),
    }
}
