//! Faults on demand: what a proxy, a network or a dying server does to a request.
//!
//! A [`Fault`] names a method and a path pattern, what happens, and how often. The first rule that
//! matches a request is used; a rule with `times` wears out, one without lasts until
//! [`super::ArgoCd::clear_faults`].

use serde::{Deserialize, Serialize};

/// What happens to a request that a rule caught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum FaultKind {
    /// Not acted on; answered with an API error.
    Error {
        /// HTTP status.
        status: u16,
        /// gRPC code in the body.
        code: i64,
        /// Text of the body.
        message: String,
    },
    /// Not acted on; answered with an HTML page, as a proxy does.
    Html {
        /// HTTP status; 200 happens with sign-in portals.
        status: u16,
    },
    /// Acted on; the answer's body ends in the middle (the length header agrees, the JSON does not
    /// parse).
    HalfJson,
    /// Not acted on; answered with no body.
    Empty {
        /// HTTP status.
        status: u16,
    },
    /// Not acted on; the connection closes.
    Close,
    /// Acted on; the connection closes before the answer (a lost reply).
    ActThenClose,
    /// Acted on at once; the answer goes out at this clock time.
    HoldUntil {
        /// Epoch milliseconds of the double's clock.
        at_ms: i64,
    },
    /// Acted on at once; the answer goes out so much later.
    Hold {
        /// Milliseconds.
        ms: i64,
    },
    /// Acted on so much later, even when the caller has hung up meanwhile (a proxy that queues).
    ActLate {
        /// Milliseconds.
        ms: i64,
    },
    /// Not acted on and never answered.
    Silence,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `GET`, `POST`, … or `*`.
    pub method: String,
    /// The path; `*` stands for one segment, `**` at the end for all that follow.
    pub path: String,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// So many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// So many requests are caught; without a number, all until cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A rule for every request with this method and path.
    #[must_use]
    pub fn on(method: &str, path: &str, kind: FaultKind) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), kind, skip: 0, times: None }
    }

    /// A rule for `POST` of a sync of any application.
    #[must_use]
    pub fn on_sync(kind: FaultKind) -> Self {
        Self::on("POST", "/api/v1/applications/*/sync", kind)
    }

    /// A rule for every request to the API.
    #[must_use]
    pub fn everywhere(kind: FaultKind) -> Self {
        Self::on("*", "/**", kind)
    }

    /// Only for the next matching request.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Only for so many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        (self.method == "*" || self.method.eq_ignore_ascii_case(method))
            && path_matches(&self.path, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut want = pattern.trim_matches('/').split('/');
    let mut have = path.trim_matches('/').split('/');
    loop {
        match (want.next(), have.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(want), Some(have)) if want == have => {}
            _ => return false,
        }
    }
}

/// The rules in force, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<Fault>,
}

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.rules.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The fault for this request, if any; counts it.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        for rule in self.rules.iter_mut().filter(|rule| rule.times != Some(0)) {
            if !rule.matches(method, path) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            if let Some(times) = rule.times.as_mut() {
                *times -= 1;
            }
            return Some(rule.kind.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_match_skip_and_wear_out() {
        let mut faults = Faults::default();
        faults.push(Fault::on_sync(FaultKind::Close).after(1).once());
        faults.push(Fault::on("GET", "/api/**", FaultKind::Silence));
        let sync = "/api/v1/applications/wallet-api/sync";
        assert_eq!(faults.take("POST", sync), None);
        assert_eq!(faults.take("POST", sync), Some(FaultKind::Close));
        assert_eq!(faults.take("POST", sync), None);
        assert_eq!(faults.take("GET", "/healthz"), None);
        assert_eq!(faults.take("GET", "/api/version"), Some(FaultKind::Silence));
        assert_eq!(faults.take("POST", "/api/v1/applications/a/b/sync"), None);
    }

    #[test]
    fn rules_travel_as_json() {
        let fault = Fault::on_sync(FaultKind::Hold { ms: 5 }).once();
        let text = serde_json::to_string(&fault).unwrap();
        assert!(text.contains(r#""do":"hold""#), "{text}");
    }
}
