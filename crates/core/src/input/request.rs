//! A request with the verb at its end, as Korean has it: `wallet-api 배포해 주세요`; and the words that
//! only make a request polite.

use super::command::{AliasMatch, Aliases, Command};
use super::keyboard::Layout;
use super::normalise::normalise;

/// Words that only ask, and are no endings of a verb.
const COURTESY: [&str; 8] = ["please", "pls", "plz", "now", "asap", "어때", "어때요", "어떤가요"];

/// What Korean puts behind a verb to ask for it, alone or strung together: `해` `주세요`, `좀` `부탁드려요`.
const ENDINGS: [&str; 28] = [
    "을",
    "를",
    "좀",
    "지금",
    "바로",
    "해",
    "줘",
    "줘요",
    "주라",
    "주세요",
    "주십시오",
    "주실래요",
    "주시겠어요",
    "줄래",
    "줄래요",
    "부탁",
    "부탁해",
    "부탁해요",
    "부탁합니다",
    "부탁드려요",
    "부탁드립니다",
    "부탁드릴게요",
    "바랍니다",
    "알려",
    "알려줘",
    "보여",
    "보여줘",
    "요청드립니다",
];

/// What Korean puts behind a name.
const PARTICLES: [&str; 12] =
    ["이랑", "하고", "까지", "을", "를", "만", "도", "은", "는", "와", "과", "랑"];

/// A longer word is no ending.
const LONGEST_ENDING: usize = 16;
/// A verb with its endings has no more words.
const MOST_WORDS: usize = 6;

/// Whether a word only makes a request polite or urgent: `please`, `부탁드립니다`, `해주세요`, `지금`.
#[must_use]
pub fn is_courtesy(word: &str) -> bool {
    let word = normalise(word);
    COURTESY.contains(&word.as_str()) || is_ending(&word)
}

fn is_ending(word: &str) -> bool {
    if word.is_empty() || word.chars().nth(LONGEST_ENDING).is_some() {
        return false;
    }
    // Which beginnings of the word are endings strung together.
    let mut reached = vec![false; word.len() + 1];
    reached[0] = true;
    for (at, _) in word.char_indices() {
        if reached[at] {
            for ending in ENDINGS.iter().filter(|ending| word[at..].starts_with(**ending)) {
                reached[at + ending.len()] = true;
            }
        }
    }
    reached[word.len()]
}

/// Whether a text ends as a Korean request does. Cheap: only its last word is looked at.
#[must_use]
pub fn ends_as_request(text: &str) -> bool {
    const REQUESTS: [&str; 9] =
        ["줘", "줘요", "주라", "세요", "주십시오", "래요", "줄래", "어요", "니다"];
    let last = text.split_whitespace().next_back().map(normalise).unwrap_or_default();
    last.ends_with("부탁")
        || last.ends_with("부탁해")
        || last.ends_with("려요")
        || last.ends_with("해요")
        || last.ends_with("게요")
        || REQUESTS.iter().any(|ending| last.ends_with(ending))
}

/// The alias with which a request ends, followed by nothing but courtesy, and the words before it
/// without their particles. [`AliasMatch::words`] counts the verb with its endings.
#[must_use]
pub fn ending_command(command: &Command, aliases: &Aliases) -> Option<(AliasMatch, Vec<String>)> {
    if command.typed.is_empty() {
        return None;
    }
    let words: Vec<&str> =
        std::iter::once(&command.typed).chain(&command.rest).map(String::as_str).collect();
    // From the left, so that of two aliases the one with more words is found.
    (words.len().saturating_sub(MOST_WORDS)..words.len()).find_map(|at| {
        let verb = normalise(&words[at..].join(" "));
        let index = aliases.folded.iter().position(|alias| is_asked(&verb, alias))?;
        let found = AliasMatch { index, layout: Layout::AsTyped, words: words.len() - at };
        Some((found, words[..at].iter().map(|word| bare(word).to_owned()).collect()))
    })
}

fn is_asked(verb: &str, alias: &str) -> bool {
    let Some(tail) = verb.strip_prefix(alias).filter(|_| !alias.is_empty()) else { return false };
    // `deploynow` is another word; `배포해줘` and `deploy해줘` are not.
    let apart = tail.chars().next().is_none_or(|c| c == ' ' || matches!(c, '가'..='힣'));
    apart && tail.split_whitespace().all(is_courtesy)
}

/// `wallet-api를` without the particle. Behind Hangul it may be a part of the name.
fn bare(word: &str) -> &str {
    let word = word.trim_end_matches(',');
    PARTICLES
        .iter()
        .filter_map(|particle| word.strip_suffix(particle))
        .find(|name| name.ends_with(|c: char| c.is_ascii_alphanumeric()))
        .unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::super::split_command;
    use super::*;

    const ALIASES: [&str; 6] = ["deploy", "배포", "버전", "상태", "작업", "작업 중단"];

    fn ending(text: &str) -> Option<(&'static str, Vec<String>)> {
        ending_command(&split_command(text), &Aliases::of(ALIASES))
            .map(|(found, before)| (ALIASES[found.index], before))
    }

    #[test]
    fn the_verb_at_the_end() {
        for (text, alias, before) in [
            ("wallet-api 배포해줘", "배포", "wallet-api"),
            ("wallet-api 배포해 주세요", "배포", "wallet-api"),
            ("wallet-api 배포해주세요.", "배포", "wallet-api"),
            ("wallet-api 배포 부탁드려요", "배포", "wallet-api"),
            ("wallet-api 배포 부탁드립니다!", "배포", "wallet-api"),
            ("wallet-api 배포 좀", "배포", "wallet-api"),
            ("wallet-api 배포 좀 해주시겠어요?", "배포", "wallet-api"),
            ("wallet-api를 배포해 줘", "배포", "wallet-api"),
            ("wallet-api랑 portal, x 배포를 부탁해요", "배포", "wallet-api portal x"),
            ("wallet-api 배포", "배포", "wallet-api"),
            ("wallet-api deploy 해줘", "deploy", "wallet-api"),
            ("wallet-api deploy해줘", "deploy", "wallet-api"),
            ("wallet-api deploy please", "deploy", "wallet-api"),
            ("버전 알려줘", "버전", ""),
            ("상태 보여 주세요", "상태", ""),
            ("r1 작업 중단해줘", "작업 중단", "r1"),
            ("배포해줘", "배포", ""),
        ] {
            let before = before.split_whitespace().map(str::to_owned).collect();
            assert_eq!(ending(text), Some((alias, before)), "{text}");
        }
    }

    #[test]
    fn no_request() {
        for text in [
            "",
            "wallet-api",
            "wallet-api 배포하지 마세요",
            "wallet-api 배포 취소해줘",
            "wallet-api 배포했습니다",
            "wallet-api 배포 언제 해요",
            "wallet-api 배포판 부탁해요",
            "wallet-api deploynow",
            "wallet-api deployment please",
        ] {
            assert_eq!(ending(text), None, "{text}");
        }
    }

    #[test]
    fn courtesy() {
        for word in [
            "please",
            "Pls",
            "now",
            "부탁해요",
            "부탁드립니다.",
            "해주세요",
            "해",
            "주세요",
            "해줘",
            "좀",
            "지금",
            "지금바로해주세요",
        ] {
            assert!(is_courtesy(word), "{word}");
        }
        for word in ["", "!", "failed", "언제", "완료", "해지", "wallet-api", "nowhere"] {
            assert!(!is_courtesy(word), "{word}");
        }
        assert!(!is_courtesy(&"해".repeat(100_000)));
    }

    #[test]
    fn what_ends_as_a_request() {
        for text in [
            "a 배포해줘",
            "a 배포해 주세요!",
            "배포 부탁드려요",
            "배포 부탁드립니다",
            "배포 부탁해요",
        ] {
            assert!(ends_as_request(text), "{text}");
        }
        for text in ["", "lunch?", "배포 완료", "a 배포", "deploy a please"] {
            assert!(!ends_as_request(text), "{text}");
        }
    }
}
