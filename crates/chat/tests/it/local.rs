//! The platform itself: what it promises about ids, times, and what was said.

use std::sync::atomic::Ordering;

use serde_json::json;
use wilco_chat::local::{LocalPlatform, MAX_TEXT_CHARS, Message, Pressing, Refusal, Saying};
use wilco_core::call::Finding;
use wilco_core::event::{Event, Incoming};
use wilco_core::ids::{MessageId, UserId};
use wilco_core::message::{Body, To};
use wilco_core::people::Author;
use wilco_core::port::SendFault;
use wilco_core::time::Timestamp;

use crate::support::{World, key, room, text, under, with_buttons};

fn saying(id: &str, person: &str, at: &str, text: &str) -> Saying {
    let [id, person, room, text] = [id, person, at, text].map(str::to_owned);
    Saying { id, person, room, thread: None, text }
}

fn platform(world: &World) -> LocalPlatform {
    LocalPlatform::new("console", world.parts())
}

async fn all(platform: &LocalPlatform) -> Vec<Message> {
    platform.read(0, 1_000).await.unwrap().into_iter().map(|placed| placed.message).collect()
}

fn incoming(event: Event) -> Incoming {
    let Event::Message(incoming) = event else { panic!("not a message: {event:?}") };
    incoming
}

#[tokio::test]
async fn what_is_said_is_stored_and_handed_over() {
    let world = World::new();
    let platform = platform(&world);
    platform.say(saying("m1", "mina", "#deploy", "@wilco help")).await.unwrap();

    let said = incoming(world.inbox.last());
    assert_eq!(world.inbox.keys(), ["console m1"]);
    assert_eq!(said.room, room("console", "#deploy"));
    assert_eq!(said.author, Author::User(UserId::new("mina")));
    assert_eq!((said.text.as_str(), said.mentioned, said.direct), ("help", true, false));
    // The journal keeps it as it was written.
    assert_eq!(all(&platform).await[0].text, "@wilco help");

    platform.say(saying("m2", "mina", "@mina", "help")).await.unwrap();
    let said = incoming(world.inbox.last());
    assert_eq!((said.mentioned, said.direct), (false, true));
}

#[tokio::test]
async fn saying_the_same_again_is_saying_it_once() {
    let world = World::new();
    let platform = platform(&world);
    let first = platform.say(saying("m1", "mina", "#deploy", "help")).await.unwrap();
    let again = platform.say(saying("m1", "mina", "#deploy", "help")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(all(&platform).await.len(), 1);
    assert_eq!(world.inbox.keys(), ["console m1", "console m1"]);

    for other in [saying("m1", "jun", "#deploy", "help"), saying("m1", "mina", "#deploy", "yes")] {
        assert!(matches!(platform.say(other).await, Err(Refusal::IdTaken)));
    }
}

#[tokio::test]
async fn time_is_strictly_increasing_even_when_the_clock_goes_back() {
    let world = World::new();
    let first = platform(&world);
    first.say(saying("m1", "mina", "#deploy", "one")).await.unwrap();
    world.now.store(5, Ordering::SeqCst);
    first.say(saying("m2", "mina", "#deploy", "two")).await.unwrap();
    // Also after a new start.
    let second = platform(&world);
    second.say(saying("m3", "mina", "#deploy", "three")).await.unwrap();
    let times: Vec<Timestamp> = all(&second).await.iter().map(|message| message.at).collect();
    assert_eq!(times, [1_000_000, 1_000_001, 1_000_002].map(Timestamp));
}

#[tokio::test]
async fn catching_up_hands_over_what_a_crash_kept_back_and_nothing_else() {
    let world = World::new();
    let first = platform(&world);
    first.say(saying("m1", "mina", "#deploy", "one")).await.unwrap();
    world.inbox.broken.store(true, Ordering::SeqCst);
    let refused = first.say(saying("m2", "mina", "#deploy", "two")).await;
    assert!(matches!(refused, Err(Refusal::Store(_))), "a failure must not be acknowledged");
    world.inbox.broken.store(false, Ordering::SeqCst);
    first.post(&key("k"), &under("console", "#deploy", "m1"), &text("hi")).await.unwrap();

    let second = platform(&world);
    assert_eq!(second.catch_up().await.unwrap(), 1);
    assert_eq!(world.inbox.keys(), ["console m1", "console m2"]);
    assert_eq!(second.catch_up().await.unwrap(), 0);
}

#[tokio::test]
async fn a_post_repeated_changes_nothing() {
    let world = World::new();
    let platform = platform(&world);
    let to = To::Room(room("console", "#deploy"));
    assert_eq!(platform.find(&key("r1.card")).await, Finding::NotFound);
    let first = platform.post(&key("r1.card"), &to, &text("one")).await.unwrap();
    let again = platform.post(&key("r1.card"), &to, &text("other")).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(all(&platform).await.len(), 1);
    let receipt = json!({"message": first.0, "at": first.1});
    assert_eq!(platform.find(&key("r1.card")).await, Finding::Found(receipt));
}

#[tokio::test]
async fn an_update_replaces_the_content_and_keeps_the_time() {
    let world = World::new();
    let platform = platform(&world);
    let to = To::Room(room("console", "#deploy"));
    let asked = with_buttons("sure?", &["yes", "no"]);
    let (id, at) = platform.post(&key("q"), &to, &asked).await.unwrap();
    let before = platform.read(0, 10).await.unwrap();
    platform.update(&id, &asked).await.unwrap();
    assert_eq!(platform.read(0, 10).await.unwrap(), before, "the same content is no change");

    platform.update(&id, &text("done")).await.unwrap();
    let [after] = &platform.read(before[0].seq, 10).await.unwrap()[..] else { panic!() };
    assert_eq!((after.message.text.as_str(), after.message.at), ("done", at));
    assert!(after.message.edited && after.message.buttons.is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_says_so() {
    let world = World::new();
    let platform = platform(&world);
    let nowhere = To::Room(room("console", "#nowhere"));
    for to in [nowhere, under("console", "#deploy", "m404"), To::Room(room("slack", "#deploy"))] {
        let fault = platform.post(&key("k"), &to, &Body::default()).await.unwrap_err();
        assert!(matches!(fault, SendFault::Never { .. }), "{to:?}: {fault}");
    }
    platform.say(saying("m1", "mina", "#deploy", "hi")).await.unwrap();
    let fault =
        platform.update(&MessageId::new("m1"), &text("changed by the bot")).await.unwrap_err();
    assert!(matches!(fault, SendFault::Never { .. }), "people's messages are not the bot's");

    world.store.broken.store(true, Ordering::SeqCst);
    let to = To::Room(room("console", "#deploy"));
    let fault = platform.post(&key("k"), &to, &text("x")).await.unwrap_err();
    assert!(matches!(fault, SendFault::Unclear { .. }), "{fault}");
    assert!(matches!(platform.find(&key("k")).await, Finding::NotNow(_)));
}

#[tokio::test]
async fn limits_and_unknown_names_are_refused() {
    let world = World::new();
    let platform = platform(&world);
    let at_limit = "가".repeat(MAX_TEXT_CHARS);
    platform.say(saying("m1", "mina", "#deploy", &at_limit)).await.unwrap();
    let handed = world.inbox.keys();

    let over = format!("{at_limit}.");
    let long_id = "x".repeat(65);
    let cases = [
        ("too long", saying("m2", "mina", "#deploy", &over)),
        ("empty", saying("m2", "mina", "#deploy", " \n")),
        ("unknown person", saying("m2", "eve", "#deploy", "hi")),
        ("unknown room", saying("m2", "mina", "#nowhere", "hi")),
        ("somebody else's direct conversation", saying("m2", "mina", "@jun", "hi")),
        ("no id", saying("", "mina", "#deploy", "hi")),
        ("long id", saying(&long_id, "mina", "#deploy", "hi")),
        ("the bot's id", saying("wilco:k", "mina", "#deploy", "hi")),
        (
            "unknown thread",
            Saying { thread: Some("m9".into()), ..saying("m2", "mina", "#deploy", "hi") },
        ),
        (
            "thread of another room",
            Saying { thread: Some("m1".into()), ..saying("m2", "mina", "#wallet", "hi") },
        ),
    ];
    for (why, wrong) in cases {
        assert!(platform.say(wrong).await.is_err(), "{why}");
    }
    assert_eq!(world.inbox.keys(), handed, "nothing refused was handed over");
    assert_eq!(all(&platform).await.len(), 1, "nothing refused was stored");
}

#[tokio::test]
async fn a_press_carries_the_thread_of_its_message_and_the_token_as_seen() {
    let world = World::new();
    let platform = platform(&world);
    platform.say(saying("m1", "mina", "#deploy", "help")).await.unwrap();
    let asked = with_buttons("sure?", &["yes"]);
    let to = under("console", "#deploy", "m1");
    let (id, _) = platform.post(&key("q"), &to, &asked).await.unwrap();
    let pressing = |token: &str| Pressing {
        id: "p1".into(),
        person: "jun".into(),
        message: id.to_string(),
        tokens: vec![token.into()],
    };
    // The question was answered meanwhile: the press still arrives, the bot says that it is old.
    platform.update(&id, &text("answered")).await.unwrap();
    platform.press(pressing(&asked.buttons[0].token.encode())).await.unwrap();
    let Event::Press(press) = world.inbox.last() else { panic!() };
    assert_eq!(To::Thread(press.thread), to);
    assert_eq!(press.author, Author::User(UserId::new("jun")));
    assert_eq!(press.token, asked.buttons[0].token);
    assert_eq!(world.inbox.keys().last().unwrap(), "console press p1");

    assert!(matches!(platform.press(pressing("{}")).await, Err(Refusal::UnknownButton)));
    let token = asked.buttons[0].token.encode();
    let on_a_person = Pressing { message: "m1".into(), ..pressing(&token) };
    assert!(matches!(platform.press(on_a_person).await, Err(Refusal::UnknownMessage)));
}
