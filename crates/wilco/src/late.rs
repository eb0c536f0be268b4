//! An inbox that exists before the engine: adapters are built first, the engine is handed them.

use std::sync::OnceLock;

use async_trait::async_trait;
use wilco_core::event::Event;
use wilco_core::port::StoreFault;
use wilco_engine::Inbox;

/// Refuses everything until the engine is there, so that platforms deliver again.
#[derive(Default)]
pub(crate) struct LateInbox(OnceLock<Inbox>);

impl LateInbox {
    /// The engine is there.
    pub(crate) fn open(&self, inbox: Inbox) {
        // A second engine of one process would be a mistake of this crate; the first one stays.
        let _ = self.0.set(inbox);
    }
}

#[async_trait]
impl wilco_chat::Inbox for LateInbox {
    async fn receive(&self, event: Event, key: String) -> Result<(), StoreFault> {
        match self.0.get() {
            Some(inbox) => inbox.receive(event, key).await.map(|_| ()),
            None => Err(starting()),
        }
    }

    async fn receive_many(&self, events: Vec<(Event, String)>) -> Result<(), StoreFault> {
        match self.0.get() {
            Some(inbox) => inbox.receive_many(events).await.map(|_| ()),
            None => Err(starting()),
        }
    }
}

fn starting() -> StoreFault {
    StoreFault("the engine is starting".into())
}
