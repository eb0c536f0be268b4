//! What the word before the cursor may become.

use std::collections::BTreeSet;

/// What there is to choose from, at this moment and in this place.
#[derive(Debug, Default)]
pub(super) struct Choices {
    /// Everyone one may speak as.
    pub(super) people: Vec<String>,
    /// The rooms.
    pub(super) rooms: Vec<String>,
    /// How many threads the room has.
    pub(super) threads: usize,
    /// How many buttons can be pressed.
    pub(super) buttons: usize,
    /// Words one says to the bot: functions, what its newest question names, what it showed.
    pub(super) words: Vec<String>,
}

/// What Tab does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Completion {
    /// Put this in place of what stands from this byte to the cursor.
    Put(usize, String),
    /// Show these: nothing more is common to them.
    List(Vec<String>),
    /// There is nothing.
    Nothing,
}

const COMMANDS: [&str; 5] = ["/as", "/help", "/quit", "/room", "/thread"];

/// Completes the word that ends where `before` ends.
pub(super) fn complete(before: &str, choices: &Choices) -> Completion {
    let start = before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let word = &before[start..];
    let earlier: Vec<&str> = before[..start].split_whitespace().collect();
    let all = candidates(word, &earlier, choices);
    let mut fitting: BTreeSet<&str> = BTreeSet::new();
    fitting.extend(all.iter().map(String::as_str).filter(|it| begins_with(it, word)));
    let fitting: Vec<&str> = fitting.into_iter().collect();
    match fitting[..] {
        [] => Completion::Nothing,
        [only] => Completion::Put(start, format!("{only} ")),
        _ => {
            let common = common(&fitting);
            if common.chars().count() > word.chars().count() {
                Completion::Put(start, common)
            } else {
                Completion::List(fitting.into_iter().map(str::to_owned).collect())
            }
        }
    }
}

fn candidates(word: &str, earlier: &[&str], choices: &Choices) -> Vec<String> {
    let numbers = |count: usize| 1..=count;
    match earlier {
        [] if word.starts_with('/') => {
            let buttons = numbers(choices.buttons).map(|number| format!("/{number}"));
            COMMANDS.map(str::to_owned).into_iter().chain(buttons).collect()
        }
        ["/as"] => choices.people.clone(),
        ["/room"] => choices.rooms.clone(),
        ["/thread"] => numbers(choices.threads).map(|number| number.to_string()).collect(),
        [command, ..] if command.starts_with('/') => vec![],
        // `mina #deploy> `
        [person]
            if word.starts_with(['#', '@']) && choices.people.iter().any(|it| it == person) =>
        {
            choices.rooms.iter().map(|room| format!("{room}>")).collect()
        }
        // Of two words the second one could not be completed any more.
        _ => choices.words.iter().filter(|it| !it.contains(char::is_whitespace)).cloned().collect(),
    }
}

/// Whether the candidate goes on where the word ends; capitals do not matter.
fn begins_with(candidate: &str, word: &str) -> bool {
    let mut letters = candidate.chars();
    word.chars().all(|c| letters.next().is_some_and(|it| it.to_lowercase().eq(c.to_lowercase())))
}

/// The beginning that all have in common.
fn common(all: &[&str]) -> String {
    let Some((first, rest)) = all.split_first() else { return String::new() };
    let same = |at: usize, c: char| rest.iter().all(|it| it.chars().nth(at) == Some(c));
    first.chars().enumerate().take_while(|(at, c)| same(*at, *c)).map(|(_, c)| c).collect()
}

/// The words of a message that may be an answer to it, or the beginning of the next request: what it
/// sets in `backticks`, and the first word behind the number or the sign of a line.
///
/// ```text
/// Which one? (`back`, `cancel`)      back, cancel
/// 1 wallet-api 1.4.2 → 1.5.0         wallet-api
/// ✓ wallet-api: Healthy              wallet-api
/// ```
pub(super) fn words_of(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let quoted = quoted.filter(|it| !it.contains(char::is_whitespace));
    let listed = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        let number = first.trim_end_matches('.').parse::<u32>().is_ok();
        let sign = first.chars().count() == 1 && !first.chars().all(char::is_alphanumeric);
        let names = || words.find(|word| !word.starts_with(['[', '(']));
        (number || sign).then(names).flatten().map(|name| name.trim_end_matches([':', ',']))
    });
    let all = quoted.chain(listed).filter(|word| word.chars().count() > 1);
    all.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Choices, Completion, complete, words_of};

    fn owned(all: &[&str]) -> Vec<String> {
        all.iter().map(|it| (*it).to_owned()).collect()
    }

    fn choices() -> Choices {
        Choices {
            people: owned(&["mina", "sejun", "sora"]),
            rooms: owned(&["#deploy", "#deploy-notice", "#배포", "@wilco"]),
            threads: 2,
            buttons: 2,
            words: owned(&[
                "deploy",
                "Deploy-all",
                "배포",
                "롤백",
                "롤백 작업",
                "wallet-api",
                "wallet-web",
            ]),
        }
    }

    fn put(start: usize, text: &str) -> Completion {
        Completion::Put(start, text.to_owned())
    }

    fn list(all: &[&str]) -> Completion {
        Completion::List(owned(all))
    }

    #[test]
    fn commands_and_what_follows_them() {
        let done = |line| complete(line, &choices());
        assert_eq!(done("/r"), put(0, "/room "));
        assert_eq!(done("/as m"), put(4, "mina "));
        assert_eq!(done("/as s"), list(&["sejun", "sora"]));
        assert_eq!(done("/room #배"), put(6, "#배포 "));
        assert_eq!(done("/room #d"), put(6, "#deploy"));
        assert_eq!(done("/room #deploy"), list(&["#deploy", "#deploy-notice"]));
        assert_eq!(done("/thread "), list(&["1", "2"]));
        assert_eq!(done("/"), list(&["/1", "/2", "/as", "/help", "/quit", "/room", "/thread"]));
        assert_eq!(done("/as mina "), Completion::Nothing);
    }

    #[test]
    fn words_for_the_bot_in_any_place_of_the_line() {
        let done = |line| complete(line, &choices());
        assert_eq!(done("배"), put(0, "배포 "));
        assert_eq!(done("배포 wa"), put("배포 ".len(), "wallet-"));
        assert_eq!(done("배포 wallet-w"), put("배포 ".len(), "wallet-web "));
        assert_eq!(done("DEPLOY-"), put(0, "Deploy-all "));
        assert_eq!(done("롤"), put(0, "롤백 "));
        assert_eq!(done("xyz"), Completion::Nothing);
    }

    #[test]
    fn behind_a_person_a_room_may_be_named() {
        let done = |line| complete(line, &choices());
        assert_eq!(done("mina #배"), put(5, "#배포> "));
        assert_eq!(done("eve #배"), Completion::Nothing);
    }

    #[test]
    fn what_the_bot_showed_can_be_said() {
        let text = "Which one?\n1 wallet-api 1.4.2 → 1.5.0\n2. [production] other-api\n· a-b (new)\nrest 1\n(`back`, `all of it`, `2`)\n✓ done-api: Healthy";
        assert_eq!(words_of(text), ["back", "wallet-api", "other-api", "a-b", "done-api"]);
    }
}
