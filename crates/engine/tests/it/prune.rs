//! What is over and old goes; what may still be needed stays.

use std::time::Duration;

use wilco_core::event::Event;
use wilco_engine::Received;

use crate::world::{Place, message, on_both_stores, reply, within};

on_both_stores! {
    what_is_over_is_kept_for_a_while_and_then_deleted
}

const DAY: Duration = Duration::from_hours(24);

async fn what_is_over_is_kept_for_a_while_and_then_deleted(place: Place) {
    let running = place.start().await;
    let event = |id: &str| Event::Message(message(id, &format!("say k{id} x; ask y")));
    let receive = |id: &'static str| {
        let (inbox, event) = (running.engine.inbox(), event(id));
        async move { inbox.receive(event, id.into()).await.unwrap() }
    };
    assert_eq!(receive("1").await, Received::Stored);
    running.quiet().await;
    place.pass(&running, 29 * DAY).await;
    running.say(reply("1", "late", "patience 864000")).await;
    assert_eq!(receive("1").await, Received::Repeated, "a platform may deliver it again");
    place.pass(&running, 2 * DAY).await;
    let calls = place.tool.heard().len();
    // The key is gone: whoever delivers it now is taken for new. Nothing tells when the batch is
    // written, so the test looks until it is.
    within(async {
        while receive("1").await == Received::Repeated {
            tokio::task::yield_now().await;
        }
    })
    .await;
    running.quiet().await;
    assert_eq!(place.chat.sent(), ["post k1 x", "post k1 x"], "the message too");
    assert_eq!(place.tool.heard().len(), calls + 1, "and the call");
    let timers = running.store.timers(9).await.unwrap();
    assert_eq!(timers.len(), 1, "what waits stays");
}
