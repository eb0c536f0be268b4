//! Whether a request really comes from Slack (SLACK-1).
//!
//! Source: "Verifying requests from Slack": `v0=` and the hexadecimal HMAC-SHA256 of `v0:TIMESTAMP:BODY`, over the bytes
//! of the body as they came.

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use wilco_core::time::Timestamp;

/// A request that is older, or from the future, is a copy.
const WINDOW_S: i64 = 5 * 60;

/// Why a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsigned {
    /// There is no signature, or no time.
    #[error("no signature")]
    Missing,
    /// The time in it is more than five minutes away from ours.
    #[error("signed at another time")]
    Old,
    /// Somebody else made it, or changed something.
    #[error("a wrong signature")]
    Wrong,
}

/// The secret that Slack and we share.
#[derive(Debug, Clone)]
pub(crate) struct Signing(SecretString);

impl Signing {
    pub(crate) fn new(secret: SecretString) -> Self {
        Self(secret)
    }

    /// Checks the headers `X-Slack-Request-Timestamp` and `X-Slack-Signature` of a body, in constant time.
    pub(crate) fn check(
        &self,
        timestamp: Option<&str>,
        signature: Option<&str>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), Unsigned> {
        let (Some(timestamp), Some(signature)) = (timestamp, signature) else {
            return Err(Unsigned::Missing);
        };
        let signed_at: i64 = timestamp.parse().map_err(|_| Unsigned::Missing)?;
        if (now.0 / 1_000).abs_diff(signed_at) > WINDOW_S.unsigned_abs() {
            return Err(Unsigned::Old);
        }
        let given = signature.strip_prefix("v0=").and_then(from_hex).ok_or(Unsigned::Wrong)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes())
            .map_err(|_| Unsigned::Wrong)?;
        mac.update(format!("v0:{timestamp}:").as_bytes());
        mac.update(body);
        mac.verify_slice(&given).map_err(|_| Unsigned::Wrong)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of Slack's own documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const AT: &str = "1531420618";
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn check(
        at: Option<&str>,
        signed: Option<&str>,
        body: &str,
        now_s: i64,
    ) -> Result<(), Unsigned> {
        Signing::new(SECRET.to_owned().into()).check(
            at,
            signed,
            body.as_bytes(),
            Timestamp(now_s * 1_000),
        )
    }

    #[test]
    fn slack_1_what_slack_signed_is_taken_and_nothing_else() {
        let now = 1_531_420_618;
        assert_eq!(check(Some(AT), Some(SIGNED), BODY, now), Ok(()));
        assert_eq!(check(Some(AT), Some(SIGNED), &format!("{BODY} "), now), Err(Unsigned::Wrong));
        assert_eq!(check(Some("1531420619"), Some(SIGNED), BODY, now), Err(Unsigned::Wrong));
        for signed in ["", "v0=", "v0=a2", "v0=xx", &SIGNED[3..], &SIGNED.replace("v0", "v1")] {
            assert_eq!(check(Some(AT), Some(signed), BODY, now), Err(Unsigned::Wrong), "{signed}");
        }
        assert_eq!(check(None, Some(SIGNED), BODY, now), Err(Unsigned::Missing));
        assert_eq!(check(Some(AT), None, BODY, now), Err(Unsigned::Missing));
        assert_eq!(check(Some("now"), Some(SIGNED), BODY, now), Err(Unsigned::Missing));
    }

    #[test]
    fn slack_1_an_old_request_is_a_copy() {
        let now = 1_531_420_618;
        for (away, taken) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let checked = check(Some(AT), Some(SIGNED), BODY, now + away);
            assert_eq!(checked, if taken { Ok(()) } else { Err(Unsigned::Old) }, "{away}");
        }
    }
}
