//! What must not stay behind: ignored tests, sleeping tests, unfinished functions, notes to oneself.

use crate::scan;
use crate::tree::{File, demand_none, files, finding};

/// What is refused in Rust code, and what to do instead.
const REFUSED: &[(&str, &str)] = &[
    ("#[ignore", "a test that nobody runs holds nothing: fix it or remove it"),
    ("todo!(", "unfinished"),
    ("unimplemented!(", "unfinished"),
    ("#[allow(", "use #[expect(.., reason = \"..\")], which tells when it is no longer needed"),
    ("thread::sleep(", "wait for the condition, not for the clock"),
];

/// The one good reason to ignore a test: another test starts it as a process of its own.
const OTHER_PROCESS: &str = "is the other process";

/// Notes to oneself, refused in every text file.
const NOTES: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

fn in_code(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        for line in scan::lines(&file.text) {
            for (word, advice) in REFUSED {
                let excused = *word == "#[ignore" && line.strings.starts_with(OTHER_PROCESS);
                if line.code.contains(word) && !excused {
                    findings.push(finding(&file.path, line.number, &format!("`{word}`: {advice}")));
                }
            }
        }
    }
    findings
}

fn notes(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.is_foreign()) {
        for (number, line) in file.lines() {
            if let Some(note) = NOTES.iter().find(|note| scan::has_word(line, note)) {
                let text = format!("`{note}`: finish it, or open an issue and remove the note");
                findings.push(finding(&file.path, number, &text));
            }
        }
    }
    findings
}

#[test]
fn nothing_unfinished_in_code() {
    demand_none("left-overs in code", &in_code(&files()));
}

#[test]
fn no_notes_to_oneself() {
    demand_none("notes to oneself", &notes(&files()));
}

#[test]
fn bites() {
    let rust = |text: &str| [File::made_up("crates/core/src/a.rs", text)];
    assert_eq!(in_code(&rust("#[ignore]\nfn a() { todo!() }\n")).len(), 2);
    assert!(in_code(&rust("// todo!() is refused\nlet a = \"todo!()\";\n")).is_empty());
    assert_eq!(in_code(&rust("#[ignore = \"flaky\"]\n")).len(), 1);
    assert!(in_code(&rust("#[ignore = \"is the other process of a test\"]\n")).is_empty());
    assert_eq!(notes(&rust(&format!("// {}: later\n", NOTES[0]))).len(), 1);
    assert!(notes(&rust("let mastodons = 1;\n")).is_empty());
}
