//! Why a call of the Web API brought nothing.

use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::port::SendFault;

/// How long is waited after the connection broke before a message is tried again.
const SOON_MS: u64 = 1_000;
/// The same after Slack refused the sign-in or wants a scope: somebody has to mend that.
const MENDED_MS: u64 = 60_000;

/// A call that brought no answer that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiFault {
    /// Slack did nothing, and wants to be left alone for so long: HTTP 429, or we knew it before we asked.
    #[error("rate limited for {after_ms} ms")]
    Limited {
        /// `Retry-After`, in milliseconds.
        after_ms: u64,
    },
    /// The request surely did not reach Slack.
    #[error("not reached: {0}")]
    Unreached(String),
    /// Slack says no, in a word of its documentation, with what it says besides.
    #[error("{error}{}", if detail.is_empty() { String::new() } else { format!(" ({detail})") })]
    Refused {
        /// `channel_not_found`.
        error: String,
        /// Which scope is missing, which block is wrong.
        detail: String,
    },
    /// It may have been done: no answer, half an answer, or Slack failed while it worked.
    #[error("unclear: {0}")]
    Unclear(String),
}

/// Errors that Slack itself counts as its own failure; it may have acted before.
const FAILED: &[&str] = &[
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
];

/// Errors that a person mends in Slack's settings, and that then are gone: a message waits for it.
const SIGN_IN: &[&str] = &[
    "account_inactive",
    "access_denied",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
];

impl ApiFault {
    /// From `"ok": false`.
    pub(super) fn refused(error: &str, detail: String) -> Self {
        if FAILED.contains(&error) {
            Self::Unclear(error.to_owned())
        } else {
            Self::Refused { error: error.to_owned(), detail }
        }
    }

    /// The word, when Slack said no.
    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Whether Slack says no, and no person mends that in the app's settings.
    pub(crate) fn is_final(&self) -> bool {
        self.word().is_some_and(|word| !SIGN_IN.contains(&word))
    }

    /// What became of a message that was posted or changed.
    pub(crate) fn of_send(self) -> SendFault {
        let why = self.to_string();
        match self {
            Self::Limited { after_ms } => SendFault::Later { after_ms, why },
            Self::Unreached(_) => SendFault::Later { after_ms: SOON_MS, why },
            Self::Refused { error, .. } if SIGN_IN.contains(&error.as_str()) => {
                SendFault::Later { after_ms: MENDED_MS, why }
            }
            Self::Refused { .. } => SendFault::Never { why },
            Self::Unclear(_) => SendFault::Unclear { why },
        }
    }

    /// The same of a change, which may be repeated without harm.
    pub(crate) fn of_update(self) -> SendFault {
        match self.of_send() {
            SendFault::Unclear { why } => SendFault::Later { after_ms: SOON_MS, why },
            other => other,
        }
    }

    /// As a question's trouble.
    pub(crate) fn trouble(&self, tool: &str) -> Trouble {
        let kind = match self {
            Self::Limited { .. } => TroubleKind::SlowDown,
            Self::Unreached(_) => TroubleKind::Unreachable,
            Self::Refused { error, .. } if SIGN_IN.contains(&error.as_str()) => TroubleKind::SignIn,
            Self::Refused { .. } => TroubleKind::Refused,
            Self::Unclear(_) => TroubleKind::ToolFailed,
        };
        Trouble { tool: tool.to_owned(), kind, detail: self.to_string() }
    }
}
