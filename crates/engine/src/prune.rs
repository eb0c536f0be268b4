//! Deletes what is over and old, a little at a time.

use std::sync::Arc;
use std::time::Duration;

use wilco_core::port::{Prune, Pruned, StoreFault};

use crate::shared::Shared;

/// How long until the next batch while there may be more.
const BETWEEN: Duration = Duration::from_secs(1);

/// Runs until it is told to stop. Not before the adapters have handed in what was said while nobody
/// ran: until then a platform may deliver something again whose key is old.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut stopping = shared.stopping.subscribe();
    let mut caught_up = shared.caught_up.subscribe();
    tokio::select! {
        _ = caught_up.wait_for(|caught_up| *caught_up) => {}
        _ = stopping.wait_for(|stopping| *stopping) => {}
    }
    while !shared.is_stopping() {
        let pause = match batch(&shared).await {
            Ok(true) => BETWEEN,
            Ok(false) => shared.timing.prune_every,
            Err(fault) => {
                tracing::error!(%fault, "old rows cannot be deleted");
                metrics::counter!("wilco_store_faults_total").increment(1);
                shared.timing.prune_every
            }
        };
        tokio::select! {
            () = shared.clock.sleep_until(shared.now() + pause) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
    }
}

/// Deletes one batch; returns whether there may be more.
async fn batch(shared: &Shared) -> Result<bool, StoreFault> {
    let (now, limit) = (shared.now(), shared.timing.prune_batch);
    let keep = i64::try_from(shared.timing.keep.as_millis()).unwrap_or(i64::MAX);
    let before = wilco_core::time::Timestamp(now.0.saturating_sub(keep));
    let prune = Prune { now, next: now + BETWEEN, before, limit };
    let Some(pruned) = shared.store.prune(prune).await? else { return Ok(false) };
    let Pruned { keys, says, calls } = pruned;
    for (what, rows) in [("event_keys", keys), ("messages", says), ("calls", calls)] {
        if rows > 0 {
            metrics::counter!("wilco_pruned_total", "what" => what).increment(rows as u64);
        }
    }
    Ok([keys, says, calls].contains(&limit))
}
