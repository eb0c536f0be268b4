//! Effects, translated into what the store writes in one piece.

use std::collections::BTreeMap;

use wilco_core::effect::Effect;
use wilco_core::entity::{Entity, EntityKey};
use wilco_core::ids::RunId;
use wilco_core::port::{Definition, InboxRow, NewEvent, Unit};
use wilco_core::time::Timestamp;
use wilco_core::world::Outcome;

use crate::inbox::stored;
use crate::load::{Loaded, encode_entity};

/// Translates effects. `fresh` is the id that was drawn for a new run: nobody else can have it.
///
/// # Errors
/// Entities that are written but were not loaded: without their version a write could undo what
/// another event did. They have to be loaded, and the event handled again.
pub(crate) fn unit(
    loaded: &Loaded,
    outcome: Outcome,
    row: &InboxRow,
    fresh: Option<&RunId>,
    now: Timestamp,
) -> Result<Unit, Vec<EntityKey>> {
    let mut unit = Unit { handles: Some(row.seq), now, ..Unit::default() };
    // The last wish for an entity counts.
    let mut wishes: BTreeMap<EntityKey, Option<Entity>> = BTreeMap::new();
    for effect in outcome {
        match effect {
            Effect::Put(entity) => drop(wishes.insert(entity.key(), Some(entity))),
            Effect::Remove(key) => drop(wishes.insert(key, None)),
            Effect::Say(say) => unit.says.push(say),
            Effect::Ask(query) => unit.queries.push(query),
            Effect::Do(operation) => unit.operations.push(operation),
            Effect::SetTimer(timer) => {
                unit.stops.retain(|stop| *stop != (timer.owner.clone(), timer.name.clone()));
                unit.timers.push(timer);
            }
            Effect::StopTimer(owner, name) => {
                unit.timers.retain(|timer| timer.owner != owner || timer.name != name);
                unit.stops.push((owner, name));
            }
            Effect::Tell { key, event } => unit.events.push(told(key, &event)),
            Effect::Define { hash, source } => unit.definitions.push(Definition { hash, source }),
            Effect::Record(record) => unit.audits.push(record),
        }
    }
    let unseen: Vec<EntityKey> = wishes
        .keys()
        .filter(|key| loaded.version(key).is_none() && !is_fresh(key, fresh))
        .cloned()
        .collect();
    if !unseen.is_empty() {
        return Err(unseen);
    }
    unit.reads = loaded.firm.iter().map(|(key, version)| (key.clone(), *version)).collect();
    for (key, wish) in wishes {
        if !loaded.firm.contains_key(&key) {
            unit.reads.push((key.clone(), loaded.version(&key).unwrap_or(0)));
        }
        match wish {
            Some(entity) => unit.puts.push((
                key,
                entity.thread().cloned(),
                entity.is_live(),
                encode_entity(&entity),
            )),
            None => unit.removes.push(key),
        }
    }
    Ok(unit)
}

fn is_fresh(key: &EntityKey, fresh: Option<&RunId>) -> bool {
    matches!(key, EntityKey::Run(run) if Some(run) == fresh)
}

fn told(key: String, event: &wilco_core::event::Event) -> NewEvent {
    stored(key, event, None)
}
