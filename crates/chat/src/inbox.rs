//! The way in, as adapters see it.

use async_trait::async_trait;
use wilco_core::event::Event;
use wilco_core::port::StoreFault;

/// Takes what people do. The engine implements it; it also drops what concerns nobody.
#[async_trait]
pub trait Inbox: Send + Sync + 'static {
    /// Hands over one event. When this returns `Ok`, the event is stored, or was shown to concern
    /// nobody, and may be acknowledged to the platform. `key` names the event for ever: handing it
    /// over again changes nothing.
    ///
    /// # Errors
    /// The store failed: nothing may be acknowledged, hand it over again later.
    async fn receive(&self, event: Event, key: String) -> Result<(), StoreFault>;

    /// Hands over several events with their keys, in this order; they are stored in one commit.
    ///
    /// # Errors
    /// As [`Inbox::receive`]: none of them may be acknowledged.
    async fn receive_many(&self, events: Vec<(Event, String)>) -> Result<(), StoreFault>;
}
