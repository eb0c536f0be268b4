//! The store of one play.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use wilco_core::port::Store;

/// On which store a story is played.
#[derive(Debug, Clone)]
pub enum On {
    /// A throw-away SQLite file for every play.
    Sqlite,
    /// A PostgreSQL server: its address. Every play makes a schema of its own there, and leaves it.
    Postgres(String),
    /// Empty stores that somebody lends.
    Lent(Arc<dyn Lender>),
}

/// Lends empty stores. A store comes back when nobody holds it any more.
#[async_trait]
pub trait Lender: std::fmt::Debug + Send + Sync {
    /// An empty store that nobody else has.
    ///
    /// # Errors
    /// Why there is none, as a text for people.
    async fn lend(&self) -> Result<Arc<dyn Store>, String>;
}

/// A store that is gone with its play.
pub(crate) struct Scratch {
    store: Arc<dyn Store>,
    _folder: Option<Folder>,
}

impl Scratch {
    pub(crate) async fn open(on: &On) -> Result<Self, String> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wilco_story_{}_{number}", std::process::id());
        let (address, folder) = match on {
            On::Lent(lender) => return Ok(Self { store: lender.lend().await?, _folder: None }),
            On::Sqlite => {
                let folder = Folder::new(memory_or_temp().join(name))?;
                (format!("sqlite:{}", folder.0.join("wilco.db").display()), Some(folder))
            }
            On::Postgres(url) => {
                let sign = if url.contains('?') { '&' } else { '?' };
                (format!("{url}{sign}schema={name}"), None)
            }
        };
        let store = wilco_store::open(&address).await.map_err(|fault| fault.to_string())?;
        Ok(Self { store, _folder: folder })
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}

/// A folder that is removed with what holds it.
struct Folder(PathBuf);

impl Folder {
    fn new(path: PathBuf) -> Result<Self, String> {
        std::fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A story's store lives as long as its play, and the engine dies in it without its process: a disk
/// adds nothing but waiting. What survives `kill -9` is shown with real processes on a real disk.
fn memory_or_temp() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() }
}
