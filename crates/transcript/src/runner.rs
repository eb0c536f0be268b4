//! Plays one story and compares what happened with what was blessed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wilco_core::port::Connector;

use crate::directive;
use crate::end::End;
use crate::fuse::{Fuse, Slips};
use crate::house::{House, Problem};
use crate::runbooks;
use crate::scratch::{On, Scratch};
use crate::script::{self, Act, Line};
use crate::slack;

/// One story.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its file.
    pub path: PathBuf,
    text: String,
    lines: Vec<Line>,
    files: BTreeMap<String, String>,
    wrap: Option<Wrap>,
    slips: Slips,
    /// The rooms of it that are channels in Slack; none when it plays on the stage.
    rooms: Vec<String>,
}

/// Puts something between the engine and a tool's connector.
pub type Wrap = fn(Arc<dyn Connector>) -> Arc<dyn Connector>;

/// What came of playing a story.
#[derive(Debug)]
pub(crate) struct Played {
    /// The file as it would be blessed.
    pub(crate) text: String,
    /// The end as facts.
    pub(crate) end: End,
    /// What is wrong with it, whatever happened on the way.
    pub(crate) faults: Vec<String>,
    /// How many places to die there were.
    pub(crate) points: u64,
    /// Where the engine died.
    pub(crate) deaths: Vec<String>,
}

impl Story {
    /// Reads a story. `extra` are runbooks that replace the shipped ones, if there are any.
    ///
    /// # Errors
    /// The file cannot be read, or a line in it.
    pub fn read(path: &Path, extra: &BTreeMap<String, String>) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let lines = script::parse(&text).map_err(|bad| format!("{}:{bad}", path.display()))?;
        let files = if extra.is_empty() { runbooks::shipped() } else { extra.clone() };
        Ok(Self {
            path: path.to_owned(),
            text,
            lines,
            files,
            wrap: None,
            slips: Slips::default(),
            rooms: Vec::new(),
        })
    }

    /// The same story with other connectors: to show that a test sees what a fault of theirs does.
    #[must_use]
    pub fn wrapped(self, wrap: Wrap) -> Self {
        Self { wrap: Some(wrap), ..self }
    }

    /// The same story in Slack: with the adapter, over real sockets, against the double of it.
    #[must_use]
    pub fn in_slack(self) -> Self {
        let texts = self.files.values().map(String::as_str).chain([self.text.as_str()]);
        let mut rooms: Vec<String> = slack::rooms(texts).into_iter().map(str::to_owned).collect();
        // A story without a room plays there, too.
        rooms.push("#nowhere".to_owned());
        Self { rooms, ..self }
    }

    /// The same story with these faults of the store.
    #[must_use]
    pub fn slipping(self, slips: Slips) -> Self {
        Self { slips, ..self }
    }

    /// What is wrong at its end when nothing dies.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub async fn faults(&self, on: &On) -> Result<Vec<String>, String> {
        Ok(self.play(on, Fuse::new(Vec::new())).await?.faults)
    }

    /// Why this conversation is worth keeping: its first line.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        self.text.lines().next()?.strip_prefix("# ").filter(|why| !why.trim().is_empty())
    }

    /// Whether it is about moments: time is held or waited for, or the world goes on by itself. A
    /// recovery takes time too, so that people and Wilco may meet something else after a death.
    #[must_use]
    pub fn is_about_moments(&self) -> bool {
        self.lines.iter().any(|line| match &line.act {
            Act::World(words) => {
                directive::parse(words).is_some_and(|world| world.is_about_moments())
            }
            Act::Nothing | Act::Say { .. } => false,
        })
    }

    /// How many lines were blessed.
    #[must_use]
    pub fn told(&self) -> usize {
        self.lines.iter().map(|line| line.expected.len()).sum()
    }

    /// Plays it and compares. With `bless`, writes what happened into the file instead.
    ///
    /// # Errors
    /// What differs, as a text for people, or why it cannot be played.
    pub async fn check(&self, on: &On, bless: bool) -> Result<(), String> {
        let played = self.play(on, Fuse::new(Vec::new())).await?;
        if played.text == self.text {
            return Ok(());
        }
        if bless {
            return std::fs::write(&self.path, &played.text)
                .map_err(|e| format!("{}: {e}", self.path.display()));
        }
        Err(format!("{}\n{}", self.path.display(), difference(&self.text, &played.text)))
    }

    /// Plays it on a new store with this fuse.
    pub(crate) async fn play(&self, on: &On, fuse: Fuse) -> Result<Played, Problem> {
        let scratch = Scratch::open(on).await?;
        let store = scratch.store();
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        let files = self.files.clone();
        let mut house =
            House::open(store, files, folder, fuse, self.wrap, self.slips, &self.rooms).await?;
        let at = |line: &Line, problem| {
            format!("{}:{}: {problem}: {}", self.path.display(), line.number, line.source)
        };
        let (mut text, mut faults) = (String::new(), Vec::new());
        for line in &self.lines {
            text.push_str(&line.source);
            text.push('\n');
            let done = match &line.act {
                Act::Nothing => continue,
                Act::World(words) => match directive::parse(words) {
                    Some(directive) => house.change(directive).await,
                    None => Err("this says nothing that the world knows".to_owned()),
                },
                Act::Say { who, place, ago, text } => match house.say(who, place, *ago, text).await
                {
                    Ok(()) => house.settle().await,
                    Err(problem) => Err(problem),
                },
            };
            done.map_err(|problem| at(line, problem))?;
            for told in house.told().await.map_err(|problem| at(line, problem))? {
                // The one thing that tells where it plays.
                text.push_str(&told.replace(" on slack", " on stage"));
                text.push('\n');
            }
            for stuck in house.stuck().await? {
                faults.push(format!("after line {}: {stuck}", line.number));
            }
        }
        let (end, points) = (house.end().await?, house.points());
        faults.extend(house.faults().await?);
        let played = Played { text, end, faults, points, deaths: house.deaths.clone() };
        house.close().await;
        Ok(played)
    }
}

/// The first lines that differ, with a little around them.
fn difference(blessed: &str, played: &str) -> String {
    const AROUND: usize = 3;
    const SHOWN: usize = 12;
    let (old, new): (Vec<&str>, Vec<&str>) = (blessed.lines().collect(), played.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(AROUND);
    let mut text = format!("differs from line {}:\n", same + 1);
    for line in &old[from..same] {
        text.push_str(&format!("   {line}\n"));
    }
    for line in old[same..].iter().take(SHOWN) {
        text.push_str(&format!(" - {line}\n"));
    }
    for line in new[same..].iter().take(SHOWN) {
        text.push_str(&format!(" + {line}\n"));
    }
    text
}
