//! What a handler may look at besides the state: configuration, catalog, the time.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::ids::{DefinitionHash, RunId};
use crate::lang::Lang;
use crate::people::Directory;
use crate::place::Room;
use crate::runbook::{Catalog, Runbook};
use crate::target::Environments;
use crate::time::{Timestamp, UtcOffset};

/// The parts of the configuration that decide how the state machines behave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `people:` and teams.
    pub directory: Directory,
    /// `environments:`.
    pub environments: Environments,
    /// Language by room id; others read [`Settings::language`].
    pub room_languages: BTreeMap<String, Lang>,
    /// The language of rooms that are not named; `None` leaves it to the person who speaks.
    pub language: Option<Lang>,
    /// How long a question waits for its answer.
    pub patience: Duration,
    /// How many choices one message shows.
    pub page: usize,
    /// How moments are shown to people: offset from UTC.
    pub utc_offset: UtcOffset,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            directory: Directory::default(),
            environments: Environments::default(),
            room_languages: BTreeMap::new(),
            language: None,
            patience: Duration::from_mins(10),
            page: 5,
            utc_offset: UtcOffset::UTC,
        }
    }
}

impl Settings {
    /// The language that the configuration gives a room.
    #[must_use]
    pub fn language_of(&self, room: &Room) -> Option<Lang> {
        self.room_languages.get(room.room.as_str()).copied().or(self.language)
    }

    /// The language of what is said to a whole room: approvals, announcements, a run's card.
    #[must_use]
    pub fn room_language(&self, room: &Room) -> Lang {
        self.language_of(room).unwrap_or_default()
    }
}

/// Handed to every handler.
#[derive(Debug, Clone)]
pub struct Context {
    /// The time.
    pub now: Timestamp,
    /// The configuration.
    pub settings: Arc<Settings>,
    /// The runbooks of now.
    pub catalog: Arc<Catalog>,
    /// Runbooks that the loaded entities name by hash and that the catalog no longer holds in that
    /// version.
    pub pinned: HashMap<DefinitionHash, Arc<Runbook>>,
    /// The id for a run that this event may create; drawn only when the loaded dialog says that it
    /// may.
    pub next_run: Option<RunId>,
}

impl Context {
    /// A runbook in exactly this version.
    #[must_use]
    pub fn runbook(&self, hash: &DefinitionHash) -> Option<Arc<Runbook>> {
        self.catalog.by_hash(hash).or_else(|| self.pinned.get(hash).cloned())
    }
}
