//! The parts of Argo CD's JSON that are read, as the server sends them (`argocd/swagger.json`).
//!
//! Go leaves out what is empty, and an empty list may also be `null`: every field has a default and
//! takes `null` for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use wilco_core::time::Timestamp;

/// The name of our tag in `infos`; its value is the operation's id (ARGO-22).
pub(super) const TAG: &str = "wilco";

fn nullable<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

macro_rules! wire {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub(super) struct $name {
            $($(#[$attr])* #[serde(deserialize_with = "nullable")] pub(super) $field: $kind,)*
        }
    };
}

wire! { Listed { items: Vec<App>, } }
wire! {
    /// An Application.
    App { metadata: Metadata, spec: Spec, operation: Option<Operation>, status: Status, }
}
wire! {
    Metadata {
        name: String,
        namespace: String,
        labels: BTreeMap<String, String>,
        annotations: BTreeMap<String, String>,
        resource_version: String,
    }
}
wire! {
    /// One line of the stream: a change or, in its place, an error (ARGO-41).
    StreamLine { result: Option<Change>, error: Option<StreamError>, }
}
wire! { Change { #[serde(rename = "type")] kind: String, application: App, } }
wire! {
    /// The one message with underscores, because the gateway makes it and not Argo CD.
    StreamError {
        #[serde(rename = "grpc_code")]
        grpc_code: i64,
        #[serde(rename = "http_code")]
        http_code: i64,
        message: String,
    }
}
wire! {
    Spec {
        project: String,
        source: Option<Source>,
        sources: Vec<Source>,
        destination: Destination,
        sync_policy: SyncPolicy,
    }
}
wire! { Destination { namespace: String, } }
wire! {
    Source {
        #[serde(rename = "repoURL")]
        repo_url: String,
        chart: String,
        /// Everything else that it is made of: path, parameters.
        #[serde(flatten)]
        rest: BTreeMap<String, serde_json::Value>,
    }
}
wire! { SyncPolicy { automated: Option<Automated>, } }
wire! { Automated { enabled: Option<bool>, } }
wire! {
    Status {
        sync: Sync,
        health: Health,
        history: Vec<History>,
        reconciled_at: Option<String>,
        operation_state: Option<OperationState>,
        summary: Summary,
        conditions: Vec<Condition>,
        resources: Vec<ResourceStatus>,
    }
}
wire! {
    /// One object as the last comparison found it; its health may be left out (ARGO-12).
    ResourceStatus {
        group: String,
        kind: String,
        namespace: String,
        name: String,
        status: String,
        health: Health,
    }
}
wire! { Sync { status: String, revision: String, revisions: Vec<String>, } }
wire! { Health { status: String, message: String, } }
wire! { Summary { images: Vec<String>, } }
wire! { Condition { #[serde(rename = "type")] kind: String, message: String, } }
wire! {
    History {
        id: i64,
        revision: String,
        revisions: Vec<String>,
        deployed_at: Option<String>,
        deploy_started_at: Option<String>,
        initiated_by: Initiator,
        source: Option<Source>,
        sources: Vec<Source>,
    }
}
wire! { Initiator { username: String, automated: bool, } }
wire! { Info { name: String, value: String, } }
wire! { Operation { info: Vec<Info>, initiated_by: Initiator, sync: SyncOperation, } }
wire! {
    SyncOperation {
        revision: String,
        revisions: Vec<String>,
        /// It only tells what it would do.
        dry_run: bool,
        /// The objects of a sync that does not bring all.
        resources: Vec<serde_json::Value>,
    }
}
wire! {
    OperationState {
        operation: Operation,
        phase: String,
        message: String,
        started_at: Option<String>,
        finished_at: Option<String>,
        sync_result: Option<SyncResult>,
    }
}
wire! { SyncResult { revision: String, revisions: Vec<String>, resources: Vec<ResultLine>, } }
wire! {
    /// One line of `syncResult.resources`.
    ResultLine {
        group: String,
        version: String,
        kind: String,
        namespace: String,
        name: String,
        status: String,
        message: String,
        hook_phase: String,
        hook_type: String,
    }
}
wire! { Managed { items: Vec<ManagedItem>, } }
wire! {
    /// One object as git wants it and as it is; the states are JSON inside strings (ARGO-16).
    ManagedItem {
        group: String,
        kind: String,
        namespace: String,
        name: String,
        hook: bool,
        modified: bool,
        target_state: String,
        live_state: String,
        normalized_live_state: String,
        predicted_live_state: String,
    }
}
wire! { Tree { nodes: Vec<Node>, } }
wire! {
    /// One object of the resource tree; what has parents was made by them.
    Node {
        group: String,
        version: String,
        kind: String,
        namespace: String,
        name: String,
        uid: String,
        parent_refs: Vec<serde_json::Value>,
        health: Health,
        /// What the tool shows beside it: `Restart Count`, `Status Reason`.
        info: Vec<Info>,
    }
}
wire! {
    /// One object as the cluster holds it, as JSON inside a string.
    Resource { manifest: String, }
}
wire! { Actions { actions: Vec<Action>, } }
wire! {
    /// One action of an object, and whether it cannot be used now.
    Action { name: String, disabled: bool, }
}
wire! {
    /// What git wants at a revision, each object as JSON inside a string.
    Manifests { manifests: Vec<String>, namespace: String, }
}
wire! { Windows { can_sync: Option<bool>, } }
wire! { ChartDetails { description: String, maintainers: Vec<String>, } }
wire! { RevisionMetadata { author: String, date: Option<String>, message: String, } }
wire! { Token { token: String, } }
wire! { UserInfo { username: String, } }
wire! {
    /// An error of the API; `code` is the gRPC code (ARGO-6).
    ApiError { error: String, code: i64, message: String, }
}

/// One revision or several, whichever is there (ARGO-18).
fn either(one: &str, several: &[String]) -> Vec<String> {
    if several.is_empty() {
        (!one.is_empty()).then(|| one.to_owned()).into_iter().collect()
    } else {
        several.to_vec()
    }
}

impl App {
    /// Whether Argo CD deploys it by itself.
    pub(super) fn is_automated(&self) -> bool {
        let automated = self.spec.sync_policy.automated.as_ref();
        automated.is_some_and(|automated| automated.enabled != Some(false))
    }

    /// All sources, of a single- or a multi-source application.
    pub(super) fn sources(&self) -> Vec<&Source> {
        if self.spec.sources.is_empty() {
            self.spec.source.iter().collect()
        } else {
            self.spec.sources.iter().collect()
        }
    }

    /// What the last comparison was made against.
    pub(super) fn compared_revisions(&self) -> Vec<String> {
        either(&self.status.sync.revision, &self.status.sync.revisions)
    }
}

impl Operation {
    /// Whether it is ours under this id.
    pub(super) fn is_tagged(&self, tag: &str) -> bool {
        self.tag() == Some(tag)
    }

    /// Our tag, whichever of our operations it names.
    pub(super) fn tag(&self) -> Option<&str> {
        self.info.iter().find(|info| info.name == TAG).map(|info| info.value.as_str())
    }

    /// Who started it.
    pub(super) fn by(&self) -> String {
        self.initiated_by.name()
    }

    /// Whether it brings some objects only (ARGO-26).
    pub(super) fn is_partial(&self) -> bool {
        !self.sync.resources.is_empty()
    }

    /// What it deploys.
    pub(super) fn revisions(&self) -> Vec<String> {
        either(&self.sync.revision, &self.sync.revisions)
    }
}

impl Initiator {
    /// The account, or Argo CD's own word for its controller.
    pub(super) fn name(&self) -> String {
        if self.automated { "automated".to_owned() } else { self.username.clone() }
    }
}

impl OperationState {
    /// What was deployed, else what was asked for.
    pub(super) fn revisions(&self) -> Vec<String> {
        let result = self.sync_result.as_ref();
        let deployed = result.map(|r| either(&r.revision, &r.revisions)).unwrap_or_default();
        if deployed.is_empty() { self.operation.revisions() } else { deployed }
    }
}

impl ResultLine {
    /// Whether this object was not applied, or this hook did not succeed.
    pub(super) fn has_failed(&self) -> bool {
        self.status == "SyncFailed" || matches!(self.hook_phase.as_str(), "Failed" | "Error")
    }
}

impl Source {
    /// The branch, tag, version or range that it follows.
    pub(super) fn target_revision(&self) -> &str {
        self.text("targetRevision")
    }

    /// A field that is a text; empty where it is none, or not there.
    pub(super) fn text(&self, field: &str) -> &str {
        self.rest.get(field).and_then(serde_json::Value::as_str).unwrap_or_default()
    }

    /// The files with the values of a chart, as it names them.
    pub(super) fn value_files(&self) -> Vec<&str> {
        let files = self.rest.get("helm").and_then(|helm| helm.get("valueFiles")?.as_array());
        files.into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
    }

    /// Whether it is the same place with the same parameters, at whatever revision.
    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        let parts = |source: &Self| {
            let mut rest = source.rest.clone();
            rest.remove("targetRevision");
            (source.repo_url.clone(), source.chart.clone(), rest)
        };
        parts(self) == parts(other)
    }
}

impl History {
    /// All sources, of a single- or a multi-source application.
    pub(super) fn sources(&self) -> Vec<&Source> {
        if self.sources.is_empty() {
            self.source.iter().collect()
        } else {
            self.sources.iter().collect()
        }
    }

    pub(super) fn revisions(&self) -> Vec<String> {
        either(&self.revision, &self.revisions)
    }
}

/// A time of Argo CD: RFC 3339, whole seconds.
pub(super) fn time(text: Option<&str>) -> Option<Timestamp> {
    let at: jiff::Timestamp = text?.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_are_the_same() {
        let nulls = r#"{"metadata":{"name":"a","labels":null},"spec":{"sources":null,
            "syncPolicy":null},"operation":null,"status":{"history":null,"conditions":null,
            "summary":{"images":null},"operationState":{"operation":{"info":null},
            "syncResult":{"resources":null}}}}"#;
        let app: App = serde_json::from_str(nulls).unwrap();
        assert!(app.sources().is_empty() && app.operation.is_none());
        assert!(!app.is_automated());
        let listed: Listed = serde_json::from_str(r#"{"items":null}"#).unwrap();
        assert!(listed.items.is_empty());
    }

    #[test]
    fn argo_18_one_revision_or_several() {
        let one: Sync = serde_json::from_str(r#"{"revision":"a"}"#).unwrap();
        assert_eq!(either(&one.revision, &one.revisions), ["a"]);
        let two: Sync = serde_json::from_str(r#"{"revisions":["a","b"]}"#).unwrap();
        assert_eq!(either(&two.revision, &two.revisions), ["a", "b"]);
        assert!(either("", &[]).is_empty());
    }

    #[test]
    fn automated_may_be_switched_off_in_place() {
        let app = |policy: &str| -> App {
            serde_json::from_str(&format!(r#"{{"spec":{{"syncPolicy":{policy}}}}}"#)).unwrap()
        };
        assert!(app(r#"{"automated":{}}"#).is_automated());
        assert!(app(r#"{"automated":{"enabled":true}}"#).is_automated());
        assert!(!app(r#"{"automated":{"enabled":false}}"#).is_automated());
        assert!(!app("{}").is_automated());
    }

    #[test]
    fn recorded_applications_are_read() {
        macro_rules! recorded {
            ($name:literal) => {
                serde_json::from_str::<App>(include_str!(concat!(
                    "../../tests/contract/argocd/applications/",
                    $name,
                    ".json"
                )))
                .unwrap()
            };
        }
        let whole = recorded!("roadie_e2e_test-app_full");
        assert_eq!(whole.status.summary.images, ["gcr.io/heptio-images/ks-guestbook-demo:0.2"]);
        assert_eq!(whole.sources()[0].repo_url.rsplit('/').next(), Some("argocd-example-apps.git"));
        let state = whole.status.operation_state.as_ref().unwrap();
        assert_eq!((state.phase.as_str(), state.revisions().len()), ("Succeeded", 1));
        assert!(time(state.finished_at.as_deref()).is_some());
        assert!(!whole.is_automated());

        let history = recorded!("gitops-backend_application3").status.history;
        let ids: Vec<i64> = history.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
        assert!(history.iter().all(|entry| time(entry.deployed_at.as_deref()).is_some()));

        let degraded = recorded!("community-plugins_preprod_synced_degraded");
        assert_eq!(degraded.status.health.status, "Degraded");
        assert_eq!(degraded.spec.project, "janus");

        let created = recorded!("roadie_created_app_no_status");
        assert!(created.compared_revisions().is_empty() && created.is_automated());
        assert!(recorded!("argo-cd_test_fakeApp").is_automated());
        assert!(recorded!("argo-cd_child-app_live").is_automated());
    }
}
