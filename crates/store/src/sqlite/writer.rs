//! The one writer: takes what is waiting, runs each job in a savepoint, commits once, answers then.
//!
//! One `fsync` is shared by all who wait for one, so the more people write at once, the less each
//! costs. A job that fails or conflicts rolls back its own savepoint and disturbs nobody. When the
//! commit itself fails (the disk is full), everybody in the batch hears it: nothing was written.
//!
//! A job that panics is one that fails. Ending the process, as for a worker of the engine, would not mend it:
//! the next process would take the same event and panic again, and nobody would be served. Like this the
//! engine sees a store that fails on one event alone, and sets it aside.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};
use wilco_core::port::StoreFault;

use crate::fault::{OpenFault, Stop};

/// How many jobs share a commit at most: enough for the fsync to be cheap per job, few enough for
/// the first of them not to wait long.
const BATCH: usize = 256;

/// How many jobs may wait before callers wait too.
const WAITING: usize = 1024;

/// What remains to be said once the fate of the transaction is known.
type Answer = Box<dyn FnOnce(Result<(), &StoreFault>) + Send>;

/// Runs on the connection, or hears why there is no transaction to run in. Returns whether its
/// writes are to be kept, and its answer.
type Job = Box<dyn FnOnce(Result<&Connection, &StoreFault>) -> (bool, Answer) + Send>;

/// The thread and the way to it. Dropping it lets the thread finish what was handed in, and waits
/// for that, so that the file can be opened again at once.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(super) fn start(conn: Connection) -> Result<Self, OpenFault> {
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_all(&conn, waiting))
            .map_err(|error| OpenFault::Database(format!("no writer thread: {error}")))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs a job; what it wrote is on the disk when this returns `Ok`. The job runs even when the
    /// caller stops waiting.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let (job, answer) = job(work);
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread had panicked");
        }
    }
}

fn panicked() -> Stop {
    Stop::Fault(StoreFault("this write panicked".into()))
}

fn stopped() -> Stop {
    Stop::Fault(StoreFault("the writer has stopped".into()))
}

/// Wraps work into a job with a channel for its answer.
fn job<T: Send + 'static>(
    work: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
) -> (Job, oneshot::Receiver<Result<T, Stop>>) {
    let (sender, receiver) = oneshot::channel();
    let job: Job = Box::new(move |conn| {
        // Whatever it has half done in the database is rolled back with its savepoint.
        let work = |conn| {
            catch_unwind(AssertUnwindSafe(|| work(conn))).unwrap_or_else(|_| Err(panicked()))
        };
        let result = conn.map_err(|fault| Stop::Fault(fault.clone())).and_then(work);
        let keep = result.is_ok();
        let answer: Answer = Box::new(move |committed| {
            let result = match committed {
                Ok(()) => result,
                Err(fault) => result.and(Err(Stop::Fault(fault.clone()))),
            };
            // A caller that went away needs no answer.
            let _ = sender.send(result);
        });
        (keep, answer)
    });
    (job, receiver)
}

fn write_all(conn: &Connection, mut waiting: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        write_batch(conn, batch.drain(..));
    }
}

/// One transaction for all of them.
fn write_batch(conn: &Connection, batch: impl Iterator<Item = Job>) {
    let mut state = run(conn, "BEGIN IMMEDIATE");
    let mut answers = Vec::new();
    for job in batch {
        state = state.and_then(|()| run(conn, "SAVEPOINT unit"));
        let (keep, answer) = job(state.as_ref().map(|()| conn));
        answers.push(answer);
        // Where SQLite itself has rolled back the whole transaction (a full disk can make it),
        // the savepoint is gone, this fails, and nobody is told that anything was written.
        state = state.and_then(|()| {
            if !keep {
                run(conn, "ROLLBACK TO unit")?;
            }
            run(conn, "RELEASE unit")
        });
    }
    state = state.and_then(|()| run(conn, "COMMIT"));
    if let Err(fault) = &state {
        tracing::error!(%fault, jobs = answers.len(), "a batch was not written");
        if !conn.is_autocommit()
            && let Err(fault) = run(conn, "ROLLBACK")
        {
            tracing::error!(%fault, "a failed batch could not be rolled back");
        }
    }
    for answer in answers {
        answer(state.as_ref().copied());
    }
}

fn run(conn: &Connection, statement: &str) -> Result<(), StoreFault> {
    conn.prepare_cached(statement)
        .and_then(|mut statement| statement.execute([]))
        .map(|_| ())
        .map_err(|error| StoreFault(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = ON;
             CREATE TABLE t (x INTEGER PRIMARY KEY, of INTEGER
                 REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED, filler BLOB);",
        )
        .unwrap();
        conn
    }

    fn insert(sql: &'static str) -> (Job, oneshot::Receiver<Result<usize, Stop>>) {
        job(move |conn| Ok(conn.execute(sql, [])?))
    }

    fn rows(conn: &Connection) -> Vec<i64> {
        let mut all = conn.prepare("SELECT x FROM t ORDER BY x").unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_failing_job_rolls_back_alone() {
        let conn = database();
        let (first, mut one) = insert("INSERT INTO t (x) VALUES (1)");
        let (failing, mut two) = job(|conn| {
            conn.execute("INSERT INTO t (x) VALUES (2)", [])?;
            conn.execute("INSERT INTO t (x) VALUES (1)", [])?;
            Ok(())
        });
        let (conflict, mut three) = job::<()>(|conn| {
            conn.execute("INSERT INTO t (x) VALUES (3)", [])?;
            Err(Stop::Conflict)
        });
        let (last, mut four) = insert("INSERT INTO t (x) VALUES (4)");
        write_batch(&conn, [first, failing, conflict, last].into_iter());
        assert!(matches!(one.try_recv().unwrap(), Ok(1)));
        assert!(matches!(two.try_recv().unwrap(), Err(Stop::Fault(_))));
        assert!(matches!(three.try_recv().unwrap(), Err(Stop::Conflict)));
        assert!(matches!(four.try_recv().unwrap(), Ok(1)));
        assert_eq!(rows(&conn), [1, 4]);
    }

    #[test]
    fn a_job_that_panics_fails_alone() {
        let conn = database();
        let (first, mut one) = insert("INSERT INTO t (x) VALUES (1)");
        let (panics, mut two) = job::<()>(|conn| {
            let mut rows = conn.prepare_cached("SELECT x FROM t")?;
            let mut rows = rows.query([])?;
            conn.execute("INSERT INTO t (x) VALUES (2)", [])?;
            assert!(rows.next()?.is_none(), "on purpose, in the middle of a statement");
            Ok(())
        });
        let (last, mut three) = insert("INSERT INTO t (x) VALUES (3)");
        write_batch(&conn, [first, panics, last].into_iter());
        assert!(matches!(one.try_recv().unwrap(), Ok(1)));
        assert!(matches!(two.try_recv().unwrap(), Err(Stop::Fault(_))));
        assert!(matches!(three.try_recv().unwrap(), Ok(1)));
        assert_eq!(rows(&conn), [1, 3]);
    }

    #[test]
    fn when_the_commit_fails_everybody_hears_it_and_the_next_batch_is_well() {
        let conn = database();
        let (good, mut one) = insert("INSERT INTO t (x) VALUES (1)");
        // A dangling reference is only found by COMMIT.
        let (bad, mut two) = insert("INSERT INTO t (x, of) VALUES (2, 99)");
        write_batch(&conn, [good, bad].into_iter());
        assert!(matches!(one.try_recv().unwrap(), Err(Stop::Fault(_))));
        assert!(matches!(two.try_recv().unwrap(), Err(Stop::Fault(_))));
        assert_eq!(rows(&conn), [0_i64; 0]);

        let (next, mut three) = insert("INSERT INTO t (x) VALUES (3)");
        write_batch(&conn, [next].into_iter());
        assert!(matches!(three.try_recv().unwrap(), Ok(1)));
        assert_eq!(rows(&conn), [3]);
    }

    #[test]
    fn a_full_disk_never_makes_a_lost_write_look_written() {
        let conn = database();
        conn.execute_batch("PRAGMA max_page_count = 20").unwrap();
        let (small, mut one) = insert("INSERT INTO t (x) VALUES (1)");
        let (huge, mut two) = insert("INSERT INTO t (x, filler) VALUES (2, zeroblob(1000000))");
        let (last, mut three) = insert("INSERT INTO t (x) VALUES (3)");
        write_batch(&conn, [small, huge, last].into_iter());
        assert!(matches!(two.try_recv().unwrap(), Err(Stop::Fault(_))));
        // SQLite may or may not have rolled back everything; what was told must be what is there.
        let told: Vec<i64> = [(1, one.try_recv().unwrap()), (3, three.try_recv().unwrap())]
            .into_iter()
            .filter_map(|(x, told)| told.is_ok().then_some(x))
            .collect();
        assert_eq!(rows(&conn), told);
    }

    #[test]
    fn a_transaction_that_is_gone_takes_its_whole_batch_with_it() {
        let conn = database();
        let (first, mut one) = insert("INSERT INTO t (x) VALUES (1)");
        // What SQLite does by itself on some faults.
        let (gone, mut two) = job::<()>(|conn| {
            conn.execute_batch("ROLLBACK")?;
            Err(Stop::Fault(StoreFault("the disk is gone".into())))
        });
        let (last, mut three) = insert("INSERT INTO t (x) VALUES (3)");
        write_batch(&conn, [first, gone, last].into_iter());
        assert!(one.try_recv().unwrap().is_err());
        assert!(two.try_recv().unwrap().is_err());
        assert!(three.try_recv().unwrap().is_err());
        assert_eq!(rows(&conn), [0_i64; 0]);
    }
}
