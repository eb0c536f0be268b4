//! What can be chosen: repositories and applications.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};
use wilco_core::answer::{Gathered, Offer, Trouble, TroubleKind};
use wilco_core::target::Target;

use super::charts::charts;
use super::client::{Instance, Look};
use super::images::tag;
use super::names::short_names;
use super::wire::App;
use super::{ArgoCd, trouble};

/// In Argo CD's words.
const OUT_OF_SYNC: &str = "OutOfSync";

impl ArgoCd {
    /// All applications of all instances, with the instance of each.
    ///
    /// # Errors
    /// None of them can be asked.
    pub(super) async fn all(&self) -> Result<Gathered<(&Instance, App)>, Trouble> {
        let lists = self.instances.iter().map(|instance| instance.list(None));
        let mut all = Gathered::from(Vec::new());
        for (instance, list) in self.instances.iter().zip(join_all(lists).await) {
            match list {
                Ok(apps) => all.items.extend(apps.into_iter().map(|app| (instance, app))),
                Err(trouble) => all.missing.push(trouble),
            }
        }
        self.some(all)
    }

    /// What was gathered; the first trouble where there is nothing else.
    pub(super) fn some<T>(&self, gathered: Gathered<T>) -> Result<Gathered<T>, Trouble> {
        if gathered.missing.len() < self.instances.len() {
            return Ok(gathered);
        }
        let first = gathered.missing.into_iter().next();
        Err(first.unwrap_or_else(|| trouble(TroubleKind::NotFound, "")))
    }

    pub(super) async fn repositories(&self) -> Result<Gathered<Offer>, Trouble> {
        let Gathered { items: all, missing } = self.all().await?;
        let names = repository_names(&all);
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (_, app) in &all {
            for url in urls(app) {
                let (apps, differing) = counts.entry(url).or_default();
                *apps += 1;
                *differing += usize::from(app.status.sync.status == OUT_OF_SYNC);
            }
        }
        let mut offers: Vec<Offer> = counts
            .into_iter()
            .map(|(url, (apps, differing))| Offer {
                value: url.to_owned(),
                title: names.get(url).map_or(url, String::as_str).to_owned(),
                note: format!("{differing}/{apps} {OUT_OF_SYNC}"),
                aliases: vec![url.to_owned()],
                facts: facts([("apps", json!(apps)), ("out_of_sync", json!(differing))]),
            })
            .collect();
        offers.sort_by(|a, b| (&a.title, &a.value).cmp(&(&b.title, &b.value)));
        Ok(Gathered { items: offers, missing })
    }

    pub(super) async fn applications(
        &self,
        repository: Option<&str>,
        fresh: &[Target],
    ) -> Result<Gathered<Offer>, Trouble> {
        let Gathered { items: mut all, missing } = self.all().await?;
        for target in fresh {
            self.look_anew(&mut all, target).await?;
        }
        let names = repository_names(&all);
        all.retain(|(_, app)| belongs(app, repository, &names));
        all.sort_by(|(_, a), (_, b)| {
            let key = |app: &App| {
                let in_sync = app.status.sync.status != OUT_OF_SYNC;
                (in_sync, app.metadata.name.clone(), app.metadata.namespace.clone())
            };
            key(a).cmp(&key(b))
        });
        let items = all.iter().map(|(instance, app)| offer(instance, app)).collect();
        Ok(Gathered { items, missing })
    }
}

impl ArgoCd {
    /// Puts what Argo CD says of one application after a refresh in the place of what it listed: polling
    /// git lags (ARGO-14), and the list lags behind the refresh (ARGO-11). A refresh that does not end in
    /// time leaves what was known (ARGO-13).
    async fn look_anew(
        &self,
        all: &mut [(&Instance, App)],
        target: &Target,
    ) -> Result<(), Trouble> {
        let here = |(instance, app): &&mut (&Instance, App)| instance.target(app) == *target;
        let Some((instance, app)) = all.iter_mut().find(here) else { return Ok(()) };
        match instance.app(target, Look::Refreshed).await {
            Ok(anew) => *app = anew,
            Err(trouble) if trouble.kind == TroubleKind::TimedOut => {}
            Err(trouble) => return Err(trouble),
        }
        Ok(())
    }
}

fn offer(instance: &Instance, app: &App) -> Offer {
    let (sync, health) = (&app.status.sync.status, &app.status.health.status);
    // A list shows what runs, and not what would come.
    let live = match app.status.summary.images.as_slice() {
        [only] => tag(only),
        _ => String::new(),
    };
    let words = [live.as_str(), sync.as_str(), health.as_str()];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut facts = facts([
        ("version", json!(live)),
        ("sync", json!(sync)),
        ("health", json!(health)),
        ("name", json!(app.metadata.name)),
        ("namespace", json!(app.metadata.namespace)),
        ("instance", json!(instance.name)),
        ("project", json!(app.spec.project)),
        ("repository", json!(urls(app).first())),
        ("auto_sync", json!(app.is_automated())),
        ("in_progress", json!(app.operation.is_some())),
        ("labels", json!(app.metadata.labels)),
    ]);
    if app.sources().iter().any(|source| !source.chart.is_empty()) {
        // A list does not tell the revisions, one that was looked at anew does: unknown is told as unknown.
        let charts = charts(app, &app.sources(), &app.compared_revisions());
        facts.insert(
            "charts".to_owned(),
            if charts.is_empty() { Value::Null } else { json!(charts) },
        );
    }
    Offer {
        value: instance.target(app).to_string(),
        title: app.metadata.name.clone(),
        note: words.join(" · "),
        // Without the instance, for whoever knows the namespace.
        aliases: vec![format!("{}/{}", app.metadata.namespace, app.metadata.name)],
        facts,
    }
}

fn facts<const N: usize>(facts: [(&str, Value); N]) -> BTreeMap<String, Value> {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The repositories of an application, each once, in the order of its sources.
fn urls(app: &App) -> Vec<&str> {
    let mut urls: Vec<&str> = Vec::new();
    for source in app.sources() {
        let url = source.repo_url.as_str();
        if !url.is_empty() && !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// Short names over all instances.
pub(super) fn repository_names(all: &[(&Instance, App)]) -> BTreeMap<String, String> {
    let every: BTreeSet<String> =
        all.iter().flat_map(|(_, app)| urls(app)).map(str::to_owned).collect();
    let mut configured = BTreeMap::new();
    for (instance, _) in all {
        configured.extend(instance.short_names.clone());
    }
    short_names(&every, &configured)
}

/// Whether the application is deployed from this repository, named by its URL or its short name.
pub(super) fn belongs(
    app: &App,
    repository: Option<&str>,
    names: &BTreeMap<String, String>,
) -> bool {
    repository.is_none_or(|wanted| {
        let fits = |url: &str| url == wanted || names.get(url).is_some_and(|name| name == wanted);
        urls(app).into_iter().any(fits)
    })
}
