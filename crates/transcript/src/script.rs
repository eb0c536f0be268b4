//! Reading a `*.chat` file: what is written by hand, and what was blessed.
//!
//! ```text
//! # Why this conversation is worth keeping.
//! ! argocd wallet-api image 1.4.2 -> 1.5.0        the world
//! mina #deploy> 배포 wallet-api                    a person says something at the top level of a room
//! mina #deploy/1> 예                               … or in the first thread of that room
//! mina #deploy/1> [승인]                           … or presses the newest button with this label
//! mina #deploy/1 -5s> yes                          … and it arrives five seconds after it was sent
//!     bot    #deploy/1  …                          what happened until the world was quiet again
//! ```
//!
//! `\u{…}` stands for a character that an editor
//! would not show.

use std::fmt;
use std::time::Duration;

use crate::directive::span;

/// One line written by hand, with what was blessed below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// As written.
    pub(crate) source: String,
    /// What it means.
    pub(crate) act: Act,
    /// The indented lines below it.
    pub(crate) expected: Vec<String>,
}

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Nothing: a comment or an empty line.
    Nothing,
    /// The world changes: words behind the `!`.
    World(Vec<String>),
    /// A person says or presses something.
    Say {
        /// Who, by the account's name.
        who: String,
        /// Where.
        place: Place,
        /// How long ago it was sent: platforms deliver late.
        ago: Duration,
        /// What; a text in square brackets is a button.
        text: String,
    },
}

/// Where something is said: `#deploy`, or `#deploy/2` for its second thread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The room.
    pub(crate) room: String,
    /// The thread's number in the order in which threads were opened, from 1.
    pub(crate) thread: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            Some(number) => write!(f, "{}/{number}", self.room),
            None => write!(f, "{}", self.room),
        }
    }
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{number}: {problem}: {source_line}")]
pub(crate) struct BadLine {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// What is wrong.
    pub(crate) problem: &'static str,
    /// As written.
    pub(crate) source_line: String,
}

/// Reads a whole file.
///
/// # Errors
/// The first line that cannot be read.
pub(crate) fn parse(text: &str) -> Result<Vec<Line>, BadLine> {
    let mut lines: Vec<Line> = Vec::new();
    for (number, source) in (1..).zip(text.lines()) {
        let bad = |problem| BadLine { number, problem, source_line: source.to_owned() };
        if source.starts_with("    ") {
            let last = lines.last_mut().ok_or_else(|| bad("output before anything happened"))?;
            last.expected.push(source.to_owned());
            continue;
        }
        let act = match source.trim() {
            "" => Act::Nothing,
            comment if comment.starts_with('#') && !comment.contains('>') => Act::Nothing,
            comment if comment.starts_with("# ") => Act::Nothing,
            world if world.starts_with('!') => {
                Act::World(world[1..].split_whitespace().map(str::to_owned).collect())
            }
            said => said_line(said)
                .ok_or_else(|| bad("neither `# why`, `! world` nor `who room> text`"))?,
        };
        lines.push(Line { number, source: source.to_owned(), act, expected: Vec::new() });
    }
    Ok(lines)
}

fn said_line(line: &str) -> Option<Act> {
    let (head, text) = line.split_once('>')?;
    let mut words = head.split_whitespace();
    let (who, place) = (words.next()?, words.next()?);
    let ago = match words.next() {
        Some(word) => span(word.strip_prefix('-')?)?,
        None => Duration::ZERO,
    };
    if words.next().is_some() {
        return None;
    }
    Some(Act::Say {
        who: who.to_owned(),
        place: place_of(place)?,
        ago,
        text: unescape(text.strip_prefix(' ').unwrap_or(text)),
    })
}

/// `#deploy/1` as a place.
fn place_of(text: &str) -> Option<Place> {
    match text.rsplit_once('/') {
        Some((room, number)) => {
            Some(Place { room: room.to_owned(), thread: Some(number.parse().ok()?) })
        }
        None => Some(Place { room: text.to_owned(), thread: None }),
    }
}

/// `\n`, `\u{…}` and `\*N` (the text since the last typed space, N times) as what they stand for.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut word = 0;
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        if let Some(space) = rest[..at].rfind(' ') {
            word = out.len() + space + 1;
        }
        out.push_str(&rest[..at]);
        let tail = &rest[at + 1..];
        if let Some(after) = tail.strip_prefix('n') {
            out.push('\n');
            rest = after;
        } else if let Some(after) = tail.strip_prefix("u{")
            && let Some((code, after)) = after.split_once('}')
            && let Some(c) = u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
        {
            out.push(c);
            rest = after;
        } else if let Some(after) = tail.strip_prefix('*') {
            let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
            let times = digits.parse().unwrap_or(1);
            let repeated = out.split_off(word).repeat(times);
            out.push_str(&repeated);
            rest = &after[digits.len()..];
        } else {
            out.push('\\');
            rest = tail;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_by_their_first_column() {
        let lines = parse(
            "# why\n! argocd wallet-api image 1 -> 2\n\nmina #deploy/1> 예\n    bot    #deploy/1  안녕\n",
        )
        .unwrap();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[3].expected, ["    bot    #deploy/1  안녕"]);
        assert_eq!(
            lines[3].act,
            Act::Say {
                who: "mina".into(),
                place: Place { room: "#deploy".into(), thread: Some(1) },
                ago: Duration::ZERO,
                text: "예".into()
            }
        );
    }

    #[test]
    fn characters_an_editor_hides_can_be_written() {
        assert_eq!(unescape("a\\u{202e}b\\nc"), "a\u{202e}b\nc");
        assert_eq!(unescape("x ab\\*3!"), "x ababab!");
        assert_eq!(unescape("x a\\u{20}\\*2b"), "x a a b");
        assert_eq!(unescape("c:\\dir"), "c:\\dir");
    }

    #[test]
    fn a_line_that_is_neither_is_refused() {
        assert!(parse("hello").is_err());
        assert!(parse("mina #deploy/1 5s> yes").is_err());
        assert!(parse("mina #deploy/1 -5s> yes").is_ok());
        assert!(parse("    bot").is_err());
    }
}
