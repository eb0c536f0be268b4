//! A tool.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::Value;

use crate::answer::{Answer, Progress, Trouble};
use crate::call::{Call, Finding, Operation};
use crate::entity::EntityKey;
use crate::ids::CallId;

/// One connection to a tool, and the things it can do. Connectors never write the store.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    /// The word before the dot in `use: argocd.sync`.
    fn name(&self) -> &str;

    /// Everything it can do; runbooks are checked against this when they are loaded.
    fn actions(&self) -> &[ActionSpec];

    /// Asks; no effect.
    ///
    /// # Errors
    /// [`Trouble`] for the person to read.
    async fn ask(&self, call: &Call) -> Result<Answer, Trouble>;

    /// Performs an operation once. `permit` must be shown to the HTTP client right before the write.
    /// Returns the receipt that `watch` and `stop` need.
    ///
    /// # Errors
    /// See [`OperationFault`]: only `Refused` says that surely nothing happened.
    async fn perform(
        &self,
        operation: &Operation,
        permit: &Permit,
    ) -> Result<Value, OperationFault>;

    /// Asks the tool whether this operation happened earlier.
    async fn find(&self, operation: &Operation) -> Finding;

    /// How quickly and how surely the tool shows an effect.
    fn recovery(&self, call: &Call) -> Recovery;

    /// Looks how far an operation has come.
    ///
    /// # Errors
    /// [`Trouble`] when the look itself failed; the operation may go on all the same.
    async fn watch(
        &self,
        operation: &Operation,
        receipt: &Value,
        memory: &Value,
    ) -> Result<Progress, Trouble>;

    /// Tells when something that is being watched may have changed, until it is dropped; returns where a tool
    /// tells of nothing. Only a reason to look earlier: a hint may be late, doubled or missing, and what it saw is
    /// not the truth.
    async fn hints(&self, _tell: &(dyn Fn(Hint) + Send + Sync)) {}
}

/// What an operation is about may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Who follows the operation.
    pub owner: EntityKey,
    /// Which operation.
    pub operation: CallId,
    /// Sets this change apart from others of the same operation, for every process that hears of it alike.
    pub change: String,
}

/// One action of a connector.
#[derive(Debug, Clone)]
pub struct ActionSpec {
    /// The word after the dot.
    pub name: &'static str,
    /// What it yields.
    pub kind: ActionKind,
    /// What it takes.
    pub params: &'static [ParamSpec],
    /// One sentence for the documentation and the JSON Schema.
    pub doc: &'static str,
}

/// What an action yields, and so where in a runbook it may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// `Answer::Choices`: for `choices:`.
    Choices,
    /// `Answer::Plan`: for `plan:`.
    Plan,
    /// `Answer::Versions` or `Answer::Report`: for `answer:`.
    Report,
    /// An effect: for `steps:`.
    Operation,
    /// An effect that only a step in progress may cause, such as stopping what it started.
    Internal,
}

/// One argument of an action.
#[derive(Debug, Clone)]
pub struct ParamSpec {
    /// Its name in `with:`.
    pub name: &'static str,
    /// It must be given.
    pub required: bool,
    /// It takes a list.
    pub many: bool,
    /// One sentence.
    pub doc: &'static str,
}

/// The right to write to a tool until a moment on the monotonic clock. The HTTP client checks it
/// right before it sends, so that a sender that was frozen past its lease never writes.
#[derive(Debug, Clone)]
pub struct Permit {
    send_by: Instant,
}

impl Permit {
    /// A permit for this long from `now`.
    #[must_use]
    pub fn until(send_by: Instant) -> Self {
        Self { send_by }
    }

    /// Whether the write may still be sent at `now`.
    #[must_use]
    pub fn is_valid_at(&self, now: Instant) -> bool {
        now < self.send_by
    }
}

/// How an effect shows in the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// The longest that one HTTP request of `perform` may take.
    pub http_timeout: Duration,
    /// How long after the request the tool may still not show it.
    pub visible_after: Duration,
}

/// Why an operation was not performed.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationFault {
    /// Surely nothing happened.
    Refused(Trouble),
    /// The permit had run out before the write; surely nothing was sent by this attempt.
    PermitOver,
    /// Nobody knows: `find` before anything else.
    Unclear(Trouble),
}
