//! What Wilco asks of tools and does to them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::answer::{Answer, Trouble};
use crate::entity::EntityKey;
use crate::ids::CallId;

/// A connector's action with its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The connector: `argocd`.
    pub connector: String,
    /// The action: `diff`.
    pub action: String,
    /// The arguments, checked against the action's parameters when the runbook was loaded.
    pub with: Map<String, Value>,
}

/// A question to a tool: no effect, may be repeated. Its answer comes as `Event::Answered`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Names it for ever.
    pub id: CallId,
    /// Who wants the answer.
    pub owner: EntityKey,
    /// What is asked.
    pub call: Call,
}

/// One outside effect. Stored with the state that wants it (*intended*), performed by the engine
/// (*done*), and its outcome stored as `Event::Settled` (*settled*).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Names it for ever; connectors put it into the tool where the tool has room for a tag.
    pub id: CallId,
    /// Who wants the outcome.
    pub owner: EntityKey,
    /// What is done.
    pub call: Call,
    /// What the tool showed before, so that the effect can be recognised: `TargetPlan::evidence`.
    #[serde(default)]
    pub evidence: Value,
}

/// How an operation was settled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Settlement {
    /// The tool took it.
    Done {
        /// What is needed to watch it.
        receipt: Value,
        /// Whether this was found out by asking the tool after a crash or a lost answer.
        found: bool,
    },
    /// The tool surely did not take it.
    Refused {
        /// Why.
        trouble: Trouble,
    },
    /// Nobody can tell. It is never sent again.
    Unsure {
        /// What was seen.
        trouble: Trouble,
    },
}

/// What asking the tool about an earlier effect showed.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It happened; with the receipt.
    Found(Value),
    /// It did not happen. Counts only when nobody can still be sending.
    NotFound,
    /// A part of it happened, and performing it again does the rest and nothing twice: an operation on
    /// several objects that broke off in between. Counts as [`Finding::NotFound`] does.
    Partly,
    /// Cannot be told, and asking again will not help. With what was seen instead: names and values of
    /// the tool, no sentence, because people read it in either language.
    Unsure(String),
    /// The tool could not be asked now; asking again later may help.
    NotNow(Trouble),
}

/// The answer to a query as an event carries it.
pub type QueryOutcome = Result<Answer, Trouble>;
