//! What Wilco's account may do, asked before somebody's deployment meets it (ARGO-8).
//!
//! Rights of Argo CD are given on `project/application`, so an account that may do all that is wanted in its
//! projects is not allowed `*`: it is asked about one application of each project. Rights to actions of objects
//! (`action/apps/Deployment/restart`) have slashes in their names, which this interface takes for the next part
//! of the address: they cannot be asked about.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::Value;
use wilco_core::answer::Trouble;
use wilco_core::target::Target;

use super::ArgoCd;
use super::client::{Instance, read_json};
use crate::http::Request;

/// The namespace that Argo CD usually stands in: its applications are named without it.
const USUAL_NAMESPACE: &str = "argocd";
/// So many projects are looked at; hundreds would make a start wait.
const PROJECTS: usize = 50;

/// What one Argo CD says of Wilco's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The instance.
    pub instance: String,
    /// The account, as far as it can be found out.
    pub account: Option<String>,
    /// How many applications it sees.
    pub applications: usize,
    /// By project.
    pub projects: BTreeMap<String, ProjectRights>,
}

/// What it may do with the applications of a project, by the example of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectRights {
    /// It starts and stops syncs and rollbacks.
    pub sync: bool,
    /// It syncs to a named commit where the server wants a right of its own for that (ARGO-23).
    pub r#override: bool,
    /// It reads logs.
    pub logs: bool,
}

impl ArgoCd {
    /// What the account may do in each instance.
    pub async fn rights(&self) -> Vec<Result<Rights, Trouble>> {
        join_all(self.instances.iter().map(rights)).await
    }
}

async fn rights(instance: &Instance) -> Result<Rights, Trouble> {
    let apps = instance.list(None).await?;
    let mut examples: BTreeMap<String, Target> = BTreeMap::new();
    for app in &apps {
        examples.entry(app.spec.project.clone()).or_insert_with(|| instance.target(app));
    }
    let mut projects = BTreeMap::new();
    for (project, example) in examples.into_iter().take(PROJECTS) {
        let rights = ProjectRights {
            sync: can(instance, "applications", "sync", &project, &example).await?,
            r#override: can(instance, "applications", "override", &project, &example).await?,
            logs: can(instance, "logs", "get", &project, &example).await?,
        };
        projects.insert(project, rights);
    }
    Ok(Rights {
        instance: instance.name.clone(),
        account: instance.account().await,
        applications: apps.len(),
        projects,
    })
}

/// An application outside of Argo CD's own namespace, which only Argo CD knows, has it in its name.
async fn can(
    instance: &Instance,
    resource: &'static str,
    action: &'static str,
    project: &str,
    example: &Target,
) -> Result<bool, Trouble> {
    let Target { namespace, name, .. } = example;
    if asked(instance, resource, action, &[project, name]).await? {
        return Ok(true);
    }
    Ok(namespace != USUAL_NAMESPACE
        && asked(instance, resource, action, &[project, namespace, name]).await?)
}

async fn asked(
    instance: &Instance,
    resource: &'static str,
    action: &'static str,
    object: &[&str],
) -> Result<bool, Trouble> {
    let route = match object.len() {
        2 => "/api/v1/account/can-i/{resource}/{action}/{project}/{name}",
        _ => "/api/v1/account/can-i/{resource}/{action}/{project}/{namespace}/{name}",
    };
    let parts: Vec<&str> = [resource, action].into_iter().chain(object.iter().copied()).collect();
    let request = Request::new(Method::GET, route, &parts, instance.limits().read);
    let answer: Value = read_json(&instance.read(&request).await?)?;
    Ok(answer.get("value").and_then(Value::as_str) == Some("yes"))
}
