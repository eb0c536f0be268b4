//! `wilco demo`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use wilco_chat::console::{self, Console};
use wilco_connectors::argocd::InstanceConfig;
use wilco_core::context::Settings;
use wilco_core::port::Adapter;
use wilco_engine::{Clock as _, SystemClock, Timing};
use wilco_web::{Guard, Metrics, Mount, Route, Site};

use crate::assemble::{self, Plan};
use crate::files::Names;
use crate::late::LateInbox;
use crate::log::{self, Format};
use crate::{files, reload, world};

/// What `wilco demo` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Where the console listens; only on this machine, because one may speak there as anyone
    #[arg(long, default_value = "127.0.0.1:4400")]
    listen: SocketAddr,
    /// Keep everything here (sqlite:PATH or postgres://…) instead of in a throw-away file
    #[arg(long)]
    store: Option<String>,
    /// A folder of runbooks instead of the shipped ones; changes are picked up
    #[arg(long)]
    runbooks: Option<std::path::PathBuf>,
    /// Drive the double of Argo CD that listens here instead of an own one
    #[arg(long)]
    argocd: Option<String>,
    #[command(flatten)]
    shorter: Shorter,
    /// How log lines look
    #[arg(long, value_enum, default_value_t)]
    log: Format,
}

/// Hidden: what tests set, so that nobody waits for half a minute and lists are long.
#[derive(Debug, ClapArgs)]
struct Shorter {
    /// How long a claimed call or message belongs to its worker after it died, in seconds
    #[arg(long, hide = true)]
    lease_secs: Option<u64>,
    /// How long one write to Argo CD may take, in seconds
    #[arg(long, hide = true)]
    write_secs: Option<u64>,
    /// How long a question waits for its answer, in seconds
    #[arg(long, hide = true)]
    patience_secs: Option<u64>,
    /// How many choices one message shows
    #[arg(long, hide = true)]
    page: Option<usize>,
    /// Sign in to the double by password instead of by token
    #[arg(long, hide = true)]
    password: bool,
}

impl Shorter {
    fn apply(&self, settings: &mut Settings, timing: &mut Timing, argocd: &mut InstanceConfig) {
        if let Some(lease) = self.lease_secs.map(Duration::from_secs) {
            timing.call_lease = lease;
            timing.send_lease = lease;
        }
        if let Some(write) = self.write_secs.map(Duration::from_secs) {
            argocd.limits.write = write;
        }
        if let Some(patience) = self.patience_secs.map(Duration::from_secs) {
            settings.patience = patience;
        }
        if let Some(page) = self.page {
            settings.page = page;
        }
        if self.password {
            argocd.sign_in = world::password();
        }
    }
}

/// Runs until Ctrl-C.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        args.listen.ip().is_loopback(),
        "the demo listens only on this machine (127.0.0.1 or [::1]): in its console one may speak as anyone"
    );
    log::start(args.log, "warn");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(args))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(args: &Args) -> anyhow::Result<()> {
    let metrics = Metrics::install()?;
    let mut settings = world::settings();
    let mut timing = Timing::default();
    let mut double = world::double(args.argocd.as_deref()).await?;
    args.shorter.apply(&mut settings, &mut timing, &mut double.instance);
    let sources = files::read(args.runbooks.as_deref())?;
    let teams = settings.directory.teams().clone();
    let names = Names { teams, adapters: &[console::NAME] };
    let catalog = files::catalog(&sources, &names)
        .map_err(|problems| anyhow::anyhow!("{}", files::explain(&problems, &sources)))?;
    let demo_store = world::DemoStore::new(args.store.as_deref())?;
    let store = demo_store.open().await?;
    let clock = Arc::new(SystemClock::new());
    let inbox = Arc::new(LateInbox::default());
    let now = Arc::clone(&clock);
    let console = Arc::new(Console::demo(
        Arc::clone(&store),
        world::people(&settings),
        world::rooms(),
        Arc::clone(&inbox) as Arc<dyn wilco_chat::Inbox>,
        Arc::new(move || now.now()),
    ));
    let engine = assemble::start(Plan {
        store,
        exclusive: demo_store.is_exclusive(),
        settings,
        catalog,
        argocd: vec![double.instance],
        git: None,
        adapters: vec![Arc::clone(&console) as Arc<dyn Adapter>],
        timing,
        clock,
    })
    .await?;
    let engine = Arc::new(engine);
    inbox.open(engine.inbox());
    console.catch_up().await?;
    engine.caught_up();
    let following = args
        .runbooks
        .clone()
        .map(|folder| tokio::spawn(reload::follow(folder, sources, names, Arc::clone(&engine))));
    let routes = Site::new(engine.view(), metrics).mount(page(&console)).into_router();
    let listener = tokio::net::TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    let asked = super::serve::asked_to_stop()?;
    log::print(&format!(
        "\n  Wilco is listening. Open  http://{}\n\n  Type `help` or `헬프`, or `deploy wallet-api`. Ctrl-C ends the demo.\n",
        listener.local_addr()?
    ));
    let (closing, view, watched) = (Arc::clone(&console), engine.view(), engine.view());
    axum::serve(listener, routes)
        .with_graceful_shutdown(async move {
            super::serve::over(&watched, asked).await;
            closing.close();
        })
        .await?;
    if let Some(following) = following {
        following.abort();
        // Its share of the engine is gone once it has ended.
        let _ = following.await;
    }
    if let Ok(engine) = Arc::try_unwrap(engine) {
        engine.stop().await;
    }
    drop(double.served);
    super::serve::end(&view)
}

/// The console's routes, with what guards those that change something: they exist only here.
fn page(console: &Console) -> Mount {
    let routes = console::Route::all().map(|route| Route {
        method: route.method(),
        path: route.path().to_owned(),
        guard: if route.changes_state() { Guard::Demo } else { Guard::ReadOnly },
    });
    Mount::new().merge(console.router(), routes)
}
