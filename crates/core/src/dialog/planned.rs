//! The version that a request names: known by its form, wherever it stands among the other words, and compared with
//! what the plan brings.

use crate::input;
use crate::plan::TargetPlan;
use crate::runbook::{Choices, Runbook};
use crate::version::{Fit, fit};

use super::{Filling, Given, Said};

/// The words without the version, and the input that it answers; everything stays where the function asks for none.
pub(super) fn taken(runbook: &Runbook, said: Said) -> (Said, Option<(String, Given)>) {
    let Some(name) = input_of(runbook) else { return (said, None) };
    let mut words = said.words().to_vec();
    let Some(version) = input::take_version(&mut words) else { return (said, None) };
    let given = Given { values: vec![version.clone()], titles: vec![version], many: false };
    (said.with(words), Some((name.to_owned(), given)))
}

/// No version was asked for.
pub(super) fn none() -> Given {
    Given { values: Vec::new(), titles: Vec::new(), many: false }
}

/// The version that was asked for, if any was.
pub(super) fn asked<'a>(runbook: &Runbook, filling: &'a Filling) -> Option<&'a str> {
    let given = filling.answers.0.get(input_of(runbook)?)?;
    given.values.first().map(String::as_str)
}

/// How each of these fits the version; empty where none was asked for.
pub(super) fn fits<'a>(
    asked: Option<&str>,
    parts: impl IntoIterator<Item = &'a TargetPlan>,
) -> Vec<(&'a TargetPlan, Fit)> {
    let Some(asked) = asked else { return Vec::new() };
    parts.into_iter().map(|part| (part, fit(part, asked))).collect()
}

fn input_of(runbook: &Runbook) -> Option<&str> {
    let asks = |choices: &Choices| matches!(choices, Choices::Version);
    let question = runbook.ask.iter().find(|question| asks(&question.choices))?;
    Some(&question.name)
}
