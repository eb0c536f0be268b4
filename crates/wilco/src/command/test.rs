//! `wilco test`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args as ClapArgs;
use wilco_transcript::crash::{self, Deaths};
use wilco_transcript::{On, Story};

use crate::{files, log};

/// What `wilco test` takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// Files (*.chat) or folders with such files
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Your runbooks, instead of the shipped ones
    #[arg(long)]
    runbooks: Option<PathBuf>,
    /// Write what happens into the files instead of comparing
    #[arg(long)]
    bless: bool,
    /// Play on this PostgreSQL server (postgres://…) instead of throw-away SQLite files
    #[arg(long)]
    postgres: Option<String>,
    /// Play in Slack (a double of it, with the real adapter) instead of on a stage of our own
    #[arg(long, conflicts_with = "bless")]
    slack: bool,
    /// Play each story again and again, dying at every point, and demand the same end
    #[arg(long, conflicts_with = "bless")]
    crash: bool,
}

/// Plays all stories; fails when one differs.
pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let mut extra = BTreeMap::new();
    if let Some(folder) = &args.runbooks {
        for (name, content) in files::read(Some(folder))? {
            extra.insert(name, String::from_utf8_lossy(&content).into_owned());
        }
    }
    let mut paths = Vec::new();
    for path in &args.paths {
        collect(path, &mut paths)?;
    }
    paths.sort();
    anyhow::ensure!(!paths.is_empty(), "there is no *.chat file in what was named");
    let on = args.postgres.as_ref().map_or(On::Sqlite, |url| On::Postgres(url.clone()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut passed, mut failed) = (0, 0);
    let mut all = Deaths::default();
    for path in &paths {
        let played = runtime.block_on(async {
            let story = Story::read(path, &extra)?;
            let story = if args.slack { story.in_slack() } else { story };
            if args.crash {
                let deaths = crash::everywhere(&story, &on).await?;
                all += deaths;
                return Ok(format!(" ({} points, {} deaths)", deaths.points, deaths.once));
            }
            story.check(&on, args.bless).await.map(|()| String::new())
        });
        match played {
            Ok(note) => {
                passed += 1;
                log::print(&format!("ok      {}{note}", path.display()));
            }
            Err(difference) => {
                failed += 1;
                log::print(&format!("FAILED  {difference}"));
            }
        }
    }
    if args.crash {
        log::print(&format!(
            "{} points; Wilco died at {} of them, and after {} once more during the recovery; {} \
             plays of stories about moments ended otherwise, and soundly",
            all.points, all.once, all.twice, all.otherwise
        ));
    }
    log::print(&format!("{passed} passed, {failed} failed"));
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let path = entry?.path();
            if path.is_dir() || path.extension().is_some_and(|end| end == "chat") {
                collect(&path, into)?;
            }
        }
    } else {
        anyhow::ensure!(path.exists(), "{} does not exist", path.display());
        into.push(path.to_owned());
    }
    Ok(())
}
