//! What the terminal shows: bot messages, indented, with room and thread.
//!
//! ```text
//! mina #deploy> help
//!     bot 1   #deploy/1   What shall I do?
//!                         1 version
//!                         [/1] Cancel
//!     bot 1*  #deploy/1   (the same message, changed)
//! ```

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use wilco_core::people::Directory;

use crate::local::{Message, Placed, ShownButton, Way, Writer};

/// The column in which the text of a bot message begins.
const TEXT_COLUMN: usize = 26;

/// The screen and what is remembered about what it shows.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    /// Up to which place of the journal it was read.
    pub(super) seen: i64,
    /// What stands at the bottom while a person types; empty when nobody does.
    prompt: String,
    /// Threads by room, in the order in which they got their first reply.
    threads: BTreeMap<String, Vec<String>>,
    /// Bot messages, numbered as they came.
    messages: HashMap<String, usize>,
    /// The newest buttons of each thread, with their message.
    buttons: HashMap<String, (String, Vec<ShownButton>)>,
}

impl Screen {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            seen: 0,
            prompt: String::new(),
            threads: BTreeMap::new(),
            messages: HashMap::new(),
            buttons: HashMap::new(),
        }
    }

    /// Takes note of a message without showing it.
    pub(super) fn note(&mut self, placed: &Placed) {
        let Placed { seq, message } = placed;
        self.seen = *seq;
        if let Some(root) = &message.thread {
            let threads = self.threads.entry(message.room.clone()).or_default();
            if !threads.contains(root) {
                threads.push(root.clone());
            }
        }
        if message.author == Writer::Wilco {
            let next = self.messages.len() + 1;
            self.messages.entry(message.id.clone()).or_insert(next);
            let root = message.root().to_owned();
            if !message.buttons.is_empty() {
                self.buttons.insert(root, (message.id.clone(), message.buttons.clone()));
            } else if self.buttons.get(&root).is_some_and(|(id, _)| *id == message.id) {
                self.buttons.remove(&root);
            }
        }
    }

    /// Shows a message of the bot.
    pub(super) fn show(&mut self, message: &Message, people: &Directory) -> io::Result<()> {
        let number = self.messages.get(&message.id).copied().unwrap_or(0);
        let star = if message.edited { "*" } else { "" };
        let place = self.place(&message.room, message.thread.as_deref());
        let head = format!("    {:<7} {place}", format!("bot {number}{star}"));
        let mention = message.mention.as_ref();
        let mention = mention.map(|who| format!("@{} ", people.name(who))).unwrap_or_default();
        let text = format!("{mention}{}", message.text);
        let buttons = message.buttons.iter().enumerate();
        let buttons = buttons.map(|(at, button)| format!("[/{}] {}", at + 1, button.label));
        let lines: Vec<String> = text
            .lines()
            .map(str::to_owned)
            .chain(message.more.lines().map(|line| format!("| {line}")))
            .chain(message.leads_to.iter().map(|way| self.way(way)))
            .chain(buttons)
            .collect();

        self.clear_prompt()?;
        for (at, line) in lines.iter().enumerate() {
            let head = if at == 0 { head.as_str() } else { "" };
            let head = pad(head, TEXT_COLUMN);
            writeln!(self.out, "{head}{}", harmless(line))?;
        }
        self.draw_prompt()
    }

    /// Shows a line that is not a message: an echo, a hint.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        self.clear_prompt()?;
        writeln!(self.out, "{}", harmless(line))?;
        self.draw_prompt()
    }

    /// Puts the prompt at the bottom, or takes it away.
    pub(super) fn set_prompt(&mut self, prompt: String) -> io::Result<()> {
        self.prompt = prompt;
        self.draw_prompt()
    }

    /// `#deploy`, or `#deploy/1` for the first thread of it.
    pub(super) fn place(&self, room: &str, thread: Option<&str>) -> String {
        let Some(first) = thread else { return room.to_owned() };
        let number = self.threads.get(room).and_then(|all| all.iter().position(|it| it == first));
        number.map_or_else(|| format!("{room}/?"), |at| format!("{room}/{}", at + 1))
    }

    /// Where more of a message stands: `→ #deploy/1`.
    fn way(&self, way: &Way) -> String {
        format!("→ {}", self.place(&way.room, Some(&way.thread)))
    }

    /// The first message of a thread by its number, of the last one when not numbered.
    pub(super) fn thread(&self, room: &str, number: Option<usize>) -> Option<String> {
        let threads = self.threads.get(room)?;
        match number {
            Some(number) => threads.get(number.checked_sub(1)?).cloned(),
            None => threads.last().cloned(),
        }
    }

    /// A button by its number: its message and its token.
    pub(super) fn button(&self, root: &str, number: usize) -> Option<(String, String)> {
        let (message, buttons) = self.buttons.get(root)?;
        let button = buttons.get(number.checked_sub(1)?)?;
        Some((message.clone(), button.token.clone()))
    }

    fn clear_prompt(&mut self) -> io::Result<()> {
        if self.prompt.is_empty() { Ok(()) } else { write!(self.out, "\r\x1b[K") }
    }

    fn draw_prompt(&mut self) -> io::Result<()> {
        write!(self.out, "{}", self.prompt)?;
        self.out.flush()
    }
}

fn pad(head: &str, column: usize) -> String {
    let width = head.chars().count();
    format!("{head}{}", " ".repeat(column.saturating_sub(width).max(2)))
}

/// Text from outside must not steer the terminal: control characters, and those that turn the
/// direction of what follows, are shown as a replacement character.
fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{7}\u{202e}c\td 배포 🚀"), "a�[2Jb��c\td 배포 🚀");
    }
}
