//! Argo CD: which applications there are, what a sync would change, syncing, and knowing when it is
//! done. Trap numbers (ARGO-1 …) are those of `contracts/PITFALLS.md`.
//!
//! The life of a deployment here: `diff` reads the plan and, with it, the evidence that is stored
//! with the intent; `sync` posts it once, tagged; after a crash `find` says whether that
//! happened; `watch` follows it until the new images run. A restart goes the same way, with `workloads` in
//! the place of `diff`, and a rollback with `previous`. While an application stands still until a person acts, `pause` tells at what, and
//! does what the person wants.
//!
//! Several instances stand side by side; the first part of a target says which one is meant.

mod actions;
mod args;
mod between;
mod charts;
mod client;
mod config;
mod diagnosis;
mod diff;
mod error;
mod evidence;
mod fields;
mod find;
mod followed;
mod history;
mod images;
mod list;
mod mark;
mod names;
mod objects;
mod part;
mod pause;
#[cfg(test)]
mod recorded;
mod restart;
mod rights;
mod rollback;
mod session;
mod stream;
mod sync;
mod versions;
mod watch;
mod wire;

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use serde_json::Value;
use wilco_core::answer::{Answer, Progress, Seen, Trouble, TroubleKind, Warning};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::plan::Mode;
use wilco_core::port::{ActionSpec, Connector, Hint, OperationFault, Permit, Recovery};
use wilco_core::target::Target;
use wilco_core::time::Timestamp;

use crate::Now;
use crate::git::CommitLog;
pub use actions::ACTIONS;
use client::{Instance, Look};
pub use config::{ConfigFault, InstanceConfig, Limits, SignIn};
use evidence::Evidence;
pub use followed::Hearing;
pub use rights::{ProjectRights, Rights};
use watch::Memory;

/// The connector's name in runbooks.
const NAME: &str = "argocd";
/// A sync shows in a single GET as soon as it was accepted; this is for a server that is still at it
/// when the connection broke (ARGO-11 concerns the list only).
const VISIBLE_AFTER: Duration = Duration::from_secs(2);

/// The connector.
pub struct ArgoCd {
    instances: Vec<Instance>,
    now: Now,
    /// Where histories are read, if they are.
    log: Option<Arc<dyn CommitLog>>,
}

impl ArgoCd {
    /// A connector for these instances; nothing is asked of them yet.
    ///
    /// # Errors
    /// When there is no instance, a name is no good, or a client cannot be made.
    pub fn new(configs: Vec<InstanceConfig>, now: Now) -> Result<Self, ConfigFault> {
        let only = configs.len() == 1;
        let mut names = BTreeSet::new();
        let mut instances = Vec::new();
        for config in configs {
            let name = config.name.clone();
            if name.is_empty() || name.contains('/') || !names.insert(name.clone()) {
                return Err(ConfigFault::Name(name));
            }
            let connection = if only { NAME.to_owned() } else { format!("{NAME} {name}") };
            instances.push(Instance::new(config, &connection, now.clone())?);
        }
        if instances.is_empty() {
            return Err(ConfigFault::NoInstance);
        }
        Ok(Self { instances, now, log: None })
    }

    /// The same connector, whose plans tell the commits between what runs and what would come.
    #[must_use]
    pub fn reading(self, log: Arc<dyn CommitLog>) -> Self {
        Self { log: Some(log), ..self }
    }

    /// How the stream of changes of each instance is, in the order of their configurations.
    #[must_use]
    pub fn hearing(&self) -> Vec<Hearing> {
        self.instances.iter().map(|instance| instance.followed.hearing()).collect()
    }

    fn instance(&self, target: &Target) -> Result<&Instance, Trouble> {
        let found = self.instances.iter().find(|instance| instance.name == target.instance);
        found.ok_or_else(|| trouble(TroubleKind::NotFound, &target.to_string()))
    }

    /// The application that an operation is about.
    fn subject(&self, call: &Call) -> Result<(&Instance, Target), Trouble> {
        let target = args::target(&call.with, "app").map_err(|detail| bad(&detail))?;
        Ok((self.instance(&target)?, target))
    }
}

#[async_trait]
impl Connector for ArgoCd {
    fn name(&self) -> &str {
        NAME
    }

    fn actions(&self) -> &[ActionSpec] {
        ACTIONS
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        let targets = || args::targets(&call.with, "apps").map_err(|detail| bad(&detail));
        let repository = args::text(&call.with, "repository");
        match call.action.as_str() {
            "repositories" => self.repositories().await.map(Answer::Choices),
            "applications" => {
                let fresh = args::targets(&call.with, "fresh").map_err(|detail| bad(&detail))?;
                self.applications(repository, &fresh).await.map(Answer::Choices)
            }
            "objects" => {
                let target = args::target(&call.with, "app").map_err(|detail| bad(&detail))?;
                self.objects(&target).await.map(|offers| Answer::Choices(offers.into()))
            }
            "diff" => {
                // Named and empty is nothing, and not all.
                let only = call.with.contains_key("only").then(|| args::texts(&call.with, "only"));
                let only = only.transpose().map_err(|detail| bad(&detail))?;
                self.diff(&targets()?, only.as_deref()).await.map(Answer::Plan)
            }
            "previous" => {
                self.previous(&targets()?, args::text(&call.with, "run")).await.map(Answer::Plan)
            }
            "workloads" => self.workloads(&targets()?).await.map(Answer::Plan),
            "diagnosis" => self.diagnosis(&targets()?).await.map(Answer::Diagnoses),
            "history" => {
                let from = call.with.get("from").and_then(Value::as_i64).unwrap_or_default();
                self.history(targets()?, Timestamp(from)).await.map(Answer::Deployed)
            }
            "versions" => self.versions(repository, targets()?).await.map(Answer::Versions),
            other => Err(bad(other)),
        }
    }

    async fn perform(
        &self,
        operation: &Operation,
        permit: &Permit,
    ) -> Result<Value, OperationFault> {
        let subject = self.subject(&operation.call);
        let (instance, target) = subject.map_err(OperationFault::Refused)?;
        match operation.call.action.as_str() {
            "sync" => sync::start(instance, &target, operation, permit).await,
            "rollback" => rollback::start(instance, &target, operation, permit).await,
            "terminate" => sync::terminate(instance, &target, operation, permit).await,
            "restart" => restart::start(instance, &target, operation, permit).await,
            _ if pause::act_of(&operation.call).is_some() => {
                pause::act(instance, &target, operation, permit).await
            }
            other => Err(OperationFault::Refused(bad(other))),
        }
    }

    async fn find(&self, operation: &Operation) -> Finding {
        let unsure = |trouble: Trouble| Finding::Unsure(trouble.detail);
        let (instance, target) = match self.subject(&operation.call) {
            Ok(subject) => subject,
            Err(trouble) => return unsure(trouble),
        };
        if operation.call.action == "restart" {
            return restart::find(instance, &target, operation).await;
        }
        if pause::act_of(&operation.call).is_some() {
            return pause::find(instance, &target, operation).await;
        }
        let app = match instance.app(&target, Look::Plain).await {
            Ok(app) => app,
            // Without the application nothing can be told any more; all else may pass.
            Err(trouble) if trouble.kind == TroubleKind::NotFound => return unsure(trouble),
            Err(trouble) => return Finding::NotNow(trouble),
        };
        match operation.call.action.as_str() {
            "sync" | "rollback" => {
                let evidence = Evidence::of(&operation.evidence);
                find::sync(&app, operation.id.as_str(), evidence.as_ref())
            }
            "terminate" => {
                let tag = args::text(&operation.call.with, "operation").unwrap_or_default();
                let evidence = Evidence::of(&operation.evidence);
                find::terminate(&app, tag, evidence.as_ref())
            }
            other => unsure(bad(other)),
        }
    }

    fn recovery(&self, call: &Call) -> Recovery {
        let instance = self.subject(call).ok().map(|(instance, _)| instance);
        let limits = instance.map(Instance::limits).unwrap_or_default();
        Recovery { http_timeout: limits.write, visible_after: VISIBLE_AFTER }
    }

    async fn watch(
        &self,
        operation: &Operation,
        receipt: &Value,
        memory: &Value,
    ) -> Result<Progress, Trouble> {
        let (instance, target) = self.subject(&operation.call)?;
        let mut memory = Memory::of(memory);
        let app = match instance.app(&target, Look::Plain).await {
            Ok(app) => app,
            Err(trouble) if trouble.kind == TroubleKind::NotFound => {
                let seen = Seen::Lost { note: trouble.detail };
                return Ok(Progress { seen, memory: memory.to_value(), hinted: false });
            }
            Err(trouble) => return Err(trouble),
        };
        let now = (self.now)();
        instance.looked(&app, operation, now);
        let evidence = Evidence::of(&operation.evidence);
        let only = evidence.map(|evidence| evidence.proof.only).unwrap_or_default();
        let others = part::others(&app, &only);
        let app = if only.is_empty() {
            app
        } else {
            let nodes = instance.nodes(&target, &app.spec.project).await?;
            part::narrowed(&app, &nodes, &only)
        };
        let seen = if operation.call.action == "restart" {
            let found = restart::look(instance, &target, operation).await?;
            watch::restart(&found, &restart::Receipt::of(receipt), &app, &mut memory, now)
        } else if operation.call.action == "terminate" {
            let tag = args::text(&operation.call.with, "operation").unwrap_or_default();
            let evidence = Evidence::of(&operation.evidence);
            watch::terminate(&app, tag, evidence.as_ref())
        } else {
            let mut evidence = Evidence::of(&operation.evidence);
            // Nothing of ours was sent: somebody, or Argo CD itself, does or did what was planned.
            if receipt["mode"] == "watch"
                && let Some(evidence) = &mut evidence
            {
                evidence.mode = Mode::Watch;
            }
            let parent =
                watch::sync(&app, operation.id.as_str(), evidence.as_ref(), &mut memory, now);
            match evidence {
                Some(evidence) if matches!(parent, Seen::Succeeded { .. }) => {
                    let found =
                        instance.children(&evidence.proof.children, memory.finished_at()).await?;
                    for child in found.iter().filter_map(|child| child.app.as_ref()) {
                        instance.looked(child, operation, now);
                    }
                    watch::children(parent, &found, &mut memory, now)
                }
                _ => parent,
            }
        };
        let seen = match seen {
            Seen::Waiting(pause) if app.status.health.status == "Suspended" => {
                pause::look(instance, &target, &app.spec.project, pause).await
            }
            Seen::Running { note } if operation.call.action != "terminate" => {
                let evidence = Evidence::of(&operation.evidence);
                let hooks = watch::hooks(&app, operation.id.as_str(), evidence.as_ref());
                pause::look_at_hooks(instance, &target, &app.spec.project, hooks, note).await?
            }
            Seen::Succeeded { note, mut warnings } if !only.is_empty() && others > 0 => {
                warnings.push(Warning::OthersDiffer { count: others });
                Seen::Succeeded { note, warnings }
            }
            seen => seen,
        };
        // The stream shows no workload by itself, and no time that passes.
        let told = operation.call.action != "restart" && !memory.counts();
        let hinted = told && matches!(instance.followed.hearing(), Hearing::Open { .. });
        Ok(Progress { seen, memory: memory.to_value(), hinted })
    }

    async fn hints(&self, tell: &(dyn Fn(Hint) + Send + Sync)) {
        let heard = self.instances.iter().filter(|instance| instance.streams());
        join_all(heard.map(async |instance| {
            // The others are listened to all the same.
            let heard = AssertUnwindSafe(stream::listen(instance, &self.now, tell)).catch_unwind();
            if heard.await.is_err() {
                tracing::error!(
                    instance = instance.name,
                    "listening panicked; it is only polled now"
                );
            }
        }))
        .await;
    }
}

fn trouble(kind: TroubleKind, detail: &str) -> Trouble {
    Trouble { tool: NAME.to_owned(), kind, detail: crate::http::clean(detail) }
}

fn bad(detail: &str) -> Trouble {
    trouble(TroubleKind::BadRequest, detail)
}
