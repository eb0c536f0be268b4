//! Events that Slack brings by HTTP: signed, stored, then acknowledged.

use std::sync::atomic::Ordering;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use wilco_chat::slack::{Delivery, http};
use wilco_core::event::Event;
use wilco_core::token::{Token, Wish};
use wilco_sim::clock::Clock as _;

use crate::slack::World;

const SECRET: &str = "8f742231b10e8888abcd99";

/// The adapter behind an address of its own.
struct Site {
    world: World,
    url: String,
}

impl Site {
    async fn new() -> Self {
        let delivery = Delivery::Requests { signing_secret: SECRET.to_owned().into() };
        let world = World::new(delivery).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = world.slack.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { world, url }
    }

    /// Signed with this secret, so many seconds ago.
    async fn bring(&self, path: &str, body: &str, secret: &str, ago_s: i64) -> (u16, String) {
        let at = (self.world.clock.now_ms() / 1_000 - ago_s).to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("v0:{at}:{body}").as_bytes());
        let signature = mac.finalize().into_bytes();
        let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
        let signature = signature.iter().fold(String::new(), hex);
        let request = reqwest::Client::new()
            .post(format!("{}{path}", self.url))
            .header("x-slack-request-timestamp", at)
            .header("x-slack-signature", format!("v0={signature}"))
            .body(body.to_owned());
        let response = send(request).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn signed(&self, path: &str, body: &str) -> (u16, String) {
        self.bring(path, body, SECRET, 0).await
    }
}

#[expect(clippy::disallowed_methods, reason = "this is Slack, which calls us")]
async fn send(request: reqwest::RequestBuilder) -> reqwest::Response {
    request.send().await.unwrap()
}

fn says(text: &str) -> String {
    json!({
        "type": "event_callback", "event_id": "Ev1",
        "event": {"type": "message", "user": "U01", "text": text, "ts": "1795392000.000100", "channel": "C01"},
    })
    .to_string()
}

#[tokio::test]
async fn slack_2_what_slack_signed_is_stored_then_acknowledged() {
    let site = Site::new().await;
    for _ in 0..2 {
        assert_eq!(site.signed(http::EVENTS, &says("help")).await.0, 200);
    }
    let keys = site.world.inbox.keys();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1], "a retry has the same key");
}

#[tokio::test]
async fn slack_1_what_slack_did_not_sign_changes_nothing() {
    let site = Site::new().await;
    for path in [http::EVENTS, http::INTERACTIVITY, http::COMMANDS] {
        assert_eq!(site.bring(path, &says("help"), "another secret", 0).await.0, 401);
        assert_eq!(site.bring(path, &says("help"), SECRET, 301).await.0, 401);
        let unsigned =
            reqwest::Client::new().post(format!("{}{path}", site.url)).body(says("help"));
        assert_eq!(send(unsigned).await.status().as_u16(), 401);
    }
    assert!(site.world.inbox.keys().is_empty());
    assert_eq!(site.world.double.requests("auth.test"), 0, "and asks Slack nothing");
}

#[tokio::test]
async fn slack_1_the_address_is_verified() {
    let site = Site::new().await;
    let body =
        json!({"type": "url_verification", "token": "x", "challenge": "3eZbrw1aB"}).to_string();
    let (status, answer) = site.signed(http::EVENTS, &body).await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), json!({"challenge": "3eZbrw1aB"}));
}

#[tokio::test]
async fn slack_2_what_could_not_be_stored_has_slack_bring_it_again() {
    let site = Site::new().await;
    site.world.inbox.broken.store(true, Ordering::SeqCst);
    assert_eq!(site.signed(http::EVENTS, &says("help")).await.0, 503);
    site.world.inbox.broken.store(false, Ordering::SeqCst);
    assert_eq!(site.signed(http::EVENTS, &says("help")).await.0, 200);
    assert_eq!(site.world.inbox.keys().len(), 1);
}

#[tokio::test]
async fn a_press_comes_as_a_form() {
    let site = Site::new().await;
    let token = Token::OfRun { run: wilco_core::ids::RunId::new("r1"), wish: Wish::Hold };
    let payload = json!({
        "type": "block_actions", "user": {"id": "U01", "team_id": "T0ACME"},
        "container": {"message_ts": "1795392000.000200", "channel_id": "C01"},
        "actions": [{"action_id": "wilco.button.0", "value": token.encode(), "action_ts": "1795392001.000100"}],
    });
    let body = serde_urlencoded::to_string([("payload", payload.to_string())]).unwrap();
    assert_eq!(site.signed(http::INTERACTIVITY, &body).await.0, 200);
    let Event::Press(press) = site.world.inbox.last() else { panic!() };
    assert_eq!(press.token, token);
    for nonsense in ["", "payload=", "payload={", "other=1"] {
        assert_eq!(site.signed(http::INTERACTIVITY, nonsense).await.0, 400, "{nonsense}");
    }
    assert_eq!(site.signed(http::EVENTS, "{").await.0, 400);
}

#[tokio::test]
async fn where_events_come_by_sockets_no_request_is_taken() {
    let token = wilco_sim::slack::APP_TOKEN.to_owned().into();
    let world = World::new(Delivery::Sockets { token, count: 1 }).await;
    assert!(!world.slack.takes_requests());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = world.slack.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let site = Site { world, url };
    assert_eq!(site.signed(http::EVENTS, &says("help")).await.0, 404);
    assert!(site.world.inbox.keys().is_empty());
}
