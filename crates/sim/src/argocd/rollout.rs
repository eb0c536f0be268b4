//! A Rollout of Argo Rollouts that brings a new version in steps, and what can be done to it.

use serde_json::{Value, json};

use super::app::App;
use super::course::{Health, Outcome};
use super::timeline::{Change, World};
use super::wire::time;

/// How far a Rollout is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Steps {
    /// Shares of the traffic, in percent, each followed by a pause; none for blue-green.
    weights: Vec<u32>,
    /// The pause it is at, or was at last.
    at: usize,
    /// Since when it pauses.
    paused_ms: Option<i64>,
    aborted: bool,
}

impl Steps {
    /// At the beginning, where the outcome has steps.
    pub(crate) fn of(outcome: &Outcome) -> Option<Self> {
        let weights = match outcome {
            Outcome::Canary { weights } => weights.clone(),
            Outcome::BlueGreen => Vec::new(),
            _ => return None,
        };
        Some(Self { weights, at: 0, paused_ms: None, aborted: false })
    }

    fn reason(&self) -> &'static str {
        if self.weights.is_empty() { "BlueGreenPause" } else { "CanaryPauseStep" }
    }

    fn pauses(&self) -> usize {
        self.weights.len().max(1)
    }

    /// What the manifest has of it: `spec.strategy` and a part of `status`.
    pub(crate) fn write(&self, manifest: &mut Value) {
        let status = &mut manifest["status"];
        status["currentPodHash"] = json!("7d9c8f");
        status["stableRS"] = json!("5b6a4d");
        if let Some(paused_ms) = self.paused_ms {
            status["pauseConditions"] =
                json!([{ "reason": self.reason(), "startTime": time(paused_ms) }]);
            status["phase"] = json!("Paused");
            status["message"] = json!(self.reason());
        }
        if self.aborted {
            status["abort"] = json!(true);
        }
        if self.weights.is_empty() {
            manifest["spec"]["strategy"] =
                json!({ "blueGreen": { "autoPromotionEnabled": false } });
            return;
        }
        status["currentStepIndex"] = json!(2 * self.at + 1);
        let steps =
            self.weights.iter().flat_map(|w| [json!({ "setWeight": w }), json!({ "pause": {} })]);
        manifest["spec"]["strategy"] = json!({ "canary": { "steps": steps.collect::<Vec<_>>() } });
    }
}

/// The actions of a Rollout, and whether each can be used now.
pub(crate) fn actions(steps: Option<&Steps>) -> Vec<(&'static str, bool)> {
    let paused = steps.is_some_and(|steps| steps.paused_ms.is_some());
    let under_way = steps.is_some_and(|steps| !steps.aborted);
    vec![
        ("abort", under_way),
        ("promote-full", under_way),
        ("restart", true),
        ("resume", paused),
        ("retry", steps.is_some_and(|steps| steps.aborted)),
    ]
}

impl App {
    /// The Rollout stands still here until somebody acts.
    pub(crate) fn pause_at(&mut self, step: usize, at_ms: i64) {
        let Some(steps) = &mut self.view.steps else { return };
        steps.at = step;
        steps.paused_ms = Some(at_ms);
        steps.reason().clone_into(&mut self.view.health_message);
        self.view.health = Health::Suspended;
        self.view.reconciled_ms = at_ms;
    }

    /// Carries out an action of a Rollout in steps; `None` when it cannot be used now. As the real one,
    /// `resume` only ends the pause that there is: a second one may end the next.
    pub(crate) fn act(&mut self, action: &str, now_ms: i64, world: &World) -> Option<()> {
        let open = actions(self.view.steps.as_ref());
        open.iter().find(|(name, enabled)| *name == action && *enabled)?;
        let rollout_ms = self.timing(world).rollout_ms;
        self.pending.retain(|_, change| !change.of_rollout());
        let steps = self.view.steps.as_mut()?;
        steps.paused_ms = None;
        match action {
            "abort" => {
                steps.aborted = true;
                self.view.health = Health::Degraded;
                "RolloutAborted: Rollout aborted update to revision 2"
                    .clone_into(&mut self.view.health_message);
                let new = self.view.wanted_pods();
                self.view.pods.retain(|image| !new.contains(image));
            }
            "resume" if steps.at + 1 < steps.pauses() => {
                let next = steps.at + 1;
                self.goes_on(now_ms);
                self.plan(now_ms + rollout_ms, Change::Pause(next));
            }
            "resume" | "promote-full" => {
                self.goes_on(now_ms);
                self.plan(now_ms + rollout_ms, Change::RolloutEnd(Health::Healthy));
            }
            _ => return None,
        }
        self.view.reconciled_ms = now_ms;
        Some(())
    }

    fn goes_on(&mut self, now_ms: i64) {
        self.view.health = Health::Progressing;
        "more replicas need to be updated".clone_into(&mut self.view.health_message);
        self.view.reconciled_ms = now_ms;
    }
}
