//! The first line of a conversation: a command and its arguments.
//!
//! The adapter has taken the mention away already. What a command means is the catalog's business;
//! here it is only cut into words and compared with aliases.

use super::keyboard::{Layout, other_readings, to_latin};
use super::keyword::keyword;
use super::normalise::{clean, fold, normalise, trim_punctuation};
use super::quote;

/// A message cut into its words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Command {
    /// The first word, [normalised](normalise()); empty when there is none (a mention alone).
    pub head: String,
    /// The first word with its capital letters, which the other keyboard layout needs.
    pub typed: String,
    /// The other words as typed ([`clean`]), quotes taken away.
    pub rest: Vec<String>,
}

/// An alias that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AliasMatch {
    /// Which of the aliases.
    pub index: usize,
    /// Never [`Layout::OtherLayout`] for an alias that is a consenting word.
    pub layout: Layout,
    /// How many words of the command it took, the head included.
    pub words: usize,
}

/// The words that may be meant, in the form in which they are compared. It costs far more than the
/// comparison, so whoever has the words makes it once.
#[derive(Debug, Clone, Default)]
pub struct Aliases {
    pub(super) folded: Vec<String>,
    /// The most words that one of them has.
    longest: usize,
}

impl Aliases {
    /// These words; an [`AliasMatch`] counts them in this order.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for word in words {
            all.longest = all.longest.max(word.split_whitespace().count());
            all.folded.push(normalise(word));
        }
        all
    }
}

/// Cuts a message into its head and the rest; quotes hold a name with spaces together.
///
/// Punctuation before the head (`: deploy`, `/deploy`, `!deploy`) is left over from the mention or
/// a habit and dropped; question marks alone are a head, because they ask for help.
#[must_use]
pub fn split_command(text: &str) -> Command {
    let text = clean(text);
    let bare = |word: &str| trim_punctuation(word.trim_start_matches('/')).to_owned();
    let mut words = quote::words(&text)
        .into_iter()
        .map(|word| word.text)
        .skip_while(|word| bare(word).is_empty() && !word.chars().all(|c| c == '?'));
    let Some(first) = words.next() else {
        return Command::default();
    };
    let typed = match bare(first) {
        bare if bare.is_empty() => "?".to_owned(),
        bare => bare,
    };
    Command { head: fold(&typed), typed, rest: words.map(str::to_owned).collect() }
}

/// The alias that this word is, exactly or as typed in the other keyboard layout.
///
/// A consenting alias (`approve`) is never found through the other layout.
#[must_use]
pub fn best_alias(head: &str, aliases: &Aliases) -> Option<AliasMatch> {
    let wanted = normalise(head);
    if wanted.is_empty() {
        return None;
    }
    let folded = &aliases.folded;
    let words = wanted.split(' ').count();
    if let Some(index) = folded.iter().position(|alias| *alias == wanted) {
        return Some(AliasMatch { index, layout: Layout::AsTyped, words });
    }
    let readings: Vec<String> =
        other_readings(head).iter().map(|reading| normalise(reading)).collect();
    let index = folded.iter().position(|alias| {
        alias.chars().nth(1).is_some()
            && readings.contains(alias)
            && !keyword(alias).is_some_and(|found| found.word.consents())
    })?;
    Some(AliasMatch { index, layout: Layout::OtherLayout, words })
}

/// The alias with which this command begins; the one with the most words wins (`cron job` before
/// `cron`).
#[must_use]
pub fn best_command(command: &Command, aliases: &Aliases) -> Option<AliasMatch> {
    let longest = aliases.longest.min(1 + command.rest.len());
    (1..=longest).rev().find_map(|words| {
        let mut text = command.typed.clone();
        for word in &command.rest[..words - 1] {
            text.push(' ');
            text.push_str(word);
        }
        best_alias(&text, aliases).map(|found| AliasMatch { words, ..found })
    })
}

/// A longer word is no slip of the fingers.
const LONGEST_SUGGESTION: usize = 64;

/// The candidate that was probably meant by a misspelt word, for "did you mean".
///
/// Compared are keystrokes, not characters: one wrong jamo is one mistake, and a word that is
/// misspelt *and* in the other layout is still found.
#[must_use]
pub fn suggest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let keys = |text: &str| {
        let keys = to_latin(&normalise(text)).to_lowercase();
        keys.chars().nth(LONGEST_SUGGESTION).is_none().then_some(keys)
    };
    let wanted = keys(word)?;
    let allowed = match wanted.chars().count() {
        0..=2 => return None,
        3..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    candidates
        .iter()
        .filter_map(|candidate| {
            let keys = keys(candidate)?;
            let distance = strsim::damerau_levenshtein(&wanted, &keys);
            // As many mistakes as letters would make any short word fit.
            (distance <= allowed && distance * 2 < keys.chars().count())
                .then_some((distance, *candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keyboard::as_other_layout;
    use super::*;

    #[test]
    fn head_and_rest() {
        for (text, head, rest) in [
            ("deploy wallet-api gamedosi-web", "deploy", vec!["wallet-api", "gamedosi-web"]),
            ("배포 wallet-api", "배포", vec!["wallet-api"]),
            (" , Deploy:  Wallet-API ", "deploy", vec!["Wallet-API"]),
            ("/deploy 1,3-5", "deploy", vec!["1,3-5"]),
            ("!help", "help", vec![]),
            ("deploy “payment api” 'b c'", "deploy", vec!["payment api", "b c"]),
            ("deploy \"open", "deploy", vec!["\"open"]),
            ("why can't I deploy", "why", vec!["can't", "I", "deploy"]),
            ("?", "?", vec![]),
            ("？？", "?", vec![]),
            ("", "", vec![]),
            (" : ", "", vec![]),
            ("ㅗ디ㅔ", "ㅗ디ㅔ", vec![]),
            ("deploy\nwallet-api", "deploy", vec!["wallet-api"]),
        ] {
            let command = split_command(text);
            assert_eq!(
                (command.head.as_str(), command.rest),
                (head, rest.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn aliases_in_both_layouts() {
        let aliases = ["deploy", "배포", "release", "cron", "cron job", "approve", "점검"];
        let found = |text: &str| {
            best_command(&split_command(text), &Aliases::of(aliases))
                .map(|m| (aliases[m.index], m.layout, m.words))
        };
        assert_eq!(found("DEPLOY x"), Some(("deploy", Layout::AsTyped, 1)));
        assert_eq!(found("배포"), Some(("배포", Layout::AsTyped, 1)));
        assert_eq!(found("qovh wallet"), Some(("배포", Layout::OtherLayout, 1)));
        assert_eq!(found("Qovh wallet"), Some(("배포", Layout::OtherLayout, 1)));
        assert_eq!(found("ㅇ데ㅣㅐㅛ x"), Some(("deploy", Layout::OtherLayout, 1)));
        assert_eq!(found("cron job list"), Some(("cron job", Layout::AsTyped, 2)));
        assert_eq!(found("cron list"), Some(("cron", Layout::AsTyped, 1)));
        assert_eq!(found("approve"), Some(("approve", Layout::AsTyped, 1)));
        assert_eq!(found(&as_other_layout("approve").expect("letters")), None);
        assert_eq!(found("deplo"), None);
        assert_eq!(found(""), None);
        assert_eq!(best_alias("deploy", &Aliases::default()), None);
    }

    #[test]
    fn did_you_mean() {
        let names = ["deploy", "version", "restart", "배포", "점검", "status"];
        for (typed, meant) in [
            ("depoly", Some("deploy")),
            ("deplyo", Some("deploy")),
            ("verison", Some("version")),
            ("배보", Some("배포")),
            ("베포", Some("배포")),
            ("qovg", Some("배포")),
            ("ㅇ데ㅣㅐ", Some("deploy")),
            ("stats", Some("status")),
            ("x", None),
            ("", None),
            ("completely", None),
            ("👍", None),
        ] {
            assert_eq!(suggest(typed, &names), meant, "{typed}");
        }
        assert_eq!(suggest(&"deploy".repeat(10_000), &names), None);
    }

    proptest! {
        #[test]
        fn any_text_is_cut(chars in prop::collection::vec(any::<char>(), 0..40), plain in "[a-c \"'/!?:,가]{0,20}") {
            for text in [chars.into_iter().collect::<String>(), plain] {
                let command = split_command(&text);
                let _ = (best_command(&command, &Aliases::of(["a", "a b", "approve"])), suggest(&text, &["abc", "가나"]));
                prop_assert!(command.rest.iter().all(|word| !word.is_empty()));
                prop_assert!(!command.head.is_empty() || command.rest.is_empty());
            }
        }
    }
}
