//! The files of the repository, and the form in which rules report.

use std::path::{Path, PathBuf};
use std::process::Command;

/// One text file.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// A Rust file that only tests compile: in a folder of tests, or a module under `#[cfg(test)]`.
    pub(crate) is_test: bool,
}

impl File {
    /// A file that exists only in a test of a rule.
    pub(crate) fn made_up(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), is_test: is_test_path(path) }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// A Rust file that is part of a library or of the binary.
    pub(crate) fn is_production_rust(&self) -> bool {
        self.is_rust() && !self.is_test
    }

    /// Specifications and recordings of others, and lock files: they keep their own form.
    pub(crate) fn is_foreign(&self) -> bool {
        let ours = [".rs", ".md", ".py"].iter().any(|end| self.path.ends_with(end));
        (self.path.contains("/contract/") && !ours)
            || self.path.ends_with(".lock")
            || self.path.ends_with("-lock.json")
    }

    /// The lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// One violation, ready to print.
pub(crate) fn finding(path: &str, line: usize, text: &str) -> String {
    format!("{path}:{line}: {text}")
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("the crate stands two folders below the root").to_path_buf()
}

/// All text files that git tracks or would add. Files that are not UTF-8 (pictures) are left out.
pub(crate) fn files() -> Vec<File> {
    let root = root();
    let listed = paths(&root);
    assert!(!listed.is_empty(), "git lists no files in {}", root.display());
    let mut files: Vec<File> = listed
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(root.join(&path)).ok()?;
            Some(File::made_up(&path, &text))
        })
        .collect();
    mark_test_modules(&mut files);
    files
}

fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
}

/// Marks the files of modules that are declared under `#[cfg(test)]`, as in
/// `#[cfg(test)] mod tests;` or with a `#[path = ".."]` between.
fn mark_test_modules(files: &mut [File]) {
    let modules: Vec<String> = files
        .iter()
        .filter(|file| file.is_rust())
        .flat_map(|file| test_modules(&file.path, &file.text))
        .collect();
    for file in files {
        file.is_test |= modules.contains(&file.path);
    }
}

fn test_modules(path: &str, text: &str) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let home = match name {
        "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
        _ => path.trim_end_matches(".rs").to_owned(),
    };
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while lines.any(|line| line == "#[cfg(test)]") {
        let mut file = None;
        for line in lines.by_ref() {
            if line.starts_with("#[path") {
                file = line.split('"').nth(1).map(|name| format!("{folder}/{name}"));
            } else if !line.starts_with("#[") {
                let module = line.rsplit_once("mod ").and_then(|(_, rest)| rest.strip_suffix(';'));
                found.extend(module.map(|name| file.unwrap_or(format!("{home}/{name}.rs"))));
                break;
            }
        }
    }
    found
}

/// The paths of all files that git tracks or would add, pictures too.
pub(crate) fn paths(root: &Path) -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .expect("the tidy test needs git");
    assert!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listed = String::from_utf8(output.stdout).expect("paths are UTF-8");
    let mut paths: Vec<String> = listed
        .split('\0')
        // A file deleted but not yet committed is still listed.
        .filter(|path| !path.is_empty() && root.join(path).is_file())
        .map(str::to_owned)
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

/// Fails the test with one finding per line.
#[track_caller]
pub(crate) fn demand_none(rule: &str, findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{rule}: {} finding(s)\n  {}",
        findings.len(),
        findings.join("\n  ")
    );
}

#[test]
fn tells_production_from_tests() {
    let mut files = [
        ("crates/a/src/lib.rs", "mod b;\n#[cfg(test)]\nmod c;\n"),
        (
            "crates/a/src/b.rs",
            "#[cfg(test)]\n#[path = \"b_story.rs\"]\nmod story;\n#[cfg(test)]\nmod d;\n",
        ),
        ("crates/a/src/c.rs", ""),
        ("crates/a/src/b_story.rs", ""),
        ("crates/a/src/b/d.rs", ""),
        ("crates/a/tests/it/main.rs", ""),
        ("crates/a/benches/steps.rs", ""),
        ("README.md", ""),
    ]
    .map(|(path, text)| File::made_up(path, text));
    mark_test_modules(&mut files);
    let production = files.iter().filter(|file| file.is_production_rust());
    assert_eq!(
        production.map(|file| file.path.as_str()).collect::<Vec<_>>(),
        ["crates/a/src/lib.rs", "crates/a/src/b.rs"]
    );
}

#[test]
fn this_file_is_listed() {
    assert!(files().iter().any(|file| file.path.ends_with("tests/tidy/tree.rs")));
}
