//! The runbooks of a story, loaded as `serve` loads them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wilco_core::ids::{RunbookName, TeamName};
use wilco_core::runbook::load::{Known, load_pinned};
use wilco_core::runbook::{Catalog, embedded};
use wilco_engine::Definitions;

/// The connectors a story has, with their actions.
const ACTIONS: &[(&str, &[wilco_core::port::ActionSpec])] =
    &[("argocd", wilco_connectors::argocd::ACTIONS), ("wilco", wilco_engine::ACTIONS)];

/// The shipped runbooks by file name.
pub(crate) fn shipped() -> BTreeMap<String, String> {
    embedded::SHIPPED
        .iter()
        .map(|(file, source)| ((*file).to_owned(), (*source).to_owned()))
        .collect()
}

/// Loads files into a catalog; everything that is wrong with them as one text.
pub(crate) fn catalog(
    files: &BTreeMap<String, String>,
    teams: &BTreeSet<TeamName>,
) -> Result<Catalog, String> {
    // One stage stands for every platform.
    let known = Known { actions: ACTIONS, teams, adapters: None };
    Catalog::build(files.iter(), &known)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// Reads stored definitions again.
pub(crate) fn definitions() -> Definitions {
    Arc::new(|hash, source| {
        load_pinned(&RunbookName::new(hash.as_str()), source, ACTIONS).ok().map(Arc::new)
    })
}
