//! Whose words are whose.

use super::Chat;
use crate::event::Event;
use crate::people::Author;

fn with_a_run() -> Chat {
    let mut chat = Chat::new();
    chat.says("mina", &["deploy wallet-api", "yes"]);
    assert!(chat.world.runs.values().next().unwrap().awaits_decision());
    chat
}

#[test]
fn bots_are_never_answered_and_strangers_only_when_they_speak_to_the_bot() {
    let mut chat = Chat::new();
    let mut message = chat.incoming("mina", "deploy wallet-api");
    message.author = Author::Bot("workflow".into());
    message.mentioned = true;
    assert_eq!(chat.deliver(Event::Message(message)), "");
    assert_eq!(chat.say("stranger", "what a day"), "");
    assert!(chat.say("stranger", "help").contains("do not know the account `stranger`"));
    let mut message = chat.incoming("stranger", "hello");
    message.direct = true;
    assert!(chat.deliver(Event::Message(message)).contains("do not know"));
    assert_eq!(chat.facts.len(), 2);
}

#[test]
fn a_mention_or_a_direct_word_opens_the_menu() {
    for (text, told) in [("", "2. Deploy"), ("depoly x", "Did you mean `deploy`")] {
        for direct in [true, false] {
            let mut chat = Chat::new();
            let mut message = chat.incoming("mina", text);
            (message.mentioned, message.direct) = (!direct, direct);
            let said = chat.deliver(Event::Message(message));
            assert!(said.contains(told), "{text}: {said}");
            assert!(chat.dialog("mina").is_some());
        }
    }
}

#[test]
fn what_is_said_beside_others_names_the_person() {
    let mut chat = Chat::new();
    assert!(chat.say("mina", "help").starts_with("mina: What can I do"));
    assert!(chat.say("minsu", "help").starts_with("minsu 님: 무엇을"));
    assert!(chat.say("mina", "99").starts_with("mina: There is no number"));
    let mut message = chat.incoming("mina", "help");
    message.thread = None;
    assert!(chat.deliver(Event::Message(message)).starts_with("What can I do"), "her own thread");
    assert!(chat.tell("mina", "help")[0].1.starts_with("What can I do"), "nobody else is there");
}

#[test]
fn talk_in_a_thread_with_a_run_is_left_alone() {
    let mut chat = with_a_run();
    for talk in ["stop talking about it", "cancel the meeting", "looks good", "yes indeed", "ok"] {
        assert_eq!(chat.say("jun", talk), "", "{talk}");
    }
    assert!(chat.say("jun", "help").contains("Versions"));
}

#[test]
fn a_decision_reaches_the_run() {
    for word in ["approve", "승인", "approve r1", "Approve R1"] {
        let mut chat = with_a_run();
        chat.say("jun", word);
        assert!(!chat.world.runs.values().next().unwrap().awaits_decision(), "{word}");
    }
    let mut chat = with_a_run();
    assert!(chat.say("jun", "approve r9").contains("`approve r1`"));
    assert!(chat.say("stranger", "approve").contains("do not know the account"));
    assert!(!chat.say("mina", "approve").is_empty(), "the requester is told");
    assert!(chat.world.runs.values().next().unwrap().awaits_decision());
    chat.say("jun", "approve");
    assert!(chat.say("jun", "approve").contains("Nothing waits for approval"));
    assert!(chat.say("jun", "resolve r1 succeeded").is_empty());
    assert!(chat.say("jun", "resolve").contains("waits to be resolved"));
}

#[test]
fn a_decision_reaches_the_run_over_an_open_dialog() {
    let mut chat = with_a_run();
    chat.say("jun", "help");
    chat.say("jun", "승인");
    assert!(!chat.world.runs.values().next().unwrap().awaits_decision());
    assert!(chat.dialog("jun").is_some());
    assert!(chat.say("jun", "cancel").contains("Cancelled"), "cancel alone means the dialog");
    assert!(chat.dialog("jun").is_none());
}

#[test]
fn a_late_word_is_answered_in_the_thread() {
    let mut chat = Chat::new();
    assert!(chat.say("jun", "approve").contains("Nothing waits for approval"));
    let mut message = chat.incoming("jun", "approve");
    message.thread = None;
    assert_eq!(chat.deliver(Event::Message(message)), "");
}
