//! What Wilco's accounts may do in the tools it drives, told before somebody's deployment meets it (ARGO-8).

use wilco_connectors::argocd::{ArgoCd, ProjectRights, Rights};
use wilco_core::answer::Trouble;
use wilco_core::lang::Lang;
use wilco_core::words;

/// What was found out about one instance.
pub(crate) struct Found {
    /// It answers, and what it says.
    pub(crate) head: String,
    /// What is missing, one line each.
    pub(crate) lacks: Vec<String>,
    /// It cannot be asked at all, or shows nothing.
    pub(crate) useless: bool,
}

/// Asks every instance.
pub(crate) async fn ask(argocd: &ArgoCd) -> Vec<Found> {
    argocd.rights().await.into_iter().map(|answer| found(answer.as_ref())).collect()
}

/// Says at the start what is missing; a process that cannot ask begins all the same.
pub(crate) async fn warn(argocd: &ArgoCd) {
    for found in ask(argocd).await {
        if found.useless {
            tracing::warn!("{}", found.head);
        }
        for lack in found.lacks {
            tracing::warn!("{lack}");
        }
    }
}

fn found(answer: Result<&Rights, &Trouble>) -> Found {
    let rights = match answer {
        Ok(rights) => rights,
        Err(trouble) => {
            let head = words::trouble::sentence(trouble).to(Lang::En);
            return Found { head, lacks: Vec::new(), useless: true };
        }
    };
    let Rights { instance, account, applications, projects } = rights;
    let account = account.as_deref().unwrap_or("an unknown account");
    let head = format!(
        "Argo CD {instance}: {account} sees {applications} application(s) in {} project(s)",
        projects.len()
    );
    let lacks =
        projects.iter().filter_map(|(project, rights)| lack(instance, project, *rights)).collect();
    Found { head, lacks, useless: *applications == 0 }
}

/// What cannot be done there, and the right that it wants.
fn lack(instance: &str, project: &str, rights: ProjectRights) -> Option<String> {
    let ProjectRights { sync, r#override, logs } = rights;
    let missing = [
        (sync, "`applications, sync`: no deployment, no rollback, no stop"),
        (
            r#override,
            "`applications, override`: no deployment where the server wants it for a named commit",
        ),
        (logs, "`logs, get`: no log lines when something does not come up"),
    ];
    let missing: Vec<&str> =
        missing.into_iter().filter(|(has, _)| !has).map(|(_, what)| what).collect();
    (!missing.is_empty())
        .then(|| format!("Argo CD {instance}, project {project}, lacks {}", missing.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_by_the_right_that_it_wants() {
        let every = ProjectRights { sync: true, r#override: true, logs: true };
        assert_eq!(lack("main", "default", every), None);
        let some = ProjectRights { r#override: false, logs: false, ..every };
        assert_eq!(
            lack("main", "jobs", some).unwrap(),
            "Argo CD main, project jobs, lacks `applications, override`: no deployment where the server wants it \
             for a named commit; `logs, get`: no log lines when something does not come up"
        );
    }
}
