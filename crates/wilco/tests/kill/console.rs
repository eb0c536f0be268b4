//! The console's API as its page uses it: whatever got no answer is sent again with the same id.

use std::sync::Mutex;
use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;
use wilco_chat::local::{Message, Placed, Writer};

use crate::wait::until;

/// A frozen process accepts connections and never answers.
const TIMEOUT: Duration = Duration::from_secs(2);

/// One console, or the newest one.
pub(crate) struct Console {
    address: watch::Receiver<String>,
    http: Client,
    /// What was seen last, to be shown when a test fails.
    seen: Mutex<Vec<Message>>,
}

impl Console {
    /// The console that listens at the newest address; an empty one is that of nobody.
    pub(crate) fn at(address: watch::Receiver<String>) -> Self {
        let http = Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
        Self { address, http, seen: Mutex::default() }
    }

    /// Returns when it listens: then the engine behind it runs.
    pub(crate) async fn listens(&self) {
        until("the process listens", async || self.get("/api/state").await).await;
    }

    /// A person writes; returns when it is stored.
    pub(crate) async fn say(&self, id: &str, person: &str, thread: Option<&str>, text: &str) {
        let body =
            json!({"id": id, "as": person, "room": "#deploy", "thread": thread, "text": text});
        self.post("/api/messages", &body).await;
    }

    /// A person presses a button; returns when it is stored.
    pub(crate) async fn press(&self, id: &str, person: &str, message: &str, token: &str) {
        let body = json!({"id": id, "as": person, "message": message, "tokens": [token]});
        self.post("/api/press", &body).await;
    }

    /// Everything that stands there, in the order of the last change; `None` when nobody answers.
    pub(crate) async fn messages(&self) -> Option<Vec<Message>> {
        let placed: Vec<Placed> = self.get("/api/messages?after=0").await?.json().await.ok()?;
        let messages: Vec<Message> = placed.into_iter().map(|placed| placed.message).collect();
        self.seen.lock().unwrap().clone_from(&messages);
        Some(messages)
    }

    /// Returns the first message of the bot that is as wanted, once there is one.
    pub(crate) async fn wilco_says(
        &self,
        what: &str,
        wanted: impl Fn(&Message) -> bool,
    ) -> Message {
        until(what, async || {
            let messages = self.messages().await?;
            messages.into_iter().find(|m| m.author == Writer::Wilco && wanted(m))
        })
        .await
    }

    /// The sum of the lines of `/metrics` in which all these words stand.
    pub(crate) async fn metric(&self, words: &[&str]) -> u64 {
        let text =
            until("metrics are told", async || self.get("/metrics").await?.text().await.ok()).await;
        let lines = text.lines().filter(|line| words.iter().all(|word| line.contains(word)));
        lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
    }

    #[expect(clippy::disallowed_methods, reason = "this plays the browser")]
    async fn get(&self, path: &str) -> Option<Response> {
        let request = self.http.get(self.url(path)?);
        request.send().await.ok().filter(|answer| answer.status().is_success())
    }

    #[expect(clippy::disallowed_methods, reason = "this plays the browser")]
    async fn post(&self, path: &str, body: &Value) {
        until(&format!("{body} is accepted"), async || {
            let request = self.http.post(self.url(path)?).header(wilco_chat::console::HEADER, "1");
            let answer = request.json(body).send().await.ok()?;
            let status = answer.status();
            let later = status == StatusCode::SERVICE_UNAVAILABLE;
            let said = answer.text().await.ok()?;
            assert!(later || status.is_success(), "{status} {said} for {body}");
            (!later).then_some(())
        })
        .await;
    }

    fn url(&self, path: &str) -> Option<String> {
        let address = self.address.borrow();
        (!address.is_empty()).then(|| format!("{}{path}", *address))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for message in self.seen.lock().unwrap().iter() {
                println!("{} {:?}: {}", message.id, message.author, message.text);
            }
        }
    }
}
