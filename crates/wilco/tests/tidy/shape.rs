//! The shape of source files: each opens with the reason why it exists, none grows past what one
//! reads in a sitting, and test binaries have the names by which the suites find them.

use crate::tree::{File, demand_none, files, finding};

/// Longer files are refused.
const LINES_MAX: usize = 700;
/// Longer files are listed, so that a reviewer sees them grow.
const LINES_NOTED: usize = 450;
/// `scripts/test` runs test binaries by these names; another name would be left out in silence.
const TEST_BINARIES: &[&str] = &["it", "kill", "tidy"];

fn module_docs(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is_rust() && !file.text.starts_with("//!"))
        .map(|file| finding(&file.path, 1, "starts without a module doc: say why this file exists"))
        .collect()
}

fn length(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| is_source(file))
        .map(|file| (file, file.lines().count()))
        .filter(|(_, count)| *count > LINES_MAX)
        .map(|(file, count)| {
            finding(&file.path, count, &format!("over {LINES_MAX} lines: split it by what it does"))
        })
        .collect()
}

fn is_source(file: &File) -> bool {
    [".rs", ".js", ".mjs", ".css"].iter().any(|end| file.path.ends_with(end))
}

fn test_binaries(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter_map(|file| {
            let parts: Vec<&str> = file.path.split('/').collect();
            let ["crates", _, "tests", rest @ ..] = parts.as_slice() else { return None };
            let name = match rest {
                [name] => name.strip_suffix(".rs")?,
                [name, "main.rs"] => name,
                _ => return None,
            };
            let text = format!(
                "a test binary is called {}, or no suite runs it",
                TEST_BINARIES.join(", ")
            );
            (!TEST_BINARIES.contains(&name)).then(|| finding(&file.path, 1, &text))
        })
        .collect()
}

#[test]
fn every_rust_file_has_a_module_doc() {
    demand_none("module docs", &module_docs(&files()));
}

#[test]
fn no_file_is_too_long() {
    let files = files();
    for file in files.iter().filter(|file| is_source(file)) {
        let count = file.lines().count();
        if count > LINES_NOTED {
            println!("{count:5} lines: {}", file.path);
        }
    }
    demand_none("length of files", &length(&files));
}

#[test]
fn test_binaries_have_known_names() {
    demand_none("names of test binaries", &test_binaries(&files()));
}

#[test]
fn bites() {
    let bare = File::made_up("crates/core/src/a.rs", "use std::fmt;\n");
    assert_eq!(module_docs(&[bare]).len(), 1);
    let long = File::made_up("crates/core/src/b.rs", &"//! long\n".repeat(LINES_MAX + 1));
    assert_eq!(length(&[long]).len(), 1);
    let stray = File::made_up("crates/store/tests/stories.rs", "");
    let module = File::made_up("crates/store/tests/it/stories.rs", "");
    assert_eq!(test_binaries(&[stray, module]).len(), 1);
}
