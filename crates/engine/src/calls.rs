//! Claims queries and operations and has them carried out, a bounded number at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tracing::Instrument as _;
use wilco_core::answer::{Answer, Progress, Trouble, TroubleKind};
use wilco_core::call::{Call, Operation, Query, QueryOutcome};
use wilco_core::entity::EntityKey;
use wilco_core::event::Event;
use wilco_core::port::{CallRow, CallTask, Connector, NewEvent, SettleCall};
use wilco_core::time::Timestamp;

use crate::clock::instant;
use crate::inbox::stored;
use crate::limit::{Broken, limited, pass_on};
use crate::perform::{self, Claimed, Next, Why};
use crate::shared::Shared;
use crate::span;
use crate::taken::{Handed, Taken};

/// The action by which core looks how far an operation has come.
const WATCH: &str = "watch";

/// Runs until it is told to stop, then finishes what it has begun and what the dispatch still hands
/// over.
pub(crate) async fn run(shared: Arc<Shared>, mut handed: Handed<CallRow>) {
    let mut tasks: JoinSet<()> = JoinSet::new();
    let mut stopping = shared.stopping.subscribe();
    let looking = Arc::new(perform::Looking::default());
    let mut look = true;
    loop {
        while let Ok(taken) = handed.try_recv() {
            begin(&shared, &looking, &mut tasks, taken);
        }
        while let Some(ended) = tasks.try_join_next() {
            pass_on(ended);
        }
        if shared.is_stopping() {
            while let Some(taken) = handed.recv().await {
                begin(&shared, &looking, &mut tasks, taken);
            }
            while let Some(ended) = tasks.join_next().await {
                pass_on(ended);
            }
            return;
        }
        if look && let Some(room) = shared.calls.some_room() {
            look = claim(&shared, &looking, &mut tasks, room).await;
            continue;
        }
        tokio::select! {
            Some(taken) = handed.recv() => begin(&shared, &looking, &mut tasks, taken),
            Some(ended) = tasks.join_next() => pass_on(ended),
            () = shared.bells.calls.notified() => look = true,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// Claims and begins; returns whether there may be more.
async fn claim(
    shared: &Arc<Shared>,
    looking: &Arc<perform::Looking>,
    tasks: &mut JoinSet<()>,
    mut room: OwnedSemaphorePermit,
) -> bool {
    // From before the claim until every task has its own section: there is no moment at which a row
    // is under a lease and nobody seems to be at work.
    let section = shared.activity.enter();
    let _claiming = shared.calls.claiming().await;
    let (now, claimed_at) = (shared.now(), instant());
    let lease_until = now + shared.timing.call_lease;
    let limit = room.num_permits();
    let rows = match shared.store.claim_calls(now, lease_until, limit).await {
        Ok(rows) => rows,
        Err(fault) => {
            tracing::error!(%fault, "calls cannot be claimed");
            metrics::counter!("wilco_store_faults_total").increment(1);
            // The pulse rings again.
            return false;
        }
    };
    let more = rows.len() == limit;
    shared.calls.wait_for_room(more);
    if !rows.is_empty() {
        // It learns when these leases end, to have them renewed.
        shared.bells.pulse.notify_one();
    }
    for row in rows {
        let until = now + shared.timing.call_limit;
        if shared.calls.begin(&id(&row.task), row.claim.epoch, until) {
            let (held, slot) = (shared.activity.enter(), room.split(1));
            begin(shared, looking, tasks, Taken { row, claimed_at, until, _section: held, slot });
        }
    }
    drop(section);
    more
}

/// Begins to act on a claimed row.
fn begin(
    shared: &Arc<Shared>,
    looking: &Arc<perform::Looking>,
    tasks: &mut JoinSet<()>,
    taken: Taken<CallRow>,
) {
    let (shared, looking) = (Arc::clone(shared), Arc::clone(looking));
    tasks.spawn(async move {
        let Taken { row, claimed_at, until, _section, slot } = taken;
        let call = call(&row.task);
        let span = tracing::info_span!(
            "call",
            id = %id(&row.task),
            lane = %owner(&row.task),
            run = span::of(owner(&row.task)).map(tracing::field::display),
            connector = %call.connector,
            action = %call.action,
            epoch = row.claim.epoch,
        );
        carry_out(&shared, &looking, row, Span { claimed_at, until, slot }).instrument(span).await;
    });
}

/// How long a call may take, and its place among those that go on at once.
struct Span {
    /// When it was claimed, on the monotonic clock.
    claimed_at: Instant,
    /// When it is timed out.
    until: Timestamp,
    slot: Option<OwnedSemaphorePermit>,
}

async fn carry_out(shared: &Shared, looking: &perform::Looking, row: CallRow, span: Span) {
    let begun = instant();
    let id = &id(&row.task);
    let call = call(&row.task).clone();
    let (outcome, how) = match row.task {
        CallTask::Query(query) => {
            let outcome = ask(shared, &query, span.until).await;
            let how = if outcome.is_ok() { "answered" } else { "trouble" };
            if let Err(trouble) = &outcome {
                tracing::warn!(tool = trouble.tool, kind = ?trouble.kind, "no answer");
            }
            let event = Event::Answered { owner: query.owner, call: query.id, outcome };
            (SettleCall::Over { event: over("answered", id, &event) }, how)
        }
        CallTask::Operation(operation) => {
            let (claim, unclear) = (&row.claim, row.unclear.as_ref());
            let claimed = Claimed { operation: &operation, claim, unclear, at: span.claimed_at };
            let next = perform::carry_out(shared, looking, claimed).await;
            let how = next.word();
            tracing::info!(how, "operation");
            match next {
                Next::Settle(settlement) => {
                    let Operation { id: call, owner, .. } = operation;
                    let event = Event::Settled { owner, call, settlement };
                    (SettleCall::Over { event: over("settled", id, &event) }, how)
                }
                Next::Retry { at, why } => {
                    if let Why::Away(trouble) | Why::Unclear(trouble) = &why {
                        tell(shared, operation, trouble).await;
                    }
                    let unclear = match why {
                        Why::Unclear(trouble) => Some(trouble),
                        Why::TooSoon | Why::Away(_) => None,
                    };
                    (SettleCall::Retry { at, unclear }, how)
                }
            }
        }
    };
    // The tool is done with it: the next one need not wait for the disk.
    drop(span.slot);
    if shared.calls.is_waited_for() {
        shared.bells.calls.notify_one();
    }
    settle(shared, id, outcome).await;
    let labels = [("connector", call.connector), ("action", call.action), ("outcome", how.into())];
    metrics::counter!("wilco_calls_total", &labels).increment(1);
    metrics::histogram!("wilco_call_seconds").record(begun.elapsed().as_secs_f64());
}

/// Tells the owner, once for each kind of trouble, that nobody knows whether the tool took it. Only
/// told: when it cannot be stored, the work goes on without it.
async fn tell(shared: &Shared, operation: Operation, trouble: &Trouble) {
    let Operation { id: call, owner, .. } = operation;
    let key = format!("hindered {call} {:?}", trouble.kind);
    let trouble = trouble.clone();
    let event = stored(key, &Event::Hindered { owner, call, trouble }, None);
    if let Err(fault) = shared.store_events(vec![event]).await {
        tracing::error!(%fault, "those who wait cannot be told");
    }
}

fn over(what: &str, id: &str, event: &Event) -> NewEvent {
    stored(format!("{what} {id}"), event, None)
}

/// Writes the outcome under the newest claim of this process.
async fn settle(shared: &Shared, id: &str, outcome: SettleCall) {
    let call = wilco_core::ids::CallId::new(id);
    let retry = matches!(outcome, SettleCall::Retry { .. });
    let mut epoch = shared.calls.epoch(id);
    loop {
        match shared.store.settle_call(&call, epoch, outcome.clone(), shared.now()).await {
            Ok(true) => break,
            Ok(false) => {
                let newest = shared.calls.settled_epoch(id).await;
                if newest == epoch {
                    tracing::warn!("another worker has taken this call over");
                    break;
                }
                epoch = newest;
            }
            Err(fault) => {
                tracing::error!(%fault, "a call cannot be settled");
                metrics::counter!("wilco_store_faults_total").increment(1);
                if shared.is_stopping() {
                    break;
                }
                tokio::time::sleep(shared.timing.poll).await;
            }
        }
    }
    let newest = shared.calls.end(id);
    if retry && newest != epoch {
        // Claimed again between settling and here, and taken for a renewal: give it back.
        let again = SettleCall::Retry { at: shared.now(), unclear: None };
        if let Err(fault) = shared.store.settle_call(&call, newest, again, shared.now()).await {
            tracing::error!(%fault, "a claim cannot be given back; it ends with its lease");
        }
    }
    let bell = if retry { &shared.bells.pulse } else { &shared.bells.dispatch };
    bell.notify_one();
}

/// Asks a tool, or looks how far an operation has come.
async fn ask(shared: &Shared, query: &Query, until: Timestamp) -> QueryOutcome {
    let call = &query.call;
    let trouble = |kind| Trouble { tool: call.connector.clone(), kind, detail: String::new() };
    let Some(connector) = shared.connectors.get(&call.connector) else {
        return Err(Trouble {
            detail: "no such connection".into(),
            ..trouble(TroubleKind::BadRequest)
        });
    };
    let work = async {
        if call.action == WATCH {
            watch(connector.as_ref(), call).await.map(Answer::Progress)
        } else {
            connector.ask(call).await
        }
    };
    match limited(shared.clock.as_ref(), until, work).await {
        Ok(outcome) => outcome,
        Err(broken) => Err(broken.trouble(&call.connector)),
    }
}

async fn watch(connector: &dyn Connector, call: &Call) -> Result<Progress, Trouble> {
    let operation = call.with.get("operation").cloned().unwrap_or_default();
    let operation: Operation = serde_json::from_value(operation).map_err(|why| Trouble {
        tool: call.connector.clone(),
        kind: TroubleKind::BadRequest,
        detail: format!("watch: {why}"),
    })?;
    let part = |name: &str| call.with.get(name).unwrap_or(&Value::Null);
    connector.watch(&operation, part("receipt"), part("memory")).await
}

impl Broken {
    /// As a trouble with this tool.
    pub(crate) fn trouble(self, tool: &str) -> Trouble {
        let (kind, detail) = match self {
            Self::TimedOut => (TroubleKind::TimedOut, ""),
            Self::Panicked => (TroubleKind::Garbled, "internal fault"),
        };
        Trouble { tool: tool.into(), kind, detail: detail.into() }
    }
}

/// Names a call for ever.
pub(crate) fn id(task: &CallTask) -> String {
    match task {
        CallTask::Query(query) => query.id.to_string(),
        CallTask::Operation(operation) => operation.id.to_string(),
    }
}

/// Who wants it, and handles the answer.
fn owner(task: &CallTask) -> &EntityKey {
    match task {
        CallTask::Query(query) => &query.owner,
        CallTask::Operation(operation) => &operation.owner,
    }
}

fn call(task: &CallTask) -> &Call {
    match task {
        CallTask::Query(query) => &query.call,
        CallTask::Operation(operation) => &operation.call,
    }
}

/// A pause that is not nothing, so that a worker that is refused at once does not spin.
pub(crate) const SOON: Duration = Duration::from_millis(500);
