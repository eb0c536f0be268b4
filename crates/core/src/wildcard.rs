//! Patterns in which `*` stands for any characters. Pure.

/// Whether the whole text fits: `*` matches greedily, the rest must stand in order. Whoever wants it to stop at a
/// separator compares part by part.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let (between, last) = tail.rsplit_once('*').map_or((None, tail), |(a, b)| (Some(a), b));
    for piece in between.into_iter().flat_map(|between| between.split('*')) {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn the_pieces_stand_in_order_and_do_not_overlap() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("*", "a/b", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*b*c", "abbc", true),
            ("a*b*c", "acb", false),
            ("*b*b", "b", false),
            ("a**b", "ab", true),
            ("지갑-*", "지갑-api", true),
            ("a", "ab", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
