//! `wilco chat`.

use std::env;
use std::fs::File;
use std::io::IsTerminal as _;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args as ClapArgs, ValueEnum};
use wilco_chat::local::Parts as Platform;
use wilco_chat::terminal::{self, Keyboard, Look, Mode, Setup, Size, Terminal, Window};
use wilco_core::port::Adapter;
use wilco_core::time::Timestamp;
use wilco_engine::{Clock as _, EngineHandle, SystemClock, Timing};

use crate::assemble::{self, Plan};
use crate::files::Names;
use crate::late::LateInbox;
use crate::log::{self, Format};
use crate::{files, world};

/// What `wilco chat` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The demo's world: everything embedded, a throw-away store, a double of Argo CD
    #[arg(long, required = true)]
    demo: bool,
    /// Speak as this person at first; only in the demo may one speak as anyone
    #[arg(long = "as", value_name = "NAME", requires = "demo")]
    person: Option<String>,
    /// Keep everything here instead of in a throw-away file
    #[arg(long)]
    store: Option<String>,
    /// Colours: `auto` shows them in a terminal unless `NO_COLOR` is set
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: When,
}

/// When colours are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// In a terminal that can show them, unless `NO_COLOR` is set.
    Auto,
    /// Also in a file and through a pipe.
    Always,
    /// Not at all.
    Never,
}

/// Talks until the end of the input.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    log::start(Format::Text, "error");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(talk(args));
    // A read of the terminal cannot be called off; nobody waits for its next line.
    runtime.shutdown_background();
    done?;
    Ok(ExitCode::SUCCESS)
}

async fn talk(args: &Args) -> anyhow::Result<()> {
    let settings = world::settings();
    let sources = files::read(None)?;
    let names = Names { teams: settings.directory.teams().clone(), adapters: &[terminal::NAME] };
    let catalog = files::catalog(&sources, &names)
        .map_err(|problems| anyhow::anyhow!("{}", files::explain(&problems, &sources)))?;
    let demo_store = world::DemoStore::new(args.store.as_deref())?;
    let store = demo_store.open().await?;
    let clock = Arc::new(SystemClock::new());
    let inbox = Arc::new(LateInbox::default());
    let now = Arc::clone(&clock);
    let platform = Platform {
        store: Arc::clone(&store),
        people: world::people(&settings),
        rooms: world::rooms(),
        inbox: Arc::clone(&inbox) as Arc<dyn wilco_chat::Inbox>,
        clock: Arc::new(move || now.now()),
    };
    let (mode, look) = streams(args.color);
    let setup = Setup {
        out: Box::new(unbuffered()?),
        look,
        mode,
        person: args.person.clone(),
        functions: catalog.words().map(|(word, _)| word.to_owned()).collect(),
        history: if mode == Mode::Keys { history() } else { None },
    };
    let terminal = Arc::new(Terminal::demo(platform, setup)?);
    let double = world::double(None).await?;
    let engine = assemble::start(Plan {
        store,
        exclusive: demo_store.is_exclusive(),
        settings,
        catalog,
        argocd: vec![double.instance],
        git: None,
        adapters: vec![Arc::clone(&terminal) as Arc<dyn Adapter>],
        timing: Timing::default(),
        clock: Arc::clone(&clock),
    })
    .await?;
    inbox.open(engine.inbox());
    engine.caught_up();
    let view = engine.view();
    let session = async {
        if mode == Mode::Keys {
            let mut keyboard = Keyboard::take()?;
            return terminal.type_in(keyboard.keys()).await;
        }
        let input = tokio::io::BufReader::new(tokio::io::stdin());
        terminal.run(input, || quiet(&engine, &clock)).await
    };
    tokio::select! {
        talked = session => talked?,
        _ = view.broken() => {}
    }
    engine.stop().await;
    super::serve::end(&view)
}

/// The standard output without the buffer of lines, which would hold back the end of a page: the prompt.
fn unbuffered() -> std::io::Result<File> {
    Ok(File::from(std::io::stdout().as_fd().try_clone_to_owned()?))
}

/// How lines come in, and what the standard output can do. `NO_COLOR` counts when it is not empty
/// (<https://no-color.org>).
fn streams(color: When) -> (Mode, Look) {
    let dumb = env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let window = std::io::stdout().is_terminal() && !dumb;
    let mode = match std::io::stdin().is_terminal() {
        true if window => Mode::Keys,
        true => Mode::Lines,
        false => Mode::Script,
    };
    let unwanted = env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    let colors = match color {
        When::Auto => window && !unwanted,
        When::Always => true,
        When::Never => false,
    };
    let window = window.then(|| Box::new(Size::of_window) as Window);
    (mode, Look { colors, window })
}

/// Where typed lines are kept: in the folder for state (XDG Base Directory Specification 0.8), which
/// is ignored where it is not absolute.
fn history() -> Option<PathBuf> {
    let folder =
        |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(state.join("wilco/chat-history"))
}

/// Returns when nothing is going on and nothing will but by a person: what only waits for somebody's
/// patience to end does not count.
async fn quiet(engine: &EngineHandle, clock: &SystemClock) {
    loop {
        if let Err(fault) = engine.quiet().await {
            tracing::error!(%fault, "the store cannot be read");
            return;
        }
        let Ok(due) = engine.next_due().await else { return };
        let Some(next) = due.work else { return };
        clock.sleep_until(next.max(Timestamp(clock.now().0 + 1))).await;
    }
}
