//! What Wilco hears in everything that was recorded of Slack. Each sample stands in a table with its verdict, and
//! one that stands in none fails the test.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use wilco_core::event::{Event, Incoming, Press};
use wilco_core::ids::AdapterName;
use wilco_core::people::Author;
use wilco_core::token::{Choice, Token, Wish};

use super::{Heard, Kind, Me, read};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/slack");

fn me() -> Me {
    Me {
        adapter: AdapterName::new("slack"),
        team: "T111".into(),
        enterprise: None,
        user: "U0BOT".into(),
        bot: Some("B0BOT".into()),
        url: "https://acme.slack.com/".into(),
        channels: std::sync::Arc::default(),
    }
}

/// All samples, by their names.
fn samples() -> BTreeMap<String, Value> {
    let mut samples = BTreeMap::new();
    for folder in ["payloads", "socket_mode", "shapes/events", "shapes/app-backend"] {
        for entry in std::fs::read_dir(Path::new(FOLDER).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_stem().unwrap().to_string_lossy());
            samples.insert(name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap());
        }
    }
    samples
}

/// The kind of a payload, and the payload, as a socket or an address of ours would get it.
fn come(name: &str, sample: &Value) -> (Kind, Value) {
    if name.starts_with("socket_mode/") {
        let kind = sample["type"].as_str().and_then(Kind::of).unwrap_or(Kind::Event);
        return (kind, sample["payload"].clone());
    }
    let kind = if sample.get("event").is_some() {
        Kind::Event
    } else if sample.get("command").is_some() {
        Kind::Command
    } else {
        Kind::Interaction
    };
    (kind, sample.clone())
}

fn verdict(heard: &Heard) -> String {
    match heard {
        Heard::Nothing(why) => format!("- {why}"),
        Heard::Event(event, key) => match &**event {
            Event::Message(message) => {
                let Incoming { room, author, text, .. } = message;
                let author = match author {
                    Author::User(user) => user.to_string(),
                    Author::Outsider(user) => format!("outsider {user}"),
                    Author::Bot(bot) => format!("bot {bot}"),
                    Author::Wilco => "Wilco".to_owned(),
                };
                format!("{author} in {}: {text} [{key}]", room.room)
            }
            other => format!("{other:?}"),
        },
    }
}

/// Beginnings of names with what is heard in them; the longest one counts.
const HEARD: &[(&str, &str)] = &[
    ("payloads/block_actions", "- not a button of ours"),
    ("payloads/block_actions__builtins", "- the interaction has another shape"),
    ("payloads/block_actions__error_handler", "- pressed outside of a message"),
    ("payloads/block_suggestion", "- another type of interaction"),
    ("payloads/dialog_submission", "- another type of interaction"),
    (
        "payloads/event_app_mention",
        "W222 in C111: @W111 Hi there! [slack T111 said C111 1595926230.009600]",
    ),
    ("payloads/event_app_mention__builtins", "- a message without a channel"),
    ("payloads/event_app_uninstalled", "- another type of event"),
    ("payloads/event_function_executed", "- another type of event"),
    ("payloads/event_member", "- another type of event"),
    (
        "payloads/event_message__message_bot_bot",
        "bot B999 in C111: Hi there! Thanks for sharing the info! [slack T111 said C111 1610261539.000900]",
    ),
    (
        "payloads/event_message__message_bot_user",
        "W111 in C111: Hi there! Thanks for sharing the info! [slack T111 said C111 1610261659.001400]",
    ),
    (
        "payloads/event_message__message_message_body",
        "W111 in C111: Hello World! [slack T111 said C111 1596183880.004200]",
    ),
    (
        "payloads/event_message__message_message_body2",
        "W111 in C111: We've received 103 messages from you! [slack T111 said C111 1596183880.004200]",
    ),
    (
        "payloads/event_message_file_share",
        "U111 in G111: Here is your file! [slack T111 said G111 1610493715.001000]",
    ),
    ("payloads/event_message_message_changed", "- a message that nobody said"),
    ("payloads/event_reaction", "- another type of event"),
    ("payloads/event_tokens_revoked", "- another type of event"),
    ("payloads/event_workflow_step_execute", "- another type of event"),
    ("payloads/interactive_message", "- another type of interaction"),
    ("payloads/message_action", "- another type of interaction"),
    ("payloads/shortcut", "- another type of interaction"),
    ("payloads/slash_command", "- slash commands are not supported"),
    // Answered where the request comes in, before anything is read as an event.
    ("payloads/url_verification", "- another type of interaction"),
    ("payloads/view", "- another type of interaction"),
    ("payloads/workflow_step_edit", "- another type of interaction"),
    // Shapes have an empty text in every field, so no message of them has a time.
    ("shapes/app-backend/", "- another type of interaction"),
    ("shapes/app-backend/BlockAction", "- pressed at no time"),
    ("shapes/app-backend/SlashCommand", "- slash commands are not supported"),
    ("shapes/events/", "- another type of event"),
    ("shapes/events/AppMention", "- an edit"),
    ("shapes/events/MessageBot", "- a message without a time"),
    ("shapes/events/MessageChanged", "- a message that nobody said"),
    ("shapes/events/MessageChannel", "- a message that nobody said"),
    ("shapes/events/MessageFileShare", "- a message without a time"),
    ("shapes/events/MessagePayload", "- an edit"),
    (
        "socket_mode/events_api_app_mention",
        "U222 in C111: @U111 [slack T111 said C111 1610241741.000200]",
    ),
    (
        "socket_mode/events_api_message",
        "U222 in C111: @U111 Hi here! [slack T111 said C111 1610241741.000200]",
    ),
    // Not an envelope: the socket takes it for itself.
    ("socket_mode/hello", "- the event has no frame"),
    ("socket_mode/interactive_shortcut", "- another type of interaction"),
    ("socket_mode/slash_commands", "- slash commands are not supported"),
];

#[test]
fn each_recorded_payload_has_its_verdict() {
    let mut wrong = Vec::new();
    for (name, sample) in samples() {
        let (kind, payload) = come(&name, &sample);
        let heard = verdict(&read(kind, &payload, &me()));
        let expected = HEARD.iter().filter(|(begin, _)| name.starts_with(begin));
        let expected = expected.max_by_key(|(begin, _)| begin.len()).map(|(_, verdict)| *verdict);
        if expected != Some(heard.as_str()) {
            wrong.push(format!("(\"{name}\", \"{heard}\"),"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every field of every sample gone, or of another kind: nothing of it may stop the adapter.
#[test]
fn no_payload_is_too_strange() {
    let mut tried = 0;
    for (name, sample) in samples() {
        let (kind, payload) = come(&name, &sample);
        for place in places(&payload) {
            for strange in [Value::Null, json!(7), json!("x"), json!([[]]), json!({"a": 1})] {
                let mut changed = payload.clone();
                *changed.pointer_mut(&place).unwrap() = strange;
                drop(read(kind, &changed, &me()));
                tried += 1;
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

fn places(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            fields.iter().map(|(name, value)| (format!("/{}", escaped(name)), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(at, value)| (format!("/{at}"), value)).collect()
        }
        _ => Vec::new(),
    };
    let below = inner.into_iter().flat_map(|(place, value)| {
        places(value).into_iter().map(move |deeper| format!("{place}{deeper}"))
    });
    std::iter::once(String::new()).chain(below).collect()
}

/// A message with these fields changed.
fn message(fields: Value) -> Heard {
    let mut event = json!({
        "type": "message", "user": "U01", "text": "help", "ts": "1610241741.000200",
        "channel": "C01", "channel_type": "channel", "team": "T111",
    });
    let shared = fields.get("shared").cloned().unwrap_or(json!(false));
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    let payload =
        json!({"type": "event_callback", "event": event, "is_ext_shared_channel": shared});
    read(Kind::Event, &payload, &me())
}

fn said(fields: Value) -> Incoming {
    match message(fields.clone()) {
        Heard::Event(event, _) => match *event {
            Event::Message(message) => message,
            other => panic!("{other:?}"),
        },
        Heard::Nothing(why) => panic!("{fields}: {why}"),
    }
}

#[test]
fn slack_9_what_somebody_says_is_kept_whatever_kind_of_message_it_is() {
    for subtype in ["file_share", "thread_broadcast", "me_message", "bot_message"] {
        assert_eq!(said(json!({ "subtype": subtype })).text, "help", "{subtype}");
    }
    for subtype in
        ["message_changed", "message_deleted", "channel_join", "channel_topic", "new_one"]
    {
        let heard = message(json!({ "subtype": subtype }));
        assert_eq!(heard, Heard::Nothing("a message that nobody said"), "{subtype}");
    }
    assert_eq!(message(json!({"hidden": true})), Heard::Nothing("a hidden message"));
}

#[test]
fn a_thread_is_named_by_its_first_message_and_that_one_stands_in_none() {
    assert_eq!(said(json!({})).thread, None);
    assert_eq!(said(json!({"thread_ts": "1610241741.000200"})).thread, None);
    let reply = said(json!({"thread_ts": "1610241700.000100"}));
    assert_eq!(reply.thread.unwrap().as_str(), "1610241700.000100");
}

#[test]
fn a_conversation_with_the_bot_alone_is_direct_and_one_of_several_is_not() {
    assert!(said(json!({"channel": "D01", "channel_type": "im"})).direct);
    assert!(!said(json!({"channel": "G01", "channel_type": "mpim"})).direct);
    assert!(!said(json!({"channel": "G01", "channel_type": "group"})).direct);
    let mention = json!({"channel": "D01", "channel_type": null, "type": "app_mention"});
    assert!(said(mention).direct);
}

#[test]
fn slack_10_a_mention_and_its_message_are_one() {
    let text = json!({"text": "<@U0BOT> help"});
    let Heard::Event(as_message, key) = message(text.clone()) else { panic!() };
    let mut mention = text;
    mention["type"] = json!("app_mention");
    let Heard::Event(as_mention, same) = message(mention) else { panic!() };
    assert_eq!((as_message, key), (as_mention, same));
}

#[test]
fn slack_8_a_mention_that_is_told_anew_because_of_an_edit_says_nothing() {
    let edited = json!({"type": "app_mention", "text": "<@U0BOT> cancel r1",
        "edited": {"user": "U01", "ts": "1610241799.000000"}});
    assert_eq!(message(edited), Heard::Nothing("an edit"));
}

#[test]
fn bots_and_workflows_are_told_from_people_and_wilco_from_both() {
    let author = |fields| said(fields).author;
    let workflow = json!({"subtype": "bot_message", "user": null, "bot_id": "B7", "text": ""});
    assert_eq!(author(workflow), Author::Bot("B7".into()));
    assert_eq!(author(json!({"bot_id": "B7"})), Author::Bot("B7".into()));
    assert_eq!(author(json!({"user": null})), Author::Bot("workflow".into()));
    let own = Heard::Nothing("said by Wilco itself");
    assert_eq!(message(json!({"bot_id": "B0BOT"})), own);
    assert_eq!(message(json!({"bot_id": "B8", "user": "U0BOT"})), own);
    assert_eq!(message(json!({"user": "U0BOT"})), own);
}

#[test]
fn slack_12_only_in_a_shared_channel_somebody_may_be_an_outsider() {
    let outsider = |author| matches!(author, Author::Outsider(_));
    assert!(!outsider(said(json!({"team": "T9"})).author));
    assert!(outsider(said(json!({"team": "T9", "shared": true})).author));
    assert!(outsider(said(json!({"user_team": "T9", "shared": true})).author));
    assert!(!outsider(said(json!({"team": "T111", "shared": true})).author));
    let with_file = json!({"team": null, "shared": true, "subtype": "file_share"});
    assert!(outsider(said(with_file).author), "a message with files names no workspace");
}

#[test]
fn slack_6_a_workflow_that_writes_only_blocks_is_read() {
    let blocks = json!([
        {"type": "header", "text": {"type": "plain_text", "text": "Request <1>"}},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "from "}, {"type": "user", "user_id": "U02"}
        ]}]},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*App* "}, {"type": "mrkdwn", "text": "a &lt; b"}]},
        {"type": "divider"},
    ]);
    let heard = said(json!({"text": "", "blocks": blocks, "bot_id": "B7", "user": null}));
    assert_eq!(heard.text, "Request <1>\nfrom @U02\n*App* a < b");
}

fn press(action: Value, more: Value) -> Heard {
    let mut payload = json!({
        "type": "block_actions",
        "user": {"id": "U01", "team_id": "T111"},
        "container": {"type": "message", "message_ts": "1610241750.000300", "channel_id": "C01",
            "thread_ts": "1610241741.000200"},
        "actions": [action],
    });
    for (name, value) in more.as_object().unwrap() {
        payload[name] = value.clone();
    }
    read(Kind::Interaction, &payload, &me())
}

fn pressed(action: Value, more: Value) -> Press {
    match press(action, more) {
        Heard::Event(event, _) => match *event {
            Event::Press(press) => press,
            other => panic!("{other:?}"),
        },
        Heard::Nothing(why) => panic!("{why}"),
    }
}

const AT: &str = "1610241760.123456";

#[test]
fn a_button_means_its_token_whoever_presses_it() {
    let token = Token::OfRun { run: wilco_core::ids::RunId::new("r1"), wish: Wish::Cancel };
    let action = json!({"action_id": "wilco.button.0", "value": token.encode(), "action_ts": AT});
    let press = pressed(action.clone(), json!({}));
    assert_eq!(press.token, token);
    assert_eq!(press.thread.root.as_str(), "1610241741.000200");
    assert_eq!(press.sent_at.0, 1_610_241_760_123);
    let foreign = pressed(action, json!({"user": {"id": "U01", "team_id": "T9"}}));
    assert!(matches!(foreign.author, Author::Outsider(_)));
}

#[test]
fn at_the_top_level_a_press_stands_under_the_message_itself() {
    let token = Token::OfRun { run: wilco_core::ids::RunId::new("r1"), wish: Wish::Cancel };
    let action = json!({"action_id": "wilco.button.0", "value": token.encode(), "action_ts": AT});
    let container = json!({"message_ts": "1610241750.000300", "channel_id": "C01"});
    let press = pressed(action, json!({ "container": container }));
    assert_eq!(press.thread.root.as_str(), "1610241750.000300");
}

#[test]
fn what_is_ticked_counts_when_the_button_beside_it_is_pressed() {
    let thread = pressed_thread();
    let dialog = Event::dialog_of(&thread, &wilco_core::ids::PersonId::new("mina"));
    let answer = |choice| Token::Answer { dialog: dialog.clone(), question: 4, choice };
    let ticked = json!({"values": {"b1": {"wilco.items.0": {"selected_options": [{"value": "2"}, {"value": "0"}]}}}});
    let value = answer(Choice::Items(Vec::new())).encode();
    let pick = json!({"action_id": "wilco.pick.0", "value": value, "action_ts": AT});
    let press_it = |state: Value| pressed(pick.clone(), json!({ "state": state })).token;
    assert_eq!(press_it(ticked), answer(Choice::Items(vec![2, 0])));
    assert_eq!(press_it(json!({"values": {}})), answer(Choice::Items(Vec::new())));
    let ticking = json!({"action_id": "wilco.items.0", "action_ts": AT});
    assert_eq!(press(ticking, json!({})), Heard::Nothing("still choosing"));
}

fn pressed_thread() -> wilco_core::place::Thread {
    let room = me().room("C01");
    wilco_core::place::Thread { room, root: wilco_core::ids::MessageId::new("1610241741.000200") }
}

#[test]
fn one_of_a_select_is_the_item_of_its_question() {
    let dialog = Event::dialog_of(&pressed_thread(), &wilco_core::ids::PersonId::new("mina"));
    let action = json!({"action_id": "wilco.item.0", "block_id": "wilco 4 mina",
        "selected_option": {"value": "13"}, "action_ts": AT});
    let token = Token::Answer { dialog, question: 4, choice: Choice::Item(13) };
    assert_eq!(pressed(action, json!({})).token, token);
    for strange in ["x", "-1", ""] {
        let action = json!({"action_id": "wilco.item.0", "block_id": "wilco 4 mina",
            "selected_option": {"value": strange}, "action_ts": AT});
        assert_eq!(press(action, json!({})), Heard::Nothing("not a button of ours"), "{strange}");
    }
}

#[test]
fn buttons_of_others_mean_nothing() {
    for action in [
        json!({"action_id": "approve", "value": "x", "action_ts": AT}),
        json!({"action_id": "wilco.button.0", "value": "x", "action_ts": AT}),
        json!({"action_id": "wilco.button.0", "action_ts": AT}),
    ] {
        assert_eq!(
            press(action.clone(), json!({})),
            Heard::Nothing("not a button of ours"),
            "{action}"
        );
    }
}
