//! `wilco check`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use wilco_chat::{console, terminal};

use crate::config::{self, ProcessEnvironment};
use crate::files::{self, Names};
use crate::log;

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
                names.adapters = config::ADAPTERS;
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
    if problems.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    log::tell(&format!("\n{} to mend.", problems.len()));
    Ok(ExitCode::FAILURE)
}
