//! Words of tools, made fit to be shown.

/// The longest detail, in characters.
const MAX_CHARS: usize = 200;
/// Every JSON web token begins with the Base64 of `{"`.
const TOKEN_HEAD: &str = "eyJ";

/// One line, without control characters and tokens, cut to about 200 characters.
#[must_use]
pub fn clean(raw: &str) -> String {
    let mut text = String::new();
    for word in raw.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        match word.find(TOKEN_HEAD) {
            Some(at) if word.len() - at > 20 => {
                text.push_str(&word[..at]);
                text.push('…');
            }
            _ => text.push_str(word),
        }
    }
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => {
            text.truncate(at);
            text.push('…');
            text
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_one_short_line_without_tokens() {
        assert_eq!(clean(" a\r\n\tb\u{7} c "), "a b c");
        assert_eq!(clean("bad token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig end"), "bad token=… end");
        assert_eq!(clean(&"가".repeat(500)).chars().count(), MAX_CHARS + 1);
    }
}
