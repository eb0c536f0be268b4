//! Numbers as people write them in an answer.
//!
//! ```text
//! answer  = piece *( separator piece )          separator: space , ; · & +
//! piece   = number / number to number           to: - ~ .. 부터 에서
//! number  = digits / "#" digits / "(" digits ")" / digits ")" / digits "." / digits 번 [particle]
//! ```
//!
//! A text that is anything else beside this (`1-3-5`, `1.5`, `10gbe`) is no number but a name.

use super::normalise::fold;

/// One part of a numeric answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// As it stands in the folded text, for a name that looks like it.
    pub raw: &'a str,
    /// Written so that it cannot be meant as a name (`1번`, `#1`, `1)`).
    pub marked: bool,
    pub span: Span,
}

/// What a piece counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    One(u64),
    /// From, to; as typed, so the first may be the greater.
    Range(u64, u64),
}

/// What may follow 번 in a polite answer.
const PARTICLES: [&str; 13] =
    ["입니다", "이랑", "으로", "하고", "이요", "부탁", "요", "을", "과", "와", "만", "로", "이"];

/// The number that the whole text is, in any of the usual ways to write one (`１`, `①`, `1번`, `1.`,
/// `1)`, `#1`).
///
/// A number too long for 64 bits is the greatest one, which no list holds.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    match pieces(&fold(text))?.as_slice() {
        [Piece { span: Span::One(n), .. }] => Some(*n),
        _ => None,
    }
}

/// The pieces of a folded text, or nothing when it holds anything but numbers.
pub(super) fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(separates);
    while !rest.is_empty() {
        let (first, first_marked, after) = one(rest)?;
        let (span, marked, after, raw) = match range_end(after) {
            Some((last, after)) => (
                Span::Range(first.value, last.value),
                false,
                after,
                &rest[..rest.len() - after.len()],
            ),
            None => (Span::One(first.value), first_marked, after, first.digits),
        };
        let next = after.trim_start_matches(separates);
        // Two pieces need something between them, and a mark is enough: `1번3번`, `1)3)`.
        if next.len() == after.len() && !next.is_empty() && !marked {
            return None;
        }
        found.push(Piece { raw, marked, span });
        rest = next;
    }
    (!found.is_empty()).then_some(found)
}

struct Digits<'a> {
    digits: &'a str,
    value: u64,
}

/// One number at the start of the text: itself, whether it is marked, and what follows.
fn one(text: &str) -> Option<(Digits<'_>, bool, &str)> {
    let (inner, open) = match text.strip_prefix(['(', '[', '#']) {
        Some(inner) => (inner, text.chars().next()),
        None => (text, None),
    };
    let end = inner.find(|c: char| !c.is_ascii_digit()).unwrap_or(inner.len());
    let (digits, after) = inner.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let number = Digits { digits, value: digits.parse().unwrap_or(u64::MAX) };
    let closing = match open {
        Some('[') => ']',
        _ => ')',
    };
    if let Some(after) = after.strip_prefix(closing) {
        return Some((number, true, after));
    }
    if matches!(open, Some('(' | '[')) {
        return None;
    }
    let counted = after.strip_prefix('번').or_else(|| after.strip_prefix(" 번"));
    if let Some(after) = counted {
        let without = PARTICLES.iter().find_map(|particle| after.strip_prefix(particle));
        return Some((number, true, without.unwrap_or(after)));
    }
    // A full stop ends a number, but not inside of `1.5` and `1..3`.
    let stop =
        after.strip_prefix('.').filter(|next| next.is_empty() || next.starts_with(separates));
    Some((number, open.is_some(), stop.unwrap_or(after)))
}

/// The end of a range, if the text goes on with one.
fn range_end(text: &str) -> Option<(Digits<'_>, &str)> {
    let text = text.trim_start();
    let after = ["-", "~", "..", "부터", "에서"].iter().find_map(|to| text.strip_prefix(to))?;
    let (last, _, after) = one(after.trim_start())?;
    let until = after.trim_start().strip_prefix("까지");
    Some((last, until.unwrap_or(after)))
}

fn separates(c: char) -> bool {
    matches!(c, ' ' | ',' | ';' | '·' | '&' | '+')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_number_in_many_ways() {
        for typed in [
            "12",
            "１２",
            " 12 ",
            "12.",
            "12)",
            "(12)",
            "[12]",
            "#12",
            "⑫",
            "12번",
            "１２번",
            "12 번",
            "12번이요",
            "12번으로",
            "012",
            "⑫번",
            "12,",
            "12\u{FE0F}\u{20E3}",
        ] {
            assert_eq!(number(typed), Some(12), "{typed}");
        }
        assert_eq!(number("1️⃣"), Some(1));
        assert_eq!(number("99999999999999999999999"), Some(u64::MAX));
    }

    #[test]
    fn no_number() {
        for typed in [
            "", "-1", "1-", "1.5", "1번가", "10gbe", "1a", "(1", "1-3-5", "1~", "one", "#", "1 2",
            "1-3", "٣", "1/3", "1..",
        ] {
            assert_eq!(number(typed), None, "{typed}");
        }
    }

    #[test]
    fn lists_and_ranges() {
        use Span::{One, Range};
        for (typed, expected) in [
            ("1,3-5", vec![One(1), Range(3, 5)]),
            ("1 3 5", vec![One(1), One(3), One(5)]),
            ("1~3", vec![Range(1, 3)]),
            ("1 ~ 3번", vec![Range(1, 3)]),
            ("1..3", vec![Range(1, 3)]),
            ("1번부터 3번까지", vec![Range(1, 3)]),
            ("5-3", vec![Range(5, 3)]),
            ("1, 3", vec![One(1), One(3)]),
            ("1번 3번", vec![One(1), One(3)]),
            ("1번,3번", vec![One(1), One(3)]),
            ("1번3번", vec![One(1), One(3)]),
            ("1번이랑 3번", vec![One(1), One(3)]),
            ("①③", vec![One(1), One(3)]),
            ("#1 #3", vec![One(1), One(3)]),
            ("1. 3.", vec![One(1), One(3)]),
            ("1)3)", vec![One(1), One(3)]),
            ("1·3", vec![One(1), One(3)]),
            ("1，３", vec![One(1), One(3)]),
        ] {
            let folded = fold(typed);
            let spans = pieces(&folded).map(|all| all.iter().map(|p| p.span).collect::<Vec<_>>());
            assert_eq!(spans, Some(expected), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[0-9 ,;#()\\[\\].~번부터까지-]{0,30}", any in r"\PC{0,30}") {
            let _ = (number(&text), number(&any));
        }
    }
}
