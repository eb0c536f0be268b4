//! What moves everything: inbox, dispatch, effects, workers, timers, outbox, and the one clock.
//!
//! The life of one event:
//!
//! 1. An adapter calls [`Inbox::receive`]. The filter drops what concerns nobody; the rest is stored
//!    before the call returns, so that the adapter may acknowledge it.
//! 2. `dispatch` takes the first event of each lane, loads the world it concerns, and calls core's
//!    pure handler. Different lanes are handled in parallel, one lane in order.
//! 3. `unit` translates the effects into one [`Unit`](wilco_core::port::Unit), which the store writes
//!    all or nothing. When something that was read has changed meanwhile, steps 2 and 3 are repeated.
//! 4. `calls` drives the connectors with queries and operations, `outbox` the adapters with messages:
//!    those that a unit claimed while it was written (`taken`), and those that they claim; `timers` moves what is due into the inbox; `prune` deletes what is over and old. What they learn comes back as
//!    events, in the same transaction that settles the row.
//!
//! Nothing is kept in memory that another process could not find in the store: a crash at any line
//! loses nothing. After a crash an effect that may have happened is looked for before it is repeated
//! (`perform`, `outbox`).

mod activity;
mod aside;
mod builtin;
mod calls;
mod clock;
mod current;
mod dispatch;
mod engine;
mod hints;
mod history;
mod inbox;
mod limit;
mod load;
mod outbox;
mod perform;
mod prune;
mod pulse;
mod quiet;
mod shared;
mod span;
mod taken;
mod threads;
mod timers;
mod timing;
mod unit;

pub use builtin::{ACTIONS, Builtin};
pub use clock::{Clock, SystemClock, VirtualClock};
pub use current::Current;
pub use engine::{Engine, EngineHandle, EngineView, Parts};
pub use inbox::{Inbox, Received};
pub use load::{decode_entity, encode_entity};
pub use quiet::NextDue;
pub use shared::{Definitions, Handler};
pub use timing::Timing;
