//! Licence expressions (SPDX) as crates write them: `A OR B`, `A AND (B OR C)`, `A WITH X`, and the
//! old `A/B`, which means OR.

/// Whether the expression can be met with the allowed licences alone. An expression that cannot be
/// read is an error, not a yes.
pub(crate) fn is_met(expression: &str, allowed: &[String]) -> Result<bool, String> {
    let words = words(expression);
    let mut reader = Reader { words: &words, at: 0, allowed };
    let met = reader.any()?;
    match words.get(reader.at) {
        None => Ok(met),
        Some(rest) => Err(format!("`{rest}` is not expected in `{expression}`")),
    }
}

fn words(expression: &str) -> Vec<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    spaced.split_whitespace().map(str::to_owned).collect()
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    allowed: &'a [String],
}

impl Reader<'_> {
    fn takes(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|each| each == word);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Result<String, String> {
        let word = self.words.get(self.at).cloned().ok_or("the expression ends too early")?;
        self.at += 1;
        Ok(word)
    }

    /// `all OR all OR ..`
    fn any(&mut self) -> Result<bool, String> {
        let mut met = self.all()?;
        while self.takes("OR") {
            met |= self.all()?;
        }
        Ok(met)
    }

    /// `one AND one AND ..`
    fn all(&mut self) -> Result<bool, String> {
        let mut met = self.one()?;
        while self.takes("AND") {
            met &= self.one()?;
        }
        Ok(met)
    }

    /// `( any )`, or a licence with its exception.
    fn one(&mut self) -> Result<bool, String> {
        if self.takes("(") {
            let met = self.any()?;
            return if self.takes(")") { Ok(met) } else { Err("`)` is missing".to_owned()) };
        }
        let mut licence = self.next()?;
        if self.takes("WITH") {
            licence = format!("{licence} WITH {}", self.next()?);
        }
        Ok(self.allowed.contains(&licence))
    }
}

#[test]
fn expressions_are_read() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT/Apache-2.0", true),
        ("Apache-2.0 / GPL-2.0-only", false),
        ("ISC AND (Apache-2.0 OR MIT)", true),
        ("MIT AND OpenSSL", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", false),
        // AND binds closer than OR.
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", true),
        ("Apache-2.0 WITH LLVM-exception", true),
    ] {
        assert_eq!(is_met(expression, &allowed), Ok(met), "{expression}");
    }
    for broken in ["", "MIT AND", "(MIT", "MIT ISC"] {
        assert!(is_met(broken, &allowed).is_err(), "{broken}");
    }
}
