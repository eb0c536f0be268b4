//! One `git` command: what it may use, how long it may take, how much it may say.

use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use wilco_core::answer::{Trouble, TroubleKind};

use super::trouble;
use crate::http::redact;

/// The program, found on `PATH`.
const PROGRAM: &str = "git";
/// The oldest version that knows what is asked of it (`--no-write-fetch-head` is from 2.29).
const OLDEST: (u32, u32) = (2, 30);
/// What a command may say at most, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// What is kept of its complaints, in bytes.
const MOST_COMPLAINT_BYTES: usize = 16 * 1024;
/// After its end a command's complaints are waited for so long: an ssh that stays as a master holds them open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Variables that would turn a command to another repository, other settings or other protocols.
pub(super) const DROPPED: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_TEMPLATE_DIR",
    "GIT_EXTERNAL_DIFF",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
];

/// Settings of every command, over those of the machine and the account: these are read all the same, because
/// proxies, authorities and the helper that knows the credentials stand there.
const SETTINGS: &[&str] = &[
    // Nothing that stands in a repository or a folder is run, and nothing goes on in the background.
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "gc.auto=0",
    "gc.autoDetach=false",
    "maintenance.auto=false",
    "submodule.recurse=false",
    "log.showSignature=false",
    // Nobody sits there to be asked.
    "credential.interactive=false",
    // A server that falls silent ends the command before its limit does.
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
];

/// A git that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VersionFault {
    /// It cannot be run.
    #[error("`git` is needed on PATH: {0}")]
    Missing(String),
    /// It is too old.
    #[error("git {found} is too old: {}.{} is needed at least", OLDEST.0, OLDEST.1)]
    TooOld {
        /// Its version.
        found: String,
    },
}

/// The version of the git that is there.
///
/// # Errors
/// There is none that can be used.
pub async fn version() -> Result<String, VersionFault> {
    let asked = run(Allows::Nothing, None, &["version"], "", Duration::from_secs(10)).await;
    let said = asked.map_err(|fault| VersionFault::Missing(fault.detail))?;
    let said = String::from_utf8_lossy(&said);
    checked(&said)
}

fn checked(said: &str) -> Result<String, VersionFault> {
    let found = said.trim().strip_prefix("git version ").unwrap_or(said.trim()).to_owned();
    let mut numbers = found.split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if (major, minor) >= OLDEST => Ok(found),
        _ => Err(VersionFault::TooOld { found }),
    }
}

/// Over which protocols a command may reach out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allows {
    /// It stays on this machine.
    Nothing,
    /// HTTPS, SSH and git's own.
    Network,
    /// A folder of this machine, because the configuration names it.
    File,
}

impl Allows {
    /// As git reads it: a list that replaces all its settings about protocols.
    fn protocols(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Network => "https:ssh:git",
            Self::File => "file",
        }
    }
}

/// Runs git on the repository in this folder, if one is named, and returns what it says.
///
/// # Errors
/// It cannot be run, takes or says too much, or fails. Nothing of it is left running then, nor when nobody waits for
/// it any more.
pub(super) async fn run(
    allows: Allows,
    git_dir: Option<&Path>,
    arguments: &[&str],
    input: &str,
    limit: Duration,
) -> Result<Vec<u8>, Trouble> {
    let mut command = Command::new(PROGRAM);
    if let Some(git_dir) = git_dir {
        let mut named = std::ffi::OsString::from("--git-dir=");
        named.push(git_dir);
        command.arg(named);
    }
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command.args(arguments);
    surround(&mut command, allows);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Its children, such as ssh, are ended with it.
    command.process_group(0).kill_on_drop(true);
    let mut child = command.spawn().map_err(|fault| cannot_run(&fault))?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let complaint: Arc<Mutex<Vec<u8>>> = Arc::default();
    let listening = tokio::spawn(keep(stderr, Arc::clone(&complaint)));
    let work = async {
        if let Some(mut stdin) = stdin {
            // One that does not read its input has said why.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let said = read(stdout).await?;
        let status = child.wait().await.map_err(|fault| cannot_run(&fault))?;
        Ok::<_, Trouble>((said, status))
    };
    let ended = tokio::time::timeout(limit, work).await;
    let (said, status) =
        ended.map_err(|_| trouble(TroubleKind::TimedOut, &format!("more than {limit:?}")))??;
    group.has_ended();
    let _ = tokio::time::timeout(LAST_WORDS, listening).await;
    if status.success() {
        return Ok(said);
    }
    let complaint = complaint.lock().unwrap_or_else(PoisonError::into_inner);
    let (kind, detail) = told(&String::from_utf8_lossy(&complaint));
    Err(trouble(kind, &redact(&detail)))
}

/// The surroundings of every command: what the account has, without what would mislead it or ask somebody.
fn surround(command: &mut Command, allows: Allows) {
    for name in DROPPED {
        command.env_remove(name);
    }
    command
        .env("GIT_ALLOW_PROTOCOL", allows.protocols())
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_ASKPASS", "")
        .env("SSH_ASKPASS", "")
        .env("SSH_ASKPASS_REQUIRE", "never")
        // A mirror without contents would fetch what is missing one by one.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    let own_ssh = ["GIT_SSH_COMMAND", "GIT_SSH"];
    if own_ssh.iter().all(|name| std::env::var_os(name).is_none()) {
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=10");
    }
}

/// What git complains of in the end, and what kind of trouble that is.
fn told(complaint: &str) -> (TroubleKind, String) {
    let said = |words: &[&str]| words.iter().any(|word| complaint.contains(word));
    let kind = if said(&[
        "Authentication failed",
        "could not read Username",
        "could not read Password",
        "Permission denied",
        "Host key verification failed",
    ]) {
        TroubleKind::SignIn
    } else if said(&["Could not resolve host", "Failed to connect", "Connection refused"]) {
        TroubleKind::Unreachable
    } else if said(&["not found", "does not appear to be a git repository"]) {
        TroubleKind::NotFound
    } else {
        TroubleKind::ToolFailed
    };
    let lines: Vec<&str> = complaint.lines().map(str::trim).collect();
    let fatal =
        lines.iter().find(|line| line.starts_with("fatal: ") || line.starts_with("error: "));
    let line = fatal.or(lines.iter().rfind(|line| !line.is_empty())).unwrap_or(&"");
    let line = line.trim_start_matches("fatal: ").trim_start_matches("error: ");
    (kind, line.to_owned())
}

fn cannot_run(fault: &io::Error) -> Trouble {
    trouble(TroubleKind::Unreachable, &format!("it cannot be run: {fault}"))
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, Trouble> {
    let mut said = Vec::new();
    let Some(from) = from else { return Ok(said) };
    let most = MOST_BYTES as u64 + 1;
    from.take(most).read_to_end(&mut said).await.map_err(|fault| cannot_run(&fault))?;
    if said.len() > MOST_BYTES {
        return Err(trouble(TroubleKind::Garbled, "the answer is too long"));
    }
    Ok(said)
}

/// Keeps the end of what is complained of, and goes on reading, so that nobody is stopped by a full pipe.
async fn keep(from: Option<impl AsyncRead + Unpin>, kept: Arc<Mutex<Vec<u8>>>) {
    let Some(mut from) = from else { return };
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&piece[..count]);
        let surplus = kept.len().saturating_sub(MOST_COMPLAINT_BYTES);
        kept.drain(..surplus);
    }
}

/// A command and its children. Those that are still there are ended when nobody waits for them any more.
struct Group(Option<Pid>);

impl Group {
    /// Its leader ended by itself: its number may soon be somebody else's.
    fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // One that has just ended cannot be ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_git_is_named() {
        assert_eq!(checked("git version 2.47.3\n").unwrap(), "2.47.3");
        assert_eq!(
            checked("git version 2.39.5 (Apple Git-154)").unwrap(),
            "2.39.5 (Apple Git-154)"
        );
        assert_eq!(checked("git version 3.0").unwrap(), "3.0");
        let old = checked("git version 2.29.9").unwrap_err().to_string();
        assert_eq!(old, "git 2.29.9 is too old: 2.30 is needed at least");
        assert!(checked("busybox").is_err());
    }

    #[test]
    fn a_complaint_is_told_in_one_line() {
        let said = "remote: hello\nfatal: Authentication failed for 'https://git.example/x/'\n";
        let (kind, line) = told(said);
        assert_eq!(kind, TroubleKind::SignIn);
        assert_eq!(line, "Authentication failed for 'https://git.example/x/'");
        assert_eq!(told("").0, TroubleKind::ToolFailed);
    }

    #[tokio::test]
    async fn what_takes_too_long_is_ended_with_its_children() {
        // An alias that begins with `!` is a shell: the sleep is a grandchild that keeps the pipe open.
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let alias = format!("alias.hang=!sleep 600 & echo $! > {}; wait", file.display());
        let arguments = ["-c", &alias, "hang"];
        let run = run(Allows::Nothing, None, &arguments, "", Duration::from_secs(1)).await;
        assert_eq!(run.unwrap_err().kind, TroubleKind::TimedOut);
        let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let gone = async {
            while alive(pid) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    }

    /// A process that nobody has taken leave of yet is dead too.
    fn alive(pid: i32) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
    }

    #[tokio::test]
    async fn an_answer_without_end_is_cut_off() {
        let arguments = ["-c", "alias.talk=!yes", "talk"];
        let run = run(Allows::Nothing, None, &arguments, "", Duration::from_secs(30)).await;
        assert_eq!(run.unwrap_err().detail, "the answer is too long");
    }
}
