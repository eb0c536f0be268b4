//! The state of one application, and its questions: is it in sync, how healthy is it, what runs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::chart;
use super::course::{Health, Outcome, Timing, Window};
use super::ledger::Info;
use super::object::{Key, Object};
use super::rollout::Steps;
use super::spec::{AppSpec, Release, Source, Takes, revision_of};
use super::timeline::Change;

/// How many earlier states are kept for the lagging list (ARGO-11).
const KEPT_STATES: usize = 32;
/// Argo CD's `revisionHistoryLimit` default (ARGO-36).
const HISTORY_LIMIT: usize = 10;

/// One operation: what was asked for, by whom.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    /// One per source, resolved to commits.
    pub(crate) revisions: Vec<String>,
    pub(crate) account: String,
    pub(crate) automated: bool,
    /// The sources of a history entry, for a rollback; otherwise those of the application.
    pub(crate) sources: Option<Vec<Source>>,
    pub(crate) infos: Vec<Info>,
    pub(crate) dry_run: bool,
    pub(crate) prune: bool,
    /// Only these objects (group, kind, name), for a partial sync (ARGO-26).
    pub(crate) resources: Vec<Value>,
    /// `syncStrategy`, `syncOptions` and `retry` as they were sent.
    pub(crate) strategy: Option<Value>,
    pub(crate) options: Option<Value>,
    pub(crate) retry: Option<Value>,
}

/// `status.operationState`.
#[derive(Debug, Clone)]
pub(crate) struct OperationState {
    pub(crate) operation: Operation,
    pub(crate) phase: &'static str,
    pub(crate) message: String,
    pub(crate) started_ms: i64,
    pub(crate) finished_ms: Option<i64>,
    pub(crate) retries: u32,
    pub(crate) result: Option<SyncResult>,
}

/// `status.operationState.syncResult`.
#[derive(Debug, Clone)]
pub(crate) struct SyncResult {
    pub(crate) revisions: Vec<String>,
    pub(crate) resources: Vec<Value>,
}

/// One entry of `status.history`.
#[derive(Debug, Clone)]
pub(crate) struct HistoryEntry {
    pub(crate) id: i64,
    pub(crate) revisions: Vec<String>,
    pub(crate) started_ms: i64,
    pub(crate) deployed_ms: i64,
    pub(crate) account: String,
    pub(crate) automated: bool,
    /// Where it came from.
    pub(crate) sources: Vec<Source>,
}

/// One object in the cluster.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) object: Object,
    pub(crate) generation: i64,
    /// What the workload's controller has seen (`status.observedGeneration`).
    pub(crate) observed: i64,
    /// When it was restarted last; Kubernetes keeps whole seconds.
    pub(crate) restarted_ms: Option<i64>,
}

/// The Job of a hook, while an operation waits for it.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    pub(crate) live: Live,
    pub(crate) suspended: bool,
}

impl Live {
    pub(crate) fn new(object: Object, generation: i64, observed: i64) -> Self {
        Self { object, generation, observed, restarted_ms: None }
    }
}

/// One object as compared: `status.resources[]`.
#[derive(Debug, Clone)]
pub(crate) struct Compared {
    pub(crate) object: Object,
    pub(crate) synced: bool,
    pub(crate) missing: bool,
    pub(crate) requires_pruning: bool,
}

/// All that an answer shows of an application.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) spec: Arc<AppSpec>,
    pub(crate) resource_version: u64,
    pub(crate) live: Vec<Live>,
    pub(crate) compared: Vec<Compared>,
    pub(crate) compared_revisions: Vec<String>,
    pub(crate) synced: bool,
    /// Why what is wanted could not be rendered: then nothing is compared.
    pub(crate) comparison_error: Option<String>,
    pub(crate) health: Health,
    pub(crate) health_message: String,
    /// Objects whose pods are being replaced, or were last: they carry the application's health.
    pub(crate) rolling: BTreeSet<Key>,
    /// How far a Rollout among them is, when it brings the new version in steps.
    pub(crate) steps: Option<Steps>,
    /// The hook that the operation waits for, when it is a Job that was suspended.
    pub(crate) hook: Option<Hook>,
    /// Images of the pods that run.
    pub(crate) pods: BTreeSet<String>,
    pub(crate) history: Vec<HistoryEntry>,
    pub(crate) operation: Option<Operation>,
    pub(crate) state: Option<OperationState>,
    pub(crate) reconciled_ms: i64,
}

impl View {
    /// The health shown: what the rollouts say, or Missing when an object with a health check does
    /// not exist yet.
    pub(crate) fn shown_health(&self) -> Health {
        let missing = self.compared.iter().any(|c| c.missing && c.object.has_health());
        let at_best =
            matches!(self.health, Health::Healthy | Health::Suspended | Health::Progressing);
        if missing && at_best { Health::Missing } else { self.health }
    }

    /// Images of the pods that would run if every rollout were complete.
    pub(crate) fn wanted_pods(&self) -> BTreeSet<String> {
        self.live.iter().flat_map(|live| live.object.pod_images()).collect()
    }
}

/// One application: what is shown, what git holds, and what will happen.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) view: View,
    /// All commits in git order; the last is what the target revision means now.
    pub(crate) releases: Vec<Release>,
    /// Index of the commit that the controller has compared with.
    pub(crate) known: usize,
    pub(crate) outcome: Outcome,
    pub(crate) windows: Vec<Window>,
    /// Its own timing; without one the double's.
    pub(crate) timing: Option<Timing>,
    /// ARGO-32: something in the cluster changes an object back after each sync.
    pub(crate) drift: bool,
    /// How many Jobs were made for hooks.
    pub(crate) hooks: i64,
    /// What will happen, by time and order of planning.
    pub(crate) pending: BTreeMap<(i64, u64), Change>,
    pub(crate) planned: u64,
    /// Revision the automated sync has already tried.
    pub(crate) auto_tried: Option<Vec<String>>,
    /// Versions of its chart that are no longer in the chart's repository.
    pub(crate) gone_charts: BTreeSet<String>,
    past: VecDeque<(i64, View)>,
}

/// The sources of an earlier deployment: before the application was moved in the repository, and with the version
/// of the chart that it named then.
fn sources_then(spec: &AppSpec, release: &Release, is_past: bool) -> Vec<Source> {
    let then = |(source, revision): (&Source, &String)| {
        let mut source = source.clone();
        if chart::is_pinned(&source) {
            source.target_revision.clone_from(revision);
        }
        if let (true, Some(path), Takes::Path(own)) = (is_past, &spec.was_at, &mut source.takes) {
            own.clone_from(path);
        }
        source
    };
    spec.sources.iter().zip(&release.revisions).map(then).collect()
}

impl App {
    pub(crate) fn new(spec: AppSpec, now_ms: i64) -> Self {
        let spec = spec.complete();
        let live: Vec<Live> = (spec.live.objects.iter().filter(|o| o.hook.is_none()))
            .map(|object| Live::new(object.clone(), 1, 1))
            .collect();
        let mut releases = spec.past.clone();
        releases.push(spec.live.clone());
        let history = (0..).zip(&releases).map(|(id, release)| HistoryEntry {
            id,
            revisions: release.revisions.clone(),
            started_ms: release.date_ms - 2_000,
            deployed_ms: release.date_ms,
            account: "admin".to_owned(),
            automated: false,
            sources: {
                let is_past = usize::try_from(id).is_ok_and(|at| at < spec.past.len());
                sources_then(&spec, release, is_past)
            },
        });
        let history = history.collect();
        if spec.target != spec.live {
            releases.push(spec.target.clone());
        }
        let last = releases.len() - 1;
        let view = View {
            resource_version: 100,
            live,
            compared: Vec::new(),
            compared_revisions: Vec::new(),
            synced: true,
            comparison_error: None,
            health: spec.health,
            health_message: String::new(),
            rolling: BTreeSet::new(),
            steps: None,
            hook: None,
            pods: BTreeSet::new(),
            history,
            operation: None,
            state: None,
            reconciled_ms: now_ms,
            spec: Arc::new(spec.clone()),
        };
        let mut app = Self {
            view,
            known: if spec.target_unseen { last.saturating_sub(1) } else { last },
            releases,
            outcome: spec.outcome.clone(),
            windows: spec.windows.clone(),
            timing: spec.timing,
            drift: false,
            hooks: 0,
            pending: BTreeMap::new(),
            planned: 0,
            auto_tried: None,
            gone_charts: BTreeSet::new(),
            past: VecDeque::new(),
        };
        app.view.pods = app.view.wanted_pods();
        app.compare(now_ms);
        app.bump(now_ms);
        app
    }

    /// The commit that the target revision means in git now.
    pub(crate) fn head(&self) -> &Release {
        &self.releases[self.newest()]
    }

    /// The commit the controller has compared with.
    pub(crate) fn target(&self) -> &Release {
        &self.releases[self.known]
    }

    /// The release with these revisions, newest first.
    pub(crate) fn release(&self, revisions: &[String]) -> Option<&Release> {
        self.releases.iter().rev().find(|release| release.revisions == revisions)
    }

    /// A revision that no commit of this application has yet.
    pub(crate) fn next_revision(&self) -> String {
        let number = (self.releases.len() + 1).to_string();
        let salt = format!("{}/{}", self.view.spec.sources[0].repo_url, self.view.spec.name);
        revision_of(&salt, &number)
    }

    /// Looks at git: from now on the newest commit is the one compared with.
    pub(crate) fn look(&mut self, now_ms: i64) {
        self.known = self.newest();
        self.compare(now_ms);
    }

    /// Compares cluster and git and writes the sync status.
    pub(crate) fn compare(&mut self, now_ms: i64) {
        if let Some(error) = self.unloadable(&self.target().revisions) {
            return self.compare_with_nothing(error, now_ms);
        }
        let target = self.target();
        let revisions = target.revisions.clone();
        let wanted: Vec<&Object> = target.objects.iter().filter(|o| o.hook.is_none()).collect();
        let mut compared: Vec<Compared> = Vec::new();
        for (position, object) in wanted.iter().enumerate() {
            let live = self.view.live.iter().find(|live| live.object.key() == object.key());
            let drifted = self.drift && position == 0;
            compared.push(Compared {
                object: (*object).clone(),
                synced: live.is_some_and(|live| live.object == **object) && !drifted,
                missing: live.is_none(),
                requires_pruning: false,
            });
        }
        for live in &self.view.live {
            if !wanted.iter().any(|object| object.key() == live.object.key()) {
                compared.push(Compared {
                    object: live.object.clone(),
                    synced: false,
                    missing: false,
                    requires_pruning: true,
                });
            }
        }
        self.view.comparison_error = None;
        self.view.synced = compared.iter().all(|c| c.synced);
        self.view.compared = compared;
        self.view.compared_revisions = revisions;
        self.view.reconciled_ms = now_ms;
    }

    /// What is wanted cannot be rendered: only what lives is known, and nobody knows whether it is as wanted.
    fn compare_with_nothing(&mut self, error: String, now_ms: i64) {
        let alone = |live: &Live| Compared {
            object: live.object.clone(),
            synced: false,
            missing: false,
            requires_pruning: false,
        };
        self.view.compared = self.view.live.iter().map(alone).collect();
        self.view.synced = false;
        self.view.comparison_error = Some(error);
        self.view.compared_revisions = Vec::new();
        self.view.reconciled_ms = now_ms;
    }

    /// Adds a history entry and cuts the list.
    pub(crate) fn remember_deploy(&mut self, entry: HistoryEntry) {
        self.view.history.push(entry);
        let surplus = self.view.history.len().saturating_sub(HISTORY_LIMIT);
        self.view.history.drain(..surplus);
    }

    /// Something visible changed at this time: a new resource version, and one more earlier state
    /// for the lagging list.
    pub(crate) fn bump(&mut self, at_ms: i64) {
        self.view.resource_version += 1;
        self.past.push_back((at_ms, self.view.clone()));
        if self.past.len() > KEPT_STATES {
            self.past.pop_front();
        }
    }

    /// The state as it was at this time, or the oldest one known.
    pub(crate) fn at(&self, at_ms: i64) -> &View {
        let then = self.past.iter().rev().find(|(since_ms, _)| *since_ms <= at_ms);
        then.or(self.past.front()).map_or(&self.view, |(_, view)| view)
    }

    /// Whether a sync by hand may start, and the windows that are open (ARGO-24).
    pub(crate) fn can_sync(&self, now_ms: i64) -> bool {
        let open = |w: &&Window| w.from_ms <= now_ms && now_ms < w.until_ms;
        if self.windows.iter().filter(open).any(|w| w.deny && !w.manual_sync) {
            return false;
        }
        let mut allows = self.windows.iter().filter(|w| !w.deny).peekable();
        allows.peek().is_none() || allows.any(|w| open(&w) || w.manual_sync)
    }
}
