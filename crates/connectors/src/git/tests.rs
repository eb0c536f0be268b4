//! The real git, on real repositories in a temporary folder.

use std::fs;
use std::path::{Path as File, PathBuf};
use std::process::{Command, Stdio};

use futures_util::future::join_all;
use tempfile::TempDir;
use wilco_core::commits::Commits;

use super::*;

/// A repository with a working tree, as people commit to it, and the cache of what is read from it.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.work()).unwrap();
        world.git(&["init", "--quiet", "--initial-branch=main"]);
        world
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("acme")
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn address(&self) -> String {
        format!("file://{}", self.work().display())
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.git_as("Mina Kim", arguments)
    }

    fn git_as(&self, author: &str, arguments: &[&str]) -> String {
        run_git(&self.work(), author, arguments)
    }

    /// A commit that changes one file; its revision.
    fn commit(&self, author: &str, file: &str, message: &str) -> String {
        let path = self.work().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("{before}{message}\n")).unwrap();
        self.git(&["add", "--all"]);
        self.git_as(author, &["commit", "--quiet", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn reader(&self, limits: Limits) -> Git {
        let pattern = format!("file://{}/*", self.folder.path().display());
        let repositories = vec![RepositoryPattern::parse(&pattern).unwrap()];
        Git::new(GitConfig { cache: self.cache(), repositories, limits })
    }

    fn span(&self, from: &str, to: &str, paths: &[&str]) -> Span {
        let paths = paths.iter().map(|path| Path::Exactly((*path).to_owned())).collect();
        Span { repository: self.address(), from: from.into(), to: to.into(), paths }
    }

    async fn read(&self, from: &str, to: &str, paths: &[&str]) -> Log {
        self.reader(patient()).between(&self.span(from, to, paths)).await.unwrap()
    }

    fn mirror(&self) -> PathBuf {
        let mut all = fs::read_dir(self.cache()).unwrap();
        let mirror = all.next().unwrap().unwrap().path();
        assert!(all.next().is_none(), "one repository has one mirror");
        mirror
    }
}

fn run_git(folder: &File, author: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    // A hook and `git rebase --exec` set them: the tests would write into the repository that they are run from.
    for name in command::DROPPED {
        command.env_remove(name);
    }
    let output = command
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", author)
        .env("GIT_AUTHOR_EMAIL", "mail@example.com")
        .env("GIT_AUTHOR_DATE", "1795392000 +0900")
        .env("GIT_COMMITTER_NAME", "Merger")
        .env("GIT_COMMITTER_EMAIL", "merger@example.com")
        .env("GIT_COMMITTER_DATE", "1795392060 +0900")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A machine that is busy with other tests is no reason to fail.
fn patient() -> Limits {
    Limits { wait: Duration::from_mins(1), ..Limits::default() }
}

/// `Mina Kim: one` of both sides.
fn told(log: &Log) -> (Vec<String>, Vec<String>) {
    let Log::Read { comes, goes } = log else { panic!("{log:?}") };
    let side = |commits: &Commits| {
        commits.newest.iter().map(|one| format!("{}: {}", one.author, one.title)).collect()
    };
    (side(comes), side(goes))
}

fn trouble_of(log: Log) -> Trouble {
    match log {
        Log::Unread { trouble } => trouble,
        Log::Read { .. } => panic!("{log:?}"),
    }
}

#[tokio::test]
async fn all_commits_come_newest_first_with_their_authors() {
    let world = World::new();
    let from = world.commit("Mina Kim", "wallet/a", "zero");
    world.commit("Mina Kim", "wallet/a", "one");
    world.commit("Sora Lee", "portal/a", "two");
    let to = world.commit("Jun Park", "wallet/b", "three\n\nwith a body");
    let log = world.read(&from, &to, &[]).await;
    assert_eq!(told(&log).0, ["Jun Park: three", "Sora Lee: two", "Mina Kim: one"]);
    let Log::Read { comes, goes } = &log else { panic!() };
    assert_eq!((comes.count, goes), (3, &Commits::default()));
    assert_eq!(comes.newest[0].revision, to);
    assert_eq!(comes.newest[0].at.map(|at| at.0), Some(1_795_392_000_000), "when it was written");
    // Only those of the paths that the application is made from.
    assert_eq!(told(&world.read(&from, &to, &["portal"]).await).0, ["Sora Lee: two"]);
    assert_eq!(told(&world.read(&from, &to, &["wallet/b"]).await).0, ["Jun Park: three"]);
    assert_eq!(told(&world.read(&from, &to, &["nowhere"]).await).0, [""; 0]);
    // What is a pattern in a name is not one, unless it was meant as one.
    assert_eq!(told(&world.read(&from, &to, &["wall*", ":(top)wallet"]).await).0, [""; 0]);
    let mut span = world.span(&from, &to, &[]);
    span.paths = vec![Path::Fitting("wallet/?".to_owned())];
    let log = world.reader(patient()).between(&span).await.unwrap();
    assert_eq!(told(&log).0, ["Jun Park: three", "Mina Kim: one"]);
}

#[tokio::test]
async fn what_is_older_goes_back_and_another_branch_does_both() {
    let world = World::new();
    let old = world.commit("Mina Kim", "a", "old");
    let new = world.commit("Sora Lee", "a", "new");
    assert_eq!(told(&world.read(&new, &old, &[]).await), (vec![], vec!["Sora Lee: new".into()]));
    world.git(&["checkout", "--quiet", "-b", "other", &old]);
    let other = world.commit("Jun Park", "b", "other");
    let across = told(&world.read(&new, &other, &[]).await);
    assert_eq!(across, (vec!["Jun Park: other".into()], vec!["Sora Lee: new".into()]));
    // A merge brings nothing by itself.
    world.git(&["merge", "--quiet", "--no-ff", "--no-edit", &new]);
    let merge = world.git(&["rev-parse", "HEAD"]);
    assert_eq!(
        told(&world.read(&new, &merge, &[]).await),
        (vec!["Jun Park: other".into()], vec![])
    );
}

#[tokio::test]
async fn of_many_the_newest_are_told_and_all_are_counted() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    for number in 1..=103 {
        let message = format!("{number}");
        world.git(&["commit", "--quiet", "--allow-empty", "--message", &message]);
    }
    let to = world.git(&["rev-parse", "HEAD"]);
    let Log::Read { comes, .. } = world.read(&from, &to, &[]).await else { panic!() };
    assert_eq!(
        (comes.count, comes.newest.len(), comes.newest[0].title.as_str()),
        (103, 100, "103")
    );
}

#[tokio::test]
async fn what_is_in_the_mirror_needs_no_server() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    let reader = world.reader(patient());
    let span = world.span(&from, &to, &[]);
    let first = reader.between(&span).await;
    fs::rename(world.work(), world.folder.path().join("away")).unwrap();
    assert_eq!(reader.between(&span).await, first);
    assert_eq!(world.reader(patient()).between(&span).await, first, "after a restart");
    let unknown = world.span(&from, &"a".repeat(40), &[]);
    let trouble = trouble_of(reader.between(&unknown).await.unwrap());
    assert_eq!(trouble.kind, TroubleKind::NotFound, "{trouble:?}");
    assert!(trouble.detail.contains("does not appear to be a git repository"), "{trouble:?}");
}

#[tokio::test]
async fn contents_are_left_out_where_the_server_can() {
    for filters in [true, false] {
        let world = World::new();
        world.git(&["config", "uploadpack.allowFilter", if filters { "true" } else { "false" }]);
        let from = world.commit("Mina Kim", "wallet/a", "zero");
        let to = world.commit("Mina Kim", "wallet/a", "one");
        assert_eq!(told(&world.read(&from, &to, &["wallet"]).await).0, ["Mina Kim: one"]);
        let objects = ["rev-list", "--objects", "--all", "--missing=print"];
        let objects = run_git(&world.mirror(), "", &objects);
        assert_eq!(objects.lines().any(|line| line.starts_with('?')), filters, "{objects}");
        // What comes later is found in the same mirror.
        let later = world.commit("Sora Lee", "wallet/a", "two");
        assert_eq!(told(&world.read(&to, &later, &[]).await).0, ["Sora Lee: two"]);
    }
}

#[tokio::test]
async fn a_commit_that_nothing_points_to_any_more_is_told_as_gone() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let gone = world.commit("Mina Kim", "a", "gone");
    world.git(&["reset", "--quiet", "--hard", &from]);
    let to = world.commit("Mina Kim", "a", "instead");
    let trouble = trouble_of(world.read(&gone, &to, &[]).await);
    assert_eq!(trouble.kind, TroubleKind::NotFound);
    assert_eq!(trouble.detail, "a revision is not there any more");
    // One that was read before it went is still known.
    world.git(&["branch", "old", &gone]);
    assert_eq!(told(&world.read(&gone, &to, &[]).await).1, ["Mina Kim: gone"]);
    world.git(&["branch", "-D", "old"]);
    let newer = world.commit("Mina Kim", "a", "newer");
    assert_eq!(told(&world.read(&gone, &newer, &[]).await).1, ["Mina Kim: gone"]);
}

#[tokio::test]
async fn what_the_configuration_does_not_name_is_never_touched() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    let only = |pattern: &str| {
        let repositories = vec![RepositoryPattern::parse(pattern).unwrap()];
        Git::new(GitConfig { cache: world.cache(), repositories, limits: patient() })
    };
    let span = world.span(&from, &to, &[]);
    assert_eq!(only("https://git.example/*").between(&span).await, None);
    assert_eq!(only("file:///elsewhere/*").between(&span).await, None);
    for address in ["ext::sh -c touch% x", "--upload-pack=x", "/etc", ""] {
        let span = Span { repository: address.to_owned(), ..span.clone() };
        assert_eq!(world.reader(patient()).between(&span).await, None, "{address}");
    }
    let touched = world.folder.path().join("touched");
    let output = format!("--output={}", touched.display());
    for revision in ["HEAD", "-n1", "main", "", "--all", &output, &from[..39], &format!("{from}^")]
    {
        for span in [world.span(revision, &to, &[]), world.span(&from, revision, &[])] {
            let trouble = trouble_of(world.reader(patient()).between(&span).await.unwrap());
            assert!(trouble.detail.ends_with("is not a commit"), "{revision}: {trouble:?}");
        }
    }
    assert!(!world.cache().exists() && !touched.exists());
}

#[tokio::test]
async fn words_of_strangers_are_cleaned() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let title = format!("\u{1b}[31mred\u{7}\ttab <!channel> *bold* %H %x00 {}", "x".repeat(5000));
    world.commit("E\u{1b}[2Jve", "a", &title);
    let to = world.commit("--format=%H", "a", "--max-count=0");
    let Log::Read { comes, .. } = world.read(&from, &to, &[]).await else { panic!() };
    let [last, first] = comes.newest.as_slice() else { panic!("{comes:?}") };
    assert_eq!((last.author.as_str(), last.title.as_str()), ("--format=%H", "--max-count=0"));
    assert!(first.title.starts_with("[31mred tab <!channel> *bold* %H %x00 xx"), "{first:?}");
    assert!(first.title.chars().count() <= 101 && first.author == "E [2Jve", "{first:?}");
}

/// A repository whose server never answers: it waits for the other end of a pipe.
fn silent(world: &World) -> Span {
    let folder = world.folder.path().join("silent");
    fs::create_dir(&folder).unwrap();
    run_git(&folder, "", &["init", "--quiet", "--bare"]);
    fs::remove_file(folder.join("config")).unwrap();
    let made = Command::new("mkfifo").arg(folder.join("config")).status().unwrap();
    assert!(made.success());
    let (from, to) = ("a".repeat(40), "b".repeat(40));
    Span { repository: format!("file://{}", folder.display()), from, to, paths: Vec::new() }
}

#[tokio::test]
async fn one_that_never_answers_delays_nobody_for_long() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    let silent = silent(&world);
    let limits = Limits {
        wait: Duration::from_millis(1500),
        fetch: Duration::from_millis(2500),
        rest: Duration::from_mins(10),
    };
    let reader = world.reader(limits);
    let began = Instant::now();
    let span = world.span(&from, &to, &[]);
    let both = tokio::join!(reader.between(&silent), reader.between(&span));
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert_eq!(trouble_of(both.0.unwrap()).kind, TroubleKind::TimedOut);
    // The next one does not wait at all.
    let began = Instant::now();
    let next = trouble_of(reader.between(&silent).await.unwrap());
    assert_eq!((next.kind, next.detail.as_str()), (TroubleKind::TimedOut, "more than 1.5s"));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    // The fetch itself ends too, with all of its processes.
    let repository = reader.repository(&silent.repository);
    let ended = tokio::time::timeout(Duration::from_secs(10), repository.fetching.lock()).await;
    assert!(ended.is_ok());
    assert_eq!(repository.rests().unwrap().detail, "more than 2.5s");
    let named = silent.repository.trim_start_matches("file://").to_owned();
    let gone = async {
        while runs(&named) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
}

/// Whether any process has this in its command line.
fn runs(words: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let line = |entry: fs::DirEntry| fs::read(entry.path().join("cmdline")).unwrap_or_default();
    all.map(line).any(|line| String::from_utf8_lossy(&line).contains(words))
}

#[tokio::test]
async fn many_at_once_fetch_once_and_get_the_same() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    let reader = world.reader(patient());
    let span = world.span(&from, &to, &[]);
    let all = join_all((0..8).map(|_| reader.between(&span))).await;
    for one in all {
        assert_eq!(told(&one.unwrap()).0, ["Mina Kim: one"]);
    }
}

#[tokio::test]
async fn what_a_dead_fetch_left_behind_is_in_nobodys_way() {
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    world.read(&from, &to, &[]).await;
    let mirror = world.mirror();
    let left =
        ["packed-refs.lock", "config.lock", "refs/heads/main.lock", "objects/pack/tmp_pack_x"];
    for file in left {
        fs::write(mirror.join(file), "").unwrap();
    }
    let later = world.commit("Sora Lee", "a", "two");
    assert_eq!(told(&world.read(&to, &later, &[]).await).0, ["Sora Lee: two"]);
    assert!(left.iter().all(|file| !mirror.join(file).exists()));
}

#[tokio::test]
async fn a_mirror_is_for_one_account_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let from = world.commit("Mina Kim", "a", "zero");
    let to = world.commit("Mina Kim", "a", "one");
    world.read(&from, &to, &[]).await;
    for folder in [world.cache(), world.mirror()] {
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", folder.display());
    }
}

#[tokio::test]
async fn the_git_that_is_there_can_be_used() {
    let found = version().await.unwrap();
    assert!(found.starts_with(|c: char| c.is_ascii_digit()), "{found}");
}
