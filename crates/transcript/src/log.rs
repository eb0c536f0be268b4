//! The histories of a story's repositories: those of its doubles, where `! git` switches them on.

use std::sync::Arc;

use async_trait::async_trait;
use wilco_connectors::git::{CommitLog, Path, Span};
use wilco_core::answer::{CommitNote, Trouble, TroubleKind};
use wilco_core::commits::{Commits, Log};
use wilco_core::time::Timestamp;
use wilco_sim::argocd::{ArgoCd, Logged};

/// Whether a story's histories are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Histories {
    /// As without git.
    NotRead,
    /// They can be read.
    There,
    /// They should be read, and cannot be.
    Away,
}

/// Reads those of these doubles.
struct OfDoubles {
    doubles: Vec<ArgoCd>,
    there: bool,
}

impl Histories {
    /// What the connector is given.
    pub(crate) fn reader(self, doubles: Vec<ArgoCd>) -> Option<Arc<dyn CommitLog>> {
        match self {
            Self::NotRead => None,
            Self::There | Self::Away => {
                Some(Arc::new(OfDoubles { doubles, there: self == Self::There }))
            }
        }
    }
}

#[async_trait]
impl CommitLog for OfDoubles {
    async fn between(&self, span: &Span) -> Option<Log> {
        let unread = |kind, detail: &str| Log::Unread {
            trouble: Trouble { tool: "git".to_owned(), kind, detail: detail.to_owned() },
        };
        if !self.there {
            return Some(unread(TroubleKind::TimedOut, "more than 3s"));
        }
        let path = |path: &Path| match path {
            Path::Exactly(path) | Path::Fitting(path) => path.clone(),
        };
        let paths: Vec<String> = span.paths.iter().map(path).collect();
        let found = self
            .doubles
            .iter()
            .find_map(|double| double.log(&span.repository, &paths, &span.from, &span.to));
        Some(match found {
            Some((comes, goes)) => Log::Read { comes: commits(comes), goes: commits(goes) },
            None => unread(TroubleKind::NotFound, "a revision is not there any more"),
        })
    }
}

fn commits(logged: Vec<Logged>) -> Commits {
    let note = |one: Logged| CommitNote {
        author: one.author.split(" <").next().unwrap_or_default().to_owned(),
        title: one.message.lines().next().unwrap_or_default().to_owned(),
        at: Some(Timestamp(one.date_ms)),
        revision: one.revision,
    };
    Commits { count: logged.len(), newest: logged.into_iter().map(note).collect() }
}
