//! The terminal at a keyboard, in a real terminal: tmux, which `scripts/setup-test` installs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use crate::process::Folder;

/// For how many seconds without a change anything here is waited for.
const PATIENCE_SECS: u32 = 60;

/// A window of tmux with `wilco chat --demo` in it. Each has a server of its own, gone with it.
struct Pane<'a> {
    folder: &'a Folder,
    socket: String,
    /// Another client, in control mode: it prints a line whenever something was drawn.
    watcher: Child,
    drawn: Receiver<()>,
}

impl<'a> Pane<'a> {
    /// Opens it; the folder keeps what was typed. `variables` are set for the program.
    fn open(folder: &'a Folder, variables: &[&str]) -> Self {
        let state = format!("XDG_STATE_HOME={}", folder.path().display());
        let wilco = env!("CARGO_BIN_EXE_wilco");
        // tmux loses the status of a program now and then, so a shell tells it.
        let shell = ["sh", "-c", "\"$@\"; echo \"ended $?\"; exec cat", "sh"];
        let program =
            [&shell[..], &["env", state.as_str()], variables, &[wilco, "chat", "--demo"]].concat();
        let options = ["set", "-g", "status", "off", ";"];
        let new = ["new-session", "-d", "-x", "100", "-y", "30", "--"];
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let socket = format!("pane{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let opened =
            tmux(folder, &socket, &[&options[..], &new, &program].concat()).output().unwrap();
        assert!(opened.status.success(), "{}", String::from_utf8_lossy(&opened.stderr));
        let mut watcher = tmux(folder, &socket, &["-C", "attach", "-f", "ignore-size,read-only"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(watcher.stdout.take().unwrap()).lines();
        let (sender, drawn) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for _ in lines.map_while(Result::ok) {
                let _ = sender.send(());
            }
        });
        let pane = Self { folder, socket, watcher, drawn };
        pane.sees("the prompt", |screen| screen.ends_with("mina #deploy>"));
        pane
    }

    fn tmux(&self, args: &[&str]) -> Output {
        tmux(self.folder, &self.socket, args).output().unwrap()
    }

    /// Types text.
    fn types(&self, text: &str) {
        assert!(self.tmux(&["send-keys", "-l", text]).status.success());
    }

    /// Presses keys by tmux's names for them.
    fn presses(&self, keys: &[&str]) {
        assert!(self.tmux(&[&["send-keys"], keys].concat()).status.success());
    }

    /// What stands in the window, and above it, without the empty rows below.
    fn screen(&self, options: &[&str]) -> String {
        let captured = self.tmux(&[&["capture-pane", "-p", "-S", "-"], options].concat());
        String::from_utf8(captured.stdout).unwrap().trim_end().to_owned()
    }

    /// Waits until the screen is as it should be.
    fn sees(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let mut quiet_secs = 0;
        loop {
            let screen = self.screen(&[]);
            if is_there(&screen) {
                return screen;
            }
            // Also now and then by itself: what was drawn may be told before it can be read.
            match self.drawn.recv_timeout(Duration::from_secs(1)) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => quiet_secs += 1,
                Err(RecvTimeoutError::Disconnected) => quiet_secs = PATIENCE_SECS,
            }
            assert!(quiet_secs < PATIENCE_SECS, "{what} is not seen, but:\n{screen}");
        }
    }

    /// Waits until the line that is being typed is this one.
    fn sees_line(&self, line: &str) -> String {
        self.sees(line, |screen| screen.ends_with(line))
    }

    /// Waits until the program has ended, and well.
    fn ends(&self) {
        self.sees("the end", |screen| screen.ends_with("\nended 0"));
    }
}

impl Drop for Pane<'_> {
    fn drop(&mut self) {
        let _ = tmux(self.folder, &self.socket, &["kill-server"]).output();
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

fn tmux(folder: &Folder, socket: &str, args: &[&str]) -> Command {
    let mut command = Command::new("tmux");
    command
        .args(["-u", "-f", "/dev/null", "-L", socket])
        .args(args)
        .env("TMUX_TMPDIR", folder.path())
        .env("LC_ALL", "C.UTF-8")
        .env("TERM", "xterm-256color")
        .env_remove("TMUX")
        .env_remove("NO_COLOR")
        .env_remove("WILCO_LOG")
        .stdin(Stdio::null());
    command
}

#[test]
fn what_is_typed_survives_a_run_and_its_card_is_drawn_in_place() {
    let folder = Folder::new();
    let pane = Pane::open(&folder, &[]);
    pane.types("dep");
    pane.presses(&["Tab"]);
    pane.types("wallet-api-stage");
    pane.sees_line("mina #deploy> deploy wallet-api-stage");
    pane.presses(&["Enter"]);
    // The prompt goes into the thread by itself, also under a line that is being typed.
    pane.sees_line("mina #deploy/1>");
    pane.types("yes");
    pane.presses(&["Enter"]);
    pane.types("배포 해");
    pane.sees("a card that goes on", |screen| screen.contains("Deploy applications: running"));
    // Two columns back for one syllable.
    pane.presses(&["Left", "BSpace"]);
    pane.types("재");
    let ended = |screen: &str| screen.contains("@Mina r1 succeeded.");
    let whole = |screen: &str| screen.ends_with("\nmina #deploy/1> 배포재해");
    let screen = pane.sees("the end of the run", |screen| ended(screen) && whole(screen));
    // Started, running, applied, Healthy, Progressing and succeeded in one place or, where the
    // announcement came in between, in two.
    let cards = screen.lines().filter(|line| line.contains("bot 2")).count();
    assert!((1..=3).contains(&cards), "{cards} cards in {screen}");
    assert!(screen.matches("r1 Deploy applications: running").count() <= 1, "{screen}");
    assert_eq!(screen.matches("배포재해").count(), 1, "{screen}");
}

#[test]
fn lines_come_back_in_the_next_session_and_tab_completes() {
    let folder = Folder::new();
    {
        let pane = Pane::open(&folder, &[]);
        pane.types("/as so");
        pane.presses(&["Tab", "Enter"]);
        pane.sees_line("sora #deploy>");
        pane.types("롤");
        pane.presses(&["Tab"]);
        pane.sees_line("sora #deploy> 롤백");
        pane.presses(&["C-c"]);
        pane.sees_line("sora #deploy>");
        pane.types("/room #d");
        pane.presses(&["Tab", "Tab"]);
        pane.sees_line("    #deploy  #deploy-notice\nsora #deploy> /room #deploy");
        pane.presses(&["C-c"]);
        pane.types("status");
        pane.presses(&["Enter"]);
        pane.sees_line("sora #deploy/1>");
        pane.presses(&["C-d"]);
        pane.ends();
    }
    let pane = Pane::open(&folder, &[]);
    pane.presses(&["Up"]);
    pane.sees_line("mina #deploy> status");
    pane.presses(&["Up"]);
    pane.sees_line("mina #deploy> /as sora");
    pane.presses(&["Down", "Down"]);
    pane.sees_line("mina #deploy>");
    pane.presses(&["C-c"]);
    pane.sees("how to leave", |screen| screen.contains("Ctrl-C once more"));
    pane.presses(&["C-c"]);
    pane.ends();
}

#[test]
fn colours_are_there_unless_they_are_not_wanted() {
    let answered = |folder: &Folder, variables: &[&str]| {
        let pane = Pane::open(folder, variables);
        pane.types("status");
        pane.presses(&["Enter"]);
        pane.sees("an answer", |screen| screen.contains("bot 1"));
        pane.screen(&["-e"])
    };
    let folder = Folder::new();
    let coloured = answered(&folder, &[]);
    assert!(coloured.contains("\u{1b}[35mbot 1") || coloured.contains(";35mbot 1"), "{coloured:?}");
    let plain = answered(&folder, &["NO_COLOR=1"]);
    assert!(!plain.contains('\u{1b}'), "{plain:?}");
    // Where the cursor cannot be moved there are lines and a prompt, as on paper.
    let dumb = answered(&folder, &["TERM=dumb"]);
    assert!(!dumb.contains('\u{1b}'), "{dumb:?}");
}

#[test]
fn a_history_that_cannot_be_kept_is_one_sentence() {
    let folder = Folder::new();
    folder.file("wilco/chat-history/in-the-way", "");
    let pane = Pane::open(&folder, &[]);
    pane.sees("why", |screen| screen.contains("is not remembered after this session"));
    pane.types("/help");
    pane.presses(&["Enter"]);
    let twice = |screen: &str| screen.matches("Tab completes").count() == 2;
    let screen = pane.sees("help", twice);
    assert_eq!(screen.matches("is not remembered").count(), 1, "{screen}");
    pane.presses(&["Up"]);
    pane.sees_line("mina #deploy> /help");
}
