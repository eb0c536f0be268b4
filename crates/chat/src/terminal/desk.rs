//! The place in front of the screen: who sits there, where that person is, what was typed so far.

use std::io;

use super::complete::Choices;
use super::edit::Editor;
use super::history::History;
use super::known::Known;
use super::screen::{Prompt, Screen};
use super::style::{Line, Style};

/// The screen, what is known, and where the person in front of it is.
pub(super) struct Desk {
    pub(super) screen: Screen,
    pub(super) known: Known,
    pub(super) editor: Editor,
    pub(super) history: History,
    pub(super) person: String,
    pub(super) room: String,
    pub(super) thread: Option<String>,
}

impl Desk {
    /// Who speaks, and where: `mina #deploy/1> `.
    pub(super) fn label(&self) -> Line {
        let place = self.known.place(&self.room, self.thread.as_deref());
        Line::of(Style::Person, &self.person).and(Style::Plain, &format!(" {place}> "))
    }

    /// Shows the prompt with what was typed so far.
    pub(super) fn draw(&mut self) -> io::Result<()> {
        let typed = self.editor.line().to_owned();
        let prompt = Prompt { label: self.label(), typed, at: self.editor.at() };
        self.screen.set_prompt(Some(prompt))
    }

    /// Leaves an entered line where it was typed, and remembers it.
    pub(super) fn entered(&mut self, line: &str) -> io::Result<()> {
        self.screen.set_prompt(None)?;
        let entered = self.label().and(Style::Plain, line);
        self.screen.print(&[entered])?;
        match self.history.keep(line) {
            Some(told) => self.screen.line(Style::Refusal, &format!("    !  {told}")),
            None => Ok(()),
        }
    }

    /// What Tab chooses from. With no beginning of a word that is what the newest message of the
    /// thread names, and where there is none, the functions.
    pub(super) fn choices(
        &self,
        people: Vec<String>,
        rooms: Vec<String>,
        functions: &[String],
    ) -> Choices {
        let thread = self.thread.clone().or_else(|| self.known.thread(&self.room, None));
        let begun = self.editor.line()[..self.editor.at()].ends_with(|c: char| !c.is_whitespace());
        let newest = thread.as_deref().filter(|_| self.thread.is_some());
        let newest = newest.map(|root| self.known.newest_words(root)).unwrap_or_default();
        let words = match newest {
            newest if !begun && !newest.is_empty() => newest.to_vec(),
            _ if !begun => functions.to_vec(),
            newest => {
                let all = functions.iter().chain(newest).chain(self.known.words());
                all.cloned().collect()
            }
        };
        Choices {
            people,
            rooms,
            threads: self.known.threads(&self.room),
            buttons: thread.map_or(0, |root| self.known.buttons(&root)),
            words,
        }
    }
}
