//! What stands on the screen: above, what was said; at the bottom, the line that is being typed.
//!
//! In a window a message that changes is drawn again where it stands, as long as it is the last
//! thing there; otherwise the lines that changed are printed below. Without a window everything is
//! printed as it comes, a changed message as a whole.

use std::collections::HashMap;
use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

use super::block::{Block, TEXT_COLUMN};
use super::style::{Line, Style};

/// Where a line goes on that had no room in its row.
const INDENT: usize = 4;

/// How many characters a window holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// From left to right.
    pub columns: usize,
    /// From top to bottom.
    pub rows: usize,
}

impl Size {
    /// The window of this process; the size that terminals had in hardware when it does not tell.
    #[must_use]
    pub fn of_window() -> Self {
        let (columns, rows) = crossterm::terminal::size().unwrap_or((80, 24));
        Self { columns: columns.into(), rows: rows.into() }
    }
}

/// Asks for the size of the window, which people change.
pub type Window = Box<dyn Fn() -> Size + Send>;

/// What the place that is printed to can do.
#[derive(Default)]
pub struct Look {
    /// It shows colours.
    pub colors: bool,
    /// It is a window with a cursor that can be moved.
    pub window: Option<Window>,
}

/// The line that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prompt {
    /// What stands in front.
    pub(super) label: Line,
    /// What was typed.
    pub(super) typed: String,
    /// Before which of its bytes the cursor stands.
    pub(super) at: usize,
}

/// The screen.
pub(super) struct Screen {
    out: Box<dyn Write + Send>,
    look: Look,
    prompt: Option<Prompt>,
    /// Where the cursor stands below the first row of the prompt, when it is drawn.
    drawn: Option<Drawn>,
    /// What was printed last, if that was a message.
    last: Option<Last>,
    /// What each message said when it was last shown.
    said: HashMap<String, Block>,
}

/// Where the cursor was left in the prompt.
struct Drawn {
    /// How wide each row above that of the cursor is.
    above: Vec<usize>,
    column: usize,
}

impl Drawn {
    /// How many rows the cursor stands below the first one of the prompt. Terminals wrap again what
    /// stands there when the window becomes narrower.
    fn below(&self, size: Size) -> usize {
        let above = self.above.iter().map(|width| width.div_ceil(size.columns).max(1));
        above.sum::<usize>() + self.column / size.columns
    }
}

/// The message that stands directly above the prompt.
struct Last {
    message: String,
    /// How many rows it takes.
    rows: usize,
    /// The window in which it takes them.
    size: Size,
    /// What the message said before, where only what changed since is shown.
    since: Option<Block>,
}

impl Screen {
    pub(super) fn new(out: Box<dyn Write + Send>, look: Look) -> Self {
        Self { out, look, prompt: None, drawn: None, last: None, said: HashMap::new() }
    }

    /// Shows what a message says now.
    pub(super) fn show(&mut self, message: &str, block: Block) -> io::Result<()> {
        let Some(size) = self.size() else { return self.print(&block.lines()) };
        let mut page = self.erased();
        let before = self.said.insert(message.to_owned(), block.clone());
        let since = match self.last.take() {
            Some(last) if last.message == message && self.holds(&last, size) => {
                page.push_str(&up(last.rows));
                page.push_str("\r\x1b[J");
                last.since
            }
            _ => before,
        };
        let shown = since.as_ref().map_or_else(|| block.clone(), |since| block.since(since));
        // In a narrow window the text would have no room beside the heads.
        let indent = if size.columns >= 2 * TEXT_COLUMN { TEXT_COLUMN } else { INDENT };
        let rows = rows(&shown.lines(), size, indent);
        self.paint(&mut page, &rows);
        self.last = Some(Last { message: message.to_owned(), rows: rows.len(), size, since });
        self.finish(page)
    }

    /// Shows lines that are no message: an echo, a hint.
    pub(super) fn print(&mut self, lines: &[Line]) -> io::Result<()> {
        let mut page = self.erased();
        self.last = None;
        match self.size() {
            Some(size) => self.paint(&mut page, &rows(lines, size, INDENT)),
            None => {
                for line in lines {
                    page.push_str(&line.painted(self.look.colors));
                    page.push('\n');
                }
            }
        }
        self.finish(page)
    }

    /// Shows one line.
    pub(super) fn line(&mut self, style: Style, text: &str) -> io::Result<()> {
        self.print(&[Line::of(style, text)])
    }

    /// Puts the prompt at the bottom, or takes it away.
    pub(super) fn set_prompt(&mut self, prompt: Option<Prompt>) -> io::Result<()> {
        if prompt == self.prompt && self.drawn.is_some() {
            return Ok(());
        }
        let page = self.erased();
        self.prompt = prompt;
        self.finish(page)
    }

    /// Whether a line can be typed.
    pub(super) fn has_prompt(&self) -> bool {
        self.prompt.is_some()
    }

    /// The person has ended the line without a window: the terminal has gone on to the next one.
    pub(super) fn entered(&mut self) {
        self.prompt = None;
        self.drawn = None;
    }

    /// Empties the window; what is further up in its memory stays there.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        let (_, _) = (self.erased(), self.last.take());
        self.finish("\x1b[H\x1b[2J".to_owned())
    }

    fn size(&self) -> Option<Size> {
        let size = self.look.window.as_ref().map(|window| window())?;
        // A window that does not tell, or is being made smaller than anything.
        Some(Size { columns: size.columns.max(8), rows: size.rows.max(2) })
    }

    /// Whether all of it is still to be seen, as it was printed.
    fn holds(&self, last: &Last, size: Size) -> bool {
        let typed = self.prompt.as_ref().map_or(1, |prompt| prompt.layout(size).0.len());
        last.size == size && last.rows + typed <= size.rows
    }

    fn paint(&self, page: &mut String, rows: &[Line]) {
        for row in rows {
            page.push_str(&row.painted(self.look.colors));
            page.push_str("\r\n");
        }
    }

    /// Begins a page with the prompt taken away.
    fn erased(&mut self) -> String {
        let size = self.size();
        match (self.drawn.take(), size) {
            (None, _) => String::new(),
            (Some(drawn), Some(size)) => format!("{}\r\x1b[J", up(drawn.below(size))),
            (Some(_), None) => "\n".to_owned(),
        }
    }

    /// Ends a page with the prompt, and prints it in one piece.
    fn finish(&mut self, mut page: String) -> io::Result<()> {
        if let Some(prompt) = &self.prompt {
            match self.size() {
                None => {
                    page.push_str(&prompt.label.painted(self.look.colors));
                    self.drawn = Some(Drawn { above: vec![], column: 0 });
                }
                Some(size) => {
                    let (rows, cursor) = prompt.layout(size);
                    let painted = rows.iter().map(|row| row.painted(self.look.colors));
                    page.push_str(&painted.collect::<Vec<_>>().join("\r\n"));
                    page.push_str(&up(rows.len() - 1 - cursor.row));
                    page.push('\r');
                    if cursor.column > 0 {
                        page.push_str(&format!("\x1b[{}C", cursor.column));
                    }
                    let above = rows[..cursor.row].iter().map(Line::width).collect();
                    self.drawn = Some(Drawn { above, column: cursor.column });
                }
            }
        }
        self.out.write_all(page.as_bytes())?;
        self.out.flush()
    }
}

/// Where the cursor stands in the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Cursor {
    row: usize,
    column: usize,
}

impl Prompt {
    /// The rows it takes, and where the cursor stands. The rows are broken here and not by the
    /// terminal, because terminals do not agree on where the cursor is behind a full row.
    fn layout(&self, size: Size) -> (Vec<Line>, Cursor) {
        let mut rows = self.label.wrap(size.columns, 0);
        let mut row = rows.pop().unwrap_or_default();
        let mut column = row.width();
        let mut cursor = None;
        let mut run = String::new();
        for (at, shown) in self.typed.grapheme_indices(true) {
            let width = shown.width();
            if column + width > size.columns {
                rows.push(row.and(Style::Plain, &run));
                (row, run, column) = (Line::default(), String::new(), 0);
            }
            if at >= self.at && cursor.is_none() {
                cursor = Some(Cursor { row: rows.len(), column });
            }
            run.push_str(shown);
            column += width;
        }
        rows.push(row.and(Style::Plain, &run));
        if cursor.is_none() && column >= size.columns {
            rows.push(Line::default());
            column = 0;
        }
        let end = Cursor { row: rows.len() - 1, column };
        (rows, cursor.unwrap_or(end))
    }
}

fn rows(lines: &[Line], size: Size, indent: usize) -> Vec<Line> {
    lines.iter().flat_map(|line| line.wrap(size.columns, indent)).collect()
}

fn up(rows: usize) -> String {
    if rows == 0 { String::new() } else { format!("\x1b[{rows}A") }
}

#[cfg(test)]
mod tests;
