//! A few read-only connections. WAL shows each of them the last commit, whatever the writer does.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use rusqlite::{Connection, OpenFlags};

use super::{PATIENCE, prepare_once};
use crate::fault::{OpenFault, Stop};

/// As many connections as there are processors, within these bounds.
const COUNT: std::ops::RangeInclusive<usize> = 2..=8;

/// The connections, each behind a lock that is held for one verb.
#[derive(Debug)]
pub(super) struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    /// Opens the connections; the writer must have made the database before.
    pub(super) fn open(path: &Path) -> Result<Self, OpenFault> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let connections = (0..processors.clamp(*COUNT.start(), *COUNT.end()))
            .map(|_| connect(path).map(Mutex::new))
            .collect::<Result<_, _>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    /// Reads on a connection that is free, or waits for one.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let count = self.connections.len();
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        for offset in 0..count {
            match self.connections[(start + offset) % count].try_lock() {
                Ok(conn) => return work(&conn),
                // A panic while reading leaves nothing behind in the connection.
                Err(TryLockError::Poisoned(conn)) => return work(&conn.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        work(&self.connections[start % count].lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn connect(path: &Path) -> Result<Connection, OpenFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(PATIENCE)?;
    prepare_once(&conn)?;
    Ok(conn)
}
