//! A word typed in the other keyboard layout.
//!
//! Korean keyboards switch between QWERTY and 2-beolsik (KS X 5002) with one key, and everybody
//! forgets it: `help` comes out as `ㅗ디ㅔ`, `헬프` as `gpfvm`. Both directions are a matter of
//! keystrokes: Hangul is taken apart into the keys that made it; Latin keys run through the same
//! composition automaton that an input method has.

use super::hangul;
use super::normalise::{clean, fold};

/// How a word was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// As it stands there.
    AsTyped,
    /// As the same keys give it in the other keyboard layout.
    OtherLayout,
}

/// The keys of 2-beolsik; every other letter with Shift is the letter without.
const KEYS: [(char, char); 33] = [
    ('q', 'ㅂ'),
    ('w', 'ㅈ'),
    ('e', 'ㄷ'),
    ('r', 'ㄱ'),
    ('t', 'ㅅ'),
    ('y', 'ㅛ'),
    ('u', 'ㅕ'),
    ('i', 'ㅑ'),
    ('o', 'ㅐ'),
    ('p', 'ㅔ'),
    ('a', 'ㅁ'),
    ('s', 'ㄴ'),
    ('d', 'ㅇ'),
    ('f', 'ㄹ'),
    ('g', 'ㅎ'),
    ('h', 'ㅗ'),
    ('j', 'ㅓ'),
    ('k', 'ㅏ'),
    ('l', 'ㅣ'),
    ('z', 'ㅋ'),
    ('x', 'ㅌ'),
    ('c', 'ㅊ'),
    ('v', 'ㅍ'),
    ('b', 'ㅠ'),
    ('n', 'ㅜ'),
    ('m', 'ㅡ'),
    ('Q', 'ㅃ'),
    ('W', 'ㅉ'),
    ('E', 'ㄸ'),
    ('R', 'ㄲ'),
    ('T', 'ㅆ'),
    ('O', 'ㅒ'),
    ('P', 'ㅖ'),
];

/// The same keystrokes in the other layout; nothing when the text has no letters of either, or
/// mixes both.
///
/// Digits, dashes and other signs stand on the same keys and stay.
#[must_use]
pub fn as_other_layout(text: &str) -> Option<String> {
    let text = clean(text);
    let hangul = text.chars().any(|c| matches!(c, 'ㄱ'..='ㅣ' | '가'..='힣'));
    let latin = text.chars().any(|c| c.is_ascii_alphabetic());
    match (hangul, latin) {
        (true, false) => Some(to_latin(&text)),
        (false, true) => Some(to_hangul(&text)),
        _ => None,
    }
}

/// All readings in the other layout: with Shift as typed, and without (a phone capitalises the
/// first letter, and `E` is another Hangul letter than `e`).
pub(super) fn other_readings(text: &str) -> Vec<String> {
    let mut readings: Vec<String> = as_other_layout(text).into_iter().collect();
    if text.chars().any(char::is_uppercase) {
        readings.extend(as_other_layout(&fold(text)).filter(|r| !readings.contains(r)));
    }
    readings
}

/// The Latin keys that type this text in 2-beolsik; what is not Hangul stays.
#[must_use]
pub fn to_latin(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if let Some((lead, vowel, tail)) = hangul::letters(c) {
            for letter in [Some(lead), Some(vowel), tail].into_iter().flatten() {
                push_keys(&mut out, letter);
            }
        } else {
            push_keys(&mut out, c);
        }
    }
    out
}

/// The Hangul that these Latin keys give in 2-beolsik; what is no letter stays.
#[must_use]
pub fn to_hangul(text: &str) -> String {
    let mut composer = hangul::Composer::default();
    for c in text.chars() {
        let of = |key: char| KEYS.iter().find(|(k, _)| *k == key).map(|(_, jamo)| *jamo);
        composer.push(of(c).or_else(|| of(c.to_ascii_lowercase())).unwrap_or(c));
    }
    composer.finish()
}

/// Pushes the keys of one jamo, or the character itself.
fn push_keys(out: &mut String, c: char) {
    if !hangul::is_jamo(c) {
        return out.push(c);
    }
    if let Some((a, b)) = hangul::split(c) {
        push_keys(out, a);
        push_keys(out, b);
    } else {
        out.push(KEYS.iter().find(|(_, jamo)| *jamo == c).map_or(c, |(key, _)| *key));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hangul_keys_meant_as_latin() {
        for (typed, meant) in [
            ("ㅗ디ㅔ", "help"),
            ("ㅗㄷㅣㅔ", "help"),
            ("ㅗ디\u{1166}", "help"),
            ("ㅊ뭋디", "cancel"),
            ("ㅠㅁ차", "back"),
            ("ㅛㄷㄴ", "yes"),
            ("ㅇ데ㅣㅐㅛ", "deploy"),
            ("ㅈ미ㅣㄷㅅ-메ㅑ 2", "wallet-api 2"),
            ("꽃", "Rhc"),
        ] {
            assert_eq!(as_other_layout(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn latin_keys_meant_as_hangul() {
        for (typed, meant) in [
            ("gpfvm", "헬프"),
            ("ehdnaakf", "도움말"),
            ("cnlth", "취소"),
            ("qovh", "배포"),
            ("dnjffpt", "월렛"),
            ("dkfgdms", "앓은"),
            ("dlfrek", "읽다"),
            ("dlfrdma", "읽음"),
            ("ekfr dl", "닭 이"),
            ("ekfrdl", "닭이"),
            ("ekfrl", "달기"),
            ("rkTek", "갔다"),
            ("rkTj", "가써"),
            ("Qkfrks", "빨간"),
            ("dmldml", "의의"),
            ("dhodho", "왜왜"),
            ("dnp", "웨"),
            ("djqtdl", "없이"),
            ("djqtl", "업시"),
            ("rkE", "가ㄸ"),
            ("hk", "ㅘ"),
            ("HELP", "ㅗ띠ㅖ"),
            ("help", "ㅗ디ㅔ"),
        ] {
            assert_eq!(as_other_layout(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn nothing_to_read_otherwise() {
        for typed in ["", "123", "헬p", "?!", "👍", "مرحبا"] {
            assert_eq!(as_other_layout(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_capital_letter_may_be_the_phone() {
        assert!(other_readings("Ehdnaakf").contains(&"도움말".to_owned()));
        assert!(other_readings("GPFVM").contains(&"헬프".to_owned()));
    }

    proptest! {
        #[test]
        fn composed_hangul_comes_back(text in "[가-힣]{1,20}") {
            prop_assert_eq!(to_hangul(&to_latin(&text)), text);
        }

        #[test]
        fn latin_keys_come_back(text in "[a-z0-9 -]{1,30}") {
            prop_assert_eq!(to_latin(&to_hangul(&text)), text);
        }

        #[test]
        fn composing_a_run_keeps_its_keys(text in "[ㄱ-ㅣ가-힣a ]{0,20}") {
            prop_assert_eq!(to_latin(&hangul::compose_runs(&text)), to_latin(&text));
        }

        #[test]
        fn any_text_is_read(chars in prop::collection::vec(any::<char>(), 0..40)) {
            let text: String = chars.into_iter().collect();
            let _ = (as_other_layout(&text), to_latin(&text), to_hangul(&text), hangul::compose_runs(&text));
        }
    }
}
