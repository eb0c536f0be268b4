//! What a test says about an application: [`AppSpec`] and its parts.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use serde_json::Value;

use super::course::{Health, Outcome, Timing, Window};
use super::object::Object;

/// One source of an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// URL of the repository.
    pub repo_url: String,
    /// What the application takes from it.
    pub takes: Takes,
    /// Branch, tag or commit that the application follows; of a chart its version, or a range such as `1.x`.
    pub target_revision: String,
}

/// What an application takes from a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// The objects at a path of a git repository.
    Path(String),
    /// A chart of a Helm repository.
    Chart {
        /// Its name there.
        name: String,
        /// How it is rendered, as `spec.source.helm` has it.
        helm: BTreeMap<String, Value>,
    },
    /// Nothing by itself: the values of a chart stand in this git repository, as `$NAME/…`.
    Values(String),
}

impl Source {
    /// The name of the chart, if it is one.
    pub(crate) fn chart(&self) -> Option<&str> {
        match &self.takes {
            Takes::Chart { name, .. } => Some(name),
            Takes::Path(_) | Takes::Values(_) => None,
        }
    }
}

/// What one commit (one per source) wants the cluster to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Commit SHA per source.
    pub revisions: Vec<String>,
    /// Author as in git, `Name <mail>`.
    pub author: String,
    /// Commit message.
    pub message: String,
    /// Commit date, epoch milliseconds.
    pub date_ms: i64,
    /// The objects, hooks included.
    pub objects: Vec<Object>,
}

/// An application to be added to the double.
#[derive(Debug, Clone)]
pub struct AppSpec {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) project: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) sources: Vec<Source>,
    pub(crate) automated: bool,
    pub(crate) live: Release,
    pub(crate) target: Release,
    pub(crate) past: Vec<Release>,
    pub(crate) windows: Vec<Window>,
    pub(crate) timing: Option<Timing>,
    pub(crate) outcome: Outcome,
    pub(crate) health: Health,
    pub(crate) target_unseen: bool,
    /// Where the earlier deployments came from, if from another path.
    pub(crate) was_at: Option<String>,
    /// The versions of its chart that run now and that are wanted.
    chart_versions: Option<[String; 2]>,
    registry: String,
}

impl AppSpec {
    /// An application in namespace `argocd`, project `default`, that follows `HEAD` of its own
    /// repository and has no objects.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let release = Release {
            revisions: Vec::new(),
            author: "Build <build@example.com>".to_owned(),
            message: String::new(),
            date_ms: 0,
            objects: Vec::new(),
        };
        Self {
            name: name.to_owned(),
            namespace: "argocd".to_owned(),
            project: "default".to_owned(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
            sources: vec![Source {
                repo_url: format!("https://git.example/{name}.git"),
                takes: Takes::Path(name.to_owned()),
                target_revision: "HEAD".to_owned(),
            }],
            automated: false,
            live: release.clone(),
            target: release,
            past: Vec::new(),
            windows: Vec::new(),
            timing: None,
            outcome: Outcome::Succeeds,
            health: Health::Healthy,
            target_unseen: false,
            was_at: None,
            chart_versions: None,
            registry: "registry.example".to_owned(),
        }
    }

    /// The namespace that holds the Application object.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        namespace.clone_into(&mut self.namespace);
        self
    }

    /// The Argo CD project.
    #[must_use]
    pub fn project(mut self, project: &str) -> Self {
        project.clone_into(&mut self.project);
        self
    }

    /// URL of the (first) repository.
    #[must_use]
    pub fn repo(mut self, url: &str) -> Self {
        url.clone_into(&mut self.sources[0].repo_url);
        self
    }

    /// Path in the (first) repository.
    #[must_use]
    pub fn path(mut self, path: &str) -> Self {
        self.sources[0].takes = Takes::Path(path.to_owned());
        self
    }

    /// The (first) source is a chart of a Helm repository, whose version goes from one to another. The application
    /// names the new one exactly, until [`AppSpec::follows`] gives a range.
    #[must_use]
    pub fn chart(mut self, name: &str, live: &str, target: &str) -> Self {
        let source = &mut self.sources[0];
        source.takes = Takes::Chart { name: name.to_owned(), helm: BTreeMap::new() };
        target.clone_into(&mut source.target_revision);
        self.chart_versions = Some([live.to_owned(), target.to_owned()]);
        self
    }

    /// A field of `spec.source.helm` of its chart: `parameters`, `valuesObject`, `releaseName`.
    #[must_use]
    pub fn helm(mut self, field: &str, value: Value) -> Self {
        for source in &mut self.sources {
            if let Takes::Chart { helm, .. } = &mut source.takes {
                helm.insert(field.to_owned(), value.clone());
            }
        }
        self
    }

    /// One more source: a git repository in which the values of its chart stand.
    #[must_use]
    pub fn values_from(mut self, repo_url: &str) -> Self {
        self.sources.push(Source {
            repo_url: repo_url.to_owned(),
            takes: Takes::Values("values".to_owned()),
            target_revision: "HEAD".to_owned(),
        });
        let file = format!("$values/{}/values.yaml", self.name);
        self.helm("valueFiles", serde_json::json!([file]))
    }

    /// Branch, tag or commit that the (first) source follows.
    #[must_use]
    pub fn follows(mut self, target_revision: &str) -> Self {
        target_revision.clone_into(&mut self.sources[0].target_revision);
        self
    }

    /// One more source: the application becomes a multi-source one (ARGO-18).
    #[must_use]
    pub fn source(mut self, repo_url: &str, path: &str, target_revision: &str) -> Self {
        self.sources.push(Source {
            repo_url: repo_url.to_owned(),
            takes: Takes::Path(path.to_owned()),
            target_revision: target_revision.to_owned(),
        });
        self
    }

    /// A label of the Application object.
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The label `env`.
    #[must_use]
    pub fn env(self, value: &str) -> Self {
        self.label("env", value)
    }

    /// An annotation of the Application object.
    #[must_use]
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Automated sync is on.
    #[must_use]
    pub fn automated(mut self) -> Self {
        self.automated = true;
        self
    }

    /// The registry of the images named after this call; `registry.example` at first.
    #[must_use]
    pub fn registry(mut self, registry: &str) -> Self {
        registry.clone_into(&mut self.registry);
        self
    }

    /// A Deployment `name` with one container `name`, whose image `registry.example/name` goes from
    /// one tag to another.
    #[must_use]
    pub fn image(self, name: &str, live_tag: &str, target_tag: &str) -> Self {
        self.workload("Deployment", name, name, live_tag, target_tag)
    }

    /// A workload of this kind with one container, whose image `registry.example/container` goes
    /// from one tag to another. Called again with the same kind and name it adds a container.
    #[must_use]
    pub fn workload(
        mut self,
        kind: &str,
        name: &str,
        container: &str,
        live_tag: &str,
        target_tag: &str,
    ) -> Self {
        for (release, tag) in [(&mut self.live, live_tag), (&mut self.target, target_tag)] {
            let image = format!("{}/{container}:{tag}", self.registry);
            let known = release.objects.iter().position(|o| o.kind == kind && o.name == name);
            let at = known.unwrap_or_else(|| {
                release.objects.push(Object::new(kind, name));
                release.objects.len() - 1
            });
            let object = release.objects[at].clone();
            release.objects[at] = object.container(container, &image);
        }
        self
    }

    /// A setting of its workloads, as they are and as git wants them; `None` where it is not there. See
    /// [`Object::settings`].
    #[must_use]
    pub fn setting(mut self, name: &str, live: Option<&str>, target: Option<&str>) -> Self {
        for (release, value) in [(&mut self.live, live), (&mut self.target, target)] {
            let workloads = release.objects.iter_mut().filter(|o| !o.containers.is_empty());
            for (object, value) in workloads.zip(value.into_iter().cycle()) {
                object.settings.insert(name.to_owned(), value.to_owned());
            }
        }
        self
    }

    /// An object that is equal in the cluster and in git.
    #[must_use]
    pub fn same(mut self, object: Object) -> Self {
        self.live.objects.push(object.clone());
        self.target.objects.push(object);
        self
    }

    /// An object that differs between the cluster and git.
    #[must_use]
    pub fn changed(mut self, live: Object, target: Object) -> Self {
        self.live.objects.push(live);
        self.target.objects.push(target);
        self
    }

    /// An object that only git has.
    #[must_use]
    pub fn added(mut self, object: Object) -> Self {
        self.target.objects.push(object);
        self
    }

    /// An object that only the cluster has.
    #[must_use]
    pub fn pruned(mut self, object: Object) -> Self {
        self.live.objects.push(object);
        self
    }

    /// The commits that run now and that git wants, one per source. Without this they follow from
    /// the repository.
    #[must_use]
    pub fn revisions(mut self, live: &[&str], target: &[&str]) -> Self {
        self.live.revisions = live.iter().map(|&r| r.to_owned()).collect();
        self.target.revisions = target.iter().map(|&r| r.to_owned()).collect();
        self
    }

    /// Who made the target commit, what it says, and when (epoch milliseconds).
    #[must_use]
    pub fn commit(mut self, author: &str, message: &str, date_ms: i64) -> Self {
        author.clone_into(&mut self.target.author);
        message.clone_into(&mut self.target.message);
        self.target.date_ms = date_ms;
        self
    }

    /// When what runs now was deployed (epoch milliseconds).
    #[must_use]
    pub fn deployed(mut self, at_ms: i64) -> Self {
        self.live.date_ms = at_ms;
        self
    }

    /// Git still wants what runs: somebody asked for a newer image, and nobody updated the chart.
    #[must_use]
    pub fn chart_not_updated(mut self) -> Self {
        self.target = self.live.clone();
        self
    }

    /// The target commit is in git, and the controller has not looked yet: Synced until a refresh
    /// (ARGO-14).
    #[must_use]
    pub fn target_unseen(mut self) -> Self {
        self.target_unseen = true;
        self
    }

    /// One more earlier deployment in the history, oldest first.
    #[must_use]
    pub fn history(mut self, revision: &str, deployed_ms: i64) -> Self {
        let release = Release {
            revisions: vec![revision.to_owned()],
            date_ms: deployed_ms,
            ..self.live.clone()
        };
        self.past.push(release);
        self
    }

    /// One more earlier deployment in the history, oldest first, with another tag of all its images.
    #[must_use]
    pub fn was(self, tag: &str, deployed_ms: i64) -> Self {
        let revision = revision_of(&self.sources[0].repo_url, &format!("was {tag}"));
        self.was_with(&revision, tag, deployed_ms)
    }

    /// The same with a version of its chart.
    #[must_use]
    pub fn was_chart(self, version: &str, tag: &str, deployed_ms: i64) -> Self {
        self.was_with(version, tag, deployed_ms)
    }

    fn was_with(mut self, revision: &str, tag: &str, deployed_ms: i64) -> Self {
        self = self.history(revision, deployed_ms);
        for release in self.past.iter_mut().rev().take(1) {
            release.message = format!("{} {tag}", self.name);
        }
        for container in self
            .past
            .iter_mut()
            .rev()
            .take(1)
            .flat_map(|r| &mut r.objects)
            .flat_map(|o| &mut o.containers)
        {
            if let Some((name, _)) = container.image.rsplit_once(':') {
                container.image = format!("{name}:{tag}");
            }
        }
        self
    }

    /// Its earlier deployments came from another path of the repository.
    #[must_use]
    pub fn was_at(mut self, path: &str) -> Self {
        self.was_at = Some(path.to_owned());
        self
    }

    /// A sync window.
    #[must_use]
    pub fn window(mut self, window: Window) -> Self {
        self.windows.push(window);
        self
    }

    /// Its own timing.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = Some(timing);
        self
    }

    /// How its syncs end.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// The health it has at first.
    #[must_use]
    pub fn health(mut self, health: Health) -> Self {
        self.health = health;
        self
    }

    /// Fills in the revisions and messages that were not given.
    pub(crate) fn complete(mut self) -> Self {
        let differs = self.live.objects != self.target.objects;
        let [live_chart, target_chart] = self.chart_versions.clone().unwrap_or_default();
        let made = |sources: &[Source], number: &str, chart: &str| -> Vec<String> {
            let revision = |source: &Source| match source.chart() {
                Some(_) => chart.to_owned(),
                None => revision_of(&source.repo_url, number),
            };
            sources.iter().map(revision).collect()
        };
        let first = made(&self.sources, "1", &live_chart);
        if self.live.revisions.is_empty() {
            self.live.revisions.clone_from(&first);
        }
        if self.target.revisions.is_empty() {
            let number = if differs { "2" } else { "1" };
            self.target.revisions = made(&self.sources, number, &target_chart);
        }
        for release in [&mut self.live, &mut self.target] {
            if release.message.is_empty() {
                release.message = format!("{}: new version", self.name);
            }
        }
        for past in &mut self.past {
            let named = past.revisions.len();
            let own = past.revisions[0].clone();
            let charted = self.sources.iter().any(|source| source.chart().is_some());
            let rest = first.iter().skip(named);
            past.revisions.extend(rest.map(|made| if charted { made } else { &own }.clone()));
        }
        self
    }
}

/// A commit SHA that follows from a repository and a number: the same in every run.
pub(crate) fn revision_of(repo_url: &str, number: &str) -> String {
    let hash = Sha256::digest(format!("{repo_url}#{number}"));
    let digits = hash.iter().take(20).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
