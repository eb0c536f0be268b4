//! The double's own record of what really happened.
//!
//! A test counts effects here and nowhere else: the double does not know what the bot believes it
//! did.

use serde::{Deserialize, Serialize};

/// What kind of effect (or refused effect) was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A sync was accepted.
    Sync,
    /// The controller started a sync by itself.
    AutoSync,
    /// A terminate was accepted.
    Terminate,
    /// A session token was issued.
    SignIn,
    /// A rollback was accepted.
    Rollback,
    /// An action was carried out on an object.
    Action,
    /// A sync was answered with an error.
    SyncRefused,
    /// A rollback was answered with an error.
    RollbackRefused,
    /// A terminate was answered with an error.
    TerminateRefused,
    /// An action was answered with an error.
    ActionRefused,
    /// A sign-in was answered with an error.
    SignInRefused,
}

/// One name and value of an operation's `info` list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Info {
    /// The name, for example `wilco`.
    pub name: String,
    /// The value, for example an idempotency tag.
    pub value: String,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// When, in epoch milliseconds of the double's clock.
    pub at_ms: i64,
    /// What.
    pub kind: EffectKind,
    /// The application's name; absent for a sign-in.
    pub app: Option<String>,
    /// The object of an action, `Deployment/default/wallet-api`.
    pub object: Option<String>,
    /// The action, `restart`; empty for everything else.
    pub action: String,
    /// The account that asked; `automated` for the controller.
    pub account: String,
    /// The resolved revisions of a sync, one per source.
    pub revisions: Vec<String>,
    /// The objects of a partial sync, `Deployment/wallet-api`; empty for the whole application.
    #[serde(default)]
    pub only: Vec<String>,
    /// The `infos` of the sync request.
    pub infos: Vec<Info>,
    /// True when the sync was only a dry run.
    pub dry_run: bool,
    /// Why it was refused; empty for an accepted effect.
    pub reason: String,
}

impl Effect {
    /// An accepted effect without revisions.
    pub(crate) fn new(at_ms: i64, kind: EffectKind, account: &str) -> Self {
        Self {
            at_ms,
            kind,
            app: None,
            object: None,
            action: String::new(),
            account: account.to_owned(),
            revisions: Vec::new(),
            only: Vec::new(),
            infos: Vec::new(),
            dry_run: false,
            reason: String::new(),
        }
    }

    pub(crate) fn app(mut self, app: &str) -> Self {
        self.app = Some(app.to_owned());
        self
    }

    pub(crate) fn reason(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }
}
