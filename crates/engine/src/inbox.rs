//! The way in: what an adapter may acknowledge to its platform once [`Inbox::receive`] returned.

use std::sync::{Arc, Weak};

use wilco_core::event::Event;
use wilco_core::handle;
use wilco_core::place::Thread;
use wilco_core::port::{NewEvent, StoreFault};

use crate::shared::Shared;
use crate::threads::Memory;

/// Where adapters hand in what happened. Clones are cheap. It does not keep the engine alive: after
/// the engine has ended every call fails, and the platform delivers again.
#[derive(Clone)]
pub struct Inbox(pub(crate) Weak<Shared>);

/// What became of an event. All but a fault may be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is stored, and will be handled.
    Stored,
    /// It was stored earlier under the same key.
    Repeated,
    /// It concerns nobody.
    Dropped,
}

impl Inbox {
    /// Receives one event. `key` names it for ever, whole (with adapter and workspace): receiving it
    /// again changes nothing. Durable when it returns.
    ///
    /// # Errors
    /// The event is not stored and must not be acknowledged.
    pub async fn receive(&self, event: Event, key: String) -> Result<Received, StoreFault> {
        let shared = self.engine()?;
        let Some(opens) = shared.filter(&event).await? else {
            return Ok(dropped());
        };
        let new = shared.store_events(vec![new_event(&event, key, opens)]).await?;
        Ok(if new == 0 { Received::Repeated } else { Received::Stored })
    }

    /// Receives several events at once, in this order. Returns how many were stored and new.
    ///
    /// # Errors
    /// None of them is stored, and none must be acknowledged.
    pub async fn receive_many(&self, events: Vec<(Event, String)>) -> Result<usize, StoreFault> {
        let shared = self.engine()?;
        let mut kept: Vec<NewEvent> = Vec::new();
        for (event, key) in events {
            // A thread that an earlier one of these opens is known to the later ones.
            let opened = match &event {
                Event::Message(message) if message.thread.is_some() => {
                    let thread = message.thread();
                    kept.iter().any(|kept| kept.opens.as_ref() == Some(&thread))
                }
                _ => false,
            };
            match if opened { Some(None) } else { shared.filter(&event).await? } {
                Some(opens) => kept.push(new_event(&event, key, opens)),
                None => drop(dropped()),
            }
        }
        if kept.is_empty() { Ok(0) } else { shared.store_events(kept).await }
    }

    fn engine(&self) -> Result<Arc<Shared>, StoreFault> {
        let stopped = || StoreFault("the engine has stopped".into());
        let shared = self.0.upgrade().ok_or_else(stopped)?;
        if shared.is_stopping() { Err(stopped()) } else { Ok(shared) }
    }
}

fn dropped() -> Received {
    metrics::counter!("wilco_events_dropped_total").increment(1);
    Received::Dropped
}

fn new_event(event: &Event, key: String, opens: Option<Thread>) -> NewEvent {
    NewEvent { key, ..stored(String::new(), event, opens) }
}

/// An event as the inbox keeps it.
pub(crate) fn stored(key: String, event: &Event, opens: Option<Thread>) -> NewEvent {
    // Events are plain data with text keys, which always have a JSON form.
    let body = serde_json::to_string(event).unwrap_or_default();
    NewEvent { key, lane: event.lane(), body, opens }
}

impl Shared {
    /// The filter: `None` drops; otherwise the thread that becomes known by this event, if it is
    /// new. May only err towards keeping. What stands at the top level and is not kept costs no
    /// look into the store; a reply in a thread that memory does not know costs one.
    async fn filter(&self, event: &Event) -> Result<Option<Option<Thread>>, StoreFault> {
        let message = match event {
            Event::Message(message) => message,
            Event::Press(press) => return Ok(Some(Some(press.thread.clone()))),
            _ => return Ok(Some(None)),
        };
        if handle::keeps(&self.context(), message, false) {
            return Ok(Some(Some(message.thread())));
        }
        if message.thread.is_none() {
            return Ok(None);
        }
        let thread = message.thread();
        let known = match self.threads.recall(&thread) {
            Memory::Known => true,
            Memory::Unknown => false,
            Memory::Ask(turn) => {
                let known = self.store.knows_thread(&thread).await?;
                self.threads.looked_up(&thread, known, turn);
                known
            }
        };
        Ok((known && handle::keeps(&self.context(), message, true)).then_some(None))
    }

    /// Stores events and wakes the dispatch.
    pub(crate) async fn store_events(&self, events: Vec<NewEvent>) -> Result<usize, StoreFault> {
        let _section = self.activity.enter();
        let count = events.len();
        let opened: Vec<Thread> = events.iter().filter_map(|event| event.opens.clone()).collect();
        let new = self.store.receive(events, self.now()).await?;
        for thread in &opened {
            self.threads.opened(thread);
        }
        metrics::counter!("wilco_events_received_total").increment(new as u64);
        metrics::counter!("wilco_events_repeated_total").increment((count - new.min(count)) as u64);
        self.bells.dispatch.notify_one();
        Ok(new)
    }
}
