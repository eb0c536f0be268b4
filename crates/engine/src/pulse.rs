//! Rings the bells of workers for what no wake-up announced: a retry whose moment has come, work
//! that another process stored, a row whose worker died.

use std::sync::Arc;

use crate::clock::instant;
use crate::shared::Shared;

/// Runs until it is aborted. At rest it costs one read of the store per [`crate::Timing::poll`].
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut followed = None::<std::time::Instant>;
    loop {
        if followed.is_none_or(|at| at.elapsed() >= shared.timing.clock_every) {
            follow(&shared).await;
            followed = Some(instant());
        }
        let now = shared.now();
        let next = match shared.store.work(now).await {
            Ok(work) => {
                if work.inbox > 0 {
                    shared.bells.dispatch.notify_one();
                }
                if work.calls > work.calls_later {
                    shared.bells.calls.notify_one();
                }
                if work.outbox > work.outbox_later {
                    shared.bells.outbox.notify_one();
                }
                work.next_retry.filter(|at| *at > now)
            }
            Err(fault) => {
                tracing::error!(%fault, "the store does not tell what there is to do");
                metrics::counter!("wilco_store_faults_total").increment(1);
                None
            }
        };
        let retry = async {
            match next {
                Some(at) => shared.clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = retry => {}
            () = tokio::time::sleep(shared.timing.poll) => shared.bells.timers.notify_one(),
            () = shared.bells.pulse.notified() => {}
        }
    }
}

/// Takes over the clock that replicas share, if the store has one. If it has none, the machine's clock
/// may have been set back while nobody ran: the store knows how far time had come.
pub(crate) async fn follow(shared: &Shared) {
    let read = match shared.store.clock().await {
        Ok(Some(now)) => {
            shared.clock.follow(now);
            return;
        }
        Ok(None) => shared.store.reach(shared.now()).await,
        Err(fault) => Err(fault),
    };
    match read {
        Ok(reached) => shared.clock.not_before(reached),
        Err(fault) => tracing::error!(%fault, "the clock of the store cannot be read"),
    }
}

/// Wakes the dispatch whenever the store says that something was written by another process. In an
/// exclusive store there is none, and whoever writes rings the bell itself.
pub(crate) async fn listen(shared: Arc<Shared>) {
    if shared.threads.is_exclusive() {
        std::future::pending::<()>().await;
    }
    loop {
        shared.store.changed().await;
        shared.bells.dispatch.notify_one();
    }
}
