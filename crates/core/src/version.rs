//! A version that people name, and whether a plan brings it.

use crate::plan::TargetPlan;

/// How a plan fits the version that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It will run.
    Brought,
    /// Git names what runs, and that is another one: whoever asks waits for a commit.
    NotYet {
        /// What runs and stays.
        stays: Vec<String>,
    },
    /// Another one would come.
    Another {
        /// Which.
        comes: Vec<String>,
    },
}

/// Compares what would run with the version that was asked for; a leading `v` makes no difference.
#[must_use]
pub fn fit(part: &TargetPlan, asked: &str) -> Fit {
    let mut tags: Vec<String> = part.wanted.iter().map(|image| tag(image)).collect();
    tags.sort();
    tags.dedup();
    if tags.iter().any(|tag| plain(tag) == plain(asked)) {
        Fit::Brought
    } else if part.images.is_empty() {
        Fit::NotYet { stays: tags }
    } else {
        Fit::Another { comes: tags }
    }
}

/// What stands behind the name of an image: its tag, or the beginning of its digest.
#[must_use]
pub fn tag(image: &str) -> String {
    if let Some((_, digest)) = image.split_once('@') {
        return digest.chars().take(15).collect();
    }
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').map_or_else(|| "latest".to_owned(), |(_, tag)| tag.to_owned())
}

fn plain(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
}
