//! Loads what one event concerns, and remembers in which version it was seen.

use std::collections::HashMap;
use std::sync::Arc;

use wilco_core::audit::Fact;
use wilco_core::context::{Context, Settings};
use wilco_core::dialog::Dialog;
use wilco_core::entity::{DialogKey, Entity, EntityKey, EntityKind};
use wilco_core::event::Event;
use wilco_core::handle;
use wilco_core::ids::{DefinitionHash, PersonId, RunId};
use wilco_core::lock::Lock;
use wilco_core::port::{EntityRow, StoreFault, Version};
use wilco_core::run::Run;
use wilco_core::runbook::Runbook;
use wilco_core::withdrawal::Withdrawal;
use wilco_core::world::World;

use crate::shared::Shared;

/// What was loaded for one event.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) world: World,
    /// Versions that must still hold when the unit is written; 0 for what does not exist.
    pub(crate) firm: HashMap<EntityKey, Version>,
    /// Versions of entities that were only looked at among all of their kind. They must hold only
    /// if the unit writes them: else every dialog would wait for every lock.
    pub(crate) loose: HashMap<EntityKey, Version>,
}

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadFault {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A stored entity cannot be read by this version of Wilco.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
}

/// A stored entity that cannot be read by this version of Wilco.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind} {id} cannot be read: {why}")]
pub(crate) struct Unreadable {
    pub(crate) kind: String,
    pub(crate) id: String,
    /// Where it lives, as the store has it.
    pub(crate) thread: Option<String>,
    pub(crate) why: String,
}

impl Unreadable {
    /// Counts it, tells it in the log, and yields what is put on record.
    pub(crate) fn tell(&self) -> Fact {
        tracing::error!(kind = self.kind, id = self.id, why = self.why, "cannot be read");
        metrics::counter!("wilco_unreadable_total", "kind" => self.kind.clone()).increment(1);
        Fact::Unreadable { what: format!("{} {}", self.kind, self.id), why: self.why.clone() }
    }

    /// Its key, where the id tells it.
    pub(crate) fn key(&self) -> Option<EntityKey> {
        let (kind, id) = (self.kind.as_str(), self.id.as_str());
        if kind == EntityKind::Run.as_str() {
            Some(EntityKey::Run(RunId::new(id)))
        } else if kind == EntityKind::Dialog.as_str() {
            let (thread, person) = id.rsplit_once(' ')?;
            let (thread, person) = (thread.parse().ok()?, PersonId::new(person));
            Some(EntityKey::Dialog(DialogKey { thread, person }))
        } else if kind == EntityKind::Lock.as_str() {
            id.parse().ok().map(EntityKey::Lock)
        } else if kind == EntityKind::Withdrawal.as_str() {
            id.parse().ok().map(EntityKey::Withdrawal)
        } else {
            None
        }
    }
}

/// The JSON of an entity in the store: its own form, without the name of its kind.
#[must_use]
pub fn encode_entity(entity: &Entity) -> String {
    // Entities are plain data with text keys, which always have a JSON form.
    match entity {
        Entity::Dialog(dialog) => serde_json::to_string(dialog),
        Entity::Run(run) => serde_json::to_string(run),
        Entity::Lock(lock) => serde_json::to_string(lock),
        Entity::Withdrawal(gone) => serde_json::to_string(gone),
    }
    .unwrap_or_default()
}

/// Reads what [`encode_entity`] wrote.
///
/// # Errors
/// The row is of an unknown kind, or was written by another version of Wilco.
pub fn decode_entity(row: &EntityRow) -> Result<Entity, serde_json::Error> {
    let body = row.body.as_str();
    if row.kind == EntityKind::Dialog.as_str() {
        serde_json::from_str::<Dialog>(body).map(Entity::Dialog)
    } else if row.kind == EntityKind::Run.as_str() {
        serde_json::from_str::<Box<Run>>(body).map(Entity::Run)
    } else if row.kind == EntityKind::Lock.as_str() {
        serde_json::from_str::<Lock>(body).map(Entity::Lock)
    } else if row.kind == EntityKind::Withdrawal.as_str() {
        serde_json::from_str::<Withdrawal>(body).map(Entity::Withdrawal)
    } else {
        Err(serde::de::Error::custom("unknown kind of entity"))
    }
}

impl Loaded {
    /// Loads what the event needs, and `extra`.
    pub(crate) async fn load(
        shared: &Shared,
        settings: &Settings,
        event: &Event,
        extra: &[EntityKey],
    ) -> Result<Self, LoadFault> {
        let needs = handle::needs(settings, event);
        let mut loaded = Self::default();
        let mut keys = needs.keys;
        keys.extend(extra.iter().cloned());
        loaded.load_keys(shared, keys).await?;
        if let Some(thread) = &needs.thread {
            for row in shared.store.load_thread(thread).await? {
                // Dialogs of other people in the thread are none of this event's business: reading
                // them would make ten people in one thread wait for each other.
                if row.kind != EntityKind::Dialog.as_str() {
                    loaded.keep_firm(&row)?;
                }
            }
        }
        loaded.load_keys(shared, handle::further_needs(&loaded.world)).await?;
        // Last, so that runs which are only looked at do not ask for their locks.
        for kind in &needs.live {
            for row in shared.store.load_live(*kind).await? {
                match read(&row) {
                    Ok(entity) => loaded.keep_loose(entity, row.version),
                    // One of all: whoever needs this very one is told.
                    Err(unreadable) => drop(unreadable.tell()),
                }
            }
        }
        if let Some(thread) = &needs.looks_at {
            for row in shared.store.load_thread(thread).await? {
                if row.kind == EntityKind::Run.as_str()
                    && let Ok(entity) = read(&row)
                {
                    loaded.keep_loose(entity, row.version);
                }
            }
        }
        if let Some((room, person)) = &needs.talk {
            let room = format!("{room} ");
            for row in shared.store.load_live(EntityKind::Dialog).await? {
                // Others are told apart by their id, unread.
                if !row.id.starts_with(&room) || !row.id.ends_with(&format!(" {person}")) {
                    continue;
                }
                loaded.keep_loose(read(&row)?, row.version);
            }
        }
        Ok(loaded)
    }

    /// Loads an entity and, for a run, the locks of its targets, as far as they can be read.
    pub(crate) async fn leniently(
        shared: &Shared,
        key: Option<EntityKey>,
    ) -> Result<(Self, Vec<Unreadable>), StoreFault> {
        let (mut loaded, mut unread) = (Self::default(), Vec::new());
        let mut keys: Vec<EntityKey> = key.into_iter().collect();
        while !keys.is_empty() {
            let rows = shared.store.load(&keys).await?;
            for (key, row) in keys.into_iter().zip(rows) {
                let version = row.as_ref().map_or(0, |row| row.version);
                match row.as_ref().map(read) {
                    Some(Ok(entity)) => loaded.keep(entity),
                    Some(Err(unreadable)) => unread.push(unreadable),
                    None => {}
                }
                loaded.firm.insert(key, version);
            }
            keys = handle::further_needs(&loaded.world);
            keys.retain(|key| !loaded.firm.contains_key(key));
            keys.sort();
            keys.dedup();
        }
        Ok((loaded, unread))
    }

    async fn load_keys(
        &mut self,
        shared: &Shared,
        mut keys: Vec<EntityKey>,
    ) -> Result<(), LoadFault> {
        keys.retain(|key| !self.firm.contains_key(key));
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            return Ok(());
        }
        let rows = shared.store.load(&keys).await?;
        for (key, row) in keys.into_iter().zip(rows) {
            if let Some(row) = row {
                self.keep_firm(&row)?;
            } else {
                self.firm.insert(key, 0);
            }
        }
        Ok(())
    }

    fn keep_firm(&mut self, row: &EntityRow) -> Result<(), LoadFault> {
        let entity = read(row)?;
        self.firm.insert(entity.key(), row.version);
        self.keep(entity);
        Ok(())
    }

    /// What was loaded by its key stays as it was seen there, also as absent.
    fn keep_loose(&mut self, entity: Entity, version: Version) {
        let key = entity.key();
        if !self.firm.contains_key(&key) {
            self.loose.insert(key, version);
            self.keep(entity);
        }
    }

    fn keep(&mut self, entity: Entity) {
        match entity {
            Entity::Dialog(dialog) => {
                self.world.dialogs.insert(dialog.key.clone(), dialog);
            }
            Entity::Run(run) => {
                self.world.runs.insert(run.id.clone(), *run);
            }
            Entity::Lock(lock) => {
                self.world.locks.insert(lock.target.clone(), lock);
            }
            Entity::Withdrawal(gone) => {
                self.world.withdrawals.insert(gone.target.clone(), gone);
            }
        }
    }

    /// The version in which an entity was seen.
    pub(crate) fn version(&self, key: &EntityKey) -> Option<Version> {
        self.firm.get(key).or_else(|| self.loose.get(key)).copied()
    }
}

/// Reads a row, or says what cannot be read.
pub(crate) fn read(row: &EntityRow) -> Result<Entity, Unreadable> {
    decode_entity(row).map_err(|why| Unreadable {
        kind: row.kind.clone(),
        id: row.id.clone(),
        thread: row.thread.clone(),
        why: why.to_string(),
    })
}

/// Adds the definitions that the loaded entities name and the catalog lacks.
pub(crate) async fn pin(
    shared: &Shared,
    ctx: &mut Context,
    world: &World,
) -> Result<(), StoreFault> {
    for hash in handle::definitions(world) {
        if ctx.catalog.by_hash(&hash).is_none()
            && let Some(runbook) = pinned(shared, &hash).await?
        {
            ctx.pinned.insert(hash, runbook);
        }
    }
    Ok(())
}

async fn pinned(
    shared: &Shared,
    hash: &DefinitionHash,
) -> Result<Option<Arc<Runbook>>, StoreFault> {
    if let Some(known) = shared.pinned().get(hash) {
        return Ok(known.clone());
    }
    let Some(source) = shared.store.definition(hash).await? else {
        tracing::error!(%hash, "a definition that is in use is not in the store");
        return Ok(None);
    };
    let runbook = (shared.definitions)(hash, &source);
    if runbook.is_none() {
        tracing::error!(%hash, "a stored definition can no longer be read");
    }
    shared.pinned().insert(hash.clone(), runbook.clone());
    Ok(runbook)
}
