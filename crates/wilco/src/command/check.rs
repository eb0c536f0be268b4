//! `wilco check`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use wilco_core::ids::TeamName;

use crate::config::{self, ProcessEnvironment};
use crate::{files, log};

/// What `wilco check` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The configuration; its folder of runbooks is checked too
    #[arg(long)]
    config: Option<PathBuf>,
    /// A folder of runbooks; the shipped ones when neither this nor a configuration names one
    #[arg(long)]
    runbooks: Option<PathBuf>,
}

/// Checks and tells every mistake; fails when there is one.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut problems = Vec::new();
    let mut folder = args.runbooks.clone();
    let mut teams: BTreeSet<TeamName> = crate::world::settings().directory.teams().clone();
    if let Some(path) = &args.config {
        let name = path.display().to_string();
        let source = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        match config::read(&name, &source, &ProcessEnvironment) {
            Ok(config) => {
                teams = config.settings.directory.teams().clone();
                folder = folder.or(config.runbooks);
            }
            Err(found) => {
                log::tell(&files::explain_config(&found));
                problems.extend(found);
            }
        }
    }
    if problems.is_empty() {
        let sources = files::read(folder.as_deref())?;
        match files::catalog(&sources, &teams) {
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
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    log::tell(&format!("\n{} to mend.", problems.len()));
    Ok(ExitCode::FAILURE)
}
