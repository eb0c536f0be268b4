//! Checks of the questions of a runbook.

use crate::port::ActionKind;

use super::check::{Checker, Input, SPECIAL, Scope, Stands};
use super::raw::{RawChoice, RawChoices, RawQuestion};
use super::template::is_identifier;
use super::{Choices, Question};

/// In the place of an action: the answer is a span of time.
const TIME: &str = "time";
/// In the place of an action: the answer is a version.
const VERSION: &str = "version";

/// Words that mean something else in templates.
const TAKEN: &[&str] = &[
    "and",
    "dict",
    "else",
    "false",
    "for",
    "if",
    "in",
    "is",
    "loop",
    "namespace",
    "none",
    "not",
    "or",
    "range",
    "recursive",
    "self",
    "true",
];

/// Checks all questions; gives those that are right, and the inputs for checks of what follows.
pub(super) fn questions(
    check: &mut Checker<'_>,
    raw: &[RawQuestion],
) -> (Vec<Question>, Vec<Input>) {
    let inputs: Vec<Input> =
        raw.iter().map(|raw| Input { name: raw.name.value.clone(), many: raw.many }).collect();
    let questions = raw
        .iter()
        .enumerate()
        .filter_map(|(nth, raw)| question(check, raw, &inputs[..nth], &inputs[nth..]))
        .collect();
    (questions, inputs)
}

/// One question. `later` begins with itself.
fn question(
    check: &mut Checker<'_>,
    raw: &RawQuestion,
    earlier: &[Input],
    later: &[Input],
) -> Option<Question> {
    name(check, raw, earlier);
    let text = check.text(&raw.text);
    let choices = choices(check, raw, earlier, later);
    let scope = Scope { inputs: earlier, later, special: &["item"] };
    let filter = raw.filter.as_ref().map(|filter| check.condition(filter, scope));
    let hidden = raw.hidden.as_ref().map(|hidden| {
        if raw.filter.is_none() && !check.damaged {
            check.problem(
                hidden.place,
                "`hidden` says why `where` leaves choices out; there is none",
            );
        }
        check.text(&hidden.value)
    });
    narrows(check, raw, earlier, later);
    if let Some(default) = &raw.default
        && !raw.many
    {
        check.problem(default.place, "`default: all` wants `many: true`");
    }
    if raw.choices.is_none() && !check.damaged {
        let keys = [
            ("where", raw.filter.as_ref().map(|at| at.place)),
            ("default", raw.default.as_ref().map(|at| at.place)),
            ("with", raw.with.0.first().map(|(key, _)| key.place)),
        ];
        for (key, place) in keys {
            if let Some(place) = place {
                check.problem(place, format!("`{key}` means nothing without `choices`"));
            }
        }
    }
    Some(Question {
        name: raw.name.value.clone(),
        text,
        many: raw.many,
        choices: choices?,
        filter: filter.map_or(Some(None), |filter| filter.map(Some))?,
        hidden,
        narrows: raw.narrows.as_ref().map(|narrows| narrows.value.clone()),
        default_all: raw.default.is_some(),
    })
}

fn name(check: &mut Checker<'_>, raw: &RawQuestion, earlier: &[Input]) {
    let name = raw.name.value.as_str();
    let message = if !is_identifier(name) {
        format!("`{name}` cannot be named in templates; use letters, digits and `_`")
    } else if SPECIAL.contains(&name) || TAKEN.contains(&name.to_lowercase().as_str()) {
        format!("`{name}` means something else in templates; choose another name")
    } else if earlier.iter().any(|input| input.name == name) {
        format!("a question before this one is called `{name}` too")
    } else {
        return;
    };
    check.problem(raw.name.place, message);
}

fn choices(
    check: &mut Checker<'_>,
    raw: &RawQuestion,
    earlier: &[Input],
    later: &[Input],
) -> Option<Choices> {
    const CHOICES: Stands = Stands { kinds: &[ActionKind::Choices], key: "choices" };
    let Some(choices) = &raw.choices else {
        return Some(Choices::Free);
    };
    match &choices.value {
        RawChoices::Ask(action) if action == TIME => {
            if raw.many || !raw.with.0.is_empty() {
                check.problem(choices.place, "a time is one answer, and takes no `with`");
            }
            Some(Choices::Time)
        }
        RawChoices::Ask(action) if action == VERSION => {
            if raw.many || !raw.with.0.is_empty() {
                check.problem(choices.place, "a version is one answer, and takes no `with`");
            }
            Some(Choices::Version)
        }
        RawChoices::Ask(action) => {
            let action = super::raw::At { value: action.clone(), place: choices.place };
            let scope = Scope { inputs: earlier, later, special: &[] };
            check.call(&action, &raw.with, CHOICES, scope).map(Choices::Ask)
        }
        RawChoices::Fixed(list) => {
            if let Some((key, _)) = raw.with.0.first() {
                check.problem(key.place, "`with` is for an action in `choices`, not for a list");
            }
            if list.is_empty() && !check.damaged {
                check.problem(choices.place, "the list of choices is empty");
            }
            let mut offered = Vec::new();
            for RawChoice { value, title } in list {
                if offered.iter().any(|(other, _)| *other == value.value) {
                    let message = format!("the choice `{}` stands here twice", value.value);
                    check.problem(value.place, message);
                }
                let title = check.text(title);
                offered.push((value.value.clone(), title));
            }
            Some(Choices::Fixed(offered))
        }
    }
}

fn narrows(check: &mut Checker<'_>, raw: &RawQuestion, earlier: &[Input], later: &[Input]) {
    let Some(narrowed) = &raw.narrows else {
        return;
    };
    let name = &narrowed.value;
    let later = later.iter().skip(1);
    if later.clone().any(|input| input.name == *name) {
        return;
    }
    if *name == raw.name.value || earlier.iter().any(|input| input.name == *name) {
        check
            .problem(narrowed.place, format!("`narrows` names a later question; `{name}` is none"));
    } else if !check.damaged {
        let names = later.map(|input| input.name.as_str());
        let message = format!("no later question is called `{name}`");
        check.unknown(narrowed.place, message, name, names);
    }
}
