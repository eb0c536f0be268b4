//! A chat platform.

use async_trait::async_trait;

use crate::call::Finding;
use crate::ids::{AdapterName, MessageId, MessageKey};
use crate::message::{Body, To};
use crate::time::Timestamp;

/// One chat platform: carries messages out. What comes in, an adapter hands to the engine's inbox
/// and acknowledges to the platform only after that returned.
#[async_trait]
pub trait Adapter: Send + Sync + 'static {
    /// The connection's name in the configuration.
    fn name(&self) -> &AdapterName;

    /// Posts a message for the first time. Returns the platform's id and time of it.
    ///
    /// # Errors
    /// See [`SendFault`].
    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault>;

    /// Replaces the content of a message.
    ///
    /// # Errors
    /// See [`SendFault`]. An update may be repeated without harm.
    async fn update(&self, message: &MessageId, to: &To, body: &Body) -> Result<(), SendFault>;

    /// Looks for a message that may have been posted before a crash or a lost answer, at this moment of the
    /// engine's clock or later. The value of `Found` is `{"message": id, "at": epoch ms}`.
    async fn find(&self, key: &MessageKey, to: &To, since: Timestamp) -> Finding;
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// Surely not sent; may be tried again after this many milliseconds.
    #[error("not now: {why}")]
    Later {
        /// What the platform asked for, or a default.
        after_ms: u64,
        /// In the platform's words.
        why: String,
    },
    /// It will never go out (the room is gone, the content is refused).
    #[error("never: {why}")]
    Never {
        /// In the platform's words.
        why: String,
    },
    /// Nobody knows whether it stands there: `find` before anything else.
    #[error("unclear: {why}")]
    Unclear {
        /// What was seen.
        why: String,
    },
}
