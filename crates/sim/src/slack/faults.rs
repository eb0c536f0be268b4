//! What a network or Slack itself does to a request.

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Not acted on: `"ok": false` with this word.
    Error(String),
    /// Not acted on: this HTTP status.
    Status(u16),
    /// Not acted on: 429 with this `Retry-After` in seconds.
    Limited(u64),
    /// Not acted on; the connection closes.
    Close,
    /// Acted on; the connection closes before the answer.
    ActThenClose,
    /// Acted on; the answer ends in its middle.
    HalfJson,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The method, `chat.postMessage`.
    pub method: String,
    /// Only in this channel.
    pub channel: Option<String>,
    /// What happens.
    pub kind: FaultKind,
    /// To so many requests; to all, when none.
    pub times: Option<u32>,
}

impl Fault {
    /// To every request of this method.
    #[must_use]
    pub fn on(method: &str, kind: FaultKind) -> Self {
        Self { method: method.to_owned(), channel: None, kind, times: None }
    }

    /// To the next one only.
    #[must_use]
    pub fn once(self) -> Self {
        Self { times: Some(1), ..self }
    }

    /// Only in this channel.
    #[must_use]
    pub fn in_channel(self, channel: &str) -> Self {
        Self { channel: Some(channel.to_owned()), ..self }
    }
}

/// The rule for a request, worn out by one.
pub(super) fn caught(faults: &mut Vec<Fault>, method: &str, channel: &str) -> Option<FaultKind> {
    let at = faults.iter().position(|fault| {
        fault.method == method && fault.channel.as_ref().is_none_or(|only| only == channel)
    })?;
    let fault = &mut faults[at];
    let kind = fault.kind.clone();
    if let Some(times) = &mut fault.times {
        *times -= 1;
        if *times == 0 {
            faults.remove(at);
        }
    }
    Some(kind)
}
