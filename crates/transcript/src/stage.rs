//! The chat platform of a story: it lives outside the engine and outlives its crashes, keeps what
//! was posted in its own ledger, and can lose an answer after it acted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::json;
use wilco_core::call::Finding;
use wilco_core::ids::{AdapterName, MessageId, MessageKey, RoomId};
use wilco_core::message::{Body, Button, To};
use wilco_core::place::{Room, Thread};
use wilco_core::port::{Adapter, SendFault};
use wilco_core::time::Timestamp;

use crate::script::Place;
use crate::slack::{self, Workspace};

/// Where the stage takes its time from.
pub(crate) type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The platform.
#[derive(Clone)]
pub(crate) struct Stage {
    name: AdapterName,
    now: Now,
    inner: Arc<Mutex<Inner>>,
    /// The workspace in which the story plays, instead of here.
    slack: Option<Arc<Workspace>>,
}

#[derive(Default)]
struct Inner {
    last_at: i64,
    /// Thread roots per room, in the order in which they were opened.
    threads: BTreeMap<String, Vec<MessageId>>,
    /// When people wrote and pressed, in order.
    acts: Vec<Timestamp>,
    posted: Vec<Posted>,
}

/// One bot message on the platform.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    /// The bot's own name of it.
    pub(crate) key: MessageKey,
    /// The platform's name of it.
    pub(crate) message: MessageId,
    /// Where it stands.
    pub(crate) to: To,
    /// What it says now.
    pub(crate) body: Body,
    /// Every button it ever had, in the order in which they came: old ones can still be pressed.
    pub(crate) buttons_ever: Vec<Button>,
    /// Counts its changes, from 1.
    pub(crate) revision: u64,
}

impl Stage {
    pub(crate) fn new(now: Now) -> Self {
        Self { name: AdapterName::new("stage"), now, inner: Arc::default(), slack: None }
    }

    /// The same names of places, for a story that plays in Slack.
    pub(crate) fn in_slack(now: Now, workspace: Arc<Workspace>) -> Self {
        Self { slack: Some(workspace), ..Self::new(now) }
    }

    /// Where the story plays, if not here.
    pub(crate) fn slack(&self) -> Option<&Arc<Workspace>> {
        self.slack.as_ref()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A room of the stage.
    pub(crate) fn room(&self, room: &str) -> Room {
        match self.slack {
            Some(_) => slack::room(room),
            None => Room {
                adapter: self.name.clone(),
                workspace: "story".into(),
                room: RoomId::new(room),
            },
        }
    }

    /// A message of a person: its id and its time. A top-level one opens a thread.
    pub(crate) fn person_says(&self, place: &Place) -> (MessageId, Timestamp) {
        let at = self.person_acts();
        let message = MessageId::new(at.0.to_string());
        self.note_message(place, &message);
        (message, at)
    }

    /// A person's message stands there.
    pub(crate) fn note_message(&self, place: &Place, message: &MessageId) {
        if place.thread.is_none() {
            self.lock().threads.entry(place.room.clone()).or_default().push(message.clone());
        }
    }

    /// A person did something.
    pub(crate) fn note_act(&self, at: Timestamp) {
        self.lock().acts.push(at);
    }

    /// A person does something.
    pub(crate) fn person_acts(&self) -> Timestamp {
        let at = self.tick();
        self.note_act(at);
        at
    }

    /// When people wrote and pressed, in order.
    pub(crate) fn acts(&self) -> Vec<Timestamp> {
        self.lock().acts.clone()
    }

    /// The platform's clock: strictly increasing.
    fn tick(&self) -> Timestamp {
        let now = (self.now)().0;
        let mut inner = self.lock();
        inner.last_at = now.max(inner.last_at + 1);
        Timestamp(inner.last_at)
    }

    /// The first message of a thread.
    pub(crate) fn root(&self, place: &Place) -> Option<MessageId> {
        let number = place.thread?.checked_sub(1)?;
        self.lock().threads.get(&place.room)?.get(number).cloned()
    }

    /// The first messages of all threads, in the order of rooms and then of opening.
    pub(crate) fn roots(&self) -> Vec<String> {
        self.lock().threads.values().flatten().map(ToString::to_string).collect()
    }

    /// The name of a thread in stories: `#deploy/1`.
    pub(crate) fn place(&self, to: &To) -> Place {
        let room = match to {
            To::Room(room) | To::Thread(Thread { room, .. }) => room.room.to_string(),
            To::Direct(direct) => format!("@{}", direct.user),
        };
        let thread = match to {
            To::Room(_) | To::Direct(_) => None,
            To::Thread(Thread { root, .. }) => self
                .lock()
                .threads
                .get(&room)
                .and_then(|roots| roots.iter().position(|known| known == root))
                .map(|at| at + 1),
        };
        Place { room, thread }
    }

    /// Everything the bot has posted, in order.
    pub(crate) fn posted(&self) -> Vec<Posted> {
        match &self.slack {
            Some(workspace) => workspace.posted(),
            None => self.lock().posted.clone(),
        }
    }
}

#[async_trait]
impl Adapter for Stage {
    fn name(&self) -> &AdapterName {
        &self.name
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        // Not idempotent on purpose, as Slack is not: a second post is a second message.
        let at = self.tick();
        let message = MessageId::new(at.0.to_string());
        self.lock().posted.push(Posted {
            key: key.clone(),
            message: message.clone(),
            to: to.clone(),
            body: body.clone(),
            buttons_ever: body.buttons.clone(),
            revision: 1,
        });
        Ok((message, at))
    }

    async fn update(&self, message: &MessageId, _to: &To, body: &Body) -> Result<(), SendFault> {
        let mut inner = self.lock();
        let Some(posted) = inner.posted.iter_mut().find(|posted| posted.message == *message) else {
            return Err(SendFault::Never { why: "message_not_found".into() });
        };
        if posted.body != *body {
            posted.body = body.clone();
            for button in &body.buttons {
                if !posted.buttons_ever.contains(button) {
                    posted.buttons_ever.push(button.clone());
                }
            }
            posted.revision += 1;
        }
        Ok(())
    }

    async fn find(&self, key: &MessageKey, _to: &To, _since: Timestamp) -> Finding {
        self.lock().posted.iter().find(|posted| posted.key == *key).map_or(
            Finding::NotFound,
            |posted| Finding::Found(json!({ "message": posted.message, "at": posted.message.as_str().parse::<i64>().unwrap_or_default() })),
        )
    }
}
