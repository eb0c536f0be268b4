//! Where the engine can be made to die: before and after each unit of the store, before each outside
//! call, after the tool acted, and before its answer is settled.
//!
//! The ports are wrapped; production code holds no crash points. A blown fuse never lets the caller
//! go on, as a dead process would not; the driver then drops the engine and starts another one on
//! the same store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;
use tokio::sync::watch;
use wilco_core::answer::{Answer, Progress, Trouble};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::entity::{EntityKey, EntityKind};
use wilco_core::ids::{AdapterName, CallId, DefinitionHash, MessageId, MessageKey};
use wilco_core::message::{Body, To};
use wilco_core::place::Thread;
use wilco_core::port::{
    ActionSpec, Adapter, CallRow, Claimed, CommitFault, Connector, EntityRow, Hint, InboxRow,
    JournalEntry, NewEvent, OperationFault, OutboxRow, Permit, Prune, Pruned, Recovery, SendFault,
    SendOutcome, SettleCall, Store, StoreFault, StoredAudit, TimerRow, Unit, Work,
};
use wilco_core::time::Timestamp;

/// Counts the points that were passed and blows at chosen ones.
#[derive(Clone)]
pub(crate) struct Fuse(Arc<Inner>);

struct Inner {
    passed: AtomicU64,
    /// The next points at which to blow, the nearest last.
    blow_at: Mutex<Vec<u64>>,
    blown: watch::Sender<Option<String>>,
}

impl Fuse {
    /// A fuse that blows at these points, counted from 1 over all lives of the engine.
    pub(crate) fn new(mut at: Vec<u64>) -> Self {
        at.sort_unstable_by(|a, b| b.cmp(a));
        Self(Arc::new(Inner {
            passed: AtomicU64::new(0),
            blow_at: Mutex::new(at),
            blown: watch::Sender::new(None),
        }))
    }

    /// How many points were passed.
    pub(crate) fn passed(&self) -> u64 {
        self.0.passed.load(Ordering::SeqCst)
    }

    /// One point. Returns unless the engine dies here.
    async fn point(&self, place: &str) {
        let number = self.0.passed.fetch_add(1, Ordering::SeqCst) + 1;
        let dies = {
            let mut at = self.0.blow_at.lock().unwrap_or_else(PoisonError::into_inner);
            if at.last().is_some_and(|next| number >= *next) {
                at.pop();
                true
            } else {
                false
            }
        };
        if dies {
            self.0.blown.send_replace(Some(format!("{number} {place}")));
        }
        if dies || self.0.blown.borrow().is_some() {
            // A dead process does nothing more, whichever of its tasks got here.
            std::future::pending::<()>().await;
        }
    }

    /// Returns the place when the fuse has blown.
    pub(crate) async fn blown(&self) -> String {
        let mut seen = self.0.blown.subscribe();
        let place = seen.wait_for(Option::is_some).await.ok().and_then(|place| place.clone());
        match place {
            Some(place) => place,
            // Only a fuse that is gone comes here, and nobody asks one.
            None => std::future::pending().await,
        }
    }

    /// The next life begins.
    pub(crate) fn mend(&self) {
        self.0.blown.send_replace(None);
    }
}

/// A store that dies with its engine.
pub(crate) struct FusedStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) fuse: Fuse,
    pub(crate) slips: Slips,
}

/// What goes wrong between an engine and its store: nothing, but where a test shows that it sees what
/// such a fault does.
#[derive(Debug, Clone, Copy)]
pub struct Slips {
    /// What becomes of a unit before it is written.
    pub unit: fn(&mut Unit),
    /// What becomes of messages that were claimed.
    pub sends: fn(&mut Vec<OutboxRow>),
    /// How much there is to do, as the engine sees it.
    pub work: fn(&mut Work),
}

impl Default for Slips {
    fn default() -> Self {
        Self { unit: |_| {}, sends: |_| {}, work: |_| {} }
    }
}

/// A connector that dies with its engine.
pub(crate) struct FusedConnector {
    pub(crate) inner: Arc<dyn Connector>,
    pub(crate) fuse: Fuse,
}

/// An adapter that dies with its engine.
pub(crate) struct FusedAdapter {
    pub(crate) inner: Arc<dyn Adapter>,
    pub(crate) fuse: Fuse,
}

#[async_trait]
impl Store for FusedStore {
    async fn receive(&self, events: Vec<NewEvent>, now: Timestamp) -> Result<usize, StoreFault> {
        self.fuse.point("before receive").await;
        let answer = self.inner.receive(events, now).await;
        self.fuse.point("after receive").await;
        answer
    }

    async fn knows_thread(&self, thread: &Thread) -> Result<bool, StoreFault> {
        self.inner.knows_thread(thread).await
    }

    async fn pending(&self, limit: usize, busy: &[String]) -> Result<Vec<InboxRow>, StoreFault> {
        self.inner.pending(limit, busy).await
    }

    async fn load(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, StoreFault> {
        self.inner.load(keys).await
    }

    async fn load_thread(&self, thread: &Thread) -> Result<Vec<EntityRow>, StoreFault> {
        self.inner.load_thread(thread).await
    }

    async fn load_live(&self, kind: EntityKind) -> Result<Vec<EntityRow>, StoreFault> {
        self.inner.load_live(kind).await
    }

    async fn load_over(
        &self,
        kind: EntityKind,
        limit: usize,
    ) -> Result<Vec<EntityRow>, StoreFault> {
        self.inner.load_over(kind, limit).await
    }

    async fn commit(&self, mut unit: Unit) -> Result<Claimed, CommitFault> {
        self.fuse.point("before commit").await;
        (self.slips.unit)(&mut unit);
        let mut answer = self.inner.commit(unit).await;
        if let Ok(claimed) = &mut answer {
            (self.slips.sends)(&mut claimed.sends);
        }
        self.fuse.point("after commit").await;
        answer
    }

    async fn next_run_number(&self) -> Result<u64, StoreFault> {
        self.inner.next_run_number().await
    }

    async fn claim_sends(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        let mut answer = self.inner.claim_sends(now, lease_until, limit).await;
        if let Ok(rows) = &mut answer {
            (self.slips.sends)(rows);
        }
        if matches!(&answer, Ok(rows) if !rows.is_empty()) {
            self.fuse.point("after claiming sends").await;
        }
        answer
    }

    async fn settle_send(
        &self,
        key: &MessageKey,
        epoch: i64,
        wanted: i64,
        outcome: SendOutcome,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.fuse.point("before settling a send").await;
        let answer = self.inner.settle_send(key, epoch, wanted, outcome, now).await;
        self.fuse.point("after settling a send").await;
        answer
    }

    async fn claim_calls(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallRow>, StoreFault> {
        let answer = self.inner.claim_calls(now, lease_until, limit).await;
        if matches!(&answer, Ok(rows) if !rows.is_empty()) {
            self.fuse.point("after claiming calls").await;
        }
        answer
    }

    async fn settle_call(
        &self,
        id: &CallId,
        epoch: i64,
        outcome: SettleCall,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.fuse.point("before settling a call").await;
        let answer = self.inner.settle_call(id, epoch, outcome, now).await;
        self.fuse.point("after settling a call").await;
        answer
    }

    async fn fire_timers(&self, now: Timestamp, limit: usize) -> Result<usize, StoreFault> {
        let answer = self.inner.fire_timers(now, limit).await;
        if matches!(answer, Ok(fired) if fired > 0) {
            self.fuse.point("after firing timers").await;
        }
        answer
    }

    async fn timers(&self, limit: usize) -> Result<Vec<TimerRow>, StoreFault> {
        self.inner.timers(limit).await
    }

    async fn work(&self, now: Timestamp) -> Result<Work, StoreFault> {
        let mut work = self.inner.work(now).await?;
        (self.slips.work)(&mut work);
        Ok(work)
    }

    async fn definition(&self, hash: &DefinitionHash) -> Result<Option<String>, StoreFault> {
        self.inner.definition(hash).await
    }

    async fn journal_put(
        &self,
        journal: &str,
        key: &str,
        body: &str,
        only_new: bool,
    ) -> Result<i64, StoreFault> {
        self.inner.journal_put(journal, key, body, only_new).await
    }

    async fn journal_read(
        &self,
        journal: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreFault> {
        self.inner.journal_read(journal, after, limit).await
    }

    async fn journal_get(
        &self,
        journal: &str,
        key: &str,
    ) -> Result<Option<JournalEntry>, StoreFault> {
        self.inner.journal_get(journal, key).await
    }

    async fn audits(&self, after: i64, limit: usize) -> Result<Vec<StoredAudit>, StoreFault> {
        self.inner.audits(after, limit).await
    }

    async fn changed(&self) {
        self.inner.changed().await;
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        // A story's time is the virtual clock's alone.
        Ok(None)
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        self.inner.ping().await
    }

    async fn prune(&self, prune: Prune) -> Result<Option<Pruned>, StoreFault> {
        self.inner.prune(prune).await
    }
}

#[async_trait]
impl Connector for FusedConnector {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn actions(&self) -> &[ActionSpec] {
        self.inner.actions()
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        self.fuse.point("before a query").await;
        let answer = self.inner.ask(call).await;
        self.fuse.point("after a query").await;
        answer
    }

    async fn perform(
        &self,
        operation: &Operation,
        permit: &Permit,
    ) -> Result<Value, OperationFault> {
        self.fuse.point("before an operation").await;
        let answer = self.inner.perform(operation, permit).await;
        self.fuse.point("after the tool acted").await;
        answer
    }

    async fn find(&self, operation: &Operation) -> Finding {
        self.fuse.point("before looking for an operation").await;
        self.inner.find(operation).await
    }

    fn recovery(&self, call: &Call) -> Recovery {
        self.inner.recovery(call)
    }

    async fn watch(
        &self,
        operation: &Operation,
        receipt: &Value,
        memory: &Value,
    ) -> Result<Progress, Trouble> {
        self.fuse.point("before a look").await;
        self.inner.watch(operation, receipt, memory).await
    }

    async fn hints(&self, tell: &(dyn Fn(Hint) + Send + Sync)) {
        self.inner.hints(tell).await;
    }
}

#[async_trait]
impl Adapter for FusedAdapter {
    fn name(&self) -> &AdapterName {
        self.inner.name()
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        self.fuse.point("before a message").await;
        let answer = self.inner.post(key, to, body).await;
        self.fuse.point("after the message was posted").await;
        answer
    }

    async fn update(&self, message: &MessageId, to: &To, body: &Body) -> Result<(), SendFault> {
        self.fuse.point("before an update").await;
        self.inner.update(message, to, body).await
    }

    async fn find(&self, key: &MessageKey, to: &To, since: Timestamp) -> Finding {
        self.inner.find(key, to, since).await
    }
}
