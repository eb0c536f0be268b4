//! All runbooks that are loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ids::{DefinitionHash, RunbookName};
use crate::input::Aliases;
use crate::runbook::{Does, Runbook};

use super::check::Known;
use super::diagnostic::Diagnostic;
use super::load::load_placed;
use super::openings::Openings;

/// All runbooks that are loaded, by number.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    runbooks: Vec<Arc<Runbook>>,
    openings: Openings,
    aliases: Aliases,
}

impl Catalog {
    /// A catalog of checked runbooks.
    #[must_use]
    pub fn new(mut runbooks: Vec<Arc<Runbook>>) -> Self {
        runbooks.sort_by_key(|runbook| runbook.number);
        let openings = Openings::of(words(&runbooks).map(|(word, _)| word));
        let aliases = Aliases::of(words(&runbooks).map(|(word, _)| word));
        Self { runbooks, openings, aliases }
    }

    /// Loads all files, each with its name for messages, and checks that no two of them claim the
    /// same number or word.
    ///
    /// # Errors
    /// Everything that is wrong with all files, file by file.
    pub fn build<N: AsRef<str>, S: AsRef<[u8]>>(
        files: impl IntoIterator<Item = (N, S)>,
        known: &Known<'_>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let mut runbooks = Vec::new();
        // Who was first, by number and by word: the file and what it is called there.
        let mut numbers: BTreeMap<u32, String> = BTreeMap::new();
        let mut words: BTreeMap<String, String> = BTreeMap::new();
        let mut undoes = Vec::new();
        for (file, source) in files {
            let file = file.as_ref();
            let loaded = match load_placed(file, source.as_ref(), known) {
                Ok(loaded) => loaded,
                Err(problems) => {
                    found.extend(problems);
                    continue;
                }
            };
            let number = loaded.runbook.number;
            if let Some(first) = numbers.get(&number) {
                let message = format!("the number {number} is taken by {first}");
                found.push(Diagnostic::at(file, loaded.number, message));
            }
            numbers.entry(number).or_insert_with(|| file.to_owned());
            for (word, place) in loaded.words {
                if let Some(first) = words.get(&word) {
                    let message = format!("the word `{word}` is taken by {first}");
                    found.push(Diagnostic::at(file, place, message));
                }
                words.entry(word).or_insert_with(|| file.to_owned());
            }
            if let Some(place) = loaded.undo {
                undoes.push((file.to_owned(), place, loaded.runbook.undo().cloned()));
            }
            runbooks.push(Arc::new(loaded.runbook));
        }
        for (file, place, undo) in undoes {
            let fits = |runbook: &Arc<Runbook>| {
                Some(&runbook.name) == undo.as_ref() && matches!(runbook.does, Does::Run(_))
            };
            // One that cannot be read may be the one that is meant.
            if found.is_empty() && !runbooks.iter().any(fits) {
                let name = undo.as_ref().map_or("", RunbookName::as_str);
                let message = format!("no runbook called `{name}` changes something");
                found.push(Diagnostic::at(&file, place, message));
            }
        }
        if found.is_empty() { Ok(Self::new(runbooks)) } else { Err(found) }
    }

    /// By number.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Runbook>> {
        self.runbooks.iter()
    }

    /// In exactly this version.
    #[must_use]
    pub fn by_hash(&self, hash: &DefinitionHash) -> Option<Arc<Runbook>> {
        self.iter().find(|runbook| runbook.hash == *hash).cloned()
    }

    /// By name.
    #[must_use]
    pub fn by_name(&self, name: &RunbookName) -> Option<Arc<Runbook>> {
        self.iter().find(|runbook| runbook.name == *name).cloned()
    }

    /// By its number in the menu.
    #[must_use]
    pub fn by_number(&self, number: u32) -> Option<Arc<Runbook>> {
        self.iter().find(|runbook| runbook.number == number).cloned()
    }

    /// Every word that starts a runbook, names and aliases as written, by number of the runbook.
    pub fn words(&self) -> impl Iterator<Item = (&str, &Arc<Runbook>)> {
        words(&self.runbooks)
    }

    /// [`Catalog::words`], ready to be compared with what people type.
    #[must_use]
    pub fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// The runbook that the word at this place of [`Catalog::words`] starts.
    #[must_use]
    pub fn by_word(&self, index: usize) -> Option<Arc<Runbook>> {
        self.words().nth(index).map(|(_, runbook)| Arc::clone(runbook))
    }

    /// Whether a text may ask for help or name a runbook. Cheap, and errs towards yes: what it says
    /// no to needs no closer look.
    #[must_use]
    pub fn may_open(&self, text: &str) -> bool {
        self.openings.may_be(text)
    }
}

fn words(runbooks: &[Arc<Runbook>]) -> impl Iterator<Item = (&str, &Arc<Runbook>)> {
    runbooks.iter().flat_map(|runbook| {
        let aliases = runbook.aliases.iter().map(String::as_str);
        std::iter::once(runbook.name.as_str()).chain(aliases).map(move |word| (word, runbook))
    })
}

#[cfg(test)]
mod tests {
    use crate::runbook::shipped;

    use super::*;

    fn file(name: &str, number: u32, aliases: &str) -> String {
        format!(
            "runbook: {name}\nnumber: {number}\ntitle: {{ en: a, ko: a }}\naliases: [{aliases}]\nwho: []\nanswer: {{ use: wilco.status }}\n"
        )
    }

    fn build(files: &[(&str, String)]) -> Result<Catalog, Vec<String>> {
        Catalog::build(files.iter().map(|(name, source)| (name, source)), &shipped::known())
            .map_err(|found| found.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn runbooks_are_found_by_number_name_hash_and_word() {
        let catalog = build(&[
            ("b.yaml", file("beta", 12, "베타")),
            ("a.yaml", file("alpha", 3, "Alfa, 알파")),
        ])
        .unwrap();
        let names: Vec<&str> = catalog.iter().map(|runbook| runbook.name.as_str()).collect();
        assert_eq!(names, ["alpha", "beta"]);
        let beta = catalog.by_number(12).unwrap();
        assert_eq!(catalog.by_name(&RunbookName::new("beta")).unwrap().hash, beta.hash);
        assert_eq!(catalog.by_hash(&beta.hash).unwrap().number, 12);
        assert!(catalog.by_number(1).is_none());
        let words: Vec<&str> = catalog.words().map(|(word, _)| word).collect();
        assert_eq!(words, ["alpha", "Alfa", "알파", "beta", "베타"]);
    }

    #[test]
    fn two_files_cannot_claim_the_same() {
        let found = build(&[
            ("a.yaml", file("alpha", 3, "알파, al")),
            ("b.yaml", file("beta", 3, "AL, 베타")),
            ("c.yaml", file("alpha", 4, "감마")),
            ("d.yaml", file("delta", 5, "Beta!")),
            ("e.yaml", "runbook: 5".to_owned()),
        ])
        .unwrap_err();
        assert_eq!(
            found[..4],
            [
                "b.yaml:2:9: the number 3 is taken by a.yaml",
                "b.yaml:4:11: the word `al` is taken by a.yaml",
                "c.yaml:1:10: the word `alpha` is taken by a.yaml",
                "d.yaml:4:11: the word `beta` is taken by b.yaml",
            ]
        );
        assert!(found[4..].iter().all(|problem| problem.starts_with("e.yaml:1:")), "{found:?}");
    }
}
