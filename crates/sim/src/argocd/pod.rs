//! The one pod that each workload shows: what the tree, its object, its events and its logs say of it.

use serde_json::{Value, json};

use super::app::{App, Compared};
use super::course::Health;
use super::object::Object;
use super::wire::time;

/// How often the container of a workload that does not come up was started again.
const RESTARTS: u32 = 5;

/// A pod, with the workload that it belongs to.
pub(crate) struct Pod<'a> {
    pub(crate) object: Object,
    pub(crate) set: Object,
    pub(crate) workload: &'a Object,
    /// It crashes again and again.
    pub(crate) crashes: bool,
}

impl<'a> Pod<'a> {
    /// The pod of a workload, if it has one.
    pub(crate) fn of(app: &App, compared: &'a Compared) -> Option<Self> {
        let workload = &compared.object;
        if compared.missing || !workload.rolls_out() {
            return None;
        }
        let mut set = Object::new("ReplicaSet", &format!("{}-6549d54677", workload.name));
        "apps".clone_into(&mut set.group);
        let object = Object::new("Pod", &format!("{}-x7k2p", set.name));
        let rolls = app.view.rolling.contains(&workload.key());
        // A rollout that was aborted leaves the old pods at work.
        let aborted = app.view.health_message.starts_with("RolloutAborted");
        let crashes = rolls && app.view.health == Health::Degraded && !aborted;
        Some(Self { object, set, workload, crashes })
    }

    /// The pods of an application.
    pub(crate) fn all(app: &'a App) -> impl Iterator<Item = Self> {
        app.view.compared.iter().filter_map(move |compared| Self::of(app, compared))
    }

    /// What the tree shows beside it.
    pub(crate) fn info(&self) -> Value {
        let (reason, ready) = if self.crashes { ("CrashLoopBackOff", 0) } else { ("Running", 1) };
        let mut info = vec![
            json!({ "name": "Status Reason", "value": reason }),
            json!({ "name": "Node", "value": "node-1" }),
            json!({ "name": "Containers", "value": format!("{ready}/1") }),
        ];
        if self.crashes {
            info.push(json!({ "name": "Restart Count", "value": RESTARTS.to_string() }));
        }
        json!(info)
    }

    /// As the cluster holds it.
    pub(crate) fn manifest(&self) -> Value {
        let status = |(at, name): (usize, &String)| {
            if self.crashes && at == 0 {
                json!({
                    "name": name,
                    "ready": false,
                    "restartCount": RESTARTS,
                    "state": { "waiting": {
                        "reason": "CrashLoopBackOff",
                        "message": "back-off 2m40s restarting failed container",
                    } },
                    "lastState": { "terminated": { "reason": "Error", "exitCode": 1 } },
                })
            } else {
                json!({ "name": name, "ready": true, "restartCount": 0, "state": { "running": {} } })
            }
        };
        let names: Vec<&String> = self.workload.containers.iter().map(|c| &c.name).collect();
        let statuses: Vec<Value> = names.into_iter().enumerate().map(status).collect();
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": { "name": self.object.name, "namespace": self.object.namespace },
            "status": { "containerStatuses": statuses },
        })
    }

    /// What the cluster said of it.
    pub(crate) fn events(&self, uid: &str, at_ms: i64) -> Vec<Value> {
        if !self.crashes {
            return Vec::new();
        }
        vec![json!({
            "metadata": { "name": format!("{}.21", self.object.name), "namespace": self.object.namespace },
            "involvedObject": { "kind": "Pod", "name": self.object.name, "uid": uid },
            "reason": "BackOff",
            "message": format!("Back-off restarting failed container in pod {}", self.object.name),
            "type": "Warning",
            "count": 17,
            "lastTimestamp": time(at_ms),
        })]
    }

    /// What it wrote, before its last start or since.
    pub(crate) fn log(&self, previous: bool) -> Vec<&'static str> {
        match (self.crashes, previous) {
            (true, true) => vec![
                "starting",
                "connecting to postgres://wallet:hunter2@db:5432/wallet",
                "panic: cannot connect to database",
            ],
            (true, false) => vec!["starting"],
            (false, true) => Vec::new(),
            (false, false) => vec!["listening on :8080"],
        }
    }
}
