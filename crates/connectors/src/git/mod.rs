//! The commits between two revisions, read by `git` itself: tools that deploy from git tell of single revisions only
//! (docs/design/commits-between.md).
//!
//! The life of one question:
//!
//! 1. Is the repository one of those that the configuration names ([`address`])? Else nobody is asked, as without git.
//! 2. If both commits are in its mirror, a bare repository in the cache folder, the history is read at once: what lies
//!    between two commits never changes.
//! 3. Else it is fetched, once at a time. Whoever asked waits for some seconds; the fetch itself goes on, so that the
//!    next question finds its commits. One that failed is not tried again for a while.
//!
//! Addresses and revisions come from other tools and texts from whoever commits: none of them is trusted.

mod address;
mod command;
mod history;
mod mirror;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use tokio::time::Instant;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::commits::Log;

use crate::http::clean;
pub use address::{PatternFault, RepositoryPattern};
pub use command::{VersionFault, version};
use mirror::Mirror;

/// How it is called in troubles.
const NAME: &str = "git";

/// Two revisions of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its address, as a tool names it.
    pub repository: String,
    /// The commit that runs.
    pub from: String,
    /// The commit that would come.
    pub to: String,
    /// Only commits that touch one of these count; all when there are none.
    pub paths: Vec<Path>,
}

/// A place in a repository, from its root, without a slash in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// A folder or file of exactly this name.
    Exactly(String),
    /// Files that fit; `*` stays within one folder.
    Fitting(String),
}

/// Where histories are read.
#[async_trait]
pub trait CommitLog: Send + Sync {
    /// What lies between two revisions; `None` where this repository is not read at all. Answers within a few
    /// seconds, if need be with [`Log::Unread`].
    async fn between(&self, span: &Span) -> Option<Log>;
}

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Whoever asks waits so long at most.
    pub wait: Duration,
    /// One fetch.
    pub fetch: Duration,
    /// After a fetch that failed, or is slow, so long nobody waits for another one.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(3),
            fetch: Duration::from_mins(5),
            rest: Duration::from_mins(1),
        }
    }
}

/// What is read, and where it is kept.
#[derive(Debug, Clone)]
pub struct GitConfig {
    /// The folder of the mirrors. It may be deleted while nobody uses it; no two processes share one.
    pub cache: PathBuf,
    /// The repositories that may be fetched.
    pub repositories: Vec<RepositoryPattern>,
    /// How long things may take.
    pub limits: Limits,
}

/// The real one.
pub struct Git {
    config: GitConfig,
    repositories: Mutex<HashMap<String, Arc<Repository>>>,
}

/// One repository.
struct Repository {
    mirror: Mirror,
    /// Held by whoever fetches.
    fetching: Arc<tokio::sync::Mutex<()>>,
    /// Until when nobody waits for a fetch, and why.
    rest: Mutex<Option<(Instant, Trouble)>>,
}

impl Git {
    /// Nothing is fetched yet.
    #[must_use]
    pub fn new(config: GitConfig) -> Self {
        Self { config, repositories: Mutex::default() }
    }

    fn repository(&self, address: &str) -> Arc<Repository> {
        let mut all = self.repositories.lock().unwrap_or_else(PoisonError::into_inner);
        let repository = all.entry(address.to_owned()).or_insert_with(|| {
            Arc::new(Repository {
                mirror: Mirror::new(&self.config.cache, address),
                fetching: Arc::default(),
                rest: Mutex::default(),
            })
        });
        Arc::clone(repository)
    }
}

#[async_trait]
impl CommitLog for Git {
    async fn between(&self, span: &Span) -> Option<Log> {
        let may = |pattern: &RepositoryPattern| pattern.matches(&span.repository);
        if !self.config.repositories.iter().any(may) {
            return None;
        }
        if let Some(bad) = [&span.from, &span.to].into_iter().find(|text| !is_commit(text)) {
            let trouble = trouble(TroubleKind::NotFound, &format!("`{bad}` is not a commit"));
            return Some(Log::Unread { trouble });
        }
        let repository = self.repository(&span.repository);
        let limits = self.config.limits;
        let read = tokio::time::timeout(limits.wait, repository.read(span, limits)).await;
        let read = read.unwrap_or_else(|_| {
            let slow = trouble(TroubleKind::TimedOut, &format!("more than {:?}", limits.wait));
            repository.rest(limits.rest, slow.clone());
            Err(slow)
        });
        Some(read.unwrap_or_else(|trouble| {
            tracing::debug!(?trouble, repository = span.repository, "no commits between");
            Log::Unread { trouble }
        }))
    }
}

impl Repository {
    async fn read(self: &Arc<Self>, span: &Span, limits: Limits) -> Result<Log, Trouble> {
        if !self.mirror.has(span).await? {
            if let Some(trouble) = self.rests() {
                return Err(trouble);
            }
            self.fetch(span, limits).await?;
            if !self.mirror.has(span).await? {
                return Err(trouble(TroubleKind::NotFound, "a revision is not there any more"));
            }
        }
        self.mirror.log(span).await
    }

    /// Brings what is new, unless somebody has just done so. What was begun goes on when nobody waits any more.
    async fn fetch(self: &Arc<Self>, span: &Span, limits: Limits) -> Result<(), Trouble> {
        let turn = Arc::clone(&self.fetching).lock_owned().await;
        if self.mirror.has(span).await? {
            return Ok(());
        }
        // Whoever had the turn before may have failed just now.
        if let Some(trouble) = self.rests() {
            return Err(trouble);
        }
        let repository = Arc::clone(self);
        let (tell, told) = oneshot::channel();
        tokio::spawn(async move {
            let fetched = repository.mirror.fetch(limits.fetch).await;
            match &fetched {
                Ok(()) => repository.goes_on(),
                Err(trouble) => repository.rest(limits.rest, trouble.clone()),
            }
            let well = fetched.is_ok();
            let _ = tell.send(fetched);
            if well {
                repository.mirror.tidy_up(limits.fetch).await;
            }
            drop(turn);
        });
        let gone = || Err(trouble(TroubleKind::ToolFailed, "the fetch broke off"));
        told.await.unwrap_or_else(|_| gone())
    }

    fn rests(&self) -> Option<Trouble> {
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, trouble) = rest.as_ref()?;
        (Instant::now() < *until).then(|| trouble.clone())
    }

    fn rest(&self, time: Duration, trouble: Trouble) {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        *rest = Some((Instant::now() + time, trouble));
    }

    fn goes_on(&self) {
        *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Whether it is a whole SHA-1: what Argo CD has of a git source is always one.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn trouble(kind: TroubleKind, detail: &str) -> Trouble {
    Trouble { tool: NAME.to_owned(), kind, detail: clean(detail) }
}

#[cfg(test)]
mod tests;
