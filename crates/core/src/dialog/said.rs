//! The words behind a function's name, and whether they were said to the bot at all.
//!
//! `plan b is better` begins with the name of a function and is talk among people. Who mentions the
//! bot, or talks to it directly, is always answered. In a room, words that nobody addressed to the
//! bot count when the function's question understands them:
//!
//! - each word is the name of a choice, offered or hidden, or its beginning (three keys at least),
//!   or a part of one (`api` of `wallet-api`), or nearly one (`wallet-apo`), or has the form of one
//!   (`wallet-new`), or is `all`, or a number;
//! - beside such words there may be courtesy (`please`, `부탁드립니다`), but not where no yes follows, as
//!   with stopping a run.
//!
//! One other word makes it talk: `deploy wallet-api failed`. Where the function stands at the end
//! (`wallet-api 배포해줘`), only exact names count.
//!
//! Until a tool told the choices, the dialog says nothing and takes nothing from the person; when
//! the words were talk, it ends as if it had never been.

use serde::{Deserialize, Serialize};

use crate::answer::Offer;
use crate::input::{self, Item, Selection};
use crate::runbook::{Does, Runbook};

use super::List;
use super::list::{by_name, is_exactly, is_number, unnumbered};

/// A beginning of fewer keys fits too easily: `b`, `is`.
const LEAST_KEYS: usize = 3;
/// Talk with more words is not taken to pieces.
const MOST_WORDS: usize = 20;

/// The words of a request that no question has used yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// To the bot: one that is not understood is answered.
    ToBot(Vec<String>),
    /// Perhaps among people.
    Perhaps(Vec<String>),
    /// Among people, unless every word is exactly a name.
    IfNames(Vec<String>),
}

impl Default for Said {
    fn default() -> Self {
        Self::ToBot(Vec::new())
    }
}

impl Said {
    /// The words.
    #[must_use]
    pub fn words(&self) -> &[String] {
        match self {
            Self::ToBot(words) | Self::Perhaps(words) | Self::IfNames(words) => words,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words().is_empty()
    }

    /// Other words, said in the same way.
    pub(super) fn with(self, words: Vec<String>) -> Self {
        match self {
            Self::ToBot(_) => Self::ToBot(words),
            Self::Perhaps(_) => Self::Perhaps(words),
            Self::IfNames(_) => Self::IfNames(words),
        }
    }

    pub(super) fn is_perhaps(&self) -> bool {
        !matches!(self, Self::ToBot(_))
    }

    /// Takes the first `count` words away; all where there are fewer.
    pub(super) fn take(&mut self, count: usize) -> Vec<String> {
        let (Self::ToBot(words) | Self::Perhaps(words) | Self::IfNames(words)) = self;
        words.drain(..count.min(words.len())).collect()
    }

    /// Puts words back that were taken and have to wait.
    pub(super) fn put_back(&mut self, taken: &[String]) {
        let (Self::ToBot(words) | Self::Perhaps(words) | Self::IfNames(words)) = self;
        words.splice(0..0, taken.iter().cloned());
    }

    /// It is known now that they were said to the bot.
    pub(super) fn settle(&mut self) {
        let (Self::ToBot(words) | Self::Perhaps(words) | Self::IfNames(words)) = self;
        *self = Self::ToBot(std::mem::take(words));
    }
}

/// Whether words that nobody addressed to the bot have the form of names: all that can be told
/// where the choices are not known.
#[must_use]
pub fn looks_meant(runbook: &Runbook, said: &Said) -> bool {
    is_meant(said, usize::MAX, &List::default(), runbook)
}

/// Whether words that nobody addressed to the bot were said to it, now that the choices are known;
/// the first `count` of them are for this list.
pub(super) fn is_meant(said: &Said, count: usize, list: &List, runbook: &Runbook) -> bool {
    let words = said.words();
    let choices = Choices::of(list);
    match said {
        Said::ToBot(_) => true,
        Said::IfNames(_) => choices.have_all(words),
        Said::Perhaps(_) => choices.fit_all(&words[..count.min(words.len())], list, runbook),
    }
}

/// How a word fits the choices.
enum Fit {
    /// It names some, offered or hidden; or nearly so, or it has the form of a name.
    Named,
    /// `all` or a number, which fit any list.
    Open,
    /// It says nothing but please.
    Courtesy,
    /// Not at all.
    Strange,
}

struct Choices<'a> {
    items: Vec<Item<'a>>,
    hidden: Vec<Item<'a>>,
}

impl<'a> Choices<'a> {
    fn of(list: &'a List) -> Self {
        let hidden: Vec<&Offer> = list.hidden.iter().map(|(offer, _)| offer).collect();
        Self { items: unnumbered(&list.items), hidden: unnumbered(hidden) }
    }

    fn all(&self) -> impl Iterator<Item = &Item<'a>> {
        self.items.iter().chain(&self.hidden)
    }

    /// Nothing but names, and one at least.
    fn have_all(&self, words: &[String]) -> bool {
        let names = words.iter().filter(|word| !input::connects(word) && !input::is_courtesy(word));
        let mut exact = names.map(|word| self.all().any(|item| is_exactly(word, item))).peekable();
        exact.peek().is_some() && exact.all(|exact| exact)
    }

    fn fit_all(&self, words: &[String], list: &List, runbook: &Runbook) -> bool {
        if words.len() > MOST_WORDS {
            let all = words.join(" ");
            return matches!(
                input::select(&all, &unnumbered(&list.items), true),
                Selection::Chosen(_) | Selection::All
            );
        }
        let (mut named, mut polite) = (false, false);
        for word in words.iter().filter(|word| !input::connects(word)) {
            match self.fit(word) {
                Fit::Named | Fit::Open => named = true,
                Fit::Courtesy => polite = true,
                Fit::Strange => return false,
            }
        }
        // What stops a run happens at once: nobody reads an answer before.
        let at_once = matches!(runbook.does, Does::Cancel { .. });
        !polite || (named && !at_once)
    }

    fn fit(&self, word: &str) -> Fit {
        if self.all().any(|item| is_exactly(word, item)) {
            return Fit::Named;
        }
        let all = input::keyword(word).is_some_and(|found| found.word == input::Keyword::All);
        if all || is_number(word) {
            return Fit::Open;
        }
        if input::is_courtesy(word) {
            return Fit::Courtesy;
        }
        if has_the_form_of_a_name(word) {
            return Fit::Named;
        }
        let keys = input::keyboard::to_latin(&input::normalise(word)).chars().count();
        if keys < LEAST_KEYS {
            return Fit::Strange;
        }
        let named = |items: &[Item<'_>]| {
            matches!(by_name(word, items, true), Selection::Chosen(_) | Selection::Ambiguous { .. })
        };
        if named(&self.items) || named(&self.hidden) || self.all().any(|item| has_part(item, word))
        {
            return Fit::Named;
        }
        let names: Vec<&str> = self.all().flat_map(|item| item.names.iter().copied()).collect();
        if input::suggest(word, &names).is_some() { Fit::Named } else { Fit::Strange }
    }
}

/// Whether the word is a part of the item's name: `api` of `wallet-api`.
fn has_part(item: &Item<'_>, word: &str) -> bool {
    let word = input::normalise(word);
    item.names
        .iter()
        .any(|name| input::fold(name).split(['-', '_', '/', ' ']).any(|part| part == word))
}

/// Whether a word looks like the name of a thing in a tool and not like one of a sentence:
/// `wallet-new`, `team_a/portal`, `r12`.
fn has_the_form_of_a_name(word: &str) -> bool {
    let word = input::normalise(word);
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/.".contains(&b));
    let joined = word.bytes().any(|b| b"-_/".contains(&b));
    let run =
        word.strip_prefix('r').is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
    plain
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && (joined || (run && word.len() > 1))
}
