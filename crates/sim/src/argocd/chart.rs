//! Charts of Helm repositories: which versions there are, which of them an application takes.

use std::sync::Arc;

use super::ArgoCd;
use super::app::App;
use super::spec::{Release, Source};
use super::world::{NewCommit, newer};

/// Whether the source is a chart whose version is named exactly, and not by a range.
pub(crate) fn is_pinned(source: &Source) -> bool {
    source.chart().is_some() && !is_range(&source.target_revision)
}

/// `1.x`, `1.2.*`, `>=1.0.0`, or nothing, which takes any.
fn is_range(wanted: &str) -> bool {
    !wanted.starts_with(|first: char| first.is_ascii_digit())
        || wanted.split('.').any(|part| matches!(part, "x" | "X" | "*"))
}

/// Whether a version is in a range of the forms that stories use: `*`, `1.x`, `1.2.x`; anything else is the version
/// itself.
pub(crate) fn fits(range: &str, version: &str) -> bool {
    if !is_range(range) {
        return range == version;
    }
    let parts = range.split('.').take_while(|part| !matches!(*part, "x" | "X" | "*"));
    parts.zip(version.split('.')).all(|(wanted, own)| wanted == own)
}

impl App {
    /// Which release the target revision means now: the newest, or where a range of a chart's versions is wanted, the
    /// newest whose chart is still there.
    pub(crate) fn newest(&self) -> usize {
        let there = |release: &Release| {
            let mut parts = self.view.spec.sources.iter().zip(&release.revisions);
            !parts.any(|(source, version)| {
                source.chart().is_some() && !is_pinned(source) && self.gone_charts.contains(version)
            })
        };
        let newest = self.releases.iter().rposition(there);
        newest.unwrap_or(self.releases.len() - 1)
    }

    /// Why these revisions cannot be rendered, in the words of the real server, if they cannot.
    pub(crate) fn unloadable(&self, revisions: &[String]) -> Option<String> {
        let sources = &self.view.spec.sources;
        let at = sources.iter().zip(revisions).position(|(source, version)| {
            source.chart().is_some() && self.gone_charts.contains(version)
        })?;
        let fault = fetch_fault(&sources[at], &revisions[at]);
        Some(format!(
            "Failed to load target state: failed to generate manifest for source {} of {}: rpc error: code = Unknown \
             desc = {fault}",
            at + 1,
            sources.len()
        ))
    }
}

/// What `helm pull` says of a version that the repository does not have, as the repository server hands it on.
pub(crate) fn fetch_fault(source: &Source, version: &str) -> String {
    let (chart, repo) = (source.chart().unwrap_or_default(), &source.repo_url);
    format!(
        "error fetching chart: failed to fetch chart: failed to get command args to log: `helm pull --destination \
         /tmp/4f1c --version {version} --repo {repo} {chart}` failed exit status 1: Error: chart \"{chart}\" version \
         \"{version}\" not found in {repo} repository"
    )
}

#[expect(
    clippy::must_use_candidate,
    reason = "the handle is returned for chaining, which is optional"
)]
impl ArgoCd {
    /// A new version of the application's chart is published, which brings what the commit says. An application that
    /// names its version exactly names this one from now on; one with a range takes it if it is in the range.
    ///
    /// # Panics
    /// When there is no such application, or it has no chart.
    pub fn publish(&self, app: &str, version: &str, brings: NewCommit) -> &Self {
        self.change(app, |app, now_ms, world| {
            let mut spec = (*app.view.spec).clone();
            let at = spec.sources.iter().position(|source| source.chart().is_some());
            let at = at.unwrap_or_else(|| panic!("the application has no chart"));
            if is_pinned(&spec.sources[at]) {
                version.clone_into(&mut spec.sources[at].target_revision);
            }
            if !fits(&spec.sources[at].target_revision, version) {
                return;
            }
            app.view.spec = Arc::new(spec);
            let mut release = newer(app, brings, now_ms);
            version.clone_into(&mut release.revisions[at]);
            app.arrives(release, now_ms, world);
        });
        self
    }

    /// A version of the application's chart is taken out of its repository.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn chart_gone(&self, app: &str, version: &str) -> &Self {
        self.change(app, |app, now_ms, _| {
            app.gone_charts.insert(version.to_owned());
            app.compare(now_ms);
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn ranges_are_those_of_stories() {
        for (range, version, in_it) in [
            ("1.3.0", "1.3.0", true),
            ("1.3.0", "1.3.1", false),
            ("1.x", "1.9.2", true),
            ("1.x", "2.0.0", false),
            ("1.2.*", "1.2.7", true),
            ("1.2.*", "1.3.0", false),
            ("*", "7.0.0", true),
        ] {
            assert_eq!(fits(range, version), in_it, "{range} {version}");
        }
    }
}
