//! SQLite: the embedded default, one process.
//!
//! 1. A verb that writes becomes a job for the one writer thread ([`writer`]), which runs what is
//!    waiting in one transaction, each job in its own savepoint, and answers after the commit.
//! 2. A verb that reads takes a read-only connection ([`readers`]) and answers inline: such a read
//!    takes some 10 µs, less than handing it to another thread and back.
//! 3. WAL lets both go on at once; `synchronous=FULL` puts every commit on the disk before it is
//!    answered. A lock file keeps a second process out ([`lock`]).

mod calls;
mod chores;
mod inbox;
mod journal;
mod lock;
mod migrate;
mod outbox;
mod readers;
mod timers;
mod unit;
mod writer;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, params};
use wilco_core::entity::{EntityKey, EntityKind};
use wilco_core::ids::{CallId, DefinitionHash, MessageKey};
use wilco_core::place::Thread;
use wilco_core::port::{
    CallRow, Claimed, CommitFault, EntityRow, InboxRow, JournalEntry, NewEvent, OutboxRow, Prune,
    Pruned, SendOutcome, SettleCall, Store, StoreFault, StoredAudit, TimerRow, Unit, Work,
};
use wilco_core::time::Timestamp;

use self::lock::LockFile;
use self::readers::Readers;
use self::writer::Writer;
use crate::changed::Changed;
use crate::fault::{OpenFault, Stop};
use crate::purpose::Purpose;
use crate::tables::{self, at_most, statements};

statements! {
    /// An entity, unless it was removed.
    LOAD = "SELECT kind, id, version, thread, body FROM entities \
         WHERE kind = $1 AND id = $2 AND gone = 0";

    /// The next run number.
    NEXT_RUN = "UPDATE run_numbers SET last = last + 1 RETURNING last";
}

/// How many different statements a connection keeps prepared: more than there are.
const PREPARED: usize = 64;

/// `synchronous=FULL` as SQLite reports it.
const FULL: &str = "2";

/// How many pages (of 4 KiB) the log grows before they are copied into the database: four times the
/// usual, because a page that is written often is then copied more rarely.
const CHECKPOINT_PAGES: &str = "4000";

/// How long a connection waits for another one's lock. Ours never hold one for long; somebody's
/// `sqlite3` shell or backup might.
const PATIENCE: Duration = Duration::from_secs(5);

/// A store in one SQLite file. Dropping it writes what was handed in, then closes the file.
#[derive(Debug)]
pub struct SqliteStore {
    // Fields are dropped in this order: the lock must go last.
    writer: Writer,
    readers: Readers,
    changed: Changed,
    _lock: LockFile,
}

impl SqliteStore {
    /// Opens a database file, makes it if it is not there, and migrates it.
    ///
    /// # Errors
    /// [`OpenFault::AlreadyOpen`] when another store has it open, in this process or another one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenFault> {
        let path = lock::real(path.as_ref())?;
        let lock = LockFile::take(&path)?;
        let mut conn = Connection::open(&path)?;
        conn.busy_timeout(PATIENCE)?;
        prepare_once(&conn)?;
        make_durable(&conn)?;
        migrate::run(&mut conn)?;
        let readers = Readers::open(&path)?;
        Ok(Self { writer: Writer::start(conn)?, readers, changed: Changed::default(), _lock: lock })
    }

    /// Gives an empty store its purpose, and refuses it for another one.
    ///
    /// # Errors
    /// [`OpenFault::OtherPurpose`].
    pub(crate) async fn dedicate(&self, purpose: Purpose) -> Result<(), OpenFault> {
        let job = move |conn: &Connection| {
            execute(conn, tables::purpose::DEDICATE, [purpose.name()])?;
            Ok(conn.query_row(tables::purpose::GET, [], |row| row.get::<_, String>(0))?)
        };
        tables::purpose::check(&self.write(|_| false, job).await?, purpose)
    }

    /// Runs a writing job and rings when it has made work.
    async fn write<T: Send + 'static>(
        &self,
        made_work: impl FnOnce(&T) -> bool + Send,
        job: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let value = self.writer.run(job).await?;
        if made_work(&value) {
            self.changed.ring();
        }
        Ok(value)
    }

    /// Whether a claim would find anything, so that idle workers do not trouble the writer.
    fn any_due(&self, statement: &'static str, now: Timestamp) -> Result<bool, Stop> {
        self.readers.read(|conn| {
            let due: i64 = conn.prepare_cached(statement)?.query_row([now.0], |row| row.get(0))?;
            Ok(due > 0)
        })
    }
}

/// Keeps statements prepared. Without the guarantee SQLite looks at the value of a parameter to choose
/// among partial indexes (`kind = $1` might be that of ended runs), and prepares the statement anew
/// whenever it is bound again.
fn prepare_once(conn: &Connection) -> Result<(), rusqlite::Error> {
    conn.set_prepared_statement_cache_capacity(PREPARED);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// Sets what the promises rest on, and believes only what SQLite says it did: it keeps another
/// journal, without an error, where the file system cannot do WAL.
fn make_durable(conn: &Connection) -> Result<(), OpenFault> {
    let set = |name, value: &str| -> Result<String, rusqlite::Error> {
        conn.pragma_update(None, name, value)?;
        conn.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0)).map(
            |value| match value {
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Integer(number) => number.to_string(),
                other => format!("{other:?}"),
            },
        )
    };
    let (journal, synchronous) = (set("journal_mode", "WAL")?, set("synchronous", "FULL")?);
    if journal != "wal" || synchronous != FULL {
        let refused = format!("journal_mode is {journal}, synchronous is {synchronous}");
        return Err(OpenFault::Database(format!("{refused}; is it on a network file system?")));
    }
    set("wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // What a savepoint would roll back to: 64 KiB of it fit into memory, the rest was a write to a
    // file for each page of each unit.
    set("temp_store", "MEMORY")?;
    Ok(())
}

/// All rows of a statement as tuples.
fn rows<R, P>(conn: &Connection, statement: &str, params: P) -> Result<Vec<R>, Stop>
where
    R: for<'a> TryFrom<&'a rusqlite::Row<'a>, Error = rusqlite::Error>,
    P: rusqlite::Params,
{
    let mut statement = conn.prepare_cached(statement)?;
    let rows = statement.query_map(params, |row| R::try_from(row))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The one row of a statement as a tuple, if there is one.
fn row<R, P>(conn: &Connection, statement: &str, params: P) -> Result<Option<R>, Stop>
where
    R: for<'a> TryFrom<&'a rusqlite::Row<'a>, Error = rusqlite::Error>,
    P: rusqlite::Params,
{
    let mut statement = conn.prepare_cached(statement)?;
    Ok(statement.query_row(params, |row| R::try_from(row)).optional()?)
}

/// Runs a statement and returns how many rows it touched.
fn execute(
    conn: &Connection,
    statement: &str,
    params: impl rusqlite::Params,
) -> Result<usize, Stop> {
    Ok(conn.prepare_cached(statement)?.execute(params)?)
}

#[async_trait]
impl Store for SqliteStore {
    async fn receive(&self, events: Vec<NewEvent>, now: Timestamp) -> Result<usize, StoreFault> {
        let job = move |conn: &Connection| inbox::put(conn, &events, now);
        Ok(self.write(|new| *new > 0, job).await?)
    }

    async fn knows_thread(&self, thread: &Thread) -> Result<bool, StoreFault> {
        let thread = thread.to_string();
        Ok(self.readers.read(|conn| {
            let mut statement = conn.prepare_cached(tables::inbox::KNOWS_THREAD)?;
            let known: i64 = statement.query_row([&thread], |row| row.get(0))?;
            Ok(known > 0)
        })?)
    }

    async fn pending(&self, limit: usize, busy: &[String]) -> Result<Vec<InboxRow>, StoreFault> {
        Ok(self.readers.read(|conn| inbox::pending(conn, limit, busy))?)
    }

    async fn load(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, StoreFault> {
        Ok(self.readers.read(|conn| {
            keys.iter()
                .map(|key| {
                    let found = row(conn, LOAD, params![key.kind().as_str(), key.id()])?;
                    Ok(found.map(tables::entities::read))
                })
                .collect()
        })?)
    }

    async fn load_thread(&self, thread: &Thread) -> Result<Vec<EntityRow>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let found = rows(conn, tables::entities::IN_THREAD, [thread.to_string()])?;
            Ok(found.into_iter().map(tables::entities::read).collect())
        })?)
    }

    async fn load_live(&self, kind: EntityKind) -> Result<Vec<EntityRow>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let found = rows(conn, tables::entities::LIVE, [kind.as_str()])?;
            Ok(found.into_iter().map(tables::entities::read).collect())
        })?)
    }

    async fn load_over(
        &self,
        kind: EntityKind,
        limit: usize,
    ) -> Result<Vec<EntityRow>, StoreFault> {
        let limit = at_most(limit);
        Ok(self.readers.read(|conn| {
            let found = rows(conn, tables::entities::OVER, (kind.as_str(), limit))?;
            Ok(found.into_iter().map(tables::entities::read).collect())
        })?)
    }

    async fn commit(&self, unit: Unit) -> Result<Claimed, CommitFault> {
        Ok(self.write(|_| true, move |conn| unit::write(conn, &unit)).await?)
    }

    async fn next_run_number(&self) -> Result<u64, StoreFault> {
        let job = |conn: &Connection| {
            let last: i64 = conn.prepare_cached(NEXT_RUN)?.query_row([], |row| row.get(0))?;
            Ok(last)
        };
        Ok(self.write(|_| false, job).await?.unsigned_abs())
    }

    async fn claim_sends(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        if !self.any_due(tables::outbox::ANY_DUE, now)? {
            return Ok(Vec::new());
        }
        let job = move |conn: &Connection| outbox::claim(conn, now, lease_until, limit);
        Ok(self.write(|_| false, job).await?)
    }

    async fn settle_send(
        &self,
        key: &MessageKey,
        epoch: i64,
        wanted: i64,
        outcome: SendOutcome,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let key = key.as_str().to_owned();
        let job = move |conn: &Connection| {
            outbox::settle(conn, &outbox::Held { key: &key, epoch, wanted }, &outcome, now)
        };
        Ok(self.write(|held| *held, job).await?)
    }

    async fn claim_calls(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallRow>, StoreFault> {
        if !self.any_due(tables::calls::ANY_DUE, now)? {
            return Ok(Vec::new());
        }
        let job = move |conn: &Connection| calls::claim(conn, now, lease_until, limit);
        Ok(self.write(|_| false, job).await?)
    }

    async fn settle_call(
        &self,
        id: &CallId,
        epoch: i64,
        outcome: SettleCall,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let id = id.as_str().to_owned();
        let job = move |conn: &Connection| calls::settle(conn, &id, epoch, &outcome, now);
        Ok(self.write(|held| *held, job).await?)
    }

    async fn fire_timers(&self, now: Timestamp, limit: usize) -> Result<usize, StoreFault> {
        if !self.any_due(tables::timers::ANY_DUE, now)? {
            return Ok(0);
        }
        let job = move |conn: &Connection| timers::fire(conn, now, limit);
        Ok(self.write(|fired| *fired > 0, job).await?)
    }

    async fn timers(&self, limit: usize) -> Result<Vec<TimerRow>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let found: Vec<(String,)> = rows(conn, tables::timers::LIST, [at_most(limit)])?;
            found.iter().map(|(body,)| tables::timers::read(body)).collect()
        })?)
    }

    async fn work(&self, now: Timestamp) -> Result<Work, StoreFault> {
        Ok(self.readers.read(|conn| {
            let counted: Option<tables::work::Row> = row(conn, tables::work::COUNT, [now.0])?;
            Ok(counted.map(tables::work::read).unwrap_or_default())
        })?)
    }

    async fn definition(&self, hash: &DefinitionHash) -> Result<Option<String>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let found: Option<(String,)> = row(conn, tables::definitions::GET, [hash.as_str()])?;
            Ok(found.map(|(source,)| source))
        })?)
    }

    async fn journal_put(
        &self,
        journal: &str,
        key: &str,
        body: &str,
        only_new: bool,
    ) -> Result<i64, StoreFault> {
        let (journal, key, body) = (journal.to_owned(), key.to_owned(), body.to_owned());
        let job = move |conn: &Connection| journal::put(conn, &journal, &key, &body, only_new);
        Ok(self.write(|_| true, job).await?)
    }

    async fn journal_read(
        &self,
        journal: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let params = params![journal, after, at_most(limit)];
            let found = rows(conn, tables::journal::READ, params)?;
            Ok(found.into_iter().map(tables::journal::read).collect())
        })?)
    }

    async fn journal_get(
        &self,
        journal: &str,
        key: &str,
    ) -> Result<Option<JournalEntry>, StoreFault> {
        Ok(self.readers.read(|conn| journal::get(conn, journal, key))?)
    }

    async fn audits(&self, after: i64, limit: usize) -> Result<Vec<StoredAudit>, StoreFault> {
        Ok(self.readers.read(|conn| {
            let found = rows(conn, tables::audits::READ, params![after, at_most(limit)])?;
            found.into_iter().map(tables::audits::read).collect()
        })?)
    }

    async fn changed(&self) {
        self.changed.wait().await;
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        // One process: its clock is as good as ours. What it must not do is told by `reach`.
        Ok(None)
    }

    async fn reach(&self, now: Timestamp) -> Result<Timestamp, StoreFault> {
        Ok(self.write(|_| false, move |conn| chores::reach(conn, now)).await?)
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        self.write(|_| false, |conn| execute(conn, tables::chores::PING, [])).await?;
        Ok(())
    }

    async fn prune(&self, prune: Prune) -> Result<Option<Pruned>, StoreFault> {
        if !self.any_due(tables::chores::ANY_OLD, prune.before)? {
            return Ok(Some(Pruned::default()));
        }
        Ok(self.write(|_| false, move |conn| chores::prune(conn, &prune)).await?)
    }
}

/// The statements that only SQLite has.
#[cfg(feature = "testing")]
pub(crate) const STATEMENTS: &[&[(&str, &str)]] =
    &[ALL, calls::ALL, chores::ALL, inbox::ALL, outbox::ALL, timers::ALL, unit::ALL];
