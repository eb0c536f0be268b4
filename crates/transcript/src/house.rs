//! The whole of Wilco around one story: the double of Argo CD over real HTTP, the real connector,
//! the real engine on a real store, a stage for the chat, and one clock for all.

mod slack;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wilco_chat::slack::Listening;
use wilco_connectors::argocd::{ArgoCd as Connection, SignIn};
use wilco_core::audit::Fact;
use wilco_core::context::Settings;
use wilco_core::event::{Event, Incoming, Press};
use wilco_core::ids::UserId;
use wilco_core::lang::Lang;
use wilco_core::message::Button;
use wilco_core::people::Author;
use wilco_core::place::Thread;
use wilco_core::port::{Adapter, Connector, Store};
use wilco_core::runbook::Catalog;
use wilco_core::time::Timestamp;
use wilco_core::token::Token;
use wilco_engine::{
    Builtin, Clock as _, Current, Engine, EngineHandle, Parts, Timing, VirtualClock,
};

use crate::cast;
use crate::change::change_argocd;
use crate::directive::Directive;
use crate::doubles::Doubles;
use crate::end::End;
use crate::fuse::{Fuse, FusedAdapter, FusedConnector, FusedStore, Slips};
use crate::log::Histories;
use crate::record::Recorder;
use crate::rest::Rest;
use crate::runbooks;
use crate::runner::Wrap;
use crate::script::Place;
use crate::slack::Workspace;
use crate::sound;
use crate::stage::{Now, Stage};

/// Stories begin on Monday 23 November 2026 at 09:00 in Seoul.
pub(crate) const START: Timestamp = Timestamp(1_795_392_000_000);

/// So many looks at a tool that showed nothing new, and the world counts as quiet.
const IDLE_LOOKS: u32 = 6;

/// The same after a death: its leases have to end first, and what it may have sent is waited for.
const IDLE_LOOKS_AFTER_DEATH: u32 = 40;

/// The whole around one story.
pub(crate) struct House {
    clock: Arc<VirtualClock>,
    doubles: Doubles,
    stage: Stage,
    store: Arc<dyn Store>,
    settings: Current<Settings>,
    catalog: Current<Catalog>,
    files: BTreeMap<String, String>,
    folder: PathBuf,
    people: BTreeMap<String, Vec<String>>,
    languages: BTreeMap<String, Lang>,
    /// Rules of the story, the newest first, in front of the usual one.
    environments: Vec<(String, String)>,
    sign_in: SignIn,
    /// Whether Wilco listens to the streams of Argo CD.
    stream: bool,
    histories: Histories,
    /// The connection that listens.
    argocd: Option<Arc<Connection>>,
    patience: Duration,
    page: usize,
    fuse: Fuse,
    wrap: Option<Wrap>,
    slips: Slips,
    /// Whether time passes by itself while the world is quiet.
    clock_goes: bool,
    engine: Option<EngineHandle>,
    /// The sockets to Slack, where the story plays there.
    listening: Option<Listening>,
    recorder: Recorder,
    /// The last audit row that was seen.
    audited: i64,
    /// Events handed in; a platform delivers again what was not acknowledged.
    delivered: u64,
    /// Where the engine died, in order.
    pub(crate) deaths: Vec<String>,
    /// How many of these there were when the world was quiet the last time.
    settled_deaths: usize,
    /// See [`House::changes`]: before the engine was given something to do. It may be at it, or be done, when the
    /// driver looks for the first time.
    before: Option<u64>,
}

/// Why a story cannot go on.
pub(crate) type Problem = String;

impl House {
    /// Builds the house and starts the engine. With `rooms` the story plays in Slack, where these are channels.
    pub(crate) async fn open(
        store: Arc<dyn Store>,
        files: BTreeMap<String, String>,
        folder: PathBuf,
        fuse: Fuse,
        wrap: Option<Wrap>,
        slips: Slips,
        rooms: &[String],
    ) -> Result<Self, Problem> {
        let clock = Arc::new(VirtualClock::at(START));
        let doubles = Doubles::start(Arc::clone(&clock)).await?;
        let stage_clock = Arc::clone(&clock);
        let stage_clock: Now = Arc::new(move || stage_clock.now());
        let (people, languages) = (cast::people(), cast::room_languages());
        let stage = if rooms.is_empty() {
            Stage::new(stage_clock)
        } else {
            let rooms = rooms.iter().map(String::as_str);
            let accounts = people.keys().map(String::as_str).chain(["eve"]);
            let workspace = Workspace::open(&clock, rooms, accounts).await?;
            Stage::in_slack(stage_clock, Arc::new(workspace))
        };
        let (patience, page) = (Duration::from_mins(10), 5);
        let settings = cast::settings(&people, languages.clone(), &[], patience, page);
        let mut house = Self {
            clock,
            doubles,
            stage,
            store,
            settings: Current::new(settings),
            catalog: Current::new(Catalog::default()),
            files,
            folder,
            people,
            languages,
            environments: Vec::new(),
            sign_in: SignIn::Token(wilco_sim::argocd::DEFAULT_TOKEN.to_owned().into()),
            stream: false,
            histories: Histories::NotRead,
            argocd: None,
            patience,
            page,
            fuse,
            wrap,
            slips,
            clock_goes: true,
            engine: None,
            listening: None,
            recorder: Recorder::default(),
            audited: 0,
            delivered: 0,
            deaths: Vec::new(),
            settled_deaths: 0,
            before: None,
        };
        house.catalog.set(house.load_catalog()?);
        house.start().await?;
        Ok(house)
    }

    fn load_catalog(&self) -> Result<Catalog, Problem> {
        runbooks::catalog(&self.files, self.settings.get().directory.teams())
    }

    async fn start(&mut self) -> Result<(), Problem> {
        let store: Arc<dyn Store> = Arc::new(FusedStore {
            inner: Arc::clone(&self.store),
            fuse: self.fuse.clone(),
            slips: self.slips,
        });
        let clock = Arc::clone(&self.clock);
        let instances = self.doubles.instances(&self.sign_in, self.stream);
        let now = Arc::clone(&self.clock);
        let argocd = Connection::new(instances, Arc::new(move || now.now()))
            .map_err(|fault| fault.to_string())?;
        let argocd = match self.histories.reader(self.doubles.all()) {
            Some(log) => argocd.reading(log),
            None => argocd,
        };
        let argocd = Arc::new(argocd);
        self.argocd = Some(Arc::clone(&argocd));
        let argocd: Arc<dyn Connector> = argocd;
        let argocd =
            self.wrap.map_or_else(|| Arc::clone(&argocd), |wrap| wrap(Arc::clone(&argocd)));
        let tools = vec![Arc::clone(&argocd)];
        let builtin = Builtin::new(Arc::clone(&store), clock.clone(), self.settings.clone(), tools);
        let fused = |inner: Arc<dyn Connector>| -> Arc<dyn Connector> {
            Arc::new(FusedConnector { inner, fuse: self.fuse.clone() })
        };
        let connected = match self.stage.slack() {
            Some(slack) => Some(slack.connect(&self.clock, self.settings.get().directory.clone())?),
            None => None,
        };
        let platform: Arc<dyn Adapter> = match &connected {
            Some(connected) => Arc::clone(&connected.adapter) as Arc<dyn Adapter>,
            None => Arc::new(self.stage.clone()),
        };
        let platform: Arc<dyn Adapter> =
            Arc::new(FusedAdapter { inner: platform, fuse: self.fuse.clone() });
        let parts = Parts {
            store,
            exclusive: false,
            connectors: vec![fused(argocd), fused(Arc::new(builtin))],
            adapters: vec![platform],
            settings: self.settings.clone(),
            catalog: self.catalog.clone(),
            definitions: runbooks::definitions(),
            clock,
            timing: Timing { poll: Duration::from_millis(20), ..Timing::default() },
            handler: Parts::core_handler(),
        };
        // The engine writes while it starts, so it may die there too.
        let fuse = self.fuse.clone();
        let engine = tokio::select! {
            engine = Engine::start(parts) => engine.map_err(|fault| fault.to_string())?,
            place = fuse.blown() => {
                self.deaths.push(place);
                self.fuse.mend();
                return Box::pin(self.start()).await;
            }
        };
        if let Some(connected) = connected {
            self.listening = Some(connected.listen(engine.inbox()).await);
        }
        engine.caught_up();
        self.engine = Some(engine);
        Ok(())
    }

    /// The engine dies at once and is started again on the same store.
    pub(crate) async fn crash(&mut self) -> Result<(), Problem> {
        self.note_before().await?;
        self.stop().await?;
        self.fuse.mend();
        self.start().await
    }

    /// The engine dies, and nothing of it writes any more.
    async fn stop(&mut self) -> Result<(), Problem> {
        self.listening = None;
        if let Some(engine) = self.engine.take() {
            engine.crash().await;
        }
        // What the dead engine had handed to the store may still be written: a real store keeps
        // writing too, but only this driver could take the moment before for quiet. Writes are in
        // order, so after this one there are none.
        let put = self.store.journal_put("story", "crash", "", false).await;
        put.map(|_| ()).map_err(|fault| fault.to_string())
    }

    fn engine(&self) -> Result<&EngineHandle, Problem> {
        self.engine.as_ref().ok_or_else(|| "the engine does not run".to_owned())
    }

    /// A person says or presses something.
    pub(crate) async fn say(
        &mut self,
        who: &str,
        place: &Place,
        ago: Duration,
        text: &str,
    ) -> Result<(), Problem> {
        self.note_before().await?;
        let author = match who.split_once('[') {
            Some((bot, "bot]")) => Author::Bot(bot.to_owned()),
            Some((outsider, "outsider]")) => Author::Outsider(UserId::new(outsider)),
            _ => Author::User(UserId::new(who)),
        };
        let root = self.stage.root(place);
        if place.thread.is_some() && root.is_none() {
            return Err(format!("there is no thread {place} yet"));
        }
        if let Some(slack) = self.stage.slack() {
            let slack = Arc::clone(slack);
            return self.say_in_slack(&slack, who, place, root.as_ref(), ago, text).await;
        }
        let room = self.stage.room(&place.room);
        let event = if let Some(label) = text.strip_prefix('[') {
            let (label, back) = button_label(label);
            let button = self.button(place, label, back)?;
            let root = match (root, &button.token) {
                (Some(root), _) => root,
                (None, Token::Answer { dialog, .. }) => dialog.thread.root.clone(),
                (None, _) => return Err("press buttons in their thread".into()),
            };
            let sent_at = self.stage.person_acts();
            Event::Press(Press {
                thread: Thread { room, root },
                author,
                token: button.token,
                sent_at,
            })
        } else {
            let (message, now) = self.stage.person_says(place);
            let sent_at = Timestamp(now.0 - i64::try_from(ago.as_millis()).unwrap_or_default());
            let mentioned = text.contains("@wilco");
            let text = text.replace("@wilco", "").trim().to_owned();
            let text = if self.deaths.is_empty() { text } else { self.as_read(&text).await? };
            let direct = place.room.starts_with('@');
            Event::Message(Incoming {
                room,
                thread: root,
                message,
                author,
                text,
                mentioned,
                direct,
                sent_at,
            })
        };
        self.delivered += 1;
        let key = format!("stage {}", self.delivered);
        self.deliver(&event, &key).await
    }

    /// What a person types who means the first run and reads its name off the thread: after a death
    /// the numbers may have gaps.
    async fn as_read(&self, text: &str) -> Result<String, Problem> {
        let audits = self.store.audits(0, usize::MAX >> 1).await.map_err(|e| e.to_string())?;
        let runs: Vec<String> = audits
            .into_iter()
            .filter_map(|audit| match audit.record.what {
                Fact::RunCreated { run, .. } => Some(run.to_string()),
                _ => None,
            })
            .collect();
        let named = |word: &str| {
            let number: usize = word.strip_prefix('r')?.parse().ok()?;
            runs.get(number.checked_sub(1)?).cloned()
        };
        let words = text.split(' ').map(|word| named(word).unwrap_or_else(|| word.to_owned()));
        Ok(words.collect::<Vec<_>>().join(" "))
    }

    /// Hands an event in until it is acknowledged, as platforms do.
    async fn deliver(&mut self, event: &Event, key: &str) -> Result<(), Problem> {
        loop {
            let inbox = self.engine()?.inbox();
            let fuse = self.fuse.clone();
            tokio::select! {
                received = inbox.receive(event.clone(), key.to_owned()) => {
                    return received.map(|_| ()).map_err(|fault| fault.to_string());
                }
                place = fuse.blown() => {
                    self.deaths.push(place);
                    self.crash().await?;
                }
            }
        }
    }

    /// A button in a thread: the newest with this label, or the one so many before it, even if it is
    /// gone from its message by now.
    fn button(&self, place: &Place, label: &str, back: usize) -> Result<Button, Problem> {
        let posted = self.stage.posted();
        let found = posted
            .iter()
            .rev()
            .filter(|message| self.stage.place(&message.to) == *place)
            .flat_map(|message| message.buttons_ever.iter().rev())
            .filter(|button| button.label.contains(label))
            .nth(back);
        found.cloned().ok_or_else(|| format!("no button `{label}` in {place}"))
    }

    /// Time passes until the world is quiet: the clock jumps to the next look at a tool, never over
    /// somebody's patience.
    pub(crate) async fn settle(&mut self) -> Result<(), Problem> {
        // The engine may have died since the line began, while what it says was handed in.
        let settled = self.settle_since(self.settled_deaths).await;
        // While the clock stands no lease ends: a recovery goes on when time does.
        if self.clock_goes {
            self.settled_deaths = self.deaths.len();
        }
        settled
    }

    /// After so many deaths the world was quiet the last time.
    async fn settle_since(&mut self, settled_deaths: usize) -> Result<(), Problem> {
        let mut idle = 0;
        let mut seen = match self.before.take() {
            Some(before) => before,
            None => self.changes().await?,
        };
        let mut deaths = self.deaths.len();
        loop {
            let held = self.quiet_and_heard().await?;
            if self.deaths.len() > deaths {
                (idle, deaths) = (0, self.deaths.len());
            }
            let most = if deaths > settled_deaths { IDLE_LOOKS_AFTER_DEATH } else { IDLE_LOOKS };
            if !self.clock_goes {
                return Ok(());
            }
            let due = self.engine()?.next_due().await.map_err(|fault| fault.to_string())?;
            let streamed = self.doubles.next_streamed(due.work).filter(|_| self.stream);
            let Some(next) = due.work.into_iter().chain(held).min() else {
                // Another connection's write may have landed since the last look.
                if self.engine()?.is_quiet().await.map_err(|fault| fault.to_string())? {
                    return Ok(());
                }
                continue;
            };
            if due.patience.is_some_and(|patience| patience <= next) {
                return Ok(());
            }
            let changes = self.changes().await?;
            // A request that is kept waiting, also for ever, ends by an answer or by its time-out.
            let waits = self.doubles.held_count() > 0;
            let moving = changes != seen || waits || self.doubles.will_change();
            idle = if moving { 0 } else { idle + 1 };
            seen = changes;
            if idle > most {
                return Ok(());
            }
            self.jump(streamed.map_or(next, |streamed| streamed.min(next))).await;
        }
    }

    /// The clock jumps, and whoever slept until then gets a turn. Without it this task could keep a
    /// thread of the runtime for itself, with the one that it woke behind it in the same queue.
    async fn jump(&self, to: Timestamp) {
        self.clock.set(to);
        tokio::task::yield_now().await;
        if self.stream {
            self.heard().await;
        }
    }

    /// Returns when all that the streams have to show is taken in; a stream that a dead engine left behind, or
    /// that cannot be opened, is not waited for long.
    async fn heard(&self) {
        let heard =
            || self.argocd.as_ref().is_none_or(|argocd| self.doubles.is_heard(&argocd.hearing()));
        for _ in 0..500 {
            if heard() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// So much time passes, with everything that becomes due in it.
    pub(crate) async fn wait(&mut self, span: Duration) -> Result<(), Problem> {
        let until = self.clock.now() + span;
        loop {
            let held = self.quiet_and_heard().await?;
            let due = self.engine()?.next_due().await.map_err(|fault| fault.to_string())?;
            let streamed = self.doubles.next_streamed(due.work).filter(|_| self.stream);
            let next = due.work.into_iter().chain(due.patience).chain(held).chain(streamed).min();
            match next.filter(|next| *next <= until) {
                Some(next) => self.jump(next).await,
                None => break,
            }
        }
        self.jump(until).await;
        self.settle().await
    }

    /// Nothing waits and nothing is on its way, but for answers that the double holds back.
    ///
    /// Returns when the first of those goes out. An answer whose moment has come is on its way, so
    /// that no clock may jump over the time limit of whoever waits for it.
    async fn quiet(&mut self) -> Result<Option<Timestamp>, Problem> {
        loop {
            let held = self.doubles.held_count();
            let until = self.doubles.held_until();
            let engine = self.engine()?;
            let fuse = self.fuse.clone();
            tokio::select! {
                quiet = tokio::time::timeout(Duration::from_millis(50), engine.quiet_but(held)) => {
                    if let Ok(quiet) = quiet {
                        quiet.map_err(|fault| fault.to_string())?;
                        let due = until.is_some_and(|until| until <= self.clock.now());
                        if let Some(slack) = self.stage.slack().filter(|slack| !slack.is_taken()) {
                            let slack = Arc::clone(slack);
                            self.taken(&slack).await?;
                            continue;
                        }
                        if !due && self.doubles.held_count() == held {
                            return Ok(until);
                        }
                        tokio::task::yield_now().await;
                    }
                }
                place = fuse.blown() => {
                    self.deaths.push(place);
                    self.crash().await?;
                }
            }
        }
    }

    /// As [`House::quiet`], also after what the streams had to tell.
    async fn quiet_and_heard(&mut self) -> Result<Option<Timestamp>, Problem> {
        let held = self.quiet().await?;
        if !self.stream {
            return Ok(held);
        }
        self.heard().await;
        self.quiet().await
    }

    /// A number that grows when anything happened that a story tells.
    async fn changes(&mut self) -> Result<u64, Problem> {
        let more = self.store.audits(self.audited, usize::MAX >> 1).await;
        if let Some(last) = more.map_err(|fault| fault.to_string())?.last() {
            self.audited = last.seq;
        }
        let messages: u64 = self.stage.posted().iter().map(|message| message.revision).sum();
        Ok(messages + self.doubles.ledger().len() as u64 + self.audited.cast_unsigned())
    }

    /// From here on the engine has something to do.
    async fn note_before(&mut self) -> Result<(), Problem> {
        if self.before.is_none() {
            self.before = Some(self.changes().await?);
        }
        Ok(())
    }

    /// What happened since the last call.
    pub(crate) async fn told(&mut self) -> Result<Vec<String>, Problem> {
        let after = self.recorder.audits_seen();
        let audits = self.store.audits(after, 100_000).await.map_err(|fault| fault.to_string())?;
        Ok(self.recorder.lines(&self.stage, &self.doubles.ledger(), &audits))
    }

    /// The end of the story as facts that no crash may change.
    pub(crate) async fn end(&self) -> Result<End, Problem> {
        let audits =
            self.store.audits(0, usize::MAX >> 1).await.map_err(|fault| fault.to_string())?;
        Ok(End::of(&self.doubles.ledger(), &self.stage, &audits))
    }

    /// What is wrong at the end, whatever happened on the way. The engine is stopped for it.
    pub(crate) async fn faults(&mut self) -> Result<Vec<String>, Problem> {
        self.stop().await?;
        let audits = self.store.audits(0, usize::MAX >> 1).await.map_err(|e| e.to_string())?;
        let mut faults = sound::faults(&self.doubles.ledger(), &self.stage, &audits);
        let passed_over = self.doubles.passed_over().into_iter();
        faults.extend(passed_over.map(|name| format!("Argo CD does not read {name}")));
        faults.extend(self.stuck().await?);
        Ok(faults)
    }

    /// Whoever waits at this moment for what never comes.
    pub(crate) async fn stuck(&mut self) -> Result<Vec<String>, Problem> {
        let stuck = self.waiting().await?;
        if stuck.is_empty() || self.deaths.is_empty() || self.engine.is_none() {
            return Ok(stuck);
        }
        // PostgreSQL may write what a dead engine had sent to it after the world was quiet: whoever
        // lives goes on with it, and then nobody is left.
        self.quiet().await?;
        self.waiting().await
    }

    async fn waiting(&self) -> Result<Vec<String>, Problem> {
        let rest = Rest::of(&*self.store, self.clock.now(), self.engine.is_none()).await?;
        Ok(rest.faults(&self.stage, !self.deaths.is_empty()))
    }

    /// How many places to die the story has had.
    pub(crate) fn points(&self) -> u64 {
        self.fuse.passed()
    }

    /// Everything ends.
    pub(crate) async fn close(mut self) {
        if let Some(engine) = self.engine.take() {
            engine.crash().await;
        }
        self.doubles.close().await;
    }

    /// The world changes.
    pub(crate) async fn change(&mut self, directive: Directive) -> Result<(), Problem> {
        match directive {
            Directive::ArgoCd { at, change } => {
                if self.doubles.named(&at).is_none() {
                    self.doubles.add(&at).await?;
                    self.crash().await?;
                }
                let argo = self.doubles.named(&at).ok_or("the double did not start")?;
                change_argocd(argo, change, self.clock.now())?;
            }
            Directive::Wait(span) => self.wait(span).await?,
            Directive::Clock(goes) => self.clock_goes = goes,
            Directive::Crash => self.crash().await?,
            Directive::Teams { who, teams } => {
                self.people.insert(who, teams);
                self.set_settings();
            }
            Directive::Language { room, lang } => {
                self.languages.insert(room, lang);
                self.set_settings();
            }
            Directive::Environment { pattern, name } => {
                self.environments.insert(0, (pattern, name));
                self.set_settings();
            }
            Directive::SignIn => {
                self.sign_in = SignIn::Session {
                    username: wilco_sim::argocd::DEFAULT_ACCOUNT.to_owned(),
                    password: wilco_sim::argocd::DEFAULT_PASSWORD.into(),
                };
                self.crash().await?;
            }
            Directive::Stream => {
                self.stream = true;
                self.crash().await?;
            }
            Directive::Git(histories) => {
                self.histories = histories;
                self.crash().await?;
            }
            Directive::Patience(patience) => {
                self.patience = patience;
                self.set_settings();
            }
            Directive::Page(page) => {
                self.page = page;
                self.set_settings();
            }
            Directive::Runbook(file) => {
                let path = self.folder.join(&file);
                let source = std::fs::read_to_string(&path).map_err(|e| format!("{file}: {e}"))?;
                self.files.insert(file, source);
                self.reload().await?;
            }
            Directive::Without(name) => {
                self.files.retain(|file, _| !file.ends_with(&format!("{name}.yaml")));
                self.reload().await?;
            }
        }
        self.settle().await
    }

    /// Replaces the catalog; a broken one is kept out and told, as `serve` does.
    async fn reload(&mut self) -> Result<(), Problem> {
        self.note_before().await?;
        loop {
            let engine = self.engine()?;
            let loaded = self.load_catalog();
            let reloaded = async {
                match loaded {
                    Ok(catalog) => engine.reload_catalog(catalog).await,
                    Err(problem) => engine.keep_catalog(problem).await,
                }
            };
            let fuse = self.fuse.clone();
            tokio::select! {
                done = reloaded => return done.map_err(|fault| fault.to_string()),
                place = fuse.blown() => {
                    self.deaths.push(place);
                    self.crash().await?;
                }
            }
        }
    }

    fn set_settings(&self) {
        let settings = cast::settings(
            &self.people,
            self.languages.clone(),
            &self.environments,
            self.patience,
            self.page,
        );
        self.settings.set(settings);
    }
}

/// `Approve]~1` as the label and how many newer ones with it are passed over.
fn button_label(text: &str) -> (&str, usize) {
    match text.rsplit_once(']') {
        Some((label, back)) => {
            (label, back.strip_prefix('~').and_then(|n| n.parse().ok()).unwrap_or(0))
        }
        None => (text, 0),
    }
}
