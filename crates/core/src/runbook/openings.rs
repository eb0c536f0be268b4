//! With which words a conversation can be opened, so that talk among people is told apart before any
//! of it is taken to pieces: in a busy workspace that is nearly every message.
//!
//! Compared are the keys of the first word. `배포`, `qovh` and `QOVH` are the same keys, so one look
//! covers both keyboard layouts. The answer may only err towards "perhaps".

use std::collections::HashSet;

use crate::input::keyboard::to_latin;
use crate::input::{keyword, normalise};

/// The first words, as keys.
#[derive(Debug, Clone)]
pub(super) struct Openings {
    first_words: HashSet<String>,
    /// The most characters that a first word can have: each costs one key at least.
    longest: usize,
    /// Some word has characters that cannot be compared this way: then every text is "perhaps".
    odd: bool,
}

impl Default for Openings {
    fn default() -> Self {
        Self::of(std::iter::empty())
    }
}

impl Openings {
    /// The fixed words for help, and these words of runbooks.
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self { first_words: HashSet::new(), longest: 0, odd: false };
        for word in words.chain(keyword::HELP) {
            let word = normalise(word);
            match first_word(&word) {
                Some(first) if word.starts_with(first) && word.chars().all(is_plain) => {
                    let keys = keys(first);
                    all.longest = all.longest.max(keys.len());
                    all.first_words.insert(keys);
                }
                _ => all.odd = true,
            }
        }
        all
    }

    /// Whether this text may ask for help or name a runbook.
    pub(super) fn may_be(&self, text: &str) -> bool {
        let Some(first) = first_word(text).filter(|_| !self.odd) else { return true };
        first.chars().nth(self.longest).is_none() && self.first_words.contains(&keys(first))
    }
}

/// The first run of letters and digits; nothing when there is none, or when what stands around it
/// may change it (a combining mark, an invisible character, a full-width letter).
fn first_word(text: &str) -> Option<&str> {
    let start = text.find(is_letter)?;
    let (before, word) = text.split_at(start);
    let end = word.find(|c| !is_letter(c)).unwrap_or(word.len());
    let plain = before.chars().all(is_plain) && word[end..].chars().next().is_none_or(is_plain);
    plain.then(|| &word[..end])
}

/// A letter or digit that means the same keys wherever it stands.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, 'ㄱ'..='ㅣ' | '가'..='힣')
}

/// A character that neither changes nor joins its neighbours.
fn is_plain(c: char) -> bool {
    is_letter(c) || matches!(c, ' '..='~' | '\n' | '\r' | '\t')
}

fn keys(word: &str) -> String {
    let mut keys = if word.is_ascii() { word.to_owned() } else { to_latin(word) };
    keys.make_ascii_lowercase();
    keys
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::input::{Aliases, Keyword, as_other_layout, best_command, split_command};

    const WORDS: [&str; 7] = ["deploy", "배포", "cron job", "점검", "why", "빼기", "월렛"];

    /// What the input rules say, word for word.
    fn opens(text: &str) -> bool {
        keyword(text).is_some_and(|found| found.word == Keyword::Help)
            || best_command(&split_command(text), &Aliases::of(WORDS)).is_some()
    }

    #[test]
    fn every_word_in_every_form_may_be_one() {
        let openings = Openings::of(WORDS.into_iter());
        for word in WORDS.into_iter().chain(keyword::HELP) {
            let other = as_other_layout(word).unwrap();
            for form in [word.to_owned(), word.to_uppercase(), other.clone(), other.to_uppercase()]
            {
                for text in [form.clone(), format!("  /{form} wallet-api"), format!("\"{form}\"!")]
                {
                    assert!(openings.may_be(&text), "{text}");
                }
            }
        }
        for odd in ["??", "", "👍", "ｄｅｐｌｏｙ", "de\u{200B}ploy", "\u{1107}\u{1162}포"]
        {
            assert!(openings.may_be(odd), "{odd:?}");
        }
        assert!(Openings::of(["☎"].into_iter()).may_be("anything"));
    }

    #[test]
    fn talk_is_none() {
        let openings = Openings::of(WORDS.into_iter());
        for talk in ["lunch?", "deployed it", "점심 먹자", "ㅋㅋㅋ", "배포는 언제", "<@U1> hi", "1"]
        {
            assert!(!openings.may_be(talk), "{talk}");
            assert!(!opens(talk), "{talk}");
        }
    }

    proptest! {
        #[test]
        fn what_opens_is_never_taken_for_talk(
            before in r#"[ /!"'(\u{200B}~]{0,3}"#,
            word in prop::sample::select(WORDS.to_vec()),
            swap in any::<bool>(),
            cut in "[a-zA-Zㄱ-ㅣ가-힣 \u{301}\u{11A8}\u{FE0F}.?\"]{0,4}",
        ) {
            let openings = Openings::of(WORDS.into_iter());
            let word = if swap { as_other_layout(word).unwrap() } else { word.to_owned() };
            let text = format!("{before}{word}{cut}");
            prop_assert!(openings.may_be(&text) || !opens(&text), "{text:?}");
        }

        #[test]
        fn no_text_that_opens_is_taken_for_talk(chars in prop::collection::vec(any::<char>(), 0..12)) {
            let openings = Openings::of(WORDS.into_iter());
            let text: String = chars.into_iter().collect();
            prop_assert!(openings.may_be(&text) || !opens(&text), "{text:?}");
        }
    }
}
