//! A store to test on, and short ways to make what goes into it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use wilco_core::call::{Call, Operation, Query};
use wilco_core::entity::EntityKey;
use wilco_core::ids::{AdapterName, CallId, MessageId, MessageKey, RoomId, RunId};
use wilco_core::message::{Body, Say, To};
use wilco_core::place::{Room, Thread};
use wilco_core::port::{NewEvent, Store, Unit};
use wilco_core::time::Timestamp;

/// A folder that goes with its value.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("wilco-store-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A fresh database with a store on it.
pub(crate) struct Bed {
    pub(crate) store: Arc<dyn Store>,
    address: String,
    folder: Option<Folder>,
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let folder = Folder::new();
        let address = format!("sqlite:{}", folder.path().join("wilco.db").display());
        Self { store: wilco_store::open(&address).await.unwrap(), address, folder: Some(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        let address = wilco_store::testing::postgres_url();
        Self { store: wilco_store::open(&address).await.unwrap(), address, folder: None }
    }

    /// Another fresh database of the same kind.
    pub(crate) async fn another(&self) -> Self {
        if self.folder.is_some() { Self::sqlite().await } else { Self::postgres().await }
    }

    /// Closes the store; yields its address, and its folder, which goes with its value.
    pub(crate) fn closed(self) -> (String, Option<Folder>) {
        (self.address, self.folder)
    }

    /// Closes the store and opens it again, as after a restart.
    pub(crate) async fn reopened(self) -> Self {
        let Self { store, address, folder } = self;
        drop(store);
        Self { store: wilco_store::open(&address).await.unwrap(), address, folder }
    }
}

/// Moments of a story, in milliseconds.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp(ms)
}

pub(crate) fn room(name: &str) -> Room {
    Room { adapter: AdapterName::new("console"), workspace: "main".into(), room: RoomId::new(name) }
}

pub(crate) fn thread(root: &str) -> Thread {
    Thread { room: room("ops"), root: MessageId::new(root) }
}

pub(crate) fn run(number: u64) -> EntityKey {
    EntityKey::Run(RunId::numbered(number))
}

/// An event that opens nothing; its body is its key.
pub(crate) fn event(key: &str, lane: &str) -> NewEvent {
    NewEvent { key: key.into(), lane: lane.into(), body: key.into(), opens: None }
}

pub(crate) fn say(key: &str, root: &str, text: &str) -> Say {
    Say {
        key: MessageKey::new(key),
        to: To::Thread(thread(root)),
        body: Body { text: text.into(), ..Body::default() },
        receipt: None,
    }
}

fn call() -> Call {
    Call { connector: "argocd".into(), action: "sync".into(), with: serde_json::Map::new() }
}

pub(crate) fn query(id: &str) -> Query {
    Query { id: CallId::new(id), owner: run(1), call: call() }
}

pub(crate) fn operation(id: &str) -> Operation {
    Operation {
        id: CallId::new(id),
        owner: run(1),
        call: call(),
        evidence: serde_json::json!({"history": [1, 2], "한글": "\u{0000}\"'"}),
    }
}

/// A unit that puts one entity.
pub(crate) fn put(key: EntityKey, body: &str) -> Unit {
    Unit { puts: vec![(key, None, true, body.into())], ..Unit::default() }
}

/// A unit that says.
pub(crate) fn saying(says: impl IntoIterator<Item = Say>) -> Unit {
    Unit { says: says.into_iter().collect(), ..Unit::default() }
}
