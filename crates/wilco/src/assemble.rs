//! Puts store, connectors, adapters and engine together, for `serve` and the demo alike.

use std::sync::Arc;

use anyhow::Context as _;
use wilco_connectors::argocd::{ArgoCd, InstanceConfig};
use wilco_connectors::git::{self, Git, GitConfig};
use wilco_core::context::Settings;
use wilco_core::port::{Adapter, Connector, Store};
use wilco_core::runbook::Catalog;
use wilco_engine::{Builtin, Clock, Current, Engine, EngineHandle, Parts, SystemClock, Timing};

use crate::{files, rights};

/// What differs between `serve`, the demo and the terminal.
pub(crate) struct Plan {
    /// Where everything is kept, opened.
    pub(crate) store: Arc<dyn Store>,
    /// No other process writes the store.
    pub(crate) exclusive: bool,
    /// What the state machines look at.
    pub(crate) settings: Settings,
    /// The runbooks.
    pub(crate) catalog: Catalog,
    /// Each Argo CD to drive.
    pub(crate) argocd: Vec<InstanceConfig>,
    /// The repositories whose histories are read.
    pub(crate) git: Option<GitConfig>,
    /// The chat platforms.
    pub(crate) adapters: Vec<Arc<dyn Adapter>>,
    /// The numbers of the engine.
    pub(crate) timing: Timing,
    /// The one clock.
    pub(crate) clock: Arc<SystemClock>,
}

/// Starts the engine.
///
/// # Errors
/// A connector cannot be built, or the store cannot be read.
pub(crate) async fn start(plan: Plan) -> anyhow::Result<EngineHandle> {
    let settings = Current::new(plan.settings);
    let clock: Arc<dyn Clock> = plan.clock;
    let mut connectors: Vec<Arc<dyn Connector>> = Vec::new();
    if !plan.argocd.is_empty() {
        let now = Arc::clone(&clock);
        let argocd = ArgoCd::new(plan.argocd, Arc::new(move || now.now()))
            .context("the connection to Argo CD cannot be set up")?;
        let argocd = match plan.git {
            Some(config) => {
                tokio::spawn(warn_without_git());
                argocd.reading(Arc::new(Git::new(config)))
            }
            None => argocd,
        };
        let argocd = Arc::new(argocd);
        let asked = Arc::clone(&argocd);
        tokio::spawn(async move { rights::warn(&asked).await });
        connectors.push(argocd);
    }
    let tools = connectors.clone();
    let builtin =
        Builtin::new(Arc::clone(&plan.store), Arc::clone(&clock), settings.clone(), tools);
    connectors.push(Arc::new(builtin));
    let parts = Parts {
        store: plan.store,
        exclusive: plan.exclusive,
        connectors,
        adapters: plan.adapters,
        settings,
        catalog: Current::new(plan.catalog),
        definitions: files::definitions(),
        clock,
        timing: plan.timing,
        handler: Parts::core_handler(),
    };
    Engine::start(parts).await.context("the engine cannot start")
}

/// Plans are told without it, so nothing ends because of it.
async fn warn_without_git() {
    if let Err(fault) = git::version().await {
        tracing::warn!(%fault, "the commits between what runs and what would come are not told");
    }
}
