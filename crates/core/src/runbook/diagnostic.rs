//! What is wrong with a file that people write, and where: for runbooks and for `wilco.yaml` alike.
//!
//! These messages are for the people who write such files, so they are English only and do not
//! stand among the sentences of the bot.

use std::fmt;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// From 1; 0 when it is not known.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// Where it begins, in bytes of the file.
    pub start: usize,
    /// Its length in bytes; 0 when it is not known.
    pub len: usize,
}

impl Place {
    /// The beginning of a file.
    pub const START: Self = Self { line: 1, column: 1, start: 0, len: 0 };

    /// The place of these bytes of a source.
    #[must_use]
    pub fn of_bytes(source: &str, start: usize, len: usize) -> Self {
        let before = source.get(..start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            start: before.len(),
            len,
        }
    }

    /// Where a part of the text that stands here begins, if the file writes that text as it is.
    /// `value` is the text after YAML has read it, `at` the part's first byte in it.
    #[must_use]
    pub fn within(self, source: &str, value: &str, at: usize, len: usize) -> Self {
        let written = source.get(self.start..self.start + self.len).unwrap_or_default();
        match written.find(value) {
            Some(offset) if !value.is_empty() => {
                Self::of_bytes(source, self.start + offset + at, len)
            }
            _ => self,
        }
    }

    /// Where a word stands in the text that stands here; else where that text begins.
    #[must_use]
    pub fn of_word(self, source: &str, word: &str) -> Self {
        let in_word = |c: char| c.is_alphanumeric() || c == '_';
        let written = source.get(self.start..self.start + self.len).unwrap_or_default();
        written
            .match_indices(word)
            .find(|(at, _)| {
                // `item` in `x.item` or in `items` is something else.
                !written[..*at].ends_with(|c| in_word(c) || c == '.')
                    && !written[at + word.len()..].starts_with(in_word)
            })
            .map_or(self, |(at, _)| Self::of_bytes(source, self.start + at, word.len()))
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, as it was named to the loader.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl Diagnostic {
    /// Something wrong at a place.
    #[must_use]
    pub fn at(file: &str, place: Place, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: place.line.max(1),
            column: place.column.max(1),
            message: one_line(&message.into()),
            suggestion: None,
        }
    }

    /// What the YAML reader found wrong.
    #[must_use]
    pub fn from_yaml_error(file: &str, source: &str, error: &serde_saphyr::Error) -> Self {
        let message = yaml_message(error);
        let place = error.location().map_or(Place::START, |location| {
            let line = usize::try_from(location.line()).unwrap_or(1).max(1);
            let column = usize::try_from(location.column()).unwrap_or(1).max(1);
            Place { line, column, ..Place::START }
        });
        // The reader names the line after the end; people look for a place that exists.
        let lines = source.lines().count().max(1);
        let place = if place.line > lines {
            let column = source.lines().last().map_or(0, |line| line.chars().count()) + 1;
            Place { line: lines, column, ..place }
        } else {
            place
        };
        // A tab ends what stands before it, so the reader may name the line above.
        for (nth, line) in source.lines().enumerate().skip(place.line - 1).take(2) {
            let indent = &line[..line.len() - line.trim_start().len()];
            if let Some(tab) = indent.find('\t') {
                let place = Place { line: nth + 1, column: tab + 1, ..Place::START };
                return Self::at(file, place, "a tab indents this line; YAML wants spaces");
            }
        }
        Self::at(file, place, message)
    }

    /// With the candidate that is nearest to `word`, if one is near.
    #[must_use]
    pub fn suggesting<'a>(
        mut self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.suggestion = suggest(word, candidates);
        self
    }

    /// The diagnostic with the line of the file and a caret under the place.
    #[must_use]
    pub fn render(&self, source: &str) -> String {
        let Some(line) = source.lines().nth(self.line.saturating_sub(1)) else {
            return self.to_string();
        };
        let (shown, before) = window(line, self.column.saturating_sub(1));
        // A file that is no text at all must not speak to the terminal.
        let shown: String = shown.chars().map(|c| if c.is_control() { '·' } else { c }).collect();
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let caret: String = before.chars().map(blank).collect();
        format!("{self}\n{gutter} |\n{number} | {shown}\n{gutter} | {caret}^")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        match &self.suggestion {
            Some(meant) => write!(f, ". Did you mean `{meant}`?"),
            None => Ok(()),
        }
    }
}

/// The candidate that a misspelt word probably means.
#[must_use]
pub fn suggest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// A longer word is no slip of the fingers, and comparing it would take long.
    const LONGEST: usize = 64;
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count() <= LONGEST)
        .map(|candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            *distance <= allowed && *distance < candidate.chars().count()
        })
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// How many slips apart two words are; a word cut short is one slip.
fn distance(word: &str, candidate: &str) -> usize {
    if word.chars().nth(2).is_some() && candidate.starts_with(word) && word != candidate {
        return 1;
    }
    strsim::damerau_levenshtein(word, candidate)
}

/// A message quotes what stands in the file, which may be long and hold line breaks.
fn one_line(message: &str) -> String {
    const LONGEST: usize = 300;
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = message.chars().take(LONGEST).map(plain).collect();
    if message.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

/// The part of a line around a column, and what of it stands before that column.
fn window(line: &str, column: usize) -> (String, String) {
    const WIDEST: usize = 110;
    const BEFORE: usize = 70;
    let visible = |c: char| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c };
    let first = if line.chars().count() <= WIDEST { 0 } else { column.saturating_sub(BEFORE) };
    let shown: String = line.chars().skip(first).take(WIDEST).map(visible).collect();
    let before = shown.chars().take(column - first.min(column)).collect();
    (shown, before)
}

/// As much room as a character takes on the screen; a tab stays one.
fn blank(c: char) -> &'static str {
    match c {
        '\t' => "\t",
        // Hangul, Chinese and Japanese characters and emoji take two columns in a terminal.
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{1F300}'..='\u{1FAFF}' => "  ",
        _ => " ",
    }
}

/// What the YAML reader says, in our words where its own speak of its programming interface.
fn yaml_message(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    use serde_saphyr::budget::BudgetBreach;
    match error.without_snippet() {
        Error::MultipleDocuments { .. } => "a file holds one document; `---` begins another".into(),
        Error::Eof { .. } => "the file ends too early".into(),
        Error::MergeKeyNotAllowed { .. } => "merge keys (`<<`) are not supported".into(),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` stands here a second time")
        }
        Error::DuplicateMappingKey { key: None, .. } => "this key stands here a second time".into(),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } => {
            "a file holds one document; `---` begins another".into()
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            "the values are nested too deep".into()
        }
        Error::Budget {
            breach: BudgetBreach::Aliases { .. } | BudgetBreach::AliasAnchorRatio { .. },
            ..
        }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "the aliases (`*name`) expand to too much".into()
        }
        Error::AliasError { error, .. } => yaml_message(error),
        // Whatever is read, only keys must be text for the YAML reader.
        Error::Unexpected { expected, .. } if expected.contains("string") => {
            "a key must be text; a value with braces wants quotes around it".into()
        }
        other => {
            let rendered = other.render();
            let line = rendered.lines().next().unwrap_or("the YAML cannot be read");
            // The place is said before the message already.
            let line = line.split(" at line ").next().unwrap_or(line);
            if line.contains("recursion limit") {
                return "the values are nested too deep".to_owned();
            }
            line.trim_start_matches("error: ").trim_end_matches('.').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_with_its_place_and_a_suggestion() {
        let found = Diagnostic::at(
            "runbooks/deploy.yaml",
            Place { line: 12, column: 11, ..Place::START },
            "unknown action `argocd.synk`",
        )
        .suggesting("argocd.synk", ["argocd.diff", "argocd.sync"]);
        assert_eq!(
            found.to_string(),
            "runbooks/deploy.yaml:12:11: unknown action `argocd.synk`. Did you mean `argocd.sync`?"
        );
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        let source = "a: 1\nko: 배포 x\n";
        let place = Place::of_bytes(source, source.find('x').unwrap(), 1);
        let found = Diagnostic::at("f", place, "no");
        assert_eq!(found.render(source), "f:2:8: no\n  |\n2 | ko: 배포 x\n  |          ^");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = format!("{}x{}", "-".repeat(5000), "=".repeat(5000));
        let found = Diagnostic::at("f", Place::of_bytes(&source, 5000, 1), "no");
        let lines: Vec<String> = found.render(&source).lines().map(str::to_owned).collect();
        assert_eq!(lines[2].len(), 4 + 110);
        assert_eq!(lines[2].find('x'), lines[3].find('^'));
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["deploy", "status", "version"];
        assert_eq!(suggest("depoly", names).as_deref(), Some("deploy"));
        assert_eq!(suggest("DEPLOY", names).as_deref(), Some("deploy"));
        assert_eq!(suggest("rollback", names), None);
        assert_eq!(suggest("", names), None);
        assert_eq!(suggest(&"deploy".repeat(1000), names), None);
    }

    #[test]
    fn a_word_is_found_as_a_word() {
        let source = "with: \"{{ x.item }} {{ items }} {{ item }}\"";
        let place = Place::of_bytes(source, 6, source.len() - 6);
        assert_eq!(place.of_word(source, "item").column, 36);
        assert_eq!(place.of_word(source, "nothing"), place);
    }
}
