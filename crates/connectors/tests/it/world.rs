//! A double, a connector that talks to it, and the clock of both.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use wilco_connectors::argocd::{ArgoCd, InstanceConfig, SignIn};
use wilco_core::answer::{Answer, Offer, Progress, Seen, Trouble, VersionRow};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::entity::EntityKey;
use wilco_core::ids::{CallId, RunId};
use wilco_core::plan::TargetPlan;
use wilco_core::port::{Connector as _, OperationFault, Permit};
use wilco_core::time::Timestamp;
use wilco_sim::argocd as double;
use wilco_sim::clock::ManualClock;

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) tool: double::ArgoCd,
    pub(crate) argo: Arc<ArgoCd>,
    served: Option<double::Served>,
}

/// How the connector of a world differs from the usual one.
pub(crate) type Change = fn(&mut InstanceConfig);

pub(crate) fn password(word: &str) -> SignIn {
    SignIn::Session { username: double::DEFAULT_ACCOUNT.to_owned(), password: word.into() }
}

impl World {
    /// Signs in by user name and password.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: Change) -> Self {
        let clock = ManualClock::new(START_MS);
        let tool = double::ArgoCd::new(clock.clone());
        let served = tool.serve_local().await.expect("a free port");
        let mut config =
            InstanceConfig::new("main", &served.url(), password(double::DEFAULT_PASSWORD));
        change(&mut config);
        let time = clock.clone();
        let now = Arc::new(move || Timestamp(wilco_sim::clock::Clock::now_ms(&time)));
        let argo = ArgoCd::new(vec![config], now).expect("the configuration is good");
        let argo = Arc::new(argo);
        Self { clock, tool, argo, served: Some(served) }
    }

    pub(crate) fn url(&self) -> String {
        self.served.as_ref().expect("it is up").url()
    }

    /// The tool goes down.
    pub(crate) async fn down(&mut self) {
        if let Some(served) = self.served.take() {
            served.shutdown().await;
        }
    }

    /// wallet-api, 1.4.2 → 1.5.0.
    pub(crate) fn wallet(&self) -> &Self {
        self.tool.add(double::AppSpec::new("wallet-api").image("wallet-api", "1.4.2", "1.5.0"));
        self
    }

    pub(crate) async fn ask(&self, action: &str, with: Value) -> Result<Answer, Trouble> {
        self.argo.ask(&call(action, with)).await
    }

    pub(crate) async fn offers(&self, action: &str, with: Value) -> Vec<Offer> {
        match self.ask(action, with).await {
            Ok(Answer::Choices(offers)) => offers.items,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn plans(&self, apps: &[&str]) -> Vec<TargetPlan> {
        let apps: Vec<String> = apps.iter().map(|app| whole(app)).collect();
        match self.ask("diff", json!({ "apps": apps })).await {
            Ok(Answer::Plan(plans)) => plans,
            other => panic!("{other:?}"),
        }
    }

    /// What a restart of these would replace.
    pub(crate) async fn workloads(&self, apps: &[&str]) -> Vec<TargetPlan> {
        let apps: Vec<String> = apps.iter().map(|app| whole(app)).collect();
        match self.ask("workloads", json!({ "apps": apps })).await {
            Ok(Answer::Plan(plans)) => plans,
            other => panic!("{other:?}"),
        }
    }

    /// The restart that a run would intend for this plan.
    pub(crate) fn intend_restart(&self, id: &str, plan: &TargetPlan) -> Operation {
        operation(id, "restart", json!({ "app": plan.target }), plan.evidence.clone())
    }

    pub(crate) async fn plan(&self, app: &str) -> TargetPlan {
        self.plans(&[app]).await.remove(0)
    }

    pub(crate) async fn versions(&self, with: Value) -> Vec<VersionRow> {
        match self.ask("versions", with).await {
            Ok(Answer::Versions(rows)) => rows.items,
            other => panic!("{other:?}"),
        }
    }

    /// The operation that a run would intend for this plan.
    pub(crate) fn intend(&self, id: &str, plan: &TargetPlan) -> Operation {
        let with = json!({ "app": plan.target, "revisions": plan.revisions });
        operation(id, "sync", with, plan.evidence.clone())
    }

    pub(crate) async fn perform(&self, operation: &Operation) -> Result<Value, OperationFault> {
        self.argo.perform(operation, &permit(60)).await
    }

    pub(crate) async fn find(&self, operation: &Operation) -> Finding {
        self.argo.find(operation).await
    }

    pub(crate) async fn look(&self, operation: &Operation, memory: &Value) -> Progress {
        self.argo.watch(operation, &json!({}), memory).await.expect("the look itself works")
    }

    /// Looks every two seconds until it is over, at most so many times; all that was seen.
    pub(crate) async fn follow(&self, operation: &Operation, looks: usize) -> Vec<Seen> {
        let mut memory = Value::Null;
        let mut all = Vec::new();
        for _ in 0..looks {
            let progress = self.look(operation, &memory).await;
            memory = progress.memory;
            let going = matches!(progress.seen, Seen::Running { .. } | Seen::Applied { .. });
            all.push(progress.seen);
            if !going {
                break;
            }
            self.clock.advance(2_000);
        }
        all
    }

    pub(crate) async fn end(&self, operation: &Operation) -> Seen {
        self.follow(operation, 100).await.pop().expect("at least one look")
    }

    pub(crate) fn requests(&self, route: &str) -> u64 {
        self.tool.requests().get(route).copied().unwrap_or(0)
    }
}

pub(crate) fn permit(secs: u64) -> Permit {
    #[expect(clippy::disallowed_methods, reason = "a permit is a moment on the monotonic clock")]
    let now = Instant::now();
    Permit::until(now + Duration::from_secs(secs))
}

pub(crate) fn whole(app: &str) -> String {
    if app.contains('/') { format!("main/{app}") } else { format!("main/argocd/{app}") }
}

pub(crate) fn call(action: &str, with: Value) -> Call {
    let with = match with {
        Value::Object(with) => with,
        _ => Map::new(),
    };
    Call { connector: "argocd".to_owned(), action: action.to_owned(), with }
}

pub(crate) fn operation(id: &str, action: &str, with: Value, evidence: Value) -> Operation {
    Operation {
        id: CallId::new(id),
        owner: EntityKey::Run(RunId::numbered(1)),
        call: call(action, with),
        evidence,
    }
}
