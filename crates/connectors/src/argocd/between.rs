//! Which revisions of which repositories lie between what runs and what would come, and what their histories have
//! there (docs/design/commits-between.md).

use futures_util::future::join_all;
use wilco_core::commits::Between;

use super::wire::{App, Source};
use crate::git::{CommitLog, Path, Span};

/// The paths besides its own that an application is made from: `.;/shared;values-*.yaml`. From
/// `docs/operator-manual/high_availability.md` of Argo CD ("Manifest Paths Annotation").
const PATHS: &str = "argocd.argoproj.io/manifest-generate-paths";

/// What the histories have between, one for each source from git that changes and is read.
pub(super) async fn between(log: Option<&dyn CommitLog>, app: &App) -> Vec<Between> {
    let Some(log) = log else { return Vec::new() };
    let read = spans(app).into_iter().map(async |span| {
        let found = log.between(&span).await?;
        Some(Between { to: span.to, log: found })
    });
    join_all(read).await.into_iter().flatten().collect()
}

/// The sources from git whose revision is another one than that of the last deployment.
fn spans(app: &App) -> Vec<Span> {
    let sources = app.sources();
    let span = |(source, to): (&&Source, String)| {
        let from = deployed(app, source).filter(|from| *from != to)?;
        let paths = paths(app, &sources, source);
        Some(Span { repository: source.repo_url.clone(), from, to, paths })
    };
    let of_git = |(source, _): &(&&Source, String)| source.chart.is_empty();
    sources.iter().zip(app.compared_revisions()).filter(of_git).filter_map(span).collect()
}

/// The revision of this source that was deployed last: from the same path, else from the same repository.
fn deployed(app: &App, wanted: &Source) -> Option<String> {
    let last = app.status.history.last()?;
    let (sources, revisions) = (last.sources(), last.revisions());
    let pairs =
        || sources.iter().zip(&revisions).filter(|(was, _)| was.repo_url == wanted.repo_url);
    let same_at = |was: &Source| ["path", "ref"].iter().all(|at| was.text(at) == wanted.text(at));
    let same = pairs().find(|(was, _)| same_at(was));
    same.or_else(|| pairs().next()).map(|(_, revision)| revision.clone())
}

/// What the application takes from this source; empty where that is all of it, or nobody can tell.
fn paths(app: &App, sources: &[&Source], source: &Source) -> Vec<Path> {
    let own = source.text("path");
    let mut paths = Vec::new();
    if own.is_empty() {
        // A source that only holds values: the files that the charts beside it name.
        let name = format!("${}/", source.text("ref"));
        let files = sources.iter().flat_map(|other| other.value_files());
        let files: Vec<&str> = files.filter_map(|file| file.strip_prefix(name.as_str())).collect();
        if source.text("ref").is_empty() || files.is_empty() {
            return Vec::new();
        }
        paths.extend(files.into_iter().map(|file| in_root("", file)));
    } else {
        paths.push(in_root("", own));
    }
    let more = app.metadata.annotations.get(PATHS).map_or("", String::as_str);
    let more = more.split(';').map(str::trim).filter(|path| !path.is_empty());
    paths.extend(more.map(|path| match path.strip_prefix('/') {
        Some(path) => in_root("", path),
        None => in_root(own, path),
    }));
    // One of them is the whole repository, or leads out of it.
    paths.into_iter().collect::<Option<Vec<Path>>>().unwrap_or_default()
}

/// A path below a folder, without `.` and `..`; `None` for the root itself, and for what is not below it.
fn in_root(folder: &str, path: &str) -> Option<Path> {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        return None;
    }
    let path = parts.join("/");
    let pattern = path.contains(['*', '?', '[']);
    Some(if pattern { Path::Fitting(path) } else { Path::Exactly(path) })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn app(value: Value) -> App {
        serde_json::from_value(value).unwrap()
    }

    fn exactly(path: &str) -> Path {
        Path::Exactly(path.to_owned())
    }

    #[test]
    fn one_source_lies_between_its_last_deployment_and_what_is_compared() {
        let source = json!({ "repoURL": "https://git.example/a.git", "path": "apps/wallet" });
        let one = app(json!({
            "spec": { "source": source },
            "status": {
                "sync": { "revision": "new" },
                "history": [{ "revision": "older", "source": source }, { "revision": "old", "source": source }],
            },
        }));
        let [span] = spans(&one).try_into().unwrap();
        assert_eq!((span.from.as_str(), span.to.as_str()), ("old", "new"));
        assert_eq!(span.paths, [exactly("apps/wallet")]);
        let fresh = app(json!({
            "spec": { "source": source }, "status": { "sync": { "revision": "new" } },
        }));
        assert!(spans(&fresh).is_empty(), "it was never deployed");
    }

    #[test]
    fn argo_18_each_source_has_its_own_and_a_chart_has_none() {
        let values = json!({ "repoURL": "https://git.example/values.git", "ref": "values" });
        let chart = json!({
            "repoURL": "https://charts.example", "chart": "wallet",
            "helm": { "valueFiles": ["$values/wallet/prod.yaml", "own.yaml", "$other/x"] },
        });
        let code = json!({ "repoURL": "https://git.example/a.git", "path": "." });
        let several = app(json!({
            "spec": { "sources": [chart, values, code] },
            "status": {
                "sync": { "revisions": ["1.3.0", "v2", "c2"] },
                // The sources stood in another order then.
                "history": [{ "revisions": ["c1", "1.2.0", "v1"], "sources": [code, chart, values] }],
            },
        }));
        let told: Vec<_> = spans(&several)
            .into_iter()
            .map(|span| (format!("{}..{}", span.from, span.to), span.paths))
            .collect();
        let expected =
            [("v1..v2".to_owned(), vec![exactly("wallet/prod.yaml")]), ("c1..c2".into(), vec![])];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_an_application_is_made_from_besides_counts_too() {
        let source = json!({ "repoURL": "https://git.example/a.git", "path": "overlays/prod" });
        let with = |paths: &str| {
            let app = app(json!({
                "metadata": { "annotations": { PATHS: paths } },
                "spec": { "source": source },
                "status": {
                    "sync": { "revision": "new" },
                    "history": [{ "revision": "old", "source": source }],
                },
            }));
            let [span] = spans(&app).try_into().unwrap();
            span.paths
        };
        let own = exactly("overlays/prod");
        assert_eq!(
            with(".;../../base; /shared"),
            [own.clone(), own.clone(), exactly("base"), exactly("shared")]
        );
        assert_eq!(
            with("/shared/*-secret.yaml"),
            [own, Path::Fitting("shared/*-secret.yaml".to_owned())]
        );
        assert_eq!(with("/"), [], "all of it");
        assert_eq!(with("../../../x"), [], "nobody knows");
    }
}
