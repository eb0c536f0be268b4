//! Reading an answer against the list that was displayed.
//!
//! The list is the one stored with the question, so a number means what stood there and nothing
//! else. The order of attempts is the meaning:
//!
//! 1. numbers: `2`, `1,3-5`, `1번 3번` (a plain number that is also the exact name of another item is
//!    ambiguous);
//! 2. the exact name, then `all`, then the unique beginning of a name;
//! 3. the same as typed in the other keyboard layout;
//! 4. cut at commas, then at spaces, each part on its own.
//!
//! A number never counts as the beginning of a name or of another number: `1` is not 10. What was
//! chosen keeps the order in which it was typed, because a run may follow it; a double is taken
//! once. The time grows with the length of the answer plus the size of the list; only ranges cost
//! a walk through the list each.

mod index;
#[cfg(test)]
mod tests;

pub use index::Item;

use index::Index;

use super::keyboard::other_readings;
use super::keyword::{Keyword, keyword};
use super::normalise::{clean, fold, trim_punctuation};
use super::number::{self, Piece, Span};
use super::quote::{self, Word};

/// What an answer means. Indices count in the list of items, never beyond its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// These items, in the order as typed, each once; exactly one unless the question allows many.
    Chosen(Vec<usize>),
    /// Every item, displayed on this page or not; only where many are allowed.
    All,
    /// No item has this name, or the number is one that the list leaves out.
    NotInList {
        /// The part of the answer that found nothing, shortened.
        what: String,
    },
    /// The number is 0 or above the last one.
    OutOfRange {
        /// As typed.
        number: u64,
        /// The last number of the list.
        max: u32,
    },
    /// Several items fit.
    Ambiguous {
        /// The part of the answer that fits several, shortened.
        what: String,
        /// The items that it fits, in the order of the list.
        candidates: Vec<usize>,
    },
    /// Several were named where the question wants one.
    TooMany,
    /// Nothing visible was typed.
    Empty,
    /// No word and no number, or a long text in which nothing was found.
    NotUnderstood,
}

impl Selection {
    /// Why an answer was not taken, for the audit log.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotInList { .. } => "not in the list",
            Self::OutOfRange { .. } => "no such number",
            Self::Ambiguous { .. } => "it fits several",
            Self::TooMany => "only one can be chosen",
            Self::Empty => "empty",
            Self::NotUnderstood | Self::Chosen(_) | Self::All => "not understood",
        }
    }
}

/// What is repeated to the person of a text that found nothing, in characters.
const SHOWN_CHARS: usize = 60;
/// A text longer than this that names nothing is not a misspelt name but something else.
const NAME_CHARS: usize = 200;

/// Reads an answer against the displayed list.
#[must_use]
pub fn select(text: &str, items: &[Item<'_>], many: bool) -> Selection {
    // A list pasted line by line is a list with commas.
    let typed = clean(&text.trim().replace(['\n', '\r'], ","));
    if typed.is_empty() {
        return Selection::Empty;
    }
    let reader = Reader { index: Index::new(items), many };
    match reader.answer(&typed) {
        Ok(Answer::All) => Selection::All,
        Ok(Answer::Items(chosen)) => {
            if chosen.len() > 1 && !many {
                Selection::TooMany
            } else {
                Selection::Chosen(chosen)
            }
        }
        Err(refusal) => refusal,
    }
}

/// The items in which the text occurs, for searching a long list: exact names first, then names
/// that begin with it, then the rest, each in the order of the list. Several words must all occur.
/// Empty text finds nothing.
#[must_use]
pub fn find(text: &str, items: &[Item<'_>]) -> Vec<usize> {
    let found = find_folded(&fold(text), items);
    if !found.is_empty() {
        return found;
    }
    other_readings(text)
        .iter()
        .map(|reading| find_folded(&fold(reading), items))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn find_folded(text: &str, items: &[Item<'_>]) -> Vec<usize> {
    let part = trim_punctuation(text);
    let part = if part.is_empty() { text } else { part };
    if part.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(u8, usize)> = items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| {
            let names = std::iter::once(item.value).chain(item.names.iter().copied());
            names.filter_map(|name| rank(part, &fold(name))).min().map(|rank| (rank, i))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, i)| i).collect()
}

fn rank(part: &str, name: &str) -> Option<u8> {
    // A name cannot hold what is longer than itself; this bounds the work for an endless text.
    if part.len() > name.len() {
        return None;
    }
    match name.find(part) {
        Some(0) if name.len() == part.len() => Some(0),
        Some(0) => Some(1),
        Some(_) => Some(2),
        None => part.split(' ').all(|word| name.contains(word)).then_some(3),
    }
}

/// What was chosen so far, in order and each once: `1-2000` written a thousand times stays one
/// list.
struct Picks {
    order: Vec<usize>,
    seen: Vec<bool>,
}

impl Picks {
    fn new(items: usize) -> Self {
        Self { order: Vec::new(), seen: vec![false; items] }
    }

    fn add(&mut self, found: impl IntoIterator<Item = usize>) {
        let first = |i: &usize| !std::mem::replace(&mut self.seen[*i], true);
        self.order.extend(found.into_iter().filter(first));
    }
}

enum Answer {
    All,
    Items(Vec<usize>),
}

type Found = Result<Vec<usize>, Selection>;

struct Reader<'a> {
    index: Index<'a>,
    many: bool,
}

impl Reader<'_> {
    fn answer(&self, typed: &str) -> Result<Answer, Selection> {
        let folded = fold(typed);
        if let Some(pieces) = number::pieces(&folded) {
            return self.numbers(&folded, &pieces).map(Answer::Items);
        }
        match self.exact(typed).as_slice() {
            [] => {}
            [one] => return Ok(Answer::Items(vec![*one])),
            several => return Err(ambiguous(typed, several.to_vec())),
        }
        if keyword(typed).is_some_and(|found| found.word == Keyword::All) {
            return match self.index.len() {
                0 => Err(not_in_list(typed)),
                _ if self.many => Ok(Answer::All),
                1 => Ok(Answer::Items(vec![0])),
                _ => Err(Selection::TooMany),
            };
        }
        if !typed.chars().any(char::is_alphanumeric) {
            return Err(Selection::NotUnderstood);
        }
        let mut chosen = Picks::new(self.index.len());
        for part in quote::parts(typed) {
            match self.part(&part) {
                Ok(found) => chosen.add(found),
                Err(Selection::NotInList { .. })
                    if chosen.order.is_empty()
                        && typed.chars().nth(NAME_CHARS).is_some()
                        && !self.names_any(&part) =>
                {
                    return Err(Selection::NotUnderstood);
                }
                Err(refusal) => return Err(refusal),
            }
        }
        if chosen.order.is_empty() {
            Err(Selection::NotUnderstood)
        } else {
            Ok(Answer::Items(chosen.order))
        }
    }

    /// A part between commas: one name with spaces, or several names between spaces.
    fn part(&self, words: &[Word<'_>]) -> Found {
        let words = match words {
            [Word { text: "-" | "*" | "•", quoted: false }, rest @ ..] => rest,
            all => all,
        };
        if let [word] = words {
            return self.term(word);
        }
        let whole = joined(words);
        if whole.is_empty() {
            return Ok(Vec::new());
        }
        let as_whole = if words.iter().any(|word| word.quoted) {
            Err(not_in_list(&whole))
        } else {
            self.term(&Word { text: &whole, quoted: false })
        };
        match as_whole {
            Err(refusal) => match self.words(words) {
                Ok(found) if !found.is_empty() => Ok(found),
                // Where one is wanted, the text as a whole is the name that was not found; so it is
                // where the words mean nothing on their own.
                Err(_) if !self.many => Err(refusal),
                Err(Selection::NotInList { .. }) if !self.names_any(words) => Err(refusal),
                _ if matches!(refusal, Selection::Ambiguous { .. }) => Err(refusal),
                Err(of_a_word) => Err(of_a_word),
                Ok(_) => Err(refusal),
            },
            found => found,
        }
    }

    /// Several names between spaces, the longest first where names have spaces themselves.
    fn words(&self, words: &[Word<'_>]) -> Found {
        let mut chosen = Picks::new(self.index.len());
        let mut at = 0;
        while at < words.len() {
            let longest = self.index.most_words().min(words.len() - at);
            let several = (2..=longest).rev().find_map(|n| {
                let group = &words[at..at + n];
                let found = if group.iter().any(|w| w.quoted) {
                    Vec::new()
                } else {
                    self.exact(&joined(group))
                };
                (!found.is_empty()).then_some((n, found))
            });
            if let Some((n, found)) = several {
                match found.as_slice() {
                    [one] => chosen.add([*one]),
                    _ => return Err(ambiguous(&joined(&words[at..at + n]), found)),
                }
                at += n;
                continue;
            }
            let word = &words[at];
            if word.quoted || !connects(word.text) || !self.exact(word.text).is_empty() {
                chosen.add(self.term(word)?);
            }
            at += 1;
        }
        Ok(chosen.order)
    }

    /// One name or number.
    fn term(&self, word: &Word<'_>) -> Found {
        let folded = fold(word.text);
        let pieces = number::pieces(&folded);
        if let Some(pieces) = pieces.as_ref().filter(|_| !word.quoted) {
            return self.numbers(&folded, pieces);
        }
        let mut fitting = self.exact(word.text);
        if let (true, Some(pieces)) = (fitting.is_empty(), &pieces) {
            // In quotes it is a name first, but people also quote the number they were told to
            // type.
            return self.numbers(&folded, pieces);
        }
        if fitting.is_empty() {
            fitting = self.beginning(&folded);
        }
        if fitting.is_empty() {
            fitting = self.in_other_layout(word.text);
        }
        match fitting.len() {
            0 => Err(not_in_list(word.text)),
            1 => Ok(fitting),
            _ => Err(ambiguous(word.text, fitting)),
        }
    }

    /// As it stands there first, so that `app` is not `app!`; then without regard to punctuation
    /// around it.
    fn exact(&self, text: &str) -> Vec<usize> {
        let folded = fold(text);
        match self.index.named(&folded) {
            found if found.is_empty() => self.index.named_bare(trim_punctuation(&folded)),
            found => found,
        }
    }

    fn beginning(&self, folded: &str) -> Vec<usize> {
        let found = self.index.beginning(folded);
        if found.is_empty() { self.index.beginning(trim_punctuation(folded)) } else { found }
    }

    fn in_other_layout(&self, text: &str) -> Vec<usize> {
        let readings: Vec<String> = other_readings(text).iter().map(|r| fold(r)).collect();
        let exact = readings.iter().map(|r| self.exact(r)).find(|found| !found.is_empty());
        exact.unwrap_or_else(|| {
            // One key alone is a slip, not the beginning of a name.
            let several_keys = |r: &&String| text.chars().chain(r.chars()).nth(2).is_some();
            let begins = readings.iter().filter(several_keys).map(|r| self.beginning(r));
            begins.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
        })
    }

    /// Numbers and ranges, unless the whole is the name of an item.
    fn numbers(&self, folded: &str, pieces: &[Piece<'_>]) -> Found {
        let chosen = pieces.iter().try_fold(Picks::new(self.index.len()), |mut chosen, piece| {
            chosen.add(self.piece(piece)?);
            Ok(chosen)
        });
        let chosen = chosen.map(|chosen| chosen.order);
        match pieces {
            [Piece { marked: false, .. }] => chosen,
            _ => either(folded, &self.index.named_as_number(folded), chosen),
        }
    }

    fn piece(&self, piece: &Piece<'_>) -> Found {
        let (span, found) = match piece.span {
            Span::One(n) => (false, self.numbered(n).map(|i| vec![i])),
            Span::Range(from, to) => (true, self.range(from, to)),
        };
        let named = if piece.marked { Vec::new() } else { self.index.named_as_number(piece.raw) };
        let found = either(piece.raw, &named, found);
        // `2024-01` may begin a name where it is no range of the list.
        match found {
            Err(refusal @ (Selection::OutOfRange { .. } | Selection::NotInList { .. })) if span => {
                match self.beginning(piece.raw) {
                    begins if begins.is_empty() => Err(refusal),
                    begins if begins.len() == 1 => Ok(begins),
                    begins => Err(ambiguous(piece.raw, begins)),
                }
            }
            found => found,
        }
    }

    fn numbered(&self, number: u64) -> Result<usize, Selection> {
        if let Some(i) = self.index.numbered(number) {
            return Ok(i);
        }
        match self.index.last_number() {
            max if number == 0 || number > u64::from(max) => {
                Err(Selection::OutOfRange { number, max })
            }
            _ => Err(not_in_list(&number.to_string())),
        }
    }

    /// The displayed items between two displayed numbers; what is hidden between them stays out.
    fn range(&self, from: u64, to: u64) -> Found {
        self.numbered(from)?;
        self.numbered(to)?;
        let mut found = self.index.between(from.min(to), from.max(to));
        if from > to {
            found.reverse();
        }
        Ok(found)
    }

    fn names_any(&self, words: &[Word<'_>]) -> bool {
        words.iter().any(|word| {
            let folded = fold(word.text);
            !connects(&folded)
                && (number::pieces(&folded).is_some() || !self.exact(word.text).is_empty())
        })
    }
}

/// An exact name beside a reading as numbers: the same item is fine, a different one is a question.
fn either(what: &str, named: &[usize], numbered: Found) -> Found {
    match (named, numbered) {
        ([], numbered) => numbered,
        ([one], Err(_)) => Ok(vec![*one]),
        (named, Ok(numbered)) if named == numbered => Ok(numbered),
        (named, numbered) => Err(ambiguous(
            what,
            named.iter().copied().chain(numbered.unwrap_or_default()).collect(),
        )),
    }
}

fn ambiguous(what: &str, mut candidates: Vec<usize>) -> Selection {
    candidates.sort_unstable();
    candidates.dedup();
    Selection::Ambiguous { what: shortened(what), candidates }
}

fn not_in_list(what: &str) -> Selection {
    Selection::NotInList { what: shortened(what) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn joined(words: &[Word<'_>]) -> String {
    words.iter().map(|word| word.text).collect::<Vec<_>>().join(" ")
}

/// Words that only hold a list together.
#[must_use]
pub fn connects(word: &str) -> bool {
    matches!(
        word,
        "and" | "And" | "&" | "+" | "-" | "그리고" | "및" | "와" | "과" | "랑" | "이랑" | "하고"
    )
}
