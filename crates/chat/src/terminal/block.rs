//! A message of the bot as lines.
//!
//! ```text
//!     bot 1   #deploy/1     What shall I do?
//!                           1 version
//!                           | what stands behind "more"
//!                           [/1] Cancel
//!     bot 1*  #deploy/1     (the same message, changed)
//! ```

use wilco_core::message::ButtonStyle;
use wilco_core::people::Directory;

use super::known::Known;
use super::style::{Line, Style};
use crate::local::{Message, ShownButton, Way};

/// The column in which the text of a message begins.
pub(super) const TEXT_COLUMN: usize = 26;

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Block {
    /// Which message, and where it stands.
    head: Line,
    /// What it says.
    text: Vec<Line>,
    /// Its buttons.
    buttons: Vec<Line>,
}

impl Block {
    /// The whole message.
    pub(super) fn of(message: &Message, known: &Known, people: &Directory) -> Self {
        let star = if message.edited { "*" } else { "" };
        let label = format!("bot {}{star}", known.number(&message.id));
        let place = known.place(&message.room, message.thread.as_deref());
        let head = Line::of(Style::Plain, "    ")
            .and(Style::Bot, &label)
            .and(Style::Plain, &" ".repeat(7_usize.saturating_sub(label.len()) + 1))
            .and(Style::Dim, &place);
        let mut text: Vec<Line> = message.text.lines().map(Line::of_message).collect();
        if let Some(who) = &message.mention {
            let mention = Line::of(Style::Person, &format!("@{} ", people.name(who)));
            let first = if text.is_empty() { Line::default() } else { text.remove(0) };
            text.insert(0, mention.then(first));
        }
        text.extend(message.more.lines().map(|line| Line::of(Style::Dim, &format!("| {line}"))));
        text.extend(message.leads_to.iter().map(|way| lead(way, known)));
        let buttons = message.buttons.iter().enumerate();
        let buttons = buttons.map(|(at, it)| button(at + 1, it)).collect();
        Self { head, text, buttons }
    }

    /// A message without buttons, for tests of where it is shown.
    #[cfg(test)]
    pub(super) fn plain(head: &str, text: &str) -> Self {
        let text = text.lines().map(Line::of_message).collect();
        Self { head: Line::of(Style::Bot, head), text, buttons: vec![] }
    }

    /// The lines with which it differs from what it said before. A button that is gone, and nothing
    /// else, is no news: the message that came of it is.
    pub(super) fn since(&self, before: &Self) -> Self {
        let mut old = before.text.clone();
        let mut text = self.text.clone();
        text.retain(|line| match old.iter().position(|it| it == line) {
            Some(at) => {
                old.remove(at);
                false
            }
            None => true,
        });
        let buttons = if self.buttons == before.buttons { vec![] } else { self.buttons.clone() };
        if text.is_empty() && buttons.is_empty() && !old.is_empty() {
            text.extend(self.text.first().cloned());
        }
        Self { head: self.head.clone(), text, buttons }
    }

    /// As it is printed; nothing when it says nothing.
    pub(super) fn lines(&self) -> Vec<Line> {
        let head = |at: usize| if at == 0 { self.head.clone() } else { Line::default() };
        let all = self.text.iter().chain(&self.buttons).enumerate();
        all.map(|(at, line)| pad(head(at)).then(line.clone())).collect()
    }
}

/// Where more of a message stands: `→ #deploy/1`.
fn lead(way: &Way, known: &Known) -> Line {
    Line::of(Style::Dim, &format!("→ {}", known.place(&way.room, Some(&way.thread))))
}

fn button(number: usize, button: &ShownButton) -> Line {
    let style = match button.style {
        ButtonStyle::Plain => Style::Plain,
        ButtonStyle::Primary => Style::Good,
        ButtonStyle::Danger => Style::Bad,
    };
    Line::of(Style::Button, &format!("[/{number}]"))
        .and(Style::Plain, " ")
        .and(style, &button.label)
}

/// At least two spaces, to the column of the text.
fn pad(head: Line) -> Line {
    let spaces = TEXT_COLUMN.saturating_sub(head.width()).max(2);
    head.and(Style::Plain, &" ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    use super::{Block, Line, Style};

    fn block(text: &str, buttons: &str) -> Block {
        let lines = |text: &str| text.lines().map(|line| Line::of(Style::Plain, line)).collect();
        Block { head: Line::of(Style::Bot, "bot"), text: lines(text), buttons: lines(buttons) }
    }

    #[test]
    fn only_what_changed_is_told() {
        let before = block("r1 running\n▸ a: started\n▸ b: started\nasked by Mina", "Cancel");
        let after = block("r1 running\n▸ a: Healthy\n▸ b: started\nasked by Mina", "Cancel");
        assert_eq!(after.since(&before), block("▸ a: Healthy", ""));
        assert_eq!(before.since(&before), block("", ""));
    }

    #[test]
    fn other_buttons_are_told_all_because_their_numbers_count() {
        let before = block("r1 overdue", "Cancel\nTerminate");
        let after = block("r1 overdue", "Cancel\nStart again");
        assert_eq!(after.since(&before), block("", "Cancel\nStart again"));
        assert_eq!(block("r1 overdue", "").since(&before), block("", ""));
    }

    #[test]
    fn a_text_that_only_lost_lines_still_shows_what_it_is() {
        let before = block("Deploy a?\nGo ahead?", "Yes");
        assert_eq!(block("Deploy a?", "").since(&before), block("Deploy a?", ""));
    }

    #[test]
    fn a_line_that_stands_there_twice_is_told_when_it_is_new() {
        let before = block("a\nb", "");
        assert_eq!(block("a\nb\na", "").since(&before), block("a", ""));
    }
}
