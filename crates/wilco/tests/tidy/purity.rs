//! `core` is pure: the same events give the same effects, today and in a replay. It therefore has no
//! files, sockets, processes, environment, wall clock, randomness or waiting of its own.

use crate::scan;
use crate::tree::{File, demand_none, files, finding};

const FOLDER: &str = "crates/core/src/";

/// What is refused, and where it would belong.
const REFUSED: &[(&str, &str)] = &[
    ("std::fs", "files are read by the binary and handed in as text"),
    ("std::net", "sockets belong to connectors and chat"),
    ("std::process", "processes belong to connectors"),
    ("std::env", "the binary reads the environment"),
    ("std::thread", "the engine decides what runs where"),
    ("tokio::", "core does not wait: effects name what is to be done"),
    ("SystemTime", "time arrives as core::time::Timestamp"),
    ("Instant::now", "time arrives as core::time::Timestamp"),
    ("rand::", "ids and tokens arrive in the World"),
    ("getrandom", "ids and tokens arrive in the World"),
    ("RandomState", "its order differs from run to run"),
    (".await", "core does not wait: effects name what is to be done"),
];

/// The traits of `port` are asynchronous, because their implementations wait; core itself never calls them.
const ASYNC_TRAITS: &str = "crates/core/src/port/";

fn check(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    let core = |file: &&File| file.path.starts_with(FOLDER) && file.is_production_rust();
    for file in files.iter().filter(core) {
        for line in scan::production_lines(&file.text) {
            for (word, advice) in REFUSED {
                if scan::has_word(&line.code, word) {
                    findings.push(finding(&file.path, line.number, &format!("`{word}`: {advice}")));
                }
            }
            if line.code.contains("async fn") && !file.path.starts_with(ASYNC_TRAITS) {
                let text = "`async fn`: only the traits of port are asynchronous";
                findings.push(finding(&file.path, line.number, text));
            }
        }
    }
    findings
}

#[test]
fn tree_obeys() {
    demand_none("purity of core", &check(&files()));
}

#[test]
fn bites() {
    let core = |path: &str, text: &str| File::made_up(&format!("{FOLDER}{path}"), text);
    let text = "// std::fs is refused\nuse std::fs::read;\nasync fn a() {}\n#[cfg(test)]\nmod tests {\n use std::env;\n}\n";
    assert_eq!(check(&[core("run/mod.rs", text)]).len(), 2);
    // A trait may name a monotonic instant that its caller made.
    assert!(check(&[core("port/a.rs", "use std::time::Instant;\nasync fn ask();\n")]).is_empty());
    assert!(check(&[core("tests/a.rs", "use std::fs;\n")]).is_empty());
    assert!(check(&[File::made_up("crates/store/src/a.rs", "use std::fs;\n")]).is_empty());
}
