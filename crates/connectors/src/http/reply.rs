//! An answer, and what its status means for all tools alike.

use serde::de::DeserializeOwned;
use serde_json::Value;
use wilco_core::answer::{Trouble, TroubleKind};

use super::clean;

/// An answer that came whole.
#[derive(Debug, Clone)]
pub struct Reply {
    connection: String,
    status: u16,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn new(connection: &str, status: u16, body: Vec<u8>) -> Self {
        Self { connection: connection.to_owned(), status, body }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the tool says that it did what was asked (2xx).
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The content of a success.
    ///
    /// # Errors
    /// The status in words of core when it is none; `Garbled` when the body is not what is wanted.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        if !self.is_success() {
            return Err(self.trouble());
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            // The words of the parser, not of the body, which may hold anything.
            self.as_trouble(TroubleKind::Garbled, &format!("{}: {error}", self.shape()))
        })
    }

    /// The body as text, whatever the status.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, whatever the status.
    #[must_use]
    pub fn value(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// What a status that is no success means. The detail is `message` or `error` of a JSON body.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let kind = match self.status {
            401 => TroubleKind::SignIn,
            403 => TroubleKind::Forbidden,
            404 => TroubleKind::NotFound,
            429 => TroubleKind::SlowDown,
            400 | 405 | 415 | 422 => TroubleKind::BadRequest,
            402..=499 => TroubleKind::Refused,
            500..=599 => TroubleKind::ToolFailed,
            _ => TroubleKind::Garbled,
        };
        let said = self.value().and_then(|body| {
            let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
            word("message").or_else(|| word("error")).filter(|text| !text.is_empty())
        });
        self.as_trouble(kind, &said.unwrap_or_else(|| self.shape()))
    }

    /// A trouble of this kind with this reply's tool.
    #[must_use]
    pub fn as_trouble(&self, kind: TroubleKind, detail: &str) -> Trouble {
        Trouble { tool: self.connection.clone(), kind, detail: clean(detail) }
    }

    /// What the answer looks like, for an answer that is not what the tool speaks.
    #[must_use]
    pub fn shape(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let start = text.trim_start();
        let looks = match start.chars().next() {
            None => "empty",
            Some('<') => "HTML",
            Some('{' | '[') => "JSON",
            Some(_) => "text",
        };
        format!("HTTP {} {looks}", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply::new("argocd", status, body.as_bytes().to_vec())
    }

    #[test]
    fn every_status_has_its_kind() {
        for (status, kind) in [
            (302, TroubleKind::Garbled),
            (400, TroubleKind::BadRequest),
            (401, TroubleKind::SignIn),
            (403, TroubleKind::Forbidden),
            (404, TroubleKind::NotFound),
            (409, TroubleKind::Refused),
            (429, TroubleKind::SlowDown),
            (500, TroubleKind::ToolFailed),
            (502, TroubleKind::ToolFailed),
        ] {
            assert_eq!(reply(status, "{}").json::<Value>().unwrap_err().kind, kind, "{status}");
        }
    }

    #[test]
    fn what_is_no_json_is_garbled_and_its_content_is_not_repeated() {
        for (body, shape) in
            [("<html>secret", "HTML"), ("", "empty"), ("{\"a\":", "JSON"), ("no secret", "text")]
        {
            let trouble = reply(200, body).json::<Value>().unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Garbled);
            assert!(trouble.detail.contains(shape), "{}", trouble.detail);
            assert!(!trouble.detail.contains("secret"), "{}", trouble.detail);
        }
    }

    #[test]
    fn the_detail_is_what_the_tool_says() {
        let body = r#"{"error":"e","code":7,"message":"permission denied"}"#;
        assert_eq!(reply(403, body).trouble().detail, "permission denied");
        assert_eq!(reply(502, "<html>").trouble().detail, "HTTP 502 HTML");
    }
}
