//! What a test does to the world behind the API: commits arrive, people act, pods break.
//!
//! Every method names an application by its name, or by `namespace/name`, and panics when there is
//! none: that is a mistake in the test.

use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::app::{App, Operation};
use super::course::{Health, Outcome, Timing, Window};
use super::ledger::{Effect, EffectKind};
use super::object::Object;
use super::spec::Release;
use super::timeline::World;
use super::{ArgoCd, State};

/// A commit that arrives in git, relative to the newest one.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewCommit {
    /// Container name and new tag.
    pub images: Vec<(String, String)>,
    /// Commit SHA; without one it is made up, the same in every run.
    pub revision: Option<String>,
    /// Author; without one the last author.
    pub author: Option<String>,
    /// Message; without one made up.
    pub message: Option<String>,
    /// Objects added or replaced.
    #[serde(skip)]
    pub objects: Vec<Object>,
    /// Kind and name of objects removed.
    pub removed: Vec<(String, String)>,
}

impl NewCommit {
    /// A commit that changes the tag of one container.
    #[must_use]
    pub fn image(container: &str, tag: &str) -> Self {
        Self { images: vec![(container.to_owned(), tag.to_owned())], ..Self::default() }
    }

    /// A commit that adds or replaces an object.
    #[must_use]
    pub fn object(object: Object) -> Self {
        Self { objects: vec![object], ..Self::default() }
    }

    /// With this commit SHA.
    #[must_use]
    pub fn revision(mut self, revision: &str) -> Self {
        self.revision = Some(revision.to_owned());
        self
    }

    /// With this author and message.
    #[must_use]
    pub fn by(mut self, author: &str, message: &str) -> Self {
        self.author = Some(author.to_owned());
        self.message = Some(message.to_owned());
        self
    }
}

#[expect(
    clippy::must_use_candidate,
    reason = "the handle is returned for chaining, which is optional"
)]
impl ArgoCd {
    /// A commit arrives for this application. The controller sees it at once, or with
    /// `Traps::stale_target` at the next refresh. Returns the new revision.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn commit(&self, app: &str, commit: NewCommit) -> String {
        self.change(app, |app, now_ms, world| {
            let git = app.view.spec.sources.iter().position(|source| source.chart().is_none());
            let git = git.unwrap_or_else(|| panic!("the application has no git repository"));
            let revision = commit.revision.clone().unwrap_or_else(|| app.next_revision());
            let mut release = newer(app, commit, now_ms);
            release.revisions[git].clone_from(&revision);
            app.arrives(release, now_ms, world);
            revision
        })
    }

    /// How syncs of this application end from now on.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn outcome(&self, app: &str, outcome: Outcome) -> &Self {
        self.change(app, |app, _, _| app.outcome = outcome);
        self
    }

    /// How long the syncs of this application take from now on.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn timing_of(&self, app: &str, timing: Timing) -> &Self {
        self.change(app, |app, _, _| app.timing = Some(timing));
        self
    }

    /// The images of the pods that run now.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn running_images(&self, app: &str) -> Vec<String> {
        self.settle();
        let state = self.lock();
        let found = state.apps.iter().find(|((n, namespace), _)| named(app, n, namespace));
        let (_, found) = found.unwrap_or_else(|| panic!("the double has no application {app}"));
        found.view.pods.iter().cloned().collect()
    }

    /// The application has this health now, and what its rollout had planned no longer happens.
    /// Healthy means that the new images run.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn health(&self, app: &str, health: Health) -> &Self {
        self.change(app, |app, now_ms, _| app.set_health(health, "", now_ms));
        self
    }

    /// Somebody else syncs the application to the newest commit; the same course as any sync.
    ///
    /// # Panics
    /// When there is no such application, or an operation is in progress.
    pub fn someone_syncs(&self, app: &str, account: &str) -> &Self {
        self.change(app, |app, now_ms, world| start_as(app, account, now_ms, world));
        self
    }

    /// Somebody else's operation is in progress for so long (`None`: until terminated), then
    /// succeeds.
    ///
    /// # Panics
    /// When there is no such application, or an operation is in progress.
    pub fn someone_holds(&self, app: &str, account: &str, for_ms: Option<i64>) -> &Self {
        self.change(app, |app, now_ms, world| {
            let message = "waiting for completion of hook batch/Job/migrate".to_owned();
            let before = std::mem::replace(&mut app.outcome, Outcome::Waits { message, for_ms });
            start_as(app, account, now_ms, world);
            app.outcome = before;
        });
        self
    }

    /// Somebody with access to the cluster takes `operation` out of the application, as one leaves a dead state. Its
    /// state stays as it was.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn someone_frees(&self, app: &str) -> &Self {
        self.change(app, |app, now_ms, world| app.free(now_ms, world));
        self
    }

    /// Somebody carries out an action of a Rollout in Argo CD; false when it cannot be used now.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn someone_acts(&self, app: &str, action: &str) -> bool {
        self.change(app, |app, now_ms, world| app.act(action, now_ms, world)).is_some()
    }

    /// Somebody changes the image of a container in the cluster itself, past git.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn live_image(&self, app: &str, container: &str, tag: &str) -> &Self {
        self.change(app, |app, now_ms, world| {
            for live in &mut app.view.live {
                if set_tag(std::slice::from_mut(&mut live.object), container, tag) {
                    live.generation += 1;
                    live.observed = live.generation;
                }
            }
            app.view.pods = app.view.wanted_pods();
            app.compare(now_ms);
            app.consider_auto_sync(now_ms, world);
        });
        self
    }

    /// Adds a sync window.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn window(&self, app: &str, window: Window) -> &Self {
        self.change(app, |app, _, _| app.windows.push(window));
        self
    }

    /// The controller syncs an automated application now, unless an operation is in progress.
    ///
    /// # Panics
    /// When there is no such application.
    pub fn auto_sync_now(&self, app: &str) -> &Self {
        self.change(app, App::auto_sync);
        self
    }

    /// Removes an application, if it is there.
    pub fn remove(&self, app: &str) -> &Self {
        self.lock().apps.retain(|(name, namespace), _| !named(app, name, namespace));
        self
    }

    pub(crate) fn change<T>(
        &self,
        app: &str,
        change: impl FnOnce(&mut App, i64, &mut World) -> T,
    ) -> T {
        self.try_change(app, change)
            .unwrap_or_else(|| panic!("the double has no application {app}"))
    }

    /// Changes an application after applying what is due; `None` when there is none of that name.
    pub(crate) fn try_change<T>(
        &self,
        name: &str,
        change: impl FnOnce(&mut App, i64, &mut World) -> T,
    ) -> Option<T> {
        let now_ms = self.now_ms();
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { apps, world, .. } = &mut *state;
        let (_, app) = apps.iter_mut().find(|((n, namespace), _)| named(name, n, namespace))?;
        app.advance(now_ms, world);
        let result = change(app, now_ms, world);
        app.bump(now_ms);
        app.advance(now_ms, world);
        Some(result)
    }
}

impl App {
    /// The newest release is this one from now on; the controller sees it at once, unless a trap hides it until the
    /// next refresh.
    pub(crate) fn arrives(&mut self, release: Release, now_ms: i64, world: &World) {
        self.releases.push(release);
        if !world.traps.stale_target {
            self.look(now_ms);
            self.consider_auto_sync(now_ms, world);
        }
    }
}

/// The newest release with what a commit changes; its revisions are still the old ones.
pub(crate) fn newer(app: &App, commit: NewCommit, now_ms: i64) -> Release {
    let mut release = app.head().clone();
    release.date_ms = now_ms;
    release.message = commit.message.unwrap_or_else(|| format!("update {}", app.view.spec.name));
    if let Some(author) = commit.author {
        release.author = author;
    }
    for (container, tag) in &commit.images {
        set_tag(&mut release.objects, container, tag);
    }
    let gone = |o: &Object| commit.removed.iter().any(|(k, n)| *k == o.kind && *n == o.name);
    release.objects.retain(|o| !gone(o));
    for object in commit.objects {
        release.objects.retain(|o| o.key() != object.key());
        release.objects.push(object);
    }
    release
}

fn named(wanted: &str, name: &str, namespace: &str) -> bool {
    match wanted.split_once('/') {
        Some((wanted_namespace, wanted)) => wanted == name && wanted_namespace == namespace,
        None => wanted == name,
    }
}

/// Gives the container of this name another tag; true when one was found.
fn set_tag(objects: &mut [Object], container: &str, tag: &str) -> bool {
    let mut found = false;
    let containers = objects.iter_mut().flat_map(|object| &mut object.containers);
    for holder in containers.filter(|c| c.name == container) {
        let image = holder.image.rsplit_once(':').map_or(holder.image.as_str(), |(image, _)| image);
        holder.image = format!("{image}:{tag}");
        found = true;
    }
    found
}

fn start_as(app: &mut App, account: &str, now_ms: i64, world: &mut World) {
    assert!(app.view.operation.is_none(), "another operation is already in progress");
    app.look(now_ms);
    let operation = Operation {
        revisions: app.head().revisions.clone(),
        account: account.to_owned(),
        automated: false,
        sources: None,
        infos: Vec::new(),
        dry_run: false,
        prune: false,
        resources: Vec::new(),
        strategy: None,
        options: None,
        retry: None,
    };
    let mut effect = Effect::new(now_ms, EffectKind::Sync, account).app(&app.view.spec.name);
    effect.revisions.clone_from(&operation.revisions);
    world.ledger.push(effect);
    app.start(operation, now_ms, world);
}
