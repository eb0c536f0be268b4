//! Where something is said: adapter, workspace, room, thread.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{AdapterName, MessageId, RoomId};

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
