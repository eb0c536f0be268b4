//! Korean particles that depend on how the word before them ends.
//!
//! For Hangul and digits the rule is exact. Names of applications are mostly Latin, where it
//! depends on how Koreans read the word; the rules here follow the loan-word spelling of usual
//! words (서버, 월렛, 파이프라인) and the letter names of abbreviations, and are right for most.

use unicode_normalization::UnicodeNormalization;

/// A pair of particles: after a final consonant, and after a vowel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Josa {
    /// 은/는
    EunNeun,
    /// 이/가
    IGa,
    /// 을/를
    EulReul,
    /// 으로/로, which counts a final ㄹ as a vowel
    EuroRo,
    /// 과/와
    GwaWa,
}

/// How a word ends when it is read aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    Rieul,
    Consonant,
    /// Not to be known, as after an emoji.
    Unknown,
}

/// The particle for this word; both at once (`을(를)`) where the reading cannot be known.
///
/// Punctuation and a remark in brackets at the end are not read: `wallet (prod)` ends like
/// `wallet`.
#[must_use]
pub fn josa(word: &str, josa: Josa) -> &'static str {
    let ending = ending(word);
    let (consonant, vowel, both) = match josa {
        Josa::EunNeun => ("은", "는", "은(는)"),
        Josa::IGa => ("이", "가", "이(가)"),
        Josa::EulReul => ("을", "를", "을(를)"),
        Josa::EuroRo => ("으로", "로", "(으)로"),
        Josa::GwaWa => ("과", "와", "과(와)"),
    };
    match ending {
        Ending::Vowel => vowel,
        Ending::Rieul if josa == Josa::EuroRo => vowel,
        Ending::Rieul | Ending::Consonant => consonant,
        Ending::Unknown => both,
    }
}

/// The word with its particle: `with_josa("배포", Josa::EulReul)` is `배포를`.
#[must_use]
pub fn with_josa(word: &str, particle: Josa) -> String {
    format!("{word}{}", josa(word, particle))
}

fn ending(word: &str) -> Ending {
    let read = read_part(word);
    // NFD hides the final consonant of a syllable in a character of its own.
    let tail: String = tail_of(read, 8).nfc().collect();
    let Some(last) = tail.chars().next_back() else {
        return Ending::Unknown;
    };
    match last {
        '가'..='힣' => of_final((u32::from(last) - 0xAC00) % 28),
        'ㅏ'..='ㅣ' | '%' => Ending::Vowel,
        'ㄹ' => Ending::Rieul,
        'ㄱ'..='ㅎ' => Ending::Consonant,
        '0'..='9' => of_digit(last),
        'a'..='z' | 'A'..='Z' => of_latin(read),
        _ => Ending::Unknown,
    }
}

/// 일 칠 팔 end in ㄹ, 영 삼 육 (and 십 백 천) in another consonant.
fn of_digit(digit: char) -> Ending {
    match digit {
        '1' | '7' | '8' => Ending::Rieul,
        '0' | '3' | '6' => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

fn of_final(index: u32) -> Ending {
    match index {
        0 => Ending::Vowel,
        8 => Ending::Rieul,
        _ => Ending::Consonant,
    }
}

/// The part of the text whose end is read aloud.
fn read_part(text: &str) -> &str {
    let silent =
        |c: char| !c.is_alphanumeric() && c != '%' && !('\u{1100}'..='\u{11FF}').contains(&c);
    let without_remark = text
        .trim_end()
        .strip_suffix(')')
        .and_then(|open| open.rsplit_once('('))
        .map(|(before, _)| before.trim_end_matches(|c: char| silent(c) && c.is_ascii()))
        .filter(|before| !before.is_empty());
    // Only quotes and the like are passed over: after an emoji nobody knows.
    without_remark.unwrap_or(text).trim_end_matches(|c: char| {
        c.is_whitespace() || (c.is_ascii() && silent(c)) || "’”」』》〉】…".contains(c)
    })
}

fn tail_of(text: &str, chars: usize) -> &str {
    text.char_indices().rev().take(chars).last().map_or("", |(at, _)| &text[at..])
}

fn of_latin(text: &str) -> Ending {
    let start = text
        .rfind(|c: char| !c.is_ascii_alphabetic())
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    // The end decides, and no word needs more than this to be told from an abbreviation.
    let word = tail_of(&text[start..], 32);
    let lower = word.to_ascii_lowercase();
    let spelt = word.len() <= 2
        || word.bytes().all(|b| b.is_ascii_uppercase())
        || !lower.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if spelt { of_letter_name(&lower) } else { of_loan_word(&lower) }
}

/// 엘 알 end in ㄹ, 엠 엔 in another consonant, all other letter names in a vowel.
fn of_letter_name(lower: &str) -> Ending {
    match lower.as_bytes().last() {
        Some(b'l' | b'r') => Ending::Rieul,
        Some(b'm' | b'n') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

fn of_loan_word(lower: &str) -> Ending {
    let vowel = |b: Option<u8>| b.is_some_and(|b| b"aeiou".contains(&b));
    let mut ends = lower.bytes().rev();
    let (last, mut before) = (ends.next(), ends.next());
    if before == last || (last, before) == (Some(b'k'), Some(b'c')) {
        // 앱 from app, 블록 from block
        before = ends.next();
    }
    let earlier = ends.next();
    let short = vowel(before) && !vowel(earlier);
    match (last, before) {
        (Some(b'l'), _) | (Some(b'e'), Some(b'l')) => Ending::Rieul,
        (Some(b'm' | b'n'), _) | (Some(b'g'), Some(b'n')) => Ending::Consonant,
        // 네임, 머신
        (Some(b'e'), Some(b'm' | b'n')) if vowel(earlier) => Ending::Consonant,
        // 봇, 맵, 퍼블릭, 웹, 잡; but 차트, 루트, 헬프, 태스크, 허브
        (Some(b't' | b'p' | b'c' | b'k'), _) | (Some(b'b'), Some(b'a' | b'e' | b'o')) if short => {
            Ending::Consonant
        }
        // 웹훅, 북
        (Some(b'k'), Some(b'o')) if earlier == Some(b'o') => Ending::Consonant,
        _ => Ending::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn after_hangul_digits_and_latin() {
        for (word, eul, euro) in [
            ("배포", "를", "로"),
            ("월렛", "을", "으로"),
            ("서울", "을", "로"),
            ("요청", "을", "으로"),
            ("ㄱ", "을", "으로"),
            ("1.5.0", "을", "으로"),
            ("1.4.2", "를", "로"),
            ("r1", "을", "로"),
            ("r3", "을", "으로"),
            ("80%", "를", "로"),
            ("wallet-api", "를", "로"),
            ("wallet", "을", "으로"),
            ("gamedosi-web", "을", "으로"),
            ("server", "를", "로"),
            ("console", "을", "로"),
            ("url", "을", "로"),
            ("API", "를", "로"),
            ("SQL", "을", "로"),
            ("VM", "을", "으로"),
            ("db", "를", "로"),
            ("k8s", "를", "로"),
            ("argocd", "를", "로"),
            ("nginx", "를", "로"),
            ("Jenkins", "를", "로"),
            ("staging", "을", "으로"),
            ("production", "을", "으로"),
            ("pipeline", "을", "으로"),
            ("volume", "을", "으로"),
            ("node", "를", "로"),
            ("chart", "를", "로"),
            ("root", "를", "로"),
            ("bot", "을", "으로"),
            ("app", "을", "으로"),
            ("block", "을", "으로"),
            ("webhook", "을", "으로"),
            ("task", "를", "로"),
            ("hub", "를", "로"),
            ("`wallet-api`", "를", "로"),
            ("wallet (prod)", "을", "으로"),
            ("「월렛」", "을", "으로"),
            ("wallet!", "을", "으로"),
            ("", "을(를)", "(으)로"),
            ("👍", "을(를)", "(으)로"),
            ("월렛👍", "을(를)", "(으)로"),
            ("...", "을(를)", "(으)로"),
        ] {
            assert_eq!(josa(word, Josa::EulReul), eul, "{word}");
            assert_eq!(josa(word, Josa::EuroRo), euro, "{word}");
        }
    }

    #[test]
    fn every_pair() {
        for (particle, consonant, vowel) in [
            (Josa::EunNeun, "월렛은", "배포는"),
            (Josa::IGa, "월렛이", "배포가"),
            (Josa::EulReul, "월렛을", "배포를"),
            (Josa::EuroRo, "월렛으로", "배포로"),
            (Josa::GwaWa, "월렛과", "배포와"),
        ] {
            assert_eq!(with_josa("월렛", particle), consonant);
            assert_eq!(with_josa("배포", particle), vowel);
        }
    }

    proptest! {
        #[test]
        fn the_form_of_the_hangul_does_not_matter(word in "[가-힣]{1,12}") {
            let nfd: String = word.nfd().collect();
            prop_assert_eq!(josa(&nfd, Josa::IGa), josa(&word, Josa::IGa));
        }

        #[test]
        fn any_text_has_a_particle(chars in prop::collection::vec(any::<char>(), 0..40), plain in "[a-zA-Z()가 ]{0,12}") {
            for text in [chars.into_iter().collect::<String>(), plain] {
                prop_assert!(["과", "와", "과(와)"].contains(&josa(&text, Josa::GwaWa)));
            }
        }
    }
}
