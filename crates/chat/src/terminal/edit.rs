//! The line that is being typed, and the keys that change it.
//!
//! Everything moves by what a reader takes for one character: a syllable that an input method
//! composed is one step, also where it is written as its letters.

use unicode_segmentation::UnicodeSegmentation as _;

/// A key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Text: one character, what an input method composed, or what was pasted.
    Text(String),
    /// Ends the line.
    Enter,
    /// Completes the word.
    Tab,
    /// Deletes what is before the cursor.
    Backspace,
    /// Deletes what is under the cursor.
    Delete,
    /// Deletes the word before the cursor.
    DeleteWord,
    /// Deletes everything before the cursor.
    DeleteToStart,
    /// Deletes everything behind the cursor.
    DeleteToEnd,
    /// Puts what was deleted last at the cursor.
    Yank,
    /// One character back.
    Left,
    /// One character on.
    Right,
    /// One word back.
    WordLeft,
    /// One word on.
    WordRight,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// The line that was entered before.
    Up,
    /// The line that was entered after that.
    Down,
    /// Empties the screen.
    Clear,
    /// Ctrl-C: clears the line; a second one leaves.
    Interrupt,
    /// Ctrl-D: leaves, or deletes what is under the cursor.
    Eof,
    /// The window has another size.
    Resized,
}

/// What a key asks for besides a change of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing.
    Nothing,
    /// Handle the line; it is empty now.
    Enter(String),
    /// Complete the word before the cursor.
    Complete,
    /// Say how one leaves.
    Warn,
    /// Empty the screen.
    Clear,
    /// End.
    Leave,
}

/// The line, the cursor, and the lines before.
#[derive(Debug, Default)]
pub(super) struct Editor {
    line: String,
    /// Before which byte the cursor stands; always between two characters.
    at: usize,
    deleted: String,
    /// The lines before, the newest last.
    lines: Vec<String>,
    /// Which of them is shown, and what was being typed before.
    recalled: Option<(usize, String)>,
    interrupted: bool,
}

impl Editor {
    /// An empty line, with lines from before.
    pub(super) fn new(lines: Vec<String>) -> Self {
        Self { lines, ..Self::default() }
    }

    /// What was typed.
    pub(super) fn line(&self) -> &str {
        &self.line
    }

    /// Before which byte the cursor stands.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Does what a key says.
    pub(super) fn press(&mut self, key: Key) -> Wish {
        let interrupted = std::mem::take(&mut self.interrupted);
        match key {
            Key::Text(text) => self.insert(&text),
            Key::Enter => return Wish::Enter(self.enter()),
            Key::Tab => return Wish::Complete,
            Key::Backspace => {
                self.cut(self.before(), self.at);
            }
            Key::Delete => {
                self.cut(self.at, self.behind());
            }
            Key::DeleteWord => self.deleted = self.cut(self.word_before(), self.at),
            Key::DeleteToStart => self.deleted = self.cut(0, self.at),
            Key::DeleteToEnd => self.deleted = self.cut(self.at, self.line.len()),
            Key::Yank => self.insert(&self.deleted.clone()),
            Key::Left => self.at = self.before(),
            Key::Right => self.at = self.behind(),
            Key::WordLeft => self.at = self.word_before(),
            Key::WordRight => self.at = self.word_behind(),
            Key::Home => self.at = 0,
            Key::End => self.at = self.line.len(),
            Key::Up => self.recall(|shown| shown.checked_sub(1)),
            Key::Down => self.recall(|shown| Some(shown + 1)),
            Key::Clear => return Wish::Clear,
            Key::Interrupt if self.line.is_empty() && interrupted => return Wish::Leave,
            Key::Interrupt => {
                let warn = self.line.is_empty();
                self.interrupted = true;
                self.set(String::new());
                self.recalled = None;
                if warn {
                    return Wish::Warn;
                }
            }
            Key::Eof if self.line.is_empty() => return Wish::Leave,
            Key::Eof => {
                self.cut(self.at, self.behind());
            }
            Key::Resized => {}
        }
        Wish::Nothing
    }

    /// Replaces what stands between this byte and the cursor.
    pub(super) fn replace_from(&mut self, start: usize, text: &str) {
        self.cut(start, self.at);
        self.insert(text);
    }

    /// A line break that was pasted must not send half of it: it becomes a space.
    fn insert(&mut self, text: &str) {
        let text = text.trim_end_matches(['\n', '\r']).replace("\r\n", " ");
        let kept = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let text: String = kept.filter(|c| !c.is_control()).collect();
        self.line.insert_str(self.at, &text);
        self.at += text.len();
        // A letter may have joined the one behind it.
        self.at = self.line.len() - self.ends_behind(self.at);
    }

    /// How many bytes stand behind the end of the character that this byte is in.
    fn ends_behind(&self, at: usize) -> usize {
        let ends = self.line.grapheme_indices(true).map(|(start, it)| start + it.len());
        ends.chain([0]).find(|end| *end >= at).map_or(0, |end| self.line.len() - end)
    }

    fn enter(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        self.at = 0;
        self.recalled = None;
        if is_kept(&line) && self.lines.last() != Some(&line) {
            self.lines.push(line.clone());
        }
        line
    }

    fn cut(&mut self, from: usize, to: usize) -> String {
        let cut = self.line.drain(from..to).collect();
        self.at = from;
        cut
    }

    fn set(&mut self, line: String) {
        self.at = line.len();
        self.line = line;
    }

    /// Shows the line that `next` leads to from the one that is shown; behind the last one stands what
    /// was being typed.
    fn recall(&mut self, next: impl Fn(usize) -> Option<usize>) {
        let shown = self.recalled.as_ref().map_or(self.lines.len(), |(shown, _)| *shown);
        let Some(next) = next(shown).filter(|next| *next <= self.lines.len()) else { return };
        let typed = match self.recalled.take() {
            Some((_, typed)) => typed,
            None => self.line.clone(),
        };
        match self.lines.get(next).cloned() {
            Some(line) => {
                self.set(line);
                self.recalled = Some((next, typed));
            }
            None => self.set(typed),
        }
    }

    fn before(&self) -> usize {
        self.line[..self.at].grapheme_indices(true).next_back().map_or(0, |(start, _)| start)
    }

    fn behind(&self) -> usize {
        self.at + self.line[self.at..].graphemes(true).next().map_or(0, str::len)
    }

    /// The beginning of the word that the cursor stands in or behind. Words are what spaces part:
    /// `#deploy/1>` is one.
    fn word_before(&self) -> usize {
        let words = self.line[..self.at].trim_end();
        words.rfind(char::is_whitespace).map_or(0, |at| at + 1)
    }

    fn word_behind(&self) -> usize {
        let rest = &self.line[self.at..];
        let word = rest.len() - rest.trim_start().len();
        rest[word..].find(char::is_whitespace).map_or(self.line.len(), |end| self.at + word + end)
    }
}

/// Whether a line is remembered. As in a shell, one that begins with a space is not.
pub(super) fn is_kept(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::{Editor, Key, Wish};

    fn text(text: &str) -> Key {
        Key::Text(text.to_owned())
    }

    /// The line with a bar where the cursor stands.
    fn shown(editor: &Editor) -> String {
        format!("{}|{}", &editor.line[..editor.at], &editor.line[editor.at..])
    }

    fn after(keys: impl IntoIterator<Item = Key>) -> String {
        let mut editor = Editor::new(vec!["first".to_owned(), "두번째".to_owned()]);
        for key in keys {
            editor.press(key);
        }
        shown(&editor)
    }

    #[test]
    fn syllables_are_one_step_however_they_are_written() {
        assert_eq!(after([text("배포"), Key::Left, text("재")]), "배재|포");
        assert_eq!(after([text("배포"), Key::Backspace]), "배|");
        // The letters ㅎㅏㄴ, which some systems hand over in place of 한.
        let letters = "\u{1112}\u{1161}\u{11ab}";
        assert_eq!(after([text(letters), Key::Backspace]), "|");
        assert_eq!(after([text(letters), Key::Left, Key::Delete]), "|");
        // A vowel that is typed before the final consonant joins them: the cursor is behind all.
        let mut editor = Editor::default();
        editor.press(text("\u{1112}\u{11ab}"));
        editor.press(Key::Home);
        editor.press(text("\u{1112}\u{1161}"));
        assert!(editor.line.is_char_boundary(editor.at));
        editor.press(Key::Right);
        editor.press(Key::Backspace);
    }

    #[test]
    fn words_are_deleted_moved_over_and_brought_back() {
        let typed = || text("mina #deploy/1> yes please");
        assert_eq!(after([typed(), Key::DeleteWord]), "mina #deploy/1> yes |");
        assert_eq!(after([typed(), Key::WordLeft, Key::WordLeft]), "mina #deploy/1> |yes please");
        assert_eq!(after([typed(), Key::Home, Key::WordRight]), "mina| #deploy/1> yes please");
        assert_eq!(
            after([typed(), Key::WordLeft, Key::DeleteToStart, Key::Yank]),
            after([typed(), Key::WordLeft])
        );
        assert_eq!(after([typed(), Key::Home, Key::DeleteToEnd]), "|");
        assert_eq!(after([text("배포 합"), Key::DeleteWord, Key::DeleteWord]), "|");
    }

    #[test]
    fn at_the_ends_nothing_happens() {
        let keys = [Key::Left, Key::Right, Key::Backspace, Key::Delete, Key::WordLeft];
        assert_eq!(after(keys), "|");
        assert_eq!(after([Key::WordRight, Key::DeleteWord, Key::Yank, Key::Down]), "|");
    }

    #[test]
    fn lines_from_before_come_back_and_what_was_being_typed_is_not_lost() {
        assert_eq!(after([text("dep"), Key::Up]), "두번째|");
        assert_eq!(after([text("dep"), Key::Up, Key::Up, Key::Up]), "first|");
        assert_eq!(after([text("dep"), Key::Up, Key::Up, Key::Down, Key::Down]), "dep|");
        assert_eq!(after([text("dep"), Key::Up, Key::Down, Key::Down]), "dep|");
        let entered = [text("third"), Key::Enter, text("x"), Key::Enter, Key::Up, Key::Up];
        assert_eq!(after(entered), "third|");
        let twice = [text("third"), Key::Enter, text("third"), Key::Enter, Key::Up, Key::Up];
        assert_eq!(after(twice), "두번째|");
        assert_eq!(after([text(" third"), Key::Enter, Key::Up]), "두번째|");
    }

    #[test]
    fn one_interrupt_clears_and_a_second_one_leaves() {
        let mut editor = Editor::default();
        editor.press(text("deploy"));
        assert_eq!(editor.press(Key::Interrupt), Wish::Nothing);
        assert_eq!(shown(&editor), "|");
        editor.press(text("x"));
        assert_eq!(editor.press(Key::Interrupt), Wish::Nothing);
        assert_eq!(editor.press(Key::Interrupt), Wish::Leave);
        let mut fresh = Editor::default();
        assert_eq!(fresh.press(Key::Interrupt), Wish::Warn);
        assert_eq!(fresh.press(Key::Left), Wish::Nothing);
        assert_eq!(fresh.press(Key::Interrupt), Wish::Warn);
        assert_eq!(fresh.press(Key::Interrupt), Wish::Leave);
    }

    #[test]
    fn the_end_of_input_leaves_only_an_empty_line() {
        let mut editor = Editor::default();
        editor.press(text("ab"));
        editor.press(Key::Home);
        assert_eq!(editor.press(Key::Eof), Wish::Nothing);
        assert_eq!(shown(&editor), "|b");
        editor.press(Key::Delete);
        assert_eq!(editor.press(Key::Eof), Wish::Leave);
    }

    #[test]
    fn a_pasted_text_is_one_line_and_sends_nothing() {
        assert_eq!(after([text("yes\r\nno\n\tx\u{1b}[2J\r\n")]), "yes no  x[2J|");
    }
}
