//! What stands in one text of a socket.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::slack::heard::Kind;

/// One text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// Slack is ready to send.
    Hello,
    /// Slack wants us to leave.
    Disconnect(Reason),
    /// Something happened.
    Envelope {
        /// What an acknowledgement names.
        id: String,
        /// `None` for a kind that nobody here knows; it is acknowledged, too.
        kind: Option<Kind>,
        /// What happened.
        payload: Value,
    },
    /// Nothing that we know.
    Unknown,
}

/// Why Slack wants us to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// This socket is about to be closed: `warning`, `refresh_requested`, and whatever they add.
    Refresh,
    /// There are more sockets of this app than Slack allows.
    TooMany,
    /// Socket Mode was switched off in the app's settings.
    Disabled,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    envelope_id: Option<String>,
    #[serde(default)]
    payload: Value,
}

/// Reads one text; what cannot be read is unknown.
pub(super) fn read(text: &str) -> Frame {
    let Ok(raw) = serde_json::from_str::<Raw>(text) else { return Frame::Unknown };
    match (raw.kind.as_str(), raw.envelope_id) {
        ("hello", _) => Frame::Hello,
        ("disconnect", _) => Frame::Disconnect(match raw.reason.as_deref() {
            Some("too_many_websockets") => Reason::TooMany,
            Some("link_disabled") => Reason::Disabled,
            _ => Reason::Refresh,
        }),
        (kind, Some(id)) => Frame::Envelope { id, kind: Kind::of(kind), payload: raw.payload },
        _ => Frame::Unknown,
    }
}

/// The acknowledgement of an envelope.
pub(super) fn acknowledge(id: &str) -> String {
    json!({ "envelope_id": id }).to_string()
}
