//! `wilco serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use tokio::signal::unix::{SignalKind, signal};
use wilco_engine::{EngineView, SystemClock, Timing};
use wilco_store::Purpose;
use wilco_web::{Metrics, Site};

use crate::assemble::{self, Plan};
use crate::config::{self, Config, ProcessEnvironment};
use crate::files::{self, Names};
use crate::log::{self, Format};
use crate::reload;

/// What `wilco serve` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long)]
    config: PathBuf,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log: Format,
}

/// Runs until it is asked to stop. There is no console here: it lets anyone speak as anyone, and so
/// exists only in the demo until there is a sign-in.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    log::start(args.log, "info");
    let name = args.config.display().to_string();
    let source = std::fs::read(&args.config).with_context(|| format!("cannot read {name}"))?;
    let config = match config::read(&name, &source, &ProcessEnvironment) {
        Ok(config) => config,
        Err(problems) => {
            log::tell(&files::explain_config(&problems));
            return Ok(ExitCode::FAILURE);
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(config))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = Metrics::install()?;
    let sources = files::read(config.runbooks.as_deref())?;
    let names =
        Names { teams: config.settings.directory.teams().clone(), adapters: config::ADAPTERS };
    let catalog = files::catalog(&sources, &names)
        .map_err(|problems| anyhow::anyhow!("{}", files::explain(&problems, &sources)))?;
    let store = wilco_store::open_for(&config.store, Purpose::Serve).await?;
    let engine = assemble::start(Plan {
        store,
        exclusive: config.store.starts_with("sqlite:"),
        settings: config.settings,
        catalog,
        argocd: config.argocd,
        adapters: Vec::new(),
        timing: Timing { keep: config.keep, ..Timing::default() },
        clock: Arc::new(SystemClock::new()),
    })
    .await?;
    let engine = Arc::new(engine);
    engine.caught_up();
    let following = config
        .runbooks
        .map(|folder| tokio::spawn(reload::follow(folder, sources, names, Arc::clone(&engine))));
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let asked = asked_to_stop()?;
    tracing::info!(address = %listener.local_addr()?, "wilco serves health and metrics");
    let (view, watched) = (engine.view(), engine.view());
    axum::serve(listener, Site::new(engine.view(), metrics).into_router())
        .with_graceful_shutdown(async move { over(&watched, asked).await })
        .await?;
    tracing::info!("wilco stops");
    if let Some(following) = following {
        following.abort();
        let _ = following.await;
    }
    if let Ok(engine) = Arc::try_unwrap(engine) {
        engine.stop().await;
    }
    end(&view)
}

/// Returns when the process is asked to stop, or has to because a worker broke.
pub(super) async fn over(engine: &EngineView, asked: impl Future<Output = ()>) {
    tokio::select! {
        () = asked => {}
        _ = engine.broken() => {}
    }
}

/// How a process ends: one whose worker broke as a failure, so that its supervisor starts a new one.
pub(super) fn end(engine: &EngineView) -> anyhow::Result<()> {
    match engine.broke() {
        None => Ok(()),
        Some(worker) => anyhow::bail!("the worker `{worker}` panicked; start wilco again"),
    }
}

/// Hears from now on, not from its first poll, when somebody presses Ctrl-C or the system asks the process
/// to end: one that has said where it listens stops gracefully.
///
/// # Errors
/// The system lets nobody hear it.
pub(super) fn asked_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
