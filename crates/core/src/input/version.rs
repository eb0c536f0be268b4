//! Versions in a request: `deploy wallet-api 1.5.0`, `wallet-api 1.5.0으로 배포해줘`.

use super::normalise::normalise;

/// What Korean puts behind a version, and words that only say that it is one.
const BEHIND: [&str; 6] = ["버전으로", "버전을", "버전", "으로", "로", "을"];
/// The same as words of their own.
const ALONE: [&str; 6] = ["버전으로", "버전을", "버전", "version", "ver", "to"];

/// Takes the one version that a request names out of its words. Nothing is taken where it names none, or
/// several that differ.
#[must_use]
pub fn take_version(words: &mut Vec<String>) -> Option<String> {
    let found: Vec<Option<String>> = words.iter().map(|word| version(word)).collect();
    let mut versions = found.iter().flatten();
    let first = versions.next()?.clone();
    if versions.any(|other| *other != first) {
        return None;
    }
    let beside = |at: usize| {
        let behind = at.checked_sub(1).is_some_and(|before| found[before].is_some());
        let before = found.get(at + 1).is_some_and(Option::is_some);
        (behind || before) && ALONE.contains(&normalise(&words[at]).as_str())
    };
    let taken: Vec<bool> = (0..words.len()).map(|at| found[at].is_some() || beside(at)).collect();
    let mut taken = taken.into_iter();
    words.retain(|_| !taken.next().unwrap_or(false));
    Some(first)
}

/// The version that a word is: numbers with points between them, whatever comes behind; a bare number is none, and
/// neither is a name.
fn version(word: &str) -> Option<String> {
    let word = normalise(word);
    let word = BEHIND.iter().find_map(|behind| word.strip_suffix(behind)).unwrap_or(&word);
    let digits = word.strip_prefix('v').unwrap_or(word);
    let end = digits.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(digits.len());
    let (numbers, rest) = digits.split_at(end);
    let points = numbers.split('.').count() > 1 && numbers.split('.').all(|part| !part.is_empty());
    let tail = rest.is_empty()
        || (rest.starts_with(['-', '+', '_'])
            && rest.len() > 1
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+_.".contains(&b)));
    (points && tail).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_taken_with_what_belongs_to_it() {
        for (said, version, rest) in [
            ("wallet-api 1.5.0", Some("1.5.0"), "wallet-api"),
            ("wallet-api v1.5.0 please", Some("v1.5.0"), "wallet-api please"),
            ("wallet-api to 1.5.0-rc.1", Some("1.5.0-rc.1"), "wallet-api"),
            ("wallet-api 1.5.0으로", Some("1.5.0"), "wallet-api"),
            ("wallet-api 1.5.0 버전으로", Some("1.5.0"), "wallet-api"),
            ("version 2026.11.3 wallet-api", Some("2026.11.3"), "wallet-api"),
            ("wallet-api 1.5.0 billing 1.5.0", Some("1.5.0"), "wallet-api billing"),
            ("wallet-api 1.5.0 billing 2.0.0", None, "wallet-api 1.5.0 billing 2.0.0"),
            ("2048 1,3-5 r12 10.0.0.x 1. .5", None, "2048 1,3-5 r12 10.0.0.x 1. .5"),
            ("버전 wallet-api", None, "버전 wallet-api"),
        ] {
            let mut words: Vec<String> = said.split(' ').map(str::to_owned).collect();
            assert_eq!(take_version(&mut words).as_deref(), version, "{said}");
            assert_eq!(words.join(" "), rest, "{said}");
        }
    }
}
