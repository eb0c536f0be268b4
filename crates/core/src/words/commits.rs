//! The commits of a plan: who brings what, and what is taken back.

use crate::answer::CommitNote;
use crate::commits::{Commits, Log};
use crate::lang::Text;
use crate::plan::{Plan, TargetPlan};
use crate::words::trouble;

/// How many authors one line names before it only counts them.
const NAMED: usize = 3;

/// The commits of one target, as one line tells them.
#[derive(PartialEq)]
struct Told<'a> {
    comes: Side<'a>,
    goes: Side<'a>,
    /// What would run in the end, where nothing new comes.
    head: Option<Note<'a>>,
}

#[derive(Default, PartialEq)]
struct Side<'a> {
    count: usize,
    newest: Vec<Note<'a>>,
}

/// A commit by what people see of it.
#[derive(PartialEq)]
struct Note<'a> {
    revision: &'a str,
    author: &'a str,
    title: &'a str,
}

impl<'a> Note<'a> {
    fn of(commit: &'a CommitNote) -> Self {
        Self { revision: &commit.revision, author: &commit.author, title: &commit.title }
    }

    fn text(&self) -> Text {
        Text::verbatim(format!("{}: {}", self.author, self.title))
    }
}

impl<'a> Side<'a> {
    fn add(&mut self, commits: &'a Commits) {
        self.count += commits.count;
        self.newest.extend(commits.newest.iter().map(Note::of));
    }

    /// `Mina Kim, Sora Lee, Jun Park, +1`: each author once, those of the newest first.
    fn authors(&self) -> String {
        let mut authors: Vec<&str> = Vec::new();
        for note in &self.newest {
            if !authors.contains(&note.author) {
                authors.push(note.author);
            }
        }
        let more = authors.len().saturating_sub(NAMED);
        authors.truncate(NAMED);
        let more = if more == 0 { String::new() } else { format!(", +{more}") };
        format!("{}{more}", authors.join(", "))
    }
}

impl<'a> Told<'a> {
    /// What the histories have between; without them, or where one of several could not be read, the commit that the
    /// tool itself tells.
    fn of(part: &'a TargetPlan) -> Option<Self> {
        let (mut comes, mut goes) = (Side::default(), Side::default());
        let mut whole = true;
        for between in &part.between {
            match &between.log {
                Log::Read { comes: come, goes: go } => {
                    comes.add(come);
                    goes.add(go);
                }
                Log::Unread { .. } => whole = false,
            }
        }
        let head = part.commits.first().map(Note::of);
        if !whole || comes.count + goes.count == 0 {
            let none = Side::default;
            return head.map(|head| Self { comes: none(), goes: none(), head: Some(head) });
        }
        let head = head.filter(|_| comes.count == 0);
        Some(Self { comes, goes, head })
    }

    fn notes(&self) -> Vec<Text> {
        let Self { comes, goes, head } = self;
        let comes = match (comes.count, comes.newest.as_slice()) {
            (0, _) => None,
            (1, [only]) => Some(only.text()),
            (count, _) => {
                let authors = comes.authors();
                Some(Text::new(
                    format!("{count} commits: {authors}"),
                    format!("커밋 {count}개: {authors}"),
                ))
            }
        };
        let goes = match (goes.count, comes.is_some()) {
            (0, _) => None,
            (count, false) => Some(Text::new(
                format!("goes back {}", counted(count)),
                format!("커밋 {count}개 이전으로 되돌아감"),
            )),
            (count, true) => Some(Text::new(
                format!("without {} of what runs", counted(count)),
                format!("지금 실행 중인 커밋 {count}개는 빠짐"),
            )),
        };
        comes.into_iter().chain(goes).chain(head.as_ref().map(Note::text)).collect()
    }
}

fn counted(count: usize) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}

/// The commits of the target at this place, unless a line above has told them: then only that they are the same.
#[must_use]
pub fn notes(plan: &Plan, at: usize) -> Vec<Text> {
    let Some(told) = Told::of(&plan.targets[at]) else { return Vec::new() };
    if plan.targets[..at].iter().filter_map(Told::of).any(|other| other == told) {
        let several = told.comes.count + told.goes.count > 1;
        let same = if several { "same commits" } else { "same commit" };
        return vec![Text::new(same, "같은 커밋")];
    }
    told.notes()
}

/// All of them, for behind "more": what comes, newest first, then with a minus what would no longer run.
#[must_use]
pub fn details(part: &TargetPlan) -> Vec<Text> {
    let mut lines = Vec::new();
    let mut comes = Vec::new();
    for between in &part.between {
        match &between.log {
            Log::Read { comes: come, goes } => {
                lines.extend(listed(come, ""));
                lines.extend(listed(goes, "- "));
                comes.extend((come.count > 0).then_some(&between.to));
            }
            Log::Unread { trouble } => {
                let why = trouble::happened(trouble);
                lines.push(Text::new(
                    format!("  The commits between could not be read: {}", why.en),
                    format!("  그 사이의 커밋을 읽지 못했습니다: {}", why.ko),
                ));
            }
        }
    }
    let heads = part.commits.iter().filter(|commit| !comes.contains(&&commit.revision));
    heads.map(|commit| line(commit, "")).chain(lines).collect()
}

fn listed(commits: &Commits, sign: &str) -> Vec<Text> {
    let mut lines: Vec<Text> = commits.newest.iter().map(|commit| line(commit, sign)).collect();
    let more = commits.count.saturating_sub(commits.newest.len());
    if more > 0 {
        lines.push(Text::new(
            format!("  {sign}… and {more} more {}", if more == 1 { "commit" } else { "commits" }),
            format!("  {sign}… 외 커밋 {more}개"),
        ));
    }
    lines
}

fn line(commit: &CommitNote, sign: &str) -> Text {
    let revision: String = commit.revision.chars().take(8).collect();
    Text::verbatim(format!("  {sign}{revision} {}: {}", commit.author, commit.title))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::answer::{Trouble, TroubleKind};
    use crate::commits::Between;

    fn commit(revision: &str, author: &str, title: &str) -> CommitNote {
        CommitNote {
            revision: revision.into(),
            author: author.into(),
            title: title.into(),
            at: None,
        }
    }

    fn commits(authors: &[&str]) -> Commits {
        let newest = authors.iter().enumerate();
        let newest = newest.map(|(at, author)| commit(&format!("{at}aaaaaaaaa"), author, "t"));
        Commits { count: authors.len(), newest: newest.collect() }
    }

    fn part(target: &str, logs: Vec<Log>) -> TargetPlan {
        let mut part: TargetPlan = serde_json::from_value(json!({
            "target": target, "images": [], "objects": [], "revisions": ["headheadhead"],
            "mode": "start", "freshness": { "is": "now" },
        }))
        .unwrap();
        part.commits = vec![commit("headheadhead", "Mina Kim", "head")];
        let between = |log| Between { to: "headheadhead".into(), log };
        part.between = logs.into_iter().map(between).collect();
        part
    }

    fn read(comes: &[&str], goes: &[&str]) -> Log {
        Log::Read { comes: commits(comes), goes: commits(goes) }
    }

    fn unread() -> Log {
        let detail = "no route to host".to_owned();
        let trouble = Trouble { tool: "git".into(), kind: TroubleKind::Unreachable, detail };
        Log::Unread { trouble }
    }

    fn told(logs: Vec<Log>) -> String {
        let plan = Plan::new(vec![part("m/a/x", logs)], BTreeMap::new());
        Text::join(notes(&plan, 0), ", ").en
    }

    #[test]
    fn one_line_tells_how_many_and_by_whom() {
        assert_eq!(told(vec![]), "Mina Kim: head", "as the tool tells it");
        assert_eq!(told(vec![read(&["Sora Lee"], &[])]), "Sora Lee: t");
        assert_eq!(told(vec![read(&["A", "B", "A"], &[])]), "3 commits: A, B");
        assert_eq!(told(vec![read(&["A", "B", "C", "D"], &[])]), "4 commits: A, B, C, +1");
        assert_eq!(told(vec![read(&["A"], &[]), read(&["B"], &[])]), "2 commits: A, B");
    }

    #[test]
    fn what_is_taken_back_is_told() {
        assert_eq!(told(vec![read(&[], &["A"])]), "goes back 1 commit, Mina Kim: head");
        assert_eq!(told(vec![read(&[], &["A", "B"])]), "goes back 2 commits, Mina Kim: head");
        assert_eq!(told(vec![read(&["A"], &["B"])]), "A: t, without 1 commit of what runs");
    }

    #[test]
    fn a_history_that_was_not_read_or_has_nothing_leaves_what_the_tool_tells() {
        assert_eq!(told(vec![read(&[], &[])]), "Mina Kim: head");
        assert_eq!(told(vec![read(&["A", "B"], &[]), unread()]), "Mina Kim: head");
        let lines = details(&part("m/a/x", vec![unread()]));
        assert_eq!(lines[0].en, "  headhead Mina Kim: head");
        assert!(lines[1].en.starts_with("  The commits between could not be read: git cannot be"));
        assert_eq!(details(&part("m/a/x", vec![read(&[], &[])])).len(), 1);
    }

    #[test]
    fn behind_more_stand_all_and_how_many_are_not_told() {
        let comes = Commits { count: 120, ..commits(&["A", "B"]) };
        let log = Log::Read { comes, goes: commits(&["C"]) };
        let lines: Vec<String> =
            details(&part("m/a/x", vec![log])).into_iter().map(|line| line.en).collect();
        let expected =
            ["  0aaaaaaa A: t", "  1aaaaaaa B: t", "  … and 118 more commits", "  - 0aaaaaaa C: t"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn the_same_commits_of_several_targets_are_told_once() {
        let logs = || vec![read(&["A", "B"], &[])];
        let parts = vec![part("m/a/x", logs()), part("m/a/y", logs()), part("m/a/z", vec![])];
        let plan = Plan::new(parts, BTreeMap::new());
        let told = |at| Text::join(notes(&plan, at), ", ").en;
        assert_eq!((told(1).as_str(), told(2).as_str()), ("same commits", "Mina Kim: head"));
    }
}
