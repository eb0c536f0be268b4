//! What templates of runbooks see.

use serde_json::{Map, Value, json};

use crate::dialog::Answers;
use crate::ids::EnvironmentName;
use crate::plan::Plan;
use crate::runbook::Runbook;
use crate::target::PRODUCTION;

/// The answers, by input: a string for a single one, a list of strings where several are allowed.
/// An input that was not asked is an empty string or an empty list.
#[must_use]
pub fn of_answers(runbook: &Runbook, answers: &Answers) -> Map<String, Value> {
    runbook
        .ask
        .iter()
        .map(|question| {
            let given = answers.0.get(&question.name).map_or(&[][..], |given| &given.values);
            let value = if question.many {
                json!(given)
            } else {
                json!(given.first().map_or("", String::as_str))
            };
            (question.name.clone(), value)
        })
        .collect()
}

/// The answers, and with them `plan` (target → its part), `env` (production if any target is, else
/// the first one) and `envs`.
#[must_use]
pub fn of_plan(runbook: &Runbook, answers: &Answers, plan: &Plan) -> Map<String, Value> {
    let mut vars = of_answers(runbook, answers);
    let parts: Map<String, Value> =
        plan.targets.iter().map(|part| (part.target.to_string(), json!(part))).collect();
    let environments: Vec<EnvironmentName> =
        plan.targets.iter().map(|part| plan.environment(&part.target)).collect();
    // A plan without targets is treated as the most careful one.
    let first = if plan.touches_production() { None } else { environments.first() };
    let careful = first.map_or_else(|| PRODUCTION.to_owned(), ToString::to_string);
    vars.insert("plan".into(), Value::Object(parts));
    vars.insert("env".into(), Value::String(careful));
    vars.insert("envs".into(), json!(environments));
    vars
}
