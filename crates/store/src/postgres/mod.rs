//! PostgreSQL: several replicas on one database, none of which holds what another could not take
//! over.
//!
//! 1. Every verb that writes is one transaction. Versions are checked under row locks, taken in the
//!    order of the keys; a race that PostgreSQL ends (deadlock, a row that two insert) is a conflict,
//!    and the engine handles the event again.
//! 2. All transactions take locks in one order: inbox row, entities, outbox, calls, timers, inbox
//!    keys, threads, audit. That keeps deadlocks to wishes for the same messages in two units.
//! 3. Claims skip rows that another replica has locked.
//! 4. A transaction that makes work says so with `NOTIFY` on a channel of its schema; every replica
//!    listens ([`listen`]).

mod audits;
mod calls;
mod chores;
mod connect;
mod inbox;
mod journal;
mod listen;
mod migrate;
mod outbox;
mod timers;
mod unit;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{PgPool, Postgres, Transaction};
use wilco_core::entity::{EntityKey, EntityKind};
use wilco_core::ids::{CallId, DefinitionHash, MessageKey};
use wilco_core::place::Thread;
use wilco_core::port::{
    CallRow, Claimed, CommitFault, EntityRow, InboxRow, JournalEntry, NewEvent, OutboxRow, Prune,
    Pruned, SendOutcome, SettleCall, Store, StoreFault, StoredAudit, TimerRow, Unit, Work,
};
use wilco_core::time::Timestamp;

use self::connect::Database;
use self::listen::Listener;
use crate::changed::Changed;
use crate::fault::{OpenFault, Stop};
use crate::purpose::Purpose;
use crate::tables::{self, at_most, statements};

statements! {
    /// Several entities at once, in any order.
    LOAD = "SELECT kind, id, version, thread, body FROM entities \
         WHERE (kind, id) IN (SELECT * FROM unnest($1::text[], $2::text[])) AND gone = 0";

    /// The next run number.
    NEXT_RUN = "SELECT nextval('run_numbers')";

    /// The clock that replicas share, in milliseconds.
    CLOCK = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";

    /// Wakes all replicas when the transaction is committed.
    NOTIFY = "SELECT pg_notify($1, '')";
}

/// A store in one schema of a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    pool: PgPool,
    channel: String,
    changed: Arc<Changed>,
    _listener: Listener,
}

impl PostgresStore {
    /// Connects, migrates, and listens. Without a schema it is the one that the user's search path
    /// names first, usually `public`; a named one is made if it is not there.
    ///
    /// # Errors
    /// When the server cannot be reached, refuses, or was migrated by a newer program.
    pub async fn connect(url: &str, schema: Option<&str>) -> Result<Self, OpenFault> {
        let database = Database::new(url, schema)?;
        migrate::run(&database).await?;
        let pool = database.pool().await?;
        let channel = format!("wilco_{}", database.schema());
        let changed = Arc::new(Changed::default());
        let listener = Listener::start(&database, &channel, Arc::clone(&changed)).await?;
        Ok(Self { pool, channel, changed, _listener: listener })
    }

    /// Migrates without opening a store.
    ///
    /// # Errors
    /// As [`PostgresStore::connect`].
    pub async fn migrate(url: &str, schema: Option<&str>) -> Result<(), OpenFault> {
        migrate::run(&Database::new(url, schema)?).await
    }

    /// Gives an empty store its purpose, and refuses it for another one.
    ///
    /// # Errors
    /// [`OpenFault::OtherPurpose`].
    pub(crate) async fn dedicate(&self, purpose: Purpose) -> Result<(), OpenFault> {
        sqlx::query(tables::purpose::DEDICATE).bind(purpose.name()).execute(&self.pool).await?;
        let found: String = sqlx::query_scalar(tables::purpose::GET).fetch_one(&self.pool).await?;
        tables::purpose::check(&found, purpose)
    }

    /// Forgets everything, as if the schema were new.
    #[cfg(feature = "testing")]
    pub(crate) async fn empty(&self) -> Result<(), OpenFault> {
        // What the migrations put there stays. TRUNCATE would make new files and new plans.
        const EMPTY: &str = "
            DO $$ DECLARE t text; BEGIN
                FOR t IN
                    SELECT tablename FROM pg_tables
                    WHERE schemaname = current_schema()
                        AND tablename NOT IN ('migrations', 'chores')
                LOOP
                    EXECUTE format('DELETE FROM %I', t);
                END LOOP;
                UPDATE chores SET mark = 0;
                FOR t IN SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema()
                LOOP
                    PERFORM setval(t, 1, false);
                END LOOP;
            END $$";
        sqlx::raw_sql(EMPTY).execute(&self.pool).await?;
        Ok(())
    }

    /// Begins a transaction in a task of its own, which goes on when the caller goes away meanwhile: sqlx
    /// (0.9) notes that a transaction is open only when the server's answer to BEGIN is read. One that is
    /// dropped before would go back into the pool with its transaction open and unknown, and what is
    /// written there next, without one of its own, would be acknowledged and never committed.
    async fn begin(&self) -> Result<Transaction<'static, Postgres>, Stop> {
        let pool = self.pool.clone();
        let begun = tokio::spawn(async move { pool.begin().await }).await;
        begun
            .map_err(|ended| StoreFault(format!("no transaction began: {ended}")))?
            .map_err(Stop::from)
    }

    /// Commits; with news for whoever waits for work.
    async fn commit_and_ring(&self, mut tx: Transaction<'static, Postgres>) -> Result<(), Stop> {
        sqlx::query(NOTIFY).bind(&self.channel).execute(&mut *tx).await?;
        tx.commit().await?;
        self.changed.ring();
        Ok(())
    }

    async fn do_receive(&self, events: &[NewEvent], now: Timestamp) -> Result<usize, Stop> {
        let mut tx = self.begin().await?;
        let put = inbox::put(&mut tx, events, now).await?;
        inbox::open_threads(&mut tx, put.opens, now).await?;
        if put.new > 0 {
            self.commit_and_ring(tx).await?;
        }
        Ok(put.new)
    }

    async fn do_load(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, Stop> {
        let kinds: Vec<&str> = keys.iter().map(|key| key.kind().as_str()).collect();
        let ids: Vec<String> = keys.iter().map(EntityKey::id).collect();
        let found: Vec<tables::entities::Row> =
            sqlx::query_as(LOAD).bind(&kinds).bind(&ids).fetch_all(&self.pool).await?;
        let mut found: HashMap<(String, String), EntityRow> = found
            .into_iter()
            .map(tables::entities::read)
            .map(|row| ((row.kind.clone(), row.id.clone()), row))
            .collect();
        // The same key may be asked for twice, so rows are only moved out at the last one.
        let wanted: Vec<(String, String)> =
            kinds.iter().map(|kind| (*kind).to_owned()).zip(ids).collect();
        Ok(wanted
            .iter()
            .enumerate()
            .map(|(i, key)| {
                if wanted[i + 1..].contains(key) {
                    found.get(key).cloned()
                } else {
                    found.remove(key)
                }
            })
            .collect())
    }

    async fn do_commit(&self, unit: &Unit) -> Result<Claimed, Stop> {
        let mut tx = self.begin().await?;
        let claimed = unit::write(&mut tx, unit).await?;
        self.commit_and_ring(tx).await?;
        Ok(claimed)
    }

    async fn do_settle_send(
        &self,
        held: &outbox::Held<'_>,
        outcome: &SendOutcome,
        now: Timestamp,
    ) -> Result<bool, Stop> {
        let mut tx = self.begin().await?;
        let settled = outbox::settle(&mut tx, held, outcome, now).await?;
        if settled {
            self.commit_and_ring(tx).await?;
        }
        Ok(settled)
    }

    async fn do_settle_call(
        &self,
        id: &CallId,
        epoch: i64,
        outcome: &SettleCall,
        now: Timestamp,
    ) -> Result<bool, Stop> {
        let mut tx = self.begin().await?;
        let settled = calls::settle(&mut tx, id, epoch, outcome, now).await?;
        if settled {
            self.commit_and_ring(tx).await?;
        }
        Ok(settled)
    }

    async fn do_fire_timers(&self, now: Timestamp, limit: usize) -> Result<usize, Stop> {
        let mut tx = self.begin().await?;
        let fired = timers::fire(&mut tx, now, limit).await?;
        if fired > 0 {
            self.commit_and_ring(tx).await?;
        }
        Ok(fired)
    }

    async fn do_journal_put(&self, entry: &journal::Put<'_>) -> Result<i64, Stop> {
        let mut tx = self.begin().await?;
        let (seq, written) = journal::put(&mut tx, entry).await?;
        if written {
            self.commit_and_ring(tx).await?;
        }
        Ok(seq)
    }

    async fn do_prune(&self, prune: &Prune) -> Result<Option<Pruned>, Stop> {
        let mut tx = self.begin().await?;
        let pruned = chores::prune(&mut tx, prune).await?;
        tx.commit().await?;
        Ok(pruned)
    }

    async fn do_audits(&self, after: i64, limit: usize) -> Result<Vec<StoredAudit>, Stop> {
        let mut tx = self.begin().await?;
        audits::read(&mut tx, after, limit).await
    }
}

/// Whether a statement that counts finds anything; so that idle workers open no transaction.
async fn any_due(pool: &PgPool, statement: &'static str, now: Timestamp) -> Result<bool, Stop> {
    let due: i64 = sqlx::query_scalar(statement).bind(now.0).fetch_one(pool).await?;
    Ok(due > 0)
}

/// A driver's error as the trait's.
fn fault(error: sqlx::Error) -> StoreFault {
    StoreFault::from(Stop::from(error))
}

#[async_trait]
impl Store for PostgresStore {
    async fn receive(&self, events: Vec<NewEvent>, now: Timestamp) -> Result<usize, StoreFault> {
        Ok(self.do_receive(&events, now).await?)
    }

    async fn knows_thread(&self, thread: &Thread) -> Result<bool, StoreFault> {
        let known: i64 = sqlx::query_scalar(tables::inbox::KNOWS_THREAD)
            .bind(thread.to_string())
            .fetch_one(&self.pool)
            .await
            .map_err(fault)?;
        Ok(known > 0)
    }

    async fn pending(&self, limit: usize, busy: &[String]) -> Result<Vec<InboxRow>, StoreFault> {
        Ok(inbox::pending(&self.pool, limit, busy).await?)
    }

    async fn load(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRow>>, StoreFault> {
        Ok(self.do_load(keys).await?)
    }

    async fn load_thread(&self, thread: &Thread) -> Result<Vec<EntityRow>, StoreFault> {
        let found = sqlx::query_as(tables::entities::IN_THREAD)
            .bind(thread.to_string())
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        Ok(found.into_iter().map(tables::entities::read).collect())
    }

    async fn load_live(&self, kind: EntityKind) -> Result<Vec<EntityRow>, StoreFault> {
        let found = sqlx::query_as(tables::entities::LIVE)
            .bind(kind.as_str())
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        Ok(found.into_iter().map(tables::entities::read).collect())
    }

    async fn load_over(
        &self,
        kind: EntityKind,
        limit: usize,
    ) -> Result<Vec<EntityRow>, StoreFault> {
        let found = sqlx::query_as(tables::entities::OVER)
            .bind(kind.as_str())
            .bind(at_most(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        Ok(found.into_iter().map(tables::entities::read).collect())
    }

    async fn commit(&self, unit: Unit) -> Result<Claimed, CommitFault> {
        Ok(self.do_commit(&unit).await?)
    }

    async fn next_run_number(&self) -> Result<u64, StoreFault> {
        let number: i64 =
            sqlx::query_scalar(NEXT_RUN).fetch_one(&self.pool).await.map_err(fault)?;
        Ok(number.unsigned_abs())
    }

    async fn claim_sends(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<OutboxRow>, StoreFault> {
        if !any_due(&self.pool, tables::outbox::ANY_DUE, now).await? {
            return Ok(Vec::new());
        }
        Ok(outbox::claim(&self.pool, now, lease_until, limit).await?)
    }

    async fn settle_send(
        &self,
        key: &MessageKey,
        epoch: i64,
        wanted: i64,
        outcome: SendOutcome,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let held = outbox::Held { key: key.as_str(), epoch, wanted };
        Ok(self.do_settle_send(&held, &outcome, now).await?)
    }

    async fn claim_calls(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        limit: usize,
    ) -> Result<Vec<CallRow>, StoreFault> {
        if !any_due(&self.pool, tables::calls::ANY_DUE, now).await? {
            return Ok(Vec::new());
        }
        Ok(calls::claim(&self.pool, now, lease_until, limit).await?)
    }

    async fn settle_call(
        &self,
        id: &CallId,
        epoch: i64,
        outcome: SettleCall,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        Ok(self.do_settle_call(id, epoch, &outcome, now).await?)
    }

    async fn fire_timers(&self, now: Timestamp, limit: usize) -> Result<usize, StoreFault> {
        if !any_due(&self.pool, tables::timers::ANY_DUE, now).await? {
            return Ok(0);
        }
        Ok(self.do_fire_timers(now, limit).await?)
    }

    async fn timers(&self, limit: usize) -> Result<Vec<TimerRow>, StoreFault> {
        let bodies: Vec<String> = sqlx::query_scalar(tables::timers::LIST)
            .bind(at_most(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        Ok(bodies.iter().map(|body| tables::timers::read(body)).collect::<Result<_, Stop>>()?)
    }

    async fn work(&self, now: Timestamp) -> Result<Work, StoreFault> {
        let counted: tables::work::Row = sqlx::query_as(tables::work::COUNT)
            .bind(now.0)
            .fetch_one(&self.pool)
            .await
            .map_err(fault)?;
        Ok(tables::work::read(counted))
    }

    async fn definition(&self, hash: &DefinitionHash) -> Result<Option<String>, StoreFault> {
        sqlx::query_scalar(tables::definitions::GET)
            .bind(hash.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(fault)
    }

    async fn journal_put(
        &self,
        journal: &str,
        key: &str,
        body: &str,
        only_new: bool,
    ) -> Result<i64, StoreFault> {
        Ok(self.do_journal_put(&journal::Put { journal, key, body, only_new }).await?)
    }

    async fn journal_read(
        &self,
        journal: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalEntry>, StoreFault> {
        let found = sqlx::query_as(tables::journal::READ)
            .bind(journal)
            .bind(after)
            .bind(at_most(limit))
            .fetch_all(&self.pool)
            .await
            .map_err(fault)?;
        Ok(found.into_iter().map(tables::journal::read).collect())
    }

    async fn journal_get(
        &self,
        journal: &str,
        key: &str,
    ) -> Result<Option<JournalEntry>, StoreFault> {
        let found = sqlx::query_as(tables::journal::GET)
            .bind(journal)
            .bind(key)
            .fetch_optional(&self.pool)
            .await
            .map_err(fault)?;
        Ok(found.map(tables::journal::read))
    }

    async fn audits(&self, after: i64, limit: usize) -> Result<Vec<StoredAudit>, StoreFault> {
        Ok(self.do_audits(after, limit).await?)
    }

    async fn changed(&self) {
        self.changed.wait().await;
    }

    async fn clock(&self) -> Result<Option<Timestamp>, StoreFault> {
        let now: i64 = sqlx::query_scalar(CLOCK).fetch_one(&self.pool).await.map_err(fault)?;
        Ok(Some(Timestamp(now)))
    }

    async fn ping(&self) -> Result<(), StoreFault> {
        sqlx::query(tables::chores::PING).execute(&self.pool).await.map_err(fault)?;
        Ok(())
    }

    async fn prune(&self, prune: Prune) -> Result<Option<Pruned>, StoreFault> {
        if !any_due(&self.pool, tables::chores::ANY_OLD, prune.before).await? {
            return Ok(Some(Pruned::default()));
        }
        Ok(self.do_prune(&prune).await?)
    }
}

/// The statements that only PostgreSQL has.
#[cfg(feature = "testing")]
pub(crate) const STATEMENTS: &[&[(&str, &str)]] = &[
    ALL,
    audits::ALL,
    calls::ALL,
    inbox::ALL,
    journal::ALL,
    migrate::ALL,
    outbox::ALL,
    timers::ALL,
    unit::ALL,
];
