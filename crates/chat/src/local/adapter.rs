//! What the bot says, written into the journal.

use serde_json::json;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::Finding;
use wilco_core::ids::{MessageId, MessageKey};
use wilco_core::message::{Body, To};
use wilco_core::place::Thread;
use wilco_core::port::{SendFault, StoreFault};
use wilco_core::time::Timestamp;

use super::{LocalPlatform, LocalRoom, Message, Refusal, Writer};

/// How long to wait after the store failed.
const RETRY_MS: u64 = 1_000;

impl LocalPlatform {
    /// The id of the room in which this stands, if there is one.
    fn stands_in(&self, to: &To) -> Option<String> {
        if *to.adapter() != self.name {
            return None;
        }
        match to {
            To::Thread(Thread { room, .. }) | To::Room(room) => {
                self.room(room.room.as_str()).map(|_| room.room.to_string())
            }
            To::Direct(direct) => {
                let person = self.parts.people.of_account(&direct.adapter, &direct.user)?;
                Some(LocalRoom::direct(&person.id).id)
            }
        }
    }

    /// See `Adapter::post`. Posting a key again changes nothing and gives the same id and time.
    ///
    /// # Errors
    /// See [`SendFault`].
    pub async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        let Some(room) = self.stands_in(to) else {
            return Err(SendFault::Never { why: format!("no room {}", to.lane()) });
        };
        let thread = match to {
            To::Thread(thread) => Some(thread.root.to_string()),
            To::Room(_) | To::Direct(_) => None,
        };
        if let Some(root) = &thread {
            self.check_root(root, &room).await.map_err(|refusal| match refusal {
                Refusal::Store(fault) => later(&fault),
                refusal => SendFault::Never { why: refusal.to_string() },
            })?;
        }
        let id = id_of(key);
        let message = self
            .append(&id, |at| {
                let mut message = Message {
                    id: id.clone(),
                    room,
                    thread,
                    author: Writer::Wilco,
                    text: String::new(),
                    more: String::new(),
                    buttons: Vec::new(),
                    mention: None,
                    leads_to: None,
                    at,
                    edited: false,
                };
                message.set_body(body);
                message
            })
            .await
            // The write may have happened before the answer was lost.
            .map_err(|fault| SendFault::Unclear { why: fault.to_string() })?;
        Ok((message.message_id(), message.at))
    }

    /// See `Adapter::update`.
    ///
    /// # Errors
    /// See [`SendFault`].
    pub async fn update(&self, message: &MessageId, body: &Body) -> Result<(), SendFault> {
        let known = self.message(message.as_str()).await.map_err(|fault| later(&fault))?;
        let Some(known) = known.filter(|known| known.author == Writer::Wilco) else {
            return Err(SendFault::Never { why: format!("no message {message} of the bot") });
        };
        let Some(changed) = known.saying(body) else { return Ok(()) };
        let write = async {
            let json = changed.to_json()?;
            self.parts.store.journal_put(self.name.as_str(), &changed.id, &json, false).await
        };
        let seq = write.await.map_err(|fault: StoreFault| later(&fault))?;
        self.tell(seq);
        Ok(())
    }

    /// See `Adapter::find`.
    pub async fn find(&self, key: &MessageKey) -> Finding {
        match self.message(&id_of(key)).await {
            Ok(Some(message)) => Finding::Found(json!({"message": message.id, "at": message.at})),
            Ok(None) => Finding::NotFound,
            Err(fault) => Finding::NotNow(Trouble {
                tool: self.name.to_string(),
                kind: TroubleKind::ToolFailed,
                detail: fault.to_string(),
            }),
        }
    }
}

fn id_of(key: &MessageKey) -> String {
    format!("wilco:{key}")
}

fn later(fault: &StoreFault) -> SendFault {
    SendFault::Later { after_ms: RETRY_MS, why: fault.to_string() }
}
