//! Objects of Kubernetes, as far as the double knows them: identity, containers, data.

use std::collections::BTreeMap;

/// What two versions of one object are matched by: group, kind, namespace, name.
pub(crate) type Key = (String, String, String, String);

/// One container and its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The container's name, unique in its workload.
    pub name: String,
    /// The whole image reference, with registry and tag or digest.
    pub image: String,
}

/// One object as a commit wants it, or as it lives in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// API group, empty for the core group.
    pub group: String,
    /// API version without the group.
    pub version: String,
    /// Kind, for example `Deployment`.
    pub kind: String,
    /// Namespace it is deployed to.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Containers, when it is a workload.
    pub containers: Vec<Container>,
    /// Everything else that can differ, as names and values.
    pub data: BTreeMap<String, String>,
    /// Of a workload: `replicas`, `limits.memory`, `requests.cpu`, `env.NAME`.
    pub settings: BTreeMap<String, String>,
    /// `PreSync`, `Sync` or `PostSync` for a hook; hooks are not managed resources (ARGO-16).
    pub hook: Option<String>,
}

impl Object {
    /// An object of this kind in the namespace `default` (an `Application` in `argocd`); group and version follow from the kind.
    #[must_use]
    pub fn new(kind: &str, name: &str) -> Self {
        let (group, version) = match kind {
            "Deployment" | "StatefulSet" | "DaemonSet" => ("apps", "v1"),
            "CronJob" | "Job" => ("batch", "v1"),
            "Rollout" | "Application" => ("argoproj.io", "v1alpha1"),
            "Ingress" => ("networking.k8s.io", "v1"),
            "HorizontalPodAutoscaler" => ("autoscaling", "v2"),
            _ => ("", "v1"),
        };
        // Applications live beside Argo CD, whatever they deploy to.
        let namespace = if kind == "Application" { "argocd" } else { "default" };
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            containers: Vec::new(),
            data: BTreeMap::new(),
            settings: BTreeMap::new(),
            hook: None,
        }
    }

    /// With one more container.
    #[must_use]
    pub fn container(mut self, name: &str, image: &str) -> Self {
        self.containers.push(Container { name: name.to_owned(), image: image.to_owned() });
        self
    }

    /// With one more name and value.
    #[must_use]
    pub fn data(mut self, name: &str, value: &str) -> Self {
        self.data.insert(name.to_owned(), value.to_owned());
        self
    }

    /// As a hook of this phase.
    #[must_use]
    pub fn hook(mut self, phase: &str) -> Self {
        self.hook = Some(phase.to_owned());
        self
    }

    pub(crate) fn key(&self) -> Key {
        (self.group.clone(), self.kind.clone(), self.namespace.clone(), self.name.clone())
    }

    /// Whether a change of this object starts new pods. A `CronJob` has none until it runs.
    pub(crate) fn rolls_out(&self) -> bool {
        matches!(self.kind.as_str(), "Deployment" | "StatefulSet" | "DaemonSet" | "Rollout")
    }

    /// Whether Argo CD has a health check for this kind.
    pub(crate) fn has_health(&self) -> bool {
        self.rolls_out() || matches!(self.kind.as_str(), "Service" | "Ingress" | "Job")
    }

    /// The images of its pods.
    pub(crate) fn pod_images(&self) -> impl Iterator<Item = String> {
        let running = self.rolls_out();
        self.containers.iter().filter(move |_| running).map(|c| c.image.clone())
    }

    /// How `kubectl apply` names it, for example `deployment.apps/wallet-api`.
    pub(crate) fn short(&self) -> String {
        let kind = self.kind.to_lowercase();
        if self.group.is_empty() {
            format!("{kind}/{}", self.name)
        } else {
            format!("{kind}.{}/{}", self.group, self.name)
        }
    }
}
