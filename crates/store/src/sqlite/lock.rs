//! A lock file beside the database, so that a second process is refused instead of breaking the
//! order that one writer gives.
//!
//! The operating system frees the lock when its process ends, however it ends; the file stays. It is
//! named after where the database really is, so that no symbolic link leads around it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::fault::OpenFault;

/// Held as long as the store is open.
#[derive(Debug)]
pub(super) struct LockFile {
    _file: File,
}

impl LockFile {
    /// Takes the lock of this database, without waiting.
    pub(super) fn take(database: &Path) -> Result<Self, OpenFault> {
        let path = beside(database);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| OpenFault::File { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(OpenFault::AlreadyOpen { path: database.to_owned() })
            }
            Err(TryLockError::Error(source)) => Err(OpenFault::File { path, source }),
        }
    }
}

/// Where a database is, or will be made, without symbolic links.
pub(super) fn real(database: &Path) -> Result<PathBuf, OpenFault> {
    resolve(database).map_err(|source| OpenFault::File { path: database.to_owned(), source })
}

fn resolve(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    // It is not there yet. SQLite makes it where a link points to.
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    match (path.read_link(), path.file_name()) {
        (Ok(target), _) => resolve(&folder.join(target)),
        (Err(_), Some(name)) => Ok(folder.canonicalize()?.join(name)),
        (Err(fault), None) => Err(fault),
    }
}

/// `wilco.db` → `wilco.db.lock`.
fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
