//! The Helm charts that a target is rendered from.

use serde::{Deserialize, Serialize};

/// A chart of a Helm repository: which version was deployed last, and which one is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chart {
    /// Its name in the repository.
    pub name: String,
    /// The version that was deployed last, as far as the tool's history tells.
    pub from: Option<String>,
    /// The version that is wanted.
    pub to: String,
    /// The version or the range of versions (`1.x`) that the target's definition names.
    #[serde(default)]
    pub follows: String,
    /// What the chart says of itself, and who maintains it, when the tool tells.
    #[serde(default)]
    pub about: String,
}

impl Chart {
    /// Whether another version comes than the one that was deployed last.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.from.as_ref().is_some_and(|from| *from != self.to)
    }

    /// Whether newer versions come only when somebody names them.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.follows == self.to
    }
}

/// A version of a chart that is wanted and that its repository does not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingChart {
    /// The chart's name.
    pub name: String,
    /// The version.
    pub version: String,
}
