//! Starting, stopping, quiet, and the catalog.

use std::sync::atomic::Ordering;
use std::time::Duration;

use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::dialog::{Answers, Dialog, Filling, Said, State, Step};
use wilco_core::effect::Effect;
use wilco_core::entity::{DialogKey, Entity};
use wilco_core::event::Event;
use wilco_core::ids::{DefinitionHash, MessageId, PersonId, RunbookName};
use wilco_core::lang::Lang;
use wilco_core::runbook::Catalog;
use wilco_core::time::Timestamp;

use crate::world::{Place, message, thread, until, within};

#[tokio::test(flavor = "multi_thread")]
async fn quiet_waits_for_everything_that_follows() {
    let place = Place::new();
    let running = place.start().await;
    // Workers look around once at the start; then nothing goes on.
    running.quiet().await;
    for number in 0..50 {
        running
            .say(message(&format!("{number}"), &format!("ask x; do; receipt k{number} y")))
            .await;
        running.quiet().await;
        // The message, the answer, the settlement and the receipt of each round are all over.
        assert_eq!(place.handled().len(), (number + 1) * 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_message_is_not_quiet() {
    let place = Place::new();
    place.chat.hold();
    let running = place.start().await;
    running.say(message("1", "say a x")).await;
    until(|| !place.chat.sent().is_empty()).await;
    assert!(!running.engine.is_quiet().await.unwrap());
    place.chat.release();
    running.quiet().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_calls_finish_and_a_crash_does_not() {
    let place = Place::new();
    place.tool.hold();
    let running = place.start().await;
    let view = running.engine.view();
    assert!(view.is_alive());
    running.say(message("1", "ask x")).await;
    until(|| place.tool.heard().len() == 1).await;
    drop(running.store);
    let stop = tokio::spawn(running.engine.stop());
    until(|| !view.is_alive()).await;
    assert!(!stop.is_finished(), "waits for the answer");
    place.tool.release();
    within(stop).await.unwrap();
    assert!(view.ping().await.is_err());
    // The answer was settled: nothing is asked again, and it is handled by the next engine.
    let running = place.start().await;
    running.quiet().await;
    assert_eq!(place.tool.heard(), ["ask x"]);
    assert!(place.handled().iter().any(|event| matches!(event, Event::Answered { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_ever() {
    let mut place = Place::new();
    place.timing.stop_within = Duration::from_millis(10);
    place.tool.hold();
    let running = place.start().await;
    running.say(message("1", "ask x")).await;
    until(|| place.tool.heard().len() == 1).await;
    drop(running.store);
    within(running.engine.stop()).await;
    // The file is free again.
    drop(place.start().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_runbook_is_told_to_who_waits_for_it_and_put_on_record() {
    let mut place = Place::new();
    let obey = place.handler.clone();
    let key = DialogKey { thread: thread("9"), person: PersonId::new("mina") };
    place.handler = std::sync::Arc::new(move |ctx, world, event| {
        let mut outcome = obey(ctx, world, event);
        if matches!(event, Event::Message(_)) {
            let trouble = Trouble {
                tool: "tool".into(),
                kind: TroubleKind::Unreachable,
                detail: String::new(),
            };
            outcome.push(Effect::Put(Entity::Dialog(Dialog {
                key: key.clone(),
                opened: MessageId::new("9"),
                generation: 1,
                said: 0,
                heard_at: Timestamp(0),
                due: Timestamp(0),
                lang: Lang::En,
                by_name: false,
                state: State::Filling(Filling {
                    runbook: DefinitionHash::new("abc"),
                    name: RunbookName::new("deploy"),
                    answers: Answers::default(),
                    words: Said::default(),
                    trail: Vec::new(),
                    notes: Vec::new(),
                    fresh: Vec::new(),
                    again: false,
                    step: Step::Stuck { trouble, question: None },
                }),
            })));
        }
        outcome
    });
    let running = place.start().await;
    running.say(message("9", "")).await;
    running.quiet().await;
    within(running.engine.reload_catalog(Catalog::default())).await.unwrap();
    running.quiet().await;
    let told = place.handled();
    assert!(matches!(told.last(), Some(Event::CatalogChanged { .. })), "{told:?}");
    running.engine.keep_catalog("deploy.yaml:1:1 broken".into()).await.unwrap();
    let audits = running.audits().await;
    assert_eq!(audits[0], "CatalogReloaded { runbooks: 0 }");
    assert!(audits[1].contains("deploy.yaml:1:1 broken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_panics_is_named_and_the_engine_is_not_alive() {
    for (text, worker) in [("timer 30", "timers"), ("ask x", "calls"), ("say a x", "outbox")] {
        let place = Place::new();
        let running = place.start().await;
        running.quiet().await;
        let view = running.engine.view();
        assert!(view.is_alive() && view.broke().is_none());
        place.breaks.store(true, Ordering::SeqCst);
        running.say(message("1", text)).await;
        let named = within(view.broken()).await;
        // The pulse wants to sleep until the end of a lease, and may be first.
        assert!([worker, "pulse"].contains(&named), "{text}: {named}");
        assert!(!view.is_alive());
        assert_eq!(view.broke(), Some(named));
        // What it was about is in the store: the next process goes on with it.
        running.crash().await;
        place.breaks.store(false, Ordering::SeqCst);
        let running = place.start().await;
        place.pass(&running, Duration::from_mins(2)).await;
        let done = place.handled().len() + place.chat.sent().len();
        assert!(done >= 2, "{text}: {:?}", place.handled());
    }
}
