//! How many dialog steps per second one process carries, from a parsed event to a settled outbox,
//! every step on disk; how long a person waits for the answer; and how many events per second the
//! filter drops.
//!
//! `cargo run --release -p wilco-engine --example steps -- [people] [steps per person]`
//!
//! One step: a message comes in, one entity is loaded and written, a timer is set, an answer goes
//! out. A person says the next thing once the answer stands there. `docs/benchmarks.md` has figures.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock itself and prints what it saw"
)]

mod measure;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wilco_core::context::Settings;
use wilco_core::effect::Effect;
use wilco_core::entity::{Entity, EntityKey};
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{MessageKey, RunId};
use wilco_core::lock::Lock;
use wilco_core::message::{Body, Say, To};
use wilco_core::runbook::{Catalog, Known};
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_engine::{ACTIONS, Handler};

use measure::{House, cpu, said};

const TEXT: &str = "could somebody look at wallet-api, it feels slow since lunch";
const ANSWER: &str = "1. wallet-api\n2. wallet-web";

/// One lock per thread stands for the dialog.
fn step(now: Timestamp, held: Option<&Lock>, message: &Incoming) -> Vec<Effect> {
    let target = wilco_core::target::Target {
        instance: "main".into(),
        namespace: "argocd".into(),
        name: message.thread().root.to_string(),
    };
    let mut lock = held.cloned().unwrap_or_else(|| Lock::free(target));
    lock.holder = Some(RunId::new(message.message.as_str()));
    vec![
        Effect::Put(Entity::Lock(lock)),
        Effect::SetTimer(Timer {
            owner: EntityKey::Run(RunId::new(message.thread().root.as_str())),
            name: TimerName::Patience,
            generation: 1,
            due: now + Duration::from_mins(10),
        }),
        Effect::Say(Say {
            key: MessageKey::new(message.message.as_str()),
            to: To::Thread(message.thread()),
            body: Body { text: ANSWER.into(), ..Body::default() },
            receipt: None,
        }),
    ]
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let people: usize = args.next().map_or(Ok(50), |arg| arg.parse())?;
    let steps: usize = args.next().map_or(Ok(200), |arg| arg.parse())?;
    let handler: Handler = Arc::new(|ctx, world, event| match event {
        Event::Message(message) => step(ctx.now, world.locks.values().next(), message),
        _ => Vec::new(),
    });
    let settings = Settings::default();
    let mut house = House::open("steps", people, handler, settings, catalog()?, Vec::new()).await?;
    house
        .measure(&format!("steps people={people}"), steps, |person, step| {
            let thread = Some(person.to_string());
            let message = said(person, thread, format!("{person}.{step}"), TEXT);
            (Incoming { mentioned: true, ..message }, ANSWER)
        })
        .await?;

    // Nobody's business: talk at the top level, and in threads that Wilco has no part in.
    const TALK: usize = 200_000;
    for (place, threads) in [("room", None), ("thread", Some(500))] {
        let talk: Vec<Incoming> = (0..TALK)
            .map(|number| {
                let thread = threads.map(|count: usize| format!("x{}", number % count));
                said(number % 50, thread, format!("{}.{number}", number % 50), TEXT)
            })
            .collect();
        let inbox = house.engine.inbox();
        let (begun, cpu_before) = (Instant::now(), cpu());
        for message in talk {
            inbox.receive(Event::Message(message), String::new()).await?;
        }
        let (took, used) = (begun.elapsed(), cpu().saturating_sub(cpu_before));
        println!(
            "dropped place={place} per_s={} cpu_ns={}",
            TALK as u128 * 1_000_000 / took.as_micros().max(1),
            used.as_nanos() / TALK as u128,
        );
    }
    house.close().await
}

/// Twenty functions with four words each.
fn catalog() -> Result<Catalog, Box<dyn Error>> {
    let files = (1..=20).map(|number| {
        let mut source = format!("runbook: function-{number}\nnumber: {number}\n");
        let _ = writeln!(source, "title: {{ en: a, ko: a }}\nwho: []");
        let _ = writeln!(source, "aliases: [기능{number}, action{number}, 작업 {number}]");
        let _ = writeln!(source, "answer: {{ use: wilco.status }}");
        (format!("{number}.yaml"), source)
    });
    let known = Known { actions: &[("wilco", ACTIONS)], teams: &BTreeSet::new(), adapters: None };
    Catalog::build(files, &known).map_err(|found| format!("{found:?}").into())
}
