//! Runbook files: the shipped ones, or those of a folder.

use std::collections::{BTreeMap, BTreeSet};
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
pub(crate) fn catalog(
    files: &Files,
    teams: &BTreeSet<TeamName>,
) -> Result<Catalog, Vec<Diagnostic>> {
    Catalog::build(files.iter(), &Known { actions: ACTIONS, teams })
}

/// Reads stored definitions again.
pub(crate) fn definitions() -> Definitions {
    Arc::new(|hash, source| {
        load_pinned(&RunbookName::new(hash.as_str()), source, ACTIONS).ok().map(Arc::new)
    })
}

/// The diagnostics of files as one text, each with the line it speaks of.
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
