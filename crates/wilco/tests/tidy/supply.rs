//! What is linked in: licences, banned crates and sources, as `deny.toml` lists them.
//!
//! cargo-deny does the same with more care; this holds the lists on machines without it, in less
//! than a second, from what Cargo itself resolves.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::licence;
use crate::tree::{self, demand_none};

/// The part of `deny.toml` that is held here.
struct Rules {
    licences: Vec<String>,
    banned: Vec<String>,
    /// Crates of which two versions are one too many.
    single: Vec<String>,
}

/// One package that is compiled for some of our targets.
struct Package {
    name: String,
    version: String,
    licence: String,
}

/// Reads the lists line by line: `deny.toml` keeps one entry per line.
fn rules(text: &str) -> Rules {
    let mut rules = Rules { licences: Vec::new(), banned: Vec::new(), single: Vec::new() };
    let mut list = "";
    for line in text.lines().map(str::trim) {
        if line.ends_with("= [") {
            list = line.split(' ').next().unwrap_or_default();
        } else if line == "]" {
            list = "";
        } else if let Some(first) = line.split('"').nth(1).filter(|_| !line.starts_with('#')) {
            match list {
                "allow" => rules.licences.push(first.to_owned()),
                "deny" if line.contains("deny-multiple-versions = true") => {
                    rules.single.push(first.to_owned());
                }
                "deny" => rules.banned.push(first.to_owned()),
                _ => {}
            }
        }
    }
    rules
}

/// Lines of `cargo tree`: `name v1.2.3|licence`.
fn packages(tree: &str) -> Vec<Package> {
    let unique: BTreeSet<&str> = tree.lines().filter(|line| !line.is_empty()).collect();
    unique
        .into_iter()
        .filter_map(|line| {
            let (package, licence) = line.split_once('|')?;
            let mut words = package.split(' ');
            Some(Package {
                name: words.next()?.to_owned(),
                version: words.next()?.to_owned(),
                licence: licence.trim_end_matches(" (*)").to_owned(),
            })
        })
        .collect()
}

fn check(rules: &Rules, packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for Package { name, version, licence } in packages {
        versions.entry(name).or_default().insert(version);
        match licence::is_met(licence, &rules.licences) {
            Ok(true) => {}
            Ok(false) => findings.push(format!(
                "{name} {version}: its licence `{licence}` is not in the list of deny.toml"
            )),
            Err(why) => findings.push(format!("{name} {version}: its licence: {why}")),
        }
        if rules.banned.contains(name) {
            findings.push(format!("{name} {version}: deny.toml refuses it and says why"));
        }
    }
    for name in &rules.single {
        let found = versions.get(name.as_str()).map_or(0, BTreeSet::len);
        if found > 1 {
            findings.push(format!("{name} is linked {found} times, and deny.toml says why once"));
        }
    }
    findings
}

/// Sources other than the public registry, from `Cargo.lock`.
fn foreign_sources(lock: &str) -> Vec<String> {
    lock.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("source = ") && !line.contains("crates.io-index"))
        .map(|(index, line)| tree::finding("Cargo.lock", index + 1, line))
        .collect()
}

fn cargo_tree() -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--workspace", "--all-features"])
        .args(["--edges", "normal,build,dev", "--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(tree::root())
        .output()
        .expect("cargo runs this test, so it can be started");
    assert!(
        output.status.success(),
        "cargo tree failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(tree::root().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

#[test]
fn licences_and_bans() {
    let rules = rules(&read("deny.toml"));
    assert!(
        rules.licences.len() > 5 && rules.banned.len() > 2 && rules.single.len() > 3,
        "the lists of deny.toml were not found"
    );
    let packages = packages(&cargo_tree());
    assert!(packages.len() > 100, "cargo tree named only {} packages", packages.len());
    println!("{} packages checked against deny.toml", packages.len());
    demand_none("licences and bans", &check(&rules, &packages));
}

#[test]
fn one_source() {
    demand_none("sources of packages", &foreign_sources(&read("Cargo.lock")));
}

#[test]
fn bites() {
    let rules = rules(concat!(
        "allow = [\n  # why\n  \"MIT\",\n]\n",
        "deny = [\n  { crate = \"openssl\", reason = \"x\" },\n",
        "  { crate = \"reqwest\", deny-multiple-versions = true, reason = \"x\" },\n]\n",
        "allow-registry = [\"https://registry.example\"]\n",
    ));
    assert_eq!((&rules.licences, &rules.banned), (&vec!["MIT".into()], &vec!["openssl".into()]));
    assert_eq!(rules.single, ["reqwest"]);
    let found = packages(
        "a v1.0.0|MIT\nb v1.0.0|GPL-3.0-only\n\nb v1.0.0|GPL-3.0-only (*)\nc v1.0.0|\nopenssl v0.10.1|MIT\nreqwest v0.12.0|MIT\nreqwest v0.13.0|MIT",
    );
    let findings = check(&rules, &found).join("\n");
    for name in ["b v1.0.0", "c v1.0.0", "openssl v0.10.1", "reqwest is linked 2 times"] {
        assert!(findings.contains(name), "{name} is missing in:\n{findings}");
    }
    assert_eq!(findings.lines().count(), 5, "b is found twice, plain and marked:\n{findings}");
    assert_eq!(foreign_sources("source = \"git+https://git.example/x\"\n").len(), 1);
}
