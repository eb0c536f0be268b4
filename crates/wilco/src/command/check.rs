//! `wilco check`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use wilco_chat::{console, terminal};
use wilco_connectors::argocd::{ArgoCd, InstanceConfig};
use wilco_connectors::git;
use wilco_engine::{Clock as _, SystemClock};

use crate::config::{self, ProcessEnvironment};
use crate::files::{self, Names};
use crate::{log, rights};

/// What `wilco check` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The configuration; its folder of runbooks is checked too
    #[arg(long)]
    config: Option<PathBuf>,
    /// A folder of runbooks; the shipped ones when neither this nor a configuration names one
    #[arg(long)]
    runbooks: Option<PathBuf>,
    /// Ask every tool of the configuration too: whether it answers, and what Wilco's account may do there
    #[arg(long, requires = "config")]
    online: bool,
}

/// Checks and tells every mistake; fails when there is one.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut problems = Vec::new();
    let mut folder = args.runbooks.clone();
    let mut instances = Vec::new();
    let mut reads_git = false;
    // Without a configuration it is the world of the demo.
    let mut names = Names {
        teams: crate::world::settings().directory.teams().clone(),
        adapters: &[console::NAME, terminal::NAME],
    };
    if let Some(path) = &args.config {
        let name = path.display().to_string();
        let source = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        match config::read(&name, &source, &ProcessEnvironment) {
            Ok(config) => {
                names.teams = config.settings.directory.teams().clone();
                names.adapters = config.adapters();
                folder = folder.or(config.runbooks);
                instances = config.argocd;
                reads_git = config.git.is_some();
            }
            Err(found) => {
                log::tell(&files::explain_config(&found));
                problems.extend(found);
            }
        }
    }
    if problems.is_empty() {
        let sources = files::read(folder.as_deref())?;
        match files::catalog(&sources, &names) {
            Ok(catalog) => {
                let count = catalog.iter().count();
                log::print(&format!("All is well: {count} runbooks."));
            }
            Err(found) => {
                log::tell(&files::explain(&found, &sources));
                problems.extend(found);
            }
        }
    }
    if !problems.is_empty() {
        log::tell(&format!("\n{} to mend.", problems.len()));
        return Ok(ExitCode::FAILURE);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if reads_git {
        match runtime.block_on(git::version()) {
            Ok(found) => log::print(&format!("Histories are read by git {found}.")),
            Err(fault) => {
                log::tell(&format!("Histories cannot be read (`git:`): {fault}."));
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    let well = !args.online || runtime.block_on(ask(instances))?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks every tool, and tells what it says; whether all of them can be used at all.
async fn ask(instances: Vec<InstanceConfig>) -> anyhow::Result<bool> {
    if instances.is_empty() {
        log::print("No tool is configured, so there is nobody to ask.");
        return Ok(true);
    }
    let clock = SystemClock::new();
    let argocd = ArgoCd::new(instances, Arc::new(move || clock.now()))?;
    let mut well = true;
    for found in rights::ask(&argocd).await {
        well &= !found.useless;
        if found.useless {
            log::tell(&found.head);
        } else {
            log::print(&found.head);
        }
        for lack in found.lacks {
            log::tell(&lack);
        }
    }
    Ok(well)
}
