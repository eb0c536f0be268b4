//! Everything a state machine can want, in one enum. Only the engine performs them.

use crate::audit::AuditRecord;
use crate::call::{Operation, Query};
use crate::entity::{Entity, EntityKey};
use crate::event::Event;
use crate::ids::DefinitionHash;
use crate::message::Say;
use crate::timer::{Timer, TimerName};

/// One wish.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Keep this state.
    Put(Entity),
    /// Forget this entity.
    Remove(EntityKey),
    /// Say something, or say it differently.
    Say(Say),
    /// Ask a tool.
    Ask(Query),
    /// Do something to a tool.
    Do(Operation),
    /// Be woken.
    SetTimer(Timer),
    /// No longer wanted; unknown ones are fine.
    StopTimer(EntityKey, TimerName),
    /// Tell another entity, through the inbox. The key makes a repeated telling one.
    Tell {
        /// Names this telling for ever.
        key: String,
        /// What it is told.
        event: Event,
    },
    /// Keep a definition under its hash; keeping it again changes nothing.
    Define {
        /// SHA-256 of the source.
        hash: DefinitionHash,
        /// The source.
        source: String,
    },
    /// Put a fact on record.
    Record(AuditRecord),
}
