//! The web console: a chat in the browser, for the demo.
//!
//! Whoever opens it speaks as anyone. That is why there is no constructor but [`Console::demo`], why
//! every request must come from this machine and from the console's own page ([`guard`]), and why
//! `serve` does not mount it before it asks for a sign-in.

mod guard;
mod live;
mod page;
mod requests;
mod routes;

use std::sync::Arc;

use async_trait::async_trait;
use wilco_core::call::Finding;
use wilco_core::ids::{AdapterName, MessageId, MessageKey};
use wilco_core::message::{Body, To};
use wilco_core::people::Directory;
use wilco_core::port::{Adapter, SendFault, Store, StoreFault};
use wilco_core::time::Timestamp;

use crate::Inbox;
use crate::local::{Clock, LocalPlatform, LocalRoom, Parts};

pub use guard::HEADER;
pub use routes::Route;

/// The adapter's name and its journal's.
pub const NAME: &str = "console";

/// The console.
pub struct Console {
    platform: Arc<LocalPlatform>,
}

impl Console {
    /// A console in which anyone may speak as anyone. The people's accounts on the adapter
    /// [`NAME`] are their own ids unless the directory says otherwise.
    #[must_use]
    pub fn demo(
        store: Arc<dyn Store>,
        people: Arc<Directory>,
        rooms: Vec<LocalRoom>,
        inbox: Arc<dyn Inbox>,
        clock: Clock,
    ) -> Self {
        let parts = Parts { store, people, rooms, inbox, clock };
        Self { platform: Arc::new(LocalPlatform::new(NAME, parts)) }
    }

    /// To be called once at start, before the router is served; see [`LocalPlatform::catch_up`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn catch_up(&self) -> Result<usize, StoreFault> {
        self.platform.catch_up().await
    }

    /// The page and its API, to be mounted at the root or nested under a path that ends in `/`.
    pub fn router(&self) -> axum::Router {
        routes::router(Arc::clone(&self.platform))
    }

    /// Ends open streams, so that a graceful shutdown does not wait for browsers.
    pub fn close(&self) {
        self.platform.close();
    }
}

#[async_trait]
impl Adapter for Console {
    fn name(&self) -> &AdapterName {
        self.platform.name()
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        self.platform.post(key, to, body).await
    }

    async fn update(&self, message: &MessageId, _: &To, body: &Body) -> Result<(), SendFault> {
        self.platform.update(message, body).await
    }

    async fn find(&self, key: &MessageKey, _: &To, _: Timestamp) -> Finding {
        self.platform.find(key).await
    }
}
