//! The rooms of a local platform.

use serde::Serialize;
use wilco_core::ids::{PersonId, RoomId};
use wilco_core::lang::Text;
use wilco_core::place::Room;

use super::{LocalPlatform, WORKSPACE};

/// What a room is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Everybody reads and writes.
    Channel,
    /// One person and the bot; everything said there is said to the bot.
    Direct(PersonId),
}

/// A room of a local platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRoom {
    /// Its id, which is also its name: `#deploy`, `@mina`.
    pub id: String,
    /// What it is.
    pub kind: RoomKind,
    /// One line under its name.
    pub about: Text,
}

impl LocalRoom {
    /// A room for everybody; `name` with or without its `#`.
    #[must_use]
    pub fn channel(name: &str, about: Text) -> Self {
        let id = format!("#{}", name.trim_start_matches('#'));
        Self { id: RoomId::new(id).to_string(), kind: RoomKind::Channel, about }
    }

    /// The direct conversation of a person with the bot.
    #[must_use]
    pub fn direct(person: &PersonId) -> Self {
        Self {
            id: format!("@{person}"),
            kind: RoomKind::Direct(person.clone()),
            about: Text::default(),
        }
    }
}

impl LocalPlatform {
    /// Every room, first those for everybody, then the direct conversations.
    #[must_use]
    pub fn rooms(&self) -> Vec<LocalRoom> {
        let direct = self.parts.people.people().map(|person| LocalRoom::direct(&person.id));
        self.parts.rooms.iter().cloned().chain(direct).collect()
    }

    /// The room with this id. `#` may be left out.
    #[must_use]
    pub fn room(&self, id: &str) -> Option<LocalRoom> {
        if let Some(person) = id.strip_prefix('@') {
            let person = self.parts.people.person(&PersonId::new(person))?;
            return Some(LocalRoom::direct(&person.id));
        }
        let name = id.trim_start_matches('#');
        self.parts.rooms.iter().find(|room| room.id.trim_start_matches('#') == name).cloned()
    }

    /// A room's whole name.
    pub(super) fn place(&self, room: &str) -> Room {
        Room {
            adapter: self.name.clone(),
            workspace: WORKSPACE.to_owned(),
            room: RoomId::new(room),
        }
    }
}
