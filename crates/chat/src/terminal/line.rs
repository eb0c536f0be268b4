//! What a line means.
//!
//! ```text
//! line    = "/" command | speaker "> " text | text
//! command = "as " person | "room" [" " room] | "thread" [" " number] | number | "help" | "quit"
//! speaker = person [" " room ["/" number]]        mina   mina #deploy   mina #deploy/1   mina @wilco
//! ```
//!
//! `#deploy/1` is the first thread of the room. `/1` presses the first button.

/// One line, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing to do.
    Blank,
    /// Say this where one is, or at the named place.
    Say {
        /// Who; the current person when not named.
        person: Option<String>,
        /// Where; the current place when not named.
        place: Option<Place>,
        /// What.
        text: String,
    },
    /// Speak as this person from now on.
    As(String),
    /// Go to the top level of a room, the current one when not named.
    Room(Option<String>),
    /// Go to a thread of the current room, the last one when not numbered.
    Thread(Option<usize>),
    /// Press a button, counted from 1.
    Press(usize),
    /// Say what can be typed.
    Help,
    /// End.
    Quit,
    /// A command that does not exist.
    Unknown,
}

/// A room or a thread of it, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// `#deploy`, `@wilco`.
    pub(super) room: String,
    /// Which thread of the room, counted from 1.
    pub(super) thread: Option<usize>,
}

impl Line {
    /// Reads a line. `knows` says whether somebody of that name exists: a text may begin with a
    /// word and `> ` that are nobody's.
    pub(super) fn parse(line: &str, knows: impl Fn(&str) -> bool) -> Self {
        let line = line.trim();
        if line.is_empty() {
            return Self::Blank;
        }
        if let Some(command) = line.strip_prefix('/') {
            return Self::command(command);
        }
        if let Some((speaker, text)) = line.split_once("> ") {
            let words: Vec<&str> = speaker.split_whitespace().collect();
            let (person, place) = match words[..] {
                [person] if knows(person) => (person, None),
                [person, place] if place.starts_with(['#', '@']) => {
                    (person, Some(Place::parse(place)))
                }
                _ => return Self::plain(line),
            };
            return Self::Say { person: Some(person.to_owned()), place, text: text.to_owned() };
        }
        Self::plain(line)
    }

    fn plain(line: &str) -> Self {
        Self::Say { person: None, place: None, text: line.to_owned() }
    }

    fn command(command: &str) -> Self {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[..] {
            ["as", person] => Self::As(person.to_owned()),
            ["room"] => Self::Room(None),
            ["room", room] => Self::Room(Some(room.to_owned())),
            ["thread"] => Self::Thread(None),
            ["thread", number] => match number.parse() {
                Ok(number) => Self::Thread(Some(number)),
                Err(_) => Self::Unknown,
            },
            ["help"] => Self::Help,
            ["quit" | "exit"] => Self::Quit,
            [number] => number.parse().map_or(Self::Unknown, Self::Press),
            _ => Self::Unknown,
        }
    }
}

impl Place {
    fn parse(place: &str) -> Self {
        let numbered = place
            .rsplit_once('/')
            .and_then(|(room, number)| Some((room, number.parse::<usize>().ok()?)));
        match numbered {
            Some((room, number)) => Self { room: room.to_owned(), thread: Some(number) },
            None => Self { room: place.to_owned(), thread: None },
        }
    }
}

/// Whether a text is nothing but numbers (`2`, `1,3-5`): an answer, never a new request, so that it
/// goes on in the last thread of the room.
pub(super) fn is_numbers(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '-' | ' '))
}

#[cfg(test)]
mod tests {
    use super::{Line, Place, is_numbers};

    fn parse(line: &str) -> Line {
        Line::parse(line, |person| ["mina", "jun"].contains(&person))
    }

    fn say(person: Option<&str>, place: Option<(&str, Option<usize>)>, text: &str) -> Line {
        Line::Say {
            person: person.map(str::to_owned),
            place: place.map(|(room, thread)| Place { room: room.to_owned(), thread }),
            text: text.to_owned(),
        }
    }

    #[test]
    fn who_and_where_may_stand_before_the_text() {
        assert_eq!(parse("mina #deploy> 배포"), say(Some("mina"), Some(("#deploy", None)), "배포"));
        let third = say(Some("mina"), Some(("#deploy", Some(3))), "예");
        assert_eq!(parse("mina #deploy/3> 예"), third);
        assert_eq!(parse("jun> approve"), say(Some("jun"), None, "approve"));
        assert_eq!(parse("help"), say(None, None, "help"));
    }

    #[test]
    fn other_texts_with_the_sign_are_texts() {
        for text in ["a > b", "kim> hi", "if x> y", "mina>x"] {
            assert_eq!(parse(text), say(None, None, text), "{text}");
        }
        // With a room it is meant: a wrong name is told instead of said aloud as somebody else.
        assert_eq!(parse("kim #deploy> hi"), say(Some("kim"), Some(("#deploy", None)), "hi"));
    }

    #[test]
    fn commands() {
        assert_eq!(parse("/as mina"), Line::As("mina".into()));
        assert_eq!(parse("/room"), Line::Room(None));
        assert_eq!(parse(" /room #wallet "), Line::Room(Some("#wallet".into())));
        assert_eq!(parse("/thread"), Line::Thread(None));
        assert_eq!(parse("/thread 2"), Line::Thread(Some(2)));
        assert_eq!(parse("/2"), Line::Press(2));
        assert_eq!(parse("/quit"), Line::Quit);
        assert_eq!(parse("/help"), Line::Help);
        assert_eq!(parse(""), Line::Blank);
        for line in ["/", "/as", "/thread x", "/deploy", "/as a b"] {
            assert_eq!(parse(line), Line::Unknown, "{line}");
        }
    }

    #[test]
    fn numbers() {
        for text in ["2", "1,3-5", "1 2"] {
            assert!(is_numbers(text), "{text}");
        }
        for text in ["", "-", "r2", "2 a"] {
            assert!(!is_numbers(text), "{text}");
        }
    }
}
