//! Claims messages and carries them to the chat platforms, a bounded number at once per adapter.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tracing::Instrument as _;
use wilco_core::audit::{AuditRecord, Fact};
use wilco_core::call::Finding;
use wilco_core::event::Event;
use wilco_core::ids::{AdapterName, MessageId};
use wilco_core::message::To;
use wilco_core::place::Thread;
use wilco_core::port::{Adapter, NewEvent, OutboxRow, SendFault, SendOutcome};
use wilco_core::time::Timestamp;

use crate::calls::SOON;
use crate::clock::instant;
use crate::inbox::stored;
use crate::limit::{limited, pass_on};
use crate::shared::Shared;
use crate::span;
use crate::taken::{Handed, Taken};

/// How many messages are under a claim at once; more wait in the store.
pub(crate) const CLAIMED: usize = 256;

/// How many messages are on their way at once, by adapter.
type Gates = HashMap<AdapterName, Semaphore>;

/// The `at` of an adapter's `find`.
#[derive(Deserialize)]
struct Found {
    message: MessageId,
    at: Timestamp,
}

/// Runs until it is told to stop, then finishes what it has begun and what the dispatch still hands
/// over.
pub(crate) async fn run(shared: Arc<Shared>, mut handed: Handed<OutboxRow>) {
    let mut tasks: JoinSet<()> = JoinSet::new();
    let mut stopping = shared.stopping.subscribe();
    let gates: Arc<Gates> = Arc::new(
        shared
            .adapters
            .keys()
            .map(|name| (name.clone(), Semaphore::new(shared.timing.sends_at_once)))
            .collect(),
    );
    let mut look = true;
    loop {
        while let Ok(taken) = handed.try_recv() {
            begin(&shared, &gates, &mut tasks, taken);
        }
        while let Some(ended) = tasks.try_join_next() {
            pass_on(ended);
        }
        if shared.is_stopping() {
            while let Some(taken) = handed.recv().await {
                begin(&shared, &gates, &mut tasks, taken);
            }
            while let Some(ended) = tasks.join_next().await {
                pass_on(ended);
            }
            return;
        }
        if look && let Some(room) = shared.sends.some_room() {
            look = claim(&shared, &gates, &mut tasks, room).await;
            continue;
        }
        tokio::select! {
            Some(taken) = handed.recv() => begin(&shared, &gates, &mut tasks, taken),
            Some(ended) = tasks.join_next() => pass_on(ended),
            () = shared.bells.outbox.notified() => look = true,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// Claims and begins; returns whether there may be more.
async fn claim(
    shared: &Arc<Shared>,
    gates: &Arc<Gates>,
    tasks: &mut JoinSet<()>,
    mut room: OwnedSemaphorePermit,
) -> bool {
    // See `calls::claim`.
    let section = shared.activity.enter();
    let _claiming = shared.sends.claiming().await;
    let (now, claimed_at) = (shared.now(), instant());
    let lease_until = now + shared.timing.send_lease;
    let limit = room.num_permits();
    let rows = match shared.store.claim_sends(now, lease_until, limit).await {
        Ok(rows) => rows,
        Err(fault) => {
            tracing::error!(%fault, "messages cannot be claimed");
            metrics::counter!("wilco_store_faults_total").increment(1);
            return false;
        }
    };
    let more = rows.len() == limit;
    shared.sends.wait_for_room(more);
    for row in rows {
        let until = now + shared.timing.send_limit;
        if shared.sends.begin(row.key.as_str(), row.claim.epoch, until) {
            let (held, slot) = (shared.activity.enter(), room.split(1));
            begin(shared, gates, tasks, Taken { row, claimed_at, until, _section: held, slot });
        }
    }
    drop(section);
    more
}

/// Begins to send a claimed message.
fn begin(
    shared: &Arc<Shared>,
    gates: &Arc<Gates>,
    tasks: &mut JoinSet<()>,
    taken: Taken<OutboxRow>,
) {
    let (shared, gates) = (Arc::clone(shared), Arc::clone(gates));
    tasks.spawn(async move {
        let Taken { row, claimed_at, _section, slot: _slot, .. } = taken;
        let span = tracing::info_span!(
            "send",
            key = %row.key,
            lane = %row.to.lane(),
            run = span::says(&row.key).map(tracing::field::display),
            adapter = %row.to.adapter(),
            epoch = row.claim.epoch,
        );
        carry(&shared, &gates, row, claimed_at).instrument(span).await;
    });
}

async fn carry(shared: &Shared, gates: &Gates, row: OutboxRow, claimed_at: Instant) {
    let name = row.to.adapter().clone();
    let outcome =
        if let (Some(adapter), Some(gate)) = (shared.adapters.get(&name), gates.get(&name)) {
            // Fails only when the gate was closed, which nobody does.
            let _pass = gate.acquire().await;
            if claimed_at.elapsed() >= shared.timing.send_lease {
                // Waited too long at the gate to be sure that nobody else is sending it.
                SendOutcome::Retry { at: shared.now(), acted: false }
            } else {
                send(shared, adapter.as_ref(), &row).await
            }
        } else {
            tracing::error!("no such adapter; the message waits for it");
            let at = shared.now() + shared.timing.adapter_missing;
            SendOutcome::Retry { at, acted: false }
        };
    let how = match &outcome {
        SendOutcome::Sent { .. } => "sent",
        SendOutcome::Retry { .. } => "later",
        SendOutcome::Dropped { .. } => "dropped",
    };
    settle(shared, &row, outcome).await;
    let labels = [("adapter", name.to_string()), ("outcome", how.to_owned())];
    metrics::counter!("wilco_sends_total", &labels).increment(1);
}

/// Posts or updates one message.
async fn send(shared: &Shared, adapter: &dyn Adapter, row: &OutboxRow) -> SendOutcome {
    let timing = &shared.timing;
    let mut standing = row.message.clone().map(|message| (message, None));
    if standing.is_none()
        && let Some(earlier_send_by) = row.claim.earlier_send_by
    {
        let asked_at = shared.now();
        let until = asked_at + timing.send_limit;
        let finding = match limited(
            shared.clock.as_ref(),
            until,
            adapter.find(&row.key, &row.to, row.said_at),
        )
        .await
        {
            Ok(finding) => finding,
            Err(broken) => Finding::NotNow(broken.trouble(adapter.name().as_str())),
        };
        let counts_from = earlier_send_by + timing.send_limit + timing.send_visible_after;
        match finding {
            Finding::Found(value) => match serde_json::from_value::<Found>(value) {
                Ok(found) => standing = Some((found.message, Some(found.at))),
                Err(why) => {
                    return dropped(shared, row, &format!("the adapter found nonsense: {why}"));
                }
            },
            _ if asked_at < counts_from => {
                return SendOutcome::Retry { at: counts_from, acted: false };
            }
            Finding::NotFound => {}
            Finding::Partly => return dropped(shared, row, "perhaps sent: in parts"),
            Finding::Unsure(why) => return dropped(shared, row, &format!("perhaps sent: {why}")),
            Finding::NotNow(trouble) => {
                tracing::warn!(kind = ?trouble.kind, "the platform cannot be asked now");
                return SendOutcome::Retry { at: shared.now() + timing.look_again, acted: false };
            }
        }
    }
    let until = shared.now() + timing.send_limit;
    let clock = shared.clock.as_ref();
    let sent = match &standing {
        // What was found has the content of the first wish, and this is the first wish.
        Some((message, Some(at))) if row.wanted <= 1 => Ok(Ok((message.clone(), *at))),
        Some((message, at)) => limited(clock, until, adapter.update(message, &row.to, &row.body))
            .await
            .map(|sent| sent.map(|()| (message.clone(), at.unwrap_or_default()))),
        None => limited(clock, until, adapter.post(&row.key, &row.to, &row.body)).await,
    };
    match sent {
        Ok(Ok((message, at))) => {
            let first = row.message.is_none();
            let event = if first { posted(row, &message, at) } else { None };
            // A reply to an announcement is a reply to the bot.
            let opens = match &row.to {
                To::Room(room) if first => {
                    Some(Thread { room: room.clone(), root: message.clone() })
                }
                _ => None,
            };
            if let Some(thread) = &opens {
                // Settling makes it durable; who is quick replies before.
                shared.threads.opened(thread);
            }
            SendOutcome::Sent { message, event, opens }
        }
        Ok(Err(SendFault::Later { after_ms, why })) => {
            tracing::warn!(after_ms, why, "the platform wants to be asked later");
            let pause = Duration::from_millis(after_ms).max(Duration::from_millis(50));
            SendOutcome::Retry { at: shared.now() + pause, acted: false }
        }
        Ok(Err(SendFault::Never { why })) => dropped(shared, row, &why),
        Ok(Err(SendFault::Unclear { why })) => {
            tracing::warn!(why, "unclear whether the message stands there");
            unclear(shared)
        }
        Err(broken) => {
            tracing::warn!(?broken, "unclear whether the message stands there");
            unclear(shared)
        }
    }
}

fn unclear(shared: &Shared) -> SendOutcome {
    let pause = shared.timing.send_visible_after.max(SOON);
    SendOutcome::Retry { at: shared.now() + pause, acted: true }
}

fn dropped(shared: &Shared, row: &OutboxRow, why: &str) -> SendOutcome {
    tracing::error!(key = %row.key, why, "a message will never go out");
    let what = Fact::MessageDropped {
        message: row.key.to_string(),
        to: row.to.lane(),
        why: why.to_owned(),
    };
    SendOutcome::Dropped { record: AuditRecord { at: shared.now(), who: None, what } }
}

/// The receipt of a first post, for whoever wants it.
fn posted(row: &OutboxRow, message: &MessageId, at: Timestamp) -> Option<NewEvent> {
    let owner = row.receipt.clone()?;
    let event = Event::Posted { owner, key: row.key.clone(), message: message.clone(), at };
    Some(stored(format!("posted {}", row.key), &event, None))
}

/// Writes the outcome under the newest claim of this process; see `calls::settle`.
async fn settle(shared: &Shared, row: &OutboxRow, outcome: SendOutcome) {
    let (key, id) = (&row.key, row.key.as_str());
    let retry = matches!(outcome, SendOutcome::Retry { .. });
    let receipt = matches!(outcome, SendOutcome::Sent { event: Some(_), .. });
    let store = &shared.store;
    let mut epoch = shared.sends.epoch(id);
    loop {
        match store.settle_send(key, epoch, row.wanted, outcome.clone(), shared.now()).await {
            Ok(true) => break,
            Ok(false) => {
                let newest = shared.sends.settled_epoch(id).await;
                if newest == epoch {
                    tracing::warn!("another worker has taken this message over");
                    break;
                }
                epoch = newest;
            }
            Err(fault) => {
                tracing::error!(%fault, "a message cannot be settled");
                metrics::counter!("wilco_store_faults_total").increment(1);
                if shared.is_stopping() {
                    break;
                }
                tokio::time::sleep(shared.timing.poll).await;
            }
        }
    }
    let newest = shared.sends.end(id);
    if newest != epoch {
        // Claimed again between settling and here, and taken for a renewal: give it back.
        let again = SendOutcome::Retry { at: shared.now(), acted: false };
        let given = store.settle_send(key, newest, row.wanted, again, shared.now()).await;
        if let Err(fault) = given {
            tracing::error!(%fault, "a claim cannot be given back; it ends with its lease");
        }
    }
    if retry {
        shared.bells.pulse.notify_one();
    } else {
        // The next of its lane, or a newer wish for the same message, may go now.
        shared.bells.outbox.notify_one();
    }
    if receipt {
        shared.bells.dispatch.notify_one();
    }
}
