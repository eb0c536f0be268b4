//! Text files as such: a line break at the end, no carriage returns, no path of somebody's machine,
//! no host of a package registry (a mirror or a closed network has others).

use crate::tree::{File, demand_none, files, finding};

/// Put together here, so that this file does not name them.
const MACHINE_PATHS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

const REGISTRY_HOSTS: &[&str] = &[
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("//crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("registry.yarnpkg", ".com"),
    concat!("pypi", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("deb.debian", ".org"),
    concat!("proxy.golang", ".org"),
];

fn endings(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.text.is_empty() && !file.is_foreign()) {
        if !file.text.ends_with('\n') {
            findings.push(finding(&file.path, file.lines().count(), "no line break at the end"));
        }
        if let Some((line, _)) = file
            .lines()
            .zip(file.text.split('\n'))
            .find_map(|(line, raw)| raw.ends_with('\r').then_some(line))
        {
            findings.push(finding(&file.path, line, "ends in a carriage return"));
        }
    }
    findings
}

fn names(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        for (number, line) in file.lines() {
            if let Some(path) = MACHINE_PATHS.iter().find(|path| line.contains(**path)) {
                let text = format!("names {path}, a path of one machine");
                findings.push(finding(&file.path, number, &text));
            }
            if let Some(host) = REGISTRY_HOSTS.iter().find(|host| line.contains(**host)) {
                let text = format!("names {host}, the host of a package registry");
                findings.push(finding(&file.path, number, &text));
            }
        }
    }
    findings
}

#[test]
fn files_end_in_a_line_break() {
    demand_none("line endings", &endings(&files()));
}

#[test]
fn no_machine_and_no_registry_is_named() {
    demand_none("names of machines and registries", &names(&files()));
}

#[test]
fn bites() {
    let file = |text: &str| [File::made_up("a.md", text)];
    assert_eq!(endings(&file("one\ntwo")), ["a.md:2: no line break at the end"]);
    assert_eq!(endings(&file("one\r\ntwo\n")), ["a.md:1: ends in a carriage return"]);
    assert!(endings(&file("one\ntwo\n")).is_empty() && endings(&file("")).is_empty());
    assert_eq!(names(&file(&format!("see {}here\n", MACHINE_PATHS[0]))).len(), 1);
    assert_eq!(names(&file(&format!("\"https://{}/x\"\n", REGISTRY_HOSTS[3]))).len(), 1);
    assert!(
        names(&file("source = \"registry+https://github.com/rust-lang/crates.io-index\"\n"))
            .is_empty()
    );
}
