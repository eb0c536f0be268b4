//! A small scanner for Rust text: it tells code, string literals and comments apart, so that a rule
//! about code does not stumble over a comment that explains it.
//!
//! It knows line and nested block comments, plain, byte, C and raw strings, and the difference
//! between a character and a lifetime. That is all the rules need; the compiler does the rest.

/// One line of a Rust file, split by kind. `number` counts from 1.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: usize,
    /// Code, with each string literal reduced to `""` and comments removed.
    pub(crate) code: String,
    /// What stands inside string literals on this line.
    pub(crate) strings: String,
}

/// Splits a whole file.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = vec![Line { number: 1, ..Line::default() }];
    let mut at = 0;
    while at < chars.len() {
        at = match chars[at] {
            '/' if chars.get(at + 1) == Some(&'/') => skip_line_comment(&chars, at),
            '/' if chars.get(at + 1) == Some(&'*') => skip_block_comment(&chars, at, &mut out),
            '\'' => take_quote(&chars, at, &mut out),
            '"' => take_string(&chars, at, &mut out),
            'r' if !follows_word(&chars, at) && raw_hashes(&chars, at + 1).is_some() => {
                let hashes = raw_hashes(&chars, at + 1).unwrap_or_default();
                take_raw_string(&chars, at + 1 + hashes, hashes, &mut out)
            }
            'b' | 'c' if !follows_word(&chars, at) && raw_prefix(&chars, at + 1) => {
                // `br"..."`: the prefix is code, the next round sees the raw string.
                let hashes = raw_hashes(&chars, at + 2).unwrap_or_default();
                take_raw_string(&chars, at + 2 + hashes, hashes, &mut out)
            }
            other => {
                push_code(&mut out, other);
                at + 1
            }
        };
    }
    out
}

/// The lines without the items under `#[cfg(test)]`.
pub(crate) fn production_lines(text: &str) -> Vec<Line> {
    let mut kept = Vec::new();
    let mut skip = Skip::No;
    for line in lines(text) {
        if matches!(skip, Skip::No) && line.code.trim_start().starts_with("#[cfg(test)]") {
            skip = Skip::UntilOpen;
        }
        match skip {
            Skip::No => kept.push(line),
            Skip::UntilOpen | Skip::Inside(_) => skip = skip.after(&line.code),
        }
    }
    kept
}

/// Whether `word` stands in the text by itself: `.await` is not in `.awaits`, `rand::` not in `errand::`.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let is_word = |each: char| each.is_alphanumeric() || each == '_';
    text.match_indices(word).any(|(at, _)| {
        let glued = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(is_word) && outer.is_some_and(is_word)
        };
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !glued(word.chars().next(), before) && !glued(word.chars().next_back(), after)
    })
}

/// Where we are in an item that is left out.
enum Skip {
    No,
    /// The attribute was seen, the `{` or `;` of the item was not.
    UntilOpen,
    /// Inside its braces, so many deep.
    Inside(usize),
}

impl Skip {
    fn after(self, code: &str) -> Self {
        let mut depth = match self {
            Self::Inside(depth) => depth,
            Self::No | Self::UntilOpen => 0,
        };
        for each in code.chars() {
            match each {
                '{' => depth += 1,
                '}' if depth <= 1 => return Self::No,
                '}' => depth -= 1,
                ';' if depth == 0 => return Self::No,
                _ => {}
            }
        }
        if depth == 0 { Self::UntilOpen } else { Self::Inside(depth) }
    }
}

fn current(out: &mut [Line]) -> &mut Line {
    out.last_mut().expect("there is always a line")
}

fn push_code(out: &mut Vec<Line>, each: char) {
    if each == '\n' {
        new_line(out);
    } else {
        current(out).code.push(each);
    }
}

fn push_string(out: &mut Vec<Line>, each: char) {
    if each == '\n' {
        new_line(out);
    } else {
        current(out).strings.push(each);
    }
}

fn new_line(out: &mut Vec<Line>) {
    let number = out.len() + 1;
    out.push(Line { number, ..Line::default() });
}

fn skip_line_comment(chars: &[char], from: usize) -> usize {
    (from..chars.len()).find(|&at| chars[at] == '\n').unwrap_or(chars.len())
}

fn skip_block_comment(chars: &[char], from: usize, out: &mut Vec<Line>) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            ('\n', _) => {
                new_line(out);
                at += 1;
            }
            _ => at += 1,
        }
    }
    at
}

/// A character literal is dropped, a lifetime kept.
fn take_quote(chars: &[char], from: usize, out: &mut Vec<Line>) -> usize {
    if chars.get(from + 1) == Some(&'\\') {
        let end = (from + 3..chars.len()).find(|&at| chars[at] == '\'');
        return end.map_or(chars.len(), |at| at + 1);
    }
    if chars.get(from + 2) == Some(&'\'') {
        return from + 3;
    }
    push_code(out, '\'');
    from + 1
}

fn take_string(chars: &[char], from: usize, out: &mut Vec<Line>) -> usize {
    current(out).code.push_str("\"\"");
    let mut at = from + 1;
    while at < chars.len() {
        match chars[at] {
            '"' => return at + 1,
            '\\' => {
                push_string(out, '\\');
                if let Some(&escaped) = chars.get(at + 1) {
                    push_string(out, escaped);
                }
                at += 2;
            }
            other => {
                push_string(out, other);
                at += 1;
            }
        }
    }
    at
}

/// `quote` is the place of the opening `"`.
fn take_raw_string(chars: &[char], quote: usize, hashes: usize, out: &mut Vec<Line>) -> usize {
    current(out).code.push_str("\"\"");
    let mut at = quote + 1;
    while at < chars.len() {
        let closes = chars[at] == '"'
            && chars[at + 1..].iter().take(hashes).filter(|&&each| each == '#').count() == hashes;
        if closes {
            return at + 1 + hashes;
        }
        push_string(out, chars[at]);
        at += 1;
    }
    at
}

/// How many `#` stand between here and the `"` of a raw string; nothing if it is none.
fn raw_hashes(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars.get(from..)?.iter().take_while(|&&each| each == '#').count();
    (chars.get(from + hashes) == Some(&'"')).then_some(hashes)
}

fn raw_prefix(chars: &[char], from: usize) -> bool {
    chars.get(from) == Some(&'r') && raw_hashes(chars, from + 1).is_some()
}

fn follows_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_')
}

#[cfg(test)]
mod tests {
    use super::{has_word, lines, production_lines};

    fn code(text: &str) -> String {
        lines(text).into_iter().map(|line| line.code).collect::<Vec<_>>().join("\n")
    }

    fn strings(text: &str) -> String {
        lines(text).into_iter().map(|line| line.strings).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn comments_are_not_code() {
        assert_eq!(code("a // b\n/* c /* d */ e */ f"), "a \n f");
        assert_eq!(code("let u = \"http://x\"; y"), "let u = \"\"; y");
    }

    #[test]
    fn strings_are_kept_apart() {
        assert_eq!(strings(r#"say("a \" b", "c")"#), r#"a \" bc"#);
        assert_eq!(strings("r#\"x \"y\" \\\"# z"), "x \"y\" \\");
        assert_eq!(strings("br\"raw\""), "raw");
        assert_eq!(strings("\"one\ntwo\""), "one\ntwo");
    }

    #[test]
    fn characters_are_not_lifetimes() {
        assert_eq!(code("fn f<'a>(x: &'a str) { '\"' }"), "fn f<'a>(x: &'a str) {  }");
        assert_eq!(code(r"match c { '\'' => 1, '\u{1F600}' => 2 }"), "match c {  => 1,  => 2 }");
    }

    #[test]
    fn words_stand_alone() {
        assert!(has_word("a.b().await?", ".await") && !has_word("run.awaits_x()", ".await"));
        assert!(has_word("rand::rng()", "rand::") && !has_word("errand::run()", "rand::"));
        assert!(has_word("std::fs::read", "std::fs") && !has_word("std::fsync", "std::fs"));
    }

    #[test]
    fn line_numbers_survive() {
        let last = lines("a\n\"b\nc\"\n/* d\n */ e").pop().map(|line| (line.number, line.code));
        assert_eq!(last, Some((5, " e".to_owned())));
    }

    #[test]
    fn test_items_are_left_out() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { c(); }\n}\nfn d() {}\n#[cfg(test)]\nmod far;\nfn e() {}";
        let kept: Vec<String> = production_lines(text).into_iter().map(|line| line.code).collect();
        assert_eq!(kept, ["fn a() {}", "fn d() {}", "fn e() {}"]);
    }
}
