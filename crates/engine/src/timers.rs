//! Moves timers that are due into the inbox.

use std::sync::Arc;

use wilco_core::time::Timestamp;

use crate::shared::Shared;

/// How many timers fire in one transaction.
const BATCH: usize = 256;

/// Runs until it is told to stop. At first it waits until the adapters have handed in what was said
/// while nobody ran (bounded): an answer that came in time must not be overtaken by its time-out.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut stopping = shared.stopping.subscribe();
    let mut caught_up = shared.caught_up.subscribe();
    tokio::select! {
        _ = caught_up.wait_for(|caught_up| *caught_up) => {}
        () = tokio::time::sleep(shared.timing.catch_up) => {
            tracing::warn!("adapters have not caught up in time; timers fire from now on");
            shared.caught_up.send_replace(true);
        }
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    while !shared.is_stopping() {
        let next = match fire(&shared).await {
            Ok(next) => next,
            Err(fault) => {
                tracing::error!(%fault, "timers cannot be read");
                metrics::counter!("wilco_store_faults_total").increment(1);
                tokio::time::sleep(shared.timing.poll).await;
                continue;
            }
        };
        let due = async {
            match next {
                Some(due) => shared.clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = shared.bells.timers.notified() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// Fires what is due; returns when the next one is.
async fn fire(shared: &Shared) -> Result<Option<Timestamp>, wilco_core::port::StoreFault> {
    loop {
        shared.bells.timers_unknown();
        let next = shared.store.timers(1).await?.first().map(|row| row.timer.due);
        let now = shared.now();
        if next.is_none_or(|due| due > now) {
            shared.bells.timers_wait_for(next);
            return Ok(next);
        }
        let section = shared.activity.enter();
        let fired = shared.store.fire_timers(now, BATCH).await?;
        metrics::counter!("wilco_timers_total").increment(fired as u64);
        shared.bells.dispatch.notify_one();
        drop(section);
        if fired == 0 {
            // Another process was faster, or the row cannot fire: look again with the pulse.
            return Ok(None);
        }
    }
}
