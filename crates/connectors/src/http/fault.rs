//! What can go wrong between us and a tool, and what is then known.

use wilco_core::answer::{Trouble, TroubleKind};

use super::Http;

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildFault {
    /// The address is none.
    #[error("the address cannot be used: {0}")]
    Address(String),
    /// The certificates of the authority cannot be read.
    #[error("the certificates cannot be read: {0}")]
    Certificate(String),
    /// TLS could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
}

/// Why a write has no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum WriteFault {
    /// The permit had run out; nothing was sent.
    PermitOver,
    /// No connection could be made; nothing was sent.
    NotSent(Trouble),
    /// The send had begun; nobody knows what the tool did.
    Unclear(Trouble),
}

/// How one exchange broke off.
#[derive(Debug)]
pub(super) enum Break {
    PermitOver,
    /// No connection could be made.
    NotSent(String),
    /// The connection broke under the exchange.
    Cut(String),
    /// No answer in time.
    TimedOut,
    /// The body is larger than any sensible answer.
    TooLarge,
}

impl Break {
    pub(super) fn of(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            Self::NotSent(deepest(&error))
        } else if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Cut(deepest(&error))
        }
    }

    pub(super) fn trouble(&self, http: &Http) -> Trouble {
        match self {
            Self::PermitOver | Self::TimedOut => http.trouble(TroubleKind::TimedOut, ""),
            Self::NotSent(detail) | Self::Cut(detail) => {
                http.trouble(TroubleKind::Unreachable, detail)
            }
            Self::TooLarge => http.trouble(TroubleKind::Garbled, "> 32 MiB"),
        }
    }
}

/// The innermost cause: `Connection refused (os error 111)` rather than `error sending request`.
pub(super) fn deepest(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
