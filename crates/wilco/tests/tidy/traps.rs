//! The trap table: each numbered trap of a tool is held by a test, or `tests/traps.toml` says why not.
//!
//! The table is TOML of one form, so that a line says all:
//!
//! ```toml
//! [ARGO-20]
//! what = "the trap in a sentence"
//! tests = [ "path::function", "tests/transcripts/x.chat" ]  # how Wilco copes: or one of
//! later = "what is missing"
//! not_ours = "why it does not concern Wilco"
//! double = [ "path::function" ]                             # the double has the trap, too
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::scan;
use crate::tree::{File, demand_none, files, finding};

const TABLE: &str = "tests/traps.toml";

/// The tools with numbered traps and how many each has.
const TOOLS: &[(&str, u32)] = &[("ARGO", 44), ("SLACK", 23)];

/// One trap: the keys with their line and their values (one for a sentence, several for a list).
type Entry = BTreeMap<String, (usize, Vec<String>)>;

fn check(table: &str, files: &[File]) -> Vec<String> {
    let (entries, mut findings) = read(table);
    for (tool, count) in TOOLS {
        for number in 1..=*count {
            if !entries.contains_key(&format!("{tool}-{number}")) {
                findings.push(finding(TABLE, 1, &format!("{tool}-{number} has no entry")));
            }
        }
    }
    let tests = test_functions(files);
    let mut named = BTreeSet::new();
    for (trap, entry) in &entries {
        findings.extend(check_entry(trap, entry));
        for (key, (line, values)) in entry {
            if !matches!(key.as_str(), "tests" | "double") {
                continue;
            }
            for value in values {
                named.insert((trap.clone(), value.clone()));
                if let Err(why) = exists(trap, value, &tests, files) {
                    findings.push(finding(TABLE, *line, &format!("{trap}: {why}")));
                }
            }
        }
    }
    for test in &tests {
        for trap in traps_of(test) {
            if entries.contains_key(&trap) && !named.contains(&(trap.clone(), test.clone())) {
                findings.push(finding(TABLE, 1, &format!("{trap} does not list its test {test}")));
            }
        }
    }
    findings
}

fn check_entry(trap: &str, entry: &Entry) -> Vec<String> {
    let line = entry.values().map(|(line, _)| *line).min().unwrap_or(1);
    let known = |tool: &str, number: &str| {
        let number = number.parse::<u32>().unwrap_or_default();
        TOOLS.iter().any(|(name, count)| *name == tool && (1..=*count).contains(&number))
    };
    let mut findings = Vec::new();
    if !trap.split_once('-').is_some_and(|(tool, number)| known(tool, number)) {
        findings.push(finding(TABLE, line, &format!("{trap} is no known trap")));
    }
    if !entry.contains_key("what") {
        findings.push(finding(TABLE, line, &format!("{trap}: `what` is missing")));
    }
    let answers = ["tests", "later", "not_ours"].iter().filter(|key| entry.contains_key(**key));
    if answers.count() != 1 {
        let text = format!("{trap}: one of `tests`, `later`, `not_ours` is needed, and only one");
        findings.push(finding(TABLE, line, &text));
    }
    let keys = ["what", "tests", "double", "later", "not_ours"];
    for (key, (line, values)) in entry {
        if !keys.contains(&key.as_str()) {
            findings.push(finding(TABLE, *line, &format!("{trap}: `{key}` is no key")));
        }
        if values.iter().all(|value| value.trim().is_empty()) {
            findings.push(finding(TABLE, *line, &format!("{trap}: `{key}` is empty")));
        }
    }
    findings
}

/// Reads the table; every line that is none of its forms is a finding.
fn read(table: &str) -> (BTreeMap<String, Entry>, Vec<String>) {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    let mut findings = Vec::new();
    let mut trap = String::new();
    let mut list: Option<String> = None;
    for (index, line) in table.lines().enumerate() {
        let number = index + 1;
        let line = line.trim();
        let value = line.split('"').nth(1).map(str::to_owned);
        if line.is_empty() || line.starts_with('#') {
        } else if let Some(key) = list.clone() {
            match value {
                _ if line == "]" => list = None,
                Some(value) => push(&mut entries, &trap, &key, number, Some(value)),
                None => findings.push(finding(TABLE, number, "a list holds one text per line")),
            }
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name.clone_into(&mut trap);
            if entries.insert(trap.clone(), Entry::new()).is_some() {
                findings.push(finding(TABLE, number, &format!("{name} stands twice")));
            }
        } else if let Some((key, rest)) = line.split_once(" = ") {
            push(&mut entries, &trap, key, number, value);
            list = (rest == "[").then(|| key.to_owned());
        } else {
            findings.push(finding(TABLE, number, "cannot be read"));
        }
    }
    (entries, findings)
}

fn push(
    entries: &mut BTreeMap<String, Entry>,
    trap: &str,
    key: &str,
    line: usize,
    value: Option<String>,
) {
    let entry = entries.entry(trap.to_owned()).or_default();
    entry.entry(key.to_owned()).or_insert((line, Vec::new())).1.extend(value);
}

/// `path::function` of everything marked as a test.
fn test_functions(files: &[File]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| file.is_rust()) {
        let mut marked = false;
        for line in scan::lines(&file.text) {
            let code = line.code.trim();
            marked |= code.starts_with("#[") && (code.contains("test]") || code.contains("test("));
            let name = code.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next());
            if let Some(name) = name {
                if marked {
                    found.insert(format!("{}::{name}", file.path));
                }
                marked = false;
            }
        }
    }
    found
}

fn exists(trap: &str, value: &str, tests: &BTreeSet<String>, files: &[File]) -> Result<(), String> {
    if value.contains("::") {
        return if tests.contains(value) {
            Ok(())
        } else {
            Err(format!("there is no test {value}"))
        };
    }
    let file = files.iter().find(|file| file.path == value);
    match file.map(|file| mentions(&file.text, trap)) {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{value} does not mention {trap}")),
        None => Err(format!("there is no file {value}")),
    }
}

/// `ARGO-1` is not mentioned by `ARGO-12`.
fn mentions(text: &str, trap: &str) -> bool {
    text.match_indices(trap)
        .any(|(at, _)| !text[at + trap.len()..].starts_with(|each: char| each.is_ascii_digit()))
}

/// The traps that a test names: `argo_01_and_2_why` holds ARGO-1 and ARGO-2.
fn traps_of(test: &str) -> Vec<String> {
    let name = test.rsplit("::").next().unwrap_or_default();
    let mut found = Vec::new();
    for (tool, _) in TOOLS {
        let Some(rest) = name.strip_prefix(&format!("{}_", tool.to_lowercase())) else { continue };
        for word in rest.split('_').take_while(|word| *word == "and" || word.parse::<u32>().is_ok())
        {
            found.extend(word.parse::<u32>().map(|number| format!("{tool}-{number}")));
        }
    }
    found
}

#[test]
fn tree_obeys() {
    let files = files();
    let table = files.iter().find(|file| file.path == TABLE).expect("tests/traps.toml exists");
    demand_none("trap table", &check(&table.text, &files));
    let (entries, _) = read(&table.text);
    let of = |key: &str| entries.values().filter(|entry| entry.contains_key(key)).count();
    println!(
        "{} traps: {} held by tests, {} later, {} not ours; {} in the doubles",
        entries.len(),
        of("tests"),
        of("later"),
        of("not_ours"),
        of("double")
    );
}

#[cfg(test)]
mod tests {
    use super::{File, TOOLS, check, mentions, traps_of};

    /// How many traps there are.
    const ALL: usize = 44 + 23;

    /// A full table in which each trap has the given lines.
    fn table(lines: &str) -> String {
        let entry = |(tool, number)| format!("[{tool}-{number}]\nwhat = \"x\"\n{lines}\n");
        let all =
            TOOLS.iter().flat_map(|(tool, count)| (1..=*count).map(move |number| (tool, number)));
        all.map(entry).collect::<Vec<_>>().concat()
    }

    #[test]
    fn gaps_and_contradictions_bite() {
        assert!(check(&table("later = \"why\""), &[]).is_empty());
        assert_eq!(check("", &[]).len(), ALL);
        assert_eq!(check(&table("later = \"why\"\nnot_ours = \"why\""), &[]).len(), ALL);
        assert_eq!(check(&table("later = \"\""), &[]).len(), ALL);
        assert_eq!(check(&table("soon = \"why\"\nlater = \"why\""), &[]).len(), ALL);
        let one_more =
            format!("{}[ARGO-45]\nwhat = \"x\"\nlater = \"why\"\n", table("later = \"x\""));
        assert_eq!(check(&one_more, &[]), ["tests/traps.toml:203: ARGO-45 is no known trap"]);
    }

    #[test]
    fn a_named_test_must_be_one() {
        let line = |name: &str| table(&format!("tests = [\n  \"a/b.rs::{name}\",\n]"));
        let files = [File::made_up("a/b.rs", "#[test]\nfn real() {}\nfn helper() {}\n")];
        assert!(check(&line("real"), &files).is_empty());
        assert_eq!(check(&line("helper"), &files).len(), ALL);
        assert_eq!(check(&line("gone"), &files).len(), ALL);
    }

    #[test]
    fn a_test_that_names_a_trap_is_listed() {
        let files = [File::made_up("a/b.rs", "#[tokio::test]\nasync fn argo_7_and_8_x() {}\n")];
        let findings = check(&table("later = \"x\""), &files);
        assert_eq!(findings.len(), 2, "{findings:?}");
    }

    #[test]
    fn numbers_are_read_whole() {
        assert_eq!(traps_of("a.rs::argo_01_and_12_x_3"), ["ARGO-1", "ARGO-12"]);
        assert!(traps_of("a.rs::argo_in_two_minds").is_empty());
        assert!(mentions("see ARGO-1.", "ARGO-1") && !mentions("see ARGO-12", "ARGO-1"));
    }
}
