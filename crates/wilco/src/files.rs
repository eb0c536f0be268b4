//! Runbook files: the shipped ones, or those of a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use wilco_core::ids::{RunbookName, TeamName};
use wilco_core::port::ActionSpec;
use wilco_core::runbook::diagnostic::Diagnostic;
use wilco_core::runbook::load::{Known, load_pinned};
use wilco_core::runbook::{Catalog, embedded};
use wilco_engine::Definitions;

/// Name and content of each file, by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Every action that a runbook may use.
const ACTIONS: &[(&str, &[ActionSpec])] =
    &[("argocd", wilco_connectors::argocd::ACTIONS), ("wilco", wilco_engine::ACTIONS)];

/// What runbooks may name besides actions.
pub(crate) struct Names {
    /// The teams of the configuration.
    pub(crate) teams: BTreeSet<TeamName>,
    /// The chat platforms that the command has.
    pub(crate) adapters: &'static [&'static str],
}

/// The files of a folder, or the shipped ones.
///
/// # Errors
/// The folder or a file in it cannot be read.
pub(crate) fn read(folder: Option<&Path>) -> anyhow::Result<Files> {
    let Some(folder) = folder else {
        let shipped = embedded::SHIPPED.iter();
        return Ok(shipped
            .map(|(name, source)| (format!("runbooks/{name}"), source.as_bytes().to_vec()))
            .collect());
    };
    let mut files = Files::new();
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder of runbooks {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            let content =
                std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            files.insert(path.display().to_string(), content);
        }
    }
    Ok(files)
}

/// Checks all files.
///
/// # Errors
/// Everything that is wrong.
pub(crate) fn catalog(files: &Files, names: &Names) -> Result<Catalog, Vec<Diagnostic>> {
    let Names { teams, adapters } = names;
    let known = Known { actions: ACTIONS, teams, adapters: Some(adapters) };
    Catalog::build(files.iter(), &known)
}

/// Reads stored definitions again.
pub(crate) fn definitions() -> Definitions {
    Arc::new(|hash, source| {
        load_pinned(&RunbookName::new(hash.as_str()), source, ACTIONS).ok().map(Arc::new)
    })
}

/// The mistakes of runbooks as one text, each with the line it speaks of.
pub(crate) fn explain(problems: &[Diagnostic], files: &Files) -> String {
    let source = |file: &str| {
        files
            .get(file)
            .map(|content| String::from_utf8_lossy(content).into_owned())
            .unwrap_or_default()
    };
    problems
        .iter()
        .map(|problem| problem.render(&source(&problem.file)))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// The mistakes of a configuration as one text. No line of it is shown: a secret that somebody wrote
/// there may stand in any of them, and this text goes into logs.
pub(crate) fn explain_config(problems: &[Diagnostic]) -> String {
    let told = problems.iter().map(|problem| {
        let message = without_secrets(&problem.message);
        Diagnostic { message, ..problem.clone() }.to_string()
    });
    told.collect::<Vec<_>>().join("\n")
}

/// A message quotes the key or the value that is wrong. With a colon or a quote forgotten, a secret is
/// one (`{ token:abc }`, `token: 123`), or a part of one.
fn without_secrets(message: &str) -> String {
    let mut shown = message.to_owned();
    for name in ["token", "password"] {
        hide_behind(&mut shown, name, |rest| {
            let value = rest.trim_start_matches([':', '=', ' ', '"', '\'']);
            let begin = rest.len() - value.len();
            (begin > 0).then(|| begin..begin + value.find('`').unwrap_or(value.len()))
        });
    }
    hide_behind(&mut shown, "the number ", |rest| {
        Some(0..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))
    });
    // The user and the password of an address.
    hide_behind(&mut shown, "://", |rest| {
        let end = rest.find(['@', '`']).unwrap_or(rest.len());
        rest[..end].contains(':').then_some(0..end)
    });
    shown
}

/// Puts `…` where something secret stands behind a word.
fn hide_behind(text: &mut String, word: &str, secret: impl Fn(&str) -> Option<Range<usize>>) {
    let mut from = 0;
    while let Some(at) = text[from..].find(word) {
        from += at + word.len();
        if let Some(part) = secret(&text[from..]) {
            text.replace_range(from + part.start..from + part.end, "…");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::config::{self, Environment};

    struct Empty;

    impl Environment for Empty {
        fn variable(&self, _name: &str) -> Option<String> {
            None
        }

        fn file(&self, path: &str) -> io::Result<String> {
            Err(io::Error::new(io::ErrorKind::NotFound, path.to_owned()))
        }
    }

    fn told(source: &str) -> String {
        match config::read("wilco.yaml", source.as_bytes(), &Empty) {
            Ok(_) => String::new(),
            Err(found) => explain_config(&found),
        }
    }

    #[test]
    fn a_secret_in_the_configuration_is_never_repeated() {
        for source in [
            "store: sqlite:x.db\nargocd: [{ url: https://a, token: 90210117 }]\n",
            "store: sqlite:x.db\nargocd: [{ url: https://a, token:90210117 }]\n",
            "store: sqlite:x.db\nargocd: [{ url: https://a, token 90210117 }]\n",
            "store: sqlite:x.db\nargocd: [{ url: https://a, tokn: x90210117 }]\n",
            "store: sqlite:x.db\nargocd: { url: ftp://a, token: x90210117 }\n",
            "store: sqlite:x.db\nargocd: { url: https://a, username: u, password: x90210117, more: 1 }\n",
            "store: sqlite:x.db\nargocd: { url: https://a, password: '90210117', password: x }\n",
            "store: sqlite:x.db\nargocd:\n  url: https://a\n  token: x90210117\n",
            "store: sqlite:x.db\nargocd:\n  url: https://a\n  token: [x90210117\n",
            "store: sqlite:x.db\nargocd:\n\ttoken: x90210117\n",
            "store: postgress://u:90210117@h/d\n",
            "stroe: postgres://u:90210117@h/d\n",
            "store:postgres://u:90210117@h/d\n",
            "store: postgres://u:90210117@h/d\0",
            "{ store: postgres://u:90210117@h/d, listne: x }\n",
        ] {
            let told = told(source);
            assert!(!told.contains("90210117"), "{told}");
            assert!(told.starts_with("wilco.yaml:"), "{source}: {told}");
        }
    }

    #[test]
    fn what_is_no_secret_is_told_whole() {
        assert_eq!(
            told("stroe: sqlite:x.db\npatience: '10'\nargocd: [{ url: a, token: env:A }]\n"),
            "wilco.yaml:1:1: unknown key `stroe`. Did you mean `store`?\n\
             wilco.yaml:2:11: `10` is not a time such as `10m`, `45s` or `2h`\n\
             wilco.yaml:3:27: the environment variable `A` is not set"
        );
        assert_eq!(
            told("store: mysql://h/d\nargocd: [{ url: a, username: u }]\n"),
            "wilco.yaml:1:8: `store` is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`\n\
             wilco.yaml:2:10: `argocd` wants either `token`, or `username` and `password`"
        );
    }
}
