//! `argocd.diff`: exactly what a sync would change, read fresh.

use futures_util::future::join;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use wilco_core::answer::{Gathered, Offer, Trouble, TroubleKind};
use wilco_core::chart::{Chart, MissingChart};
use wilco_core::plan::{Freshness, Mode, Obstacle, TargetPlan};
use wilco_core::target::Target;

use super::ArgoCd;
use super::between::between;
use super::charts::{charts, missing};
use super::client::{Instance, Look};
use super::evidence::{Evidence, Proof};
use super::objects::{Delta, delta};
use super::part::{self, Part};
use super::wire::{App, ManagedItem, time};
use crate::http::clean;

/// How many applications are read at the same time.
pub(super) const PARALLEL: usize = 4;
/// How often a look is repeated because the application was compared anew under it.
const LOOKS: usize = 3;

/// An application, what a sync would change in it, and how fresh that is.
pub(super) struct Seen {
    pub(super) app: App,
    /// Its objects; `None` when the controller has not compared it yet.
    pub(super) items: Option<Vec<ManagedItem>>,
    /// What would change in them.
    pub(super) delta: Option<Delta>,
    /// The refresh did not end in time.
    pub(super) stale: bool,
    /// It was compared anew under every look.
    pub(super) moving: bool,
}

impl ArgoCd {
    /// Plans in the order asked for: of all that differs, or of the objects that these patterns name.
    pub(super) async fn diff(
        &self,
        targets: &[Target],
        only: Option<&[String]>,
    ) -> Result<Vec<TargetPlan>, Trouble> {
        self.learn(targets).await?;
        let plans = stream::iter(targets.to_vec())
            .map(|target| async move { self.plan(&target, only).await })
            .buffered(PARALLEL);
        plans.try_collect().await
    }

    /// The objects of an application that differ.
    pub(super) async fn objects(&self, target: &Target) -> Result<Vec<Offer>, Trouble> {
        let seen = look(self.instance(target)?, target, Look::Refreshed).await?;
        Ok(part::offers(seen.items.as_deref().unwrap_or_default()))
    }

    /// Learns the projects of many targets at once.
    pub(super) async fn learn(&self, targets: &[Target]) -> Result<(), Trouble> {
        for instance in &self.instances {
            instance.learn(targets).await?;
        }
        Ok(())
    }

    /// Learns the same, and leaves out the targets of instances that cannot be asked.
    ///
    /// # Errors
    /// None of them can be.
    pub(super) async fn reachable(
        &self,
        targets: Vec<Target>,
    ) -> Result<Gathered<Target>, Trouble> {
        let mut reachable = Gathered::from(targets);
        for instance in &self.instances {
            let ours = |target: &Target| target.instance == instance.name;
            if let Err(trouble) = instance.learn(&reachable.items).await {
                reachable.missing.push(trouble);
                reachable.items.retain(|target| !ours(target));
            }
        }
        match reachable.missing.first() {
            Some(first) if reachable.items.is_empty() => Err(first.clone()),
            _ => Ok(reachable),
        }
    }

    async fn plan(&self, target: &Target, only: Option<&[String]>) -> Result<TargetPlan, Trouble> {
        let instance = self.instance(target)?;
        let seen = look(instance, target, Look::Refreshed).await?;
        let can_sync = instance.can_sync(target, &seen.app.spec.project).await?;
        let mode = if seen.app.is_automated() { Mode::Watch } else { Mode::Start };
        let items = seen.items.as_deref().unwrap_or_default();
        let part = only.map(|patterns| Part::of(items, patterns));
        let obstacle = match (obstacle(&seen, can_sync), &part) {
            // Nobody knows what its objects are, or can begin anything.
            (Some(hard), Some(_)) if is_hard(&hard) => Some(hard),
            (other, Some(part)) => part.obstacle(mode).or(other),
            (other, None) => other,
        };
        let (commits, between) = match obstacle {
            Some(
                Obstacle::NothingToDo
                | Obstacle::NotCompared { .. }
                | Obstacle::MissingChart { .. },
            ) => (Vec::new(), Vec::new()),
            _ => {
                let told = instance.commits(target, &seen.app);
                join(told, between(self.log.as_deref(), &seen.app)).await
            }
        };
        let mut charts = charts(&seen.app, &seen.app.sources(), &seen.app.compared_revisions());
        if charts.iter().any(Chart::changes) {
            instance.describe(target, &seen.app, &mut charts).await;
        }
        let account = instance.account().await;
        let Seen { app, delta, stale, .. } = seen;
        // What cannot be rendered looks as if nothing of it were wanted any more.
        let rendered = !matches!(obstacle, Some(Obstacle::MissingChart { .. }));
        let delta = delta.filter(|_| rendered).unwrap_or_default();
        let (delta, only, chosen) = match part {
            Some(part) if rendered => (part.delta.clone(), Some(part.only()), part.chosen),
            _ => (delta, None, Vec::new()),
        };
        // An operation that is still at it will end after this look, so it is none from before.
        let state = app.status.operation_state.as_ref().filter(|_| app.operation.is_none());
        let evidence = Evidence {
            project: app.spec.project.clone(),
            mode,
            history_ids: app.status.history.iter().map(|entry| entry.id).collect(),
            operation_started_at: state.and_then(|state| state.started_at.clone()),
            account,
            sources: app.sources().len(),
            revisions: app.compared_revisions(),
            entry: None,
            proof: Proof {
                only: chosen,
                expect_images: delta.expect.into_iter().collect(),
                gone_images: delta.gone.into_iter().collect(),
                children: delta
                    .children
                    .into_iter()
                    .map(|(namespace, name)| Target {
                        instance: target.instance.clone(),
                        namespace,
                        name,
                    })
                    .filter(|child| child != target)
                    .collect(),
            },
        };
        let freshness = if stale {
            Freshness::Old { at: time(app.status.reconciled_at.as_deref()) }
        } else {
            Freshness::Now
        };
        Ok(TargetPlan {
            target: target.clone(),
            images: delta.images,
            wanted: delta.wanted.into_iter().collect(),
            charts,
            only,
            objects: delta.objects,
            revisions: app.compared_revisions(),
            commits,
            between,
            returns: None,
            mode,
            obstacle,
            freshness,
            evidence: evidence.to_value(),
        })
    }
}

/// Reads the application and its objects until both speak of the same comparison, so that the
/// revision planned is the one whose objects are shown.
pub(super) async fn look(
    instance: &Instance,
    target: &Target,
    fresh: Look,
) -> Result<Seen, Trouble> {
    let (mut app, stale) = match instance.app(target, fresh).await {
        Ok(app) => (app, false),
        // ARGO-13: "may be old" is no failure.
        Err(trouble) if fresh == Look::Refreshed && trouble.kind == TroubleKind::TimedOut => {
            (instance.app(target, Look::Plain).await?, true)
        }
        Err(trouble) => return Err(trouble),
    };
    let mut moving = false;
    let mut items = None;
    for round in 1..=LOOKS {
        items = instance.managed(target, &app.spec.project).await?;
        let again = instance.app(target, Look::Plain).await?;
        moving = again.compared_revisions() != app.compared_revisions();
        app = again;
        if !moving || round == LOOKS {
            break;
        }
    }
    let delta = items.as_deref().map(delta);
    Ok(Seen { app, items, delta, stale, moving })
}

/// What stands in the way of any object alike.
fn is_hard(obstacle: &Obstacle) -> bool {
    matches!(
        obstacle,
        Obstacle::MissingChart { .. } | Obstacle::NotCompared { .. } | Obstacle::Busy { .. }
    )
}

/// The chart that is wanted and not in its repository, as the application's conditions tell.
pub(super) fn missing_chart(app: &App) -> Option<MissingChart> {
    app.status.conditions.iter().find_map(|condition| missing(&condition.message))
}

/// What stands in the way, the most basic first.
fn obstacle(seen: &Seen, can_sync: bool) -> Option<Obstacle> {
    let app = &seen.app;
    let not_compared = |detail: &str| Some(Obstacle::NotCompared { detail: clean(detail) });
    let fault = app.status.conditions.iter().find(|condition| {
        matches!(condition.kind.as_str(), "ComparisonError" | "InvalidSpecError")
    });
    if let Some(chart) = missing_chart(app) {
        return Some(Obstacle::MissingChart { chart });
    }
    if let Some(condition) = fault {
        return not_compared(&format!("{}: {}", condition.kind, condition.message));
    }
    let sync = app.status.sync.status.as_str();
    let Some(delta) = &seen.delta else { return not_compared(sync) };
    let compared = matches!(sync, "Synced" | "OutOfSync");
    let unread = sync == "OutOfSync" && delta.is_empty() && delta.wanted.is_empty();
    if !compared || app.compared_revisions().is_empty() || seen.moving || unread {
        return not_compared(sync);
    }
    if let Some(operation) = &app.operation {
        return Some(Obstacle::Busy { by: operation.by() });
    }
    if sync == "Synced" && delta.is_empty() {
        return Some(Obstacle::NothingToDo);
    }
    (!can_sync).then_some(Obstacle::WindowClosed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(app: &str, delta: Option<Delta>) -> Seen {
        let app = serde_json::from_str(app).unwrap();
        Seen { app, items: None, delta, stale: false, moving: false }
    }

    fn some() -> Delta {
        let wanted = std::collections::BTreeSet::from(["a:1".to_owned()]);
        Delta { wanted, ..Delta::default() }
    }

    #[test]
    fn the_most_basic_obstacle_is_named() {
        let app = |sync: &str, more: &str| {
            format!(r#"{{"status":{{"sync":{{"status":"{sync}","revision":"r"}}{more}}}}}"#)
        };
        let error =
            r#","conditions":[{"type":"ComparisonError","message":"failed to load target state"}]"#;
        let broken = obstacle(&seen(&app("Unknown", error), Some(some())), true);
        assert_eq!(
            broken,
            Some(Obstacle::NotCompared {
                detail: "ComparisonError: failed to load target state".to_owned()
            })
        );
        let unread = obstacle(&seen(&app("OutOfSync", ""), Some(Delta::default())), true);
        assert!(matches!(unread, Some(Obstacle::NotCompared { .. })), "{unread:?}");
        let missing = obstacle(&seen(&app("OutOfSync", ""), None), true);
        assert!(matches!(missing, Some(Obstacle::NotCompared { .. })), "{missing:?}");
        let synced = obstacle(&seen(&app("Synced", ""), Some(some())), false);
        assert_eq!(synced, Some(Obstacle::NothingToDo));
        let closed = obstacle(&seen(&app("OutOfSync", ""), Some(some())), false);
        assert_eq!(closed, Some(Obstacle::WindowClosed));
        assert_eq!(obstacle(&seen(&app("OutOfSync", ""), Some(some())), true), None);
        let mut moving = seen(&app("OutOfSync", ""), Some(some()));
        moving.moving = true;
        assert!(matches!(obstacle(&moving, true), Some(Obstacle::NotCompared { .. })));
    }
}
