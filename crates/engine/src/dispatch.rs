//! Takes events from the inbox, one lane in order, different lanes in parallel, and has each handled
//! in one unit.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::task::{Id, JoinSet};
use tracing::Instrument as _;
use wilco_core::entity::EntityKey;
use wilco_core::event::Event;
use wilco_core::handle;
use wilco_core::handle::aside::Left;
use wilco_core::ids::RunId;
use wilco_core::place::Thread;
use wilco_core::port::{CommitFault, InboxRow, StoreFault, Unit};

use crate::aside::Aside;
use crate::clock::instant;
use crate::limit::pass_on;
use crate::load::{LoadFault, Loaded, Unreadable, pin};
use crate::shared::{Shared, kind};
use crate::span;
use crate::taken::{Claiming, Hands};
use crate::unit::unit;

/// After so many conflicts the lane is given back, so that others who wait for a place go first.
const CONFLICTS: u32 = 16;

/// The longest pause between two tries while the store fails.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Runs until it is told to stop, then finishes what it has begun.
pub(crate) async fn run(shared: Arc<Shared>, hands: Hands) {
    let hands = Arc::new(hands);
    let mut tasks: JoinSet<()> = JoinSet::new();
    let mut lanes: HashMap<Id, String> = HashMap::new();
    let mut queue: VecDeque<InboxRow> = VecDeque::new();
    let mut stopping = shared.stopping.subscribe();
    // Whether the inbox may hold events that were not fetched: at the start, after a ring, and after
    // a lane became free, because the rest of a busy lane is not fetched.
    let mut look = true;
    loop {
        if shared.is_stopping() {
            while let Some(ended) = tasks.join_next().await {
                pass_on(ended);
            }
            return;
        }
        if look && queue.is_empty() && tasks.len() < shared.timing.lanes_at_once {
            let busy: Vec<String> = lanes.values().cloned().collect();
            match shared.store.pending(shared.timing.batch, &busy).await {
                Ok(rows) => {
                    look = rows.len() == shared.timing.batch;
                    queue.extend(rows);
                }
                Err(fault) => {
                    tracing::error!(%fault, "the inbox cannot be read");
                    metrics::counter!("wilco_store_faults_total").increment(1);
                    tokio::time::sleep(shared.timing.poll).await;
                }
            }
        }
        while tasks.len() < shared.timing.lanes_at_once
            && let Some(row) = queue.pop_front()
        {
            let lane = row.lane.clone();
            let (shared, hands) = (Arc::clone(&shared), Arc::clone(&hands));
            let task = tasks.spawn(async move {
                let span = tracing::info_span!(
                    "event",
                    seq = row.seq,
                    lane = %row.lane,
                    kind = tracing::field::Empty,
                    run = tracing::field::Empty,
                );
                let _section = shared.activity.enter();
                let handling = handle_row(&shared, &hands, &row).instrument(span);
                if AssertUnwindSafe(handling).catch_unwind().await.is_err() {
                    // Not the handler, whose panics are caught: the engine itself.
                    let (left, why) = (Left::in_lane(&row.lane), "the engine panicked".to_owned());
                    let kind = "panicked";
                    let aside = Aside { row: &row, kind, left, why, unread: None, poison: false };
                    aside.write(&shared, &hands).await;
                }
            });
            lanes.insert(task.id(), lane);
        }
        if look && queue.is_empty() && tasks.len() < shared.timing.lanes_at_once {
            continue;
        }
        tokio::select! {
            Some(ended) = tasks.join_next_with_id() => {
                free(&mut lanes, ended);
                // Lanes whose units were committed together end together.
                while let Some(ended) = tasks.try_join_next_with_id() {
                    free(&mut lanes, ended);
                }
                look = true;
            }
            () = shared.bells.dispatch.notified() => look = true,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

fn free(lanes: &mut HashMap<Id, String>, ended: Result<(Id, ()), tokio::task::JoinError>) {
    match ended {
        Ok((id, ())) => drop(lanes.remove(&id)),
        Err(fault) => pass_on(Err(fault)),
    }
}

/// Why an event was not handled this time.
enum Fault {
    /// Somebody else was faster: load and handle again.
    Conflict,
    /// Somebody else has handled it, or an earlier one of its lane has to be handled first.
    NotNext,
    /// The store failed: wait, and try again.
    Store(StoreFault),
    /// It will never be handled: set it aside, aloud.
    Poison(Poison),
}

/// Why an event will never be handled.
struct Poison {
    why: String,
    unread: Option<Box<Unreadable>>,
    /// The store fails on it.
    store: bool,
}

impl Poison {
    fn because(why: &str) -> Fault {
        Fault::Poison(Self { why: why.to_owned(), unread: None, store: false })
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

impl From<CommitFault> for Fault {
    fn from(fault: CommitFault) -> Self {
        match fault {
            CommitFault::Conflict => Self::Conflict,
            CommitFault::NotNext => Self::NotNext,
            CommitFault::Store(fault) => Self::Store(fault),
        }
    }
}

async fn handle_row(shared: &Shared, hands: &Hands, row: &InboxRow) {
    let begun = instant();
    let event: Event = match serde_json::from_str(&row.body) {
        Ok(event) => event,
        Err(why) => {
            let why = format!("the event cannot be read: {why}");
            let left = Left::in_lane(&row.lane);
            let aside = Aside { row, kind: "unreadable", left, why, unread: None, poison: false };
            return aside.write(shared, hands).await;
        }
    };
    let kind = kind(&event);
    tracing::Span::current().record("kind", kind);
    let mut known = Known { told: false, drawn: None, extra: Vec::new() };
    if let Some(run) = span::named(&event) {
        known.tell(run);
    }
    let mut tries = Tries::default();
    loop {
        match handle_once(shared, hands, row, &event, &mut known).await {
            Ok(()) => {
                metrics::counter!("wilco_events_handled_total", "event" => kind).increment(1);
                metrics::histogram!("wilco_event_seconds").record(begun.elapsed().as_secs_f64());
                return;
            }
            // Every replica takes what is pending; whoever commits first has handled it.
            Err(Fault::NotNext) => return,
            Err(Fault::Conflict) => {
                metrics::counter!("wilco_conflicts_total").increment(1);
                if tries.conflict().await {
                    return;
                }
            }
            Err(Fault::Store(fault)) => {
                if tries.store_fault(shared, &fault).await {
                    return;
                }
                if tries.is_poison(shared) {
                    let why = format!("the store fails on this event alone: {fault}");
                    let poison = Poison { why, unread: None, store: true };
                    return set_aside(shared, hands, row, &event, poison).await;
                }
            }
            Err(Fault::Poison(poison)) => {
                return set_aside(shared, hands, row, &event, poison).await;
            }
        }
    }
}

async fn set_aside(shared: &Shared, hands: &Hands, row: &InboxRow, event: &Event, poison: Poison) {
    let left = Left::by(&shared.settings.get(), event);
    let Poison { why, unread, store } = poison;
    let unread = unread.map(|unread| *unread);
    Aside { row, kind: kind(event), left, why, unread, poison: store }.write(shared, hands).await;
}

/// What one try to handle an event leaves to the next.
struct Known {
    /// The span names the run.
    told: bool,
    /// The number that was drawn for a new run.
    drawn: Option<RunId>,
    /// What is to be loaded besides what the event names.
    extra: Vec<EntityKey>,
}

impl Known {
    /// Names the run in the span, once.
    fn tell(&mut self, run: &RunId) {
        if !std::mem::replace(&mut self.told, true) {
            span::tell(run);
        }
    }
}

/// Loads, handles, writes.
async fn handle_once(
    shared: &Shared,
    hands: &Hands,
    row: &InboxRow,
    event: &Event,
    known: &mut Known,
) -> Result<(), Fault> {
    loop {
        let mut ctx = shared.context();
        let loaded = match Loaded::load(shared, &ctx.settings, event, &known.extra).await {
            Ok(loaded) => loaded,
            Err(LoadFault::Store(fault)) => return Err(fault.into()),
            Err(LoadFault::Unreadable(unreadable)) => {
                return Err(Fault::Poison(Poison {
                    why: unreadable.to_string(),
                    unread: Some(Box::new(unreadable)),
                    store: false,
                }));
            }
        };
        pin(shared, &mut ctx, &loaded.world).await?;
        if known.drawn.is_none() && handle::may_create_run(&loaded.world, event) {
            known.drawn = Some(RunId::numbered(shared.store.next_run_number().await?));
        }
        ctx.next_run.clone_from(&known.drawn);
        // The handler is pure: a panic leaves nothing behind that could be half changed.
        let outcome =
            catch_unwind(AssertUnwindSafe(|| (shared.handler)(&ctx, &loaded.world, event)))
                .map_err(|_| Poison::because("the handler panicked"))?;
        match unit(&loaded, outcome, row, known.drawn.as_ref(), ctx.now) {
            Ok(unit) => {
                if let Some(run) = span::written(&unit) {
                    known.tell(run);
                }
                return Ok(commit(shared, Some(hands), unit).await?);
            }
            Err(unseen) => {
                if unseen.iter().all(|key| known.extra.contains(key)) {
                    return Err(Poison::because("an entity cannot be loaded"));
                }
                known.extra.extend(unseen);
            }
        }
    }
}

/// Writes a unit and wakes whoever has something to do now. With `hands` it claims the work that it
/// makes, as far as there is room.
pub(crate) async fn commit(
    shared: &Shared,
    hands: Option<&Hands>,
    mut unit: Unit,
) -> Result<(), CommitFault> {
    let says = unit.says.len();
    let calls = unit.queries.len() + unit.operations.len();
    let events = !unit.events.is_empty();
    let due = unit.timers.iter().map(|timer| timer.due).min();
    let threads: Vec<Thread> = unit.puts.iter().filter_map(|put| put.1.clone()).collect();
    let claiming = match hands {
        Some(hands) => Some(Claiming::begin(shared, hands, &mut unit).await),
        None => None,
    };
    let claimed = shared.store.commit(unit).await?;
    let bells = &shared.bells;
    // What was not claimed now is left to the workers.
    if says > claimed.sends.len() {
        bells.outbox.notify_one();
    }
    if calls > claimed.calls.len() {
        bells.calls.notify_one();
    }
    if let Some(claiming) = claiming {
        claiming.hand_over(shared, claimed);
    }
    for thread in &threads {
        shared.threads.opened(thread);
    }
    if events {
        bells.dispatch.notify_one();
    }
    if let Some(due) = due {
        bells.timer_set(due);
    }
    Ok(())
}

/// Counts tries and waits between them. Both answers tell whether to give the lane back: the event
/// stays in the inbox, and is taken again.
#[derive(Default)]
pub(crate) struct Tries {
    conflicts: u32,
    faults: u32,
    /// When the store failed first.
    first: Option<Instant>,
    /// After how many of the last failures in a row the store took something else.
    well: u32,
}

impl Tries {
    /// Whether the store fails on this event alone: for long, again and again, and each time it took
    /// another write right afterwards. That needs nobody else to be about.
    pub(crate) fn is_poison(&self, shared: &Shared) -> bool {
        let timing = &shared.timing;
        self.well >= timing.poison_tries
            && self.first.is_some_and(|first| first.elapsed() >= timing.poison_after)
    }

    pub(crate) async fn conflict(&mut self) -> bool {
        self.conflicts += 1;
        match self.conflicts {
            // The other one is over: its commit is what was in the way.
            ..=3 => tokio::task::yield_now().await,
            more => tokio::time::sleep(Duration::from_millis(more.into())).await,
        }
        self.conflicts >= CONFLICTS
    }

    pub(crate) async fn store_fault(&mut self, shared: &Shared, fault: &StoreFault) -> bool {
        self.faults += 1;
        self.first.get_or_insert_with(instant);
        metrics::counter!("wilco_store_faults_total").increment(1);
        tracing::error!(%fault, tries = self.faults, "the store failed; the event stays");
        self.well = match shared.store.ping().await {
            Ok(()) => self.well + 1,
            Err(_) => 0,
        };
        let pause = Duration::from_millis(50) * self.faults.pow(2);
        tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        shared.is_stopping()
    }
}
