//! How an application is, and why (ARGO-40): its operation, what failed in it, what is not healthy in the
//! resource tree, what the cluster says about that, and the last lines of the container that fails.

use std::cmp::Reverse;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::diagnosis::{Diagnosis, EventNote, LogTail, ObjectNote, OperationNote};
use wilco_core::target::Target;

use super::ArgoCd;
use super::charts::telling;
use super::client::{Instance, Look};
use super::diff::PARALLEL;
use super::images::short;
use super::restart::ObjectName;
use super::watch;
use super::wire::{App, Node, OperationState, ResultLine, time};
use crate::http::redact;

/// Of so many objects the events are read.
const OBJECTS: usize = 3;
/// Of so many pods the logs are read.
const PODS: usize = 2;
/// So many events of one object are told.
const EVENTS: usize = 3;
/// So many of the last lines of a log are read.
const LINES: u32 = 20;
/// The longest line of a log, in characters.
const LINE_CHARS: usize = 500;

impl ArgoCd {
    /// How these applications are, in the order asked for.
    pub(super) async fn diagnosis(&self, targets: &[Target]) -> Result<Vec<Diagnosis>, Trouble> {
        self.learn(targets).await?;
        let found = stream::iter(targets.to_vec())
            .map(|target| async move { look(self.instance(&target)?, &target).await })
            .buffered(PARALLEL);
        found.try_collect().await
    }
}

/// The application itself must be there to be read; of everything else what cannot be read is named.
async fn look(instance: &Instance, target: &Target) -> Result<Diagnosis, Trouble> {
    let app = instance.app(target, Look::Plain).await?;
    let project = &app.spec.project;
    let mut found = of_app(target, &app);
    let nodes = match instance.nodes(target, project).await {
        Ok(nodes) => nodes,
        Err(trouble) => {
            found.unread.push(trouble);
            return Ok(found);
        }
    };
    let mut bad: Vec<&Node> = nodes.iter().filter(|node| is_bad(node)).collect();
    // Pods before what made them: there is the cause.
    bad.sort_by_key(|node| (node.kind != "Pod", !is_unwell(node), Reverse(restarts(node))));
    let mut pods: Vec<&Node> = bad.iter().filter(|node| node.kind == "Pod").copied().collect();
    if pods.is_empty() {
        pods.extend(nodes.iter().filter(|node| node.kind == "Pod").take(1));
    }
    pods.truncate(PODS);
    let mut containers = Vec::new();
    for pod in &pods {
        let object = ObjectName::of((*pod).clone());
        let failing = match instance.object(target, project, &object).await {
            Ok(manifest) => manifest.as_ref().and_then(container),
            // Without it the tool chooses the container.
            Err(trouble) => {
                tracing::debug!(?trouble, %target, "no pod");
                None
            }
        };
        containers.push((*pod, failing));
    }
    for node in &bad {
        let of = containers.iter().find(|(pod, _)| pod.uid == node.uid);
        found.objects.push(note(node, of.and_then(|(_, container)| container.as_ref())));
    }
    let spoken_of: Vec<&Node> = if bad.is_empty() {
        nodes.iter().filter(|node| node.parent_refs.is_empty() && node.kind != "Pod").collect()
    } else {
        bad
    };
    for node in spoken_of.into_iter().take(OBJECTS) {
        match instance.events(target, project, node).await {
            Ok(events) => found.events.extend(events),
            Err(trouble) => found.unread.push(trouble),
        }
    }
    found.events.sort_by_key(|event| Reverse(event.at));
    for (pod, container) in &containers {
        match tail(instance, target, project, pod, container.as_ref()).await {
            Ok(tail) => found.logs.extend(tail),
            Err(trouble) => found.unread.push(trouble),
        }
    }
    found.unread.dedup();
    Ok(found)
}

/// What the application alone tells.
fn of_app(target: &Target, app: &App) -> Diagnosis {
    let status = &app.status;
    let wrong = |kind: &str| kind.ends_with("Error");
    let conditions = status.conditions.iter().filter(|condition| wrong(&condition.kind));
    let state = status.operation_state.as_ref();
    let lines = state.iter().filter_map(|state| state.sync_result.as_ref());
    let failed = lines.flat_map(|result| &result.resources).filter(|line| line.has_failed());
    let mut images: Vec<String> = status.summary.images.iter().map(|image| short(image)).collect();
    images.sort();
    images.dedup();
    Diagnosis {
        target: target.clone(),
        health: status.health.status.clone(),
        health_note: redact(&status.health.message),
        sync: status.sync.status.clone(),
        images,
        operation: state.map(|state| operation(app, state)),
        conditions: conditions
            .map(|condition| format!("{}: {}", condition.kind, redact(telling(&condition.message))))
            .collect(),
        objects: failed.map(failed_line).collect(),
        events: Vec::new(),
        logs: Vec::new(),
        unread: Vec::new(),
    }
}

fn operation(app: &App, state: &OperationState) -> OperationNote {
    // Requested and not yet begun: what the state shows is the one before.
    if let Some(next) = app.operation.as_ref().filter(|_| !watch::in_progress(state)) {
        let phase = "Requested".to_owned();
        let by = by(next);
        return OperationNote { phase, note: String::new(), by, goes_on: true, since: None };
    }
    OperationNote {
        phase: state.phase.clone(),
        note: redact(telling(&state.message)),
        by: by(&state.operation),
        goes_on: watch::in_progress(state) && app.operation.is_some(),
        since: time(state.started_at.as_deref()),
    }
}

/// Our run, or whom Argo CD names.
fn by(operation: &super::wire::Operation) -> String {
    let run = operation.tag().and_then(|tag| tag.rsplit_once('.')).map(|(run, _)| run.to_owned());
    run.unwrap_or_else(|| operation.by())
}

fn failed_line(line: &ResultLine) -> ObjectNote {
    // Lines of objects have a phase too; only hooks have a type.
    let hook = !line.hook_type.is_empty();
    let state = if hook || line.status.is_empty() { &line.hook_phase } else { &line.status };
    let kind = if hook { format!("{} hook ", line.hook_type) } else { String::new() };
    ObjectNote {
        object: format!("{kind}{} {}", line.kind, line.name),
        state: state.clone(),
        note: redact(&line.message),
        restarts: 0,
    }
}

fn is_unwell(node: &Node) -> bool {
    matches!(node.health.status.as_str(), "Degraded" | "Missing" | "Unknown")
}

/// What is between a workload and its pods only repeats what they say.
fn is_bad(node: &Node) -> bool {
    let tells = node.parent_refs.is_empty() || matches!(node.kind.as_str(), "Pod" | "Job");
    tells && (is_unwell(node) || restarts(node) > 0)
}

fn info<'a>(node: &'a Node, name: &str) -> Option<&'a str> {
    node.info.iter().find(|info| info.name == name).map(|info| info.value.as_str())
}

fn restarts(node: &Node) -> u32 {
    info(node, "Restart Count").and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// The container of a pod that fails, else its first one.
#[derive(Debug, PartialEq, Eq)]
struct Container {
    name: String,
    restarts: u32,
    /// `CrashLoopBackOff`; empty where it runs.
    reason: String,
    /// How it ended the last time, or why it does not begin.
    note: String,
}

fn container(pod: &Value) -> Option<Container> {
    let statuses = |pointer: &str| pod.pointer(pointer).and_then(Value::as_array).cloned();
    let all = [
        statuses("/status/initContainerStatuses").unwrap_or_default(),
        statuses("/status/containerStatuses").unwrap_or_default(),
    ];
    let fails = |status: &Value| {
        let waits = status.pointer("/state/waiting/reason").and_then(Value::as_str);
        let starts = matches!(waits, Some("ContainerCreating" | "PodInitializing"));
        let code = status.pointer("/state/terminated/exitCode").and_then(Value::as_i64);
        (waits.is_some() && !starts) || code.is_some_and(|code| code != 0)
    };
    let count = |status: &Value| status["restartCount"].as_u64().unwrap_or(0);
    let [init, own] = &all;
    let failing = init.iter().chain(own).find(|status| fails(status));
    let restarted =
        own.iter().filter(|status| count(status) > 0).max_by_key(|status| count(status));
    let status = failing.or(restarted).or_else(|| own.first())?;
    let word = |pointer: &str| {
        status.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let reason = [word("/state/waiting/reason"), word("/state/terminated/reason")];
    let ended = ["/lastState/terminated", "/state/terminated"]
        .into_iter()
        .find_map(|pointer| status.pointer(pointer));
    let note = ended.map_or_else(
        || redact(&word("/state/waiting/message")),
        |ended| {
            let reason = ended["reason"].as_str().unwrap_or_default();
            let code = ended["exitCode"].as_i64().unwrap_or_default();
            format!("{reason}, exit code {code}").trim_start_matches(", ").to_owned()
        },
    );
    Some(Container {
        name: status["name"].as_str()?.to_owned(),
        restarts: u32::try_from(count(status)).unwrap_or(u32::MAX),
        reason: reason.into_iter().find(|reason| !reason.is_empty()).unwrap_or_default(),
        note,
    })
}

fn note(node: &Node, container: Option<&Container>) -> ObjectNote {
    let unwell = if is_unwell(node) { node.health.status.clone() } else { String::new() };
    // A pod that runs says "Running" of itself, however often it was started.
    let reason = container.map(|container| container.reason.clone());
    let reason = reason.filter(|reason| !reason.is_empty());
    let told = info(node, "Status Reason").filter(|_| is_unwell(node)).map(str::to_owned);
    let said = container.map(|of| match of.note.as_str() {
        "" => String::new(),
        note => format!("{}: {note}", of.name),
    });
    let said = said.filter(|said| !said.is_empty());
    ObjectNote {
        object: format!("{} {}", node.kind, node.name),
        state: reason.or(told).unwrap_or(unwell),
        note: said.unwrap_or_else(|| redact(&node.health.message)),
        restarts: restarts(node).max(container.map_or(0, |container| container.restarts)),
    }
}

/// The last lines: those before the last start where it was started again, because there stands why.
async fn tail(
    instance: &Instance,
    target: &Target,
    project: &str,
    pod: &Node,
    container: Option<&Container>,
) -> Result<Option<LogTail>, Trouble> {
    let name = container.map_or("", |container| container.name.as_str());
    let again = restarts(pod).max(container.map_or(0, |container| container.restarts)) > 0;
    let tail = |previous, lines| LogTail {
        pod: pod.name.clone(),
        container: name.to_owned(),
        previous,
        lines,
    };
    if again {
        // What was written before may be gone with the node.
        let before = instance.logs(target, project, pod, name, true).await.unwrap_or_default();
        if !before.is_empty() {
            return Ok(Some(tail(true, before)));
        }
    }
    let lines = instance.logs(target, project, pod, name, false).await?;
    Ok((!lines.is_empty()).then(|| tail(false, lines)))
}

impl Instance {
    /// What the cluster said about an object, the latest first; good news is left out.
    async fn events(
        &self,
        target: &Target,
        project: &str,
        node: &Node,
    ) -> Result<Vec<EventNote>, Trouble> {
        let reply = self.events_of(target, project, node).await?;
        let items = reply["items"].as_array().cloned().unwrap_or_default();
        let mut events: Vec<EventNote> = items
            .iter()
            .filter(|item| item["type"] != "Normal")
            .map(|item| event(node, item))
            .collect();
        events.sort_by_key(|event| Reverse(event.at));
        events.truncate(EVENTS);
        Ok(events)
    }

    /// The last lines of a container, oldest first, without secrets.
    async fn logs(
        &self,
        target: &Target,
        project: &str,
        pod: &Node,
        container: &str,
        previous: bool,
    ) -> Result<Vec<String>, Trouble> {
        let text = self.log_text(target, project, pod, container, previous, LINES).await?;
        let mut lines = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let said: Value = serde_json::from_str(line).unwrap_or_default();
            // Errors come in the middle of the answer.
            if let Some(error) = said["error"]["message"].as_str() {
                let trouble = self.trouble(TroubleKind::Refused, &redact(error));
                return Err(self.about(target, trouble));
            }
            let content = said["result"]["content"].as_str().unwrap_or_default();
            if !content.trim().is_empty() {
                lines.push(redact(content).chars().take(LINE_CHARS).collect());
            }
        }
        Ok(lines)
    }
}

fn event(node: &Node, item: &Value) -> EventNote {
    let word = |name: &str| item[name].as_str().unwrap_or_default();
    let series = item["series"]["count"].as_u64();
    let count = item["count"].as_u64().or(series).unwrap_or(1).max(1);
    let at = [&item["lastTimestamp"], &item["series"]["lastObservedTime"], &item["eventTime"]];
    EventNote {
        object: format!("{} {}", node.kind, node.name),
        reason: word("reason").to_owned(),
        note: redact(word("message")),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        at: at.into_iter().find_map(|at| time(at.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(name: &str, restarts: u64, state: &Value, last: &Value) -> Value {
        json!({ "name": name, "restartCount": restarts, "state": state, "lastState": last })
    }

    fn pod(init: &[Value], own: &[Value]) -> Value {
        json!({ "status": { "initContainerStatuses": init, "containerStatuses": own } })
    }

    #[test]
    fn argo_33_what_was_taken_away_does_not_go_on() {
        let operation = json!({ "info": [{ "name": "wilco", "value": "r1.2" }], "sync": {} });
        let state = json!({ "phase": "Running", "operation": operation });
        for (there, goes_on) in [(operation, true), (Value::Null, false)] {
            let app = json!({ "operation": there, "status": { "operationState": state } });
            let app: App = serde_json::from_value(app).unwrap();
            let state = app.status.operation_state.as_ref().unwrap();
            let note = super::operation(&app, state);
            assert_eq!((note.goes_on, note.by.as_str()), (goes_on, "r1"));
        }
    }

    #[test]
    fn argo_40_the_container_that_fails_is_meant() {
        let runs = json!({ "running": {} });
        let crashed = json!({ "terminated": { "reason": "OOMKilled", "exitCode": 137 } });
        let waits = json!({ "waiting": { "reason": "CrashLoopBackOff", "message": "back-off" } });
        let side = || status("sidecar", 0, &runs, &Value::Null);
        let fails = container(&pod(&[], &[side(), status("app", 5, &waits, &crashed)])).unwrap();
        let expected = Container {
            name: "app".into(),
            restarts: 5,
            reason: "CrashLoopBackOff".into(),
            note: "OOMKilled, exit code 137".into(),
        };
        assert_eq!(fails, expected);
        let pull = json!({ "waiting": { "reason": "ImagePullBackOff", "message": "no such tag" } });
        let init = container(&pod(&[status("init", 0, &pull, &Value::Null)], &[side()])).unwrap();
        assert_eq!((init.name.as_str(), init.note.as_str()), ("init", "no such tag"));
        let again = container(&pod(&[], &[side(), status("app", 2, &runs, &crashed)])).unwrap();
        assert_eq!((again.name.as_str(), again.reason.as_str()), ("app", ""));
        let starts = json!({ "waiting": { "reason": "ContainerCreating" } });
        let begins = container(&pod(&[], &[side(), status("app", 0, &starts, &Value::Null)]));
        assert_eq!(begins.unwrap().name, "sidecar", "nothing fails: the first");
        assert_eq!(container(&json!({})), None);
    }

    #[test]
    fn an_event_is_read_in_its_old_and_its_new_form() {
        let node = Node { kind: "Pod".into(), name: "w".into(), ..Node::default() };
        let old = json!({ "reason": "BackOff", "message": "m", "count": 17, "lastTimestamp": "2026-01-01T00:00:00Z" });
        let new = json!({ "reason": "BackOff", "note": "m", "series": { "count": 3, "lastObservedTime": "2026-01-01T00:00:00.000000Z" } });
        assert_eq!((event(&node, &old).count, event(&node, &new).count), (17, 3));
        assert_eq!(event(&node, &old).at, event(&node, &new).at);
        assert_eq!(event(&node, &json!({})).count, 1);
    }
}
