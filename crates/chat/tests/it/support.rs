//! A store that knows journals only, an inbox that remembers, a clock set by hand, and a small
//! company.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;
use wilco_chat::Inbox;
use wilco_chat::local::{Clock, LocalRoom, Parts};
use wilco_core::entity::{DialogKey, EntityKey, EntityKind};
use wilco_core::event::Event;
use wilco_core::ids::{
    AdapterName, CallId, DefinitionHash, MessageId, MessageKey, PersonId, RoomId, TeamName,
};
use wilco_core::lang::Text;
use wilco_core::message::{Body, Button, ButtonStyle, To};
use wilco_core::people::{Directory, Person};
use wilco_core::place::{Room, Thread};
use wilco_core::port::{
    CallRow, Claimed, CommitFault, EntityRow, InboxRow, JournalEntry, NewEvent, OutboxRow, Prune,
    Pruned, SendOutcome, SettleCall, Store, StoreFault, StoredAudit, TimerRow, Unit, Work,
};
use wilco_core::time::Timestamp;
use wilco_core::token::{Choice, Token, Wish};

/// One journal: place and body by key.
type Journal = BTreeMap<String, (i64, String)>;

/// The store's journal verbs, in memory. The other verbs are not the adapters' business.
#[derive(Default)]
pub(crate) struct Journals {
    all: Mutex<BTreeMap<String, Journal>>,
    last: AtomicI64,
    pub(crate) broken: AtomicBool,
}

impl Journals {
    fn check(&self) -> Result<(), StoreFault> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(StoreFault("the disk is full".into()));
        }
        Ok(())
    }
}

/// What the inbox got, in order.
#[derive(Default)]
pub(crate) struct Remembered {
    pub(crate) got: Mutex<Vec<(String, Event)>>,
    pub(crate) broken: AtomicBool,
    /// How many were refused.
    refused: AtomicUsize,
    changed: Notify,
}

impl Remembered {
    pub(crate) fn keys(&self) -> Vec<String> {
        self.got.lock().unwrap().iter().map(|(key, _)| key.clone()).collect()
    }

    /// Returns when it got so many.
    pub(crate) async fn received(&self, count: usize) {
        self.until(|| self.got.lock().unwrap().len() >= count).await;
    }

    /// Returns when it refused so many.
    pub(crate) async fn refused(&self, count: usize) {
        self.until(|| self.refused.load(Ordering::SeqCst) >= count).await;
    }

    async fn until(&self, holds: impl Fn() -> bool) {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if holds() {
                return;
            }
            changed.await;
        }
    }

    pub(crate) fn last(&self) -> Event {
        self.got.lock().unwrap().last().expect("nothing was handed over").1.clone()
    }
}

#[async_trait]
impl Inbox for Remembered {
    async fn receive(&self, event: Event, key: String) -> Result<(), StoreFault> {
        let broken = self.broken.load(Ordering::SeqCst);
        if broken {
            self.refused.fetch_add(1, Ordering::SeqCst);
        } else {
            self.got.lock().unwrap().push((key, event));
        }
        self.changed.notify_waiters();
        if broken { Err(StoreFault("the disk is full".into())) } else { Ok(()) }
    }

    async fn receive_many(&self, events: Vec<(Event, String)>) -> Result<(), StoreFault> {
        for (event, key) in events {
            self.receive(event, key).await?;
        }
        Ok(())
    }
}

/// Everything around an adapter.
pub(crate) struct World {
    pub(crate) store: Arc<Journals>,
    pub(crate) inbox: Arc<Remembered>,
    pub(crate) now: Arc<AtomicI64>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            store: Arc::default(),
            inbox: Arc::default(),
            now: Arc::new(AtomicI64::new(1_000_000)),
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        let now = Arc::clone(&self.now);
        Arc::new(move || Timestamp(now.load(Ordering::SeqCst)))
    }

    pub(crate) fn parts(&self) -> Parts {
        Parts {
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            people: people(),
            rooms: rooms(),
            inbox: Arc::clone(&self.inbox) as Arc<dyn Inbox>,
            clock: self.clock(),
        }
    }
}

/// mina of devops, jun of the release managers.
pub(crate) fn people() -> Arc<Directory> {
    let person = |id: &str, name: &str, team: &str| {
        let teams = BTreeSet::from([TeamName::new(team)]);
        (Person { id: PersonId::new(id), name: name.into(), teams, language: None }, vec![])
    };
    let people = [person("jun", "Jun", "release-managers"), person("mina", "Mina", "devops")];
    Arc::new(Directory::new(people, []))
}

pub(crate) fn rooms() -> Vec<LocalRoom> {
    vec![
        LocalRoom::channel("#deploy", Text::new("Deployments", "배포")),
        LocalRoom::channel("wallet", Text::default()),
    ]
}

pub(crate) fn room(adapter: &str, room: &str) -> Room {
    Room { adapter: AdapterName::new(adapter), workspace: "local".into(), room: RoomId::new(room) }
}

pub(crate) fn under(adapter: &str, at: &str, root: &str) -> To {
    To::Thread(Thread { room: room(adapter, at), root: MessageId::new(root) })
}

pub(crate) fn key(key: &str) -> MessageKey {
    MessageKey::new(key)
}

pub(crate) fn text(text: &str) -> Body {
    Body { text: text.into(), ..Body::default() }
}

/// A body with one button per label, each with a token of its own.
pub(crate) fn with_buttons(text: &str, labels: &[&str]) -> Body {
    let buttons = labels.iter().map(|label| Button {
        label: (*label).into(),
        token: Token::OfRun { run: wilco_core::ids::RunId::new(label), wish: Wish::Cancel },
        style: ButtonStyle::Plain,
    });
    Body { text: text.into(), buttons: buttons.collect(), ..Body::default() }
}

/// A question with as many choices, of which several may be chosen.
pub(crate) fn with_list(choices: usize) -> Body {
    let thread = Thread { room: room("console", "#deploy"), root: MessageId::new("m1") };
    let dialog = DialogKey { thread, person: PersonId::new("mina") };
    let answers = (0..choices).map(Choice::Item).chain([Choice::All, Choice::Cancel]);
    let buttons = answers.map(|choice| Button {
        label: format!("{choice:?}"),
        token: Token::Answer { dialog: dialog.clone(), question: 1, choice },
        style: ButtonStyle::Plain,
    });
    Body { text: "Which?".into(), buttons: buttons.collect(), ..Body::default() }
}

#[async_trait]
impl Store for Journals {
    async fn journal_put(
        &self,
        journal: &str,
        key: &str,
        body: &str,
        only_new: bool,
    ) -> Result<i64, StoreFault> {
        self.check()?;
        let mut journals = self.all.lock().unwrap();
        let journal = journals.entry(journal.into()).or_default();
        if let Some((seq, _)) = journal.get(key).filter(|_| only_new) {
            return Ok(*seq);
        }
        let seq = self.last.fetch_add(1, Ordering::SeqCst) + 1;
        journal.insert(key.into(), (seq, body.into()));
        Ok(seq)
    }

    async fn journal_read(
        &self,
        journal: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreFault> {
        self.check()?;
        let journals = self.all.lock().unwrap();
        let Some(journal) = journals.get(journal) else { return Ok(vec![]) };
        let mut entries: Vec<_> = journal
            .iter()
            .filter(|(_, (seq, _))| *seq > after)
            .map(|(key, (seq, body))| JournalEntry {
                seq: *seq,
                key: key.clone(),
                body: body.clone(),
            })
            .collect();
        entries.sort_by_key(|entry| entry.seq);
        entries.truncate(limit);
        Ok(entries)
    }

    async fn journal_get(
        &self,
        journal: &str,
        key: &str,
    ) -> Result<Option<JournalEntry>, StoreFault> {
        self.check()?;
        let journals = self.all.lock().unwrap();
        Ok(journals
            .get(journal)
            .and_then(|journal| journal.get(key))
            .map(|(seq, body)| JournalEntry { seq: *seq, key: key.into(), body: body.clone() }))
    }

    async fn receive(&self, _: Vec<NewEvent>, _: Timestamp) -> Result<usize, StoreFault> {
        unreachable!()
    }
    async fn knows_thread(&self, _: &Thread) -> Result<bool, StoreFault> {
        unreachable!()
    }
    async fn pending(&self, _: usize, _: &[String]) -> Result<Vec<InboxRow>, StoreFault> {
        unreachable!()
    }
    async fn load(&self, _: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, StoreFault> {
        unreachable!()
    }
    async fn load_thread(&self, _: &Thread) -> Result<Vec<EntityRow>, StoreFault> {
        unreachable!()
    }
    async fn load_live(&self, _: EntityKind) -> Result<Vec<EntityRow>, StoreFault> {
        unreachable!()
    }
    async fn load_over(&self, _: EntityKind, _: usize) -> Result<Vec<EntityRow>, StoreFault> {
        unreachable!()
    }
    async fn commit(&self, _: Unit) -> Result<Claimed, CommitFault> {
        unreachable!()
    }
    async fn next_run_number(&self) -> Result<u64, StoreFault> {
        unreachable!()
    }
    async fn claim_sends(
        &self,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        unreachable!()
    }
    async fn settle_send(
        &self,
        _: &MessageKey,
        _: i64,
        _: i64,
        _: SendOutcome,
        _: Timestamp,
    ) -> Result<bool, StoreFault> {
        unreachable!()
    }
    async fn claim_calls(
        &self,
        _: Timestamp,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<CallRow>, StoreFault> {
        unreachable!()
    }
    async fn settle_call(
        &self,
        _: &CallId,
        _: i64,
        _: SettleCall,
        _: Timestamp,
    ) -> Result<bool, StoreFault> {
        unreachable!()
    }
    async fn fire_timers(&self, _: Timestamp, _: usize) -> Result<usize, StoreFault> {
        unreachable!()
    }
    async fn timers(&self, _: usize) -> Result<Vec<TimerRow>, StoreFault> {
        unreachable!()
    }
    async fn work(&self, _: Timestamp) -> Result<Work, StoreFault> {
        unreachable!()
    }
    async fn definition(&self, _: &DefinitionHash) -> Result<Option<String>, StoreFault> {
        unreachable!()
    }
    async fn audits(&self, _: i64, _: usize) -> Result<Vec<StoredAudit>, StoreFault> {
        unreachable!()
    }
    async fn changed(&self) {
        unreachable!()
    }
    async fn clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        unreachable!()
    }
    async fn ping(&self) -> Result<(), StoreFault> {
        unreachable!()
    }
    async fn prune(&self, _: Prune) -> Result<Option<Pruned>, StoreFault> {
        unreachable!()
    }
}
