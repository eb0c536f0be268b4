//! Moments and durations in what people read: they depend on how long a recovery took, and nothing
//! else of a sentence does.

use std::sync::LazyLock;
use std::time::Duration;

use wilco_core::lang::{Lang, Text};
use wilco_core::words::run::card;
use wilco_core::words::when::duration as duration_in_words;

/// Stands for a moment.
const MOMENT: &str = "<moment>";

/// Stands for a duration.
const DURATION: &str = "<duration>";

/// What follows a number that is a duration, in both languages, as people read it.
static UNITS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let one = [Duration::from_secs(1), Duration::from_mins(1), Duration::from_hours(1)];
    let said = one.map(duration_in_words);
    let units = said.iter().flat_map(|text| [text.to(Lang::En), text.to(Lang::Ko)]);
    units.map(|said| said.trim_start_matches('1').to_owned()).collect()
});

/// The text without how long it took: what was over at once does not say so, and names who asked instead.
pub(crate) fn without_course(text: &str) -> String {
    let took = card::ended_after(&Text::verbatim(DURATION));
    let asked = card::by("", None);
    let of_course = |line: &&str| {
        [Lang::En, Lang::Ko].iter().any(|lang| {
            let (took, asked) = (took.to(*lang), asked.to(*lang));
            let asked = asked.split_whitespace().next().unwrap_or_default().to_owned();
            **line == took || line.starts_with(&format!("{asked} "))
        })
    };
    let kept: Vec<&str> = text.lines().filter(|line| !of_course(line)).collect();
    kept.join("\n").replace(&format!(" ({DURATION})"), "")
}

/// The text with each moment (`09:30`) and each duration (`3m 5s`, `3분 5초`) replaced.
pub(crate) fn hidden(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // A number inside of a word or of a version is none of either.
    let mut fresh = true;
    while let Some(first) = rest.chars().next() {
        if fresh && let Some(tail) = moment(rest) {
            (rest, fresh) = (tail, false);
            out.push_str(MOMENT);
        } else if fresh && let Some(tail) = duration(rest) {
            rest = tail;
            // `3m 5s` is one.
            while let Some(tail) = rest.strip_prefix(' ').and_then(duration) {
                rest = tail;
            }
            fresh = false;
            out.push_str(DURATION);
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            fresh = !first.is_alphanumeric() && !matches!(first, '.' | '-' | ':' | '_' | '/');
        }
    }
    out
}

/// What follows a moment at the beginning of the text.
fn moment(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is = digit(0) && digit(1) && bytes.get(2) == Some(&b':') && digit(3) && digit(4);
    (is && !digit(5)).then(|| &text[5..])
}

/// What follows a duration at the beginning of the text.
fn duration(text: &str) -> Option<&str> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if unit.len() == text.len() {
        return None;
    }
    // A Korean particle may follow, a letter of a word may not.
    let tail = UNITS.iter().find_map(|name| unit.strip_prefix(name.as_str()))?;
    (!tail.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
        .then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_no_time_is_told_alike() {
        let long = "run0: failed (45s)\n✗ wallet: refused\nIt took 45s.";
        let short = "run0: failed\n✗ wallet: refused\nasked by mina";
        assert_eq!(without_course(&hidden(long)), without_course(short));
        let korean = "실패 (45초)\n✗ wallet\n45초 걸렸습니다.";
        assert_eq!(without_course(&hidden(korean)), without_course("실패\n✗ wallet\n요청 mina 님"));
        assert_ne!(without_course("✗ wallet"), without_course("✓ wallet"));
    }

    #[test]
    fn only_moments_and_durations_are_hidden() {
        for (text, shown) in [
            ("Healthy (45초)", "Healthy (<duration>)"),
            ("took 3m 5s.", "took <duration>."),
            ("3분 5초 걸렸습니다", "<duration> 걸렸습니다"),
            ("@release-managers 09:30까지", "@release-managers <moment>까지"),
            ("by 15:44, since 2h 10m", "by <moment>, since <duration>"),
            ("wallet-api 1.4.2 -> 1.5.0", "wallet-api 1.4.2 -> 1.5.0"),
            ("3 services, api-2m, 5sets, 1명", "3 services, api-2m, 5sets, 1명"),
            ("registry:5000/a 10:301", "registry:5000/a 10:301"),
            ("", ""),
        ] {
            assert_eq!(hidden(text), shown);
        }
    }
}
