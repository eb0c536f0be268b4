//! `argocd.versions`: which version runs, which would come, who changed it and when.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream};
use wilco_core::answer::{Gathered, Trouble, VersionRow};
use wilco_core::chart::Chart;
use wilco_core::target::Target;

use super::ArgoCd;
use super::charts::charts;
use super::client::{Instance, Look};
use super::diff::{PARALLEL, Seen, look, missing_chart};
use super::images::short;
use super::list::{belongs, repository_names};
use super::wire::time;

/// Up to so many applications are refreshed first; more would make git and people wait for minutes.
const REFRESHED: usize = 20;

impl ArgoCd {
    /// Rows in the order asked for, else by name. A single application that cannot be read is a row
    /// with a trouble.
    pub(super) async fn versions(
        &self,
        repository: Option<&str>,
        apps: Vec<Target>,
    ) -> Result<Gathered<VersionRow>, Trouble> {
        let Gathered { items: targets, missing } = if apps.is_empty() {
            let Gathered { items: mut all, missing } = self.all().await?;
            let names = repository_names(&all);
            all.retain(|(_, app)| belongs(app, repository, &names));
            let items = all.iter().map(|(instance, app)| instance.target(app)).collect();
            Gathered { items, missing }
        } else {
            self.reachable(apps).await?
        };
        let fresh = if targets.len() <= REFRESHED { Look::Refreshed } else { Look::Plain };
        let rows = stream::iter(targets)
            .map(|target| async move {
                match self.version(&target, fresh).await {
                    Ok(row) => row,
                    Err(trouble) => VersionRow { trouble: Some(trouble), ..empty(&target) },
                }
            })
            .buffered(PARALLEL);
        Ok(Gathered { items: rows.collect().await, missing })
    }

    async fn version(&self, target: &Target, fresh: Look) -> Result<VersionRow, Trouble> {
        let instance: &Instance = self.instance(target)?;
        let seen = look(instance, target, fresh).await?;
        let commit = instance.commits(target, &seen.app).await.into_iter().next();
        Ok(VersionRow { commit, ..row(target, &seen) })
    }
}

pub(super) fn row(target: &Target, seen: &Seen) -> VersionRow {
    let charts = charts(&seen.app, &seen.app.sources(), &seen.app.compared_revisions());
    let status = &seen.app.status;
    let delta = seen.delta.as_ref();
    let shorten = |images: &mut dyn Iterator<Item = &String>| -> Vec<String> {
        images.map(|image| short(image)).collect::<BTreeSet<_>>().into_iter().collect()
    };
    // What pods report, else what the objects say (ARGO-15).
    let live = match (status.summary.images.is_empty(), delta) {
        (true, Some(delta)) => shorten(&mut delta.live.iter()),
        _ => shorten(&mut status.summary.images.iter()),
    };
    let last = status.history.last();
    VersionRow {
        live,
        missing_chart: missing_chart(&seen.app),
        wanted: delta.map(|delta| shorten(&mut delta.wanted.iter())).unwrap_or_default(),
        sync: status.sync.status.clone(),
        health: status.health.status.clone(),
        changed_by: last.map(|entry| entry.initiated_by.name()).filter(|name| !name.is_empty()),
        changed_at: last.and_then(|entry| time(entry.deployed_at.as_deref())),
        // Git names exactly what runs, so whoever waits for a newer version waits for a commit.
        chart_not_updated: status.sync.status == "Synced"
            && seen.app.operation.is_none()
            && delta.is_some_and(|delta| delta.images.is_empty())
            && !charts.iter().any(Chart::changes),
        charts,
        ..empty(target)
    }
}

fn empty(target: &Target) -> VersionRow {
    VersionRow {
        target: target.clone(),
        live: Vec::new(),
        wanted: Vec::new(),
        charts: Vec::new(),
        missing_chart: None,
        sync: String::new(),
        health: String::new(),
        changed_by: None,
        changed_at: None,
        commit: None,
        chart_not_updated: false,
        trouble: None,
    }
}
