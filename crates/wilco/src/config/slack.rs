//! The Slack workspace of a configuration.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret as _, SecretString};
use wilco_chat::slack::{API_URL, Channels, Delivery, SlackConfig, Url};
use wilco_core::runbook::yaml::At;

use super::check::Checker;
use super::raw::{RawRoom, RawSlack};
use super::secret;

/// Slack takes ten sockets of one app, and while one is replaced there are two.
const MOST_SOCKETS: usize = 5;
/// Order is kept within one socket only, and it is replaced before it is left.
const SOCKETS: usize = 1;

/// Checks it, with the channels that rooms are tied to.
pub(super) fn check(
    check: &mut Checker<'_>,
    slack: At<RawSlack>,
    rooms: &BTreeMap<String, RawRoom>,
) -> Option<SlackConfig> {
    let raw = slack.value;
    let bot_token =
        token(check, raw.bot_token, "xoxb-", "the bot's token, which begins with `xoxb-`");
    let count = match raw.sockets {
        Some(At { value, place }) if !(1..=MOST_SOCKETS).contains(&value) => {
            check.mistake(place, format!("`sockets` is from 1 to {MOST_SOCKETS}"));
            SOCKETS
        }
        Some(At { value, .. }) => value,
        None => SOCKETS,
    };
    let (url, place) = match raw.api_url {
        Some(At { value, place }) => (value, place),
        None => (API_URL.to_owned(), slack.place),
    };
    let api_url = url
        .parse()
        .ok()
        .filter(|url: &Url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| format!("`{url}` is no address such as `{API_URL}`"));
    let api_url = check.or_note(place, api_url);
    let channels = channels(check, rooms);
    let delivery = match (raw.app_token, raw.signing_secret) {
        (Some(app_token), None) => {
            let what = "the app's token for Socket Mode, which begins with `xapp-`";
            token(check, app_token, "xapp-", what).map(|token| Delivery::Sockets { token, count })
        }
        (None, Some(secret)) => {
            let found = secret::read(&secret.value, check.environment);
            check
                .or_note(secret.place, found)
                .map(|signing_secret| Delivery::Requests { signing_secret })
        }
        _ => {
            let message = "`slack` wants either `app_token`, for Socket Mode, or `signing_secret`, for events by HTTP";
            check.mistake(slack.place, message);
            None
        }
    };
    Some(SlackConfig { api_url: api_url?, bot_token: bot_token?, delivery: delivery?, channels })
}

/// A token of the right kind: they are easily mixed up, and Slack's own word for it helps nobody.
fn token(
    check: &mut Checker<'_>,
    reference: At<String>,
    begins: &str,
    what: &str,
) -> Option<SecretString> {
    let found = secret::read(&reference.value, check.environment);
    let token = check.or_note(reference.place, found)?;
    if token.expose_secret().starts_with(begins) {
        return Some(token);
    }
    check.mistake(reference.place, format!("`{}` is not {what}", reference.value));
    None
}

/// Each room's channel; no channel is two rooms.
fn channels(check: &mut Checker<'_>, rooms: &BTreeMap<String, RawRoom>) -> Channels {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut tied = Vec::new();
    for (name, room) in rooms {
        let Some(At { value, place }) = &room.slack else { continue };
        let is_id = value.len() > 1
            && value.starts_with(['C', 'G', 'D'])
            && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        if !is_id {
            let message = format!(
                "`{value}` is no channel's id: it is at the end of the channel's details, and begins with `C`"
            );
            check.mistake(*place, message);
            continue;
        }
        if let Some(other) = owners.insert(value, name) {
            check.mistake(*place, format!("the channel `{value}` is `{other}` already"));
            continue;
        }
        tied.push((name.clone(), value.clone()));
    }
    Channels::new(tied)
}

#[cfg(test)]
mod tests {
    use std::io;

    use wilco_chat::slack::{Delivery, SlackConfig};

    use crate::config::{Environment, read};

    struct Fake;

    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<String> {
            match name {
                "BOT" => Some("xoxb-1".into()),
                "APP" => Some("xapp-1".into()),
                "SECRET" => Some("8f74".into()),
                _ => None,
            }
        }

        fn file(&self, _: &str) -> io::Result<String> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    fn slack(text: &str) -> Result<SlackConfig, Vec<String>> {
        let source = format!("store: sqlite:x.db\n{text}");
        match read("wilco.yaml", source.as_bytes(), &Fake) {
            Ok(config) => Ok(config.slack.expect("slack")),
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn socket_mode_or_requests_and_not_both() {
        let sockets = slack("slack: { bot_token: env:BOT, app_token: env:APP }\n").unwrap();
        assert!(matches!(sockets.delivery, Delivery::Sockets { count: 1, .. }));
        assert_eq!(sockets.api_url.as_str(), "https://slack.com/api/");
        let requests =
            slack("slack: { bot_token: env:BOT, signing_secret: env:SECRET }\n").unwrap();
        assert!(matches!(requests.delivery, Delivery::Requests { .. }));
        let both =
            "slack: { bot_token: env:BOT, app_token: env:APP, signing_secret: env:SECRET }\n";
        for text in [both, "slack: { bot_token: env:BOT }\n"] {
            let mistakes = slack(text).unwrap_err();
            assert!(mistakes[0].contains("either `app_token`"), "{mistakes:?}");
        }
    }

    #[test]
    fn tokens_that_were_mixed_up_are_told_by_name_and_never_repeated() {
        let mistakes = slack("slack: { bot_token: env:APP, app_token: env:BOT }\n").unwrap_err();
        assert_eq!(mistakes.len(), 2, "{mistakes:?}");
        assert!(mistakes[0].contains("`env:APP` is not the bot's token"), "{mistakes:?}");
        assert!(mistakes[1].contains("`env:BOT` is not the app's token"), "{mistakes:?}");
        let written = slack("slack: { bot_token: xoxb-12345, app_token: env:APP }\n").unwrap_err();
        assert!(!written.concat().contains("12345"), "{written:?}");
    }

    #[test]
    fn each_mistake_has_its_place() {
        let more = |more: &str| {
            let all = format!("slack: {{ bot_token: env:BOT, app_token: env:APP, {more} }}\n");
            slack(&all).unwrap_err().concat()
        };
        for sockets in ["sockets: 0", "sockets: 11"] {
            assert!(
                more(sockets).starts_with("wilco.yaml:2:59: `sockets` is from 1 to 5"),
                "{}",
                more(sockets)
            );
        }
        assert!(more("api_url: slack.com").contains("`slack.com` is no address"));
    }

    #[test]
    fn a_room_is_tied_to_one_channel_by_its_id() {
        let rooms = |rooms: &str| {
            slack(&format!("slack: {{ bot_token: env:BOT, app_token: env:APP }}\nrooms:\n{rooms}"))
        };
        rooms("  '#deploy': { slack: C01 }\n  '#ops': { language: ko }\n").unwrap();
        let named = rooms("  '#deploy': { slack: deploy }\n").unwrap_err();
        assert!(named[0].contains("`deploy` is no channel's id"), "{named:?}");
        let twice = rooms("  '#a': { slack: C01 }\n  '#b': { slack: C01 }\n").unwrap_err();
        assert!(twice[0].contains("the channel `C01` is `#a` already"), "{twice:?}");
    }
}
