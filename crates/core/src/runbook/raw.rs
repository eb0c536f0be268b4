//! A runbook exactly as it is written. The same types give the JSON Schema for editors, so the doc
//! comments here are what an editor shows.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};

pub use super::yaml::{At, Entries};

/// One function of the bot.
// What every runbook must have is optional here, so that the rest of a file that lacks it is still
// checked; the schema says that it is required.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Wilco runbook", rename = "Runbook")]
pub struct RawRunbook {
    /// The name of the function: the word that starts it.
    #[schemars(required, extend("pattern" = r"^\p{L}[\p{L}\p{N}_-]*$"))]
    pub runbook: Option<At<String>>,
    /// Its fixed number in the menu.
    #[schemars(required, range(min = 1, max = 999))]
    pub number: Option<At<u32>>,
    /// What the menu shows.
    #[schemars(required)]
    pub title: Option<RawText>,
    /// Other words that start it.
    #[serde(default)]
    pub aliases: Vec<At<String>>,
    /// Teams whose members may start it; an empty list is nobody.
    #[schemars(required)]
    pub who: Option<Vec<At<String>>>,
    /// What is asked, in order.
    #[serde(default)]
    pub ask: Vec<RawQuestion>,
    /// How the plan is read that people see before anything is done.
    pub plan: Option<At<RawUse>>,
    /// Whose agreement is wanted before anything is done.
    pub approval: Option<At<RawApproval>>,
    /// What is locked for each target while it is worked on; without it, the target itself.
    pub lock: Option<At<String>>,
    /// In what order targets are worked on; `listed` when absent.
    pub order: Option<At<RawOrder>>,
    /// What becomes of targets that were not begun when another one did not succeed; `stop` when absent, with
    /// `parallel` `go on`.
    pub on_failure: Option<At<RawOnFailure>>,
    /// Rooms that are told at start and end: `#room` on the platform of the request, or `adapter:room`.
    #[serde(default)]
    pub announce: Vec<At<String>>,
    /// What is done.
    pub steps: Option<At<Vec<At<RawStep>>>>,
    /// Which question to a tool says why targets did not come up; asked when that happens, for just these.
    pub diagnosis: Option<At<RawUse>>,
    /// The function that takes back what a run of this one did, offered when a run did not succeed as a whole.
    pub undo: Option<At<String>>,
    /// Which question to a tool is answered, for a function that changes nothing.
    pub answer: Option<At<RawUse>>,
    /// The input that names the run which is stopped, for a function that stops runs.
    pub cancel: Option<At<String>>,
    /// The input that names the run whose end is told, for a function that does that.
    pub subscribe: Option<At<String>>,
}

/// A text in both languages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Text")]
pub struct RawText {
    /// In English.
    pub en: At<String>,
    /// In Korean.
    pub ko: At<String>,
}

/// One question of a dialog.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Question")]
pub struct RawQuestion {
    /// The name under which templates see the answer.
    #[schemars(extend("pattern" = "^[A-Za-z_][A-Za-z0-9_]*$"))]
    pub name: At<String>,
    /// What is asked.
    pub text: RawText,
    /// Several answers may be given; templates then see a list.
    #[serde(default)]
    pub many: bool,
    /// What can be chosen: an action that lists it, or the list itself. When absent, anything may be typed.
    pub choices: Option<At<RawChoices>>,
    /// Templates for the parameters of that action.
    #[serde(default)]
    pub with: Entries,
    /// Only choices for which this condition holds are offered; it sees one as `item`.
    #[serde(rename = "where")]
    pub filter: Option<At<String>>,
    /// Why the other choices are not offered, such as "already in sync".
    pub hidden: Option<At<RawText>>,
    /// This question only narrows the choices of a later one, and is not asked when that one was
    /// answered in the request itself.
    pub narrows: Option<At<String>>,
    /// The answer that is taken when the request names nothing.
    pub default: Option<At<RawDefault>>,
}

/// An answer that is taken when the request names nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Default")]
pub enum RawDefault {
    /// All choices.
    All,
}

/// Where choices come from.
#[derive(Debug)]
pub enum RawChoices {
    /// An action.
    Ask(String),
    /// The list itself.
    Fixed(Vec<RawChoice>),
}

/// One choice that stands in the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Choice")]
pub struct RawChoice {
    /// What templates see.
    pub value: At<String>,
    /// What people read.
    pub title: RawText,
}

/// An action with its arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Use")]
pub struct RawUse {
    /// Connector and action: `argocd.diff`.
    #[serde(rename = "use")]
    pub action: At<String>,
    /// Templates for the parameters of the action.
    #[serde(default)]
    pub with: Entries,
}

/// Whose agreement is wanted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Approval")]
pub struct RawApproval {
    /// Wanted only when this condition holds; it sees the answers, `plan`, `env` and `envs`.
    pub when: Option<At<String>>,
    /// Teams whose members may agree; never the person who asked.
    pub by: At<Vec<At<String>>>,
    /// How many people must agree; only 1 is supported so far.
    #[schemars(range(min = 1, max = 1))]
    pub count: Option<At<u32>>,
    /// How long the request stands, such as `30m`; 30 minutes when absent.
    #[schemars(with = "Option<RawDuration>")]
    pub within: Option<At<String>>,
}

/// In what order targets are worked on.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Order")]
pub enum RawOrder {
    /// One after the other; the next starts when the last is healthy.
    Listed,
    /// So many at once.
    Parallel(#[schemars(range(min = 1, max = 50))] u32),
    /// One wave after the other: names of targets, `*` stands for any characters. A target belongs to the first
    /// wave that names it; those that none names come last.
    Waves(Vec<At<Vec<At<String>>>>),
}

/// What becomes of targets that were not begun when another one did not succeed.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "OnFailure")]
pub enum RawOnFailure {
    /// They are not begun.
    #[serde(rename = "stop")]
    Stop,
    /// They are worked on all the same.
    #[serde(rename = "go on")]
    GoOn,
}

/// What is done, for each value of an input.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Step")]
pub struct RawStep {
    /// The input whose values it is done for; templates see one as `item`.
    pub for_each: At<String>,
    /// Connector and action: `argocd.sync`.
    #[serde(rename = "use")]
    pub action: At<String>,
    /// Templates for the parameters of the action.
    #[serde(default)]
    pub with: Entries,
    /// How long it may take until Wilco stops looking and says unknown, such as `15m`; 15 minutes
    /// when absent.
    #[schemars(with = "Option<RawDuration>")]
    pub timeout: Option<At<String>>,
}

/// A length of time in the schema.
struct RawDuration;

impl JsonSchema for RawDuration {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^([0-9]+[hms])+$" })
    }
}

impl<'de> Deserialize<'de> for RawChoices {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ChoicesVisitor)
    }
}

struct ChoicesVisitor;

impl<'de> Visitor<'de> for ChoicesVisitor {
    type Value = RawChoices;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an action such as `argocd.applications` or a list of choices")
    }

    fn visit_str<E>(self, action: &str) -> Result<RawChoices, E> {
        Ok(RawChoices::Ask(action.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<RawChoices, A::Error> {
        Deserialize::deserialize(SeqAccessDeserializer::new(list)).map(RawChoices::Fixed)
    }
}

impl JsonSchema for RawChoices {
    fn schema_name() -> Cow<'static, str> {
        "Choices".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let choice = generator.subschema_for::<RawChoice>();
        schemars::json_schema!({
            "oneOf": [
                { "type": "string", "description": "An action that lists the choices; `time` for a span of time, `version` for the version that the request names." },
                { "type": "array", "minItems": 1, "items": choice },
            ]
        })
    }
}
