//! The menu.

use std::sync::Arc;

use super::Chat;
use crate::audit::Fact;
use crate::dialog::State;

#[test]
fn it_lists_what_the_person_may_with_fixed_numbers() {
    let mut chat = Chat::new();
    let all = chat.say("mina", "help");
    for line in ["1. Versions", "2. Deploy", "3. Restart", "5. What", "… and 7 more below"] {
        assert!(all.contains(line), "{line} in {all}");
    }
    assert_eq!(chat.button("10 Stop a run").label, "10 Stop a run");
    let some = chat.say("dana", "help");
    assert!(some.contains("9. Show") && !some.contains("2. Deploy"), "{some}");
    assert_eq!(chat.button("Cancel").label, "Cancel");
}

#[test]
fn nobody_without_a_function_is_left_without_a_word() {
    let mut chat = Chat::new();
    assert!(chat.say("guest", "help").contains("No function is open to you"));
    assert!(chat.dialog("guest").is_none());
    assert!(matches!(chat.facts[..], [Fact::Refused { .. }]));
    chat.ctx.catalog = Arc::default();
    assert!(chat.say("mina", "help").contains("No functions are loaded"));
}

#[test]
fn a_wrong_answer_tells_why_and_the_menu_stays() {
    let mut chat = Chat::new();
    chat.say("mina", "help");
    for (typed, told) in [
        ("7", "no `7`"),
        ("99", "last one is 20"),
        ("depoly", "Did you mean `deploy`"),
        ("", "empty"),
        ("👍", "could not read"),
        ("yes", "no `yes`"),
    ] {
        let said = chat.say("mina", typed);
        assert!(said.contains(told), "{typed}: {said}");
        assert!(matches!(chat.dialog("mina").unwrap().state, State::Menu { .. }));
    }
    assert!(chat.say("mina", "2").contains("Which repository?"));
}

#[test]
fn who_may_not_is_told_why_and_keeps_the_menu() {
    let mut chat = Chat::new();
    chat.say("dana", "help");
    for typed in ["2", "deploy", "배포 wallet-api"] {
        let said = chat.say("dana", typed);
        assert!(said.contains("devops"), "{typed}: {said}");
        assert!(matches!(chat.dialog("dana").unwrap().state, State::Menu { .. }));
    }
    assert!(chat.say("jun", "deploy wallet-api").contains("only members of devops may"));
    assert!(chat.dialog("jun").is_none());
}

#[test]
fn a_whole_title_is_no_command_with_words() {
    let mut chat = Chat::new();
    chat.say("mina", "help");
    assert!(chat.say("mina", "Deploy applications").contains("Which repository?"));
}

#[test]
fn a_function_that_was_removed_meanwhile_is_told() {
    let mut chat = Chat::new();
    chat.say("mina", "help");
    let old = chat.button("2 Deploy applications");
    chat.load([]);
    assert!(chat.say("mina", "2").contains("removed a moment ago"));
    assert!(chat.press("mina", &old).contains("earlier question"));
    assert!(chat.say("mina", "20").contains("Where to?"));
}

#[test]
fn buttons_and_back_work_in_the_menu() {
    let mut chat = Chat::new();
    chat.say("mina", "help");
    assert!(chat.say("mina", "back").contains("2. Deploy"));
    let deploy = chat.button("2 Deploy applications");
    assert!(chat.press("mina", &deploy).contains("Which repository?"));
    assert!(chat.press("mina", &deploy).contains("earlier question"));
    assert!(chat.press("jun", &deploy).contains("belongs to mina"));
    assert!(chat.say("mina", "cancel").contains("Cancelled"));
    assert!(chat.press("mina", &deploy).contains("over"));
    assert!(chat.dialog("mina").is_none());
}
