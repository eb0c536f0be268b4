//! The connector `wilco`: the engine's own runs and locks, asked like any other tool, so that the
//! functions `status` and `cancel` are ordinary runbooks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use wilco_core::answer::{Answer, Offer, Progress, Trouble, TroubleKind};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::context::Settings;
use wilco_core::entity::{Entity, EntityKey, EntityKind};
use wilco_core::ids::RunId;
use wilco_core::input::Span;
use wilco_core::lang::Text;
use wilco_core::lock::Lock;
use wilco_core::plan::TargetPlan;
use wilco_core::port::{
    ActionKind, ActionSpec, Connector, OperationFault, ParamSpec, Permit, Recovery, Store,
    StoreFault,
};
use wilco_core::run::Run;
use wilco_core::run::state::{Step, StepEnd};
use wilco_core::target::{Target, twins};
use wilco_core::words::plan::brings;
use wilco_core::words::{status, when};

use crate::clock::Clock;
use crate::current::Current;
use crate::history;
use crate::load::read;

const NAME: &str = "wilco";

/// What runbooks may use of the engine itself.
pub const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        name: "status",
        kind: ActionKind::Report,
        params: &[ParamSpec {
            name: "apps",
            required: false,
            many: true,
            doc: "Whole names; everything when none is named.",
        }],
        doc: "What runs or waits now, who holds which lock, and who waits for it; of those that are named also how \
              long it usually takes.",
    },
    ActionSpec {
        name: "runs",
        kind: ActionKind::Choices,
        params: &[],
        doc: "The runs that can be stopped; the value of a choice is the id of the run.",
    },
    ActionSpec {
        name: "underway",
        kind: ActionKind::Choices,
        params: &[],
        doc: "The runs that are in progress or wait, also by the names of their targets; the value of a choice is the \
              id of the run.",
    },
    ActionSpec {
        name: "deployments",
        kind: ActionKind::Choices,
        params: &[],
        doc: "The last runs that are over and brought a version, the newest first; the value of a choice is the \
              id of the run.",
    },
    ActionSpec {
        name: "history",
        kind: ActionKind::Report,
        params: &[
            ParamSpec {
                name: "apps",
                required: false,
                many: true,
                doc: "Whole names; everything when none is named.",
            },
            ParamSpec {
                name: "span",
                required: true,
                many: false,
                doc: "The answer to a question with `choices: time`.",
            },
        ],
        doc: "What changed: runs, rollbacks, holds, and what was deployed past Wilco by tools' own histories.",
    },
    ActionSpec {
        name: "deployed",
        kind: ActionKind::Choices,
        params: &[ParamSpec {
            name: "run",
            required: true,
            many: false,
            doc: "The id of a run that is over.",
        }],
        doc: "What a run brought a version to, the last first; the value of a choice is the whole name. Facts of an \
              item: name, namespace, instance, succeeded.",
    },
];

/// The engine's own connector.
pub struct Builtin {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    settings: Current<Settings>,
    tools: Vec<Arc<dyn Connector>>,
}

impl Builtin {
    /// Reads runs and locks from this store, names of people from these settings, and what was done past us
    /// from these tools.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        settings: Current<Settings>,
        tools: Vec<Arc<dyn Connector>>,
    ) -> Self {
        Self { store, clock, settings, tools }
    }

    /// Live runs, the oldest first; the names of what cannot be read are added to `unread`.
    async fn runs(&self, unread: &mut Vec<String>) -> Result<Vec<Run>, StoreFault> {
        let mut runs: Vec<Run> = Vec::new();
        for row in self.store.load_live(EntityKind::Run).await? {
            match read(&row) {
                Ok(Entity::Run(run)) => runs.push(*run),
                Ok(_) => {}
                Err(unreadable) => {
                    drop(unreadable.tell());
                    unread.push(row.id);
                }
            }
        }
        // `r10` comes after `r9`, also when both were asked for in the same millisecond.
        runs.sort_by_key(|run| (run.created_at, run.id.as_str().len(), run.id.clone()));
        Ok(runs)
    }

    async fn locks(&self, unread: &mut Vec<String>) -> Result<Vec<Lock>, StoreFault> {
        let mut locks: Vec<Lock> = Vec::new();
        for row in self.store.load_live(EntityKind::Lock).await? {
            match read(&row) {
                Ok(Entity::Lock(lock)) => locks.push(lock),
                Ok(_) => {}
                Err(unreadable) => {
                    drop(unreadable.tell());
                    unread.push(row.id);
                }
            }
        }
        locks.sort_by(|a, b| a.target.cmp(&b.target));
        Ok(locks)
    }

    async fn status(&self) -> Result<Answer, StoreFault> {
        let mut unread = Vec::new();
        let (runs, locks) = (self.runs(&mut unread).await?, self.locks(&mut unread).await?);
        let (settings, now) = (self.settings.get(), self.clock.now());
        let lines = runs
            .iter()
            .map(|run| (run, settings.directory.name(&run.requester), now.since(run.created_at)));
        Ok(Answer::Report(status::report(lines, &locks, &unread)))
    }

    /// Of each of these: what runs, what waits in which place, and how long it usually takes.
    async fn status_of(&self, about: &BTreeSet<Target>) -> Result<Answer, StoreFault> {
        let mut unread = Vec::new();
        let (runs, locks) = (self.runs(&mut unread).await?, self.locks(&mut unread).await?);
        let over = self.over().await?;
        let (settings, now) = (self.settings.get(), self.clock.now());
        let twins = twins(about);
        let mut lines = Text::default();
        for target in about {
            let concerns = |run: &&Run| run.plan.targets.iter().any(|part| part.target == *target);
            let lock = locks.iter().find(|lock| lock.target == *target);
            let line = |run: &Run| status::Concerns {
                place: status::Place::of(run, lock),
                title: status::short_title(run, &settings.directory.name(&run.requester)),
                age: now.since(run.created_at),
                does: run.summary(),
            };
            let mut there: Vec<_> = runs.iter().filter(concerns).map(line).collect();
            there.sort_by_key(|run| run.place);
            let holder = runs
                .iter()
                .filter(concerns)
                .find(|run| lock.is_some_and(|lock| lock.holder.as_ref() == Some(&run.id)));
            let usual = usual(&over, target, holder.map(|run| run.name.as_str()));
            let name = wilco_core::words::called(target, &twins);
            lines = lines.line(&status::of_target(&name, &there, usual));
        }
        Ok(Answer::Report(lines))
    }

    async fn choices(&self) -> Result<Answer, StoreFault> {
        let settings = self.settings.get();
        let offer = |run: &Run| Offer {
            value: run.id.to_string(),
            title: status::run_title(run, &settings.directory.name(&run.requester)),
            note: String::new(),
            aliases: vec![run.id.to_string()],
            facts: facts(run),
        };
        Ok(Answer::Choices(self.runs(&mut Vec::new()).await?.iter().map(offer).collect()))
    }

    /// As [`Builtin::choices`], also by the names of their targets.
    async fn underway(&self) -> Result<Answer, StoreFault> {
        let settings = self.settings.get();
        let offer = |run: &Run| {
            let targets = run.plan.targets.iter().map(|part| &part.target);
            let names = targets.flat_map(|target| [target.name.clone(), target.to_string()]);
            Offer {
                value: run.id.to_string(),
                title: status::run_title(run, &settings.directory.name(&run.requester)),
                note: String::new(),
                aliases: std::iter::once(run.id.to_string()).chain(names).collect(),
                facts: facts(run),
            }
        };
        Ok(Answer::Choices(self.runs(&mut Vec::new()).await?.iter().map(offer).collect()))
    }
}

/// How many of the last runs tell how long it usually takes.
const USUAL: usize = 9;

/// How long this target usually takes: the median of the last runs that succeeded there, of this function or, where
/// none is named, of those that bring a version.
fn usual(over: &[Run], target: &Target, function: Option<&str>) -> Option<Duration> {
    let counts = |run: &&Run| match function {
        Some(name) => run.name.as_str() == name,
        None => run.brought().next().is_some(),
    };
    let took = |run: &Run| {
        let both = run.plan.targets.iter().zip(&run.steps);
        both.filter(|(part, _)| part.target == *target).find_map(|(_, step)| match step {
            Step::Ended(StepEnd::Succeeded { took_ms, .. }) => Some(*took_ms),
            _ => None,
        })
    };
    let mut times: Vec<u64> = over.iter().filter(counts).filter_map(took).take(USUAL).collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().map(Duration::from_millis)
}

/// How many runs that are over are looked through.
const LOOKED_THROUGH: usize = 200;
/// How many of them are offered.
const OFFERED: usize = 50;

impl Builtin {
    /// The last runs that are over, the newest first.
    async fn over(&self) -> Result<Vec<Run>, StoreFault> {
        let rows = self.store.load_over(EntityKind::Run, LOOKED_THROUGH).await?;
        let run = |row: &_| match read(row) {
            Ok(Entity::Run(run)) => Some(*run),
            Ok(_) => None,
            Err(unreadable) => {
                drop(unreadable.tell());
                None
            }
        };
        Ok(rows.iter().filter_map(run).collect())
    }

    async fn history(&self, about: &BTreeSet<Target>, span: Span) -> Result<Answer, StoreFault> {
        let mut runs = self.runs(&mut Vec::new()).await?;
        let live: BTreeSet<RunId> = runs.iter().map(|run| run.id.clone()).collect();
        // One may end between the two readings.
        runs.extend(self.over().await?.into_iter().filter(|run| !live.contains(&run.id)));
        let settings = self.settings.get();
        Ok(Answer::Report(
            history::report(&runs, &self.tools, about, span, &settings, self.clock.now()).await,
        ))
    }

    async fn deployments(&self) -> Result<Answer, StoreFault> {
        let settings = self.settings.get();
        let runs = self.over().await?;
        let brought = runs.iter().filter(|run| run.brought().next().is_some());
        let offer = |run: &Run| Offer {
            value: run.id.to_string(),
            title: status::run_title(run, &settings.directory.name(&run.requester)),
            note: run
                .ended_at()
                .map_or_else(String::new, |at| when::day_and_clock(at, settings.utc_offset)),
            aliases: vec![run.id.to_string()],
            facts: facts(run),
        };
        Ok(Answer::Choices(brought.take(OFFERED).map(offer).collect()))
    }

    async fn deployed(&self, run: &RunId) -> Result<Answer, StoreFault> {
        let rows = self.store.load(&[EntityKey::Run(run.clone())]).await?;
        let Some(Ok(Entity::Run(run))) = rows.iter().flatten().next().map(read) else {
            return Ok(Answer::Choices(Vec::new().into()));
        };
        let offer = |(part, step): (&TargetPlan, &Step)| {
            let target = &part.target;
            Offer {
                value: target.to_string(),
                title: target.name.clone(),
                note: brings(part).en,
                aliases: vec![format!("{}/{}", target.namespace, target.name)],
                facts: BTreeMap::from([
                    ("name".to_owned(), target.name.as_str().into()),
                    ("namespace".to_owned(), target.namespace.as_str().into()),
                    ("instance".to_owned(), target.instance.as_str().into()),
                    ("succeeded".to_owned(), step.is_succeeded().into()),
                ]),
            }
        };
        let mut offers: Vec<Offer> = run.brought().map(offer).collect();
        offers.reverse();
        Ok(Answer::Choices(offers.into()))
    }
}

/// What `where:` conditions see as `item`.
fn facts(run: &Run) -> BTreeMap<String, Value> {
    let targets: Vec<String> =
        run.plan.targets.iter().map(|plan| plan.target.to_string()).collect();
    BTreeMap::from([
        ("run".to_owned(), run.id.as_str().into()),
        ("runbook".to_owned(), run.name.as_str().into()),
        ("requester".to_owned(), run.requester.as_str().into()),
        ("targets".to_owned(), targets.into()),
    ])
}

fn trouble(kind: TroubleKind, detail: String) -> Trouble {
    Trouble { tool: NAME.into(), kind, detail }
}

fn no_such_action(call: &Call) -> Trouble {
    trouble(TroubleKind::BadRequest, format!("no such action: {}", call.action))
}

#[async_trait]
impl Connector for Builtin {
    fn name(&self) -> &str {
        NAME
    }

    fn actions(&self) -> &[ActionSpec] {
        ACTIONS
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        let answer = match call.action.as_str() {
            "status" => match history::targets(call)? {
                all if all.is_empty() => self.status().await,
                about => self.status_of(&about).await,
            },
            "runs" => self.choices().await,
            "underway" => self.underway().await,
            "history" => {
                let about = history::targets(call)?;
                let span = call.with.get("span").and_then(Value::as_str).and_then(Span::of_value);
                let span = span.unwrap_or_else(|| Span::usual(self.clock.now()));
                self.history(&about, span).await
            }
            "deployments" => self.deployments().await,
            "deployed" => {
                let run = call.with.get("run").and_then(Value::as_str).unwrap_or_default();
                self.deployed(&RunId::new(run)).await
            }
            _ => return Err(no_such_action(call)),
        };
        answer.map_err(|fault| trouble(TroubleKind::ToolFailed, fault.to_string()))
    }

    async fn perform(
        &self,
        operation: &Operation,
        _permit: &Permit,
    ) -> Result<Value, OperationFault> {
        Err(OperationFault::Refused(no_such_action(&operation.call)))
    }

    async fn find(&self, _operation: &Operation) -> Finding {
        Finding::NotFound
    }

    fn recovery(&self, _call: &Call) -> Recovery {
        Recovery { http_timeout: Duration::ZERO, visible_after: Duration::ZERO }
    }

    async fn watch(
        &self,
        operation: &Operation,
        _receipt: &Value,
        _memory: &Value,
    ) -> Result<Progress, Trouble> {
        Err(no_such_action(&operation.call))
    }
}
