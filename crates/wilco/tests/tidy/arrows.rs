//! Who may use whom. Cargo forbids cycles; this forbids arrows that ARCHITECTURE.md does not draw.
//!
//! Dev-dependencies may point elsewhere (a connector is tested against its double), but not for
//! `core` and `sim`: a test of the double that used our own types would let a wrong field pass on
//! both sides.

use crate::tree::{File, demand_none, files, finding};

/// Each crate folder and the folders it may use. A new crate gets a line here first.
const MAY_USE: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("sim", &[]),
    ("store", &["core"]),
    ("connectors", &["core"]),
    ("chat", &["core"]),
    ("engine", &["core"]),
    ("web", &["core", "engine"]),
    ("transcript", &["core", "engine", "chat", "connectors", "store", "sim"]),
    ("wilco", &["core", "engine", "chat", "connectors", "store", "web", "sim", "transcript"]),
];

/// Crates whose tests, too, use nothing of ours.
const PURE_IN_TESTS: &[&str] = &["core", "sim"];

fn check(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let Some(folder) =
            file.path.strip_prefix("crates/").and_then(|rest| rest.strip_suffix("/Cargo.toml"))
        else {
            continue;
        };
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == folder) else {
            findings.push(finding(
                &file.path,
                1,
                "a crate that the table in arrows.rs does not know",
            ));
            continue;
        };
        for (line, section, name) in our_dependencies(file) {
            let bound = match section {
                Section::Normal => true,
                Section::Dev => PURE_IN_TESTS.contains(&folder),
            };
            if bound && !allowed.contains(&name.as_str()) {
                let text = format!("{folder} must not use {name} (see the table in arrows.rs)");
                findings.push(finding(&file.path, line, &text));
            }
        }
    }
    findings
}

#[derive(Clone, Copy)]
enum Section {
    Normal,
    Dev,
}

/// The dependencies on crates of this workspace: line, section, folder.
fn our_dependencies(file: &File) -> Vec<(usize, Section, String)> {
    let mut section = None;
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        let line = line.trim();
        if line.starts_with('[') {
            section = if line.ends_with("dev-dependencies]") {
                Some(Section::Dev)
            } else if line.ends_with("dependencies]") {
                Some(Section::Normal)
            } else {
                None
            };
        }
        let name = line.strip_prefix("wilco-").and_then(|rest| rest.split(['.', ' ', '=']).next());
        if let (Some(section), Some(name)) = (section, name) {
            found.push((number, section, name.to_owned()));
        }
    }
    found
}

#[test]
fn tree_obeys() {
    demand_none("arrows between crates", &check(&files()));
}

#[test]
fn every_crate_of_the_table_exists() {
    let files = files();
    for (folder, _) in MAY_USE {
        let path = format!("crates/{folder}/Cargo.toml");
        assert!(files.iter().any(|file| file.path == path), "arrows.rs names {path}");
    }
}

#[test]
fn bites() {
    let chat = "[dependencies]\nwilco-core.workspace = true\nwilco-store = { path = \"../store\" }\n[dev-dependencies]\nwilco-sim.workspace = true\n";
    assert_eq!(
        check(&[File::made_up("crates/chat/Cargo.toml", chat)]),
        ["crates/chat/Cargo.toml:3: chat must not use store (see the table in arrows.rs)"]
    );
    let sim = "[dev-dependencies]\nwilco-core.workspace = true\n";
    assert_eq!(check(&[File::made_up("crates/sim/Cargo.toml", sim)]).len(), 1);
    assert_eq!(check(&[File::made_up("crates/newcomer/Cargo.toml", "")]).len(), 1);
}
