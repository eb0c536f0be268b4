//! What the log says of events, calls and sends: the lane, the key, and the run.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::format::FmtSpan;
use wilco_core::call::{Call, Operation};
use wilco_core::entity::Entity;
use wilco_core::event::{Event, Press};
use wilco_core::ids::{AdapterName, CallId, MessageKey, PersonId, PlanDigest, RunId, UserId};
use wilco_core::lang::{Lang, Text};
use wilco_core::message::{Body, Say, To};
use wilco_core::people::{Author, Directory, Person};
use wilco_core::port::Unit;
use wilco_core::run::state::{Awaiting, End, Ended, State};
use wilco_core::token::{Token, Wish};
use wilco_engine::Parts;

use crate::aside::{keep, requesting, run, run_key, running};
use crate::world::{Place, START, reply, thread};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no test panics while it writes").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// The ends of spans of a kind since the last look, in their order.
    fn ends(&self, span: &str) -> Vec<String> {
        let text = String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap();
        let ends = text.lines().filter(|line| line.contains(": close "));
        ends.filter(|line| line.contains(&format!(" {span}{{"))).map(str::to_owned).collect()
    }
}

fn awaiting() -> State {
    State::Awaiting(Awaiting { until: START, expiry: 1, shown: Some(START), early: vec![] })
}

fn unknown() -> State {
    let why = Some(Text::new("gone", "없음"));
    State::Ended(Ended { how: End::Unknown, why, since: Some(START), at: START, resolved: None })
}

/// On one thread, so that everything is logged here.
#[tokio::test]
async fn spans_of_events_calls_and_sends_name_lane_and_run() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut place = Place::new();
    place.handler = Parts::core_handler();
    let mina = Person {
        id: PersonId::new("mina"),
        name: "Mina".into(),
        teams: [].into(),
        language: Some(Lang::En),
    };
    let account = (AdapterName::new("console"), UserId::new("mina"));
    place.settings.directory = Directory::new([(mina, vec![account])], []);
    let here = place.start().await;
    let states = [(1, running()), (2, awaiting()), (3, unknown())];
    let runs = states.map(|(number, state)| {
        Entity::Run(Box::new(run(number, &["wallet"], vec![requesting()], state)))
    });
    keep(&here, runs.into()).await;

    for (number, word) in ["cancel r1", "approve r2", "resolve r3 failed"].into_iter().enumerate() {
        here.say(reply("9", &number.to_string(), word)).await;
        here.quiet().await;
        let ends = log.ends("event");
        let run = word.split(' ').nth(1).unwrap();
        assert_eq!(ends.len(), 1, "{ends:?}");
        for part in ["lane=said console w deploy mina", "kind=\"message\"", &format!("run={run}")] {
            assert!(ends[0].contains(part), "{part} in {}", ends[0]);
        }
    }
    for (token, name) in [
        (Token::OfRun { run: RunId::numbered(1), wish: Wish::Cancel }, "r1"),
        (
            Token::OfRun {
                run: RunId::numbered(2),
                wish: Wish::Decide { digest: PlanDigest::new("x"), approve: true },
            },
            "r2",
        ),
        (Token::OfRun { run: RunId::numbered(3), wish: Wish::Resolve { succeeded: true } }, "r3"),
    ] {
        let author = Author::User(UserId::new("mina"));
        let press = Press { thread: thread("9"), author, token, sent_at: START };
        here.engine.inbox().receive(Event::Press(press), format!("press {name}")).await.unwrap();
        here.quiet().await;
        let ends = log.ends("event");
        assert!(
            ends[0].contains(&format!("lane=run {name} kind=\"press\" run={name}")),
            "{ends:?}"
        );
    }

    let call =
        Call { connector: "tool".into(), action: "act".into(), with: serde_json::Map::new() };
    let evidence = serde_json::Value::Null;
    let operations = vec![Operation { id: CallId::new("r1.1"), owner: run_key(1), call, evidence }];
    here.store.commit(Unit { operations, now: START, ..Unit::default() }).await.unwrap();
    here.quiet().await;
    let ends = log.ends("call");
    assert!(ends[0].contains("id=r1.1 lane=run r1 run=r1 connector=tool action=act"), "{ends:?}");
    let says = vec![Say {
        key: MessageKey::new("r1.card"),
        to: To::Thread(thread("9")),
        body: Body::default(),
        receipt: None,
    }];
    here.store.commit(Unit { says, now: START, ..Unit::default() }).await.unwrap();
    here.quiet().await;
    let ends = log.ends("send");
    let lane = "key=r1.card lane=console w deploy 9 run=r1 adapter=console";
    assert!(ends[0].contains(lane), "{ends:?}");
}
