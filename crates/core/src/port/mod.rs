//! The edges of the house: what core and engine want from stores, tools and chat platforms.

mod adapter;
mod connector;
mod store;

pub use adapter::{Adapter, SendFault};
pub use connector::{
    ActionKind, ActionSpec, Connector, Hint, OperationFault, ParamSpec, Permit, Recovery,
};
pub use store::{
    CallRow, CallTask, Claim, Claimed, Claims, CommitFault, Definition, EntityRow, InboxRow,
    JournalEntry, NewEvent, OutboxRow, Prune, Pruned, SendOutcome, SettleCall, Store, StoreFault,
    StoredAudit, TimerRow, Unit, Version, Work,
};
