//! Slack's adapter against the double of Slack: over real sockets and real HTTP.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use wilco_chat::Inbox;
use wilco_chat::slack::{Channels, Delivery, Listening, Parts, Slack, SlackConfig};
use wilco_core::call::Finding;
use wilco_core::event::Event;
use wilco_core::ids::{AdapterName, MessageId, MessageKey, PersonId, RoomId, RunId, UserId};
use wilco_core::message::{Body, Button, ButtonStyle, To};
use wilco_core::people::{Author, Directory, Person};
use wilco_core::place::{Direct, Room, Thread};
use wilco_core::port::{Adapter, SendFault};
use wilco_core::time::Timestamp;
use wilco_core::token::{Token, Wish};
use wilco_sim::Served;
use wilco_sim::clock::ManualClock;
use wilco_sim::slack::{self as sim, Fault, FaultKind, Pressing, Saying};

use crate::support::Remembered;

const START_MS: i64 = 1_795_392_000_000;

/// The workspace, the adapter, and what the inbox got.
pub(crate) struct World {
    pub(crate) double: sim::Slack,
    pub(crate) clock: ManualClock,
    pub(crate) inbox: Arc<Remembered>,
    pub(crate) slack: Arc<Slack>,
    served: Served,
}

impl World {
    pub(crate) async fn new(delivery: Delivery) -> Self {
        let clock = ManualClock::new(START_MS);
        let double = sim::Slack::new(clock.clone());
        double.add_user("U01", "mina");
        double.add_channel("C01", "deploy");
        double.add_channel("C02", "ops");
        let served = double.serve_local().await.unwrap();
        let inbox = Arc::new(Remembered::default());
        let config = SlackConfig {
            api_url: format!("{}/api/", served.url()).parse().unwrap(),
            bot_token: sim::BOT_TOKEN.to_owned().into(),
            delivery,
            channels: Channels::new([("#deploy".to_owned(), "C01".to_owned())]),
        };
        let now = clock.clone();
        let parts = Parts {
            people: Arc::new(people()),
            inbox: Arc::clone(&inbox) as Arc<dyn Inbox>,
            clock: Arc::new(move || Timestamp(wilco_sim::clock::Clock::now_ms(&now))),
        };
        let slack = Arc::new(Slack::new(config, parts).unwrap());
        Self { double, clock, inbox, slack, served }
    }

    async fn listening() -> (Self, Listening) {
        let token = sim::APP_TOKEN.to_owned().into();
        let world = Self::new(Delivery::Sockets { token, count: 1 }).await;
        let mut listening = world.slack.listen();
        listening.opened().await;
        (world, listening)
    }

    async fn quiet() -> Self {
        let token = sim::APP_TOKEN.to_owned().into();
        Self::new(Delivery::Sockets { token, count: 1 }).await
    }

    /// Returns when all that happened is acknowledged.
    async fn acknowledged(&self) {
        self.double.until(|double| double.undelivered() == 0).await;
    }

    async fn post(
        &self,
        key: &str,
        to: &To,
        text: &str,
    ) -> Result<(MessageId, Timestamp), SendFault> {
        self.slack.post(&MessageKey::new(key), to, &said(text)).await
    }
}

/// Mina, with her account.
fn people() -> Directory {
    let mina = Person {
        id: PersonId::new("mina"),
        name: "Mina".into(),
        teams: BTreeSet::new(),
        language: None,
    };
    Directory::new([(mina, vec![(AdapterName::new("slack"), UserId::new("U01"))])], [])
}

pub(crate) fn said(text: &str) -> Body {
    Body { text: text.to_owned(), ..Body::default() }
}

fn room(name: &str) -> Room {
    Room {
        adapter: AdapterName::new("slack"),
        workspace: sim::TEAM.into(),
        room: RoomId::new(name),
    }
}

fn in_room(name: &str) -> To {
    To::Room(room(name))
}

fn in_thread(name: &str, root: &str) -> To {
    To::Thread(Thread { room: room(name), root: MessageId::new(root) })
}

fn message(event: &Event) -> &wilco_core::event::Incoming {
    match event {
        Event::Message(message) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_somebody_says_is_stored_and_acknowledged() {
    let (world, _listening) = World::listening().await;
    let ts = world.double.says(Saying::new("U01", "C01", "배포 <wallet-api> & more"));
    world.acknowledged().await;
    assert_eq!(world.inbox.keys(), [format!("slack {} said C01 {ts}", sim::TEAM)]);
    let event = world.inbox.last();
    let message = message(&event);
    assert_eq!(message.text, "배포 <wallet-api> & more");
    assert_eq!(message.room, room("#deploy"), "a channel has the name that `rooms:` gives it");
    assert_eq!(message.author, Author::User(UserId::new("U01")));
    assert_eq!((message.thread.as_ref(), message.message.as_str()), (None, ts.as_str()));
    let reply = world.double.says(Saying::new("U01", "C02", "@wilco help").under(&ts));
    world.acknowledged().await;
    let event = world.inbox.last();
    let message = self::message(&event);
    assert!(message.mentioned);
    assert_eq!(message.room, room("C02"));
    assert_eq!(message.thread.as_ref().map(MessageId::as_str), Some(ts.as_str()));
    assert_eq!(message.message.as_str(), reply);
}

#[tokio::test]
async fn slack_3_what_was_not_stored_is_not_acknowledged_and_comes_again() {
    let (world, _listening) = World::listening().await;
    world.inbox.broken.store(true, Ordering::SeqCst);
    world.double.says(Saying::new("U01", "C01", "help"));
    world.inbox.refused(1).await;
    assert_eq!(world.double.undelivered(), 1);
    world.inbox.broken.store(false, Ordering::SeqCst);
    world.clock.advance(3_000);
    world.acknowledged().await;
    assert_eq!(world.inbox.keys().len(), 1);
}

#[tokio::test]
async fn slack_3_and_10_what_comes_twice_has_one_key() {
    let (world, _listening) = World::listening().await;
    world.double.traps(|traps| {
        traps.double = true;
        traps.mention_twice = true;
    });
    let ts = world.double.says(Saying::new("U01", "C01", "@wilco help"));
    world.inbox.received(4).await;
    let key = format!("slack {} said C01 {ts}", sim::TEAM);
    assert_eq!(world.inbox.keys(), vec![key; 4]);
}

#[tokio::test]
async fn slack_4_a_socket_is_replaced_before_it_is_left() {
    let (world, listening) = World::listening().await;
    world.double.disconnect("refresh_requested");
    world.double.says(Saying::new("U01", "C01", "between"));
    world.inbox.received(1).await;
    // The double closes the old one when the new one is open, never before.
    world.double.until(|double| double.requests("apps.connections.open") == 2).await;
    world.double.until(|double| double.sockets() == 1).await;
    world.double.says(Saying::new("U01", "C01", "after"));
    world.inbox.received(2).await;
    assert_eq!(world.double.lost(), 0);
    listening.stop().await;
    world.double.until(|double| double.sockets() == 0).await;
}

#[tokio::test]
async fn slack_4_a_socket_that_breaks_is_opened_again_and_nothing_is_lost() {
    let (world, _listening) = World::listening().await;
    world.inbox.broken.store(true, Ordering::SeqCst);
    world.double.says(Saying::new("U01", "C01", "help"));
    world.inbox.refused(1).await;
    world.double.cut_sockets();
    world.inbox.broken.store(false, Ordering::SeqCst);
    world.inbox.received(1).await;
    world.acknowledged().await;
    assert_eq!(world.double.requests("apps.connections.open"), 2);
}

#[tokio::test]
async fn slack_that_is_away_at_the_start_is_asked_again() {
    let world = World::quiet().await;
    world.double.fault(Fault::on("auth.test", FaultKind::Status(503)).once());
    world.double.fault(Fault::on("apps.connections.open", FaultKind::Close).once());
    let mut listening = world.slack.listen();
    listening.opened().await;
    assert_eq!(listening.open(), 1);
    world.double.says(Saying::new("U01", "C01", "help"));
    world.acknowledged().await;
}

#[tokio::test]
async fn a_button_is_pressed_by_what_stands_on_it() {
    let (world, _listening) = World::listening().await;
    let token = Token::OfRun { run: RunId::new("r1"), wish: Wish::Cancel };
    let button =
        Button { label: "Cancel".into(), token: token.clone(), style: ButtonStyle::Danger };
    let body = Body { buttons: vec![button], ..said("r1 runs") };
    let root = world.double.says(Saying::new("U01", "C01", "deploy"));
    let to = in_thread("#deploy", &root);
    let (posted, _) = world.slack.post(&MessageKey::new("r1.card"), &to, &body).await.unwrap();
    world
        .double
        .presses("U01", "C01", posted.as_str(), &Pressing::One("Cancel".into()), 0)
        .unwrap();
    world.acknowledged().await;
    let Event::Press(press) = world.inbox.last() else { panic!("{:?}", world.inbox.last()) };
    assert_eq!(press.token, token);
    assert_eq!(press.thread, Thread { room: room("#deploy"), root: MessageId::new(&root) });
    assert_eq!(press.author, Author::User(UserId::new("U01")));
}

#[tokio::test]
async fn the_bots_own_messages_are_nothing_that_somebody_says() {
    let (world, _listening) = World::listening().await;
    let (posted, _) = world.post("k1", &in_room("C02"), "started").await.unwrap();
    world.slack.update(&posted, &in_room("C02"), &said("ended")).await.unwrap();
    world.acknowledged().await;
    assert!(world.inbox.keys().is_empty(), "{:?}", world.inbox.keys());
    let stands = world.double.messages("C02").remove(0);
    assert_eq!((stands.text.as_str(), stands.revision), ("ended", 2));
}

#[tokio::test]
async fn slack_8_an_edit_or_an_unfurl_says_nothing_again() {
    let (world, _listening) = World::listening().await;
    let ts = world.double.says(Saying::new("U01", "C01", "deploy wallet-api"));
    world.double.edits("C01", &ts, None).unwrap();
    world.double.edits("C01", &ts, Some("deploy other")).unwrap();
    world.acknowledged().await;
    assert_eq!(world.inbox.keys().len(), 1);
}

#[tokio::test]
async fn slack_12_an_outsider_of_a_shared_channel_is_told_from_ours() {
    let (world, _listening) = World::listening().await;
    world.double.add_shared_channel("C09", "with-partner");
    world.double.add_user_of("U99", "eve", "T0OTHER");
    world.double.says(Saying::new("U99", "C09", "@wilco deploy wallet-api"));
    world.double.says(Saying::new("U99", "C09", "@wilco approve r1").as_a("file_share"));
    world.double.says(Saying::new("U01", "C09", "@wilco help"));
    world.inbox.received(3).await;
    let authors: Vec<Author> = world
        .inbox
        .got
        .lock()
        .unwrap()
        .iter()
        .map(|(_, event)| message(event).author.clone())
        .collect();
    let eve = || Author::Outsider(UserId::new("U99"));
    assert_eq!(authors, [eve(), eve(), Author::User(UserId::new("U01"))]);
}

#[tokio::test]
async fn slack_6_a_workflow_is_a_bot_without_an_account() {
    let (world, _listening) = World::listening().await;
    world.double.says(Saying::workflow("B77", "C01", "New request: restart shop"));
    world.acknowledged().await;
    assert_eq!(message(&world.inbox.last()).author, Author::Bot("B77".into()));
}

#[tokio::test]
async fn a_message_stands_in_its_thread_its_room_or_with_one_person_alone() {
    let world = World::quiet().await;
    let root = world.double.says(Saying::new("U01", "C01", "help"));
    world.post("a", &in_thread("#deploy", &root), "in the thread").await.unwrap();
    world.post("b", &in_room("C02"), "in the room").await.unwrap();
    let direct = To::Direct(Direct {
        adapter: AdapterName::new("slack"),
        workspace: sim::TEAM.into(),
        user: UserId::new("U01"),
    });
    let (alone, _) = world.post("c", &direct, "alone").await.unwrap();
    world.slack.update(&alone, &direct, &said("still alone")).await.unwrap();
    let texts = |channel: &str| {
        world.double.messages(channel).iter().map(|m| m.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(texts("C01"), ["help", "in the thread"]);
    assert_eq!(world.double.messages("C01")[1].thread_ts.as_deref(), Some(root.as_str()));
    assert_eq!(texts("C02"), ["in the room"]);
    assert_eq!(texts("D01"), ["still alone"]);
    assert_eq!(world.double.requests("conversations.open"), 1, "asked once");
}

#[tokio::test]
async fn slack_17_only_who_is_to_be_mentioned_is() {
    let world = World::quiet().await;
    let body =
        Body { mention: Some(PersonId::new("mina")), ..said("<!channel> <@U02> done & gone") };
    world.slack.post(&MessageKey::new("a"), &in_room("C02"), &body).await.unwrap();
    // In the fall-back, and in what is shown.
    assert_eq!(world.double.pings(), ["@U01", "@U01"]);
}

#[tokio::test]
async fn slack_15_a_lost_answer_is_settled_by_what_the_message_carries() {
    let world = World::quiet().await;
    let root = world.double.says(Saying::new("U01", "C01", "help"));
    for (key, to) in [("in-thread", in_thread("#deploy", &root)), ("in-room", in_room("C02"))] {
        let since = Timestamp(START_MS);
        let key_of = MessageKey::new(key);
        let find = || world.slack.find(&key_of, &to, since);
        assert_eq!(find().await, Finding::NotFound);
        for kind in [FaultKind::ActThenClose, FaultKind::HalfJson] {
            world.double.fault(Fault::on("chat.postMessage", kind).once());
            let lost = world.post(key, &to, "said once").await;
            assert!(matches!(lost, Err(SendFault::Unclear { .. })), "{lost:?}");
            let Finding::Found(value) = find().await else { panic!("not found") };
            let stands = value["message"].as_str().unwrap();
            assert!(world.double.all_messages().iter().any(|message| message.ts == stands));
        }
        // Everything else that was said is not it.
        assert_eq!(
            world.slack.find(&MessageKey::new("other"), &to, since).await,
            Finding::NotFound
        );
    }
}

#[tokio::test]
async fn where_slack_cannot_be_asked_nothing_is_told_about_a_message() {
    let world = World::quiet().await;
    let find = || async {
        world.slack.find(&MessageKey::new("k"), &in_room("C02"), Timestamp(START_MS)).await
    };
    for kind in
        [FaultKind::Status(500), FaultKind::Limited(3), FaultKind::Error("invalid_auth".into())]
    {
        world.double.fault(Fault::on("conversations.history", kind.clone()).once());
        assert!(matches!(find().await, Finding::NotNow(_)), "{kind:?}");
        world.clock.advance(120_000);
    }
    assert_eq!(find().await, Finding::NotFound);
    // What no waiting mends holds up nothing: the bot was removed from the channel.
    let removed = FaultKind::Error("not_in_channel".into());
    world.double.fault(Fault::on("conversations.history", removed).once());
    assert_eq!(find().await, Finding::Unsure("not_in_channel".into()));
}

#[tokio::test]
async fn a_message_is_found_among_many() {
    let world = World::quiet().await;
    let root = world.double.says(Saying::new("U01", "C01", "help"));
    let to = in_thread("#deploy", &root);
    for number in 0..450 {
        world.double.says(Saying::new("U01", "C01", &format!("talk {number}")).under(&root));
    }
    let (posted, at) = world.post("k", &to, "said").await.unwrap();
    for number in 0..450 {
        world.double.says(Saying::new("U01", "C01", &format!("more {number}")).under(&root));
    }
    let found = world.slack.find(&MessageKey::new("k"), &to, at).await;
    let Finding::Found(value) = found else { panic!("{found:?}") };
    assert_eq!(value["message"], posted.as_str());
    assert_eq!(value["at"], at.0);
}

#[tokio::test]
async fn slack_14_after_a_429_one_channel_waits_and_another_does_not() {
    let world = World::quiet().await;
    world
        .double
        .fault(Fault::on("chat.postMessage", FaultKind::Limited(7)).once().in_channel("C01"));
    let later = world.post("a", &in_room("#deploy"), "one").await.unwrap_err();
    assert!(matches!(later, SendFault::Later { after_ms: 7_000, .. }), "{later:?}");
    let asked = world.double.requests("chat.postMessage");
    let early = world.post("a", &in_room("#deploy"), "one").await.unwrap_err();
    assert!(matches!(early, SendFault::Later { after_ms: 7_000, .. }), "{early:?}");
    assert_eq!(world.double.requests("chat.postMessage"), asked, "Slack is left alone");
    world.post("b", &in_room("C02"), "two").await.unwrap();
    world.clock.advance(7_000);
    world.post("a", &in_room("#deploy"), "one").await.unwrap();
    // For a while the steady rate is kept.
    let soon = world.post("c", &in_room("#deploy"), "three").await.unwrap_err();
    assert!(matches!(soon, SendFault::Later { after_ms: 1_000, .. }), "{soon:?}");
}

#[tokio::test]
async fn what_slack_refuses_for_ever_is_told_from_what_a_person_can_mend() {
    let world = World::quiet().await;
    let unknown = world.post("a", &in_room("C77"), "text").await.unwrap_err();
    assert!(matches!(unknown, SendFault::Never { .. }), "{unknown:?}");
    assert!(unknown.to_string().contains("channel_not_found"), "{unknown}");
    let untied = world.post("a", &in_room("#untied"), "text").await.unwrap_err();
    assert!(untied.to_string().contains("ties no channel to #untied"), "{untied}");
    let gone = world.slack.update(&MessageId::new("1.000001"), &in_room("C02"), &said("x")).await;
    assert!(matches!(gone, Err(SendFault::Never { .. })), "{gone:?}");
    for word in ["invalid_auth", "token_revoked", "missing_scope"] {
        world.double.fault(Fault::on("chat.postMessage", FaultKind::Error(word.into())).once());
        let later = world.post("a", &in_room("C02"), "text").await.unwrap_err();
        assert!(matches!(later, SendFault::Later { after_ms: 60_000, .. }), "{later:?}");
    }
    for word in ["internal_error", "fatal_error"] {
        world.double.fault(Fault::on("chat.postMessage", FaultKind::Error(word.into())).once());
        let unclear = world.post("a", &in_room("C02"), "text").await.unwrap_err();
        assert!(matches!(unclear, SendFault::Unclear { .. }), "{unclear:?}");
    }
}

#[tokio::test]
async fn slack_that_was_not_reached_did_nothing() {
    let World { slack, served, double, .. } = World::quiet().await;
    slack.post(&MessageKey::new("a"), &in_room("C02"), &said("one")).await.unwrap();
    served.shutdown().await;
    // A connection that was kept may break under the first request, which then is unclear.
    let mut refused =
        slack.post(&MessageKey::new("b"), &in_room("C02"), &said("two")).await.unwrap_err();
    if matches!(refused, SendFault::Unclear { .. }) {
        refused =
            slack.post(&MessageKey::new("b"), &in_room("C02"), &said("two")).await.unwrap_err();
    }
    assert!(matches!(refused, SendFault::Later { .. }), "{refused:?}");
    assert_eq!(double.messages("C02").len(), 1);
    let finding = slack.find(&MessageKey::new("b"), &in_room("C02"), Timestamp(START_MS)).await;
    assert!(matches!(finding, Finding::NotNow(_)), "{finding:?}");
}

#[tokio::test]
async fn the_token_of_the_app_says_nothing_and_that_of_the_bot_opens_nothing() {
    let world =
        World::new(Delivery::Sockets { token: sim::BOT_TOKEN.to_owned().into(), count: 1 }).await;
    let listening = world.slack.listen();
    world.double.until(|double| double.requests("apps.connections.open") == 1).await;
    assert_eq!(listening.open(), 0);
    let stopped = tokio::time::timeout(Duration::from_secs(5), listening.stop()).await;
    assert!(stopped.is_ok(), "a slot that waits for a person stops at once");
}
