//! A runbook: one file that defines one function of the bot, after all its names were checked.
//!
//! The file is read into [`raw`] types first; [`load()`] turns them into the types here, or into
//! diagnostics with file, line, column and a suggestion. [`Catalog::build`] does so for all files.
//!
//! What templates and conditions see, as one JSON object, made by [`crate::vars`]:
//!
//! | name | what it holds | where it is known |
//! |---|---|---|
//! | each answer, by its question's `name` | a text; a list of texts for `many`; empty when the question was not asked (`narrows`) | after that question, and in everything behind `ask` |
//! | `item` in `where` | one offer: its facts, `value` and `title` | `where` |
//! | `item` elsewhere | the whole name of the target, `instance/namespace/name` | `lock`, `steps` |
//! | `plan` | by whole target name, the target's plan as JSON | `approval.when`, `steps` |
//! | `env` | `production` when any target is in production, else the environment of the first | `approval.when`, `steps` |
//! | `envs` | the environment of each target | `approval.when`, `steps` |

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Call;
use crate::ids::{DefinitionHash, RunbookName, TeamName};
use crate::lang::Text;
use crate::plan::Plan;
use crate::target::Pattern;

mod ask;
pub mod catalog;
mod check;
pub mod diagnostic;
pub mod embedded;
pub mod load;
mod openings;
pub mod raw;
pub mod schema;
#[cfg(test)]
pub(crate) mod shipped;
pub mod template;
mod template_words;
pub mod yaml;

pub use catalog::Catalog;
pub use diagnostic::Diagnostic;
pub use load::{Known, load, load_pinned};
pub use template::{Condition, Template, TemplateFault};

/// One function of the bot.
#[derive(Debug, Clone)]
pub struct Runbook {
    /// Its name.
    pub name: RunbookName,
    /// SHA-256 of its source: what dialogs and runs name.
    pub hash: DefinitionHash,
    /// The file as it was read, kept under the hash when first used.
    pub source: String,
    /// Its fixed number in the menu.
    pub number: u32,
    /// What the menu shows.
    pub title: Text,
    /// Other words that start it; the name itself always does.
    pub aliases: Vec<String>,
    /// Teams whose members may start it; empty is nobody.
    pub who: Vec<TeamName>,
    /// What is asked, in order.
    pub ask: Vec<Question>,
    /// What happens with the answers.
    pub does: Does,
}

/// What a runbook does with its answers.
#[derive(Debug, Clone)]
pub enum Does {
    /// It asks a tool and shows the answer; no effect, no confirmation.
    Answer(Use),
    /// It changes something.
    Run(Box<Procedure>),
    /// It stops a run that the person chose; the value of this input names it.
    Cancel {
        /// The input that holds the run.
        run: String,
    },
    /// It tells the person when a run that they chose is over.
    Subscribe {
        /// The input that holds the run.
        run: String,
    },
}

impl Runbook {
    /// The function that takes back what a run of this one did, if it names one.
    #[must_use]
    pub fn undo(&self) -> Option<&RunbookName> {
        match &self.does {
            Does::Run(procedure) => procedure.undo.as_ref(),
            Does::Answer(_) | Does::Cancel { .. } | Does::Subscribe { .. } => None,
        }
    }
}

/// How a runbook changes something.
#[derive(Debug, Clone)]
pub struct Procedure {
    /// How the plan is read.
    pub plan: Use,
    /// Whose agreement is wanted.
    pub approval: Option<ApprovalRule>,
    /// In what order targets are worked on.
    pub order: Order,
    /// What becomes of those that were not begun when one did not succeed.
    pub on_failure: OnFailure,
    /// Rooms that are told at start and end, as `adapter:room` or `#room` on the adapter of the request.
    pub announce: Vec<String>,
    /// The effect, for each target. One step in this version.
    pub step: Step,
    /// Which question to a tool says why targets did not come up.
    pub diagnosis: Option<Use>,
    /// The function that takes back what a run of this one did: its first question takes the run, the next the
    /// targets.
    pub undo: Option<RunbookName>,
}

/// One effect.
#[derive(Debug, Clone)]
pub struct Step {
    /// The input whose values it is done for.
    pub for_each: String,
    /// What is done.
    pub action: Use,
    /// How long it may take until Wilco stops looking and says unknown.
    pub timeout: Duration,
}

/// In what order targets are worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// One after the other, as listed; the next starts when the last is healthy.
    Listed,
    /// So many at once.
    Parallel(usize),
    /// One wave after the other, the targets of one wave at once. A target belongs to the first wave of
    /// which a pattern fits; those that fit nowhere come last.
    Waves(Vec<Vec<Pattern>>),
}

/// What becomes of the targets that were not begun when one did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// They are not begun, and that is told.
    Stop,
    /// They are worked on all the same.
    GoOn,
}

impl Order {
    /// What an order means when the runbook does not say: where order matters, what follows a failure is
    /// not begun.
    #[must_use]
    pub fn on_failure(&self) -> OnFailure {
        match self {
            Self::Listed | Self::Waves(_) => OnFailure::Stop,
            Self::Parallel(_) => OnFailure::GoOn,
        }
    }

    /// The plan in this order.
    #[must_use]
    pub fn arrange(&self, plan: Plan) -> Plan {
        match self {
            Self::Listed | Self::Parallel(_) => plan,
            Self::Waves(patterns) => plan.in_waves(patterns),
        }
    }

    /// How many targets may be worked on at once.
    #[must_use]
    pub fn at_once(&self) -> usize {
        match self {
            Self::Listed => 1,
            Self::Parallel(count) => (*count).max(1),
            Self::Waves(_) => usize::try_from(AT_ONCE_MAX).unwrap_or(usize::MAX),
        }
    }
}

/// So many targets are worked on at once at most, whatever a runbook says.
pub(crate) const AT_ONCE_MAX: u32 = 50;

/// `approval:` of a runbook.
#[derive(Debug, Clone)]
pub struct ApprovalRule {
    /// When it is wanted; always, if absent. Sees `env` (the most careful one of the targets), `envs`, inputs and `plan`.
    pub when: Option<Condition>,
    /// Teams whose members may agree.
    pub by: Vec<TeamName>,
    /// How long the request stands.
    pub within: Duration,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The input it fills.
    pub name: String,
    /// What is asked.
    pub text: Text,
    /// Several answers may be given.
    pub many: bool,
    /// What can be chosen.
    pub choices: Choices,
    /// Which of them are offered.
    pub filter: Option<Condition>,
    /// Why the others are not, such as "already in sync".
    pub hidden: Option<Text>,
    /// It only narrows the choices of this later question, and is not asked when that one was
    /// answered in the request itself.
    pub narrows: Option<String>,
    /// The answer `all` is taken when the request names nothing.
    pub default_all: bool,
}

/// Where choices come from.
#[derive(Debug, Clone)]
pub enum Choices {
    /// A tool is asked.
    Ask(Use),
    /// They stand in the file: value and title.
    Fixed(Vec<(String, Text)>),
    /// Anything may be typed.
    Free,
    /// A span of time, taken out of the request wherever it stands there; the last day when it names none.
    Time,
    /// The version that is asked for, taken out of the request wherever it stands there; nothing when it names none.
    /// What the plan brings is compared with it.
    Version,
}

/// An action with templates for its arguments.
#[derive(Debug, Clone)]
pub struct Use {
    /// The connector.
    pub connector: String,
    /// The action.
    pub action: String,
    /// Templates by parameter.
    pub with: BTreeMap<String, Template>,
    /// The action has the parameter [`FRESH`], and the runbook leaves it to the dialog.
    pub looks_anew: bool,
}

/// The parameter of an action that lists choices: whole names which the tool shall look at anew before it
/// lists them. What a tool lists may be minutes old; whoever names something it leaves out may know
/// better.
pub const FRESH: &str = "fresh";

impl Use {
    /// The action with its arguments.
    ///
    /// # Errors
    /// When a template has no value; the fault names the argument.
    pub fn call(&self, vars: &Value) -> Result<Call, TemplateFault> {
        let mut with = Map::new();
        for (name, template) in &self.with {
            let value = template.evaluate(vars).map_err(|fault| TemplateFault {
                message: format!(
                    "`{name}` of `{}.{}`: {}",
                    self.connector, self.action, fault.message
                ),
                ..fault
            })?;
            with.insert(name.clone(), value);
        }
        Ok(Call { connector: self.connector.clone(), action: self.action.clone(), with })
    }
}
