//! Listens to what tools tell by themselves, and makes events of it. A hint is not kept: what is missed is found
//! by looking.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use wilco_core::event::Event;
use wilco_core::port::{Connector, Hint};

use crate::activity::Section;
use crate::inbox::stored;
use crate::limit::pass_on;
use crate::shared::Shared;

/// How many hints may wait to be stored; more are dropped.
const WAITING: usize = 1_024;

/// Runs until it is told to stop.
pub(crate) async fn run(shared: Arc<Shared>) {
    let (tell, mut told) = mpsc::channel::<(Hint, Section)>(WAITING);
    let mut listening = JoinSet::new();
    for connector in shared.connectors.values() {
        let (connector, tell) = (Arc::clone(connector), tell.clone());
        let activity = Arc::clone(&shared.activity);
        listening.spawn(async move {
            let tell = |hint| {
                if tell.try_send((hint, activity.enter())).is_err() {
                    metrics::counter!("wilco_hints_dropped_total").increment(1);
                }
            };
            listen(connector.as_ref(), &tell).await;
        });
    }
    let mut stopping = shared.stopping.subscribe();
    loop {
        tokio::select! {
            Some((hint, section)) = told.recv() => {
                hand_in(&shared, hint).await;
                drop(section);
            }
            Some(ended) = listening.join_next() => pass_on(ended),
            () = stopped(&mut stopping) => return,
        }
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An engine that is gone has stopped too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A connector that panics here is looked at all the same, only later.
async fn listen(connector: &dyn Connector, tell: &(dyn Fn(Hint) + Send + Sync)) {
    use futures_util::FutureExt as _;
    let heard = std::panic::AssertUnwindSafe(connector.hints(tell)).catch_unwind().await;
    if heard.is_err() {
        tracing::error!(connector = connector.name(), "listening panicked; it is only polled now");
    }
}

async fn hand_in(shared: &Shared, hint: Hint) {
    let key = format!("hint {} {}", hint.operation, hint.change);
    let event = Event::Hinted { owner: hint.owner, operation: hint.operation };
    match shared.store_events(vec![stored(key, &event, None)]).await {
        Ok(new) => metrics::counter!("wilco_hints_total").increment(new as u64),
        Err(fault) => tracing::warn!(%fault, "a hint was not stored; looking finds it later"),
    }
}
