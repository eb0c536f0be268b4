//! A double of Slack: the Web API and Socket Mode, for one workspace and one app.
//!
//! It does what Slack does to an app, also what hurts: an envelope that is not acknowledged comes again under another
//! id, a message to the bot comes twice, one channel takes about one message a second, `chat.postMessage` is not
//! idempotent, and with no socket open events are lost.
//!
//! What people do ([`Slack::says`], [`Slack::presses`]) is told to the app; what the app does stands in
//! [`Slack::messages`] and, effect by effect, in [`Slack::ledger`].
//!
//! Source: the payloads that `crates/chat/tests/contract/slack/SOURCE.md` names, Slack's documentation, and the numbered
//! traps SLACK-1 to SLACK-23.

mod blocks;
mod deliver;
mod events;
mod faults;
mod message;
mod people;
mod socket;
mod web;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::serve::{Cut, CuttableListener, Served};

pub use faults::{Fault, FaultKind};
pub use message::Message;
pub use people::{Pressing, Refused, Saying};
pub use world::{Effect, Traps};

use world::World;

/// The workspace.
pub const TEAM: &str = "T0ACME";
/// The app.
pub const APP: &str = "A0WILCO";
/// The bot's account.
pub const BOT_USER: &str = "U0WILCO";
/// The bot's id, which its messages carry.
pub const BOT: &str = "B0WILCO";
/// The bot's token.
pub const BOT_TOKEN: &str = "xoxb-double";
/// The app's token.
pub const APP_TOKEN: &str = "xapp-double";

/// The double; clones are the same workspace.
#[derive(Clone)]
pub struct Slack {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Arc<dyn Clock>,
    world: Mutex<World>,
    /// Grows whenever something changed.
    changed: watch::Sender<u64>,
}

impl Slack {
    /// An empty workspace with the app in it.
    #[must_use]
    pub fn new(clock: impl Clock) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(clock);
        let inner = Inner { clock, world: Mutex::default(), changed: watch::Sender::new(0) };
        Self { inner: Arc::new(inner) }
    }

    /// Serves it on a free port of this machine: the Web API under `/api/`.
    ///
    /// # Errors
    /// No port can be had.
    pub async fn serve_local(&self) -> std::io::Result<Served> {
        let inner = TcpListener::bind("127.0.0.1:0").await?;
        let addr = inner.local_addr()?;
        let all = CancellationToken::new();
        let listener = CuttableListener { inner, all: all.clone() };
        let app = web::router(self.clone(), addr).into_make_service_with_connect_info::<Cut>();
        let stop = all.clone();
        let task = tokio::spawn(async move {
            let served = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
            let _ = served.await;
        });
        Ok(Served::new(addr, all, task))
    }

    /// Milliseconds since the epoch, by its clock.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.clock.now_ms()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world, and wakes whoever waits for a change.
    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let changed = change(&mut self.world());
        self.inner.changed.send_modify(|count| *count += 1);
        changed
    }

    /// Changes whenever something happened.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }

    /// Returns when this holds.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let mut changed = self.watch();
        while !holds(self) {
            // The sender lives as long as `self`.
            let _ = changed.changed().await;
        }
    }

    /// Switches traps.
    pub fn traps(&self, switch: impl FnOnce(&mut Traps)) {
        self.change(|world| switch(&mut world.traps));
    }

    /// From now on these requests fail.
    pub fn fault(&self, fault: Fault) {
        self.change(|world| world.faults.push(fault));
    }

    /// No request fails any more.
    pub fn clear_faults(&self) {
        self.change(|world| world.faults.clear());
    }

    /// Everything that the app really did, in order.
    #[must_use]
    pub fn ledger(&self) -> Vec<Effect> {
        self.world().ledger.clone()
    }

    /// How often a method was called, whatever came of it.
    #[must_use]
    pub fn requests(&self, method: &str) -> usize {
        self.world().requests.get(method).copied().unwrap_or_default()
    }

    /// What stands in a channel, with the replies, by time; deleted messages do not.
    #[must_use]
    pub fn messages(&self, channel: &str) -> Vec<Message> {
        let world = self.world();
        world.messages.iter().filter(|message| message.channel == channel).cloned().collect()
    }

    /// Everything that stands anywhere, in the order in which it was written.
    #[must_use]
    pub fn all_messages(&self) -> Vec<Message> {
        self.world().messages.clone()
    }

    /// How many sockets are open.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.world().sockets.len()
    }

    /// How many things that happened were not acknowledged yet, and will come again.
    #[must_use]
    pub fn undelivered(&self) -> usize {
        self.world().deliveries.len()
    }

    /// How many things that happened while no socket was open: Slack never tells them.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.world().lost
    }
}
