//! Where something is said: adapter, workspace, room, thread.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AdapterName, MessageId, RoomId, UserId};

/// A room, with its whole name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Room {
    /// The chat platform connection.
    pub adapter: AdapterName,
    /// The workspace (Slack team, Matrix server) that the room belongs to; one platform may have several.
    pub workspace: String,
    /// The room.
    pub room: RoomId,
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.adapter, self.workspace, self.room)
    }
}

/// The direct conversation of the bot with an account. Which room that is the platform knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Direct {
    /// The chat platform connection.
    pub adapter: AdapterName,
    /// The workspace of the account.
    pub workspace: String,
    /// The account.
    pub user: UserId,
}

impl fmt::Display for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} @{}", self.adapter, self.workspace, self.user)
    }
}

/// A thread: a room and the message under which everything stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Thread {
    /// The room of the thread.
    pub room: Room,
    /// The first message of the thread.
    pub root: MessageId,
}

/// The key under which the store finds everything that lives in a thread.
impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.room, self.root)
    }
}

/// Not the text of a [`Thread`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a thread: adapter, workspace, room and root are wanted")]
pub struct NoThread;

/// Reads what `Display` wrote; ids are words without spaces.
impl std::str::FromStr for Thread {
    type Err = NoThread;

    fn from_str(text: &str) -> Result<Self, NoThread> {
        let parts: Vec<&str> = text.split(' ').collect();
        let [adapter, workspace, room, root] = parts[..] else { return Err(NoThread) };
        if parts.contains(&"") {
            return Err(NoThread);
        }
        let room = Room {
            adapter: AdapterName::new(adapter),
            workspace: workspace.to_owned(),
            room: RoomId::new(room),
        };
        Ok(Self { room, root: MessageId::new(root) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_read_as_it_was_written() {
        for text in ["console local deploy 17", "console local 배포 wilco:m-1"] {
            let thread: Thread = text.parse().unwrap();
            assert_eq!(thread.to_string(), text);
        }
        for bad in ["", "a b c", "a b  d", "a b c ", "a b c d e"] {
            assert_eq!(bad.parse::<Thread>(), Err(NoThread), "{bad}");
        }
    }
}
