//! The words of a template: statements, and the filters and tests that `MiniJinja` itself looks up
//! only when it runs.
//!
//! A misspelt filter must be found when the runbook is loaded, not in the middle of a deployment.
//! `|` has no other meaning in the language than to apply a filter, and `is` none but to apply a
//! test, so a look at the words outside of string literals is exact.
//!
//! Of the statements only `for` and `if` are for runbooks. Those that name a value (`set`, `with`)
//! would allow to double it again and again, which no count of steps bounds.

use std::ops::Range;

use super::diagnostic::suggest;
use super::template::{TemplateFault, knows};

/// Filters for "did you mean".
const FILTERS: &[&str] = &[
    "abs",
    "batch",
    "bool",
    "count",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
    "zip",
];
/// Tests for "did you mean".
const TESTS: &[&str] = &[
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "even",
    "false",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Statements that a template may use.
const STATEMENTS: &[&str] = &["for", "endfor", "if", "elif", "else", "endif"];

/// Looks up every statement, filter and test of a template (`braces`) or of a condition.
pub(super) fn check(source: &str, braces: bool) -> Result<(), TemplateFault> {
    let mut before: Option<&str> = None;
    let mut asked = false;
    for (token, range) in tokens(source, braces) {
        if before == Some("{%") && !STATEMENTS.contains(&token) {
            if token == "-" || token == "+" {
                continue;
            }
            return Err(TemplateFault {
                message: format!("`{token}` is not for runbooks; only `for` and `if` are"),
                suggestion: suggest(token, STATEMENTS.iter().copied()),
                range: Some(range),
            });
        }
        let filter = before == Some("|");
        let test = before == Some("is") || (asked && token != "not");
        asked = before == Some("is") && token == "not";
        let kind = if filter {
            "filter"
        } else if test {
            "test"
        } else {
            before = Some(token);
            continue;
        };
        before = Some(token);
        if asked || token == "(" || knows(kind, token) {
            continue;
        }
        let candidates = if filter { FILTERS } else { TESTS };
        return Err(TemplateFault {
            message: format!("unknown {kind} `{token}`"),
            suggestion: suggest(token, candidates.iter().copied()),
            range: Some(range),
        });
    }
    Ok(())
}

/// Words and single signs of the code in a template, without string literals and without the text
/// between the braces.
fn tokens(source: &str, braces: bool) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut inside = !braces;
    let mut at = 0;
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let len = if !inside {
            if let Some(comment) = rest.strip_prefix("{#") {
                comment.find("#}").map_or(rest.len(), |end| end + 4)
            } else if rest.starts_with("{{") || rest.starts_with("{%") {
                inside = true;
                found.push((&rest[..2], at..at + 2));
                2
            } else {
                c.len_utf8()
            }
        } else if braces && (rest.starts_with("}}") || rest.starts_with("%}")) {
            inside = false;
            2
        } else if c == '"' || c == '\'' {
            literal_len(rest, c)
        } else if c.is_alphanumeric() || c == '_' {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push((&rest[..len], at..at + len));
            len
        } else {
            if !c.is_whitespace() {
                found.push((&rest[..c.len_utf8()], at..at + c.len_utf8()));
            }
            c.len_utf8()
        };
        at += len;
    }
    found
}

/// The length of a string literal with its quotes.
fn literal_len(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return i + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_and_tests_are_looked_up() {
        for fine in [
            "{{ apps | join(', ') }}",
            "{{ 'a | b is c' }} | upside is down",
            "{{ a is not none and b is defined }}",
            "{{ a is not divisibleby(3) }}",
            "{# | nothing #}{{ a|sort|first }}",
            "{% if a is eq('}}') %}x{% endif %}",
        ] {
            assert_eq!(check(fine, true), Ok(()), "{fine}");
        }
        for (wrong, word, meant) in [
            ("{{ apps | jion(', ') }}", "unknown filter `jion`", Some("join")),
            ("{{ a is defind }}", "unknown test `defind`", Some("defined")),
            ("{{ a is not defind }}", "unknown test `defind`", Some("defined")),
            ("{% for a in b|qqqqqq %}{% endfor %}", "unknown filter `qqqqqq`", None),
        ] {
            let fault = check(wrong, true).unwrap_err();
            assert_eq!((fault.message.as_str(), fault.suggestion.as_deref()), (word, meant));
        }
    }
}
