//! Cutting a line into words, with quotes around what holds spaces.

/// One word of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Without its quotes.
    pub text: &'a str,
    /// It stood in quotes, so it is a name and nothing else.
    pub quoted: bool,
}

/// The words of a [`clean`](super::clean) text.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    cut(text, |_| false).into_iter().flatten().collect()
}

/// The words of a [`clean`](super::clean) text, apart for each part between list separators; no
/// part is empty.
pub(super) fn parts(text: &str) -> Vec<Vec<Word<'_>>> {
    cut(text, |c| matches!(c, ',' | ';' | '·'))
}

/// A quote opens only at the start of a word and closes only at the end of one, so that `don't` and
/// `5"` are plain text; one that never closes is plain text too.
fn cut(text: &str, separates: fn(char) -> bool) -> Vec<Vec<Word<'_>>> {
    let ends = |c: char| c == ' ' || separates(c);
    let mut parts = vec![Vec::new()];
    // A quote that was once found without an end has none further on, and is not looked for again.
    let mut endless: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if separates(first) {
            parts.push(Vec::new());
            rest = after;
            continue;
        }
        if first == ' ' {
            rest = after;
            continue;
        }
        if matches!(first, '"' | '\'' | '`') && !endless.contains(&first) {
            let close = after
                .match_indices(first)
                .map(|(at, _)| at)
                .find(|at| *at > 0 && after[at + 1..].chars().next().is_none_or(ends));
            if let Some(at) = close {
                push(&mut parts, Word { text: after[..at].trim(), quoted: true });
                rest = &after[at + 1..];
                continue;
            }
            endless.push(first);
        }
        let (word, next) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        push(&mut parts, Word { text: word, quoted: false });
        rest = next;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn push<'a>(parts: &mut [Vec<Word<'a>>], word: Word<'a>) {
    if let Some(part) = parts.last_mut().filter(|_| !word.text.is_empty()) {
        part.push(word);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> Vec<Vec<String>> {
        let show = |w: Word<'_>| {
            if w.quoted { format!("<{}>", w.text) } else { w.text.to_owned() }
        };
        parts(text).into_iter().map(|part| part.into_iter().map(show).collect()).collect()
    }

    #[test]
    fn quotes_hold_words_together() {
        for (text, expected) in [
            ("a b", vec![vec!["a", "b"]]),
            ("a, b c", vec![vec!["a"], vec!["b", "c"]]),
            ("'a, b' c", vec![vec!["<a, b>", "c"]]),
            ("\"a b\",`c d`", vec![vec!["<a b>"], vec!["<c d>"]]),
            ("\"a b", vec![vec!["\"a", "b"]]),
            ("don't 'a b'", vec![vec!["don't", "<a b>"]]),
            ("\"\" x", vec![vec!["\"\"", "x"]]),
            (",,", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
        assert_eq!(words("1,3-5 x").len(), 2);
    }

    proptest! {
        #[test]
        fn any_text_is_cut(text in "[a-c \"'`,·가👍]{0,30}") {
            prop_assert!(parts(&text).iter().all(|part| !part.is_empty()));
            prop_assert!(words(&text).iter().all(|word| !word.text.is_empty()));
        }
    }
}
