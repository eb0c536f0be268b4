//! `wilco serve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use axum::http::Method;
use clap::Args as ClapArgs;
use tokio::signal::unix::{SignalKind, signal};
use wilco_chat::slack::{self, Slack, SlackConfig, http};
use wilco_core::context::Settings;
use wilco_core::port::Adapter;
use wilco_engine::{Clock as _, EngineView, SystemClock, Timing};
use wilco_store::Purpose;
use wilco_web::{Guard, Metrics, Mount, Route, Site};

use crate::assemble::{self, Plan};
use crate::config::{self, Config, ProcessEnvironment};
use crate::files::{self, Names};
use crate::late::LateInbox;
use crate::log::{self, Format};
use crate::{reload, world};

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
        Names { teams: config.settings.directory.teams().clone(), adapters: config.adapters() };
    let catalog = files::catalog(&sources, &names)
        .map_err(|problems| anyhow::anyhow!("{}", files::explain(&problems, &sources)))?;
    // Before the store is made: what cannot listen leaves nothing behind.
    let listener = tokio::net::TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let store = wilco_store::open_for(&config.store, Purpose::Serve).await?;
    let clock = Arc::new(SystemClock::new());
    let inbox = Arc::new(LateInbox::default());
    let slack = match config.slack {
        Some(slack) => Some(connect(slack, &config.settings, &inbox, &clock)?),
        None => None,
    };
    let adapters = slack.iter().map(|slack| Arc::clone(slack) as Arc<dyn Adapter>).collect();
    let engine = assemble::start(Plan {
        store,
        exclusive: config.store.starts_with("sqlite:"),
        settings: config.settings,
        catalog,
        argocd: config.argocd,
        git: config.git,
        adapters,
        timing: Timing { keep: config.keep, ..Timing::default() },
        clock,
    })
    .await?;
    let engine = Arc::new(engine);
    inbox.open(engine.inbox());
    let requests = slack.clone().filter(|slack| slack.takes_requests());
    let mut listening = slack.filter(|slack| !slack.takes_requests()).map(|slack| slack.listen());
    let following = config
        .runbooks
        .map(|folder| tokio::spawn(reload::follow(folder, sources, names, Arc::clone(&engine))));
    let asked = asked_to_stop()?;
    tracing::info!(address = %listener.local_addr()?, "wilco serves health and metrics");
    let (view, watched) = (engine.view(), engine.view());
    let served =
        axum::serve(listener, site(engine.view(), metrics, requests.as_ref()).into_router())
            .with_graceful_shutdown(async move { over(&watched, asked).await });
    // Timers wait for what was said meanwhile; the engine bounds it. Requests that nobody took come again at
    // once, and then only after a minute.
    let caught_up = async {
        if let Some(listening) = &mut listening {
            listening.caught_up().await;
        }
        engine.caught_up();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = served.into_future() => served?,
        () = caught_up => {}
    }
    tracing::info!("wilco stops");
    if let Some(listening) = listening {
        listening.stop().await;
    }
    if let Some(following) = following {
        following.abort();
        let _ = following.await;
    }
    if let Ok(engine) = Arc::try_unwrap(engine) {
        engine.stop().await;
    }
    end(&view)
}

/// The Slack workspace. Nothing is asked of it yet: whether it can be reached shows when sockets are opened, again
/// and again, and Wilco works on meanwhile.
fn connect(
    config: SlackConfig,
    settings: &Settings,
    inbox: &Arc<LateInbox>,
    clock: &Arc<SystemClock>,
) -> anyhow::Result<Arc<Slack>> {
    let now = Arc::clone(clock);
    let parts = slack::Parts {
        people: world::people(settings),
        inbox: Arc::clone(inbox) as Arc<dyn wilco_chat::Inbox>,
        clock: Arc::new(move || now.now()),
    };
    Ok(Arc::new(Slack::new(config, parts).context("the connection to Slack cannot be set up")?))
}

/// Everything that is served: what reads, and needs no sign-in; and what Slack brings, which it signs.
fn site(engine: EngineView, metrics: Metrics, slack: Option<&Arc<Slack>>) -> Site {
    let site = Site::new(engine, metrics);
    let Some(slack) = slack else { return site };
    let signed =
        |path: &str| Route { method: Method::POST, path: path.to_owned(), guard: Guard::Signature };
    let routes = [http::EVENTS, http::INTERACTIVITY, http::COMMANDS].map(signed);
    site.mount(Mount::new().merge(slack.router(), routes))
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};
    use wilco_core::entity::EntityKind;
    use wilco_core::port::Store;
    use wilco_core::runbook::Catalog;
    use wilco_core::time::Timestamp;

    use super::*;

    const METHODS: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "ODD"];

    /// What a request could have changed. Not here: the mark by which `/readyz` sees that the store
    /// takes a write.
    async fn state(store: &dyn Store) -> String {
        let work = store.work(Timestamp(i64::MAX)).await.unwrap();
        let (audits, timers) =
            (store.audits(0, 1_000).await.unwrap(), store.timers(1_000).await.unwrap());
        let mut live = Vec::new();
        use EntityKind::{Dialog, Lock, Run, Withdrawal};
        for kind in [Dialog, Run, Lock, Withdrawal] {
            live.extend(store.load_live(kind).await.unwrap());
        }
        format!("{work:?} {audits:?} {timers:?} {live:?}")
    }

    /// Whatever `serve` serves is walked here, because both take it from [`site`].
    #[tokio::test(flavor = "multi_thread")]
    async fn no_unsigned_request_changes_state() {
        let folder = std::env::temp_dir().join(format!("wilco-site-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let address = format!("sqlite:{}", folder.join("wilco.db").display());
        let store = wilco_store::open_for(&address, Purpose::Serve).await.unwrap();
        let engine = assemble::start(Plan {
            store: Arc::clone(&store),
            exclusive: true,
            settings: Settings::default(),
            catalog: Catalog::default(),
            argocd: Vec::new(),
            git: None,
            adapters: Vec::new(),
            timing: Timing::default(),
            clock: Arc::new(SystemClock::new()),
        });
        let engine = engine.await.unwrap();
        let config = SlackConfig {
            api_url: "http://127.0.0.1:1/api/".parse().unwrap(),
            bot_token: "xoxb-1".to_owned().into(),
            delivery: slack::Delivery::Requests { signing_secret: "8f74".to_owned().into() },
            channels: slack::Channels::default(),
        };
        let inbox = Arc::new(LateInbox::default());
        inbox.open(engine.inbox());
        let clock = Arc::new(SystemClock::new());
        let slack = connect(config, &Settings::default(), &inbox, &clock).unwrap();
        let site = site(engine.view(), Metrics::install().unwrap(), Some(&slack));
        let routes = site.routes().to_vec();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listens = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, site.into_router()).await });
        let before = state(&*store).await;
        assert!(!routes.is_empty());
        for route in &routes {
            let reads = match (&route.method, route.guard) {
                (&Method::GET, Guard::ReadOnly) => true,
                (&Method::POST, Guard::Signature) => false,
                other => panic!("{other:?} {route:?}"),
            };
            for method in METHODS {
                let mut stream = TcpStream::connect(listens).await.unwrap();
                let request = format!(
                    "{method} {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}",
                    route.path
                );
                stream.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                let expected = match method {
                    "GET" | "HEAD" if reads => "200",
                    "POST" if !reads => "401",
                    _ => "405",
                };
                assert_eq!(answer.split(' ').nth(1), Some(expected), "{method} {}", route.path);
            }
        }
        assert_eq!(state(&*store).await, before);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
