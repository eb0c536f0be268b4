//! Events that can never be handled: nobody waits for them in vain.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wilco_core::call::{Call, Operation, Settlement};
use wilco_core::dialog::{Answers, Dialog, State as DialogState};
use wilco_core::entity::{DialogKey, Entity, EntityKey};
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{CallId, DefinitionHash, MessageId, PersonId, RunId, RunbookName};
use wilco_core::lang::Lang;
use wilco_core::lock::Lock;
use wilco_core::plan::{Freshness, Mode, Plan, TargetPlan};
use wilco_core::port::{NewEvent, Unit};
use wilco_core::run::Run;
use wilco_core::run::state::{
    Draft, End, Patience, Queued, Requesting, Running as Goes, State, Step,
};
use wilco_core::target::Target;
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_engine::{Parts, decode_entity, encode_entity};

use crate::world::{Place, Running, START, on_both_stores, reply, thread};

on_both_stores! {
    a_run_whose_settlement_cannot_be_handled_ends_and_the_next_in_line_goes_on
    a_run_that_has_begun_nothing_is_over
    an_event_of_a_run_that_cannot_be_read_ends_the_run
    a_run_that_cannot_be_read_is_told_in_its_thread
    a_dialog_that_cannot_be_handled_is_told_and_ended
    a_dialog_that_cannot_be_read_is_told_and_ended
    a_lock_that_cannot_be_read_holds_nobody_else_up
}

fn target(name: &str) -> Target {
    format!("main/argocd/{name}").parse().unwrap()
}

pub(crate) fn run(number: u64, names: &[&str], steps: Vec<Step>, state: State) -> Run {
    let part = |name: &&str| TargetPlan {
        wanted: Vec::new(),
        only: None,
        charts: Vec::new(),
        target: target(name),
        images: vec![],
        objects: vec![],
        revisions: vec!["8c1f".into()],
        commits: vec![],
        between: Vec::new(),
        returns: None,
        mode: Mode::Start,
        obstacle: None,
        freshness: Freshness::Now,
        evidence: Value::Null,
    };
    Run {
        id: RunId::numbered(number),
        runbook: DefinitionHash::new("hash"),
        name: RunbookName::new("deploy"),
        requester: PersonId::new("mina"),
        thread: thread("9"),
        lang: Lang::En,
        answers: Answers::default(),
        plan: Plan::new(names.iter().map(part).collect(), BTreeMap::new()),
        created_at: START,
        generation: 3,
        calls: 1,
        said: 0,
        approval: None,
        at_once: 1,
        on_failure: wilco_core::runbook::OnFailure::Stop,
        timeout_ms: 900_000,
        announce: vec![],
        subscribers: Vec::new(),
        steps,
        open: vec![CallId::new("r1.1")],
        sick: wilco_core::run::state::Sick::default(),
        was_held: Vec::new(),
        held: None,
        card: Draft::default(),
        state,
    }
}

pub(crate) fn requesting() -> Step {
    let call =
        Call { connector: "tool".into(), action: "act".into(), with: serde_json::Map::new() };
    let operation =
        Operation { id: CallId::new("r1.1"), owner: run_key(1), call, evidence: Value::Null };
    let patience = Patience { timer: 1, until: START };
    Step::Requesting(Box::new(Requesting {
        operation,
        since: START,
        hitch: None,
        patience,
        earlier: None,
    }))
}

pub(crate) fn running() -> State {
    State::Running(Goes { since: START, stopping: None })
}

pub(crate) fn run_key(number: u64) -> EntityKey {
    EntityKey::Run(RunId::numbered(number))
}

/// Held by r1, wanted by r2.
fn lock(name: &str) -> Lock {
    let mut lock = Lock::free(target(name));
    lock.ask(&RunId::numbered(1));
    lock.ask(&RunId::numbered(2));
    lock
}

fn dialog() -> Dialog {
    Dialog {
        key: DialogKey { thread: thread("9"), person: PersonId::new("mina") },
        opened: MessageId::new("9"),
        generation: 1,
        due: Timestamp(0),
        said: 0,
        lang: Lang::Ko,
        by_name: false,
        heard_at: START,
        state: DialogState::Menu { entries: vec![] },
    }
}

/// Stores these, as units would have.
pub(crate) async fn keep(running: &Running, entities: Vec<Entity>) {
    let puts = entities
        .into_iter()
        .map(|entity| {
            (entity.key(), entity.thread().cloned(), entity.is_live(), encode_entity(&entity))
        })
        .collect();
    running.store.commit(Unit { puts, now: START, ..Unit::default() }).await.unwrap();
}

/// Stores what no version of Wilco reads.
async fn garble(running: &Running, key: EntityKey) {
    let thread = match &key {
        EntityKey::Lock(_) | EntityKey::Withdrawal(_) => None,
        _ => Some(thread("9")),
    };
    let puts = vec![(key, thread, true, r#"{"from":"the future"}"#.to_owned())];
    running.store.commit(Unit { puts, now: START, ..Unit::default() }).await.unwrap();
}

async fn tell(running: &Running, event: &Event) {
    running.engine.inbox().receive(event.clone(), format!("{event:?}")).await.unwrap();
    running.quiet().await;
}

async fn load(running: &Running, key: EntityKey) -> Option<Entity> {
    let row = running.store.load(&[key]).await.unwrap().remove(0)?;
    Some(decode_entity(&row).unwrap())
}

async fn lock_of(running: &Running, name: &str) -> Option<RunId> {
    match load(running, EntityKey::Lock(target(name))).await {
        Some(Entity::Lock(lock)) => lock.holder,
        _ => None,
    }
}

async fn end_of(running: &Running, number: u64) -> Option<End> {
    match load(running, run_key(number)).await {
        Some(Entity::Run(run)) => match run.state {
            State::Ended(ended) => Some(ended.how),
            _ => None,
        },
        _ => None,
    }
}

/// Core's handler, but for some events.
fn failing(place: &mut Place, fails: fn(&Event) -> bool) {
    let core = Parts::core_handler();
    let handled = Arc::clone(&place.handled);
    place.handler = Arc::new(move |ctx, world, event| {
        assert!(!fails(event), "on purpose");
        handled.lock().unwrap().push(event.clone());
        // The next in line has no runbook here: it is enough that it is woken.
        if matches!(event, Event::LockGranted { .. }) {
            return Vec::new();
        }
        core(ctx, world, event)
    });
}

fn settled() -> Event {
    let settlement = Settlement::Done { receipt: json!({}), found: false };
    Event::Settled { owner: run_key(1), call: CallId::new("r1.1"), settlement }
}

fn woken(place: &Place) -> usize {
    let next = Event::LockGranted { run: RunId::numbered(2) };
    place.handled().iter().filter(|event| **event == next).count()
}

async fn a_run_whose_settlement_cannot_be_handled_ends_and_the_next_in_line_goes_on(
    mut place: Place,
) {
    failing(&mut place, |event| matches!(event, Event::Settled { .. }));
    let here = place.start().await;
    let first = run(1, &["wallet", "shop"], vec![requesting(), Step::Waiting], running());
    let queued = State::Queued(Queued { since: START, expiry: None });
    let second = run(2, &["shop"], vec![Step::Waiting], queued);
    let (first, second) = (Entity::Run(Box::new(first)), Entity::Run(Box::new(second)));
    keep(&here, vec![first, second, Entity::Lock(lock("wallet")), Entity::Lock(lock("shop"))])
        .await;
    let deadline = Timer {
        owner: run_key(1),
        name: TimerName::Deadline(0),
        generation: 2,
        due: START + Duration::from_mins(15),
    };
    here.store.commit(Unit { timers: vec![deadline], ..Unit::default() }).await.unwrap();
    tell(&here, &settled()).await;
    assert_eq!(end_of(&here, 1).await, Some(End::Unknown));
    assert_eq!(lock_of(&here, "wallet").await, Some(RunId::numbered(1)), "nobody looked yet");
    assert_eq!(lock_of(&here, "shop").await, Some(RunId::numbered(2)), "was not begun");
    assert!(woken(&place) > 0);
    assert!(here.store.timers(9).await.unwrap().is_empty(), "nothing is waited for");
    let sent = place.chat.sent();
    assert!(sent.iter().any(|sent| sent.contains("`resolve r1 succeeded`")), "{sent:?}");
    assert!(sent.iter().any(|sent| sent.starts_with("post r1.card [")), "{sent:?}");
    let audits = here.audits().await;
    assert!(audits.iter().any(|fact| fact.contains("RunEnded") && fact.contains("unknown")));
    assert!(audits.iter().any(|fact| fact.contains("EventSetAside")), "{audits:?}");
}

async fn a_run_that_has_begun_nothing_is_over(mut place: Place) {
    failing(&mut place, |event| matches!(event, Event::Answered { .. }));
    let here = place.start().await;
    let first = run(1, &["wallet"], vec![Step::Waiting], running());
    keep(&here, vec![Entity::Run(Box::new(first)), Entity::Lock(lock("wallet"))]).await;
    let trouble = crate::world::trouble(wilco_core::answer::TroubleKind::TimedOut);
    let event =
        Event::Answered { owner: run_key(1), call: CallId::new("r1.2"), outcome: Err(trouble) };
    tell(&here, &event).await;
    assert_eq!(end_of(&here, 1).await, Some(End::Failed));
    assert_eq!(lock_of(&here, "wallet").await, Some(RunId::numbered(2)));
    assert_eq!(woken(&place), 1);
    let sent = place.chat.sent();
    assert!(sent.iter().any(|sent| sent.contains("so r1 ends here")), "{sent:?}");
}

async fn an_event_of_a_run_that_cannot_be_read_ends_the_run(mut place: Place) {
    failing(&mut place, |_| false);
    let here = place.start().await;
    let first = run(1, &["wallet"], vec![requesting()], running());
    keep(&here, vec![Entity::Run(Box::new(first)), Entity::Lock(lock("wallet"))]).await;
    let garbage = NewEvent {
        key: "g".into(),
        lane: run_key(1).to_string(),
        body: r#"{"event":"from the future"}"#.into(),
        opens: None,
    };
    here.store.receive(vec![garbage], START).await.unwrap();
    // Rings the bell.
    here.say(Incoming { mentioned: true, ..reply("8", "1", "hello") }).await;
    here.quiet().await;
    assert_eq!(end_of(&here, 1).await, Some(End::Unknown));
    let sent = place.chat.sent();
    assert!(sent.iter().any(|sent| sent.contains("`resolve r1 failed`")), "{sent:?}");
}

async fn a_run_that_cannot_be_read_is_told_in_its_thread(mut place: Place) {
    failing(&mut place, |_| false);
    let here = place.start().await;
    keep(&here, vec![Entity::Lock(lock("wallet"))]).await;
    garble(&here, run_key(1)).await;
    tell(&here, &settled()).await;
    let sent = place.chat.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].contains("has stored about r1 cannot be read"), "{sent:?}");
    let audits = here.audits().await;
    assert!(audits.iter().any(|fact| fact.starts_with("Unreadable { what: \"run r1\"")));
    assert!(audits.iter().any(|fact| fact.contains("EventSetAside")), "{audits:?}");
    // Somebody says something in the thread: told the same, instead of "say it again".
    here.say(reply("9", "1", "approve")).await;
    here.quiet().await;
    assert!(place.chat.sent()[1].contains("about r1 cannot be read"));
    here.crash().await;
    let again = place.start().await;
    again.quiet().await;
    let unreadable = |fact: &&String| fact.starts_with("Unreadable");
    assert!(again.audits().await.iter().filter(unreadable).count() >= 3, "told at the start too");
}

async fn a_dialog_that_cannot_be_handled_is_told_and_ended(mut place: Place) {
    failing(&mut place, |event| matches!(event, Event::TimerFired { .. }));
    let here = place.start().await;
    keep(&here, vec![Entity::Dialog(dialog())]).await;
    let owner = EntityKey::Dialog(dialog().key);
    tell(&here, &Event::TimerFired { owner: owner.clone(), name: TimerName::Slow, generation: 1 })
        .await;
    assert_eq!(load(&here, owner).await, None);
    let sent = place.chat.sent();
    assert!(sent[0].contains("이 대화를 여기서 끝냅니다"), "{sent:?}");
}

async fn a_dialog_that_cannot_be_read_is_told_and_ended(mut place: Place) {
    failing(&mut place, |_| false);
    let here = place.start().await;
    let owner = EntityKey::Dialog(dialog().key);
    garble(&here, owner.clone()).await;
    tell(&here, &Event::TimerFired { owner: owner.clone(), name: TimerName::Slow, generation: 1 })
        .await;
    assert_eq!(load(&here, owner).await, None);
    let sent = place.chat.sent();
    assert!(sent[0].contains("this conversation ends here"), "{sent:?}");
}

async fn a_lock_that_cannot_be_read_holds_nobody_else_up(mut place: Place) {
    failing(&mut place, |_| false);
    let here = place.start().await;
    garble(&here, EntityKey::Lock(target("other"))).await;
    keep(&here, vec![Entity::Dialog(dialog())]).await;
    let trouble = crate::world::trouble(wilco_core::answer::TroubleKind::TimedOut);
    let owner = EntityKey::Dialog(dialog().key);
    tell(&here, &Event::Answered { owner, call: CallId::new("q"), outcome: Err(trouble) }).await;
    assert_eq!(place.handled().len(), 1, "it was handled");
    assert!(place.chat.sent().is_empty());
}
