//! The keyboard: raw mode while a session lasts, and what its keys are called here.

use std::io::{self, Write as _};

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, EventStream, KeyCode, KeyEvent,
    KeyEventKind, KeyModifiers,
};
use crossterm::{execute, terminal};
use futures_util::{Stream, StreamExt as _};

use super::edit::Key;

/// The keyboard of this process's terminal. Dropping it gives the terminal back as it was.
pub struct Keyboard {
    events: EventStream,
}

impl Keyboard {
    /// Takes the terminal: keys come one by one, and are not shown by themselves.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn take() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        let keyboard = Self { events: EventStream::new() };
        execute!(io::stdout(), EnableBracketedPaste)?;
        Ok(keyboard)
    }

    /// The keys that are pressed.
    pub fn keys(&mut self) -> impl Stream<Item = io::Result<Key>> + Unpin {
        let named = |event: io::Result<Event>| std::future::ready(event.map(key).transpose());
        Box::pin((&mut self.events).filter_map(named))
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        let _ = terminal::disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

fn key(event: Event) -> Option<Key> {
    match event {
        Event::Key(KeyEvent { code, modifiers, kind, .. }) if kind != KeyEventKind::Release => {
            pressed(code, modifiers)
        }
        Event::Paste(text) => Some(Key::Text(text)),
        Event::Resize(..) => Some(Key::Resized),
        _ => None,
    }
}

/// The keys of Emacs, which shells and chats in terminals share.
fn pressed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
    let control = modifiers.contains(KeyModifiers::CONTROL);
    let alt = modifiers.contains(KeyModifiers::ALT);
    Some(match code {
        KeyCode::Char(c) if control => match c {
            'a' => Key::Home,
            'b' => Key::Left,
            'c' => Key::Interrupt,
            'd' => Key::Eof,
            'e' => Key::End,
            'f' => Key::Right,
            'h' => Key::Backspace,
            'j' | 'm' => Key::Enter,
            'k' => Key::DeleteToEnd,
            'l' => Key::Clear,
            'n' => Key::Down,
            'p' => Key::Up,
            'u' => Key::DeleteToStart,
            'w' => Key::DeleteWord,
            'y' => Key::Yank,
            _ => return None,
        },
        KeyCode::Char('b') if alt => Key::WordLeft,
        KeyCode::Char('f') if alt => Key::WordRight,
        KeyCode::Char(_) if alt => return None,
        KeyCode::Char(c) => Key::Text(c.to_string()),
        KeyCode::Enter => Key::Enter,
        KeyCode::Tab => Key::Tab,
        KeyCode::Backspace if control || alt => Key::DeleteWord,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Left if control || alt => Key::WordLeft,
        KeyCode::Left => Key::Left,
        KeyCode::Right if control || alt => Key::WordRight,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyCode, KeyModifiers, pressed};

    #[test]
    fn control_and_alt_are_commands_and_everything_else_is_text() {
        let plain = |c| pressed(KeyCode::Char(c), KeyModifiers::NONE);
        assert_eq!(plain('배'), Some(Key::Text("배".to_owned())));
        assert_eq!(plain('c'), Some(Key::Text("c".to_owned())));
        let control = |c| pressed(KeyCode::Char(c), KeyModifiers::CONTROL);
        assert_eq!(control('c'), Some(Key::Interrupt));
        assert_eq!(control('z'), None);
        assert_eq!(pressed(KeyCode::Char('x'), KeyModifiers::ALT), None);
        let capital = pressed(KeyCode::Char('R'), KeyModifiers::SHIFT);
        assert_eq!(capital, Some(Key::Text("R".to_owned())));
        assert_eq!(pressed(KeyCode::Left, KeyModifiers::CONTROL), Some(Key::WordLeft));
    }
}
