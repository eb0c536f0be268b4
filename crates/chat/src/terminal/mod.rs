//! The terminal: a chat for the demo and for scripts.
//!
//! Reads lines ([`mod@line`] says which), prints what the bot says. Like the console it speaks as
//! anyone, and so exists only for the demo. A person types at a keyboard, with a line editor; how
//! that and the screen go together is told in `docs/design/terminal.md`. When input is piped, each
//! line is handled after the world is quiet, and the end of input ends the session when all is done.

mod block;
mod complete;
mod desk;
mod edit;
mod history;
mod keys;
mod known;
mod line;
mod screen;
mod style;
mod typing;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};
use tokio::sync::{Mutex, MutexGuard};
use wilco_core::call::Finding;
use wilco_core::ids::{AdapterName, MessageId, MessageKey};
use wilco_core::message::{Body, To};
use wilco_core::port::{Adapter, SendFault, StoreFault};
use wilco_core::time::Timestamp;

use crate::local::{LocalPlatform, Parts, Placed, Pressing, Refusal, Saying, Writer};
use block::Block;
use desk::Desk;
use edit::Editor;
use history::History;
use known::Known;
use line::{Line, Place};
use screen::Screen;
use style::Style;

pub use edit::Key;
pub use keys::Keyboard;
pub use screen::{Look, Size, Window};

/// The adapter's name and its journal's.
pub const NAME: &str = "terminal";

/// How many journal entries one read asks for.
const PAGE: usize = 200;

const HELP: &str = "\
Type what you want to say; `help` or `헬프` asks the bot what it can do.
  mina #deploy> text    say it as mina in #deploy; #deploy/1 is the first thread there
  sora> text            say it as sora, where you are
  /as sora   /room #deploy   /room (leave the thread)   /thread 1   /1 (press [/1])   /help   /quit";

/// What a keyboard adds.
const KEYS: &str =
    "  Tab completes, ↑ brings back what you typed, Ctrl-C clears the line, Ctrl-D leaves";

fn help(mode: Mode) -> Vec<style::Line> {
    let keys = (mode == Mode::Keys).then_some(KEYS);
    HELP.lines().chain(keys).map(|line| style::Line::of(Style::Plain, line)).collect()
}

/// Why a session ended early.
#[derive(Debug, thiserror::Error)]
pub enum TerminalFault {
    /// A stream failed.
    #[error("terminal: {0}")]
    Io(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// There is nobody to speak as, or nowhere to speak.
    #[error("the terminal needs at least one person and one room")]
    Nobody,
    /// There is no such person.
    #[error("there is no {wanted} here, but {people}")]
    Unknown {
        /// Whose name was given.
        wanted: String,
        /// Everyone who is there.
        people: String,
    },
}

/// Why a line was not done.
enum Stop {
    /// The person is told.
    Refused(Refusal),
    /// The session ends.
    Fault(TerminalFault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Store(fault) => Self::Fault(fault.into()),
            refusal => Self::Refused(refusal),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(fault: io::Error) -> Self {
        Self::Fault(fault.into())
    }
}

/// How lines come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A person types, key by key ([`Terminal::type_in`]).
    Keys,
    /// A person types where keys cannot be read one by one: a prompt, no waiting.
    Lines,
    /// A script: lines are echoed, each waits until the world is quiet.
    Script,
}

/// What a terminal is besides a platform.
pub struct Setup {
    /// Where it prints.
    pub out: Box<dyn Write + Send>,
    /// What that can do.
    pub look: Look,
    /// How lines come in.
    pub mode: Mode,
    /// As whom one speaks at first; as the first person when nobody is named.
    pub person: Option<String>,
    /// Words that start a function, for Tab.
    pub functions: Vec<String>,
    /// Where the typed lines are kept; nowhere when there is no such place.
    pub history: Option<PathBuf>,
}

/// The terminal.
pub struct Terminal {
    platform: LocalPlatform,
    desk: Mutex<Desk>,
    /// Words that start a function.
    functions: Vec<String>,
    /// What kept the lines of earlier sessions from being read.
    forgotten: Option<String>,
    /// Counts what was said and pressed in this session.
    count: AtomicU64,
    /// Sets this session's ids apart from those of earlier ones on the same journal.
    started: Timestamp,
    mode: Mode,
}

impl Terminal {
    /// A terminal, at first in the first room.
    ///
    /// # Errors
    /// [`TerminalFault::Nobody`], [`TerminalFault::Unknown`].
    pub fn demo(parts: Parts, setup: Setup) -> Result<Self, TerminalFault> {
        let people: Vec<&str> = parts.people.people().map(|person| person.id.as_str()).collect();
        let person = match setup.person {
            Some(wanted) if !people.contains(&wanted.as_str()) => {
                return Err(TerminalFault::Unknown { wanted, people: people.join(", ") });
            }
            Some(wanted) => wanted,
            None => (*people.first().ok_or(TerminalFault::Nobody)?).to_owned(),
        };
        let room = parts.rooms.first().ok_or(TerminalFault::Nobody)?.id.clone();
        let started = (parts.clock)();
        let (history, lines, forgotten) = History::open(setup.history);
        Ok(Self {
            platform: LocalPlatform::new(NAME, parts),
            desk: Mutex::new(Desk {
                screen: Screen::new(setup.out, setup.look),
                known: Known::default(),
                editor: Editor::new(lines),
                history,
                person,
                room,
                thread: None,
            }),
            functions: setup.functions,
            forgotten,
            count: AtomicU64::new(1),
            started,
            mode: setup.mode,
        })
    }

    /// Reads lines until the end or `/quit`. `quiet` resolves when nothing is left to do; only
    /// [`Mode::Script`] waits for it, after every line and at the end.
    ///
    /// # Errors
    /// See [`TerminalFault`].
    pub async fn run<Q, F>(
        &self,
        input: impl AsyncBufRead + Unpin,
        quiet: Q,
    ) -> Result<(), TerminalFault>
    where
        Q: Fn() -> F,
        F: Future<Output = ()>,
    {
        self.begin().await?;
        let mut lines = input.lines();
        loop {
            self.prompt().await?;
            let Some(line) = lines.next_line().await? else { break };
            if !self.handle(&line).await? {
                break;
            }
            if self.mode == Mode::Script {
                quiet().await;
            }
        }
        if self.mode == Mode::Script {
            quiet().await;
        }
        Ok(())
    }

    /// Takes note of what is there, and says hello to who is there.
    async fn begin(&self) -> Result<(), TerminalFault> {
        // What earlier sessions said is known, not shown again.
        let mut desk = self.desk.lock().await;
        while let placed @ [_, ..] = &self.platform.read(desk.known.seen, PAGE).await?[..] {
            for placed in placed {
                desk.known.note(placed);
            }
        }
        drop(desk);
        self.platform.catch_up().await?;
        if self.mode != Mode::Script {
            let mut desk = self.desk.lock().await;
            desk.screen.print(&help(self.mode))?;
            if let Some(told) = &self.forgotten {
                desk.screen.line(Style::Refusal, &format!("    !  {told}"))?;
            }
        }
        Ok(())
    }

    async fn prompt(&self) -> io::Result<()> {
        if self.mode == Mode::Script {
            return Ok(());
        }
        self.desk.lock().await.draw()
    }

    /// Does what a line says and tells why it does not; `false` to end.
    async fn handle(&self, line: &str) -> Result<bool, TerminalFault> {
        match self.act(line).await {
            Ok(goes_on) => Ok(goes_on),
            Err(Stop::Refused(refusal)) => {
                let told = format!("    !  {refusal}");
                self.desk.lock().await.screen.line(Style::Refusal, &told)?;
                Ok(true)
            }
            Err(Stop::Fault(fault)) => Err(fault),
        }
    }

    async fn act(&self, line: &str) -> Result<bool, Stop> {
        let mut desk = self.desk.lock().await;
        if self.mode == Mode::Lines {
            // What the person typed stands there already, on the line of the prompt.
            desk.screen.entered();
        }
        match Line::parse(line, |who| self.knows(who)) {
            Line::Blank => {}
            Line::Quit => return Ok(false),
            Line::Help => desk.screen.print(&help(self.mode))?,
            Line::Unknown => {
                let told = format!("unknown command {}; /help shows all", line.trim());
                desk.screen.line(Style::Refusal, &told)?;
            }
            Line::As(person) => self.speak_as(&mut desk, person)?,
            Line::Room(room) => {
                let room = room.unwrap_or_else(|| desk.room.clone());
                self.go(&mut desk, &Place { room, thread: None })?;
            }
            Line::Thread(number) => {
                let root = desk.known.thread(&desk.room, number);
                desk.thread = Some(root.ok_or(Refusal::UnknownThread)?);
            }
            Line::Press(number) => self.press(desk, number).await?,
            Line::Say { person, place, text } => {
                if let Some(person) = person {
                    self.speak_as(&mut desk, person)?;
                }
                if let Some(place) = place {
                    self.go(&mut desk, &place)?;
                }
                self.say(desk, text).await?;
            }
        }
        Ok(true)
    }

    fn knows(&self, who: &str) -> bool {
        self.platform.people().people().any(|person| person.id.as_str() == who)
    }

    fn speak_as(&self, desk: &mut Desk, person: String) -> Result<(), Refusal> {
        if !self.knows(&person) {
            return Err(Refusal::UnknownPerson);
        }
        desk.person = person;
        Ok(())
    }

    fn go(&self, desk: &mut Desk, place: &Place) -> Result<(), Refusal> {
        let own = format!("@{}", desk.person);
        let room = if place.room == "@wilco" { own.as_str() } else { place.room.as_str() };
        let room = self.platform.room(room).ok_or(Refusal::UnknownRoom)?.id;
        desk.thread = match place.thread {
            Some(_) => {
                let first = desk.known.thread(&room, place.thread);
                Some(first.ok_or(Refusal::UnknownThread)?)
            }
            None => None,
        };
        desk.room = room;
        Ok(())
    }

    async fn say(&self, mut desk: MutexGuard<'_, Desk>, text: String) -> Result<(), Stop> {
        if desk.thread.is_none() && line::is_numbers(&text) {
            desk.thread = desk.known.thread(&desk.room, None);
        }
        self.echo(&mut desk, &text)?;
        let saying = Saying {
            id: self.fresh_id(),
            person: desk.person.clone(),
            room: desk.room.clone(),
            thread: desk.thread.clone(),
            text,
        };
        // The bot may answer, and that be shown, before `say` returns.
        drop(desk);
        self.platform.say(saying).await?;
        Ok(())
    }

    async fn press(&self, mut desk: MutexGuard<'_, Desk>, number: usize) -> Result<(), Stop> {
        let root = desk.thread.clone().or_else(|| desk.known.thread(&desk.room, None));
        let button = root.as_deref().and_then(|root| desk.known.button(root, number));
        let (message, token) = button.ok_or(Refusal::UnknownButton)?;
        self.echo(&mut desk, &format!("/{number}"))?;
        let id = self.fresh_id();
        let pressing = Pressing { id, person: desk.person.clone(), message, tokens: vec![token] };
        drop(desk);
        Ok(self.platform.press(pressing).await?)
    }

    /// A script's lines are not on the screen by themselves.
    fn echo(&self, desk: &mut Desk, text: &str) -> io::Result<()> {
        if self.mode != Mode::Script {
            return Ok(());
        }
        let echo = desk.label().and(Style::Plain, text);
        desk.screen.print(&[echo])
    }

    fn fresh_id(&self) -> String {
        format!("t{}-{}", self.started.0, self.count.fetch_add(1, Ordering::Relaxed))
    }

    /// Shows what is new in the journal. Each change is shown once, in order, whoever calls.
    async fn refresh(&self) -> Result<(), TerminalFault> {
        let mut desk = self.desk.lock().await;
        loop {
            let read = self.platform.read(desk.known.seen, PAGE).await?;
            if read.is_empty() {
                return Ok(());
            }
            for placed in &read {
                desk.known.note(placed);
                let Placed { message, .. } = placed;
                if message.author == Writer::Wilco {
                    let block = Block::of(message, &desk.known, self.platform.people());
                    desk.screen.show(&message.id, block)?;
                    self.follow(&mut desk, placed).await?;
                }
            }
        }
    }

    /// When the bot answers under the current person's own message, what is typed next belongs
    /// there.
    async fn follow(&self, desk: &mut Desk, placed: &Placed) -> Result<(), TerminalFault> {
        let Some(root) = &placed.message.thread else { return Ok(()) };
        if desk.thread.is_some() || desk.room != placed.message.room {
            return Ok(());
        }
        let asked = self.platform.message(root).await?.map(|root| root.author);
        if matches!(asked, Some(Writer::Person(person)) if person.as_str() == desk.person) {
            desk.thread = Some(root.clone());
            // While a line is being handled there is no prompt; it comes with the next one.
            if desk.screen.has_prompt() {
                desk.draw()?;
            }
        }
        Ok(())
    }

    /// A message that stands in the journal went out, even if it could not be shown.
    async fn refresh_or_log(&self) {
        if let Err(fault) = self.refresh().await {
            tracing::error!(%fault, "the terminal shows less than was said");
        }
    }
}

#[async_trait]
impl Adapter for Terminal {
    fn name(&self) -> &AdapterName {
        self.platform.name()
    }

    async fn post(
        &self,
        key: &MessageKey,
        to: &To,
        body: &Body,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        let posted = self.platform.post(key, to, body).await?;
        self.refresh_or_log().await;
        Ok(posted)
    }

    async fn update(&self, message: &MessageId, _: &To, body: &Body) -> Result<(), SendFault> {
        self.platform.update(message, body).await?;
        self.refresh_or_log().await;
        Ok(())
    }

    async fn find(&self, key: &MessageKey, _: &To, _: Timestamp) -> Finding {
        self.platform.find(key).await
    }
}
