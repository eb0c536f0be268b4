//! One form for what many keyboards and clients send.
//!
//! Three forms, each built on the one before:
//!
//! | form | keeps | used for |
//! |---|---|---|
//! | [`clean`] | case, punctuation | arguments and names that go on |
//! | [`fold`] | punctuation | comparing names (`gamedosi/wallet-api`, `월렛 1.5`) |
//! | [`normalise`] | | comparing words (`"Help!"` is `help`) |
//!
//! Each is idempotent, and two texts that look the same give the same result whatever client they
//! came from.

use unicode_normalization::UnicodeNormalization;

use super::glyph::{self, Glyph};
use super::hangul;

/// The text in NFC and half-width, without invisible characters, with white space folded; case and
/// punctuation stay.
///
/// Hangul is composed from any form (NFD of macOS, conjoining, half-width and loose compatibility
/// jamo), smart quotes and dashes become the plain ones, numbers in one character (`①`, `1️⃣`)
/// become digits set apart from their neighbours.
#[must_use]
pub fn clean(text: &str) -> String {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return fold_spaces(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut number_ended = false;
    for c in text.nfc() {
        let glyph = glyph::read(c);
        match glyph {
            // Between `①` and `2` it does not bring them together.
            Glyph::Nothing => continue,
            Glyph::Space => plain.push(' '),
            Glyph::Plain(c) => {
                if number_ended && c.is_ascii_digit() {
                    plain.push(' ');
                }
                plain.push(c);
            }
            Glyph::Dots => plain.push_str("..."),
            Glyph::Number(n) => {
                if plain.ends_with(|c: char| c.is_ascii_digit()) {
                    plain.push(' ');
                }
                plain.push_str(&n.to_string());
            }
            Glyph::Keycap => {}
        }
        number_ended = matches!(glyph, Glyph::Number(_) | Glyph::Keycap);
    }
    // What was taken away may have stood between a letter and its mark, so it is composed again.
    let composed: String = plain.nfc().map(hangul::compatibility_jamo).collect();
    fold_spaces(&hangul::compose_runs(&composed))
}

/// [`clean`] without regard to case: the form in which names are compared.
#[must_use]
pub fn fold(text: &str) -> String {
    let text = clean(text);
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Letter by letter: the lower case of a final sigma must not depend on what follows it.
    text.chars().flat_map(char::to_lowercase).nfc().collect()
}

/// [`fold`] without the punctuation around it: the form in which words are compared.
///
/// A text of nothing but punctuation is empty. `~` is taken away only at the end (`네~`): `~네~` is a
/// crossed-out word in chat markup. For the same reason `>` stays: it quotes somebody else.
#[must_use]
pub fn normalise(text: &str) -> String {
    trim_punctuation(&fold(text)).to_owned()
}

/// The slice of `text` (a [`clean`] or [`fold`] form) without the punctuation around it.
pub(super) fn trim_punctuation(text: &str) -> &str {
    text.trim_start_matches(surrounds).trim_end_matches(|c: char| surrounds(c) || c == '~')
}

fn surrounds(c: char) -> bool {
    matches!(
        c,
        ' ' | '.'
            | ','
            | '!'
            | '?'
            | ';'
            | ':'
            | '\''
            | '"'
            | '`'
            | '('
            | ')'
            | '['
            | ']'
            | '{'
            | '}'
            | '*'
            | '^'
            | '·'
            | '•'
            | '¡'
            | '¿'
            | '〈'
            | '〉'
            | '《'
            | '》'
            | '【'
            | '】'
            | '،'
            | '؟'
    )
}

fn fold_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn one_form_for_many_keyboards() {
        for (typed, expected) in [
            ("  Help!! ", "help"),
            ("ＨＥＬＰ", "help"),
            ("\u{FEFF}he\u{200B}lp\u{202C}", "help"),
            ("\u{202E}help\u{202C}", "help"),
            ("𝗵𝗲𝗹𝗽", "help"),
            ("“help”", "help"),
            ("*help*", "help"),
            ("`help`", "help"),
            ("『헬프』", "헬프"),
            ("헬\u{3000}프", "헬 프"),
            ("네~", "네"),
            ("네～！", "네"),
            ("~네~", "~네"),
            ("> yes", "> yes"),
            ("①", "1"),
            ("⑳", "20"),
            ("㉑", "21"),
            ("㊿", "50"),
            ("①②", "1 2"),
            ("①\u{200B}2", "1 2"),
            ("1️⃣2️⃣", "1 2"),
            ("🔟", "10"),
            ("①번", "1번"),
            ("１２", "12"),
            ("1～3", "1~3"),
            ("1—3", "1-3"),
            ("１，３", "1,3"),
            ("1ㆍ3", "1·3"),
            ("wait…", "wait"),
            ("gamedosi/Wallet–API.v2", "gamedosi/wallet-api.v2"),
            ("❤\u{FE0F}", "❤"),
            ("مرحبا؟", "مرحبا"),
            ("\u{0000}\u{0007}", ""),
            ("...", ""),
            ("", ""),
        ] {
            assert_eq!(normalise(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn hangul_in_any_composition_form() {
        let nfd: String = "헬프 월렛".nfd().collect();
        assert_ne!(nfd, "헬프 월렛");
        for typed in [
            nfd.as_str(),
            "\u{1112}\u{1166}\u{11AF}\u{1111}\u{1173} \u{110B}\u{116F}\u{11AF}\u{1105}\u{1166}\u{11BA}",
            "ㅎㅔㄹㅍㅡ ㅇㅝㄹㄹㅔㅅ",
            "ㅎㅔㄹㅍㅡ ㅇㅜㅓㄹㄹㅔㅅ",
            "\u{FFBE}\u{FFC7}\u{FFA9}\u{FFBD}\u{FFDA} 월렛",
            "헬\u{200B}프 월렛",
        ] {
            assert_eq!(normalise(typed), "헬프 월렛", "{typed:?}");
        }
    }

    #[test]
    fn loose_letters_stay_what_they_are() {
        for typed in ["ㅋㅋㅋ", "ㅠㅠ", "ㄱㅅ", "ㅇㅋ", "디ㅔ", "ㅗ디ㅔ"] {
            assert_eq!(normalise(typed), typed);
        }
    }

    #[test]
    fn clean_keeps_case_and_punctuation() {
        assert_eq!(clean(" “Wallet–API”,  v1.5. "), "\"Wallet-API\", v1.5.");
    }

    proptest! {
        #[test]
        fn every_form_is_idempotent(text in r"\PC{0,40}") {
            prop_assert_eq!(clean(&clean(&text)), clean(&text));
            prop_assert_eq!(fold(&fold(&text)), fold(&text));
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
        }

        #[test]
        fn every_form_is_idempotent_for_any_characters(chars in prop::collection::vec(any::<char>(), 0..40)) {
            let text: String = chars.into_iter().collect();
            prop_assert_eq!(clean(&clean(&text)), clean(&text));
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
        }

        #[test]
        fn every_form_is_idempotent_among_jamo(
            text in "[\u{1100}-\u{1112}\u{1161}-\u{1175}\u{11A8}-\u{11C2}ㄱ-ㅣ가각갃a-cA-C①②1\u{301}\u{200B}\u{20E3}\u{338}<Jj\u{30C} ]{0,24}",
        ) {
            prop_assert_eq!(clean(&clean(&text)), clean(&text));
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
        }

        #[test]
        fn nfd_and_nfc_are_the_same_text(text in "[가-힣a-z\u{E9} ]{0,30}") {
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
        }
    }
}
