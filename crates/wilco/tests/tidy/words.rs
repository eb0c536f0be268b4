//! Every sentence for people stands in `core/src/words`, in both languages, so that tone and terms
//! can be reviewed in one place. Korean text anywhere else is the sign of one that strayed.

use crate::scan;
use crate::tree::{File, demand_none, files, finding};

/// Where Korean may stand in production code, and why.
const ALLOWED: &[&str] = &[
    // The sentences themselves.
    "crates/core/src/words/",
    // Forms that people type: numbers, the other keyboard layout, command words.
    "crates/core/src/input/",
    // The console's own labels belong to its page, the terminal's to its help.
    "crates/chat/src/console/",
    "crates/chat/src/terminal/",
    // Forms of address after the bot's name.
    "crates/chat/src/local/text.rs",
    // The made-up world of the demo: applications, commits, people, rooms; and what to type there.
    "crates/sim/src/demo.rs",
    "crates/wilco/src/world.rs",
    "crates/wilco/src/command/demo.rs",
];

fn check(files: &[File]) -> Vec<String> {
    let strayed = |file: &&File| {
        file.is_production_rust() && !ALLOWED.iter().any(|path| file.path.starts_with(path))
    };
    let mut findings = Vec::new();
    for file in files.iter().filter(strayed) {
        for line in scan::production_lines(&file.text) {
            if line.strings.chars().any(is_hangul) {
                let text = "Korean text: move the sentence to crates/core/src/words";
                findings.push(finding(&file.path, line.number, text));
            }
        }
    }
    findings
}

/// Two particles at once read like a form; a sentence can be turned so that it needs none.
const BOTH_PARTICLES: &[&str] = &[
    "은(는)", "는(은)", "이(가)", "가(이)", "을(를)", "를(을)", "과(와)", "와(과)", "(으)로",
    "(이)",
];

fn check_particles(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("crates/core/src/words/")) {
        for line in scan::production_lines(&file.text) {
            if let Some(both) = BOTH_PARTICLES.iter().find(|both| line.strings.contains(*both)) {
                let text = format!("`{both}`: turn the sentence so that it needs no particle");
                findings.push(finding(&file.path, line.number, &text));
            }
        }
    }
    findings
}

fn is_hangul(each: char) -> bool {
    matches!(each, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}')
}

#[test]
fn tree_obeys() {
    demand_none("sentences outside of core/src/words", &check(&files()));
    demand_none("particles after names", &check_particles(&files()));
}

#[test]
fn allowed_places_exist() {
    let files = files();
    for path in ALLOWED {
        assert!(files.iter().any(|file| file.path.starts_with(path)), "words.rs names {path}");
    }
}

#[test]
fn bites() {
    let text =
        "// 주석은 괜찮다\nlet a = \"완료\";\n#[cfg(test)]\nmod tests {\n let b = \"예\";\n}\n";
    let strayed = File::made_up("crates/engine/src/a.rs", text);
    let at_home = File::made_up("crates/core/src/words/a.rs", text);
    assert_eq!(
        check(&[strayed, at_home]),
        ["crates/engine/src/a.rs:2: Korean text: move the sentence to crates/core/src/words"]
    );
    let form = File::made_up("crates/core/src/words/b.rs", "let a = \"{name}을(를) 배포\";\n");
    let found = check_particles(&[form]);
    assert!(found.len() == 1 && found[0].starts_with("crates/core/src/words/b.rs:1: `을(를)`"));
}
