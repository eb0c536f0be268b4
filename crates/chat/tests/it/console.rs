//! The console over real HTTP.
#![expect(clippy::disallowed_methods, reason = "the test is a browser: it sends to loopback only")]

use std::collections::BTreeSet;
use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use wilco_chat::console::{Console, HEADER, Route};
use wilco_core::event::{Event, Press};
use wilco_core::message::To;
use wilco_core::port::Adapter;
use wilco_core::token::{Choice, Token};

use crate::support::{World, key, people, room, rooms, text, under, with_buttons, with_list};

struct Server {
    world: World,
    console: Arc<Console>,
    base: String,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    async fn start() -> Self {
        Self::on(World::new()).await
    }

    async fn on(world: World) -> Self {
        let parts = world.parts();
        let (store, inbox, clock) = (parts.store, parts.inbox, parts.clock);
        let console = Arc::new(Console::demo(store, people(), rooms(), inbox, clock));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = console.router();
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { world, console, base, task }
    }

    fn get(&self, path: &str) -> RequestBuilder {
        Client::new().get(format!("{}{path}", self.base))
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        Client::new().post(format!("{}{path}", self.base)).header(HEADER, "1").json(body)
    }

    async fn say(&self, id: &str, text: &str) -> Response {
        let body = json!({"id": id, "as": "mina", "room": "#deploy", "text": text});
        self.post("/api/messages", &body).send().await.unwrap()
    }
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

/// The messages of a stream, with their places.
struct Events {
    stream: Response,
    read: String,
}

impl Events {
    fn of(stream: Response) -> Self {
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        Self { stream, read: String::new() }
    }

    async fn next(&mut self) -> (i64, Value) {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
                let (Some(id), Some(data)) = (field("id: "), field("data: ")) else {
                    panic!("not a message: {event}");
                };
                let found = (id.parse().unwrap(), serde_json::from_str(data).unwrap());
                self.read.drain(..self.read.len() - rest.len());
                return found;
            }
            let chunk = self.stream.chunk().await.unwrap().expect("the stream ended");
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

#[tokio::test]
async fn the_page_and_its_files_are_served() {
    let server = Server::start().await;
    let page = server.get("/").send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("'none'"));
    let page = page.text().await.unwrap();
    for route in Route::all().filter(|route| matches!(route, Route::File(_))) {
        let file = server.get(route.path()).send().await.unwrap();
        assert_eq!(file.status(), StatusCode::OK, "{}", route.path());
        assert!(!file.text().await.unwrap().is_empty(), "{}", route.path());
    }
    assert!(page.contains("app.js") && !page.contains("http://") && !page.contains("https://"));
}

#[tokio::test]
async fn every_module_that_a_module_imports_is_served() {
    let server = Server::start().await;
    let paths: BTreeSet<&str> = Route::all().map(Route::path).collect();
    for path in paths.iter().filter(|path| path.rsplit('.').next() == Some("js")) {
        let source = server.get(path).send().await.unwrap().text().await.unwrap();
        for import in source.lines().filter_map(|line| line.split_once("from \"./")) {
            let name = format!("/{}", import.1.trim_end_matches(['"', ';']));
            assert!(paths.contains(name.as_str()), "{path} imports {name}");
        }
    }
}

#[tokio::test]
async fn state_names_rooms_people_and_the_bot() {
    let server = Server::start().await;
    let (status, state) = answer(server.get("/api/state")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(state["bot"]["handle"], "wilco");
    let ids: Vec<&str> =
        state["rooms"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["#deploy", "#wallet", "@jun", "@mina"]);
    assert_eq!(state["rooms"][3]["owner"], "mina");
    assert_eq!(state["people"][1], json!({"id": "mina", "name": "Mina", "teams": ["devops"]}));
}

#[tokio::test]
async fn a_message_goes_in_and_comes_out() {
    let server = Server::start().await;
    let response = server.say("m1", "헬프").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(server.world.inbox.keys(), ["console m1"]);
    let asked = with_buttons("무엇을 할까요?", &["취소"]);
    server.console.post(&key("q"), &under("console", "#deploy", "m1"), &asked).await.unwrap();

    let (_, messages) = answer(server.get("/api/messages?after=0")).await;
    assert_eq!(messages[0]["author"], json!({"person": "mina"}));
    assert_eq!(messages[1]["author"], "wilco");
    assert_eq!(messages[1]["thread"], "m1");
    assert_eq!(messages[1]["buttons"][0]["label"], "취소");
    let after = format!("/api/messages?after={}", messages[0]["seq"]);
    let (_, messages) = answer(server.get(&after)).await;
    assert_eq!(messages.as_array().unwrap().len(), 1);

    let token = &messages[0]["buttons"][0]["token"];
    let press = json!({"id": "p1", "as": "mina", "message": messages[0]["id"], "tokens": [token]});
    let (status, _) = answer(server.post("/api/press", &press)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(server.world.inbox.keys().last().unwrap(), "console press p1");
}

#[tokio::test]
async fn several_items_of_a_list_are_pressed_at_once() {
    let server = Server::start().await;
    server.say("m1", "help").await;
    let list = with_list(6);
    server.console.post(&key("q"), &under("console", "#deploy", "m1"), &list).await.unwrap();
    let (_, messages) = answer(server.get("/api/messages?after=1")).await;
    let buttons = messages[0]["buttons"].as_array().unwrap();
    let kinds: Vec<&str> =
        buttons.iter().map(|button| button["kind"].as_str().unwrap_or("other")).collect();
    assert_eq!(kinds, ["item", "item", "item", "item", "item", "item", "all", "other"]);

    let press = |places: &[usize]| {
        let tokens: Vec<&Value> = places.iter().map(|at| &buttons[*at]["token"]).collect();
        let message = &messages[0]["id"];
        let body = json!({"id": "p1", "as": "mina", "message": message, "tokens": tokens});
        answer(server.post("/api/press", &body))
    };
    for mixed in [&[][..], &[0, 6], &[6, 7]] {
        let (status, body) = press(mixed).await;
        assert_eq!((status, &body["error"]), (StatusCode::BAD_REQUEST, &json!("unknown_button")));
    }
    assert_eq!(press(&[4, 1]).await.0, StatusCode::OK);
    let Event::Press(Press { token: Token::Answer { choice, .. }, .. }) = server.world.inbox.last()
    else {
        panic!("{:?}", server.world.inbox.last());
    };
    assert_eq!(choice, Choice::Items(vec![4, 1]));
}

#[tokio::test]
async fn the_stream_shows_changes_in_order_and_goes_on_where_it_was_lost() {
    let server = Server::start().await;
    server.say("m1", "one").await;
    let mut stream = Events::of(server.get("/api/events").send().await.unwrap());
    let first = stream.next().await;
    assert_eq!(first.1["text"], "one");

    let to = To::Room(room("console", "#deploy"));
    let (id, _) = server.console.post(&key("k"), &to, &text("two")).await.unwrap();
    let second = stream.next().await;
    assert_eq!(second.1["text"], "two");

    server.console.update(&id, &to, &text("three")).await.unwrap();
    let third = stream.next().await;
    assert_eq!((&third.1["id"], &third.1["text"]), (&second.1["id"], &json!("three")));
    assert!(first.0 < second.0 && second.0 < third.0);

    // The browser names what it saw last; `after` still stands in the address it first used.
    let again = server.get("/api/events?after=0").header("Last-Event-ID", second.0.to_string());
    assert_eq!(Events::of(again.send().await.unwrap()).next().await, third);
}

#[tokio::test]
async fn closing_ends_the_streams() {
    let server = Server::start().await;
    let stream = server.get("/api/events").send().await.unwrap();
    server.console.close();
    assert_eq!(stream.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn refusals_are_codes() {
    let server = Server::start().await;
    let say = |change: Value| {
        let mut body = json!({"id": "m1", "as": "mina", "room": "#deploy", "text": "hi"});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        server.post("/api/messages", &body)
    };
    let long = "x".repeat(40_001);
    let huge = "😀".repeat(400_000);
    for (change, status, code) in [
        (json!({"as": "eve"}), 404, "unknown_person"),
        (json!({"room": "#nowhere"}), 404, "unknown_room"),
        (json!({"room": "@jun"}), 404, "unknown_room"),
        (json!({"thread": "m9"}), 404, "unknown_thread"),
        (json!({"text": ""}), 400, "empty"),
        (json!({"text": long}), 413, "too_long"),
        (json!({"text": huge}), 413, "too_long"),
        (json!({"id": "a b"}), 400, "bad_id"),
        (json!({"text": 5}), 422, "bad_request"),
    ] {
        let (got, body) = answer(say(change)).await;
        assert_eq!((got.as_u16(), body["error"].as_str().unwrap()), (status, code));
    }
    let (status, body) = answer(server.post(
        "/api/press",
        &json!({
            "id": "p", "as": "mina", "message": "m9", "tokens": ["{}"],
        }),
    ))
    .await;
    assert_eq!((status, &body["error"]), (StatusCode::BAD_REQUEST, &json!("unknown_button")));
    assert!(server.world.inbox.keys().is_empty());

    server.world.store.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let (status, body) = answer(say(json!({}))).await;
    assert_eq!((status, &body["error"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("store")));
}

#[tokio::test]
async fn no_route_answers_a_foreign_page() {
    let server = Server::start().await;
    let mut walked = 0;
    for route in Route::all() {
        let request = || {
            Client::new()
                .request(route.method(), format!("{}{}", server.base, route.path()))
                .header(HEADER, "1")
        };
        let own = server.base.trim_start_matches("http://").to_owned();
        for (name, value) in [
            ("host", "evil.example"),
            ("host", "localhost.evil.example:80"),
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("origin", &format!("https://{own}")),
        ] {
            let (status, body) = answer(request().header(name, value)).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{route:?} {name} {value}");
            assert!(body["error"].as_str().unwrap().starts_with("wrong_"), "{route:?}");
        }
        let fine = request().header("origin", &server.base).send().await.unwrap();
        assert_ne!(fine.status(), StatusCode::FORBIDDEN, "{route:?}");
        walked += 1;
    }
    assert!(walked > 5);
}

#[tokio::test]
async fn nothing_changes_state_without_the_header_and_json() {
    let server = Server::start().await;
    let body = json!({"id": "m1", "as": "mina", "room": "#deploy", "text": "hi",
        "message": "m1", "tokens": ["{}"]});
    let mut changing = 0;
    for route in Route::all() {
        let url = format!("{}{}", server.base, route.path());
        let forged = Client::new().post(&url).json(&body).send().await.unwrap();
        assert_eq!(forged.status(), StatusCode::FORBIDDEN, "{route:?}");
        if route.changes_state() {
            changing += 1;
            let form = Client::new().post(&url).header(HEADER, "1").body(body.to_string());
            let form = form.header("content-type", "text/plain").send().await.unwrap();
            assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{route:?}");
            assert_eq!(
                Client::new().put(&url).header(HEADER, "1").send().await.unwrap().status(),
                StatusCode::METHOD_NOT_ALLOWED,
            );
        } else {
            assert_eq!(route.method(), "GET", "{route:?}");
        }
    }
    assert_eq!(changing, 2);
    assert!(server.world.inbox.keys().is_empty());
}
