//! One Argo CD: its calls, each with sign-in, project and namespace as the server wants them.

mod exchange;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use wilco_core::answer::{CommitNote, Trouble, TroubleKind};
use wilco_core::chart::{Chart, MissingChart};
use wilco_core::port::{OperationFault, Permit};
use wilco_core::target::Target;

use super::charts::{about, missing};
use super::config::{ConfigFault, InstanceConfig, Limits};
use super::error::Refusal;
use super::followed::Followed;
use super::part::ObjectKey;
use super::restart::ObjectName;
use super::session::Session;
use super::watch::{Child, is_from_before};
use super::wire::{
    Actions, App, Listed, Managed, ManagedItem, Manifests, Node, Resource, RevisionMetadata, TAG,
    Tree, UserInfo, Windows, time,
};
use crate::Now;
use crate::http::{Http, Reply, Request};

const LIST: &str = "/api/v1/applications";
const APP: &str = "/api/v1/applications/{name}";

/// The whole `spec` is asked for and not its parts: older servers do not know the parts and drop
/// them without an error (ARGO-10).
const FIELDS: &str = "items.metadata.name,items.metadata.namespace,items.metadata.labels,items.spec,\
                      items.status.sync.status,items.status.health,items.status.summary,\
                      items.operation.sync,items.status.operationState.startedAt,\
                      items.status.operationState.finishedAt";

/// What a refused or failed write left behind.
#[derive(Debug)]
pub(super) enum WriteError {
    /// Argo CD said no in its own words.
    Refused(Refusal),
    /// See [`OperationFault`].
    Fault(OperationFault),
}

/// What a sync shall bring.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// One for each source.
    pub(super) revisions: &'a [String],
    /// The application has several sources.
    pub(super) several: bool,
    /// These objects only; all when there are none.
    pub(super) only: &'a [ObjectKey],
}

/// How fresh an application is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As the cluster holds it.
    Plain,
    /// After Argo CD has looked into git again (ARGO-14).
    Refreshed,
}

/// One Argo CD.
pub(super) struct Instance {
    pub(super) name: String,
    pub(super) short_names: BTreeMap<String, String>,
    http: Http,
    session: Session,
    limits: Limits,
    /// Project by (namespace, name): calls without it cannot tell "missing" from "forbidden"
    /// (ARGO-7).
    projects: Mutex<HashMap<(String, String), String>>,
    account: OnceCell<String>,
    /// What is followed at the moment.
    pub(super) followed: Followed,
    streams: bool,
}

impl Instance {
    /// `connection` names it in troubles.
    pub(super) fn new(
        config: InstanceConfig,
        connection: &str,
        now: Now,
    ) -> Result<Self, ConfigFault> {
        let http = Http::new(connection, &config.url, config.ca_pem.as_deref())
            .map_err(|fault| ConfigFault::Http { name: config.name.clone(), fault })?;
        Ok(Self {
            session: Session::new(config.sign_in, config.limits.read, now),
            name: config.name,
            short_names: config.repositories,
            http,
            limits: config.limits,
            projects: Mutex::default(),
            account: OnceCell::new(),
            followed: Followed::default(),
            streams: config.stream,
        })
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn trouble(&self, kind: TroubleKind, detail: &str) -> Trouble {
        self.http.trouble(kind, detail)
    }

    /// A target of this instance.
    pub(super) fn target(&self, app: &App) -> Target {
        Target {
            instance: self.name.clone(),
            namespace: app.metadata.namespace.clone(),
            name: app.metadata.name.clone(),
        }
    }

    /// All applications that the account may see, or those of one name; only the fields of a list.
    pub(super) async fn list(&self, name: Option<&str>) -> Result<Vec<App>, Trouble> {
        let mut request = Request::get(LIST, &[], self.limits.read).query("fields", FIELDS);
        if let Some(name) = name {
            request = request.query("name", name);
        }
        let listed: Listed = match self.read(&request).await? {
            // Newer servers answer a name that is nowhere with 404, others with an empty list.
            reply if name.is_some() && reply.status() == 404 => Listed::default(),
            reply => read_json(&reply)?,
        };
        let apps: Vec<App> =
            listed.items.into_iter().filter(|app| !app.metadata.name.is_empty()).collect();
        for app in &apps {
            self.remember(app);
        }
        Ok(apps)
    }

    /// Learns the projects of many targets with one list instead of one each.
    pub(super) async fn learn(&self, targets: &[Target]) -> Result<(), Trouble> {
        let mut ours = targets.iter().filter(|target| target.instance == self.name);
        if targets.len() > 1 && ours.any(|target| self.known_project(target).is_none()) {
            self.list(None).await?;
        }
        Ok(())
    }

    /// One application.
    pub(super) async fn app(&self, target: &Target, look: Look) -> Result<App, Trouble> {
        let known = self.known_project(target);
        let from_memory = known.is_some();
        let project = match known {
            Some(project) => project,
            None => self.look_up_project(target).await?,
        };
        let mut reply = self.get_app(target, &project, look).await?;
        if reply.status() == 404 && from_memory {
            // It may have moved to another project since.
            let moved = self.look_up_project(target).await?;
            if moved != project {
                reply = self.get_app(target, &moved, look).await?;
            }
        }
        let app: App = self.app_json(target, &reply)?;
        if app.metadata.name != target.name {
            return Err(self.about(target, reply.as_trouble(TroubleKind::Garbled, &reply.shape())));
        }
        self.remember(&app);
        Ok(app)
    }

    async fn get_app(&self, target: &Target, project: &str, look: Look) -> Result<Reply, Trouble> {
        let timeout = match look {
            Look::Plain => self.limits.read,
            Look::Refreshed => self.limits.refresh,
        };
        let mut request = Request::get(APP, &[&target.name], timeout)
            .query("project", project)
            .query("appNamespace", &target.namespace);
        if look == Look::Refreshed {
            request = request.query("refresh", "normal");
        }
        self.read(&request).await.map_err(|trouble| self.about(target, trouble))
    }

    /// The objects as git wants them and as they are; `None` when the controller has not compared
    /// the application yet (ARGO-16).
    pub(super) async fn managed(
        &self,
        target: &Target,
        project: &str,
    ) -> Result<Option<Vec<ManagedItem>>, Trouble> {
        let request = self.below(target, project, "/api/v1/applications/{name}/managed-resources");
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        if reply.status() >= 500 && reply.trouble().detail.contains("cache: key is missing") {
            return Ok(None);
        }
        let managed: Managed = self.app_json(target, &reply)?;
        Ok(Some(managed.items.into_iter().filter(|item| !item.hook).collect()))
    }

    /// Whether its windows let a person sync now (ARGO-24). A server that does not say so is asked
    /// again by the sync itself.
    pub(super) async fn can_sync(&self, target: &Target, project: &str) -> Result<bool, Trouble> {
        let request = self.below(target, project, "/api/v1/applications/{name}/syncwindows");
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        let windows: Windows = self.app_json(target, &reply)?;
        Ok(windows.can_sync.unwrap_or(true))
    }

    /// Who made the commits and why, one for each source that is no chart; what cannot be read is
    /// left out.
    pub(super) async fn commits(&self, target: &Target, app: &App) -> Vec<CommitNote> {
        let mut commits = Vec::new();
        let sources = app.sources();
        for (index, revision) in app.compared_revisions().iter().enumerate() {
            if sources.get(index).is_none_or(|source| !source.chart.is_empty()) {
                continue;
            }
            let mut request = Request::get(
                "/api/v1/applications/{name}/revisions/{revision}/metadata",
                &[&target.name, revision],
                self.limits.read,
            )
            .query("project", &app.spec.project)
            .query("appNamespace", &target.namespace);
            if sources.len() > 1 {
                request = request.query("sourceIndex", index.to_string());
            }
            let answer = self.read(&request).await.and_then(|reply| read_json(&reply));
            let metadata: RevisionMetadata = match answer {
                Ok(metadata) => metadata,
                Err(trouble) => {
                    tracing::debug!(?trouble, %target, "no revision metadata");
                    continue;
                }
            };
            commits.push(CommitNote {
                revision: revision.clone(),
                author: name_of(&metadata.author).to_owned(),
                title: metadata.message.lines().next().unwrap_or_default().to_owned(),
                at: time(metadata.date.as_deref()),
            });
        }
        commits
    }

    /// What each of these charts says of itself; what cannot be read is left empty (ARGO-17).
    pub(super) async fn describe(&self, target: &Target, app: &App, charts: &mut [Chart]) {
        let sources = app.sources();
        let several = sources.len() > 1;
        let at = sources.iter().enumerate().filter(|(_, source)| !source.chart.is_empty());
        for (chart, (index, _)) in charts.iter_mut().zip(at) {
            let mut request = Request::get(
                "/api/v1/applications/{name}/revisions/{revision}/chartdetails",
                &[&target.name, &chart.to],
                self.limits.read,
            )
            .query("project", &app.spec.project)
            .query("appNamespace", &target.namespace);
            if several {
                request = request.query("sourceIndex", index.to_string());
            }
            match self.read(&request).await.and_then(|reply| read_json(&reply)) {
                Ok(details) => chart.about = about(&details),
                Err(trouble) => tracing::debug!(?trouble, %target, "no details of the chart"),
            }
        }
    }

    /// Our account's name as Argo CD writes it into its history; `None` when it cannot be found out.
    pub(super) async fn account(&self) -> Option<String> {
        if let Some(username) = self.session.username() {
            return Some(username.to_owned());
        }
        let ask = async {
            let request = Request::get("/api/v1/session/userinfo", &[], self.limits.read);
            let info: UserInfo = read_json(&self.read(&request).await?)?;
            if info.username.is_empty() {
                Err(self.trouble(TroubleKind::Garbled, "no username"))
            } else {
                Ok(info.username)
            }
        };
        self.account.get_or_try_init(|| ask).await.ok().cloned()
    }

    /// Starts a sync of exactly these revisions, tagged: of the whole application, or of these objects only (ARGO-26).
    /// Options and retries stay the application's own (ARGO-19).
    pub(super) async fn sync(
        &self,
        target: &Target,
        project: &str,
        wanted: Wanted<'_>,
        tag: &str,
        permit: &Permit,
    ) -> Result<Reply, WriteError> {
        let Wanted { revisions, several, only } = wanted;
        let mut body = json!({
            "name": target.name,
            "appNamespace": target.namespace,
            "project": project,
            "infos": [{ "name": TAG, "value": tag }],
        });
        if several {
            // Counted from 1, and as numbers: the server reads them with Go's own JSON decoder
            // (util/grpc/json.go), though the swagger calls 64-bit numbers strings.
            body["sourcePositions"] = (1..=revisions.len()).collect();
            body["revisions"] = json!(revisions);
        } else {
            body["revision"] = json!(revisions.first());
        }
        if !only.is_empty() {
            body["resources"] = json!(only);
        }
        let route = "/api/v1/applications/{name}/sync";
        let request = Request::new(Method::POST, route, &[&target.name], self.limits.write);
        self.write(target, &request.json(body), permit).await
    }

    /// Asks for a rollback to an entry of the history (ARGO-36).
    pub(super) async fn rollback(
        &self,
        target: &Target,
        project: &str,
        entry: i64,
        permit: &Permit,
    ) -> Result<Reply, WriteError> {
        // A number: the server reads it with Go's own JSON decoder, as in a sync.
        let body = json!({
            "name": target.name,
            "appNamespace": target.namespace,
            "project": project,
            "id": entry,
        });
        let route = "/api/v1/applications/{name}/rollback";
        let request = Request::new(Method::POST, route, &[&target.name], self.limits.write);
        self.write(target, &request.json(body), permit).await
    }

    /// What the application's present sources want at these revisions (ARGO-17), or the chart that is not there any
    /// more. Rendering takes its time.
    pub(super) async fn manifests(
        &self,
        target: &Target,
        project: &str,
        revisions: &[String],
    ) -> Result<Result<Manifests, MissingChart>, Trouble> {
        let route = "/api/v1/applications/{name}/manifests";
        let mut request = Request::get(route, &[&target.name], self.limits.refresh)
            .query("project", project)
            .query("appNamespace", &target.namespace);
        if let [only] = revisions {
            request = request.query("revision", only);
        } else {
            for (at, revision) in revisions.iter().enumerate() {
                let position = (at + 1).to_string();
                request = request.query("revisions", revision).query("sourcePositions", &position);
            }
        }
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        if let Some(missing) = missing_in(&reply) {
            return Ok(Err(missing));
        }
        self.app_json(target, &reply).map(Ok)
    }

    /// Asks Argo CD to stop the operation in progress (ARGO-38).
    pub(super) async fn terminate(
        &self,
        target: &Target,
        project: &str,
        permit: &Permit,
    ) -> Result<Reply, WriteError> {
        let route = "/api/v1/applications/{name}/operation";
        let request = Request::new(Method::DELETE, route, &[&target.name], self.limits.write)
            .query("project", project)
            .query("appNamespace", &target.namespace);
        self.write(target, &request, permit).await
    }

    /// The workloads whose pods can be replaced: those that nothing else made (ARGO-39).
    pub(super) async fn workloads(
        &self,
        target: &Target,
        project: &str,
    ) -> Result<Vec<Node>, Trouble> {
        let restarts = |node: &Node| {
            let known = matches!(
                (node.group.as_str(), node.kind.as_str()),
                ("apps", "Deployment" | "StatefulSet" | "DaemonSet") | ("argoproj.io", "Rollout")
            );
            known && node.parent_refs.is_empty()
        };
        Ok(self.nodes(target, project).await?.into_iter().filter(restarts).collect())
    }

    /// All objects of the resource tree.
    pub(super) async fn nodes(&self, target: &Target, project: &str) -> Result<Vec<Node>, Trouble> {
        let request = self.below(target, project, "/api/v1/applications/{name}/resource-tree");
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        let tree: Tree = self.app_json(target, &reply)?;
        Ok(tree.nodes)
    }

    /// The events of one object: all three of its names must be those of the tree (ARGO-40).
    pub(super) async fn events_of(
        &self,
        target: &Target,
        project: &str,
        node: &Node,
    ) -> Result<Value, Trouble> {
        let request = self
            .below(target, project, "/api/v1/applications/{name}/events")
            .query("resourceUID", &node.uid)
            .query("resourceName", &node.name)
            .query("resourceNamespace", &node.namespace);
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        self.app_json(target, &reply)
    }

    /// The last lines of a container as the tool sends them: JSON, line by line. With `follow` or without a
    /// number of lines the answer would never end (ARGO-40).
    pub(super) async fn log_text(
        &self,
        target: &Target,
        project: &str,
        pod: &Node,
        container: &str,
        previous: bool,
        lines: u32,
    ) -> Result<String, Trouble> {
        let mut request = self
            .below(target, project, "/api/v1/applications/{name}/logs")
            .query("namespace", &pod.namespace)
            .query("podName", &pod.name)
            .query("tailLines", lines.to_string())
            .query("follow", "false");
        if !container.is_empty() {
            request = request.query("container", container);
        }
        if previous {
            request = request.query("previous", "true");
        }
        let reply = self.read(&request).await.map_err(|trouble| self.about(target, trouble))?;
        if reply.is_success() {
            return Ok(reply.text());
        }
        let refused: Result<Value, Trouble> = self.app_json(target, &reply);
        refused.map(|_| String::new())
    }

    /// The names of the actions that can be used on an object now.
    pub(super) async fn actions(
        &self,
        target: &Target,
        project: &str,
        object: &ObjectName,
    ) -> Result<Vec<String>, Trouble> {
        let request = self.below(target, project, "/api/v1/applications/{name}/resource/actions");
        let reply = self.read(&object.queried(request)).await;
        let reply = reply.map_err(|trouble| self.about(target, trouble))?;
        let answer: Actions = self.app_json(target, &reply)?;
        let open = answer.actions.into_iter().filter(|action| !action.disabled);
        Ok(open.map(|action| action.name).collect())
    }

    /// One object as the cluster holds it; `None` when it is no longer part of the application.
    pub(super) async fn object(
        &self,
        target: &Target,
        project: &str,
        object: &ObjectName,
    ) -> Result<Option<Value>, Trouble> {
        let request = self.below(target, project, "/api/v1/applications/{name}/resource");
        let reply = self.read(&object.queried(request)).await;
        let reply = reply.map_err(|trouble| self.about(target, trouble))?;
        let answer: Result<Resource, Trouble> = self.app_json(target, &reply);
        let manifest = match answer {
            Ok(resource) => resource.manifest,
            Err(trouble) if is_gone(&trouble) => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        serde_json::from_str(&manifest).map(Some).map_err(|why| {
            self.about(target, self.trouble(TroubleKind::Garbled, &format!("{object}: {why}")))
        })
    }

    /// Asks for an action on one object: version 2 of the call, and version 1 where the server knows no
    /// other (ARGO-39).
    pub(super) async fn act(
        &self,
        target: &Target,
        project: &str,
        object: &ObjectName,
        action: &str,
        permit: &Permit,
    ) -> Result<(), WriteError> {
        let ObjectName { group, version, kind, namespace, name } = object;
        let body = json!({
            "name": target.name,
            "appNamespace": target.namespace,
            "project": project,
            "namespace": namespace,
            "resourceName": name,
            "version": version,
            "group": group,
            "kind": kind,
            "action": action,
            "resourceActionParameters": [],
        });
        let route = "/api/v1/applications/{name}/resource/actions/v2";
        let request = Request::new(Method::POST, route, &[&target.name], self.limits.write);
        match self.write(target, &request.json(body), permit).await {
            Err(WriteError::Refused(Refusal::NoSuchCall(_))) => {}
            answer => return answer.map(drop),
        }
        let route = "/api/v1/applications/{name}/resource/actions";
        let request = Request::new(Method::POST, route, &[&target.name], self.limits.write)
            .query("project", project)
            .query("appNamespace", &target.namespace)
            .json(json!(action));
        self.write(target, &object.queried(request), permit).await.map(drop)
    }

    /// The trouble, with the name of the application it is about.
    pub(super) fn about(&self, target: &Target, trouble: Trouble) -> Trouble {
        let detail = format!("{}: {}", target.name, trouble.detail);
        self.trouble(trouble.kind, detail.trim_end_matches([' ', ':']))
    }

    /// The applications that are objects of another one; what Argo CD does not show is `None`. One that
    /// was not compared since the sync of its parent ended is compared now, so that nobody waits for the
    /// controller's round of minutes.
    pub(super) async fn children(
        &self,
        targets: &[Target],
        parent_finished_at: Option<&str>,
    ) -> Result<Vec<Child>, Trouble> {
        let mut found = Vec::new();
        for target in targets {
            let app = match self.app(target, Look::Plain).await {
                Ok(app) if is_from_before(&app, parent_finished_at) => {
                    // One that takes too long is found at the next look.
                    Some(self.app(target, Look::Refreshed).await.unwrap_or(app))
                }
                Ok(app) => Some(app),
                Err(trouble) if trouble.kind == TroubleKind::NotFound => None,
                Err(trouble) => return Err(trouble),
            };
            found.push(Child { name: target.name.clone(), app });
        }
        Ok(found)
    }

    fn below(&self, target: &Target, project: &str, route: &'static str) -> Request {
        Request::get(route, &[&target.name], self.limits.read)
            .query("project", project)
            .query("appNamespace", &target.namespace)
    }

    fn app_json<T: DeserializeOwned>(&self, target: &Target, reply: &Reply) -> Result<T, Trouble> {
        read_json(reply).map_err(|trouble| self.about(target, trouble))
    }

    fn remember(&self, app: &App) {
        if !app.spec.project.is_empty() {
            let key = (app.metadata.namespace.clone(), app.metadata.name.clone());
            let mut projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
            projects.insert(key, app.spec.project.clone());
        }
    }

    fn known_project(&self, target: &Target) -> Option<String> {
        let key = (target.namespace.clone(), target.name.clone());
        let projects = self.projects.lock().unwrap_or_else(PoisonError::into_inner);
        projects.get(&key).cloned()
    }

    async fn look_up_project(&self, target: &Target) -> Result<String, Trouble> {
        let listed = self.list(Some(&target.name)).await;
        let listed = listed.map_err(|trouble| self.about(target, trouble))?;
        let found = listed.into_iter().find(|app| self.target(app) == *target);
        found
            .map(|app| app.spec.project)
            .ok_or_else(|| self.about(target, self.trouble(TroubleKind::NotFound, "")))
    }
}

/// The chart that could not be rendered because its repository does not have it.
fn missing_in(reply: &Reply) -> Option<MissingChart> {
    let body = reply.value().filter(|_| !reply.is_success())?;
    missing(body.get("message")?.as_str()?)
}

/// Whether the answer says that there is no such object, in Argo CD's own words: it is an "invalid argument"
/// among others, and a gateway says "not found" of other things.
fn is_gone(trouble: &Trouble) -> bool {
    trouble.detail.contains("not found as part of application")
}

/// The content of a success, or what Argo CD said instead.
pub(super) fn read_json<T: DeserializeOwned>(reply: &Reply) -> Result<T, Trouble> {
    if !reply.is_success() {
        return Err(Refusal::of(reply).into_trouble());
    }
    reply.json()
}

/// Whether the answer to a sync shows the application with an operation (ARGO-20).
pub(super) fn accepted(reply: &Reply) -> Result<App, Trouble> {
    reply.json()
}
/// The name of a git author such as `Mina Kim <mina@example.com>`: an address says nothing more to
/// a person in a hurry.
pub(super) fn name_of(author: &str) -> &str {
    match author.split_once('<') {
        Some((name, _)) if !name.trim().is_empty() => name.trim(),
        _ => author,
    }
}
