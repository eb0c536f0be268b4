//! Checks of single names and values in a runbook: action, parameter, variable, team, duration.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::ids::TeamName;
use crate::lang::Text;
use crate::port::{ActionKind, ActionSpec};

use super::diagnostic::{Diagnostic, Place, suggest};
use super::raw::{At, Entries, RawText};
use super::template::TemplateFault;
use super::{Condition, FRESH, Template, Use};

/// What runbooks may name.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// The actions of every connector, by the connector's name.
    pub actions: &'k [(&'k str, &'k [ActionSpec])],
    /// The teams of the configuration.
    pub teams: &'k BTreeSet<TeamName>,
    /// The chat platforms on which a room may be told something; `None` where any may be named.
    pub adapters: Option<&'k [&'k str]>,
}

/// Variables that are not answers.
pub(super) const SPECIAL: &[&str] = &["item", "plan", "env", "envs"];

/// The longest text for people in a runbook, in characters: it must fit beside buttons on a phone.
const TEXT_MAX_CHARS: usize = 200;

/// An input of a runbook, for checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) many: bool,
}

/// What a template may name at its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'s> {
    /// Answers that are there.
    pub(super) inputs: &'s [Input],
    /// Answers that are not there yet.
    pub(super) later: &'s [Input],
    /// Which of [`SPECIAL`] are there.
    pub(super) special: &'static [&'static str],
}

/// The place in a runbook at which an action stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stands {
    /// Which kinds fit.
    pub(super) kinds: &'static [ActionKind],
    /// The key, for messages.
    pub(super) key: &'static str,
}

/// Collects everything that is wrong with one file.
pub(super) struct Checker<'c> {
    pub(super) file: &'c str,
    pub(super) source: &'c str,
    pub(super) known: Known<'c>,
    /// Whether a team must exist.
    pub(super) look_up_teams: bool,
    /// Parts of the file could not be read, so what seems to be missing may stand in them.
    pub(super) damaged: bool,
    pub(super) found: Vec<Diagnostic>,
}

impl<'c> Checker<'c> {
    pub(super) fn problem(&mut self, place: Place, message: impl Into<String>) {
        self.found.push(Diagnostic::at(self.file, place, message));
    }

    pub(super) fn unknown<'a>(
        &mut self,
        place: Place,
        message: impl Into<String>,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) {
        let problem = Diagnostic::at(self.file, place, message).suggesting(word, candidates);
        self.found.push(problem);
    }

    /// A text for people, which must say something in both languages.
    pub(super) fn text(&mut self, raw: &RawText) -> Text {
        for (lang, text) in [("English", &raw.en), ("Korean", &raw.ko)] {
            if text.value.trim().is_empty() {
                self.problem(text.place, format!("the {lang} text is empty"));
            } else if text.value.chars().count() > TEXT_MAX_CHARS {
                self.problem(
                    text.place,
                    format!("the {lang} text is longer than {TEXT_MAX_CHARS} characters"),
                );
            }
        }
        Text::new(raw.en.value.trim(), raw.ko.value.trim())
    }

    pub(super) fn teams(&mut self, raw: &[At<String>]) -> Vec<TeamName> {
        let mut teams = Vec::new();
        for team in raw {
            let name = TeamName::new(&team.value);
            if self.look_up_teams && !self.known.teams.contains(&name) {
                let known = self.known.teams;
                let message = format!("unknown team `{}`", team.value);
                self.unknown(team.place, message, &team.value, known.iter().map(TeamName::as_str));
            } else if teams.contains(&name) {
                self.problem(team.place, format!("the team `{name}` stands here twice"));
            } else {
                teams.push(name);
            }
        }
        teams
    }

    /// `30m`, `15m`, `2h`, `45s`, `1h30m`.
    pub(super) fn duration(&mut self, raw: &At<String>, longest: Duration) -> Option<Duration> {
        let Some(duration) = parse_duration(&raw.value) else {
            let message = format!(
                "`{}` is not a length of time; write it as `45s`, `15m`, `2h` or `1h30m`",
                raw.value
            );
            self.problem(raw.place, message);
            return None;
        };
        if duration.is_zero() || duration > longest {
            let hours = longest.as_secs() / 3600;
            let message = format!("`{}` is not between `1s` and `{hours}h`", raw.value);
            self.problem(raw.place, message);
            return None;
        }
        Some(duration)
    }

    pub(super) fn template(&mut self, raw: &At<String>, scope: Scope<'_>) -> Option<Template> {
        match Template::parse(&raw.value) {
            Ok(template) => {
                self.variables(raw, &template.variables(), scope);
                Some(template)
            }
            Err(fault) => self.template_fault(raw, fault),
        }
    }

    pub(super) fn condition(&mut self, raw: &At<String>, scope: Scope<'_>) -> Option<Condition> {
        match Condition::parse(&raw.value) {
            Ok(condition) => {
                self.variables(raw, &condition.variables(), scope);
                Some(condition)
            }
            Err(fault) => self.template_fault(raw, fault),
        }
    }

    fn template_fault<T>(&mut self, raw: &At<String>, fault: TemplateFault) -> Option<T> {
        let place = fault.range.map_or(raw.place, |range| {
            raw.place.within(self.source, &raw.value, range.start, range.len())
        });
        let mut problem = Diagnostic::at(self.file, place, fault.message);
        problem.suggestion = fault.suggestion;
        self.found.push(problem);
        None
    }

    fn variables(&mut self, raw: &At<String>, used: &BTreeSet<String>, scope: Scope<'_>) {
        for name in used {
            let is = |input: &Input| input.name == *name;
            if scope.inputs.iter().any(is) || scope.special.contains(&name.as_str()) {
                continue;
            }
            let place = raw.place.of_word(self.source, name);
            if scope.later.iter().any(is) {
                self.problem(place, format!("`{name}` is not answered yet at this point"));
            } else if SPECIAL.contains(&name.as_str()) {
                self.problem(place, format!("`{name}` is not known at this point"));
            } else if !self.damaged {
                let names = scope.inputs.iter().map(|input| input.name.as_str());
                let names = names.chain(scope.special.iter().copied());
                self.unknown(place, format!("unknown variable `{name}`"), name, names);
            }
        }
    }

    /// An action with its arguments, as it may stand at a place.
    pub(super) fn call(
        &mut self,
        action: &At<String>,
        with: &Entries,
        stands: Stands,
        scope: Scope<'_>,
    ) -> Option<Use> {
        let spec = self.action(action, stands);
        let mut templates = BTreeMap::new();
        for (name, value) in &with.0 {
            let template = self.template(value, scope);
            if let Some(spec) = spec {
                self.argument(&action.value, spec, name, value, template.as_ref(), scope);
            }
            if let Some(template) = template {
                templates.insert(name.value.clone(), template);
            }
        }
        let spec = spec?;
        self.missing(action, spec, with);
        let (connector, name) = action.value.split_once('.')?;
        let looks_anew = !templates.contains_key(FRESH)
            && spec.params.iter().any(|param| param.name == FRESH && param.many);
        let (connector, action) = (connector.to_owned(), name.to_owned());
        Some(Use { connector, action, with: templates, looks_anew })
    }

    /// Tells which required parameters are not given.
    fn missing(&mut self, action: &At<String>, spec: &ActionSpec, with: &Entries) {
        if self.damaged {
            return;
        }
        let names = || spec.params.iter().map(|param| param.name);
        let given = with.0.iter().map(|(name, _)| name.value.as_str());
        // A misspelt name is told once: as unknown, not as missing too.
        let given: Vec<String> = given
            .map(|name| match names().find(|known| *known == name) {
                Some(known) => known.to_owned(),
                None => suggest(name, names()).unwrap_or_default(),
            })
            .collect();
        for param in spec.params.iter().filter(|param| param.required) {
            if !given.iter().any(|name| name == param.name) {
                let message = format!("`{}` wants the parameter `{}`", action.value, param.name);
                self.problem(action.place, message);
            }
        }
    }

    /// The action of this name, if it fits.
    fn action(&mut self, action: &At<String>, stands: Stands) -> Option<&'c ActionSpec> {
        let whole = action.value.as_str();
        let Some((connector, name)) = whole.split_once('.') else {
            let message = format!("`{whole}` is not an action; write `connector.action`");
            let fitting = self.fitting(stands);
            self.unknown(action.place, message, whole, fitting.iter().map(String::as_str));
            return None;
        };
        let Some((_, specs)) = self.known.actions.iter().find(|(known, _)| *known == connector)
        else {
            let mut problem =
                Diagnostic::at(self.file, action.place, format!("unknown connector `{connector}`"));
            // The whole action is suggested where the connector alone would not say enough.
            let connectors = self.known.actions.iter().map(|(known, _)| *known);
            problem.suggestion =
                suggest(connector, connectors).map(|near| format!("{near}.{name}"));
            self.found.push(problem);
            return None;
        };
        let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
            let names = specs.iter().map(|spec| spec.name);
            let mut problem =
                Diagnostic::at(self.file, action.place, format!("unknown action `{whole}`"));
            problem.suggestion = suggest(name, names).map(|near| format!("{connector}.{near}"));
            self.found.push(problem);
            return None;
        };
        if !stands.kinds.contains(&spec.kind) {
            let fitting = self.fitting(stands).join("`, `");
            let message = format!(
                "`{whole}` {} and cannot stand under `{}`; there fit `{fitting}`",
                yields(spec.kind),
                stands.key
            );
            self.problem(action.place, message);
            return None;
        }
        Some(spec)
    }

    /// All actions that fit a place.
    fn fitting(&self, stands: Stands) -> Vec<String> {
        let actions = self.known.actions.iter();
        actions
            .flat_map(|(connector, specs)| {
                let fit = specs.iter().filter(|spec| stands.kinds.contains(&spec.kind));
                fit.map(move |spec| format!("{connector}.{}", spec.name))
            })
            .collect()
    }

    fn argument(
        &mut self,
        action: &str,
        spec: &ActionSpec,
        name: &At<String>,
        value: &At<String>,
        template: Option<&Template>,
        scope: Scope<'_>,
    ) {
        let Some(param) = spec.params.iter().find(|param| param.name == name.value) else {
            let names = spec.params.iter().map(|param| param.name);
            let message = format!("`{action}` has no parameter `{}`", name.value);
            self.unknown(name.place, message, &name.value, names);
            return;
        };
        // Only what is handed on as it is can be judged before it is evaluated.
        let bare = template.and_then(Template::bare_variable);
        let input = bare.and_then(|bare| scope.inputs.iter().find(|input| input.name == bare));
        match input {
            Some(input) if input.many && !param.many => {
                let message = format!(
                    "`{}` holds several answers, and `{}` of `{action}` takes one",
                    input.name, param.name
                );
                self.problem(value.place.of_word(self.source, &input.name), message);
            }
            Some(input) if !input.many && param.many => {
                let message = format!(
                    "`{}` of `{action}` takes a list; write `{{{{ [{}] }}}}`",
                    param.name, input.name
                );
                self.problem(value.place.of_word(self.source, &input.name), message);
            }
            _ => {}
        }
    }
}

/// What an action of this kind does, after its name.
fn yields(kind: ActionKind) -> &'static str {
    match kind {
        ActionKind::Choices => "lists choices",
        ActionKind::Plan => "reads a plan",
        ActionKind::Report => "gives a report",
        ActionKind::Operation => "changes something",
        ActionKind::Internal => "is only for the engine",
    }
}

/// Hours, minutes and seconds; `None` when it is something else or too long to count.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut seconds: u64 = 0;
    let mut digits = String::new();
    let mut units = "hms";
    for c in text.trim().chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        // Each unit once, the larger first.
        let (_, smaller) = units.split_once(c)?;
        units = smaller;
        let unit = match c {
            'h' => 3600,
            'm' => 60,
            _ => 1,
        };
        let count: u64 = digits.parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        digits.clear();
    }
    (digits.is_empty() && units != "hms").then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in
            [("45s", 45), ("15m", 900), ("2h", 7200), ("1h30m", 5400), ("1h2m3s", 3723), ("0s", 0)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "30",
            "m",
            "30 m",
            "1d",
            "30m1h",
            "1m1m",
            "-5m",
            "1.5h",
            "99999999999999999999h",
            "9999999999999999999h",
            "３０m",
            "15분",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
