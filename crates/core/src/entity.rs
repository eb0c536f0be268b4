//! What has state between two events: a dialog, a run, a lock.
//!
//! The store keeps each as one versioned row and knows nothing of what is inside.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dialog::Dialog;
use crate::ids::{PersonId, RunId};
use crate::lock::Lock;
use crate::place::Thread;
use crate::run::Run;
use crate::target::Target;
use crate::withdrawal::Withdrawal;

/// One open conversation: a thread and a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DialogKey {
    /// Where it stands.
    pub thread: Thread,
    /// Who talks.
    pub person: PersonId,
}

impl fmt::Display for DialogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.thread, self.person)
    }
}

/// Names an entity for ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityKey {
    /// A dialog.
    Dialog(DialogKey),
    /// A run.
    Run(RunId),
    /// The lock of a target.
    Lock(Target),
    /// What was rolled back from a target.
    Withdrawal(Target),
}

/// The kinds of entity, as the store names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// See [`EntityKey::Dialog`].
    Dialog,
    /// See [`EntityKey::Run`].
    Run,
    /// See [`EntityKey::Lock`].
    Lock,
    /// See [`EntityKey::Withdrawal`].
    Withdrawal,
}

impl EntityKind {
    /// The word in the store's `kind` column.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dialog => "dialog",
            Self::Run => "run",
            Self::Lock => "lock",
            Self::Withdrawal => "withdrawal",
        }
    }
}

impl EntityKey {
    /// What kind of entity it names.
    #[must_use]
    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Dialog(_) => EntityKind::Dialog,
            Self::Run(_) => EntityKind::Run,
            Self::Lock(_) => EntityKind::Lock,
            Self::Withdrawal(_) => EntityKind::Withdrawal,
        }
    }

    /// The id within its kind.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Dialog(key) => key.to_string(),
            Self::Run(run) => run.to_string(),
            Self::Lock(target) | Self::Withdrawal(target) => target.to_string(),
        }
    }
}

impl fmt::Display for EntityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind().as_str(), self.id())
    }
}

/// An entity with its state.
#[expect(clippy::large_enum_variant, reason = "lives for one event, never in a collection")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A dialog.
    Dialog(Dialog),
    /// A run.
    Run(Box<Run>),
    /// A lock.
    Lock(Lock),
    /// What was rolled back.
    Withdrawal(Withdrawal),
}

impl Entity {
    /// Its name.
    #[must_use]
    pub fn key(&self) -> EntityKey {
        match self {
            Self::Dialog(dialog) => EntityKey::Dialog(dialog.key.clone()),
            Self::Run(run) => EntityKey::Run(run.id.clone()),
            Self::Lock(lock) => EntityKey::Lock(lock.target.clone()),
            Self::Withdrawal(gone) => EntityKey::Withdrawal(gone.target.clone()),
        }
    }

    /// The thread in which it lives, if it lives in one.
    #[must_use]
    pub fn thread(&self) -> Option<&Thread> {
        match self {
            Self::Dialog(dialog) => Some(&dialog.key.thread),
            Self::Run(run) => Some(&run.thread),
            Self::Lock(_) | Self::Withdrawal(_) => None,
        }
    }

    /// Whether anything can still happen to it. A run that is over stays in the store, not live;
    /// a run that ended unknown is live until a person resolves it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Dialog(_) | Self::Withdrawal(_) => true,
            Self::Run(run) => run.is_live(),
            Self::Lock(lock) => !lock.is_free(),
        }
    }
}
