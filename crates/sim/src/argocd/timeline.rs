//! What happens to an application over time.
//!
//! When an operation starts, everything that will follow is planned at once as [`Change`]s with
//! fixed times. A request first applies the changes that are due, in order and each at its own
//! time, and then looks: so the state at any time depends only on what was asked and when, never on
//! how often somebody looked.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::app::{App, HistoryEntry, Live, Operation, OperationState, SyncResult};
use super::course::{Health, Outcome, Timing};
use super::ledger::{Effect, EffectKind};
use super::object::{Key, Object};
use super::rollout::Steps;
use super::traps::Traps;

/// What all applications share.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) traps: Traps,
    pub(crate) timing: Timing,
    pub(crate) ledger: Vec<Effect>,
}

/// One planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The controller takes the operation: phase Running.
    PickUp,
    /// Still Running, with another message.
    Wait(String),
    /// The hook is made, and is suspended.
    Suspend,
    /// An attempt failed and another will come (ARGO-30).
    RetryGap(u32),
    /// The next attempt.
    RetryAgain,
    /// The operation fails with this message.
    Fail(String),
    /// The operation applies its commit and succeeds; the rollout ends as the outcome says.
    Apply(Outcome),
    /// ARGO-33: Succeeded, and nothing else.
    Die,
    /// A terminated operation ends.
    Terminated,
    /// The status is compared again.
    Reconcile,
    /// The workload controllers begin to replace pods.
    RolloutBegin,
    /// A Rollout pauses at this step.
    Pause(usize),
    /// The rollout comes to this health.
    RolloutEnd(Health),
    /// The controller syncs by itself.
    AutoSync,
}

impl Change {
    fn of_operation(&self) -> bool {
        !(self.of_rollout() || matches!(self, Self::Reconcile | Self::AutoSync))
    }

    pub(crate) fn of_rollout(&self) -> bool {
        matches!(self, Self::RolloutBegin | Self::Pause(_) | Self::RolloutEnd(_))
    }
}

impl App {
    pub(crate) fn timing(&self, world: &World) -> Timing {
        self.timing.unwrap_or(world.timing)
    }

    pub(crate) fn plan(&mut self, at_ms: i64, change: Change) {
        self.planned += 1;
        self.pending.insert((at_ms, self.planned), change);
    }

    /// Applies everything that is due.
    pub(crate) fn advance(&mut self, now_ms: i64, world: &mut World) {
        while let Some(entry) = self.pending.first_entry() {
            let (at_ms, _) = *entry.key();
            if at_ms > now_ms {
                break;
            }
            let change = entry.remove();
            self.apply(change, at_ms, world);
            self.bump(at_ms);
        }
    }

    /// Starts an operation; the caller has checked that none is in progress.
    pub(crate) fn start(&mut self, operation: Operation, now_ms: i64, world: &mut World) {
        let timing = self.timing(world);
        let automated = operation.automated;
        let outcome = match self.outcome.clone() {
            Outcome::Succeeds if world.traps.retry_gap => Outcome::Retries { failures: 1 },
            outcome => outcome,
        };
        self.view.operation = Some(operation);
        if world.traps.operation_state_cleared {
            self.view.state = None;
        }
        self.pending.retain(|_, change| !change.of_operation());
        let begin_ms = now_ms + timing.pickup_ms;
        let mut end_ms = begin_ms + timing.sync_ms;
        self.plan(begin_ms, Change::PickUp);
        if world.traps.dead_state {
            self.plan(end_ms, Change::Die);
            return;
        }
        match outcome {
            Outcome::SyncFails { message } => return self.plan(end_ms, Change::Fail(message)),
            Outcome::Retries { failures } => {
                for attempt in 1..=failures {
                    self.plan(end_ms, Change::RetryGap(attempt));
                    self.plan(end_ms + timing.retry_gap_ms, Change::RetryAgain);
                    end_ms += timing.retry_gap_ms + timing.sync_ms;
                }
                self.plan(end_ms, Change::Apply(Outcome::Succeeds));
            }
            Outcome::HookSuspended => return self.plan(begin_ms, Change::Suspend),
            Outcome::Waits { message, for_ms } => {
                self.plan(begin_ms, Change::Wait(message));
                let Some(for_ms) = for_ms else { return };
                end_ms = begin_ms + for_ms;
                self.plan(end_ms, Change::Apply(Outcome::Succeeds));
            }
            other => self.plan(end_ms, Change::Apply(other)),
        }
        if world.traps.auto_sync_overwrites && !automated {
            // Before the reconcile that follows our operation, so that nobody sees ours finished
            // and reconciled.
            self.plan(end_ms + timing.reconcile_ms.min(500) / 2, Change::AutoSync);
        }
    }

    /// Asks the running operation to stop (ARGO-38).
    pub(crate) fn terminate(&mut self, now_ms: i64, world: &World) {
        self.pending.retain(|_, change| !change.of_operation());
        self.view.hook = None;
        if let Some(state) = &mut self.view.state {
            state.phase = "Terminating";
            "operation is terminating".clone_into(&mut state.message);
        }
        let end_ms = now_ms + self.timing(world).terminate_ms;
        self.plan(end_ms, Change::Terminated);
    }

    /// The operation is taken away, and nothing goes on with it; the controller compares anew.
    pub(crate) fn free(&mut self, now_ms: i64, world: &World) {
        self.pending.retain(|_, change| !change.of_operation());
        self.view.operation = None;
        self.plan(now_ms + self.timing(world).reconcile_ms, Change::Reconcile);
        self.bump(now_ms);
    }

    /// Plans the automated sync when the application differs and it has not tried this commit yet.
    pub(crate) fn consider_auto_sync(&mut self, now_ms: i64, world: &World) {
        let view = &self.view;
        let differs = !view.synced && view.comparison_error.is_none();
        let wanted = view.spec.automated && differs && view.operation.is_none();
        let planned = self.pending.values().any(|change| *change == Change::AutoSync);
        let tried = self.auto_tried.as_ref() == Some(&self.view.compared_revisions);
        if wanted && !planned && !tried {
            self.plan(now_ms + self.timing(world).auto_sync_ms, Change::AutoSync);
        }
    }

    /// Puts the health by hand and drops what the rollout had planned; Healthy means that the new
    /// images run.
    pub(crate) fn set_health(&mut self, health: Health, message: &str, now_ms: i64) {
        self.pending.retain(|_, change| !change.of_rollout());
        self.view.health = health;
        message.clone_into(&mut self.view.health_message);
        if health == Health::Healthy {
            self.observe_workloads();
            self.view.pods = self.view.wanted_pods();
            self.view.steps = None;
        }
        self.view.reconciled_ms = now_ms;
    }

    fn apply(&mut self, change: Change, at_ms: i64, world: &mut World) {
        match change {
            Change::PickUp => self.pick_up(at_ms),
            Change::Wait(message) => self.say(message),
            Change::Suspend => self.suspend_hook(),
            Change::RetryGap(attempt) => {
                if let Some(state) = &mut self.view.state {
                    state.finished_ms = Some(at_ms);
                    state.retries = attempt;
                    state.message = format!(
                        "one or more objects failed to apply. Retrying attempt #{attempt} at 10:00AM."
                    );
                }
            }
            Change::RetryAgain => {
                if let Some(state) = &mut self.view.state {
                    state.finished_ms = None;
                }
                self.say("one or more tasks are running".to_owned());
            }
            Change::Fail(message) => {
                let reason = format!("one or more objects failed to apply, reason: {message}");
                self.fail(&reason, Some(&message), at_ms, world);
            }
            Change::Apply(outcome) => self.apply_commit(&outcome, at_ms, world),
            Change::Die => {
                if let Some(state) = &mut self.view.state {
                    state.phase = "Succeeded";
                    state.result = None;
                }
            }
            Change::Terminated => self.fail("Operation terminated", None, at_ms, world),
            Change::Reconcile => {
                if !world.traps.stale_target {
                    self.known = self.newest();
                }
                self.drift = world.traps.succeeded_not_synced;
                self.compare(at_ms);
                self.consider_auto_sync(at_ms, world);
            }
            Change::RolloutBegin => self.rollout_begin(at_ms),
            Change::Pause(step) => self.pause_at(step, at_ms),
            Change::RolloutEnd(health) => self.rollout_end(health, at_ms),
            Change::AutoSync => self.auto_sync(at_ms, world),
        }
    }

    fn say(&mut self, message: String) {
        if let Some(state) = &mut self.view.state {
            state.message = message;
        }
    }

    fn pick_up(&mut self, at_ms: i64) {
        let Some(operation) = self.view.operation.clone() else { return };
        let target = self.release(&operation.revisions).unwrap_or_else(|| self.head());
        let concerned = target.objects.iter().filter(|object| operation.concerns(object));
        let resources = concerned.map(|o| result(o, "Synced", "Running", "configured"));
        let result =
            SyncResult { revisions: operation.revisions.clone(), resources: resources.collect() };
        self.view.state = Some(OperationState {
            operation,
            phase: "Running",
            message: "one or more tasks are running".to_owned(),
            started_ms: at_ms,
            finished_ms: None,
            retries: 0,
            result: Some(result),
        });
    }

    /// Ends the operation as Failed; `reason` is given when an object was refused.
    fn fail(&mut self, message: &str, reason: Option<&str>, at_ms: i64, world: &World) {
        let operation = self.view.operation.take();
        let concerned = |object: &&Object| operation.as_ref().is_none_or(|op| op.concerns(object));
        let first = self.head().objects.iter().find(concerned).cloned();
        if let Some(state) = &mut self.view.state {
            state.phase = "Failed";
            message.clone_into(&mut state.message);
            state.finished_ms = Some(at_ms);
            if let (Some(reason), Some(object), Some(sync)) = (reason, first, &mut state.result) {
                sync.resources = vec![result(&object, "SyncFailed", "Failed", reason)];
            }
        }
        self.plan(at_ms + self.timing(world).reconcile_ms, Change::Reconcile);
    }

    fn apply_commit(&mut self, outcome: &Outcome, at_ms: i64, world: &mut World) {
        let Some(operation) = self.view.operation.clone() else { return };
        let timing = self.timing(world);
        // A retry with `refresh` forgets the revision asked for (ARGO-25).
        let refreshed = operation.retry.as_ref().is_some_and(|retry| retry["refresh"] == true)
            && self.view.state.as_ref().is_some_and(|state| state.retries > 0);
        let newest = (world.traps.takes_newest || refreshed).then(|| self.head());
        let release = newest.or_else(|| self.release(&operation.revisions)).cloned();
        let unloadable = match &release {
            Some(release) => self.unloadable(&release.revisions),
            None => Some("failed to load target state: unknown revision".to_owned()),
        };
        if let Some(unloadable) = unloadable {
            self.fail(&format!("ComparisonError: {unloadable}"), None, at_ms, world);
            if let Some(state) = &mut self.view.state {
                state.phase = "Error";
            }
            return;
        }
        let Some(release) = release else { return };
        let mut resources = Vec::new();
        let mut rolling = BTreeSet::new();
        for object in release.objects.iter().filter(|object| operation.concerns(object)) {
            let live = self.view.live.iter_mut().find(|live| live.object.key() == object.key());
            let verb = match (live, &object.hook) {
                (_, Some(_)) => "created",
                (Some(live), None) if live.object == *object => "unchanged",
                (Some(_), None) if operation.dry_run => "configured (dry run)",
                (None, None) if operation.dry_run => "created (dry run)",
                (Some(live), None) => {
                    live.object = object.clone();
                    live.generation += 1;
                    "configured"
                }
                (None, None) => {
                    self.view.live.push(Live::new(object.clone(), 1, 0));
                    "created"
                }
            };
            if object.rolls_out() && matches!(verb, "configured" | "created") {
                rolling.insert(object.key());
            }
            resources.push(result(object, "Synced", "Succeeded", verb));
        }
        self.prune(&operation, &release.objects, &mut resources);
        self.view.operation = None;
        self.view.hook = None;
        if let Some(state) = &mut self.view.state {
            state.phase = "Succeeded";
            "successfully synced (all tasks run)".clone_into(&mut state.message);
            state.finished_ms = Some(at_ms);
            state.result = Some(SyncResult { revisions: release.revisions.clone(), resources });
        }
        if operation.dry_run {
            return;
        }
        if operation.resources.is_empty() {
            let started_ms = self.view.state.as_ref().map_or(at_ms, |state| state.started_ms);
            self.remember_deploy(HistoryEntry {
                id: self.view.history.last().map_or(0, |entry| entry.id + 1),
                revisions: release.revisions,
                started_ms,
                deployed_ms: at_ms,
                account: operation.account,
                automated: operation.automated,
                sources: operation.sources.unwrap_or_else(|| self.view.spec.sources.clone()),
            });
        }
        let compared_ms = at_ms + timing.reconcile_ms;
        if !rolling.is_empty() {
            self.roll_out(rolling, outcome, compared_ms, world);
        }
        self.plan(compared_ms, Change::Reconcile);
    }

    /// Plans the rollout of these workloads, which changed at this time.
    fn roll_out(&mut self, rolling: BTreeSet<Key>, outcome: &Outcome, from_ms: i64, world: &World) {
        let timing = self.timing(world);
        self.view.rolling = rolling;
        self.view.steps = Steps::of(outcome);
        self.pending.retain(|_, change| !change.of_rollout());
        let stale_ms = if world.traps.stale_healthy { timing.stale_ms } else { 0 };
        let begin_ms = from_ms + stale_ms;
        let end_ms = begin_ms + timing.rollout_ms;
        self.plan(begin_ms, Change::RolloutBegin);
        match outcome {
            Outcome::StaysProgressing => {}
            Outcome::Suspends => self.plan(end_ms, Change::RolloutEnd(Health::Suspended)),
            Outcome::Canary { .. } | Outcome::BlueGreen => self.plan(end_ms, Change::Pause(0)),
            Outcome::Degrades => self.plan(end_ms, Change::RolloutEnd(Health::Degraded)),
            Outcome::DegradesThenRecovers { after_ms } => {
                self.plan(end_ms, Change::RolloutEnd(Health::Degraded));
                self.plan(end_ms + after_ms, Change::RolloutEnd(Health::Healthy));
            }
            _ => self.plan(end_ms, Change::RolloutEnd(Health::Healthy)),
        }
    }

    /// Restarts a workload: its pods are replaced by new ones, unless this is the second request of the
    /// same second, which changes nothing. `None` when the cluster has no such workload.
    pub(crate) fn restart(&mut self, key: &Key, now_ms: i64, world: &World) -> Option<()> {
        let live = self.view.live.iter_mut().find(|live| live.object.key() == *key);
        let live = live.filter(|live| live.object.rolls_out())?;
        let second = |at_ms: i64| at_ms.div_euclid(1_000);
        if live.restarted_ms.map(second) == Some(second(now_ms)) {
            return Some(());
        }
        live.restarted_ms = Some(now_ms);
        live.generation += 1;
        let mut rolling = BTreeSet::from([key.clone()]);
        if self.pending.values().any(Change::of_rollout) {
            rolling.extend(self.view.rolling.iter().cloned());
        }
        let outcome = self.outcome.clone();
        self.roll_out(rolling, &outcome, now_ms, world);
        Some(())
    }

    fn prune(&mut self, operation: &Operation, wanted: &[Object], resources: &mut Vec<Value>) {
        let gone = |live: &Live| {
            operation.concerns(&live.object)
                && !wanted.iter().any(|object| object.key() == live.object.key())
        };
        let deleted = operation.prune && !operation.dry_run;
        for live in self.view.live.iter().filter(|live| gone(live)) {
            let (status, message) = if operation.prune {
                ("Pruned", "pruned")
            } else {
                ("PruneSkipped", "ignored (requires pruning)")
            };
            resources.push(result(&live.object, status, "Succeeded", message));
        }
        if deleted {
            self.view.live.retain(|live| !gone(live));
        }
    }

    fn observe_workloads(&mut self) {
        for live in &mut self.view.live {
            live.observed = live.generation;
        }
    }

    fn rollout_begin(&mut self, at_ms: i64) {
        self.observe_workloads();
        self.view.health = Health::Progressing;
        "Waiting for rollout to finish: 1 out of 2 new replicas have been updated..."
            .clone_into(&mut self.view.health_message);
        let wanted = self.view.wanted_pods();
        self.view.pods.extend(wanted);
        self.view.reconciled_ms = at_ms;
    }

    fn rollout_end(&mut self, health: Health, at_ms: i64) {
        self.view.health = health;
        self.view.health_message = match (health, self.view.rolling.first()) {
            (Health::Degraded, Some((_, kind, _, name))) => {
                format!("{kind} \"{name}\" exceeded its progress deadline")
            }
            (Health::Suspended, _) => "CanaryPauseStep".to_owned(),
            _ => String::new(),
        };
        if health == Health::Healthy {
            self.view.pods = self.view.wanted_pods();
            self.view.steps = None;
        }
        self.view.reconciled_ms = at_ms;
    }

    /// Starts the automated operation, unless another one is in progress.
    pub(crate) fn auto_sync(&mut self, at_ms: i64, world: &mut World) {
        if self.view.operation.is_some() {
            return;
        }
        let operation = Operation {
            revisions: self.target().revisions.clone(),
            account: String::new(),
            automated: true,
            sources: None,
            infos: Vec::new(),
            dry_run: false,
            prune: false,
            resources: Vec::new(),
            strategy: None,
            options: None,
            retry: None,
        };
        self.auto_tried = Some(operation.revisions.clone());
        let mut effect = Effect::new(at_ms, EffectKind::AutoSync, "automated");
        effect = effect.app(&self.view.spec.name);
        effect.revisions.clone_from(&operation.revisions);
        world.ledger.push(effect);
        self.start(operation, at_ms, world);
    }
}

impl Operation {
    /// Whether a partial sync names this object; a whole sync concerns all (ARGO-26: a partial one
    /// runs no hooks).
    fn concerns(&self, object: &Object) -> bool {
        if self.resources.is_empty() {
            return true;
        }
        object.hook.is_none()
            && self.resources.iter().any(|wanted| {
                let field = |name: &str| wanted[name].as_str().unwrap_or_default();
                field("kind") == object.kind
                    && field("name") == object.name
                    && field("group") == object.group
                    && ["", object.namespace.as_str()].contains(&field("namespace"))
            })
    }
}

/// One line of `syncResult.resources`.
fn result(object: &Object, status: &str, hook_phase: &str, what: &str) -> Value {
    let message = match status {
        "Synced" => format!("{} {what}", object.short()),
        _ => what.to_owned(),
    };
    let mut line = json!({
        "version": object.version,
        "kind": object.kind,
        "namespace": object.namespace,
        "name": object.name,
        "group": object.group,
        "status": status,
        "message": message,
        "hookPhase": hook_phase,
        "syncPhase": object.hook.as_deref().unwrap_or("Sync"),
    });
    if let Some(hook) = &object.hook {
        line["hookType"] = json!(hook);
    }
    line
}
