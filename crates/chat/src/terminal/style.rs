//! Lines of styled text, and what may stand in them.
//!
//! Text of people and tools becomes a [`Span`] only by [`harmless`], so nothing that is printed can
//! steer the terminal but what this folder writes itself.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it comes.
    Plain,
    /// A person.
    Person,
    /// The bot.
    Bot,
    /// Beside the point: places, what stands behind "more".
    Dim,
    /// A choice.
    Button,
    /// Well, or the way forward.
    Good,
    /// Not well, or ends something.
    Bad,
    /// Under way.
    Active,
    /// What is not to be taken for a test.
    Production,
    /// Wrong input.
    Refusal,
}

impl Style {
    /// The parameters of "select graphic rendition" (ECMA-48, 8.3.117). Only the sixteen colours
    /// that people choose in their terminal, no background: it is readable on black and on white.
    fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Person => Some("1"),
            Self::Bot => Some("1;35"),
            Self::Dim => Some("2"),
            Self::Button => Some("36"),
            Self::Good => Some("32"),
            Self::Bad => Some("31"),
            Self::Active => Some("34"),
            Self::Production => Some("1;31"),
            Self::Refusal => Some("33"),
        }
    }
}

/// A piece of text of one style, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    style: Style,
    text: String,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Line(Vec<Span>);

impl Line {
    /// A line of one style.
    pub(super) fn of(style: Style, text: &str) -> Self {
        Self(Vec::new()).and(style, text)
    }

    /// The line with more text behind.
    pub(super) fn and(mut self, style: Style, text: &str) -> Self {
        if !text.is_empty() {
            self.0.push(Span { style, text: harmless(text) });
        }
        self
    }

    /// The line with another line behind.
    pub(super) fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A line of a message: the mark of production and the sign in front are made visible.
    pub(super) fn of_message(text: &str) -> Self {
        let mut line = Self::default();
        let mut parts = text.split(PRODUCTION);
        let first = parts.next().unwrap_or_default();
        let body = first.trim_start();
        let sign = body.chars().next().and_then(|sign| Some((sign, style_of(sign)?)));
        line = match sign {
            Some((sign, style)) => {
                let (indent, rest) = (&first[..first.len() - body.len()], &body[sign.len_utf8()..]);
                line.and(Style::Plain, indent).and(style, &sign.to_string()).and(Style::Plain, rest)
            }
            None => line.and(Style::Plain, first),
        };
        for part in parts {
            line = line.and(Style::Production, PRODUCTION).and(Style::Plain, part);
        }
        line
    }

    /// The text without styles.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|span| span.text.width()).sum()
    }

    /// The line in rows of at most so many columns, broken at spaces where there are any; all but
    /// the first begin with an indent.
    pub(super) fn wrap(&self, columns: usize, indent: usize) -> Vec<Self> {
        let cells = self.cells();
        let mut rows = Vec::new();
        let mut start = 0;
        while start < cells.len() || rows.is_empty() {
            let indent = if rows.is_empty() { 0 } else { indent };
            let mut room = columns.saturating_sub(indent);
            let fits = cells[start..].iter().take_while(|cell| {
                let fits = cell.width <= room;
                room = room.saturating_sub(cell.width);
                fits
            });
            // A character wider than the window still has to go somewhere.
            let mut end = (start + fits.count()).max((start + 1).min(cells.len()));
            let mut next = end;
            if end < cells.len() {
                // Not in the space in front of the text: nothing would be won.
                let words = cells[start..end].iter().position(|cell| cell.text != " ");
                let first = start + words.unwrap_or(0);
                if let Some(space) = (first..=end).rev().find(|at| cells[*at].text == " ") {
                    (end, next) = (space, space + 1);
                }
            }
            let row = Self::of(Style::Plain, &" ".repeat(indent));
            rows.push(cells[start..end].iter().fold(row, |row, cell| row.add(cell)));
            start = next;
        }
        rows
    }

    /// What a terminal gets.
    pub(super) fn painted(&self, colors: bool) -> String {
        if !colors {
            return self.text();
        }
        let paint = |span: &Span| match span.style.sgr() {
            Some(sgr) => format!("\x1b[{sgr}m{}\x1b[0m", span.text),
            None => span.text.clone(),
        };
        self.0.iter().map(paint).collect()
    }

    fn cells(&self) -> Vec<Cell<'_>> {
        let all = self.0.iter();
        let all = all.flat_map(|span| span.text.graphemes(true).map(|text| (span.style, text)));
        let cell = |(style, text)| match text {
            // How wide a tabulator is depends on where it stands.
            "\t" => Cell { style, text: " ", width: 1 },
            text => Cell { style, text, width: text.width() },
        };
        all.map(cell).collect()
    }

    fn add(mut self, cell: &Cell<'_>) -> Self {
        match self.0.last_mut() {
            Some(last) if last.style == cell.style => last.text.push_str(cell.text),
            _ => self.0.push(Span { style: cell.style, text: cell.text.to_owned() }),
        }
        self
    }
}

/// What a reader takes for one character.
struct Cell<'a> {
    style: Style,
    text: &'a str,
    width: usize,
}

/// How cards mark what is in production.
const PRODUCTION: &str = "[production]";

/// The signs with which lines of a card begin.
fn style_of(sign: char) -> Option<Style> {
    match sign {
        '✓' => Some(Style::Good),
        '✗' => Some(Style::Bad),
        '▸' => Some(Style::Active),
        '⚠' => Some(Style::Refusal),
        _ => None,
    }
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
    use super::{Line, Style, harmless};

    #[test]
    fn text_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{7}\u{202e}c\td 배포 🚀"), "a�[2Jb��c\td 배포 🚀");
        // The same as one byte, and the mark of production inside of it.
        let line = Line::of_message("\u{9b}31m ✓ \u{1b}]0;x\u{7}[production]\u{1b}[0m");
        assert_eq!(line.text(), "�31m ✓ �]0;x�[production]�[0m");
        assert_eq!(
            line.painted(true),
            "�31m ✓ �]0;x�\u{1b}[1;31m[production]\u{1b}[0m�[0m",
            "only our own sequences are there"
        );
    }

    #[test]
    fn a_sign_in_front_and_production_are_coloured() {
        let line = Line::of_message("  ✓ [production] wallet-api");
        let painted = "  \u{1b}[32m✓\u{1b}[0m \u{1b}[1;31m[production]\u{1b}[0m wallet-api";
        assert_eq!(line.painted(true), painted);
        assert_eq!(line.painted(false), "  ✓ [production] wallet-api");
        assert_eq!(Line::of_message("x ✓").painted(true), "x ✓");
    }

    fn wrapped(text: &str, columns: usize, indent: usize) -> Vec<String> {
        let rows = Line::of(Style::Plain, text).wrap(columns, indent);
        rows.iter().map(Line::text).collect()
    }

    #[test]
    fn long_lines_are_broken_at_spaces_and_wide_characters_stay_whole() {
        assert_eq!(wrapped("one two three", 8, 2), ["one two", "  three"]);
        assert_eq!(wrapped("one two", 7, 2), ["one two"]);
        assert_eq!(wrapped("onetwothree", 5, 1), ["onetw", " othr", " ee"]);
        // Five columns hold two syllables.
        assert_eq!(wrapped("배포합니다", 5, 0), ["배포", "합니", "다"]);
        assert_eq!(wrapped("   배포합니다", 7, 3), ["   배포", "   합니", "   다"]);
        assert_eq!(wrapped("", 5, 0), [""]);
        assert_eq!(wrapped("배", 1, 0), ["배"]);
    }

    #[test]
    fn colours_go_on_in_the_next_row() {
        let rows = Line::of(Style::Good, "ab").and(Style::Bad, "cd").wrap(3, 0);
        let painted: Vec<_> = rows.iter().map(|row| row.painted(true)).collect();
        assert_eq!(painted, ["\u{1b}[32mab\u{1b}[0m\u{1b}[31mc\u{1b}[0m", "\u{1b}[31md\u{1b}[0m"]);
    }
}
