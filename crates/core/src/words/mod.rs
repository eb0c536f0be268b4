//! Every sentence the bot says, in both languages, each as a small named function that returns a
//! [`crate::lang::Text`]: a sentence that lacks one language does not compile.
//!
//! Korean sentences are turned so that no particle follows a name: which one it would be depends on
//! how people read the name (`wallet-api`, `2048`), and both at once reads like a form.
//!
//! Text from outside (names, a tool's own words) is put in as it came; adapters escape.

use std::collections::BTreeSet;

use crate::lang::Text;
use crate::target::Target;

pub mod approval;
pub mod chart;
pub mod commits;
pub mod control;
pub mod diagnosis;
pub mod dialog;
pub mod fault;
pub mod history;
pub mod menu;
pub mod plan;
pub mod planned;
pub mod report;
pub mod run;
pub mod status;
pub mod trouble;
pub mod when;
pub mod withdrawn;

/// How many lines of a list a message shows before "more"; a phone shows no more.
const SHOWN_LINES: usize = 5;

/// What a target is called among others: its name, or its whole name where another one has the same.
#[must_use]
pub fn called(target: &Target, twins: &BTreeSet<Target>) -> String {
    if twins.contains(target) { target.to_string() } else { target.name.clone() }
}

/// A list of lines: what stands in the message, and what stands behind "more".
#[must_use]
pub fn folded(lines: Vec<Text>) -> (Text, Text) {
    let rest = lines.len().saturating_sub(SHOWN_LINES);
    let mut lines = lines.into_iter();
    let shown = Text::lines(lines.by_ref().take(SHOWN_LINES));
    let note = Text::new(format!("… and {rest} more below"), format!("… 외 {rest}개는 더보기"));
    (if rest > 0 { shown.line(&note) } else { shown }, Text::lines(lines))
}

/// [`folded`], for a text whose lines are the same in number in both languages.
#[must_use]
pub fn folded_text(text: &Text) -> (Text, Text) {
    if text.en.lines().count() != text.ko.lines().count() {
        return (text.clone(), Text::default());
    }
    folded(text.en.lines().zip(text.ko.lines()).map(|(en, ko)| Text::new(en, ko)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_lines_then_the_rest() {
        let lines = |count| (1..=count).map(|n| Text::verbatim(n.to_string())).collect::<Vec<_>>();
        assert_eq!(folded(lines(5)), (Text::verbatim("1\n2\n3\n4\n5"), Text::default()));
        let (shown, more) = folded(lines(7));
        assert_eq!(shown.ko, "1\n2\n3\n4\n5\n… 외 2개는 더보기");
        assert_eq!(more, Text::verbatim("6\n7"));
        let whole = Text::lines(lines(7));
        assert_eq!(folded_text(&whole), (shown, more));
    }
}
