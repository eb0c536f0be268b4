//! Arbitrary sequences of events, and the rules that hold in all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;

use super::Chat;
use crate::answer::{Answer, Trouble, TroubleKind};
use crate::dialog::{State, Step};
use crate::effect::Effect;
use crate::entity::{DialogKey, Entity, EntityKey};
use crate::event::Event;
use crate::ids::MessageKey;
use crate::input::{Consent, Keyword, Layout, keyword};
use crate::message::Button;
use crate::plan::Obstacle;
use crate::time::Timestamp;
use crate::timer::Timer;
use crate::token::{Choice, Token};
use crate::world::Outcome;

/// Something that may happen. Numbers pick among what there is, modulo how many.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Say(usize, String),
    /// Somebody presses any button that ever stood there.
    Press(usize, usize),
    Answer(usize, Reply),
    Post(usize),
    Fire(usize, bool),
    Lists(usize),
    /// Somebody comes as far as a read-back, if the lists allow it; it does not stand there yet.
    Ready(usize),
}

#[derive(Debug, Clone)]
pub(super) enum Reply {
    Right,
    Trouble,
    Nonsense,
    Blocked,
}

pub(super) fn acts(people: usize) -> impl Strategy<Value = Vec<Act>> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            "help", "헬프", "2", "1", "1,2", "all", "전체", "yes", "예", "ok", "back", "뒤로", "cancel",
            "more", "deploy wallet-api", "배포 wallet", "deploy", "status", "10", "20", "메모", "no",
            "again", "approve", "gpfvm", "ㅛㄷㄴ", "wallet", "３", "①", "", "resolve r1 failed", "r1",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[0-9,-]{0,6}",
        1 => "[가-힣ㄱ-ㅎa-z ]{0,9}",
    ];
    let reply = prop_oneof![
        6 => Just(Reply::Right), 1 => Just(Reply::Trouble),
        1 => Just(Reply::Nonsense), 1 => Just(Reply::Blocked),
    ];
    let act = prop_oneof![
        10 => (0..people, word).prop_map(|(who, text)| Act::Say(who, text)),
        3 => (0..people, any::<usize>()).prop_map(|(who, which)| Act::Press(who, which)),
        8 => (any::<usize>(), reply).prop_map(|(which, reply)| Act::Answer(which, reply)),
        4 => any::<usize>().prop_map(Act::Post),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, late)| Act::Fire(which, late)),
        1 => (0..4usize).prop_map(Act::Lists),
        3 => (0..people).prop_map(Act::Ready),
    ];
    prop::collection::vec(act, 1..60)
}

/// A model run with everything that ever was, so that old things can come again.
pub(super) struct Run {
    pub(super) chat: Chat,
    people: Vec<String>,
    buttons: Vec<Button>,
    timers: Vec<Timer>,
    posted: BTreeMap<MessageKey, Timestamp>,
    used: BTreeSet<MessageKey>,
    all: Vec<crate::answer::Offer>,
    /// Whose timers and receipts the test handles by itself.
    pub(super) spared: Option<EntityKey>,
}

impl Run {
    pub(super) fn new(people: usize) -> Self {
        let mut chat = Chat::new();
        chat.prompt = false;
        let all = chat.apps.clone();
        Self {
            chat,
            people: (0..people).map(|n| format!("p{n}")).collect(),
            buttons: Vec::new(),
            timers: Vec::new(),
            posted: BTreeMap::new(),
            used: BTreeSet::new(),
            all,
            spared: None,
        }
    }

    /// Lets it happen and checks every rule.
    pub(super) fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        match act {
            Act::Say(who, text) => {
                let person = self.people[*who].clone();
                let message = self.chat.incoming(&person, text);
                let sent_at = message.sent_at;
                self.input(&person, Event::Message(message), Some(text), None, sent_at)
            }
            Act::Press(who, which) => {
                if self.buttons.is_empty() {
                    return Ok(());
                }
                let button = self.buttons[which % self.buttons.len()].clone();
                let person = self.people[*who].clone();
                self.chat.ctx.now = self.chat.ctx.now + Duration::from_millis(10);
                let now = self.chat.ctx.now;
                let event = Event::Press(crate::event::Press {
                    thread: Chat::thread(),
                    author: crate::people::Author::User(crate::ids::UserId::new(&person)),
                    token: button.token.clone(),
                    sent_at: now,
                });
                self.input(&person, event, None, Some(&button.token), now)
            }
            Act::Answer(which, reply) => {
                if self.chat.asked.is_empty() {
                    return Ok(());
                }
                let which = which % self.chat.asked.len();
                let query = self.chat.asked.remove(which);
                self.chat.obstacle =
                    matches!(reply, Reply::Blocked).then_some(Obstacle::WindowClosed);
                let mut event = self.chat.answer(&query);
                let trouble = Trouble {
                    tool: "argocd".into(),
                    kind: TroubleKind::Garbled,
                    detail: "<html>".into(),
                };
                if let Event::Answered { outcome, .. } = &mut event {
                    match reply {
                        Reply::Trouble => *outcome = Err(trouble),
                        Reply::Nonsense => *outcome = Ok(Answer::Versions(Vec::new().into())),
                        Reply::Right | Reply::Blocked => {}
                    }
                }
                let owner = match &query.owner {
                    EntityKey::Dialog(key) => key.clone(),
                    other => panic!("{other}"),
                };
                let before = self.chat.world.dialogs.get(&owner).cloned();
                let outcome = self.handle(&event);
                self.no_run(&outcome)?;
                let heard = before.is_some_and(|dialog| !dialog.only_listens());
                let gone = heard && !self.chat.world.dialogs.contains_key(&owner);
                prop_assert!(!gone || speaks(&outcome), "lost without a word");
                Ok(())
            }
            Act::Post(which) => {
                if self.chat.unposted.is_empty() {
                    return Ok(());
                }
                let say = self.chat.unposted.remove(which % self.chat.unposted.len());
                let event = self.chat.posted(&say);
                self.posted.insert(say.key.clone(), self.chat.ctx.now);
                let outcome = self.handle(&event);
                // A yes that was sent before now is never after it.
                self.no_run(&outcome)
            }
            Act::Fire(which, late) => {
                if self.timers.is_empty() {
                    return Ok(());
                }
                let timer = self.timers[which % self.timers.len()].clone();
                if *late {
                    self.chat.ctx.now = self.chat.ctx.now.max(timer.due);
                }
                let before = self.chat.world.dialogs.len();
                let Timer { owner, name, generation, .. } = timer;
                let outcome = self.handle(&Event::TimerFired { owner, name, generation });
                self.no_run(&outcome)?;
                let ended = self.chat.world.dialogs.len() < before;
                prop_assert!(!ended || speaks(&outcome), "timed out without a word");
                Ok(())
            }
            Act::Ready(who) => {
                self.act(&Act::Say(*who, "deploy wallet-api".into()))?;
                while !self.chat.asked.is_empty() {
                    self.act(&Act::Answer(0, Reply::Right))?;
                }
                Ok(())
            }
            Act::Lists(kept) => {
                self.chat.apps = self.all.iter().take(*kept).cloned().collect();
                Ok(())
            }
        }
    }

    /// Something that a person did, with what it may and must lead to.
    fn input(
        &mut self,
        person: &str,
        event: Event,
        text: Option<&str>,
        token: Option<&Token>,
        sent_at: Timestamp,
    ) -> Result<(), TestCaseError> {
        let key = Chat::key(person);
        let before = self.chat.world.dialogs.clone();
        let outcome = self.handle(&event);
        let after = &self.chat.world.dialogs;
        for (other, dialog) in &before {
            if *other != key {
                prop_assert_eq!(after.get(other), Some(dialog), "somebody else's dialog changed");
            }
        }
        // Before it is known that somebody talks to the bot, there is nothing to lose.
        let mine = before.get(&key).filter(|dialog| !dialog.only_listens());
        if mine.is_some() && !after.contains_key(&key) {
            prop_assert!(speaks(&outcome), "lost without a word: {text:?} {token:?}");
        }
        let addressed = mine.is_some() || token.is_some();
        if addressed && !changes(&outcome, mine) {
            prop_assert!(speaks(&outcome), "silent: {text:?} {token:?} {mine:?}");
        }
        let runs = runs(&outcome);
        prop_assert!(runs.len() <= 1);
        if let [requester] = runs.as_slice() {
            prop_assert_eq!(requester, person);
            let dialog = mine.expect("a run without a dialog");
            let State::Filling(filling) = &dialog.state else { panic!("a run from the menu") };
            let Step::ReadBack { message, plan, .. } = &filling.step else {
                panic!("a run without a read-back")
            };
            let posted = self.posted.get(message).expect("a run before the read-back stood there");
            prop_assert!(sent_at > *posted);
            prop_assert!(self.used.insert(message.clone()), "two runs from one read-back");
            match (text.and_then(keyword), token) {
                (Some(found), None) => {
                    prop_assert_eq!(found.layout, Layout::AsTyped);
                    let plain = found.word == Keyword::Yes(Consent::Explicit);
                    let casual = found.word == Keyword::Yes(Consent::Casual);
                    prop_assert!(plain || (casual && !plan.touches_production()));
                }
                (None, Some(Token::Answer { dialog: owner, question, choice })) => {
                    prop_assert_eq!(owner, &key);
                    prop_assert_eq!(*question, dialog.generation);
                    prop_assert_eq!(choice, &Choice::Yes);
                }
                other => prop_assert!(false, "a run from {other:?}"),
            }
        }
        Ok(())
    }

    fn no_run(&self, outcome: &Outcome) -> Result<(), TestCaseError> {
        prop_assert_eq!(runs(outcome).len(), 0, "a run that nobody started");
        Ok(())
    }

    pub(super) fn handle(&mut self, event: &Event) -> Outcome {
        // The dialogs are judged here; runs have their own properties.
        let outcome = self.chat.handle(event);
        self.chat.world.locks.clear();
        let spared = self.spared.clone();
        self.chat.unposted.retain(|say| say.receipt != spared);
        for effect in &outcome {
            match effect {
                Effect::Say(say) => self.buttons.extend(say.body.buttons.iter().cloned()),
                Effect::SetTimer(timer)
                    if matches!(timer.owner, EntityKey::Dialog(_))
                        && Some(&timer.owner) != spared.as_ref() =>
                {
                    self.timers.push(timer.clone());
                }
                _ => {}
            }
        }
        outcome
    }
}

fn speaks(outcome: &Outcome) -> bool {
    outcome.iter().any(|effect| matches!(effect, Effect::Say(_)))
}

fn changes(outcome: &Outcome, mine: Option<&crate::dialog::Dialog>) -> bool {
    outcome.iter().any(|effect| match effect {
        Effect::Put(Entity::Dialog(dialog)) => Some(dialog) != mine,
        Effect::Put(_) | Effect::Remove(_) | Effect::Ask(_) => true,
        _ => false,
    })
}

/// Who asked for the runs that an outcome begins.
fn runs(outcome: &Outcome) -> Vec<String> {
    let begun = outcome.iter().filter_map(|effect| match effect {
        Effect::Record(record) => match &record.what {
            crate::audit::Fact::RunCreated { .. } => record.who.as_ref().map(ToString::to_string),
            _ => None,
        },
        _ => None,
    });
    begun.collect()
}

/// The effects on one dialog.
pub(super) fn own(outcome: &Outcome, key: &DialogKey) -> Vec<String> {
    let owner = EntityKey::Dialog(key.clone());
    let about = |effect: &&Effect| match effect {
        Effect::Put(entity) => entity.key() == owner,
        Effect::Remove(entity) | Effect::StopTimer(entity, _) => *entity == owner,
        Effect::SetTimer(timer) => timer.owner == owner,
        Effect::Ask(query) => query.owner == owner,
        Effect::Say(_) => true,
        _ => false,
    };
    outcome.iter().filter(about).map(|effect| format!("{effect:?}")).collect()
}
