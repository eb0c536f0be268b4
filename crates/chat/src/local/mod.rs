//! A chat platform of our own, kept in a journal of the store: what the web console and the
//! terminal stand on.
//!
//! It promises what a real platform promises: a message that was accepted is never lost, has an id
//! that never changes, and a time that is strictly increasing over the whole journal. It does not
//! ask people to sign in, whoever drives it speaks as anyone: it exists for the demo alone.

mod adapter;
mod message;
mod room;
mod say;
mod text;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use wilco_core::ids::AdapterName;
use wilco_core::people::Directory;
use wilco_core::port::{Store, StoreFault};
use wilco_core::time::Timestamp;

use crate::Inbox;

pub use message::{ButtonKind, Message, Placed, ShownButton, Way, Writer};
pub use room::{LocalRoom, RoomKind};
pub use say::{Pressing, Refusal, Saying};
pub use text::{BOT_HANDLE, MAX_TEXT_CHARS};

/// Tells the time. The engine has the one clock; tests hand in their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The workspace of every local room: there is only one.
pub const WORKSPACE: &str = "local";

/// How many entries one read of the journal asks for.
const PAGE: usize = 500;

/// How many of the newest messages [`LocalPlatform::catch_up`] looks at. A crash can only leave the
/// last few behind; the bound keeps the start short however long the journal is.
const CATCH_UP: usize = 1_000;

/// What a platform is made from.
pub struct Parts {
    /// Where the journal is kept.
    pub store: Arc<dyn Store>,
    /// Everyone one may speak as.
    pub people: Arc<Directory>,
    /// The rooms that everybody sees; a direct conversation with the bot exists for each person.
    pub rooms: Vec<LocalRoom>,
    /// Takes what people do.
    pub inbox: Arc<dyn Inbox>,
    /// Tells the time.
    pub clock: Clock,
}

/// The platform.
pub struct LocalPlatform {
    name: AdapterName,
    parts: Parts,
    started: Timestamp,
    /// The time of the newest message; held while one is written, so that the order of times and
    /// the order of the journal are one. `None` until it was read from the journal.
    last: Mutex<Option<Timestamp>>,
    /// Held while something is handed over, so that the inbox gets it in the order of the journal.
    handing: Mutex<()>,
    /// The newest place of the journal, for those who wait for more; `None` once closed.
    newest: watch::Sender<Option<i64>>,
}

impl LocalPlatform {
    /// A platform on the journal with the adapter's name.
    #[must_use]
    pub fn new(name: &str, parts: Parts) -> Self {
        Self {
            name: AdapterName::new(name),
            started: (parts.clock)(),
            parts,
            last: Mutex::new(None),
            handing: Mutex::new(()),
            newest: watch::Sender::new(Some(0)),
        }
    }

    /// The adapter's name, which is also the journal's.
    #[must_use]
    pub fn name(&self) -> &AdapterName {
        &self.name
    }

    /// When it was made, which tells clients that places they remember may be another journal's.
    #[must_use]
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Everyone one may speak as.
    #[must_use]
    pub fn people(&self) -> &Directory {
        &self.parts.people
    }

    /// Changes whenever something was written; `None` once the platform is closed.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<i64>> {
        self.newest.subscribe()
    }

    /// Lets everyone who waits for news go, so that a server with open streams can stop.
    pub fn close(&self) {
        self.newest.send_replace(None);
    }

    /// Messages new or changed after this place of the journal, in order.
    ///
    /// # Errors
    /// The store failed, or an entry is not a message.
    pub async fn read(&self, after: i64, limit: usize) -> Result<Vec<Placed>, StoreFault> {
        let entries = self.parts.store.journal_read(self.name.as_str(), after, limit).await?;
        entries.into_iter().map(Placed::try_from).collect()
    }

    /// One message.
    ///
    /// # Errors
    /// The store failed, or the entry is not a message.
    pub async fn message(&self, id: &str) -> Result<Option<Message>, StoreFault> {
        let entry = self.parts.store.journal_get(self.name.as_str(), id).await?;
        entry.map(|entry| Placed::try_from(entry).map(|placed| placed.message)).transpose()
    }

    /// Hands over what people wrote and what a crash kept from the inbox. To be called once at
    /// start, before anybody can write. Returns how many messages were handed over.
    ///
    /// # Errors
    /// The store failed.
    pub async fn catch_up(&self) -> Result<usize, StoreFault> {
        let mut recent = VecDeque::new();
        let mut after = 0;
        loop {
            let page = self.read(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for Placed { message, .. } in page {
                if message.by_person() {
                    recent.push_back(message);
                }
            }
            recent.drain(..recent.len().saturating_sub(CATCH_UP));
        }
        let handed = self.handed().await?;
        let mut count = 0;
        for message in recent.into_iter().filter(|message| !handed.contains(&message.id)) {
            self.hand_over(&message).await?;
            count += 1;
        }
        self.tell(after);
        Ok(count)
    }

    /// The marks, in a journal of their own: marking must not look like a change of the message.
    fn marks(&self) -> String {
        format!("{} handed", self.name)
    }

    async fn handed(&self) -> Result<HashSet<String>, StoreFault> {
        let (mut all, mut after) = (HashSet::new(), 0);
        loop {
            let page = self.parts.store.journal_read(&self.marks(), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(all) };
            after = last.seq;
            all.extend(page.into_iter().map(|entry| entry.key));
        }
    }

    fn tell(&self, seq: i64) {
        self.newest.send_if_modified(|newest| match newest {
            Some(known) if *known < seq => {
                *known = seq;
                true
            }
            _ => false,
        });
    }

    /// The next moment of the platform, later than every earlier one.
    async fn tick(&self, last: &mut Option<Timestamp>) -> Result<Timestamp, StoreFault> {
        let earlier = match *last {
            Some(earlier) => earlier,
            None => self.newest_time().await?,
        };
        let now = (self.parts.clock)().max(Timestamp(earlier.0.saturating_add(1)));
        *last = Some(now);
        Ok(now)
    }

    async fn newest_time(&self) -> Result<Timestamp, StoreFault> {
        let (mut newest, mut after) = (Timestamp(0), 0);
        loop {
            let page = self.read(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(newest) };
            after = last.seq;
            newest = page.iter().map(|placed| placed.message.at).fold(newest, Timestamp::max);
        }
    }

    /// Writes a message that is not there yet, with the platform's time. A known id gives what is
    /// already there, unchanged.
    async fn append(
        &self,
        id: &str,
        message: impl FnOnce(Timestamp) -> Message + Send,
    ) -> Result<Message, StoreFault> {
        let mut last = self.last.lock().await;
        if let Some(known) = self.message(id).await? {
            return Ok(known);
        }
        let at = self.tick(&mut last).await?;
        let message = message(at);
        let body = message.to_json()?;
        let seq = self.parts.store.journal_put(self.name.as_str(), id, &body, true).await?;
        drop(last);
        self.tell(seq);
        Ok(message)
    }
}
