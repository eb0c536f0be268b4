//! Links in Markdown: a relative link leads to a file of this repository, and its `#part` to a
//! heading there.

use std::collections::BTreeSet;

use crate::tree::{self, File, demand_none, files, finding};

fn check(files: &[File], paths: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| is_markdown(&file.path)) {
        for (line, target) in links(&file.text) {
            if let Err(why) = resolve(&file.path, &target, files, paths) {
                findings.push(finding(&file.path, line, &format!("link `{target}`: {why}")));
            }
        }
    }
    findings
}

fn is_markdown(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|end| end == "md")
}

/// Targets of `[text](target)` outside code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Every second part stands between back ticks.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("` `");
        for part in prose.split("](").skip(1) {
            if let Some(target) = part.split(')').next() {
                let target = target.split_whitespace().next().unwrap_or_default();
                found.push((index + 1, target.trim_matches(['<', '>']).to_owned()));
            }
        }
    }
    found
}

fn resolve(from: &str, target: &str, files: &[File], paths: &[String]) -> Result<(), String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return Ok(());
    }
    let (path, part) = target.split_once('#').map_or((target, None), |(a, b)| (a, Some(b)));
    let to = if path.is_empty() { from.to_owned() } else { join(from, path)? };
    let is_folder = || paths.iter().any(|each| each.starts_with(&format!("{to}/")));
    if !paths.contains(&to) && !is_folder() {
        return Err(format!("there is no {to}"));
    }
    match (part, files.iter().find(|file| file.path == to)) {
        (Some(part), Some(file)) if is_markdown(&to) && !anchors(&file.text).contains(part) => {
            Err(format!("{to} has no heading `{part}`"))
        }
        _ => Ok(()),
    }
}

fn join(from: &str, path: &str) -> Result<String, String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for each in path.trim_end_matches('/').split('/') {
        match each {
            "." | "" => {}
            ".." => {
                parts.pop().ok_or("leads out of the repository")?;
            }
            name => parts.push(name),
        }
    }
    Ok(parts.join("/"))
}

/// The anchors that forges make of headings: lower case, blanks to dashes, no punctuation.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    text.lines()
        .filter(|line| {
            if line.starts_with("```") {
                fenced = !fenced;
            }
            !fenced && line.starts_with('#')
        })
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            heading
                .chars()
                .filter(|each| each.is_alphanumeric() || matches!(each, ' ' | '-' | '_'))
                .map(|each| if each == ' ' { '-' } else { each })
                .collect()
        })
        .collect()
}

#[test]
fn tree_obeys() {
    demand_none("links in Markdown", &check(&files(), &tree::paths(&tree::root())));
}

#[test]
fn bites() {
    let text = "# One: two\n[a](b.md) [c](#one-two) [d](docs/) [e](https://x.example/y)\n`[f](g.md)`\n```\n[h](i.md)\n```\n[j](../k.md) ![l](docs/m.png)\n[n](docs/o.md#p)\n";
    let files = [File::made_up("README.md", text), File::made_up("docs/o.md", "# q\n")];
    let paths = ["README.md", "docs/o.md"].map(str::to_owned);
    assert_eq!(
        check(&files, &paths),
        [
            "README.md:2: link `b.md`: there is no b.md",
            "README.md:7: link `../k.md`: leads out of the repository",
            "README.md:7: link `docs/m.png`: there is no docs/m.png",
            "README.md:8: link `docs/o.md#p`: docs/o.md has no heading `p`",
        ]
    );
}
