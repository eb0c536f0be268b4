//! Queries and looks: answered, timed out, without a tool.

use std::time::Duration;

use serde_json::json;
use wilco_core::answer::{Answer, TroubleKind};
use wilco_core::call::{Call, Operation, Query};
use wilco_core::effect::Effect;
use wilco_core::entity::EntityKey;
use wilco_core::event::Event;
use wilco_core::ids::{CallId, RunId};
use wilco_engine::Clock as _;

use crate::world::{Place, Running, message, until, within};

fn outcome(place: &Place) -> Result<Answer, TroubleKind> {
    let handled = place.handled();
    let answers: Vec<_> = handled
        .iter()
        .filter_map(|event| match event {
            Event::Answered { outcome, .. } => Some(outcome.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(answers.len(), 1, "answered once");
    answers[0].clone().map_err(|trouble| trouble.kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_asked_and_its_answer_is_an_event() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "ask list")).await;
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["ask list"]);
    assert_eq!(outcome(&place), Ok(Answer::Choices(Vec::new().into())));
}

/// Waits until exactly one call is held by the tool and nothing else goes on.
async fn held(place: &Place, running: &Running) {
    until(|| !place.tool.heard().is_empty()).await;
    within(running.engine.quiet_but(1)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_tool_is_timed_out_on_the_engines_clock() {
    let place = Place::new();
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "ask list")).await;
    held(&place, &running).await;
    assert!(!running.engine.is_quiet().await.unwrap());
    // Leases end and are renewed meanwhile; the tool is not asked again.
    for _ in 0..59 {
        place.clock.advance(Duration::from_secs(1));
        held(&place, &running).await;
    }
    assert_eq!(place.tool.heard(), ["ask list"]);
    place.clock.advance(Duration::from_secs(1));
    running.quiet().await;
    assert_eq!(outcome(&place), Err(TroubleKind::TimedOut));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ends_while_the_tool_thinks_is_renewed() {
    let place = Place::new();
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "ask list")).await;
    held(&place, &running).await;
    place.clock.advance(place.timing.call_lease + Duration::from_secs(1));
    held(&place, &running).await;
    place.tool.release();
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["ask list"]);
    assert_eq!(outcome(&place), Ok(Answer::Choices(Vec::new().into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tool_there_is_an_answer_too() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "elsewhere list")).await;
    running.quiet().await;
    assert_eq!(outcome(&place), Err(TroubleKind::BadRequest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_panics_takes_no_worker_with_it() {
    let place = Place::new();
    let running = place.start().await;
    running.say(message("1", "ask panic")).await;
    running.quiet().await;
    assert_eq!(outcome(&place), Err(TroubleKind::Garbled));
    running.say(message("2", "ask list")).await;
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["ask panic", "ask list"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_hands_over_operation_receipt_and_memory() {
    let mut place = Place::new();
    let obey = place.handler.clone();
    place.handler = std::sync::Arc::new(move |ctx, world, event| {
        let mut outcome = obey(ctx, world, event);
        if let Event::Message(_) = event {
            let owner = EntityKey::Run(RunId::numbered(1));
            let operation = Operation {
                id: CallId::new("r1.1"),
                owner: owner.clone(),
                call: Call {
                    connector: "tool".into(),
                    action: "act".into(),
                    with: serde_json::Map::new(),
                },
                evidence: json!(null),
            };
            let with = json!({ "operation": operation, "receipt": 7, "memory": "since" });
            outcome.push(Effect::Ask(Query {
                id: CallId::new("r1.2"),
                owner,
                call: Call {
                    connector: "tool".into(),
                    action: "watch".into(),
                    with: with.as_object().unwrap().clone(),
                },
            }));
        }
        outcome
    });
    let running = place.start().await;
    running.say(message("1", "")).await;
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["watch r1.1 7 \"since\""]);
    assert!(matches!(outcome(&place), Ok(Answer::Progress(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_asked_again_after_a_crash() {
    let place = Place::new();
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "ask list")).await;
    held(&place, &running).await;
    running.crash().await;
    place.tool.release();
    let running = place.start().await;
    place.pass(&running, Duration::from_mins(1)).await;
    assert_eq!(place.tool.heard(), ["ask list", "ask list"]);
    assert_eq!(outcome(&place), Ok(Answer::Choices(Vec::new().into())));
    assert!(place.clock.now() > crate::world::START);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_for_which_there_is_no_room_wait_their_turn() {
    let mut place = Place::new();
    place.timing.calls_at_once = 1;
    place.tool.hold();
    let running = place.start().await;
    // A unit claims all that it asks, or nothing: two calls are more than there is room for.
    running.say(message("1", "ask x; do")).await;
    until(|| place.tool.heard().len() == 1).await;
    running.say(message("2", "ask y")).await;
    // Handled is not yet written: wait for the third call itself.
    let third = async {
        while running.store.work(place.clock.now()).await.unwrap().calls < 3 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), third).await.expect("the third call waits");
    assert_eq!(running.engine.calls_in_flight(), 1);
    place.tool.release();
    running.quiet().await;
    let mut heard = place.tool.heard();
    heard.sort();
    assert_eq!(heard.len(), 3, "{heard:?}");
    assert_eq!(place.tool.ledger.lock().unwrap().len(), 1, "done once");
}
