//! A bound around every call into a connector or an adapter: neither a slow one nor one that panics
//! may take a worker with it.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tokio::task::JoinError;
use wilco_core::time::Timestamp;

use crate::clock::Clock;

/// Why a call gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Not over in time; it was dropped.
    TimedOut,
    /// It panicked: a mistake in the connector or adapter, which the log names.
    Panicked,
}

/// Runs `work` until `until` on the engine's clock.
pub(crate) async fn limited<T>(
    clock: &dyn Clock,
    until: Timestamp,
    work: impl Future<Output = T>,
) -> Result<T, Broken> {
    tokio::select! {
        biased;
        done = AssertUnwindSafe(work).catch_unwind() => done.map_err(|_| Broken::Panicked),
        () = clock.sleep_until(until) => Err(Broken::TimedOut),
    }
}

/// A task of a worker that panicked (the engine's own mistake: connectors and adapters are held by
/// [`limited`]) takes its worker along, so that it is noticed: its row would stay claimed for ever.
pub(crate) fn pass_on(ended: Result<(), JoinError>) {
    if let Err(fault) = ended
        && let Ok(panic) = fault.try_into_panic()
    {
        std::panic::resume_unwind(panic);
    }
}
