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
    assert!(chat.say("jun", "resolve r1 succeeded").contains("waits to be resolved"));
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

/// `approve r1 not yet` begins like a decision and says the contrary.
#[test]
fn more_than_a_decision_decides_nothing() {
    for (text, told) in [
        ("승인 r1 아직 하지 마세요", "`승인 r1`"),
        ("approve r1 not yet", "type only `approve r1`"),
        ("approve r1 ?", "type only `approve r1`"),
        ("approve r1?", "type only `approve r1`"),
        ("approve? r1", "type only `approve r1`"),
        ("approve r1 please", "type only `approve r1`"),
        ("approve r1 r2", "type only `approve r1`"),
        ("r1 승인 전에 확인해 주세요", ""),
        ("r1 approve?", "type only `approve r1`"),
        ("reject r1 would be wrong", "type only `reject r1`"),
        ("cancel r1 would be wrong", "type only `cancel r1`"),
        ("cancel r1?", "type only `cancel r1`"),
        ("승인 부탁드립니다", ""),
        ("승인?", ""),
        ("approve it when you can", ""),
        ("approve 1", "`approve r1`"),
        ("resolve r1 not succeeded", "waits to be resolved"),
        ("cancel r9", "`cancel r1`"),
        ("approve r9", "`approve r1`"),
    ] {
        let mut chat = with_a_run();
        let before = chat.world.runs.clone();
        let said = chat.say("jun", text);
        assert_eq!(chat.world.runs, before, "{text}");
        assert!(
            if told.is_empty() { said.is_empty() } else { said.contains(told) },
            "{text}: {said}"
        );
    }
}

#[test]
fn the_verb_of_a_decision_may_stand_at_the_end() {
    for text in
        ["r1 승인", "R1 approve", "r1 반려", "r1 반려 해주세요", "reject r1 please", "r1 취소해줘"]
    {
        let mut chat = with_a_run();
        chat.say("jun", text);
        assert!(!chat.world.runs.values().next().unwrap().awaits_decision(), "{text}");
    }
}

/// A bare `cancel` may be meant for one's own dialog, which timed out a moment ago.
#[test]
fn a_bare_cancel_stops_only_a_run_of_ones_own() {
    for word in ["cancel", "취소", "stop", "종료"] {
        let mut chat = with_a_run();
        let before = chat.world.runs.clone();
        let said = chat.say("jun", word);
        assert!(said.contains(&format!("`{word} r1`")), "{said}");
        assert_eq!(chat.world.runs, before, "{word}");
        chat.say("jun", &format!("{word} r1"));
        assert!(!chat.world.runs.values().next().unwrap().awaits_decision(), "{word}");
        let mut chat = with_a_run();
        chat.say("mina", word);
        assert!(!chat.world.runs.values().next().unwrap().awaits_decision(), "{word}");
    }
}

/// Stopping a run asks for no yes, so nothing but its name may stand there.
#[test]
fn stopping_by_name_takes_nothing_but_the_name() {
    use crate::event::Event;
    for (text, stops) in [
        ("stop-run r1", true),
        ("중단 r1 해주세요", true),
        ("stop-run r1?", false),
        ("중단 r1 하지 마세요", false),
        ("stop-run r1 not yet", false),
    ] {
        let mut chat = with_a_run();
        let mut message = chat.incoming("mina", text);
        message.mentioned = true;
        let said = chat.deliver(Event::Message(message));
        assert_eq!(
            chat.tells.iter().any(|event| matches!(event, Event::CancelRun { .. })),
            stops,
            "{text}: {said}"
        );
        assert!(
            stops || said.contains("Which run") || said.contains("어떤 작업"),
            "{text}: {said}"
        );
    }
}

/// A number that was sent before the list stood there was meant for another one.
#[test]
fn a_number_stops_a_run_only_after_its_list_stood_there() {
    use crate::event::Event;
    let mut chat = with_a_run();
    let early = chat.incoming("mina", "1");
    let asked = chat.say("mina", "stop-run");
    assert!(asked.contains("Which run"), "{asked}");
    assert!(chat.deliver(Event::Message(early)).contains("earlier list"));
    assert!(chat.tells.is_empty());
    chat.say("mina", "1");
    assert!(chat.tells.iter().any(|event| matches!(event, Event::CancelRun { .. })));
}
