//! What tells our operation from those of others.

use super::evidence::Evidence;
use super::wire::{App, Operation, OperationState};

/// A sync has room for our tag (ARGO-22). A rollback has none (ARGO-36): it is ours when our account started
/// it, it goes to the planned revisions, and it is not the operation that was there before. Our account starts
/// nothing else meanwhile, because the application is locked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark<'a> {
    Tag(&'a str),
    Account {
        name: &'a str,
        revisions: &'a [String],
        /// When the operation before it began.
        before: Option<&'a str>,
    },
}

impl<'a> Mark<'a> {
    /// The mark of the operation with this id.
    pub(super) fn of(id: &'a str, evidence: Option<&'a Evidence>) -> Self {
        let rollback = evidence.filter(|evidence| evidence.entry.is_some());
        match rollback {
            Some(evidence) => Self::Account {
                // Without a name nothing is ours, and nobody can tell.
                name: evidence.account.as_deref().unwrap_or_default(),
                revisions: &evidence.revisions,
                before: evidence.operation_started_at.as_deref(),
            },
            None => Self::Tag(id),
        }
    }

    fn is_on(&self, operation: &Operation) -> bool {
        match self {
            Self::Tag(tag) => operation.is_tagged(tag),
            Self::Account { name, revisions, .. } => {
                let by = &operation.initiated_by;
                let ours = !name.is_empty() && by.username == *name && !by.automated;
                ours && operation.tag().is_none() && operation.revisions() == *revisions
            }
        }
    }

    /// Whether the operation that runs or is queued is ours.
    pub(super) fn runs(&self, app: &App) -> bool {
        app.operation.as_ref().is_some_and(|operation| self.is_on(operation))
    }

    /// The state of the last operation, when that is ours.
    pub(super) fn state<'b>(&self, app: &'b App) -> Option<&'b OperationState> {
        let state =
            app.status.operation_state.as_ref().filter(|state| self.is_on(&state.operation))?;
        match self {
            Self::Account { before: Some(before), .. }
                if state.started_at.as_deref() == Some(before) =>
            {
                None
            }
            _ => Some(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn app(username: &str, revision: &str, started_at: &str) -> App {
        let operation = json!({
            "initiatedBy": { "username": username },
            "sync": { "revision": revision },
        });
        serde_json::from_value(json!({
            "operation": operation,
            "status": { "operationState": { "operation": operation, "startedAt": started_at } },
        }))
        .unwrap()
    }

    #[test]
    fn argo_36_a_rollback_is_ours_by_account_revision_and_time() {
        let revisions = vec!["r1".to_owned()];
        let mark = Mark::Account { name: "wilco", revisions: &revisions, before: Some("09:00") };
        let ours = app("wilco", "r1", "09:05");
        assert!(mark.runs(&ours) && mark.state(&ours).is_some());
        assert!(mark.state(&app("wilco", "r1", "09:00")).is_none(), "the one before");
        for other in [app("sora", "r1", "09:05"), app("wilco", "r2", "09:05")] {
            assert!(!mark.runs(&other) && mark.state(&other).is_none());
        }
        let mut tagged = ours;
        let info = json!([{ "name": "wilco", "value": "r9.1" }]);
        let operation = tagged.operation.as_mut().unwrap();
        operation.info = serde_json::from_value(info).unwrap();
        assert!(!mark.runs(&tagged), "a sync of ours");
        let nobody = Mark::Account { name: "", revisions: &revisions, before: None };
        assert!(!nobody.runs(&app("", "r1", "09:05")));
    }
}
