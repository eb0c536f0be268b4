//! A session at a keyboard.

use std::io;

use futures_util::{Stream, StreamExt as _};

use super::complete::{Completion, complete};
use super::desk::Desk;
use super::edit::{Key, Wish};
use super::style::{Line, Style};
use super::{Terminal, TerminalFault};

const LEAVE: &str = "    Ctrl-C once more, Ctrl-D or /quit leaves";

impl Terminal {
    /// Reads keys until the person leaves.
    ///
    /// # Errors
    /// See [`TerminalFault`].
    pub async fn type_in(
        &self,
        mut keys: impl Stream<Item = io::Result<Key>> + Unpin,
    ) -> Result<(), TerminalFault> {
        self.begin().await?;
        self.desk.lock().await.draw()?;
        while let Some(key) = keys.next().await {
            let mut desk = self.desk.lock().await;
            match desk.editor.press(key?) {
                Wish::Nothing => desk.draw()?,
                Wish::Enter(line) => {
                    desk.entered(&line)?;
                    drop(desk);
                    if !self.handle(&line).await? {
                        return Ok(());
                    }
                    self.desk.lock().await.draw()?;
                }
                Wish::Complete => self.complete(&mut desk)?,
                Wish::Warn => {
                    desk.draw()?;
                    desk.screen.line(Style::Dim, LEAVE)?;
                }
                Wish::Clear => {
                    desk.screen.clear()?;
                    desk.draw()?;
                }
                Wish::Leave => {
                    let line = desk.editor.line().to_owned();
                    return Ok(desk.entered(&line)?);
                }
            }
        }
        Ok(())
    }

    fn complete(&self, desk: &mut Desk) -> io::Result<()> {
        let people = self.platform.people().people().map(|person| person.id.to_string());
        let rooms = self.platform.rooms().into_iter().map(|room| room.id);
        let rooms = rooms.filter(|room| room.starts_with('#')).chain(["@wilco".to_owned()]);
        let choices = desk.choices(people.collect(), rooms.collect(), &self.functions);
        let before = &desk.editor.line()[..desk.editor.at()];
        match complete(before, &choices) {
            Completion::Put(start, text) => desk.editor.replace_from(start, &text),
            Completion::List(all) => {
                let list = Line::of(Style::Dim, &format!("    {}", all.join("  ")));
                desk.screen.print(&[list])?;
            }
            Completion::Nothing => {}
        }
        desk.draw()
    }
}
