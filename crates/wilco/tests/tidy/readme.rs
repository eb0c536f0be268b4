//! The conversation at the top of README is a real one: each of its lines stands in the story that
//! it names, in that order. README leaves lines out, and may end what a person says with a remark in
//! brackets.

use crate::tree::{demand_none, files, finding};

const README: &str = "README.md";
const STORY: &str = "tests/transcripts/deploy/approval_ko.chat";

fn check(readme: &str, story: &str) -> Vec<String> {
    let shown = conversation(readme);
    if shown.is_empty() {
        return vec![finding(README, 1, &format!("no conversation follows the link to {STORY}"))];
    }
    let mut rest = story.lines();
    let mut findings = Vec::new();
    for (number, line) in shown {
        let mut ahead = rest.clone();
        if ahead.any(|real| real == line) {
            rest = ahead;
        } else {
            findings.push(finding(README, number, &format!("not in {STORY} here: {line}")));
        }
    }
    findings
}

/// The lines of the first fenced block after the link to the story, with their numbers.
fn conversation(readme: &str) -> Vec<(usize, &str)> {
    let lines = readme.lines().enumerate().map(|(index, line)| (index + 1, line));
    let after = lines.skip_while(|(_, line)| !line.contains(STORY));
    let block = after.skip_while(|(_, line)| !line.starts_with("```")).skip(1);
    let block = block.take_while(|(_, line)| !line.starts_with("```"));
    block.map(|(number, line)| (number, without_remark(line))).collect()
}

/// `mina #deploy> 배포 wallet-api           (deploy wallet-api)` without what is in brackets.
fn without_remark(line: &str) -> &str {
    match line.rsplit_once("  (") {
        Some((said, remark)) if !line.starts_with(' ') && remark.ends_with(')') => said.trim_end(),
        _ => line,
    }
}

#[test]
fn tree_obeys() {
    let files = files();
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path == path);
        file.unwrap_or_else(|| panic!("readme.rs names {path}")).text.clone()
    };
    demand_none("README's conversation", &check(&text(README), &text(STORY)));
}

#[test]
fn bites() {
    let story = "mina #a> hi\n    bot    #a/1  one (1)\n    bot    #a/1  two\n";
    let readme = |block: &str| format!("See [it]({STORY}):\n\n```\n{block}```\n");
    let found = |block: &str| check(&readme(block), story).len();
    assert_eq!(found("mina #a> hi      (a greeting)\n    bot    #a/1  two\n"), 0);
    assert_eq!(found("mina #a> hi\n    bot    #a/1  one\n"), 1, "a remark belongs to people");
    assert_eq!(found("    bot    #a/1  two\nmina #a> hi\n"), 1, "the order is that of the story");
    assert_eq!(check("nothing here", story).len(), 1);
    assert!(check(&readme("mina #a> hey\n"), story)[0].starts_with("README.md:4: not in"));
}
