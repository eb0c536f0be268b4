//! The histories of the double's repositories, as `git log` has them: each release of an application is one commit.

use super::ArgoCd;
use super::app::App;
use super::spec::{Release, Takes};

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Its SHA.
    pub revision: String,
    /// As in git, `Name <mail>`.
    pub author: String,
    /// Its whole message.
    pub message: String,
    /// When it was made, epoch milliseconds.
    pub date_ms: i64,
}

impl ArgoCd {
    /// What `to` has and `from` has not, and the other way round, newest first: of the application that takes one of
    /// these paths from this repository, or of any where no path is named. `None` when a revision is not there.
    #[must_use]
    pub fn log(
        &self,
        repo_url: &str,
        paths: &[String],
        from: &str,
        to: &str,
    ) -> Option<(Vec<Logged>, Vec<Logged>)> {
        let state = self.lock();
        state.apps.values().find_map(|app| {
            let commits = commits(app, repo_url, paths);
            let at = |revision: &str| commits.iter().position(|one| one.revision == revision);
            let (from, to) = (at(from)?, at(to)?);
            let newest_first = |from: usize, to: usize| {
                commits.get(from + 1..=to).unwrap_or_default().iter().rev().cloned().collect()
            };
            Some((newest_first(from, to), newest_first(to, from)))
        })
    }

    /// The branch that this application follows is set back by one commit.
    ///
    /// # Panics
    /// When there is no such application, or no earlier commit.
    pub fn set_back(&self, app: &str) -> &Self {
        self.change(app, |app, now_ms, world| {
            let head = &app.head().revisions;
            let first = app.releases.iter().position(|release| release.revisions == *head);
            let before = first.and_then(|first| app.releases[..first].last()).cloned();
            let before = before.unwrap_or_else(|| panic!("there is no earlier commit"));
            app.arrives(before, now_ms, world);
        });
        self
    }
}

/// The commits of one application in this repository, oldest first.
fn commits(app: &App, repo_url: &str, paths: &[String]) -> Vec<Logged> {
    let spec = &app.view.spec;
    let taken = |takes: &Takes| match takes {
        Takes::Path(path) => Some(path.clone()),
        Takes::Values(_) => Some(format!("{}/values.yaml", spec.name)),
        Takes::Chart { .. } => None,
    };
    let source = spec.sources.iter().position(|source| {
        source.repo_url == repo_url
            && taken(&source.takes).is_some_and(|path| paths.is_empty() || paths.contains(&path))
    });
    let Some(source) = source else { return Vec::new() };
    let mut commits: Vec<Logged> = Vec::new();
    for Release { revisions, author, message, date_ms, .. } in &app.releases {
        let revision = &revisions[source];
        if !commits.iter().any(|known| known.revision == *revision) {
            commits.push(Logged {
                revision: revision.clone(),
                author: author.clone(),
                message: message.clone(),
                date_ms: *date_ms,
            });
        }
    }
    commits
}
