//! An event that can never be handled is set aside: whoever waits for it is told, and what cannot go
//! on without it ends.

use crate::context::{Context, Settings};
use crate::dialog;
use crate::effect::Effect;
use crate::entity::{DialogKey, EntityKey};
use crate::event::{Event, Press};
use crate::ids::{MessageKey, PersonId, RunId};
use crate::lang::Text;
use crate::message::{Body, Say, To};
use crate::place::Thread;
use crate::run;
use crate::timer::TimerName;
use crate::token::Token;
use crate::words::fault;
use crate::world::{Outcome, World};

/// Who is left behind by an event that is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// A run waits for it, and would for ever.
    Run(RunId),
    /// A dialog waits for it.
    Dialog(DialogKey),
    /// A person said or pressed something, perhaps in a dialog.
    Person(Thread, Option<DialogKey>),
    /// A person wanted this run to stop.
    Stop(RunId),
    /// Nobody: what was told changes nothing by itself.
    Nobody,
}

impl Left {
    /// By an event that could be read.
    #[must_use]
    pub fn by(settings: &Settings, event: &Event) -> Self {
        match event {
            Event::Message(message) => {
                let thread = message.thread();
                let person = super::person(settings, &message.room, &message.author);
                let dialog = person.map(|person| Event::dialog_of(&thread, &person));
                Self::Person(thread, dialog)
            }
            Event::Press(Press { thread, token: Token::Answer { dialog, .. }, author, .. }) => {
                let own = super::person(settings, &thread.room, author)
                    .is_some_and(|person| person == dialog.person);
                Self::Person(thread.clone(), own.then(|| dialog.clone()))
            }
            Event::Press(press) => Self::Person(press.thread.clone(), None),
            Event::Answered { owner, .. }
            | Event::Settled { owner, .. }
            | Event::TimerFired { owner, .. } => match owner {
                EntityKey::Run(run) => Self::Run(run.clone()),
                EntityKey::Dialog(dialog) => Self::Dialog(dialog.clone()),
                EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Self::Nobody,
            },
            Event::LockGranted { run } => Self::Run(run.clone()),
            Event::CancelRun { run, .. } => Self::Stop(run.clone()),
            Event::Subscribe { .. } => Self::Nobody,
            // A run does nothing with these that it could not do without them.
            Event::Posted { owner, .. }
            | Event::Hindered { owner, .. }
            | Event::Hinted { owner, .. }
            | Event::CatalogChanged { owner } => match owner {
                EntityKey::Dialog(dialog) => Self::Dialog(dialog.clone()),
                EntityKey::Run(_) | EntityKey::Lock(_) | EntityKey::Withdrawal(_) => Self::Nobody,
            },
        }
    }

    /// By an event that could not be read: only its lane tells. See [`Event::lane`].
    #[must_use]
    pub fn in_lane(lane: &str) -> Self {
        let Some((kind, rest)) = lane.split_once(' ') else { return Self::Nobody };
        let thread_and_one = || {
            let (thread, one) = rest.rsplit_once(' ')?;
            Some((thread.parse::<Thread>().ok()?, one))
        };
        match kind {
            "run" => Self::Run(RunId::new(rest)),
            "dialog" => thread_and_one().map_or(Self::Nobody, |(thread, person)| {
                Self::Dialog(DialogKey { thread, person: PersonId::new(person) })
            }),
            // Whoever is not a person has no name behind the thread.
            "said" => thread_and_one()
                .map(|(thread, _)| thread)
                .or_else(|| rest.parse().ok())
                .map_or(Self::Nobody, |thread| Self::Person(thread, None)),
            _ => Self::Nobody,
        }
    }

    /// What must be loaded, as far as it can be read, before [`set_aside`]; the locks of a run's
    /// targets come on top.
    #[must_use]
    pub fn needs(&self) -> Option<EntityKey> {
        match self {
            Self::Run(run) | Self::Stop(run) => Some(EntityKey::Run(run.clone())),
            Self::Dialog(dialog) | Self::Person(_, Some(dialog)) => {
                Some(EntityKey::Dialog(dialog.clone()))
            }
            Self::Person(_, None) | Self::Nobody => None,
        }
    }

    fn thread(&self) -> Option<&Thread> {
        match self {
            Self::Person(thread, _) => Some(thread),
            Self::Dialog(dialog) => Some(&dialog.thread),
            Self::Run(_) | Self::Stop(_) | Self::Nobody => None,
        }
    }
}

/// Something whose stored form cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What.
    pub key: EntityKey,
    /// Where it lives, as far as the store knows.
    pub thread: Option<Thread>,
}

/// How much is tried. What failed once may fail again while it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Everything: state, cards, notices.
    Whole,
    /// State and one sentence.
    Plain,
    /// One sentence, where the thread is known.
    Told,
}

/// One event that is set aside.
#[derive(Debug)]
pub struct Aside<'a> {
    /// The number under which log and audit have it.
    pub number: i64,
    /// Who is left behind.
    pub left: &'a Left,
    /// What could not be read, when that is the reason.
    pub unread: &'a [Unread],
}

/// What becomes of those who are left behind.
#[must_use]
pub fn set_aside(ctx: &Context, world: &World, aside: &Aside<'_>, extent: Extent) -> Outcome {
    let Aside { number, left, unread } = aside;
    let plainly = extent != Extent::Whole;
    if let (Left::Run(id), true) = (left, extent != Extent::Told)
        && let Some(run) = world.runs.get(id)
    {
        return run::lose(ctx, world, run, *number, plainly);
    }
    let dialog = match left {
        Left::Dialog(dialog) | Left::Person(_, Some(dialog)) => Some(dialog),
        _ => None,
    };
    if let (Some(key), true) = (dialog, extent != Extent::Told) {
        match world.dialogs.get(key) {
            Some(dialog) if unread.is_empty() && !plainly => {
                return dialog::lose(ctx, dialog, *number);
            }
            Some(_) if unread.is_empty() => return forget(ctx, aside, key),
            Some(_) => {}
            // It has no form that could be read, and nothing to lose but the conversation.
            None if unread.iter().any(|unread| unread.key == EntityKey::Dialog(key.clone())) => {
                return forget(ctx, aside, key);
            }
            None if matches!(left, Left::Dialog(_)) => return Outcome::new(),
            None => {}
        }
    }
    let run_thread = |id: &RunId| world.runs.get(id).map(|run| run.thread.clone());
    let thread = left.thread().cloned().or_else(|| match left {
        Left::Run(run) | Left::Stop(run) => run_thread(run),
        _ => None,
    });
    let said = match (unread.first(), left) {
        (Some(unread), _) => fault::unreadable(&unread.key.id(), *number),
        (None, Left::Stop(run)) => fault::not_stopped(run, *number),
        (None, Left::Person(..)) => fault::not_done(*number),
        (None, Left::Dialog(_)) => fault::dialog_over(*number),
        (None, Left::Run(run)) => fault::run_stuck(run, *number),
        (None, Left::Nobody) => return Outcome::new(),
    };
    thread
        .or_else(|| unread.iter().find_map(|unread| unread.thread.clone()))
        .map(|thread| say(ctx, *number, thread, None, &said))
        .into_iter()
        .collect()
}

/// Ends a dialog without looking at it.
fn forget(ctx: &Context, aside: &Aside<'_>, key: &DialogKey) -> Outcome {
    let owner = EntityKey::Dialog(key.clone());
    let said = fault::dialog_over(aside.number);
    vec![
        say(ctx, aside.number, key.thread.clone(), Some(key.person.clone()), &said),
        Effect::StopTimer(owner.clone(), TimerName::Patience),
        Effect::StopTimer(owner.clone(), TimerName::Slow),
        Effect::Remove(owner),
    ]
}

fn say(
    ctx: &Context,
    number: i64,
    thread: Thread,
    mention: Option<PersonId>,
    text: &Text,
) -> Effect {
    let text = text.to(ctx.settings.room_language(&thread.room));
    Effect::Say(Say {
        key: MessageKey::new(format!("fault.{number}")),
        to: To::Thread(thread),
        body: Body { text, mention, ..Body::default() },
        receipt: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_tells_who_waits() {
        let thread: Thread = "console local deploy 9".parse().unwrap();
        let mina = DialogKey { thread: thread.clone(), person: PersonId::new("mina") };
        for (lane, left) in [
            (EntityKey::Run(RunId::new("r7")).to_string(), Left::Run(RunId::new("r7"))),
            (EntityKey::Dialog(mina.clone()).to_string(), Left::Dialog(mina)),
            (format!("said {thread} U1"), Left::Person(thread.clone(), None)),
            (format!("said {thread}"), Left::Person(thread, None)),
            ("lock main/argocd/x".to_owned(), Left::Nobody),
            ("odd".to_owned(), Left::Nobody),
        ] {
            assert_eq!(Left::in_lane(&lane), left, "{lane}");
        }
    }
}
