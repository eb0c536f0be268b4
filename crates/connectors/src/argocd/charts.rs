//! Helm charts that an application is rendered from. Pure.
//!
//! Of a chart the revision is its version, in the status, in the history and in a sync alike (ARGO-17).

use wilco_core::chart::{Chart, MissingChart};

use super::wire::{App, ChartDetails, Source};

/// The charts of these sources at these revisions, beside the versions that were deployed last.
pub(super) fn charts(app: &App, sources: &[&Source], revisions: &[String]) -> Vec<Chart> {
    let last = app.status.history.last();
    let (was, then) = last.map(|last| (last.sources(), last.revisions())).unwrap_or_default();
    let deployed = |wanted: &Source| {
        let mut deployed = was.iter().zip(&then);
        let same = |source: &Source| {
            (&source.repo_url, &source.chart) == (&wanted.repo_url, &wanted.chart)
        };
        deployed.find(|(source, _)| same(source)).map(|(_, version)| version.clone())
    };
    let of_charts = sources.iter().zip(revisions).filter(|(source, _)| !source.chart.is_empty());
    let chart = |(source, version): (&&Source, &String)| Chart {
        name: source.chart.clone(),
        from: deployed(source),
        to: version.clone(),
        follows: source.target_revision().to_owned(),
        about: String::new(),
    };
    of_charts.map(chart).collect()
}

/// What it says of itself, in a few words: `Runs wallet; Team Wallet`.
pub(super) fn about(details: &ChartDetails) -> String {
    let people = details.maintainers.iter().map(|name| super::client::name_of(name));
    let people = people.collect::<Vec<_>>().join(", ");
    let words = [details.description.trim(), people.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    crate::http::clean(&words.join("; "))
}

/// The chart that its repository does not have, when these are the words of `helm pull` about it.
pub(super) fn missing(text: &str) -> Option<MissingChart> {
    let (_, rest) = text.split_once("Error: chart \"")?;
    let (name, rest) = rest.split_once("\" version \"")?;
    let (version, rest) = rest.split_once('"')?;
    let missing = MissingChart { name: name.to_owned(), version: version.to_owned() };
    rest.starts_with(" not found in ").then_some(missing)
}

/// The end of what a command said, where that tells more than the command line in front of it.
pub(super) fn telling(text: &str) -> &str {
    match text.split_once(" failed exit status 1: Error: ") {
        Some((_, said)) if missing(text).is_some() => said,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_helm_are_read() {
        let text = "Failed to load target state: failed to generate manifest for source 1 of 3: rpc error: code = \
                    Unknown desc = error fetching chart: failed to fetch chart: failed to get command args to log: \
                    `helm pull --destination /tmp/7f0b --version 0.11.0 --repo https://charts.example wallet` failed \
                    exit status 1: Error: chart \"wallet\" version \"0.11.0\" not found in https://charts.example \
                    repository";
        let missing = missing(text).unwrap();
        assert_eq!((missing.name.as_str(), missing.version.as_str()), ("wallet", "0.11.0"));
        assert!(telling(text).starts_with("chart \"wallet\" version"), "{}", telling(text));
        let other = "`helm template` failed exit status 1: Error: values don't meet the schema";
        assert_eq!((super::missing(other), telling(other)), (None, other));
    }

    #[test]
    fn argo_18_a_chart_beside_its_values_is_told_by_its_own_revision() {
        let app: App = serde_json::from_value(serde_json::json!({
            "spec": { "sources": [
                { "repoURL": "https://git.example/values.git", "targetRevision": "HEAD", "ref": "values" },
                { "repoURL": "https://charts.example", "chart": "wallet", "targetRevision": "1.x" },
            ] },
            "status": {
                "sync": { "revisions": ["c0ffee", "1.3.0"] },
                "history": [{
                    "revisions": ["1.2.0", "abad1dea"],
                    "sources": [
                        { "repoURL": "https://charts.example", "chart": "wallet", "targetRevision": "1.x" },
                        { "repoURL": "https://git.example/values.git", "targetRevision": "HEAD", "ref": "values" },
                    ],
                }],
            },
        }))
        .unwrap();
        let all = charts(&app, &app.sources(), &app.compared_revisions());
        let [chart] = all.as_slice() else { panic!("{all:?}") };
        let told = (chart.name.as_str(), chart.from.as_deref(), chart.to.as_str());
        assert_eq!(told, ("wallet", Some("1.2.0"), "1.3.0"));
        assert_eq!(
            (chart.follows.as_str(), chart.changes(), chart.is_pinned()),
            ("1.x", true, false)
        );
    }
}
