//! Identifiers as their own types, parsed once at the edge, so that a room can never be passed where
//! a person is wanted.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps an identifier. White space and control characters, which would break the
            /// keys built from it, become `_`.
            pub fn new(raw: impl AsRef<str>) -> Self {
                Self(
                    raw.as_ref()
                        .chars()
                        .map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c })
                        .collect(),
                )
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// One chat platform connection, as named in the configuration: `console`, `slack`.
    AdapterName
}
id! {
    /// A room (channel) of one adapter, by the platform's id, never by its display name where the
    /// platform has ids.
    RoomId
}
id! {
    /// A message as the platform names it; the first message of a thread names the thread.
    MessageId
}
id! {
    /// A user account of one platform.
    UserId
}
id! {
    /// One human across all platforms: the key in `people:`.
    PersonId
}
id! {
    /// A team that people belong to.
    TeamName
}
id! {
    /// An environment such as `production`.
    EnvironmentName
}
id! {
    /// The name of a runbook: the word after `runbook:` in its file.
    RunbookName
}
id! {
    /// SHA-256 (hex) of a definition's source; what dialogs, approvals and runs name.
    DefinitionHash
}
id! {
    /// A run: `r1`, `r2`, … in the order they were created; gaps are possible.
    RunId
}
id! {
    /// Names one bot message for ever, chosen by the state machine that says it; saying the same
    /// key again updates the message.
    MessageKey
}
id! {
    /// One query or operation, named by its owner and a counter: `r1.4`.
    CallId
}
id! {
    /// The first characters of a plan's SHA-256 that people see and approve: `3f9c`, or all of it.
    PlanDigest
}

impl RunId {
    /// The run with this number.
    #[must_use]
    pub fn numbered(number: u64) -> Self {
        Self(format!("r{number}"))
    }
}

impl PlanDigest {
    /// What people read: the first four hex digits.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..4).unwrap_or(&self.0)
    }
}
