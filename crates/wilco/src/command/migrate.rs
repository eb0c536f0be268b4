//! `wilco migrate`.

use std::process::ExitCode;

use clap::Args as ClapArgs;

/// What `wilco migrate` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The store: sqlite:PATH or postgres://USER@HOST/DATABASE
    #[arg(long)]
    store: String,
}

/// Brings a store to the newest form.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(wilco_store::migrate(&args.store))?;
    crate::log::print("The store has the newest form.");
    Ok(ExitCode::SUCCESS)
}
