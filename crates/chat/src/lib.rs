//! Chat platforms. Each is one folder that implements [`wilco_core::port::Adapter`] for what goes
//! out and hands what comes in to an [`Inbox`].
//!
//! The life of a message on a platform of our own ([`console`], [`terminal`]):
//!
//! 1. A person writes; [`local::LocalPlatform::say`] checks who, where and how long, and stores the
//!    message in the journal, with the platform's time.
//! 2. The message is handed to the inbox under the key `<adapter> <message id>`, which is durable
//!    when that returns. Only then the message is marked as handed over.
//! 3. After a crash between the two, [`local::LocalPlatform::catch_up`] hands over what has no mark.
//!    The inbox knows the keys it already has.
//! 4. What the bot says comes back through `Adapter::post` into the same journal, named by its
//!    message key, so that posting it again changes nothing; readers of the journal show it live.

pub mod console;
mod inbox;
pub mod local;
pub mod slack;
pub mod terminal;

pub use inbox::Inbox;
