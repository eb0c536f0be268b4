//! The connector `wilco`: the engine's own runs and locks, asked like any other tool, so that the
//! functions `status` and `cancel` are ordinary runbooks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use wilco_core::answer::{Answer, Offer, Progress, Trouble, TroubleKind};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::context::Settings;
use wilco_core::entity::{Entity, EntityKind};
use wilco_core::lock::Lock;
use wilco_core::port::{
    ActionKind, ActionSpec, Connector, OperationFault, Permit, Recovery, Store, StoreFault,
};
use wilco_core::run::Run;
use wilco_core::words::status;

use crate::clock::Clock;
use crate::current::Current;
use crate::load::read;

const NAME: &str = "wilco";

/// What runbooks may use of the engine itself.
pub const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        name: "status",
        kind: ActionKind::Report,
        params: &[],
        doc: "What runs or waits now, who holds which lock, and who waits for it.",
    },
    ActionSpec {
        name: "runs",
        kind: ActionKind::Choices,
        params: &[],
        doc: "The runs that can be stopped; the value of a choice is the id of the run.",
    },
];

/// The engine's own connector.
pub struct Builtin {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    settings: Current<Settings>,
}

impl Builtin {
    /// Reads runs and locks from this store, and names of people from these settings.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, settings: Current<Settings>) -> Self {
        Self { store, clock, settings }
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
            "status" => self.status().await,
            "runs" => self.choices().await,
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
