//! Renders the templates of a runbook for a run.

use serde_json::{Map, Value};

use crate::call::Call;
use crate::dialog::{Answers, Given};
use crate::runbook::{Does, Procedure, Runbook, Use};
use crate::target::Target;
use crate::vars::{of_answers, of_plan};

use super::Run;

/// Renders the arguments of an action.
fn render(action: &Use, vars: Map<String, Value>) -> Result<Call, String> {
    let vars = Value::Object(vars);
    let with = action
        .with
        .iter()
        .map(|(name, template)| {
            let value = template.evaluate(&vars).map_err(|fault| format!("{name}: {fault}"))?;
            Ok((name.clone(), value))
        })
        .collect::<Result<_, String>>()?;
    Ok(Call { connector: action.connector.clone(), action: action.action.clone(), with })
}

/// The question that reads the whole plan again.
pub(super) fn plan(runbook: &Runbook, procedure: &Procedure, run: &Run) -> Result<Call, String> {
    render(&procedure.plan, of_answers(runbook, &run.answers))
}

/// The question that reads the plan of one target again: as if only this target had been answered.
pub(super) fn plan_of(
    runbook: &Runbook,
    procedure: &Procedure,
    run: &Run,
    target: &Target,
) -> Result<Call, String> {
    let Answers(mut answers) = run.answers.clone();
    let for_each = &procedure.step.for_each;
    let many = answers.get(for_each).is_none_or(|given| given.many);
    let only = Given { values: vec![target.to_string()], titles: vec![target.name.clone()], many };
    answers.insert(for_each.clone(), only);
    render(&procedure.plan, of_answers(runbook, &Answers(answers)))
}

/// A question about some targets: as if only these had been answered.
pub(super) fn about(
    runbook: &Runbook,
    asks: &Use,
    run: &Run,
    targets: &[&Target],
) -> Result<Call, String> {
    let Answers(mut answers) = run.answers.clone();
    if let Does::Run(procedure) = &runbook.does {
        let values = targets.iter().map(ToString::to_string).collect();
        let titles = targets.iter().map(|target| target.name.clone()).collect();
        let only = Given { values, titles, many: true };
        answers.insert(procedure.step.for_each.clone(), only);
    }
    render(asks, of_answers(runbook, &Answers(answers)))
}

/// The effect on one target.
pub(super) fn step_of(
    runbook: &Runbook,
    procedure: &Procedure,
    run: &Run,
    target: &Target,
) -> Result<Call, String> {
    let mut vars = of_plan(runbook, &run.answers, &run.plan);
    vars.insert("item".into(), Value::String(target.to_string()));
    render(&procedure.step.action, vars)
}

/// Whether a second person has to agree.
pub(super) fn wants_approval(
    runbook: &Runbook,
    procedure: &Procedure,
    run: &Run,
) -> Result<bool, String> {
    let Some(rule) = &procedure.approval else {
        return Ok(false);
    };
    let Some(when) = &rule.when else {
        return Ok(true);
    };
    let vars = Value::Object(of_plan(runbook, &run.answers, &run.plan));
    when.holds(&vars).map_err(|fault| format!("approval.when: {fault}"))
}
