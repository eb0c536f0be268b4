//! Throw-away databases for tests, here and in other crates.
//!
//! PostgreSQL is started once per test process, as a user that is not root (it refuses root), in a
//! temporary folder, reachable by a unix socket only, without fsync. A small shell waits on a pipe
//! from this process; when the process ends, however it ends, the pipe closes and the shell stops
//! the server and removes the folder. Every call of [`postgres_url`] names a fresh schema.
//!
//! With `WILCO_TEST_PG` set to the address of a server, that one is used; its schemas
//! `wilco_test_…` are left there.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::fault::OpenFault;
use crate::{PostgresStore, postgres, sqlite, tables};

/// Where a statement of this crate runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsOn {
    /// The same string on both.
    Both,
    /// SQLite only.
    Sqlite,
    /// PostgreSQL only.
    Postgres,
}

/// Every statement that the stores prepare: where it runs, its name, its text.
#[must_use]
pub fn statements() -> Vec<(RunsOn, &'static str, &'static str)> {
    let lists = [
        (RunsOn::Both, tables::ALL),
        (RunsOn::Sqlite, sqlite::STATEMENTS),
        (RunsOn::Postgres, postgres::STATEMENTS),
    ];
    lists
        .into_iter()
        .flat_map(|(on, lists)| lists.iter().map(move |list| (on, list)))
        .flat_map(|(on, list)| list.iter().map(move |(name, sql)| (on, *name, *sql)))
        .collect()
}

/// The address of a fresh, empty schema on the test server, for [`crate::open`].
///
/// # Panics
/// When PostgreSQL cannot be started: a test that cannot run has failed.
#[must_use]
pub fn postgres_url() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    let server = postgres_server();
    let schema =
        format!("wilco_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let sign = if server.contains('?') { '&' } else { '?' };
    format!("{server}{sign}schema={schema}")
}

/// The address of the test server itself.
///
/// # Panics
/// As [`postgres_url`].
pub fn postgres_server() -> &'static str {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let server = SERVER.get_or_init(|| match std::env::var("WILCO_TEST_PG") {
        Ok(url) => Ok(Server { url, _keeper: None }),
        Err(_) => Server::start(),
    });
    match server {
        Ok(server) => &server.url,
        Err(why) => panic!(
            "PostgreSQL cannot be started for the tests: {why}. Install it (Debian: apt-get \
             install postgresql) or set WILCO_TEST_PG to the address of a server."
        ),
    }
}

/// Schemas of the test server that are used again and again: making one takes longer than most stories.
#[derive(Debug, Default)]
pub struct Schemas(Mutex<Vec<Arc<PostgresStore>>>);

impl Schemas {
    /// An empty store that nobody else has. It comes back by itself when nobody holds it any more.
    ///
    /// # Errors
    /// When the server does not answer.
    ///
    /// # Panics
    /// As [`postgres_url`].
    pub async fn lend(&self) -> Result<Arc<PostgresStore>, OpenFault> {
        let url = postgres_url();
        if let Some(free) = self.free() {
            free.empty().await?;
            return Ok(free);
        }
        let (server, schema) = url.split_once("schema=").unwrap_or((url.as_str(), ""));
        let made =
            PostgresStore::connect(server.trim_end_matches(['?', '&']), Some(schema)).await?;
        let made = Arc::new(made);
        self.all().push(Arc::clone(&made));
        Ok(made)
    }

    /// One that only this list holds. The second hold is taken under the lock, so nobody else finds
    /// it free.
    fn free(&self) -> Option<Arc<PostgresStore>> {
        self.all().iter().find(|store| Arc::strong_count(store) == 1).map(Arc::clone)
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<PostgresStore>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server.
struct Server {
    url: String,
    /// The shell that stops the server when this process, and with it the pipe, is gone.
    _keeper: Option<Child>,
}

/// Makes a server, says where it is, waits for the end of this process, and cleans up. `$1` is the
/// folder with PostgreSQL's programs. Signals to the test's process group are not for it.
const KEEPER: &str = r#"
trap '' INT TERM HUP
D=$(mktemp -d "${TMPDIR:-/tmp}/wilco-pg.XXXXXX") || exit 1
fail() { echo "failed $(tail -n 3 "$D/log" | tr '\n' ' ')"; rm -rf "$D"; exit 1; }
cd "$D"
"$1/initdb" -D "$D/data" -U wilco --auth=trust --no-sync -E UTF8 --locale=C.UTF-8 \
    >"$D/log" 2>&1 || fail
"$1/pg_ctl" -D "$D/data" -w -l "$D/log" -o "-c listen_addresses='' -k $D -c fsync=off \
    -c max_connections=300 -c deadlock_timeout=100ms" start >>"$D/log" 2>&1 || fail
echo "ready $D"
read -r _
"$1/pg_ctl" -D "$D/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$D"
"#;

impl Server {
    fn start() -> Result<Self, String> {
        let programs = programs().ok_or("its program initdb was not found")?;
        let mut command = if is_root()? {
            let mut command = Command::new("runuser");
            command.args(["-u", "nobody", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "keeper"]).arg(&programs).env_remove("PGPORT");
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut keeper = spawned.map_err(|error| format!("no shell to start it: {error}"))?;
        let said = keeper.stdout.take().ok_or("the shell has no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).map_err(|error| error.to_string())?;
        let folder = line
            .trim_end()
            .strip_prefix("ready ")
            .ok_or_else(|| format!("{} says `{}`", programs.display(), line.trim_end()))?;
        // The socket's folder is a host to PostgreSQL; in an address its slashes are escaped.
        let host = folder.replace('/', "%2F");
        Ok(Self {
            url: format!("postgres://wilco@localhost/postgres?host={host}&sslmode=disable"),
            _keeper: Some(keeper),
        })
    }
}

fn is_root() -> Result<bool, String> {
    let output = Command::new("id").arg("-u").output().map_err(|error| error.to_string())?;
    Ok(output.stdout.trim_ascii() == b"0")
}

/// The folder with PostgreSQL's programs: on the path, or the newest where Debian puts them.
fn programs() -> Option<PathBuf> {
    let has_initdb = |folder: &Path| folder.join("initdb").is_file();
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(folder) = std::env::split_paths(&path).find(|folder| has_initdb(folder)) {
        return Some(folder);
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| has_initdb(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}
