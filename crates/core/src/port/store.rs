//! Where everything is kept: the verbs that the engine needs, and nothing else.
//!
//! The store knows rows, not what is in them: bodies are JSON text that core wrote. Both
//! implementations give the same answers to the same story (`crates/store/tests`).

use async_trait::async_trait;

use crate::answer::Trouble;
use crate::audit::AuditRecord;
use crate::call::{Operation, Query};
use crate::entity::{EntityKey, EntityKind};
use crate::ids::{CallId, DefinitionHash, MessageId, MessageKey};
use crate::message::{Body, To};
use crate::place::Thread;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerName};

/// Counts the writes of an entity, from 1; 0 means "does not exist".
pub type Version = i64;

/// An event on its way into the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Names the event for ever: receiving it again changes nothing.
    pub key: String,
    /// See `Event::lane`.
    pub lane: String,
    /// The event as JSON.
    pub body: String,
    /// Makes this thread known from now on, so that the filter keeps what is said in it.
    pub opens: Option<Thread>,
}

/// An event that waits to be handled.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxRow {
    /// The order in which events came in, over all lanes.
    pub seq: i64,
    /// See `Event::lane`.
    pub lane: String,
    /// The event as JSON.
    pub body: String,
    /// When it was received.
    pub received_at: Timestamp,
}

/// An entity as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityRow {
    /// `EntityKind::as_str`.
    pub kind: String,
    /// `EntityKey::id`.
    pub id: String,
    /// How often it was written.
    pub version: Version,
    /// The thread in which it lives, if in one, as text.
    pub thread: Option<String>,
    /// The entity as JSON.
    pub body: String,
}

/// A definition to be kept under its hash.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    /// SHA-256 of the source.
    pub hash: DefinitionHash,
    /// The source.
    pub source: String,
}

/// One event handled: what was read and what is to be written, all or nothing.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// The inbox event this unit handles. The unit fails with `NotNext` when it is no longer
    /// pending, or when an earlier event of its lane still is.
    pub handles: Option<i64>,
    /// Entities that were read, with the version seen; all must still have it (0 = absent).
    pub reads: Vec<(EntityKey, Version)>,
    /// Entities to write: key, thread in which it lives, whether it is live, body as JSON.
    pub puts: Vec<(EntityKey, Option<Thread>, bool, String)>,
    /// Entities to delete.
    pub removes: Vec<EntityKey>,
    /// Messages to say, or to say differently. A wish equal to the wanted content changes nothing.
    pub says: Vec<crate::message::Say>,
    /// Queries to ask.
    pub queries: Vec<Query>,
    /// Operations to perform.
    pub operations: Vec<Operation>,
    /// Timers to set; owner and name are the key.
    pub timers: Vec<Timer>,
    /// Timers to stop.
    pub stops: Vec<(EntityKey, TimerName)>,
    /// Events for other lanes.
    pub events: Vec<NewEvent>,
    /// Definitions to keep.
    pub definitions: Vec<Definition>,
    /// Facts to put on record.
    pub audits: Vec<AuditRecord>,
    /// What of the work that it makes it claims for whoever commits it.
    pub claims: Claims,
    /// The engine's clock at the time of the unit.
    pub now: Timestamp,
}

/// Until when a unit claims the work that it makes. It saves the flush that a claim of its own would
/// cost. `None`: whoever claims it later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claims {
    /// The end of the lease of messages. Claimed are those that `Store::claim_sends` would claim.
    pub sends: Option<Timestamp>,
    /// The end of the lease of queries and operations.
    pub calls: Option<Timestamp>,
}

/// What a unit has claimed, as `Store::claim_sends` and `Store::claim_calls` would have: durable,
/// and nobody else's until the lease ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claimed {
    /// Messages, in the order of the unit.
    pub sends: Vec<OutboxRow>,
    /// Queries, then operations.
    pub calls: Vec<CallRow>,
}

/// A bot message that wants to be sent or updated.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    /// Names the message for ever.
    pub key: MessageKey,
    /// Where it goes.
    pub to: To,
    /// What it shall say.
    pub body: Body,
    /// Which wish this is; settling names it.
    pub wanted: i64,
    /// When the oldest wish that still waits was made: before it, nothing of it can stand anywhere.
    pub said_at: Timestamp,
    /// The platform's id, once posted.
    pub message: Option<MessageId>,
    /// Who wants an `Event::Posted`, as JSON of `EntityKey`; only before the first post.
    pub receipt: Option<EntityKey>,
    /// The claim.
    pub claim: Claim,
}

/// Who works on a row, and until when nobody else may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Counts the claims of this row, from 1, and never goes back: the fencing token. Whether an
    /// earlier worker may have acted is told by `earlier_send_by` alone.
    pub epoch: i64,
    /// Nobody else claims it before this moment.
    pub lease_until: Timestamp,
    /// The last moment at which an earlier worker, that may have acted, could send: the end of its
    /// lease. `None` when surely nobody acted since the row was last settled.
    pub earlier_send_by: Option<Timestamp>,
}

/// How a send ended.
#[derive(Debug, Clone, PartialEq)]
pub enum SendOutcome {
    /// It stands there with the content of the claimed wish. Settling a first post of a message that
    /// wants a receipt also puts `event` into the inbox.
    Sent {
        /// The platform's id.
        message: MessageId,
        /// The receipt, ready for the inbox.
        event: Option<NewEvent>,
        /// The thread that stands under it from now on: what is said there is kept.
        opens: Option<Thread>,
    },
    /// Try again not before this moment. `acted` is false when surely nothing was sent.
    Retry {
        /// When.
        at: Timestamp,
        /// Whether the attempt may have acted, so that the next claim must look first.
        acted: bool,
    },
    /// It will never go out; the row is finished, and that is put on record.
    Dropped {
        /// The fact.
        record: AuditRecord,
    },
}

/// What a call row asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum CallTask {
    /// A question.
    Query(Query),
    /// An effect.
    Operation(Operation),
}

/// A claimed call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// What is to be done.
    pub task: CallTask,
    /// The claim.
    pub claim: Claim,
    /// The unclear answer that the tool gave to whoever performed it, this process or another one.
    /// `None` when nobody was answered: nobody performed it, or its worker died before.
    pub unclear: Option<Trouble>,
}

/// How a call ended, or why it has to wait.
#[derive(Debug, Clone, PartialEq)]
pub enum SettleCall {
    /// It is over: the row goes, `event` goes into the inbox, in one transaction.
    Over {
        /// `Event::Answered` or `Event::Settled`.
        event: NewEvent,
    },
    /// Claimable again at this moment.
    Retry {
        /// When.
        at: Timestamp,
        /// The unclear answer to this attempt, which therefore may have acted, so that the next claim
        /// must look first. `None` when surely nothing was done.
        unclear: Option<Trouble>,
    },
}

/// A timer that is due.
#[derive(Debug, Clone, PartialEq)]
pub struct TimerRow {
    /// The timer.
    pub timer: Timer,
}

/// One entry of a journal: an append-only list that adapters without a platform of their own keep
/// their messages in.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// The order of changes over the whole journal: writing an existing key again gives it a new one.
    pub seq: i64,
    /// Names the entry for ever.
    pub key: String,
    /// The entry as JSON.
    pub body: String,
}

/// An audit record as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAudit {
    /// The order of records.
    pub seq: i64,
    /// The record.
    pub record: AuditRecord,
}

/// How much there is to do; all zero and no due timer means quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Events that wait.
    pub inbox: u64,
    /// Messages not settled.
    pub outbox: u64,
    /// Of these, how many wait for a moment that has not come.
    pub outbox_later: u64,
    /// Queries and operations not settled.
    pub calls: u64,
    /// Of these, how many wait for a moment that has not come.
    pub calls_later: u64,
    /// The earliest of those moments.
    pub next_retry: Option<Timestamp>,
}

/// What is to be deleted because it is over and old. See `Store::prune`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prune {
    /// The engine's clock.
    pub now: Timestamp,
    /// From when nobody does it again, so that replicas take turns.
    pub next: Timestamp,
    /// What is older than this may go.
    pub before: Timestamp,
    /// At most so many rows of each kind: whoever writes meanwhile must not wait long.
    pub limit: usize,
}

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pruned {
    /// Keys of events.
    pub keys: usize,
    /// Messages.
    pub says: usize,
    /// Queries and operations.
    pub calls: usize,
}

/// Why a unit was not written.
#[derive(Debug, thiserror::Error)]
pub enum CommitFault {
    /// Something that was read has changed meanwhile. Load again and handle again.
    #[error("the state changed meanwhile")]
    Conflict,
    /// The event is not the next of its lane: somebody else has handled it, or an earlier one came in.
    /// Handling it again would end the same way.
    #[error("the event is not the next of its lane any more")]
    NotNext,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// The store failed: the disk is full, the connection is gone, a row cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreFault(pub String);

/// Where everything is kept. Moments handed in are the engine's clock.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Puts events into the inbox; known keys are skipped. Returns how many were new. Durable when
    /// it returns.
    async fn receive(&self, events: Vec<NewEvent>, now: Timestamp) -> Result<usize, StoreFault>;

    /// Whether something relevant was ever said in this thread: known since `receive`, not since
    /// it was handled. Entities make their thread known too.
    async fn knows_thread(&self, thread: &Thread) -> Result<bool, StoreFault>;

    /// Pending events, the first of each lane only, oldest first. Skips lanes in `busy`.
    async fn pending(&self, limit: usize, busy: &[String]) -> Result<Vec<InboxRow>, StoreFault>;

    /// The entities with these keys, in order; `None` for those that do not exist.
    async fn load(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, StoreFault>;

    /// Live entities of a thread, and the run that ended there last.
    async fn load_thread(&self, thread: &Thread) -> Result<Vec<EntityRow>, StoreFault>;

    /// Live entities of a kind, by id.
    async fn load_live(&self, kind: EntityKind) -> Result<Vec<EntityRow>, StoreFault>;

    /// Entities of a kind that are over and were not removed: those with the highest numbers in their ids,
    /// the highest first.
    async fn load_over(&self, kind: EntityKind, limit: usize)
    -> Result<Vec<EntityRow>, StoreFault>;

    /// Writes a unit, all or nothing; durable when it returns. Returns what its `claims` got.
    async fn commit(&self, unit: Unit) -> Result<Claimed, CommitFault>;

    /// The number of the next run; never handed out twice, gaps are possible.
    async fn next_run_number(&self) -> Result<u64, StoreFault>;

    /// Claims messages to send: wanted differs from sent, nothing in flight, in order per lane (a
    /// first post waits for earlier first posts of its lane; updates only for their own message).
    async fn claim_sends(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreFault>;

    /// Settles a send. Returns whether the claim still held; if not, nothing was written.
    async fn settle_send(
        &self,
        key: &MessageKey,
        epoch: i64,
        wanted: i64,
        outcome: SendOutcome,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Claims queries and operations that are due and not under a lease. The claim is durable when
    /// it returns. `lease_until` is also stored as the last moment at which this claim may send.
    async fn claim_calls(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallRow>, StoreFault>;

    /// Settles a call. Returns whether the claim still held; if not, nothing was written.
    async fn settle_call(
        &self,
        id: &CallId,
        epoch: i64,
        outcome: SettleCall,
        now: Timestamp,
    ) -> Result<bool, StoreFault>;

    /// Moves timers that are due into the inbox, as `Event::TimerFired`, keyed by owner, name,
    /// generation and due; returns how many.
    async fn fire_timers(&self, now: Timestamp, limit: usize) -> Result<usize, StoreFault>;

    /// Timers by due time, at most `limit`.
    async fn timers(&self, limit: usize) -> Result<Vec<TimerRow>, StoreFault>;

    /// How much there is to do at this moment.
    async fn work(&self, now: Timestamp) -> Result<Work, StoreFault>;

    /// A definition by its hash.
    async fn definition(&self, hash: &DefinitionHash) -> Result<Option<String>, StoreFault>;

    /// Writes a journal entry; a known key gets the new body and a new place in the order. With
    /// `only_new`, a known key is left as it is. Returns its place.
    async fn journal_put(
        &self,
        journal: &str,
        key: &str,
        body: &str,
        only_new: bool,
    ) -> Result<i64, StoreFault>;

    /// Entries changed after this place, in order.
    async fn journal_read(
        &self,
        journal: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreFault>;

    /// One entry of a journal.
    async fn journal_get(
        &self,
        journal: &str,
        key: &str,
    ) -> Result<Option<JournalEntry>, StoreFault>;

    /// Audit records after this place, in order.
    async fn audits(&self, after: i64, limit: usize) -> Result<Vec<StoredAudit>, StoreFault>;

    /// Returns when something was written since the last call, by this process or another one; may
    /// return for nothing. Only a hint: workers also poll.
    async fn changed(&self);

    /// The store's own clock where it has one that replicas share (PostgreSQL).
    async fn clock(&self) -> Result<Option<Timestamp>, StoreFault>;

    /// Notes that time has come this far, and returns how far it has come, so that a clock which was set
    /// back while nobody ran does not lead back. Where [`Store::clock`] tells the time, nothing is noted.
    async fn reach(&self, now: Timestamp) -> Result<Timestamp, StoreFault> {
        Ok(now)
    }

    /// A sign of life for `/readyz`: writes a tiny row and commits it, because a store that only reads
    /// is not well.
    async fn ping(&self) -> Result<(), StoreFault>;

    /// Deletes what is over and older than `Prune::before`: keys of events, messages that stand as they
    /// were wanted in threads where nothing lives, calls. Never an event that waits, nor the keys that
    /// came in with or after it, nor anything that is still to be sent or asked, nor an audit record.
    /// `None` when it is not time yet, because this process or another one has done it.
    async fn prune(&self, prune: Prune) -> Result<Option<Pruned>, StoreFault>;
}
