//! One repository in the cache: bare, with the commits and folders of all branches and tags, and where the server can
//! leave them out without the contents of files.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::commits::{Commits, Log};
use wilco_core::plan::hex;

use super::command::{Allows, run};
use super::history::{self, FORMAT};
use super::{Span, address, trouble};

/// How many commits of one side are told.
const TOLD: usize = 100;
/// What stays on this machine takes no longer.
const READ: Duration = Duration::from_secs(10);
/// Branches and tags, as they are there: a commit that nobody points to any more is not asked for.
const REFS: [&str; 2] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

pub(super) struct Mirror {
    address: String,
    folder: PathBuf,
}

impl Mirror {
    /// The mirror of this address; nothing is made yet.
    pub(super) fn new(cache: &Path, address: &str) -> Self {
        let digest = hex(&Sha256::digest(address.as_bytes()));
        // The end of the address is for people who look into the folder.
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let end = address.rsplit(['/', ':']).next().unwrap_or_default();
        let end: String = end.chars().map(plain).take(40).collect();
        Self { address: address.to_owned(), folder: cache.join(format!("{}-{end}", &digest[..20])) }
    }

    /// Whether both commits are there.
    pub(super) async fn has(&self, span: &Span) -> Result<bool, Trouble> {
        if !self.is_made() {
            return Ok(false);
        }
        let asked = format!("{}\n{}\n", span.from, span.to);
        let arguments = ["cat-file", "--batch-check=%(objecttype)"];
        // What cannot be looked at is fetched again.
        let said = self.read(&arguments, &asked).await.unwrap_or_default();
        Ok(said == b"commit\ncommit\n")
    }

    /// What lies between the two; both are there.
    pub(super) async fn log(&self, span: &Span) -> Result<Log, Trouble> {
        let paths: Vec<String> = span.paths.iter().map(history::pathspec).collect();
        let between = format!("{}...{}", span.from, span.to);
        let mut arguments =
            vec!["rev-list", "--count", "--left-right", "--no-merges", "--end-of-options"];
        arguments.extend([between.as_str(), "--"]);
        arguments.extend(paths.iter().map(String::as_str));
        let said = self.read(&arguments, "").await?;
        let (goes, comes) = history::counts(&said)
            .ok_or_else(|| trouble(TroubleKind::Garbled, "no two numbers of commits"))?;
        Ok(Log::Read {
            comes: self.side(&span.from, &span.to, comes, &paths).await?,
            goes: self.side(&span.to, &span.from, goes, &paths).await?,
        })
    }

    /// The newest of so many commits that one revision has and the other has not.
    async fn side(
        &self,
        without: &str,
        of: &str,
        count: usize,
        paths: &[String],
    ) -> Result<Commits, Trouble> {
        if count == 0 {
            return Ok(Commits::default());
        }
        let (most, range) = (format!("--max-count={TOLD}"), format!("{without}..{of}"));
        let mut arguments = vec!["log", "-z", "--no-merges", "--no-color", "--no-notes"];
        arguments.extend(["--no-mailmap", "--no-show-signature", "--encoding=UTF-8", FORMAT]);
        arguments.extend([most.as_str(), "--end-of-options", range.as_str(), "--"]);
        arguments.extend(paths.iter().map(String::as_str));
        let said = self.read(&arguments, "").await?;
        let newest = history::commits(&said)
            .ok_or_else(|| trouble(TroubleKind::Garbled, "no list of commits"))?;
        Ok(Commits { count, newest })
    }

    async fn read(&self, arguments: &[&str], input: &str) -> Result<Vec<u8>, Trouble> {
        run(Allows::Nothing, Some(&self.folder), arguments, input, READ).await
    }

    /// Brings all branches and tags. Only one at a time.
    pub(super) async fn fetch(&self, limit: Duration) -> Result<(), Trouble> {
        self.make().await?;
        // The address stands on the command line and not in the mirror, so that nothing else ever reaches out.
        let address = format!("remote.origin.url={}", self.address);
        let mut arguments = vec!["-c", &address, "fetch", "--quiet", "--force", "--prune"];
        arguments.extend(["--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]);
        arguments.extend(["--no-write-fetch-head", "--no-show-forced-updates"]);
        // A server that knows no filters sends everything, and git says so.
        arguments.extend(["--filter=blob:none", "--", "origin"]);
        arguments.extend(REFS);
        let allows = if address::is_local(&self.address) { Allows::File } else { Allows::Network };
        run(allows, Some(&self.folder), &arguments, "", limit).await.map(drop)
    }

    /// Packs together what many fetches brought, when it has become much.
    pub(super) async fn tidy_up(&self, limit: Duration) {
        let arguments = ["-c", "gc.auto=2000", "-c", "gc.autoPackLimit=20", "gc", "--auto"];
        let packed = run(Allows::Nothing, Some(&self.folder), &arguments, "", limit).await;
        if let Err(trouble) = packed {
            tracing::debug!(?trouble, folder = %self.folder.display(), "not packed");
        }
    }

    fn is_made(&self) -> bool {
        // What `git init` makes last.
        self.folder.join("objects/pack").exists()
    }

    /// Makes the mirror, or clears away what a fetch left that was ended in the middle.
    async fn make(&self) -> Result<(), Trouble> {
        let cannot = |fault: io::Error| {
            let detail = format!("{}: {fault}", self.folder.display());
            trouble(TroubleKind::ToolFailed, &detail)
        };
        if self.is_made() {
            return sweep(&self.folder).map_err(cannot);
        }
        // Others on this machine need not read what is deployed.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(cannot)?;
        let arguments = ["init", "--bare", "--quiet", "--template="];
        run(Allows::Nothing, Some(&self.folder), &arguments, "", READ).await.map(drop)
    }
}

/// Deletes locks and unfinished packs: whoever had them is gone, because only one fetches.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let name = name.to_string_lossy();
        if kind.is_dir() {
            sweep(&entry.path())?;
        } else if name.ends_with(".lock") || name.starts_with("tmp_") {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
