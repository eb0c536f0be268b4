//! The model: one catalog, a few people, runs, locks, and everything that was said, asked and done.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::answer::{Answer, Progress, Seen, Trouble, TroubleKind};
use crate::audit::{AuditRecord, Fact};
use crate::call::{Operation, Query, Settlement};
use crate::context::{Context, Settings};
use crate::dialog::{Answers, Given};
use crate::effect::Effect;
use crate::entity::{Entity, EntityKey};
use crate::event::Event;
use crate::ids::{
    AdapterName, DefinitionHash, EnvironmentName, MessageId, MessageKey, PersonId, RoomId, RunId,
    RunbookName, TeamName,
};
use crate::lang::{Lang, Text};
use crate::message::{Body, Say, To};
use crate::people::{Directory, Person};
use crate::place::{Room, Thread};
use crate::plan::{ImageChange, Mode, Plan, TargetPlan};
use crate::run::state::{End, State, Step};
use crate::run::{NewRun, Run, RunEvent, create, handle};
use crate::runbook::{
    ApprovalRule, Catalog, Choices, Does, OnFailure, Order, Procedure, Question, Runbook, Template,
    Use,
};
use crate::target::{Environments, Pattern, Target};
use crate::time::Timestamp;
use crate::timer::{Timer, TimerName};
use crate::token::{Token, Wish};
use crate::world::{Outcome, World};

/// Nine in the morning.
const MORNING: i64 = 9 * 3_600_000;
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// The approver's word, with the button's digest.
pub(crate) const APPROVED: bool = true;

pub(crate) struct Setup {
    pub(crate) targets: Vec<&'static str>,
    pub(crate) order: Order,
    /// As the order wants it, if `None`.
    pub(crate) on_failure: Option<OnFailure>,
    pub(crate) approval: bool,
    pub(crate) lang: Lang,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            targets: vec!["wallet"],
            order: Order::Listed,
            on_failure: None,
            approval: true,
            lang: Lang::En,
        }
    }
}

pub(crate) struct Model {
    pub(crate) ctx: Context,
    pub(crate) world: World,
    pub(crate) runbook: Arc<Runbook>,
    /// What a reading of the tool shows now.
    pub(crate) tool: BTreeMap<Target, TargetPlan>,
    pub(crate) says: Vec<Say>,
    pub(crate) queries: Vec<Query>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) timers: BTreeMap<(EntityKey, TimerName), Timer>,
    pub(crate) audits: Vec<AuditRecord>,
    pub(crate) tells: Vec<(String, RunId)>,
    /// Messages whose owner wants to know that they stand there.
    pub(crate) unposted: Vec<MessageKey>,
    /// The tool tells of changes by itself.
    pub(crate) hinted: bool,
}

pub(crate) fn target(name: &str) -> Target {
    format!("main/argocd/{name}").parse().unwrap()
}

pub(crate) fn trouble(kind: TroubleKind) -> Trouble {
    Trouble { tool: "argocd main".into(), kind, detail: String::new() }
}

fn part(name: &str) -> TargetPlan {
    TargetPlan {
        wanted: Vec::new(),
        only: None,
        charts: Vec::new(),
        target: target(name),
        images: vec![ImageChange {
            container: format!("Deployment/{name}/app"),
            from: Some(format!("registry/{name}:1.4.2")),
            to: Some(format!("registry/{name}:1.5.0")),
        }],
        objects: vec![],
        revisions: vec!["8c1f0000aaaa".into()],
        commits: vec![],
        between: Vec::new(),
        returns: None,
        mode: Mode::Start,
        obstacle: None,
        freshness: crate::plan::Freshness::Now,
        evidence: json!({ "history": [1] }),
    }
}

fn order_of(runbook: &Runbook) -> &Order {
    let Does::Run(procedure) = &runbook.does else { panic!("it runs") };
    &procedure.order
}

/// Waves of targets by their names.
pub(crate) fn waves(names: &[&[&str]]) -> Order {
    let pattern = |name: &&str| Pattern::new(format!("*/*/{name}"));
    Order::Waves(names.iter().map(|wave| wave.iter().map(pattern).collect()).collect())
}

fn template(source: &str) -> Template {
    Template::parse(source).unwrap()
}

fn runbook(setup: &Setup) -> Runbook {
    let team = |name: &str| vec![TeamName::new(name)];
    let using = |action: &str, with: &[(&str, &str)]| Use {
        connector: "argocd".into(),
        action: action.into(),
        with: with.iter().map(|(k, v)| ((*k).to_owned(), template(v))).collect(),
        looks_anew: false,
    };
    Runbook {
        name: RunbookName::new("deploy"),
        hash: DefinitionHash::new("hash"),
        source: "runbook: deploy".into(),
        number: 2,
        title: Text::new("Deploy", "배포"),
        aliases: vec![],
        who: team("devops"),
        ask: vec![Question {
            name: "apps".into(),
            text: Text::verbatim("?"),
            many: true,
            choices: Choices::Free,
            filter: None,
            hidden: None,
            narrows: None,
            default_all: false,
        }],
        does: Does::Run(Box::new(Procedure {
            diagnosis: None,
            undo: None,
            plan: using("diff", &[("apps", "{{ apps }}")]),
            approval: setup.approval.then(|| ApprovalRule {
                when: None,
                by: team("leads"),
                within: Duration::from_mins(30),
            }),
            on_failure: setup.on_failure.unwrap_or(setup.order.on_failure()),
            order: setup.order.clone(),
            announce: vec!["#notice".into()],
            step: crate::runbook::Step {
                for_each: "apps".into(),
                action: using(
                    "sync",
                    &[("app", "{{ item }}"), ("revisions", "{{ plan[item].revisions }}")],
                ),
                timeout: Duration::from_mins(15),
            },
        })),
    }
}

fn directory() -> Directory {
    let people = [("mina", "devops"), ("dora", "devops"), ("jun", "leads"), ("lee", "leads")];
    let person = |(name, team): (&str, &str)| {
        let person = Person {
            id: PersonId::new(name),
            name: name.into(),
            teams: [TeamName::new(team)].into(),
            language: None,
        };
        (person, vec![])
    };
    let eve =
        Person { id: PersonId::new("eve"), name: "eve".into(), teams: [].into(), language: None };
    Directory::new(people.map(person).into_iter().chain([(eve, vec![])]), [])
}

impl Model {
    pub(crate) fn new(setup: &Setup) -> Self {
        let runbook = Arc::new(runbook(setup));
        let settings =
            Settings { directory: directory(), language: Some(setup.lang), ..Settings::default() };
        let ctx = Context {
            now: Timestamp(MORNING),
            settings: Arc::new(settings),
            catalog: Arc::new(Catalog::new(vec![runbook.clone()])),
            pinned: HashMap::from([(runbook.hash.clone(), runbook.clone())]),
            next_run: None,
        };
        let tool = setup.targets.iter().map(|name| (target(name), part(name))).collect();
        Self {
            ctx,
            world: World::default(),
            runbook,
            tool,
            says: vec![],
            queries: vec![],
            operations: vec![],
            timers: BTreeMap::new(),
            audits: vec![],
            tells: vec![],
            unposted: vec![],
            hinted: false,
        }
    }

    /// A model with one run `r1` over the targets of the setup.
    pub(crate) fn with_run(setup: &Setup) -> Self {
        let mut model = Self::new(setup);
        model.create(1, &setup.targets);
        model.post();
        model
    }

    pub(crate) fn create(&mut self, number: u64, names: &[&str]) {
        let parts: Vec<TargetPlan> = names.iter().map(|name| part(name)).collect();
        let whole: Vec<String> = parts.iter().map(|part| part.target.to_string()).collect();
        let titles = names.iter().map(|&name| name.to_owned()).collect();
        let given = Given { values: whole, titles, many: true };
        let room = Room {
            adapter: AdapterName::new("console"),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        };
        let new = NewRun {
            id: RunId::numbered(number),
            runbook: self.runbook.clone(),
            requester: PersonId::new("mina"),
            thread: Thread { room, root: MessageId::new(number.to_string()) },
            answers: Answers([("apps".to_owned(), given)].into()),
            plan: {
                let of = |part: &TargetPlan| {
                    (part.target.clone(), self.ctx.settings.environments.of(&part.target))
                };
                let environments = parts.iter().map(of).collect();
                order_of(&self.runbook).arrange(Plan::new(parts, environments))
            },
        };
        let outcome = create(&self.ctx, &World::default(), new);
        self.apply(outcome);
        self.deliver();
    }

    /// All messages stand on the platform since now.
    pub(crate) fn post(&mut self) {
        for message in std::mem::take(&mut self.unposted) {
            let at = self.ctx.now;
            let run = message.as_str().split('.').next().unwrap()[1..].parse().unwrap();
            self.send(run, &RunEvent::Posted { message, at });
        }
    }

    /// A word of a person, sent at this moment.
    pub(crate) fn types(&mut self, who: &str, approve: bool, at: Timestamp) {
        self.send(1, &RunEvent::Decide { by: PersonId::new(who), digest: None, approve, at });
    }

    /// The environments that the configuration names from now on.
    pub(crate) fn environments(&mut self, rules: &[(&str, &str)]) {
        let rule =
            |&(pattern, name): &(&str, &str)| (Pattern::new(pattern), EnvironmentName::new(name));
        let environments = Environments::new(rules.iter().map(rule).collect());
        self.ctx.settings = Arc::new(Settings { environments, ..(*self.ctx.settings).clone() });
    }

    /// Somebody is in no team any more.
    pub(crate) fn without_teams(&mut self, who: &str) {
        let people = self.ctx.settings.directory.people().map(|person| {
            let mut person = person.clone();
            if person.id.as_str() == who {
                person.teams.clear();
            }
            (person, vec![])
        });
        let directory = Directory::new(people, []);
        self.ctx.settings = Arc::new(Settings { directory, ..(*self.ctx.settings).clone() });
    }

    /// Handles one event, then everything that runs tell each other.
    pub(crate) fn send(&mut self, number: u64, event: &RunEvent) {
        self.send_alone(number, event);
        self.deliver();
    }

    pub(crate) fn send_alone(&mut self, number: u64, event: &RunEvent) {
        let run = self.run(number).clone();
        let outcome = handle(&self.ctx, &self.world, &run, event);
        self.apply(outcome);
    }

    fn deliver(&mut self) {
        while !self.tells.is_empty() {
            let (_, run) = self.tells.remove(0);
            let loaded = self.world.runs[&run].clone();
            let outcome = handle(&self.ctx, &self.world, &loaded, &RunEvent::LockGranted);
            self.apply(outcome);
        }
    }

    pub(crate) fn apply(&mut self, outcome: Outcome) {
        for effect in outcome {
            match effect {
                Effect::Put(Entity::Run(run)) => {
                    // What is stored must come back as it was.
                    let stored = serde_json::to_string(&run).unwrap();
                    assert_eq!(*run, serde_json::from_str::<Run>(&stored).unwrap());
                    self.world.runs.insert(run.id.clone(), *run);
                }
                Effect::Put(Entity::Lock(lock)) => {
                    self.world.locks.insert(lock.target.clone(), lock);
                }
                Effect::Put(Entity::Withdrawal(gone)) => {
                    self.world.withdrawals.insert(gone.target.clone(), gone);
                }
                Effect::Remove(EntityKey::Withdrawal(target)) => {
                    let there = self.world.withdrawals.remove(&target);
                    assert!(there.is_some(), "removes what is not there");
                }
                Effect::Remove(EntityKey::Lock(target)) => {
                    assert!(
                        self.world.locks.remove(&target).is_some(),
                        "removes what is not there"
                    );
                }
                Effect::Say(say) => {
                    if say.receipt.is_some() {
                        self.unposted.push(say.key.clone());
                    }
                    self.says.push(say);
                }
                Effect::Ask(query) => self.queries.push(query),
                Effect::Do(operation) => self.operations.push(operation),
                Effect::SetTimer(timer) => {
                    self.timers.insert((timer.owner.clone(), timer.name.clone()), timer);
                }
                Effect::StopTimer(owner, name) => {
                    self.timers.remove(&(owner, name));
                }
                Effect::Tell { key, event: Event::LockGranted { run } } => {
                    self.tells.push((key, run));
                }
                Effect::Record(record) => self.audits.push(record),
                Effect::Define { .. } => {}
                other => panic!("a run never wants {other:?}"),
            }
        }
    }

    pub(crate) fn run(&self, number: u64) -> &Run {
        &self.world.runs[&RunId::numbered(number)]
    }

    pub(crate) fn step(&self, step: usize) -> &Step {
        &self.run(1).steps[step]
    }

    pub(crate) fn end_of(&self, number: u64) -> Option<End> {
        match &self.run(number).state {
            State::Ended(ended) => Some(ended.how),
            _ => None,
        }
    }

    pub(crate) fn pass(&mut self, span: Duration) {
        self.ctx.now = self.ctx.now + span;
    }

    pub(crate) fn decide(&mut self, who: &str, approve: bool) {
        let digest = Some(self.run(1).plan.digest.clone());
        let (by, at) = (PersonId::new(who), self.ctx.now);
        self.send(1, &RunEvent::Decide { by, digest, approve, at });
    }

    /// A button of another run than `r1`.
    pub(crate) fn decide_on(&mut self, number: u64, who: &str) {
        let digest = Some(self.run(number).plan.digest.clone());
        let (by, at) = (PersonId::new(who), self.ctx.now);
        self.send(number, &RunEvent::Decide { by, digest, approve: true, at });
    }

    pub(crate) fn cancel(&mut self, who: &str) {
        self.send(1, &RunEvent::Cancel { by: PersonId::new(who) });
    }

    pub(crate) fn resolve(&mut self, who: &str, succeeded: bool) {
        self.send(1, &RunEvent::Resolve { by: PersonId::new(who), succeeded });
    }

    /// Sets the clock to a timer of `r1` and fires it.
    pub(crate) fn fire(&mut self, name: TimerName) {
        let key = (EntityKey::Run(RunId::numbered(1)), name.clone());
        let timer = self.timers.remove(&key).unwrap_or_else(|| panic!("no timer {name:?}"));
        self.ctx.now = self.ctx.now.max(timer.due);
        self.send(1, &RunEvent::Timer { name, generation: timer.generation });
    }

    /// Writes the card if it is to be written later.
    pub(crate) fn redraw(&mut self) {
        let key = (EntityKey::Run(RunId::numbered(1)), TimerName::Redraw);
        if self.timers.contains_key(&key) {
            self.fire(TimerName::Redraw);
        }
    }

    /// When a step of `r1` is looked at next.
    pub(crate) fn next_look(&self, step: usize) -> Option<Timestamp> {
        let key = (EntityKey::Run(RunId::numbered(1)), TimerName::Look(step));
        self.timers.get(&key).map(|timer| timer.due)
    }

    fn query(&mut self, action: &str) -> Query {
        let at = self.queries.iter().position(|query| query.call.action == action);
        self.queries.remove(at.unwrap_or_else(|| panic!("no {action} was asked")))
    }

    pub(crate) fn answer(&mut self, query: &Query, outcome: Result<Answer, Trouble>) {
        let EntityKey::Run(run) = query.owner.clone() else { panic!("not a run") };
        let number = run.as_str()[1..].parse().unwrap();
        self.send(number, &RunEvent::Answered { call: query.id.clone(), outcome });
    }

    /// What the tool shows for a `diff` query.
    pub(crate) fn reading(&self, query: &Query) -> Answer {
        let apps = query.call.with["apps"].as_array().unwrap();
        let read =
            |app: &Value| self.tool.get(&app.as_str().unwrap().parse::<Target>().unwrap()).cloned();
        Answer::Plan(apps.iter().filter_map(read).collect())
    }

    /// Answers the oldest `diff` query by what the tool shows.
    pub(crate) fn read(&mut self) {
        let query = self.query("diff");
        let answer = self.reading(&query);
        self.answer(&query, Ok(answer));
    }

    pub(crate) fn read_fails(&mut self, kind: TroubleKind) {
        let query = self.query("diff");
        self.answer(&query, Err(trouble(kind)));
    }

    /// Settles the oldest operation that is not settled.
    pub(crate) fn settle(&mut self, settlement: Settlement) {
        let call = self.run(1).open[0].clone();
        self.send(1, &RunEvent::Settled { call, settlement });
    }

    pub(crate) fn settle_done(&mut self) {
        self.settle(Settlement::Done { receipt: json!({ "at": 1 }), found: false });
    }

    /// Fires the look of a step, and answers it.
    pub(crate) fn look(&mut self, step: usize, seen: Seen) {
        self.fire(TimerName::Look(step));
        self.answer_look(seen);
    }

    /// Answers a look that is under way.
    pub(crate) fn answer_look(&mut self, seen: Seen) {
        let query = self.query("watch");
        let progress = Progress { seen, memory: json!({ "looks": 1 }), hinted: self.hinted };
        self.answer(&query, Ok(Answer::Progress(progress)));
    }

    pub(crate) fn look_fails(&mut self, step: usize, kind: TroubleKind) {
        self.fire(TimerName::Look(step));
        let query = self.query("watch");
        self.answer(&query, Err(trouble(kind)));
    }

    pub(crate) fn healthy(&mut self, step: usize) {
        self.look(step, Seen::Succeeded { note: "Healthy".into(), warnings: vec![] });
    }

    /// To the point at which the first target is being looked at.
    pub(crate) fn until_following(&mut self) {
        if self.run(1).awaits_decision() {
            self.decide("jun", APPROVED);
            self.read();
        }
        self.read();
        self.settle_done();
    }

    pub(crate) fn card(&self) -> &Body {
        self.message("r1.card")
    }

    pub(crate) fn message(&self, key: &str) -> &Body {
        let say = self.says.iter().rev().find(|say| say.key.as_str() == key);
        &say.unwrap_or_else(|| panic!("{key} was never said")).body
    }

    /// What was said in the thread last, but for the card.
    pub(crate) fn last(&self) -> &Body {
        let mut notes = self.says.iter().rev().filter(|say| say.key.as_str().contains(".note."));
        &notes.next().unwrap().body
    }

    pub(crate) fn said(&self, text: &str) -> bool {
        self.says.iter().any(|say| say.body.text.contains(text))
    }

    pub(crate) fn notices(&self) -> Vec<&str> {
        let at_top = |say: &&Say| matches!(say.to, To::Room(_));
        self.says.iter().filter(at_top).map(|say| say.body.text.as_str()).collect()
    }

    pub(crate) fn facts(&self) -> Vec<&Fact> {
        self.audits.iter().map(|record| &record.what).collect()
    }

    pub(crate) fn syncs(&self) -> Vec<&str> {
        let sync = |op: &&Operation| op.call.action == "sync";
        self.operations
            .iter()
            .filter(sync)
            .map(|op| op.call.with["app"].as_str().unwrap())
            .collect()
    }

    pub(crate) fn has_decide_buttons(&self) -> bool {
        self.card()
            .buttons
            .iter()
            .any(|button| matches!(button.token, Token::OfRun { wish: Wish::Decide { .. }, .. }))
    }
}
