//! The model: people, rooms, tools that answer from a table, and what the bot said.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::Value;

use crate::answer::{Answer, Offer, Trouble, TroubleKind};
use crate::audit::Fact;
use crate::call::Query;
use crate::context::{Context, Settings};
use crate::dialog::{Dialog, State, Step};
use crate::effect::Effect;
use crate::entity::{DialogKey, Entity, EntityKey};
use crate::event::{Event, Incoming, Press};
use crate::handle;
use crate::ids::{
    AdapterName, EnvironmentName, MessageId, PersonId, RoomId, RunId, TeamName, UserId,
};
use crate::lang::{Lang, Text};
use crate::lock::Lock;
use crate::message::{Button, Say, To};
use crate::people::{Author, Directory, Person};
use crate::place::{Room, Thread};
use crate::plan::{ImageChange, Mode, Obstacle, TargetPlan};
use crate::port::{ActionKind, ActionSpec, ParamSpec};
use crate::runbook::embedded::SHIPPED;
use crate::runbook::{Catalog, Known, shipped};
use crate::target::{Environments, Pattern, Target};
use crate::time::Timestamp;
use crate::timer::{Timer, TimerName};
use crate::world::{Outcome, World};

const fn param(name: &'static str, required: bool, many: bool) -> ParamSpec {
    ParamSpec { name, required, many, doc: "" }
}

const fn action(name: &'static str, kind: ActionKind, params: &'static [ParamSpec]) -> ActionSpec {
    ActionSpec { name, kind, params, doc: "" }
}

const WILCO: &[ActionSpec] = &[
    action("status", ActionKind::Report, &[param("apps", false, true)]),
    action("underway", ActionKind::Choices, &[]),
    action("runs", ActionKind::Choices, &[]),
    action("deployments", ActionKind::Choices, &[]),
    action(
        "history",
        ActionKind::Report,
        &[param("apps", false, true), param("span", true, false)],
    ),
    action("deployed", ActionKind::Choices, &[param("run", true, false)]),
    action("echo", ActionKind::Report, &[param("text", false, false)]),
];

static TEAMS: LazyLock<BTreeSet<TeamName>> =
    LazyLock::new(|| ["devops", "developers", "release-managers"].map(TeamName::new).into());

/// A function with a fixed list and a free text.
const NOTE: &str = r#"
runbook: note
number: 20
title: { en: Write a note, ko: 메모 남기기 }
aliases: [메모]
who: [devops]
ask:
  - name: place
    text: { en: Where to?, ko: 어디에 남길까요? }
    choices:
      - { value: wall, title: { en: The wall, ko: 벽 } }
      - { value: book, title: { en: The book, ko: 책 } }
  - name: words
    text: { en: Which words?, ko: 어떤 내용인가요? }
answer: { use: wilco.echo, with: { text: "{{ words }}" } }
"#;

fn known() -> Known<'static> {
    Known {
        actions: &[("argocd", shipped::ARGOCD), ("wilco", WILCO)],
        teams: &TEAMS,
        adapters: None,
    }
}

/// An application in the list of the tool.
pub(crate) fn app(name: &str, sync: &str) -> Offer {
    Offer {
        value: format!("main/argocd/{name}"),
        title: name.into(),
        note: String::new(),
        aliases: Vec::new(),
        facts: [("sync".to_owned(), Value::String(sync.into()))].into(),
    }
}

/// The model.
pub(crate) struct Chat {
    pub(crate) ctx: Context,
    pub(crate) world: World,
    pub(crate) repositories: Vec<Offer>,
    pub(crate) apps: Vec<Offer>,
    pub(crate) obstacle: Option<Obstacle>,
    /// While it is down, the tool answers with trouble.
    pub(crate) down: bool,
    /// Queries are answered and receipts given at once.
    pub(crate) prompt: bool,
    pub(crate) asked: Vec<Query>,
    pub(crate) unposted: Vec<Say>,
    pub(crate) said: Vec<Say>,
    pub(crate) timers: BTreeMap<(EntityKey, TimerName), Timer>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) tells: Vec<Event>,
    runs: u64,
    messages: u64,
}

impl Chat {
    pub(crate) fn new() -> Self {
        let team = |team: &str| [TeamName::new(team)].into();
        let person = |name: &str, teams, language| {
            let account = (AdapterName::new("chat"), UserId::new(name));
            let id = PersonId::new(name);
            (Person { id, name: name.into(), teams, language }, vec![account])
        };
        let crowd: Vec<String> = (0..10).map(|n| format!("p{n}")).collect();
        let people = [
            person("mina", team("devops"), None),
            person("minsu", team("devops"), Some(Lang::Ko)),
            person("dana", team("developers"), None),
            person("jun", team("release-managers"), None),
            person("guest", BTreeSet::new(), None),
        ];
        let crowd = crowd.iter().map(|name| person(name, team("devops"), Some(Lang::En)));
        let environments =
            Environments::new(vec![(Pattern::new("*/*/*-stage"), EnvironmentName::new("stage"))]);
        let settings = Settings {
            directory: Directory::new(people.into_iter().chain(crowd), []),
            environments,
            ..Settings::default()
        };
        let mut chat = Self {
            ctx: Context {
                now: Timestamp(1_000_000),
                settings: Arc::new(settings),
                catalog: Arc::default(),
                pinned: HashMap::new(),
                next_run: None,
            },
            world: World::default(),
            repositories: ["wallet", "games"]
                .map(|name| Offer { value: format!("git/{name}"), ..app(name, "") })
                .into(),
            apps: vec![
                app("wallet-api", "OutOfSync"),
                app("wallet-web-stage", "OutOfSync"),
                app("gamedosi-web", "OutOfSync"),
                app("settled", "Synced"),
            ],
            obstacle: None,
            down: false,
            prompt: true,
            asked: Vec::new(),
            unposted: Vec::new(),
            said: Vec::new(),
            timers: BTreeMap::new(),
            facts: Vec::new(),
            tells: Vec::new(),
            runs: 0,
            messages: 0,
        };
        chat.load(SHIPPED.iter().map(|(name, source)| (*name, (*source).to_owned())));
        chat
    }

    /// Loads another catalog; what is open keeps its version.
    pub(crate) fn load<'a>(&mut self, files: impl IntoIterator<Item = (&'a str, String)>) {
        let files = files.into_iter().chain([("note.yaml", NOTE.to_owned())]);
        let catalog = Catalog::build(files, &known()).unwrap_or_else(|found| panic!("{found:?}"));
        for runbook in self.ctx.catalog.iter() {
            self.ctx.pinned.insert(runbook.hash.clone(), Arc::clone(runbook));
        }
        self.ctx.catalog = Arc::new(catalog);
    }

    pub(crate) fn settings(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.ctx.settings)
    }

    pub(crate) fn thread() -> Thread {
        let room = Room {
            adapter: AdapterName::new("chat"),
            workspace: "w".into(),
            room: RoomId::new("ops"),
        };
        Thread { room, root: MessageId::new("t1") }
    }

    pub(crate) fn key(person: &str) -> DialogKey {
        DialogKey { thread: Self::thread(), person: PersonId::new(person) }
    }

    pub(crate) fn dialog(&self, person: &str) -> Option<&Dialog> {
        self.world.dialogs.get(&Self::key(person))
    }

    /// The step of a person's dialog.
    pub(crate) fn step(&self, person: &str) -> Option<&Step> {
        match &self.dialog(person)?.state {
            State::Filling(filling) => Some(&filling.step),
            State::Menu { .. } => None,
        }
    }

    /// The titles that a person's question offers.
    pub(crate) fn offered(&self, person: &str) -> Vec<String> {
        match self.step(person) {
            Some(Step::Asking { list, .. }) => {
                list.items.iter().map(|offer| offer.title.clone()).collect()
            }
            other => panic!("no question: {other:?}"),
        }
    }

    /// What a person's run will change.
    pub(crate) fn run(&self) -> Option<Vec<String>> {
        let run = self.world.runs.values().next()?;
        Some(run.plan.targets.iter().map(|part| part.target.name.clone()).collect())
    }

    pub(crate) fn incoming(&mut self, person: &str, text: &str) -> Incoming {
        self.messages += 1;
        self.ctx.now = self.ctx.now + Duration::from_millis(10);
        Incoming {
            room: Self::thread().room,
            thread: Some(Self::thread().root),
            message: MessageId::new(format!("m{}", self.messages)),
            author: Author::User(UserId::new(person)),
            text: text.into(),
            mentioned: false,
            direct: false,
            sent_at: self.ctx.now,
        }
    }

    /// Somebody writes in the thread; returns everything said until it is quiet again.
    pub(crate) fn say(&mut self, person: &str, text: &str) -> String {
        let message = self.incoming(person, text);
        self.deliver(Event::Message(message))
    }

    /// Somebody writes in the thread and mentions the bot.
    pub(crate) fn call(&mut self, person: &str, text: &str) -> String {
        let message = Incoming { mentioned: true, ..self.incoming(person, text) };
        self.deliver(Event::Message(message))
    }

    /// Somebody writes at the top level of their direct conversation; returns the threads in which
    /// something was said, with it.
    pub(crate) fn tell(&mut self, person: &str, text: &str) -> Vec<(String, String)> {
        let message = Incoming { direct: true, thread: None, ..self.incoming(person, text) };
        let first = self.said.len();
        self.deliver(Event::Message(message));
        let told = |say: &Say| match &say.to {
            To::Thread(thread) => (thread.root.to_string(), say.body.text.clone()),
            To::Room(_) | To::Direct(_) => (say.to.lane(), say.body.text.clone()),
        };
        self.said[first..].iter().map(told).collect()
    }

    /// Several messages; returns what was said after the last.
    pub(crate) fn says(&mut self, person: &str, texts: &[&str]) -> String {
        texts.iter().map(|text| self.say(person, text)).last().unwrap_or_default()
    }

    /// The newest button with this label.
    pub(crate) fn button(&self, label: &str) -> Button {
        let fits = |button: &&Button| button.label == label;
        let mut newest =
            self.said.iter().rev().filter_map(|say| say.body.buttons.iter().find(fits));
        newest.next().unwrap_or_else(|| panic!("no button {label}")).clone()
    }

    pub(crate) fn press(&mut self, person: &str, button: &Button) -> String {
        self.ctx.now = self.ctx.now + Duration::from_millis(10);
        self.deliver(Event::Press(Press {
            thread: Self::thread(),
            author: Author::User(UserId::new(person)),
            token: button.token.clone(),
            sent_at: self.ctx.now,
        }))
    }

    /// An event and, when tools are prompt, everything that follows from it.
    pub(crate) fn deliver(&mut self, event: Event) -> String {
        let first = self.said.len();
        self.handle(&event);
        while self.prompt && self.settle() {}
        let said = self.said[first..].iter().map(|say| say.body.text.as_str());
        said.collect::<Vec<_>>().join("\n---\n")
    }

    /// One answer or receipt that is due.
    pub(crate) fn settle(&mut self) -> bool {
        if let Some(query) = (!self.asked.is_empty()).then(|| self.asked.remove(0)) {
            let event = self.answer(&query);
            self.handle(&event);
            return true;
        }
        self.post()
    }

    /// The oldest message that wants a receipt stands there now.
    pub(crate) fn post(&mut self) -> bool {
        if self.unposted.is_empty() {
            return false;
        }
        let say = self.unposted.remove(0);
        let event = self.posted(&say);
        self.handle(&event);
        true
    }

    pub(crate) fn posted(&mut self, say: &Say) -> Event {
        self.ctx.now = self.ctx.now + Duration::from_millis(10);
        Event::Posted {
            owner: say.receipt.clone().unwrap(),
            key: say.key.clone(),
            message: MessageId::new(say.key.as_str()),
            at: self.ctx.now,
        }
    }

    pub(crate) fn answer(&self, query: &Query) -> Event {
        let trouble = Trouble {
            tool: "argocd".into(),
            kind: TroubleKind::Unreachable,
            detail: String::new(),
        };
        let outcome = if self.down { Err(trouble) } else { Ok(self.tool(query)) };
        Event::Answered { owner: query.owner.clone(), call: query.id.clone(), outcome }
    }

    fn tool(&self, query: &Query) -> Answer {
        match query.call.action.as_str() {
            "repositories" => Answer::Choices(self.repositories.clone().into()),
            "applications" => Answer::Choices(self.apps.clone().into()),
            "runs" => {
                let runs = self.world.runs.keys();
                let offer = |run: &RunId| Offer { value: run.to_string(), ..app(run.as_str(), "") };
                Answer::Choices(runs.map(offer).collect())
            }
            "diff" => Answer::Plan(self.plan(&query.call.with["apps"])),
            "versions" => Answer::Versions(Vec::new().into()),
            _ => Answer::Report(Text::verbatim(format!("report {:?}", query.call.with))),
        }
    }

    fn plan(&self, apps: &Value) -> Vec<TargetPlan> {
        let whole = apps.as_array().unwrap().iter().map(|app| app.as_str().unwrap());
        whole
            .map(|whole| {
                let target: Target = whole.parse().unwrap();
                TargetPlan {
                    wanted: Vec::new(),
                    only: None,
                    charts: Vec::new(),
                    images: vec![ImageChange {
                        container: format!("Deployment/{}/app", target.name),
                        from: Some("x:1.4.2".into()),
                        to: Some("x:1.5.0".into()),
                    }],
                    target,
                    objects: vec![],
                    revisions: vec!["8c1f0000aaaa".into()],
                    commits: vec![],
                    between: Vec::new(),
                    returns: None,
                    mode: Mode::Start,
                    obstacle: self.obstacle.clone(),
                    freshness: crate::plan::Freshness::Now,
                    evidence: Value::Null,
                }
            })
            .collect()
    }

    /// Fires a timer as it was set.
    pub(crate) fn fire(&mut self, timer: &Timer) -> String {
        let Timer { owner, name, generation, .. } = timer.clone();
        self.deliver(Event::TimerFired { owner, name, generation })
    }

    /// The timer of a person's dialog.
    pub(crate) fn timer(&self, person: &str, name: TimerName) -> Timer {
        self.timers[&(EntityKey::Dialog(Self::key(person)), name)].clone()
    }

    /// A run holds the lock of an application.
    pub(crate) fn lock(&mut self, name: &str, run: &str) {
        let target: Target = format!("main/argocd/{name}").parse().unwrap();
        let mut lock = Lock::free(target.clone());
        lock.ask(&RunId::new(run));
        self.world.locks.insert(target, lock);
    }

    /// One event: the engine's part.
    pub(crate) fn handle(&mut self, event: &Event) -> Outcome {
        self.ctx.next_run =
            handle::may_create_run(&self.world, event).then(|| RunId::numbered(self.runs + 1));
        let outcome = handle::handle(&self.ctx, &self.world, event);
        for effect in &outcome {
            self.apply(effect.clone());
        }
        outcome
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Put(Entity::Dialog(dialog)) => {
                // Every state must survive the store.
                let stored = serde_json::to_string(&dialog).unwrap();
                let read: Dialog = serde_json::from_str(&stored).unwrap();
                assert_eq!(read, dialog);
                self.world.dialogs.insert(read.key.clone(), read);
            }
            Effect::Put(Entity::Run(run)) => {
                if !self.world.runs.contains_key(&run.id) {
                    self.runs += 1;
                }
                self.world.runs.insert(run.id.clone(), *run);
            }
            Effect::Put(Entity::Lock(lock)) => {
                self.world.locks.insert(lock.target.clone(), lock);
            }
            Effect::Put(Entity::Withdrawal(gone)) => {
                self.world.withdrawals.insert(gone.target.clone(), gone);
            }
            Effect::Remove(EntityKey::Dialog(key)) => {
                self.world.dialogs.remove(&key);
            }
            Effect::Remove(_) => {}
            Effect::Say(say) => {
                if say.receipt.is_some() {
                    self.unposted.push(say.clone());
                }
                self.said.push(say);
            }
            Effect::Ask(query) => {
                if matches!(query.owner, EntityKey::Dialog(_)) {
                    self.asked.push(query);
                }
            }
            Effect::SetTimer(timer) => {
                self.timers.insert((timer.owner.clone(), timer.name.clone()), timer);
            }
            Effect::StopTimer(owner, name) => {
                self.timers.remove(&(owner, name));
            }
            Effect::Tell { event, .. } => self.tells.push(event),
            Effect::Record(record) => self.facts.push(record.what),
            Effect::Do(_) | Effect::Define { .. } => {}
        }
    }
}
