//! What an error answer of Argo CD means: status, gRPC code and text together (ARGO-6, ARGO-24).

use wilco_core::answer::{Trouble, TroubleKind};

use super::wire::ApiError;
use crate::http::Reply;

/// gRPC `FailedPrecondition`.
const FAILED_PRECONDITION: i64 = 9;
/// gRPC `Unimplemented`.
const UNIMPLEMENTED: i64 = 12;
/// gRPC `Canceled`: the server went away under the call, at any point of it.
const CANCELED: i64 = 1;

/// An error answer, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// Another operation is in progress (ARGO-21).
    InProgress(Trouble),
    /// Terminate says that there is nothing to terminate: the operation was not picked up yet, or is in
    /// the dead state (ARGO-33).
    NothingToTerminate(Trouble),
    /// The server does not know this call at all: an older one (ARGO-39). Surely nothing was done.
    NoSuchCall(Trouble),
    /// Anything else that Argo CD itself said.
    Other(Trouble),
    /// Not the words of Argo CD: a proxy, a web page, a dying server. A write may have come through.
    NotArgo(Trouble),
}

impl Refusal {
    /// Reads a reply that is no success.
    pub(super) fn of(reply: &Reply) -> Self {
        let status = reply.status();
        let body = reply.value().and_then(|body| serde_json::from_value::<ApiError>(body).ok());
        let text = match &body {
            Some(api) if !api.message.is_empty() => api.message.as_str(),
            Some(api) if !api.error.is_empty() => api.error.as_str(),
            _ => return Self::NotArgo(not_argo(reply)),
        };
        let code = body.as_ref().map_or(0, |api| api.code);
        if code == UNIMPLEMENTED || (status == 404 && text == "Not Found") {
            return Self::NoSuchCall(reply.as_trouble(TroubleKind::Refused, text));
        }
        // An answer that is too large comes as 429, and was made after the deed.
        if status >= 500 || code == CANCELED || text.contains("message larger than max") {
            return Self::NotArgo(reply.trouble());
        }
        if text.contains("another operation is already in progress") {
            return Self::InProgress(reply.as_trouble(TroubleKind::Busy, text));
        }
        if text.contains("No operation is in progress") {
            return Self::NothingToTerminate(reply.as_trouble(TroubleKind::NotYet, text));
        }
        // The same status as missing rights; only the text tells (ARGO-24).
        if text.contains("blocked by sync window") {
            return Self::Other(reply.as_trouble(TroubleKind::WindowClosed, text));
        }
        // Precondition and argument both come as 400 (ARGO-6): "not now" and "not like this".
        if status == 400 && code == FAILED_PRECONDITION {
            return Self::Other(reply.as_trouble(TroubleKind::Refused, text));
        }
        Self::Other(reply.trouble())
    }

    pub(super) fn into_trouble(self) -> Trouble {
        match self {
            Self::InProgress(trouble)
            | Self::NothingToTerminate(trouble)
            | Self::NoSuchCall(trouble)
            | Self::Other(trouble)
            | Self::NotArgo(trouble) => trouble,
        }
    }
}

/// A status without Argo CD's words. 415 is plain text (ARGO-5); a refusal in HTML is some proxy's,
/// so nobody knows what Argo CD would say.
fn not_argo(reply: &Reply) -> Trouble {
    match reply.status() {
        401 | 415 | 429 | 500..=599 => reply.trouble(),
        _ => reply.as_trouble(TroubleKind::Garbled, &reply.shape()),
    }
}
