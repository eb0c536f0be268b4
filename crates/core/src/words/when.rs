//! Moments and durations as people read them.

use std::time::Duration;

use crate::lang::Text;
use crate::time::{Timestamp, UtcOffset};

/// `09:30`, on the clock that is this far from UTC.
#[must_use]
pub fn clock(at: Timestamp, utc_offset: UtcOffset) -> String {
    let minutes = utc_offset.on_the_wall(at).div_euclid(60_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `2026-11-23 09:30`, on the clock that is this far from UTC.
#[must_use]
pub fn day_and_clock(at: Timestamp, utc_offset: UtcOffset) -> String {
    let (year, month, day) = civil(utc_offset.on_the_wall(at).div_euclid(86_400_000));
    format!("{year:04}-{month:02}-{day:02} {}", clock(at, utc_offset))
}

/// The date of a day counted from 1970-01-01, in the proleptic Gregorian calendar (Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// `42s`, `3m 5s`, `2h 10m`; `42초`, `3분 5초`, `2시간 10분`.
#[must_use]
pub fn duration(span: Duration) -> Text {
    let seconds = span.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, s) => Text::new(format!("{s}s"), format!("{s}초")),
        (0, m, 0) => Text::new(format!("{m}m"), format!("{m}분")),
        (0, m, s) => Text::new(format!("{m}m {s}s"), format!("{m}분 {s}초")),
        (h, 0, _) => Text::new(format!("{h}h"), format!("{h}시간")),
        (h, m, _) => Text::new(format!("{h}h {m}m"), format!("{h}시간 {m}분")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_follow_the_calendar_and_the_offset() {
        let kst = UtcOffset::east(9, 0);
        for (ms, expected) in [
            (0, "1970-01-01 09:00"),
            (951_782_400_000, "2000-02-29 09:00"),
            (1_795_996_800_000, "2026-11-30 09:00"),
            (1_735_657_199_000, "2024-12-31 23:59"),
        ] {
            assert_eq!(day_and_clock(Timestamp(ms), kst), expected);
        }
        assert_eq!(day_and_clock(Timestamp(0), UtcOffset::east(-3, -30)), "1969-12-31 20:30");
    }

    #[test]
    fn durations_read_in_two_parts_at_most() {
        for (seconds, en, ko) in [
            (0, "0s", "0초"),
            (42, "42s", "42초"),
            (180, "3m", "3분"),
            (185, "3m 5s", "3분 5초"),
            (7200, "2h", "2시간"),
            (7800, "2h 10m", "2시간 10분"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), Text::new(en, ko));
        }
    }
}
