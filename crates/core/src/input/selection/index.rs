//! The displayed list, arranged for looking up names and numbers.
//!
//! Most answers are one number, so nothing that they do not need is built: names are arranged when
//! the first name is looked up, and for a number only those names are that could be mistaken for
//! one.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::input::normalise::{fold, trim_punctuation};

/// Names longer than this many words are found as a whole, but not among other words of an answer.
const MOST_WORDS: usize = 8;

/// One line of the displayed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// The number shown before it. Hidden items leave gaps.
    pub number: u32,
    /// The value that the answer stands for, also accepted as a name.
    pub value: &'a str,
    /// Title and aliases.
    pub names: Vec<&'a str>,
}

pub(super) struct Index<'a> {
    items: &'a [Item<'a>],
    numbers: OnceCell<HashMap<u32, usize>>,
    like_numbers: OnceCell<Sorted>,
    names: OnceCell<Names>,
}

/// Folded names with their items, sorted by both.
struct Sorted(Vec<(String, usize)>);

struct Names {
    whole: Sorted,
    /// Those that have punctuation around them, without it.
    bare: Sorted,
    most_words: usize,
}

impl Sorted {
    fn new(mut names: Vec<(String, usize)>) -> Self {
        names.sort_unstable();
        Self(names)
    }

    /// The names from this text on, for as long as they fit; items in the order of the list.
    fn from(&self, text: &str, fits: impl Fn(&str) -> bool) -> Vec<usize> {
        if text.is_empty() {
            return Vec::new();
        }
        let start = self.0.partition_point(|(name, _)| name.as_str() < text);
        let fitting = self.0[start..].iter().take_while(|(name, _)| fits(name));
        let mut found: Vec<usize> = fitting.map(|(_, i)| *i).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn exact(&self, text: &str) -> Vec<usize> {
        self.from(text, |name| name == text)
    }
}

impl<'a> Index<'a> {
    pub(super) fn new(items: &'a [Item<'a>]) -> Self {
        Self {
            items,
            numbers: OnceCell::new(),
            like_numbers: OnceCell::new(),
            names: OnceCell::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn last_number(&self) -> u32 {
        self.items.iter().map(|item| item.number).max().unwrap_or(0)
    }

    pub(super) fn numbered(&self, number: u64) -> Option<usize> {
        let number = u32::try_from(number).ok()?;
        let numbers = self.numbers.get_or_init(|| {
            // Should a number ever stand there twice, the upper line has it.
            self.items.iter().enumerate().rev().map(|(i, item)| (item.number, i)).collect()
        });
        numbers.get(&number).copied()
    }

    /// The items from one number to another, both included, by number.
    pub(super) fn between(&self, from: u64, to: u64) -> Vec<usize> {
        let within = |i: &usize| (from..=to).contains(&u64::from(self.items[*i].number));
        let mut found: Vec<usize> = (0..self.items.len()).filter(within).collect();
        found.sort_by_key(|i| self.items[*i].number);
        found
    }

    /// The items with exactly this folded name, among the names that do not begin with a letter.
    pub(super) fn named_as_number(&self, folded: &str) -> Vec<usize> {
        let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '가'..='힣');
        let names = self.like_numbers.get_or_init(|| {
            let like = self.all_names().filter(|(_, name)| !name.starts_with(letter));
            Sorted::new(like.map(|(i, name)| (fold(name), i)).collect())
        });
        names.exact(folded)
    }

    /// The items with exactly this folded name.
    pub(super) fn named(&self, folded: &str) -> Vec<usize> {
        self.names().whole.exact(folded)
    }

    /// The items with this folded name when the punctuation around both is taken away.
    pub(super) fn named_bare(&self, bare: &str) -> Vec<usize> {
        match self.named(bare) {
            found if found.is_empty() => self.names().bare.exact(bare),
            found => found,
        }
    }

    /// The items with a name that begins with this folded text.
    pub(super) fn beginning(&self, folded: &str) -> Vec<usize> {
        self.names().whole.from(folded, |name| name.starts_with(folded))
    }

    /// The number of words of the longest name, within reason.
    pub(super) fn most_words(&self) -> usize {
        self.names().most_words
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| {
            let whole: Vec<_> = self.all_names().map(|(i, name)| (fold(name), i)).collect();
            let bare = whole.iter().filter_map(|(name, i)| {
                let bare = trim_punctuation(name);
                (bare.len() < name.len()).then(|| (bare.to_owned(), *i))
            });
            let words = whole.iter().map(|(name, _)| name.split(' ').count()).max().unwrap_or(1);
            Names {
                bare: Sorted::new(bare.collect()),
                whole: Sorted::new(whole),
                most_words: words.min(MOST_WORDS),
            }
        })
    }

    fn all_names(&self) -> impl Iterator<Item = (usize, &'a str)> {
        self.items.iter().enumerate().flat_map(|(i, item)| {
            std::iter::once(item.value).chain(item.names.iter().copied()).map(move |name| (i, name))
        })
    }
}
