//! A span of time as people type it: `14:00-15:00`, `어제`, `3시간`, `2026-11-23 14시부터 15시까지`.

use std::time::Duration;

use crate::time::{Timestamp, UtcOffset};

use super::normalise::normalise;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What is asked for when nobody names a time.
const USUAL: Duration = Duration::from_hours(24);
/// The longest time back.
const LONGEST: i64 = 366 * DAY;

/// From one moment to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first moment.
    pub from: Timestamp,
    /// The last one.
    pub until: Timestamp,
}

impl Span {
    /// The last day.
    #[must_use]
    pub fn usual(now: Timestamp) -> Self {
        Self { from: now - USUAL, until: now }
    }

    /// As templates see it: both moments in milliseconds.
    #[must_use]
    pub fn value(self) -> String {
        format!("{}..{}", self.from.0, self.until.0)
    }

    /// Reads what [`Span::value`] wrote.
    #[must_use]
    pub fn of_value(value: &str) -> Option<Self> {
        let (from, until) = value.split_once("..")?;
        Some(Self { from: Timestamp(from.parse().ok()?), until: Timestamp(until.parse().ok()?) })
    }
}

/// What one word says of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// So long before now.
    Last(i64),
    /// A day, counted from 1970 on the clock of people.
    Day(i64),
    /// A moment of a day, in milliseconds since its beginning.
    At(i64),
    /// From one moment of a day to another.
    Range(i64, i64),
    /// It only connects.
    Joint,
}

/// Takes the words that name a time out of a request; `None` when none does. What is named without a day is
/// the last one that has begun.
#[must_use]
pub fn take_span(words: &mut Vec<String>, now: Timestamp, utc_offset: UtcOffset) -> Option<Span> {
    let wall = utc_offset.on_the_wall(now);
    let today = wall.div_euclid(DAY);
    let parts: Vec<Option<Part>> = words.iter().map(|word| part(word, today)).collect();
    let named = |part: &Option<Part>| part.is_some_and(|part| part != Part::Joint);
    if !parts.iter().any(named) {
        return None;
    }
    let span = together(parts.iter().flatten().copied(), wall, today)?;
    let mut taken = parts.iter().map(Option::is_some);
    words.retain(|_| !taken.next().unwrap_or(false));
    let at = |wall_ms: i64| Timestamp(now.0 + (wall_ms - wall));
    Some(Span { from: at(span.0), until: at(span.1) })
}

/// All parts as one span on the clock of people; `None` when they do not fit together.
fn together(parts: impl Iterator<Item = Part>, wall: i64, today: i64) -> Option<(i64, i64)> {
    let (mut day, mut last, mut moments) = (None, None, Vec::new());
    for part in parts {
        match part {
            Part::Last(span) if last.is_none() => last = Some(span),
            Part::Day(named) if day.is_none() => day = Some(named),
            Part::At(moment) => moments.push(moment),
            Part::Range(from, until) => moments.extend([from, until]),
            Part::Joint => {}
            Part::Last(_) | Part::Day(_) => return None,
        }
    }
    match (last, day, moments.as_slice()) {
        (Some(span), None, []) => Some((wall - span, wall)),
        (None, Some(day), []) => Some((day * DAY, ((day + 1) * DAY).min(wall.max(day * DAY)))),
        (None, day, [from, rest @ ..]) if rest.len() <= 1 => {
            // Nobody asks for what has not begun.
            let begun = |day: i64| day * DAY + from <= wall;
            let day = day.unwrap_or(if begun(today) { today } else { today - 1 });
            let begin = day * DAY + from;
            let end = match rest.first() {
                Some(until) if until > from => day * DAY + until,
                Some(until) => (day + 1) * DAY + until,
                None => ((day + 1) * DAY).min(wall.max(begin)),
            };
            Some((begin, end))
        }
        _ => None,
    }
}

fn part(word: &str, today: i64) -> Option<Part> {
    let word = normalise(word);
    let word = word.strip_suffix("부터").or_else(|| word.strip_suffix("까지")).unwrap_or(&word);
    match word {
        "today" | "오늘" => return Some(Part::Day(today)),
        "yesterday" | "어제" => return Some(Part::Day(today - 1)),
        "week" | "일주일" => return Some(Part::Last(7 * DAY)),
        "between" | "and" | "from" | "to" | "until" | "since" | "사이" | "~" | "-" | "last" => {
            return Some(Part::Joint);
        }
        _ => {}
    }
    if let Some(moment) = moment(word) {
        return Some(Part::At(moment));
    }
    if let Some((from, until)) = word.split_once(['-', '~', '–'])
        && let (Some(from), Some(until)) = (moment(from), moment(until))
    {
        return Some(Part::Range(from, until));
    }
    last(word).map(Part::Last).or_else(|| date(word).map(Part::Day))
}

/// `14:00`, `14시`, `14시30분`.
fn moment(word: &str) -> Option<i64> {
    let (hours, minutes) = match word.split_once(':') {
        Some(parts) => parts,
        None => {
            let (hours, rest) = word.split_once('시')?;
            (hours, if rest.is_empty() { "0" } else { rest.strip_suffix('분')? })
        }
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 24 && minutes < 60).then_some(hours * HOUR + minutes * MINUTE)
}

/// `30m`, `3h`, `2d`, `30분`, `3시간`, `2일`.
fn last(word: &str) -> Option<i64> {
    let units =
        [("시간", HOUR), ("분", MINUTE), ("일", DAY), ("m", MINUTE), ("h", HOUR), ("d", DAY)];
    let (count, unit) =
        units.iter().find_map(|(name, unit)| Some((word.strip_suffix(name)?, *unit)))?;
    Some(digits(count, 4)? * unit).filter(|span| (1..=LONGEST).contains(span))
}

/// `2026-11-23`.
fn date(word: &str) -> Option<i64> {
    let mut parts = word.split(['-', '/', '.']);
    let year = parts.next().filter(|year| year.len() == 4)?;
    let (year, month, day) =
        (digits(year, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && year >= 1970;
    (fits && parts.next().is_none()).then(|| days(year, month, day))
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn digits(text: &str, most: usize) -> Option<i64> {
    let fits = !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::when::day_and_clock;

    const KST: UtcOffset = UtcOffset::east(9, 0);
    /// 2026-11-23 16:30 in Seoul.
    const NOW: Timestamp = Timestamp(1_795_419_000_000);

    fn said(text: &str) -> (Option<(String, String)>, String) {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let span = take_span(&mut words, NOW, KST);
        let told = span.map(|span| (day_and_clock(span.from, KST), day_and_clock(span.until, KST)));
        (told, words.join(" "))
    }

    #[test]
    fn times_are_taken_out_and_names_stay() {
        assert_eq!(day_and_clock(NOW, KST), "2026-11-23 16:30");
        for (text, from, until, rest) in [
            ("wallet-api 14:00-15:00", "2026-11-23 14:00", "2026-11-23 15:00", "wallet-api"),
            ("between 14:00 and 15:00", "2026-11-23 14:00", "2026-11-23 15:00", ""),
            ("14시부터 15시까지 wallet-api", "2026-11-23 14:00", "2026-11-23 15:00", "wallet-api"),
            ("어제 14시30분~15시", "2026-11-22 14:30", "2026-11-22 15:00", ""),
            ("23:00-01:00", "2026-11-22 23:00", "2026-11-23 01:00", ""),
            ("since 14:00", "2026-11-23 14:00", "2026-11-23 16:30", ""),
            ("today", "2026-11-23 00:00", "2026-11-23 16:30", ""),
            ("yesterday", "2026-11-22 00:00", "2026-11-23 00:00", ""),
            ("2026-02-28 pay", "2026-02-28 00:00", "2026-03-01 00:00", "pay"),
            ("last 3h", "2026-11-23 13:30", "2026-11-23 16:30", ""),
            ("90분", "2026-11-23 15:00", "2026-11-23 16:30", ""),
            ("week", "2026-11-16 16:30", "2026-11-23 16:30", ""),
        ] {
            let expected = (Some((from.to_owned(), until.to_owned())), rest.to_owned());
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_no_times() {
        for text in ["wallet-api", "and", "web-3d-x", "25:00", "12", "2026-13-01", "1-2", "api:v2"]
        {
            assert_eq!(said(text), (None, text.to_owned()));
        }
        assert_eq!(said("today yesterday").0, None, "two days are none");
    }

    #[test]
    fn what_templates_see_is_read_again() {
        let span = Span::usual(NOW);
        assert_eq!(Span::of_value(&span.value()), Some(span));
        assert_eq!(Span::of_value("14:00"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_span_goes_forward(text in "[0-9:시분일~dhm 어제today-]{0,24}", now in 0_i64..4_000_000_000_000) {
            let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            if let Some(span) = take_span(&mut words, Timestamp(now), KST) {
                prop_assert!(span.from <= span.until, "{span:?}");
            }
        }
    }
}
