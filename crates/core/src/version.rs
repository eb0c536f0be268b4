//! A version that people name, and whether a plan brings it.

use crate::chart::Chart;
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
        /// The charts, which stay too.
        charts: Vec<Chart>,
    },
    /// Another one would come.
    Another {
        /// Which.
        comes: Vec<String>,
        /// The charts that would come with it.
        charts: Vec<Chart>,
    },
}

/// Compares what would run, or the chart that it would be rendered from, with the version that was asked for: people
/// name either. A leading `v` makes no difference.
#[must_use]
pub fn fit(part: &TargetPlan, asked: &str) -> Fit {
    // What stays tells nothing of what comes: a side-car may have the version by chance.
    let coming: Vec<&String> = part.images.iter().filter_map(|image| image.to.as_ref()).collect();
    let meant = if coming.is_empty() { part.wanted.iter().collect() } else { coming };
    let mut tags: Vec<String> = meant.into_iter().map(|image| tag(image)).collect();
    tags.sort();
    tags.dedup();
    let charts = part.charts.clone();
    if tags.iter().any(|tag| is_same(tag, asked)) || is_chart(&charts, asked) {
        Fit::Brought
    } else if part.images.is_empty() && !charts.iter().any(Chart::changes) {
        Fit::NotYet { stays: tags, charts }
    } else {
        Fit::Another { comes: tags, charts }
    }
}

/// Whether the version that was asked for is the wanted one of a chart.
#[must_use]
pub fn is_chart(charts: &[Chart], asked: &str) -> bool {
    charts.iter().any(|chart| is_same(&chart.to, asked))
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

/// Whether two words name one version.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    let plain = |version: &str| version.strip_prefix('v').unwrap_or(version).to_owned();
    plain(one) == plain(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(live: &str, wanted: &str, chart: Option<(&str, &str)>) -> TargetPlan {
        let changes = live != wanted;
        let image = serde_json::json!({ "container": "a", "from": live, "to": wanted });
        let chart =
            chart.map(|(from, to)| serde_json::json!({ "name": "w", "from": from, "to": to }));
        serde_json::from_value(serde_json::json!({
            "target": "main/argocd/wallet",
            "images": changes.then_some(image).as_slice(),
            "wanted": [wanted],
            "charts": chart.as_slice(),
            "objects": [],
            "revisions": ["r"],
            "mode": "start",
            "freshness": { "is": "now" },
        }))
        .unwrap()
    }

    #[test]
    fn the_version_of_the_image_or_of_the_chart_may_be_meant() {
        let both = part("w:1.4.2", "w:1.5.0", Some(("1.2.0", "1.3.0")));
        assert_eq!(fit(&both, "1.5.0"), Fit::Brought);
        assert_eq!(fit(&both, "v1.3.0"), Fit::Brought);
        assert!(matches!(fit(&both, "1.2.0"), Fit::Another { .. }));
        let chart_alone = part("w:1.4.2", "w:1.4.2", Some(("1.2.0", "1.3.0")));
        assert_eq!(fit(&chart_alone, "1.3.0"), Fit::Brought);
        assert!(matches!(fit(&chart_alone, "1.4.0"), Fit::Another { .. }), "another chart comes");
        let mut with_sidecar = part("w:1.4.2", "w:1.5.0", None);
        with_sidecar.wanted.push("envoy:1.6.0".to_owned());
        assert!(matches!(fit(&with_sidecar, "1.6.0"), Fit::Another { .. }), "it only stays");
        assert_eq!(fit(&with_sidecar, "1.5.0"), Fit::Brought);
        let nothing = part("w:1.4.2", "w:1.4.2", Some(("1.2.0", "1.2.0")));
        assert!(matches!(fit(&nothing, "1.3.0"), Fit::NotYet { .. }));
        assert!(matches!(fit(&part("w:1", "w:1", None), "2"), Fit::NotYet { .. }));
    }
}
