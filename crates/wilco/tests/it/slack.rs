//! `wilco serve` in Slack: the real process against the double of Slack.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::timeout;
use wilco_sim::Served;
use wilco_sim::clock::RealClock;
use wilco_sim::slack::{self as sim, Pressing, Saying, Slack};

use crate::process::{Folder, Running, wilco};

/// The longest that anything here is waited for: a process starts, opens a socket, and answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// A workspace with Mina and one channel, and the threads it lives on.
struct Workspace {
    slack: Slack,
    served: Served,
    threads: Runtime,
}

impl Workspace {
    fn start() -> Self {
        let threads = Runtime::new().unwrap();
        let slack = Slack::new(RealClock);
        slack.add_user("U01", "mina");
        slack.add_channel("C01", "ops");
        let served = threads.block_on(slack.serve_local()).unwrap();
        Self { slack, served, threads }
    }

    fn serve(&self, folder: &Folder) -> Running {
        let (bot, app) = (
            folder.file("bot", sim::BOT_TOKEN),
            folder.file("app", &format!("{}\n", sim::APP_TOKEN)),
        );
        let store = folder.path().join("wilco.db").display().to_string();
        let config = folder.file(
            "wilco.yaml",
            &format!(
                "store: sqlite:{store}\nlisten: 127.0.0.1:0\nslack:\n  bot_token: 'file:{bot}'\n  app_token: 'file:{app}'\n  api_url: {}/api/\nrooms:\n  '#ops': {{ language: en, slack: C01 }}\npeople:\n  mina: {{ name: Mina, teams: [devops], accounts: {{ slack: U01 }} }}\n",
                self.served.url()
            ),
        );
        let running = Running::start(wilco(&["serve", "--config", &config]));
        self.wait("a socket", self.slack.until(|slack| slack.sockets() == 1));
        running
    }

    fn wait<T>(&self, what: &str, future: impl Future<Output = T>) -> T {
        let waited = self.threads.block_on(async { timeout(PATIENCE, future).await });
        waited.unwrap_or_else(|_| panic!("no {what}: {:#?}", self.slack.messages("C01")))
    }

    fn says(&self, thread: Option<&str>, text: &str) -> String {
        let saying = Saying::new("U01", "C01", text);
        let saying = match thread {
            Some(thread) => saying.under(thread),
            None => saying,
        };
        let _threads = self.threads.enter();
        self.slack.says(saying)
    }

    fn presses(&self, message: &str, label: &str) {
        let _threads = self.threads.enter();
        self.slack.presses("U01", "C01", message, &Pressing::One(label.into()), 0).unwrap();
    }

    /// Waits until the bot says this in a thread; the message's time stamp.
    fn answered(&self, thread: &str, words: &str) -> String {
        let find = |slack: &Slack| {
            let said = slack.messages("C01").into_iter().find(|message| {
                message.bot_id.as_deref() == Some(sim::BOT)
                    && message.thread_ts.as_deref() == Some(thread)
                    && message.text.contains(words)
            });
            said.map(|message| message.ts)
        };
        self.wait(words, self.slack.until(|slack| find(slack).is_some()));
        find(&self.slack).unwrap()
    }
}

#[test]
fn a_dialog_goes_on_after_the_process_was_killed() {
    let (workspace, folder) = (Workspace::start(), Folder::new());
    let running = workspace.serve(&folder);
    let thread = workspace.says(None, "help");
    let menu = workspace.answered(&thread, "Deploy applications");
    workspace.says(Some(&thread), "99");
    workspace.answered(&thread, "no number 99");
    drop(running); // SIGKILL
    workspace.wait("end of the socket", workspace.slack.until(|slack| slack.sockets() == 0));

    let running = workspace.serve(&folder);
    workspace.presses(&menu, "Cancel");
    workspace.answered(&thread, "Cancelled");
    let said = workspace.slack.messages("C01");
    let of_bot = said.iter().filter(|message| message.bot_id.as_deref() == Some(sim::BOT)).count();
    // The menu, the wrong number, and the end: each once, also the one that stood there when the process died.
    assert_eq!(of_bot, 3, "{said:#?}");
    let (_, errors) = running.stop();
    assert!(!errors.contains(sim::BOT_TOKEN) && !errors.contains(sim::APP_TOKEN), "{errors}");
}
