//! One unit on SQLite: checks first, then writes, all in the savepoint of its job.

use rusqlite::{Connection, params};
use wilco_core::port::{CallTask, Claim, Claimed, Unit};

use super::{execute, inbox, outbox, row};
use crate::fault::Stop;
use crate::tables::{
    audits, calls, definitions, entities, inbox as inbox_table, statements, timers,
};

statements! {
    /// The version of an entity; 0 when it was removed.
    VERSION = "SELECT CASE WHEN gone = 1 THEN 0 ELSE version END FROM entities \
         WHERE kind = $1 AND id = $2";
}

/// See `Store::commit`.
pub(super) fn write(conn: &Connection, unit: &Unit) -> Result<Claimed, Stop> {
    if let Some(seq) = unit.handles
        && execute(conn, inbox_table::HANDLE, [seq])? == 0
    {
        return Err(Stop::NotNext);
    }
    for (key, seen) in &unit.reads {
        let version: Option<(i64,)> = row(conn, VERSION, params![key.kind().as_str(), key.id()])?;
        if version.map_or(0, |(version,)| version) != *seen {
            return Err(Stop::Conflict);
        }
    }
    write_state(conn, unit)?;
    for say in &unit.says {
        outbox::say(conn, say, unit.now)?;
    }
    let mut claimed = Claimed::default();
    if let Some(until) = unit.claims.sends {
        claimed.sends = outbox::claim_wishes(conn, &unit.says, unit.now, until)?;
    }
    for query in &unit.queries {
        let (id, body) = (query.id.as_str(), serde_json::to_string(query)?);
        if let Some(claim) = ask(conn, id, calls::QUERY, body, unit)? {
            claimed.calls.push(calls::first_row(CallTask::Query(query.clone()), claim));
        }
    }
    for operation in &unit.operations {
        let (id, body) = (operation.id.as_str(), serde_json::to_string(operation)?);
        if let Some(claim) = ask(conn, id, calls::OPERATION, body, unit)? {
            claimed.calls.push(calls::first_row(CallTask::Operation(operation.clone()), claim));
        }
    }
    for (owner, name) in &unit.stops {
        execute(conn, timers::STOP, params![owner.to_string(), name.encode()])?;
    }
    for timer in &unit.timers {
        let (owner, name) = (timer.owner.to_string(), timer.name.encode());
        let body = serde_json::to_string(timer)?;
        execute(conn, timers::SET, params![owner, name, timer.due.0, body])?;
    }
    inbox::put(conn, &unit.events, unit.now)?;
    for definition in &unit.definitions {
        execute(conn, definitions::KEEP, params![definition.hash.as_str(), definition.source])?;
    }
    for record in &unit.audits {
        execute(conn, audits::ADD, params![record.at.0, serde_json::to_string(record)?])?;
    }
    Ok(claimed)
}

/// Stores a call; returns its claim, if it is new and the unit wants one.
fn ask(
    conn: &Connection,
    id: &str,
    task: &str,
    body: String,
    unit: &Unit,
) -> Result<Option<Claim>, Stop> {
    let Some(until) = unit.claims.calls else {
        execute(conn, calls::ADD, params![id, task, body, unit.now.0])?;
        return Ok(None);
    };
    let params = params![id, task, body, unit.now.0, until.0];
    let new = execute(conn, calls::ADD_CLAIMED, params)? == 1;
    Ok(new.then(|| calls::first_claim(until)))
}

/// Entities, and the threads that they make known.
fn write_state(conn: &Connection, unit: &Unit) -> Result<(), Stop> {
    for key in &unit.removes {
        execute(conn, entities::REMOVE, params![key.kind().as_str(), key.id()])?;
    }
    for (key, thread, live, body) in &unit.puts {
        let thread = thread.as_ref().map(ToString::to_string);
        let params = params![key.kind().as_str(), key.id(), thread, i64::from(*live), body];
        execute(conn, entities::PUT, params)?;
        if let Some(thread) = thread {
            execute(conn, inbox_table::OPEN_THREAD, params![thread, unit.now.0])?;
        }
    }
    Ok(())
}
