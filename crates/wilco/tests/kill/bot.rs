//! One process of the bot.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use tokio::sync::watch;

use crate::console::Console;

/// A running process. Dropping it kills it.
pub(crate) struct Bot {
    child: Child,
    /// Its console.
    pub(crate) console: Console,
}

impl Bot {
    /// Starts the program. What it logs goes into `log`; the address that it prints goes to its
    /// own console and to `front`, which follows the newest process.
    pub(crate) fn start(args: &[String], log: &Path, front: watch::Sender<String>) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wilco"))
            .args(args)
            .env("WILCO_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log).unwrap())
            .spawn()
            .unwrap();
        let own = watch::Sender::new(String::new());
        let console = Console::at(own.subscribe());
        let said = child.stdout.take().unwrap();
        std::thread::spawn(move || read_address(said, &[own, front]));
        Self { child, console }
    }

    /// `SIGKILL`; returns when the process is gone.
    pub(crate) fn kill(&mut self) {
        // Fails only when it is gone already, which the wait shows as well.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// `SIGSTOP`: nothing of the process runs any more.
    pub(crate) fn freeze(&self) {
        self.signal("STOP");
    }

    /// `SIGCONT`.
    pub(crate) fn thaw(&self) {
        self.signal("CONT");
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    fn signal(&self, name: &str) {
        // The shell has `kill` built in; the program of that name is not on every machine.
        let line = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success(), "{line}");
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads until the process is gone, so that it never writes into a closed pipe.
fn read_address(said: ChildStdout, to: &[watch::Sender<String>]) {
    for line in BufReader::new(said).lines().map_while(Result::ok) {
        if let Some(at) = line.find("http://") {
            let url = line[at..].split_whitespace().next().unwrap_or_default();
            for address in to {
                address.send_replace(url.to_owned());
            }
        }
    }
}
