//! Rows under a claim of this process, and their way to the worker that acts on them.
//!
//! A unit claims the work that it makes while it is written (`Unit::claims`), so that a reply costs
//! no flush between the commit and the send. The dispatch hands such rows to the workers of calls
//! and outbox through [`Hands`]; what was stored unclaimed, or came free again, the workers claim
//! themselves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, RwLock, RwLockReadGuard, Semaphore, mpsc};
use wilco_core::port::{CallRow, Claimed, Claims, OutboxRow, Unit};
use wilco_core::time::Timestamp;

use crate::activity::Section;
use crate::calls;
use crate::clock::instant;
use crate::shared::Shared;

/// Rows that this process has claimed and works on, with the newest claim of each.
///
/// A lease is shorter than the longest call. When it ends while the call goes on, this process
/// claims the row again like anybody could, and finds it here: then only the claim is renewed. When
/// the process is dead, somebody else gets it that soon.
#[derive(Debug)]
pub(crate) struct AtWork {
    rows: Mutex<HashMap<String, Entry>>,
    /// Shared by all who claim, from the claim in the store until its rows are noted here.
    claiming: RwLock<()>,
    /// One for each row that may be worked on.
    slots: Arc<Semaphore>,
    /// Rows wait in the store for a place: they come before those that a unit makes now.
    waited_for: AtomicBool,
}

#[derive(Debug)]
struct Entry {
    epoch: i64,
    until: Timestamp,
}

impl AtWork {
    /// At most so many rows at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self {
            rows: Mutex::default(),
            claiming: RwLock::default(),
            slots: Arc::new(Semaphore::new(at_once)),
            waited_for: AtomicBool::new(false),
        }
    }

    /// Begins, or renews the claim of what was begun earlier: then `false`.
    pub(crate) fn begin(&self, id: &str, epoch: i64, until: Timestamp) -> bool {
        let mut rows = self.rows();
        if let Some(entry) = rows.get_mut(id) {
            entry.epoch = epoch;
            return false;
        }
        rows.insert(id.to_owned(), Entry { epoch, until });
        true
    }

    /// The newest claim.
    pub(crate) fn epoch(&self, id: &str) -> i64 {
        self.rows().get(id).map_or(0, |entry| entry.epoch)
    }

    /// It is no longer worked on. Returns the newest claim, which may be newer than the settled one.
    pub(crate) fn end(&self, id: &str) -> i64 {
        self.rows().remove(id).map_or(0, |entry| entry.epoch)
    }

    /// How many are worked on.
    pub(crate) fn len(&self) -> usize {
        self.rows().len()
    }

    /// When the first of them will be timed out.
    pub(crate) fn first_limit(&self) -> Option<Timestamp> {
        self.rows().values().map(|entry| entry.until).min()
    }

    /// Between claiming rows in the store and [`AtWork::begin`].
    pub(crate) async fn claiming(&self) -> RwLockReadGuard<'_, ()> {
        self.claiming.read().await
    }

    /// The newest claim, once no claim is half noted.
    pub(crate) async fn settled_epoch(&self, id: &str) -> i64 {
        let _nobody_claims = self.claiming.write().await;
        self.epoch(id)
    }

    /// Room for a unit that makes exactly so many rows; `None` when there is not that much, when none
    /// is wanted, or when earlier rows wait for it.
    fn room(&self, rows: usize) -> Option<OwnedSemaphorePermit> {
        if self.is_waited_for() { None } else { self.slots(rows) }
    }

    /// Room for a worker that claims what waits: half of what is free, so that units that are being
    /// written meanwhile find some too; all of it once rows had to wait. `None` makes them wait.
    pub(crate) fn some_room(&self) -> Option<OwnedSemaphorePermit> {
        let free = self.slots.available_permits();
        let room = self.slots(if self.is_waited_for() { free } else { free.div_ceil(2) });
        if room.is_none() {
            self.wait_for_room(true);
        }
        room
    }

    /// Whether a worker that claimed saw that more rows may wait.
    pub(crate) fn wait_for_room(&self, more: bool) {
        self.waited_for.store(more, Ordering::SeqCst);
    }

    /// Whether rows had to wait for room.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.waited_for.load(Ordering::SeqCst)
    }

    fn slots(&self, rows: usize) -> Option<OwnedSemaphorePermit> {
        let rows = u32::try_from(rows).ok().filter(|rows| *rows > 0)?;
        Arc::clone(&self.slots).try_acquire_many_owned(rows).ok()
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A claimed row that somebody has to act on now.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    pub(crate) row: T,
    /// When it was claimed, on the monotonic clock.
    pub(crate) claimed_at: Instant,
    /// When it is timed out.
    pub(crate) until: Timestamp,
    /// From before the claim: there is no moment at which a row is under a lease and nobody seems
    /// to be at work.
    pub(crate) _section: Section,
    /// Its room in [`AtWork`].
    pub(crate) slot: Option<OwnedSemaphorePermit>,
}

/// The way from the dispatch to the workers. It ends with the dispatch, which tells them that
/// nothing more comes.
#[derive(Debug)]
pub(crate) struct Hands {
    sends: mpsc::UnboundedSender<Taken<OutboxRow>>,
    calls: mpsc::UnboundedSender<Taken<CallRow>>,
}

/// Where a worker finds what was claimed for it. Bounded by the room in [`AtWork`].
pub(crate) type Handed<T> = mpsc::UnboundedReceiver<Taken<T>>;

impl Hands {
    /// The hands, and what they reach: the worker of the outbox and the one of calls.
    pub(crate) fn new() -> (Self, Handed<OutboxRow>, Handed<CallRow>) {
        let (sends, handed_sends) = mpsc::unbounded_channel();
        let (calls, handed_calls) = mpsc::unbounded_channel();
        (Self { sends, calls }, handed_sends, handed_calls)
    }
}

/// What a unit is about to claim.
pub(crate) struct Claiming<'a> {
    hands: &'a Hands,
    now: Timestamp,
    claimed_at: Instant,
    sends: Option<(OwnedSemaphorePermit, RwLockReadGuard<'a, ()>)>,
    calls: Option<(OwnedSemaphorePermit, RwLockReadGuard<'a, ()>)>,
}

impl<'a> Claiming<'a> {
    /// Has the unit claim what there is room for. Hold it while the unit is written.
    pub(crate) async fn begin(shared: &'a Shared, hands: &'a Hands, unit: &mut Unit) -> Self {
        let sends = match shared.sends.room(unit.says.len()) {
            Some(room) => Some((room, shared.sends.claiming().await)),
            None => None,
        };
        let calls = match shared.calls.room(unit.queries.len() + unit.operations.len()) {
            Some(room) => Some((room, shared.calls.claiming().await)),
            None => None,
        };
        let (now, claimed_at) = (shared.now(), instant());
        unit.claims = Claims {
            sends: sends.is_some().then_some(now + shared.timing.send_lease),
            calls: calls.is_some().then_some(now + shared.timing.call_lease),
        };
        Self { hands, now, claimed_at, sends, calls }
    }

    /// Hands what was claimed to the workers.
    pub(crate) fn hand_over(mut self, shared: &Shared, claimed: Claimed) {
        if !claimed.calls.is_empty() {
            // It learns when these leases end, to have them renewed.
            shared.bells.pulse.notify_one();
        }
        for row in claimed.sends {
            let until = self.now + shared.timing.send_limit;
            if shared.sends.begin(row.key.as_str(), row.claim.epoch, until) {
                let room = self.sends.as_mut().and_then(|(room, _)| room.split(1));
                // Fails only when the worker is gone: then the row waits for the end of its lease.
                let _ = self.hands.sends.send(self.taken(shared, row, until, room));
            }
        }
        for row in claimed.calls {
            let until = self.now + shared.timing.call_limit;
            if shared.calls.begin(&calls::id(&row.task), row.claim.epoch, until) {
                let room = self.calls.as_mut().and_then(|(room, _)| room.split(1));
                let _ = self.hands.calls.send(self.taken(shared, row, until, room));
            }
        }
    }

    fn taken<T>(
        &self,
        shared: &Shared,
        row: T,
        until: Timestamp,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Taken<T> {
        let section = shared.activity.enter();
        Taken { row, claimed_at: self.claimed_at, until, _section: section, slot }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_all_or_nothing_and_a_worker_leaves_half_of_it() {
        let work = AtWork::new(5);
        assert!(work.room(0).is_none(), "nothing is wanted");
        let worker = work.some_room().unwrap();
        assert_eq!(worker.num_permits(), 3);
        assert!(work.room(3).is_none());
        let unit = work.room(2).unwrap();
        assert!(work.some_room().is_none(), "all is taken");
        drop((worker, unit));
        work.wait_for_room(false);
        assert_eq!(work.room(5).unwrap().num_permits(), 5);
    }

    #[test]
    fn what_waits_comes_before_what_a_unit_makes_now() {
        let work = AtWork::new(4);
        let all = work.room(4).unwrap();
        assert!(work.room(1).is_none(), "this row waits, and the worker is rung for it");
        assert!(work.some_room().is_none());
        drop(all);
        assert!(work.room(1).is_none(), "another one would overtake it");
        let worker = work.some_room().unwrap();
        assert_eq!(worker.num_permits(), 4, "whoever waits gets all of it");
        work.wait_for_room(false);
        drop(worker);
        assert!(work.room(1).is_some(), "nobody waits any more");
    }

    #[test]
    fn a_row_that_is_worked_on_is_renewed_and_not_begun_twice() {
        let work = AtWork::new(5);
        assert!(work.begin("a", 1, Timestamp(9)));
        assert!(!work.begin("a", 2, Timestamp(99)));
        assert_eq!((work.epoch("a"), work.len(), work.first_limit()), (2, 1, Some(Timestamp(9))));
        assert_eq!(work.end("a"), 2);
        assert!(work.begin("a", 3, Timestamp(9)));
    }
}
