//! Slack's time stamps: `1610241741.000200`, seconds and microseconds. Each names a message of its channel,
//! and orders it.

use wilco_core::time::Timestamp;

/// The moment that a time stamp names, cut to milliseconds; `None` when it is none.
pub(crate) fn moment(ts: &str) -> Option<Timestamp> {
    let (seconds, micros) = ts.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(micros) || micros.len() != 6 {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    let micros: i64 = micros.parse().ok()?;
    Some(Timestamp(seconds.checked_mul(1_000)?.checked_add(micros / 1_000)?))
}

/// The time stamp of a moment, as `oldest` of a history wants it.
pub(crate) fn of(moment: Timestamp) -> String {
    let ms = moment.0.max(0);
    format!("{}.{:03}000", ms / 1_000, ms % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stamp_names_a_moment() {
        assert_eq!(moment("1610241741.000200"), Some(Timestamp(1_610_241_741_000)));
        assert_eq!(moment("1610241741.123456"), Some(Timestamp(1_610_241_741_123)));
        assert_eq!(moment(&of(Timestamp(1_610_241_741_123))), Some(Timestamp(1_610_241_741_123)));
        for bad in ["", "1", "1.2", "a.000000", "1.-00001", "99999999999999999999.000000"] {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
