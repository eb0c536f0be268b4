//! What was loaded for one event, and what came out of handling it.

use std::collections::BTreeMap;

use crate::dialog::Dialog;
use crate::effect::Effect;
use crate::entity::DialogKey;
use crate::ids::RunId;
use crate::lock::Lock;
use crate::run::Run;
use crate::target::Target;
use crate::withdrawal::Withdrawal;

/// The entities that one event may concern.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Dialogs, by key: the one of the event's person and thread, or the owner of an answer.
    pub dialogs: BTreeMap<DialogKey, Dialog>,
    /// Runs: live ones of the event's thread, the one a button or an answer names.
    pub runs: BTreeMap<RunId, Run>,
    /// Locks: all that are held, and those of the targets of loaded runs.
    pub locks: BTreeMap<Target, Lock>,
    /// What was rolled back: all of it for a dialog, and of the targets of loaded runs.
    pub withdrawals: BTreeMap<Target, Withdrawal>,
}

/// What came out of handling one event: effects, in order.
pub type Outcome = Vec<Effect>;
