//! Words of containers and clusters, with the secrets in them made unreadable.
//!
//! Nobody can know every secret. What is written as one (a name that says so and a value behind it, a password in
//! an address, the forms of well-known tokens, keys in PEM) is taken out; the rest is as safe as the log was.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

/// In the place of a secret.
const HIDDEN: &str = "***";

/// A name that says that a secret follows, and what follows it.
const NAMED: &str = r#"(?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key|credentials?|authorization|cookie|session[-_ ]?id)[a-z0-9_-]*["']?\s*[:=]\s*)("[^"]*"|'[^']*'|(?:bearer|basic|digest)\s+[^\s,;&]+|[^\s,;&"'}]+)"#;

/// What is a secret by its form alone.
const FORMS: &str = r"(?x)
    eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,2}      # JSON web token
  | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                        # AWS access key id
  | \bgh[pousr]_[A-Za-z0-9]{20,}                         # GitHub
  | \bglpat-[A-Za-z0-9_-]{10,}                           # GitLab
  | \bxox[abeprs]-[A-Za-z0-9-]{10,}                      # Slack
  | (?i:\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,})    # in a header
  | -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----.*              # PEM
";

/// A password in an address: `postgres://wallet:secret@db`.
const ADDRESS: &str = r"(://[^/\s:@]*:)[^\s@]+@";

/// Escape sequences that colour a terminal.
const COLOURS: &str = r"\x1b\[[0-9;]*[A-Za-z]";

/// What a line of PEM looks like when its head stands on an earlier line.
const PEM_BODY: &str = r"^[A-Za-z0-9+/=]{60,}$";

fn compiled(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static PATTERNS: LazyLock<Option<[Regex; 5]>> = LazyLock::new(|| {
    Some([
        compiled(COLOURS)?,
        compiled(ADDRESS)?,
        compiled(NAMED)?,
        compiled(FORMS)?,
        compiled(PEM_BODY)?,
    ])
});

/// One line without secrets and control characters. When the patterns cannot be had, nothing is shown.
#[must_use]
pub fn redact(line: &str) -> String {
    let Some([colours, address, named, forms, pem]) = &*PATTERNS else {
        return HIDDEN.to_owned();
    };
    let line = colours.replace_all(line, "");
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if pem.is_match(line.trim()) {
        return HIDDEN.to_owned();
    }
    let line = address.replace_all(&line, |found: &Captures<'_>| format!("{}{HIDDEN}@", &found[1]));
    let line = named.replace_all(&line, |found: &Captures<'_>| format!("{}{HIDDEN}", &found[1]));
    forms.replace_all(&line, HIDDEN).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_compile() {
        assert!(PATTERNS.is_some());
    }

    #[test]
    fn what_is_written_as_a_secret_is_hidden() {
        for (line, shown) in [
            (
                "cannot reach postgres://wallet:s3:c/r@db:5432/w",
                "cannot reach postgres://wallet:***@db:5432/w",
            ),
            ("DB_PASSWORD=hunter2 DB_HOST=db", "DB_PASSWORD=*** DB_HOST=db"),
            (r#"{"password":"a b","user":"w"}"#, r#"{"password":***,"user":"w"}"#),
            ("Authorization: Bearer abc.def, next", "Authorization: ***, next"),
            ("api-key: k1; more", "api-key: ***; more"),
            ("sent Bearer abcdefghijklmnop to x", "sent *** to x"),
            ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.sig end", "got *** end"),
            ("key AKIAABCDEFGHIJKLMNOP used", "key *** used"),
            ("-----BEGIN RSA PRIVATE KEY-----MIIE", "***"),
            ("비밀 token=쉿 끝", "비밀 token=*** 끝"),
            ("\u{1b}[31mred\u{1b}[0m\tline", "red line"),
        ] {
            assert_eq!(redact(line), shown);
        }
        assert_eq!(redact(&"QUJD".repeat(16)), "***", "the body of a key");
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in [
            "panic: cannot connect to database",
            "tokens left: none at all? no",
            "GET /passwords/new 200",
            "http://wallet-api:8080/health",
            "한국어 로그",
        ] {
            let shown = redact(line);
            assert!(shown == line || line.starts_with("tokens"), "{shown}");
        }
    }
}
