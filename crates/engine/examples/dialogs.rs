//! How many steps of real dialogs per second one process carries: core's own handler and the shipped
//! runbooks, from a parsed event to a settled outbox, every step on disk; and how long a person waits for
//! the answer.
//!
//! `cargo run --release -p wilco-engine --example dialogs -- [people] [dialogs per person]`
//!
//! Everybody walks one dialog after the other, each in a thread of its own, every second person in Korean.
//! `walk=menu` answers questions that need no tool, `walk=tool` those of `deploy`, for a tool that
//! answers at once. `docs/benchmarks.md` has figures.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock itself and prints what it saw"
)]

mod measure;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};
use wilco_connectors::argocd;
use wilco_core::answer::{Answer, Offer, Progress, Trouble};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::context::Settings;
use wilco_core::event::Incoming;
use wilco_core::ids::{AdapterName, PersonId, TeamName, UserId};
use wilco_core::people::{Directory, Person};
use wilco_core::plan::{Freshness, ImageChange, Mode, TargetPlan};
use wilco_core::port::{ActionSpec, Connector, OperationFault, Permit, Recovery};
use wilco_core::runbook::{Catalog, Known, embedded};
use wilco_engine::{ACTIONS, Parts};

use measure::{House, PLATFORM, said};

/// What is said in English and in Korean, and words of the answers to them.
type Step = [&'static str; 4];

/// A function without a tool: the menu, a number, several of a list, back, a name, free words.
const MENU: &[Step] = &[
    ["help", "헬프", "5. ", "5. "],
    ["5", "5번", "Where is the work done?", "어디에서 작업하나요?"],
    ["2", "２", "Which services?", "어떤 서비스인가요?"],
    ["back", "뒤로", "Where is the work done?", "어디에서 작업하나요?"],
    ["staging", "스테이징", "Which services?", "어떤 서비스인가요?"],
    ["1,3-5", "1,3-5", "What is done?", "무슨 작업인가요?"],
    ["cancel", "취소", "Cancelled", "취소"],
];

/// `deploy` up to its read-back, and out of it again. All but the first and the last ask the tool.
const TOOL: &[Step] = &[
    ["help", "헬프", "2. ", "2. "],
    ["2", "2", "Which repository?", "어느 리포지터리를"],
    ["1", "①", "Which applications?", "어떤 애플리케이션을"],
    ["1,3", "1,3", "1.5.0", "1.5.0"],
    ["back", "뒤로", "Which applications?", "어떤 애플리케이션을"],
    ["cancel", "취소", "Cancelled", "취소"],
];

const MAINTENANCE: &str = "
runbook: maintenance
number: 5
title: { en: Announce maintenance, ko: 점검 알리기 }
aliases: [점검]
who: [devops]
ask:
  - name: place
    text: { en: Where is the work done?, ko: 어디에서 작업하나요? }
    choices:
      - { value: production, title: { en: Production, ko: 운영 } }
      - { value: staging, title: { en: Staging, ko: 스테이징 } }
  - name: services
    many: true
    text: { en: Which services?, ko: 어떤 서비스인가요? }
    choices:
      - { value: wallet-api, title: { en: Wallet, ko: 지갑 } }
      - { value: payment-api, title: { en: Payment, ko: 결제 } }
      - { value: gamedosi-web, title: { en: Gamedosi, ko: 게임도시 } }
      - { value: notice, title: { en: Notices, ko: 공지 } }
      - { value: search, title: { en: Search, ko: 검색 } }
      - { value: batch, title: { en: Batch, ko: 배치 } }
      - { value: mail, title: { en: Mail, ko: 메일 } }
  - name: why
    text: { en: What is done?, ko: 무슨 작업인가요? }
answer: { use: wilco.status }
";

/// Twelve applications, every third of them in sync, and answers at once.
struct Tool;

impl Tool {
    fn applications() -> Vec<Offer> {
        let offer = |number: usize| {
            let facts = json!({
                "name": format!("app-{number}"),
                "namespace": "argocd",
                "instance": "main",
                "project": "default",
                "repository": "shop",
                "sync": if number.is_multiple_of(3) { "Synced" } else { "OutOfSync" },
                "health": "Healthy",
                "auto_sync": false,
                "in_progress": false,
                "labels": { "team": "shop" },
            });
            Offer {
                value: format!("main/argocd/app-{number}"),
                title: format!("app-{number}"),
                note: "OutOfSync".into(),
                aliases: Vec::new(),
                facts: facts
                    .as_object()
                    .map(|facts| facts.clone().into_iter().collect())
                    .unwrap_or_default(),
            }
        };
        (1..=12).map(offer).collect()
    }

    fn repositories() -> Vec<Offer> {
        let offer = |name: &str| Offer {
            value: name.into(),
            title: name.into(),
            note: "12".into(),
            aliases: Vec::new(),
            facts: BTreeMap::from([("apps".to_owned(), json!(12))]),
        };
        ["shop", "games", "office"].map(offer).into()
    }

    fn plan(call: &Call) -> Vec<TargetPlan> {
        let apps = call.with.get("apps").and_then(Value::as_array);
        let names = apps.into_iter().flatten().filter_map(Value::as_str);
        names
            .filter_map(|name| {
                Some(TargetPlan {
                    wanted: Vec::new(),
                    only: None,
                    charts: Vec::new(),
                    target: name.parse().ok()?,
                    images: vec![ImageChange {
                        container: "Deployment/app/app".into(),
                        from: Some("app:1.4.2".into()),
                        to: Some("app:1.5.0".into()),
                    }],
                    objects: Vec::new(),
                    revisions: vec!["878f604".into()],
                    commits: Vec::new(),
                    between: Vec::new(),
                    returns: None,
                    mode: Mode::Start,
                    obstacle: None,
                    freshness: Freshness::Now,
                    evidence: Value::Null,
                })
            })
            .collect()
    }
}

#[async_trait]
impl Connector for Tool {
    fn name(&self) -> &'static str {
        "argocd"
    }

    fn actions(&self) -> &[ActionSpec] {
        argocd::ACTIONS
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        Ok(match call.action.as_str() {
            "repositories" => Answer::Choices(Self::repositories().into()),
            "applications" => Answer::Choices(Self::applications().into()),
            _ => Answer::Plan(Self::plan(call)),
        })
    }

    async fn perform(&self, _: &Operation, _: &Permit) -> Result<Value, OperationFault> {
        Ok(Value::Null)
    }

    async fn find(&self, _: &Operation) -> Finding {
        Finding::NotFound
    }

    fn recovery(&self, _: &Call) -> Recovery {
        Recovery {
            http_timeout: std::time::Duration::ZERO,
            visible_after: std::time::Duration::ZERO,
        }
    }

    async fn watch(&self, _: &Operation, _: &Value, _: &Value) -> Result<Progress, Trouble> {
        unreachable!("nothing is begun")
    }
}

fn settings(people: usize) -> Settings {
    let everyone = (0..people).map(|number| {
        let id = format!("u{number}");
        let teams = [TeamName::new("devops")].into_iter().collect();
        let person = Person { id: PersonId::new(&id), name: id.clone(), teams, language: None };
        (person, vec![(AdapterName::new(PLATFORM), UserId::new(id))])
    });
    Settings { directory: Directory::new(everyone, []), ..Settings::default() }
}

fn catalog() -> Result<Catalog, Box<dyn Error>> {
    let teams: BTreeSet<TeamName> =
        ["devops", "developers", "release-managers"].map(TeamName::new).into();
    let known = Known {
        actions: &[("argocd", argocd::ACTIONS), ("wilco", ACTIONS)],
        teams: &teams,
        adapters: None,
    };
    let own = ("maintenance.yaml", MAINTENANCE);
    let files = embedded::SHIPPED.iter().copied().chain([own]);
    Catalog::build(files, &known).map_err(|found| format!("{found:?}").into())
}

/// What a person says at a step: a walk begins at the top level, and goes on in the thread of its first
/// message.
fn next(walk: &[Step], person: usize, step: usize) -> (Incoming, &'static str) {
    let (round, at) = (step / walk.len(), step % walk.len());
    let [english, korean, answer, korean_answer] = walk[at];
    let (text, answer) =
        if person.is_multiple_of(2) { (korean, korean_answer) } else { (english, answer) };
    let root = format!("{person}.{round}");
    let message = if at == 0 { root.clone() } else { format!("{root}.{at}") };
    (said(person, (at > 0).then_some(root), message, text), answer)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let people: usize = args.next().map_or(Ok(50), |arg| arg.parse())?;
    let dialogs: usize = args.next().map_or(Ok(20), |arg| arg.parse())?;
    for (name, walk) in [("menu", MENU), ("tool", TOOL)] {
        let (handler, tool) = (Parts::core_handler(), Arc::new(Tool));
        let folder = format!("dialogs-{name}");
        let settings = settings(people);
        let mut house =
            House::open(&folder, people, handler, settings, catalog()?, vec![tool]).await?;
        let line = format!("dialogs walk={name} people={people}");
        house.measure(&line, dialogs * walk.len(), |person, step| next(walk, person, step)).await?;
        house.close().await?;
    }
    Ok(())
}
