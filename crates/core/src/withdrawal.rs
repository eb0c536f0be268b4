//! A version of one target that was rolled back, and that nobody shall bring again by accident.
//!
//! Git still wants it: until the chart is reverted or something else is deployed, the next deployment would
//! bring back just what was taken away.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{PersonId, RunId};
use crate::plan::TargetPlan;
use crate::target::Target;
use crate::time::Timestamp;

/// What was taken back from a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// From what.
    pub target: Target,
    /// The run that took it back.
    pub run: RunId,
    /// Who asked for that run.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// The image that each container ran before; empty when the images stayed the same.
    pub images: BTreeMap<String, String>,
    /// The version of each chart that was taken back; empty when the charts stayed the same.
    #[serde(default)]
    pub charts: BTreeMap<String, String>,
}

impl Withdrawal {
    /// What a run takes away from a target by this part of its plan; `None` when it is no rollback.
    #[must_use]
    pub fn of(part: &TargetPlan, run: &RunId, by: &PersonId, at: Timestamp) -> Option<Self> {
        part.returns.as_ref()?;
        let gone =
            |image: &crate::plan::ImageChange| Some((image.container.clone(), image.from.clone()?));
        let images = part.images.iter().filter_map(gone).collect();
        let changed = part.charts.iter().filter(|chart| chart.changes());
        let charts = changed.filter_map(|chart| Some((chart.name.clone(), chart.from.clone()?)));
        Some(Self {
            target: part.target.clone(),
            run: run.clone(),
            by: by.clone(),
            at,
            images,
            charts: charts.collect(),
        })
    }

    /// Whether this part of a plan brings it again: an image or the version of a chart that was taken back, or, where
    /// there was neither, anything that changes no image either.
    #[must_use]
    pub fn is_brought_by(&self, part: &TargetPlan) -> bool {
        if part.target != self.target || !part.brings_a_version() {
            return false;
        }
        if self.images.is_empty() && self.charts.is_empty() {
            return part.images.is_empty();
        }
        if part
            .charts
            .iter()
            .any(|chart| chart.changes() && self.charts.get(&chart.name) == Some(&chart.to))
        {
            return true;
        }
        part.images.iter().any(|image| {
            image.to.is_some() && self.images.get(&image.container) == image.to.as_ref()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Chart;
    use crate::plan::{Freshness, ImageChange, Mode, Returns};

    fn part(images: &[(&str, &str, &str)], returns: bool) -> TargetPlan {
        let image = |(container, from, to): &(&str, &str, &str)| ImageChange {
            container: (*container).into(),
            from: Some((*from).into()),
            to: Some((*to).into()),
        };
        let returned = Returns {
            entry: 1,
            deployed_at: None,
            deployed_by: None,
            hooks_ran: false,
            undoes_a_part: false,
        };
        TargetPlan {
            wanted: Vec::new(),
            only: None,
            charts: Vec::new(),
            target: "main/argocd/wallet".parse().unwrap(),
            images: images.iter().map(image).collect(),
            objects: vec![],
            revisions: vec!["c1".into()],
            commits: vec![],
            between: Vec::new(),
            returns: returns.then_some(returned),
            mode: Mode::Start,
            obstacle: None,
            freshness: Freshness::Now,
            evidence: serde_json::Value::Null,
        }
    }

    fn withdrawn(images: &[(&str, &str, &str)]) -> Withdrawal {
        let part = part(images, true);
        Withdrawal::of(&part, &RunId::numbered(1), &PersonId::new("mina"), Timestamp(0)).unwrap()
    }

    #[test]
    fn only_the_version_that_was_taken_back_is_meant() {
        let taken = withdrawn(&[("a", "w:2", "w:1")]);
        assert!(taken.is_brought_by(&part(&[("a", "w:1", "w:2")], false)));
        assert!(!taken.is_brought_by(&part(&[("a", "w:1", "w:3")], false)), "a newer one");
        assert!(!taken.is_brought_by(&part(&[], false)), "other objects only");
        assert!(!taken.is_brought_by(&part(&[("a", "w:3", "w:2")], true)), "a rollback of its own");
        let mut restart = part(&[], false);
        restart.revisions.clear();
        assert!(!withdrawn(&[]).is_brought_by(&restart), "a restart brings nothing");
        assert!(withdrawn(&[]).is_brought_by(&part(&[], false)), "settings that were taken back");
    }

    #[test]
    fn a_version_of_a_chart_that_was_taken_back_is_meant_and_a_newer_one_is_not() {
        let chart = |from: &str, to: &str| {
            let about = String::new();
            let (name, from) = ("w".to_owned(), Some(from.to_owned()));
            vec![Chart { name, from, to: to.to_owned(), follows: "1.x".to_owned(), about }]
        };
        let back = TargetPlan { charts: chart("1.3.0", "1.2.0"), ..part(&[], true) };
        let (run, by) = (RunId::numbered(1), PersonId::new("mina"));
        let taken = Withdrawal::of(&back, &run, &by, Timestamp(0)).unwrap();
        let again = |to: &str| TargetPlan { charts: chart("1.2.0", to), ..part(&[], false) };
        assert!(taken.is_brought_by(&again("1.3.0")));
        assert!(!taken.is_brought_by(&again("1.4.0")));
    }

    #[test]
    fn a_deployment_takes_nothing_back() {
        let none = part(&[("a", "w:1", "w:2")], false);
        let (run, by) = (RunId::numbered(1), PersonId::new("mina"));
        assert_eq!(Withdrawal::of(&none, &run, &by, Timestamp(0)), None);
    }
}
