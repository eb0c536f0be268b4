//! Rollback: an application goes back to the deployment before the last one (ARGO-36, ARGO-37).
//!
//! A rollback is a sync to an entry of the history, and goes the same way afterwards. Three things differ: there
//! is no room for our tag, so `Mark` tells it by account and revision; what would come back is not compared by
//! Argo CD, so it is rendered and laid over what lives; and the application is OutOfSync afterwards by nature.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::call::Operation;
use wilco_core::plan::{Freshness, Mode, Obstacle, Returns, TargetPlan};
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::ArgoCd;
use super::charts::charts;
use super::client::{Instance, Look, WriteError};
use super::diff::PARALLEL;
use super::error::Refusal;
use super::evidence::{Evidence, Proof};
use super::objects::{Delta, delta};
use super::sync::{attach, taken};
use super::watch;
use super::wire::{App, History, ManagedItem, OperationState, time};

impl ArgoCd {
    /// What a rollback would bring back, in the order asked for.
    pub(super) async fn previous(
        &self,
        targets: &[Target],
        run: Option<&str>,
    ) -> Result<Vec<TargetPlan>, Trouble> {
        self.learn(targets).await?;
        let plans = stream::iter(targets.to_vec())
            .map(|target| async move { plan(self.instance(&target)?, &target, run).await })
            .buffered(PARALLEL);
        plans.try_collect().await
    }
}

async fn plan(
    instance: &Instance,
    target: &Target,
    run: Option<&str>,
) -> Result<TargetPlan, Trouble> {
    let app = instance.app(target, Look::Plain).await?;
    let project = app.spec.project.clone();
    let entry = before(&app);
    let mut obstacle = obstacle(&app, entry, run);
    if obstacle.is_none() && !instance.can_sync(target, &project).await? {
        obstacle = Some(Obstacle::WindowClosed);
    }
    let delta = match entry {
        Some(entry) if !is_in_the_way(obstacle.as_ref()) => {
            let rendered = instance.manifests(target, &project, &entry.revisions()).await?;
            let managed = instance.managed(target, &project).await?;
            match (rendered, managed) {
                (Err(chart), _) => {
                    obstacle = Some(Obstacle::MissingChart { chart });
                    Delta::default()
                }
                (Ok(rendered), Some(items)) => {
                    let space = [&rendered.namespace, &app.spec.destination.namespace];
                    let space = space.into_iter().find(|space| !space.is_empty());
                    laid_over(items, &rendered.manifests, space.map_or("", String::as_str))
                }
                (Ok(_), None) => {
                    obstacle =
                        Some(Obstacle::NotCompared { detail: app.status.sync.status.clone() });
                    Delta::default()
                }
            }
        }
        _ => Delta::default(),
    };
    if obstacle.is_none() && delta.images.is_empty() && delta.objects.is_empty() {
        obstacle = Some(Obstacle::NothingToDo);
    }
    let state = app.status.operation_state.as_ref().filter(|_| app.operation.is_none());
    let revisions = entry.map(History::revisions).unwrap_or_default();
    let sources = entry.map(History::sources).unwrap_or_default();
    let charts = charts(&app, &sources, &revisions);
    let evidence = Evidence {
        project,
        mode: Mode::Start,
        history_ids: app.status.history.iter().map(|entry| entry.id).collect(),
        operation_started_at: state.and_then(|state| state.started_at.clone()),
        account: instance.account().await,
        sources: app.sources().len(),
        revisions: revisions.clone(),
        entry: entry.map(|entry| entry.id),
        proof: Proof {
            only: Vec::new(),
            expect_images: delta.expect.into_iter().collect(),
            gone_images: delta.gone.into_iter().collect(),
            children: Vec::new(),
        },
    };
    Ok(TargetPlan {
        wanted: Vec::new(),
        only: None,
        charts,
        target: target.clone(),
        images: delta.images,
        objects: delta.objects,
        revisions,
        commits: Vec::new(),
        between: Vec::new(),
        returns: entry.map(|entry| returns(&app, entry)),
        mode: Mode::Start,
        obstacle,
        freshness: Freshness::Now,
        evidence: evidence.to_value(),
    })
}

fn returns(app: &App, entry: &History) -> Returns {
    let by = entry.initiated_by.name();
    let state = app.status.operation_state.as_ref();
    let lines = state.iter().filter_map(|state| state.sync_result.as_ref());
    let hooks = lines.flat_map(|result| &result.resources).any(|line| line.hook_type == "PreSync");
    Returns {
        entry: entry.id,
        deployed_at: time(entry.deployed_at.as_deref()),
        deployed_by: (!by.is_empty()).then_some(by),
        hooks_ran: hooks,
        undoes_a_part: undoes_a_part(app, entry),
    }
}

/// The deployment before the last one that really differs from it: the same revision may occur several times,
/// and ids are no positions. What did not succeed, or brought some objects only (ARGO-26), is in no history: then the
/// last entry is what was there before.
fn before(app: &App) -> Option<&History> {
    let (last, earlier) = app.status.history.split_last()?;
    if outside_of_history(app).is_some_and(|tried| tried != last.revisions()) {
        return Some(last);
    }
    earlier
        .iter()
        .rev()
        .find(|entry| entry.revisions() != last.revisions() || !is_same_place(entry, last))
}

/// What the last operation deployed, or tried to, when it is over and left nothing in the history.
fn outside_of_history(app: &App) -> Option<Vec<String>> {
    let state = app.status.operation_state.as_ref();
    // One that somebody took away is over too, and left nothing (ARGO-33).
    let left = |state: &OperationState| watch::in_progress(state) && app.operation.is_none();
    let state = state.filter(|state| !watch::in_progress(state) || left(state))?;
    let no_entry = state.phase != "Succeeded" || state.operation.is_partial() || left(state);
    Some(state.revisions()).filter(|tried| no_entry && !tried.is_empty())
}

/// Whether the last operation brought some objects only.
fn was_partial(app: &App) -> bool {
    app.status.operation_state.as_ref().is_some_and(|state| state.operation.is_partial())
}

/// Whether going back to this entry takes away what the last operation brought in part.
fn undoes_a_part(app: &App, entry: &History) -> bool {
    was_partial(app) && app.status.history.last().is_some_and(|last| last.id == entry.id)
}

/// Who did the last operation, when it was not this run.
fn other_than(app: &App, run: &str) -> Option<String> {
    let state = app.status.operation_state.as_ref();
    let tag = state.and_then(|state| state.operation.tag());
    let ours = tag.and_then(|tag| tag.rsplit_once('.')).is_some_and(|(of, _)| of == run);
    (!ours).then(|| match (tag, state) {
        (Some(tag), _) => tag.rsplit_once('.').map_or(tag, |(run, _)| run).to_owned(),
        (None, Some(state)) => state.operation.by(),
        (None, None) => String::new(),
    })
}

fn is_same_place(one: &History, other: &History) -> bool {
    let (one, other) = (one.sources(), other.sources());
    one.len() == other.len() && one.iter().zip(&other).all(|(one, other)| one.is_same_place(other))
}

/// What stands in the way, the most basic first. Where a run is to be taken back, it must be what changed the
/// application last.
fn obstacle(app: &App, entry: Option<&History>, run: Option<&str>) -> Option<Obstacle> {
    if app.is_automated() {
        return Some(Obstacle::AutoSync);
    }
    if let Some(by) = run.and_then(|run| other_than(app, run)) {
        return Some(Obstacle::NotLast { by });
    }
    if run.is_some() && was_partial(app) && !entry.is_some_and(|entry| undoes_a_part(app, entry)) {
        return Some(Obstacle::OnlyAPart);
    }
    let Some(entry) = entry else { return Some(Obstacle::NothingBefore) };
    let sources = entry.sources();
    let now = app.sources();
    // Of another place nobody can say what would come: it is always rendered from the place of now. An entry
    // without a source is one that Argo CD cannot go back to either.
    let same = !sources.is_empty()
        && sources.len() == now.len()
        && sources.iter().zip(&now).all(|(one, other)| one.is_same_place(other));
    if !same {
        return Some(Obstacle::SourceChanged);
    }
    app.operation.as_ref().map(|operation| Obstacle::Busy { by: operation.by() })
}

/// Whether nothing can be said of what would come.
fn is_in_the_way(obstacle: Option<&Obstacle>) -> bool {
    matches!(
        obstacle,
        Some(
            Obstacle::AutoSync
                | Obstacle::NothingBefore
                | Obstacle::NotLast { .. }
                | Obstacle::OnlyAPart
                | Obstacle::SourceChanged
        )
    )
}

type Key = (String, String, String, String);

fn key(object: &Value, space: &str) -> Key {
    let word = |pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let version = word("/apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
    let namespace = Some(word("/metadata/namespace")).filter(|own| !own.is_empty());
    (group, word("/kind"), namespace.unwrap_or_else(|| space.to_owned()), word("/metadata/name"))
}

/// What would change if the rendered objects were applied to what lives. Fields that only the cluster has
/// stay as they are; hooks do not run in a rollback.
fn laid_over(items: Vec<ManagedItem>, rendered: &[String], space: &str) -> Delta {
    let parsed = rendered.iter().filter_map(|text| serde_json::from_str::<Value>(text).ok());
    let no_hook =
        |object: &Value| object.pointer("/metadata/annotations/argocd.argoproj.io~1hook").is_none();
    let mut wanted: BTreeMap<Key, Value> =
        parsed.filter(no_hook).map(|object| (key(&object, space), object)).collect();
    let mut laid = Vec::new();
    for mut item in items {
        let (group, kind) = (item.group.clone(), item.kind.clone());
        let of = |namespace: &str| {
            (group.clone(), kind.clone(), namespace.to_owned(), item.name.clone())
        };
        // What belongs to no namespace has none in the cluster, whatever is rendered for it.
        let found = wanted.remove(&of(&item.namespace)).or_else(|| wanted.remove(&of(space)));
        let live = [&item.normalized_live_state, &item.live_state];
        let live = live.into_iter().find_map(|text| {
            serde_json::from_str::<Value>(text).ok().filter(|live| !live.is_null())
        });
        item.modified = false;
        match (found, live) {
            (None, None) => continue,
            (None, Some(_)) => {
                item.target_state = String::new();
                item.predicted_live_state = String::new();
            }
            (Some(wanted), None) => {
                item.target_state = wanted.to_string();
                item.predicted_live_state = String::new();
            }
            (Some(wanted), Some(mut live)) => {
                item.normalized_live_state = live.to_string();
                lay(&mut live, &wanted);
                item.target_state = live.to_string();
                item.predicted_live_state = live.to_string();
            }
        }
        laid.push(item);
    }
    laid.extend(wanted.into_iter().map(|((group, kind, namespace, name), object)| ManagedItem {
        group,
        kind,
        namespace,
        name,
        target_state: object.to_string(),
        ..ManagedItem::default()
    }));
    delta(&laid)
}

/// Lays one value over another: objects field by field, lists of named things by their names.
fn lay(under: &mut Value, over: &Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                match under.get_mut(name) {
                    Some(old) => lay(old, value),
                    None => drop(under.insert(name.clone(), value.clone())),
                }
            }
        }
        (Value::Array(under), Value::Array(over)) => {
            let named =
                |value: &Value| value.get("name").and_then(Value::as_str).map(str::to_owned);
            let by_name: BTreeMap<String, Value> =
                under.iter().filter_map(|value| Some((named(value)?, value.clone()))).collect();
            let laid = over.iter().enumerate().map(|(at, value)| {
                let old = match named(value) {
                    Some(name) => by_name.get(&name).cloned(),
                    None => under.get(at).cloned(),
                };
                let Some(mut old) = old else { return value.clone() };
                lay(&mut old, value);
                old
            });
            let laid: Vec<Value> = laid.collect();
            *under = laid;
        }
        (under, over) => *under = over.clone(),
    }
}

/// Asks for the rollback to the planned entry.
pub(super) async fn start(
    instance: &Instance,
    target: &Target,
    operation: &Operation,
    permit: &Permit,
) -> Result<Value, OperationFault> {
    let evidence = Evidence::of(&operation.evidence);
    let Some((evidence, entry)) = evidence.and_then(|e| Some((e.clone(), e.entry?))) else {
        let bad = instance.trouble(TroubleKind::BadRequest, "evidence");
        return Err(OperationFault::Refused(instance.about(target, bad)));
    };
    let tag = operation.id.as_str();
    match instance.rollback(target, &evidence.project, entry, permit).await {
        Ok(reply) => taken(instance, target, &reply, tag, &evidence),
        Err(WriteError::Fault(fault)) => Err(fault),
        Err(WriteError::Refused(Refusal::InProgress(trouble))) => {
            attach(instance, target, tag, &evidence, trouble).await
        }
        Err(WriteError::Refused(refusal)) => {
            Err(OperationFault::Refused(instance.about(target, refusal.into_trouble())))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn history(entries: &[(i64, &str, &str)]) -> App {
        let entry = |(id, revision, path): &(i64, &str, &str)| json!({ "id": id, "revision": revision, "source": { "repoURL": "g", "path": path } });
        let history: Vec<Value> = entries.iter().map(entry).collect();
        serde_json::from_value(json!({
            "spec": { "source": { "repoURL": "g", "path": "p", "targetRevision": "HEAD" } },
            "status": { "history": history },
        }))
        .unwrap()
    }

    #[test]
    fn argo_36_previous_is_the_last_that_really_differs() {
        let id = |app: &App| before(app).map(|entry| entry.id);
        assert_eq!(id(&history(&[])), None);
        assert_eq!(id(&history(&[(0, "a", "p")])), None);
        assert_eq!(id(&history(&[(0, "a", "p"), (1, "a", "p")])), None, "the same again");
        let app = history(&[(3, "a", "p"), (7, "b", "p"), (8, "c", "p"), (9, "c", "p")]);
        assert_eq!(id(&app), Some(7), "ids are no positions");
        let moved = history(&[(0, "a", "old"), (1, "a", "p")]);
        assert_eq!(id(&moved), Some(0), "the same revision of another place");
    }

    #[test]
    fn argo_36_the_recorded_history_is_read() {
        let text = include_str!(
            "../../tests/contract/argocd/applications/gitops-backend_application3.json"
        );
        let app: App = serde_json::from_str(text).unwrap();
        let last = app.status.history.last().unwrap().revisions();
        if let Some(entry) = before(&app) {
            assert_ne!(entry.revisions(), last);
        }
        let revisions: Vec<_> = app.status.history.iter().map(History::revisions).collect();
        let differs = revisions.iter().any(|revision| *revision != last);
        assert_eq!(before(&app).is_some(), differs);
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let app = history(&[(0, "a", "p"), (1, "b", "p")]);
        assert_eq!(obstacle(&app, before(&app), None), None);
        let moved = history(&[(0, "a", "old"), (1, "b", "p")]);
        assert_eq!(obstacle(&moved, before(&moved), None), Some(Obstacle::SourceChanged));
        let first = history(&[(1, "b", "p")]);
        assert_eq!(obstacle(&first, before(&first), None), Some(Obstacle::NothingBefore));
        let mut automated = history(&[(0, "a", "p"), (1, "b", "p")]);
        automated.spec.sync_policy.automated = Some(super::super::wire::Automated::default());
        assert_eq!(obstacle(&automated, before(&automated), None), Some(Obstacle::AutoSync));
    }

    #[test]
    fn what_did_not_succeed_is_taken_back_to_the_last_that_did() {
        let mut app = history(&[(0, "a", "p"), (1, "b", "p")]);
        let state = |phase: &str| {
            json!({
                "phase": phase, "startedAt": "2026-01-01T00:00:00Z", "finishedAt": "2026-01-01T00:01:00Z",
                "operation": { "sync": { "revision": "c" }, "info": [{ "name": "wilco", "value": "r12.3" }] },
                "syncResult": { "revision": "c" },
            })
        };
        let id = |app: &App| before(app).map(|entry| entry.id);
        app.status.operation_state = serde_json::from_value(state("Failed")).unwrap();
        assert_eq!(id(&app), Some(1), "c failed, so b was there before");
        app.status.operation_state = serde_json::from_value(state("Succeeded")).unwrap();
        assert_eq!(id(&app), Some(0));
        // It never came to an end, and somebody took it away (ARGO-33).
        for phase in ["Running", "Succeeded"] {
            let mut left = state(phase);
            left.as_object_mut().unwrap().remove("finishedAt");
            app.status.operation_state = serde_json::from_value(left).unwrap();
            assert_eq!(id(&app), Some(1), "{phase}: nothing of c is in the history");
        }
    }

    #[test]
    fn a_run_is_taken_back_only_where_it_was_the_last() {
        let mut app = history(&[(0, "a", "p"), (1, "b", "p")]);
        let by = |app: &App, run| match obstacle(app, before(app), Some(run)) {
            Some(Obstacle::NotLast { by }) => by,
            other => format!("{other:?}"),
        };
        assert_eq!(by(&app, "r1"), "", "nothing tells what was last");
        let state = |info: Value| {
            json!({
                "phase": "Succeeded",
                "operation": { "initiatedBy": { "username": "sora" }, "sync": {}, "info": info },
            })
        };
        let tagged = state(json!([{ "name": "wilco", "value": "r12.3" }]));
        app.status.operation_state = serde_json::from_value(tagged).unwrap();
        assert_eq!((by(&app, "r12"), by(&app, "r1")), ("None".to_owned(), "r12".to_owned()));
        app.status.operation_state = serde_json::from_value(state(Value::Null)).unwrap();
        assert_eq!(by(&app, "r12"), "sora");
    }

    fn deployment(image: &str) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": "w" },
            "spec": { "template": { "spec": { "containers": [{ "name": "app", "image": image }] } } },
        })
    }

    #[test]
    fn what_only_the_cluster_has_is_no_change() {
        let mut live = deployment("w:2");
        live["metadata"]["uid"] = json!("u");
        live["spec"]["replicas"] = json!(3);
        live["spec"]["template"]["spec"]["containers"][0]["terminationMessagePath"] = json!("/x");
        live["spec"]["template"]["spec"]["containers"]
            .as_array_mut()
            .unwrap()
            .insert(0, json!({ "name": "sidecar", "image": "s:1" }));
        let item = |live: &Value| ManagedItem {
            group: "apps".into(),
            kind: "Deployment".into(),
            namespace: "default".into(),
            name: "w".into(),
            live_state: live.to_string(),
            normalized_live_state: live.to_string(),
            modified: true,
            ..ManagedItem::default()
        };
        let back = laid_over(vec![item(&live)], &[deployment("w:1").to_string()], "default");
        let images: Vec<_> =
            back.images.iter().map(|i| (i.from.as_deref(), i.to.as_deref())).collect();
        assert_eq!(images, [(Some("w:2"), Some("w:1")), (Some("s:1"), None)], "the sidecar goes");
        assert!(back.expect.contains("w:1") && back.gone.contains("w:2"));
        let same =
            laid_over(vec![item(&deployment("w:1"))], &[deployment("w:1").to_string()], "default");
        assert!(same.is_empty(), "{same:?}");
    }

    #[test]
    fn what_is_new_and_what_is_no_longer_wanted_is_named_and_hooks_are_not() {
        let service = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s" } });
        let hook = json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": { "name": "m", "annotations": { "argocd.argoproj.io/hook": "PreSync" } },
        });
        let extra = ManagedItem {
            kind: "ConfigMap".into(),
            namespace: "default".into(),
            name: "c".into(),
            live_state: json!({ "kind": "ConfigMap" }).to_string(),
            ..ManagedItem::default()
        };
        let back = laid_over(vec![extra], &[service.to_string(), hook.to_string()], "default");
        let names: Vec<&str> = back.objects.iter().map(|object| object.object.as_str()).collect();
        assert_eq!(names, ["ConfigMap/default/c", "Service/default/s"]);
    }
}
