//! Migrations come in pairs: the same numbers and names for SQLite and for PostgreSQL, without gaps,
//! each opening with a comment that says why.

use std::collections::BTreeMap;

use crate::tree::{File, demand_none, files, finding};

const FOLDER: &str = "crates/store/migrations/";
const STORES: [&str; 2] = ["sqlite", "postgres"];

fn check(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    // Name of the step -> the stores that have it.
    let mut steps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in files {
        let Some(rest) = file.path.strip_prefix(FOLDER) else { continue };
        let Some((store, name)) = rest.split_once('/') else { continue };
        if !name.ends_with(".sql") {
            continue;
        }
        steps.entry(name).or_default().push(store);
        if !file.text.starts_with("--") {
            findings.push(finding(&file.path, 1, "starts without a comment that says why"));
        }
    }
    for (index, (name, stores)) in steps.iter().enumerate() {
        for store in STORES {
            if !stores.contains(&store) {
                let path = format!("{FOLDER}{store}/{name}");
                findings.push(finding(&path, 1, "is missing; the other store has this step"));
            }
        }
        let number = name.split('_').next().and_then(|digits| digits.parse::<usize>().ok());
        if number != Some(index + 1) {
            let text =
                format!("steps are numbered without gaps, this should be number {}", index + 1);
            findings.push(finding(&format!("{FOLDER}*/{name}"), 1, &text));
        }
    }
    findings
}

#[test]
fn tree_obeys() {
    let files = files();
    assert!(
        files.iter().any(|file| file.path.starts_with(FOLDER)),
        "no migrations under {FOLDER}: has the folder moved?"
    );
    demand_none("paired migrations", &check(&files));
}

#[test]
fn bites() {
    let made_up = |path: &str| File::made_up(&format!("{FOLDER}{path}"), "-- why\n");
    let paired = [made_up("sqlite/0001_first.sql"), made_up("postgres/0001_first.sql")];
    assert!(check(&paired).is_empty());
    assert_eq!(check(&paired[..1]).len(), 1, "the other store lacks it");
    let renamed = [made_up("sqlite/0001_first.sql"), made_up("postgres/0001_other.sql")];
    // Two missing counterparts, and the second of the names is not number 2.
    assert_eq!(check(&renamed).len(), 3);
    let gap = [made_up("sqlite/0002_first.sql"), made_up("postgres/0002_first.sql")];
    assert_eq!(check(&gap).len(), 1);
    let silent = [
        File::made_up(&format!("{FOLDER}sqlite/0001_a.sql"), "create table a;"),
        made_up("postgres/0001_a.sql"),
    ];
    assert_eq!(check(&silent).len(), 1);
}
