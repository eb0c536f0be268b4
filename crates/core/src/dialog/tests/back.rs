//! One question back.

use super::{Chat, app};
use crate::audit::Fact;
use crate::dialog::Step;
use crate::plan::Obstacle;

#[test]
fn from_the_read_back_to_the_last_question_then_to_the_menu() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2", "1", "1"]);
    let yes = chat.button("Yes, ask for approval");
    let said = chat.say("mina", "back");
    assert!(said.contains("Set aside") && said.contains("Which applications?"), "{said}");
    assert!(chat.press("mina", &yes).contains("earlier question"));
    assert!(chat.say("mina", "yes").contains("no `yes`"));
    assert!(chat.say("mina", "back").contains("Which repository?"));
    assert!(chat.say("mina", "back").contains("2. Deploy"));
    assert!(chat.run().is_none());
}

#[test]
fn to_a_question_that_words_answered() {
    let mut chat = Chat::new();
    assert!(chat.say("mina", "deploy wallet-api").contains("please check"));
    let asked = chat.say("mina", "back");
    assert!(asked.contains("Which applications?") && asked.contains("3. gamedosi-web"), "{asked}");
    assert!(chat.say("mina", "gamedosi-web").contains("gamedosi-web 1.4.2"));
    chat.say("mina", "back");
    assert!(chat.say("mina", "back").contains("2. Deploy"));
}

#[test]
fn over_what_was_never_asked() {
    let mut chat = Chat::new();
    chat.apps.truncate(1);
    assert!(chat.says("mina", &["help", "2", "1"]).contains("the only choice"));
    assert!(chat.say("mina", "back").contains("Which repository?"));
}

#[test]
fn into_a_list_of_one_stays_there() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2", "1", "1"]);
    chat.apps.truncate(1);
    let asked = chat.say("mina", "back");
    assert!(asked.contains("1. wallet-api") && !asked.contains("please check"), "{asked}");
    assert!(chat.say("mina", "back").contains("Which repository?"));
    let mut chat = Chat::new();
    chat.apps = vec![app("only", "OutOfSync")];
    chat.say("mina", "deploy only");
    assert!(chat.say("mina", "back").contains("1. only"));
    assert!(chat.say("mina", "1").contains("please check"));
}

#[test]
fn when_everything_was_left_out() {
    let mut chat = Chat::new();
    chat.obstacle = Some(Obstacle::WindowClosed);
    let said = chat.says("mina", &["help", "2", "1", "all"]);
    assert!(said.contains("nothing remains") && said.contains("… and 1 more left out"), "{said}");
    assert!(matches!(chat.step("mina"), Some(Step::Asking { question: 2, .. })));
}

#[test]
fn from_trouble_and_while_a_tool_is_asked() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2"]);
    chat.down = true;
    assert!(chat.say("mina", "1").contains("`again` tries once more"));
    assert!(chat.say("mina", "hm").contains("`again`"));
    assert!(chat.say("mina", "ㅁㅎ먀ㅜ").contains("`again`"), "understood, and down again");
    chat.down = false;
    assert!(chat.say("mina", "다시").contains("Which applications?"));
    chat.prompt = false;
    chat.say("mina", "1");
    assert!(chat.say("mina", "2").contains("still asking"));
    assert_eq!(chat.say("mina", "back"), "");
    chat.prompt = true;
    assert!(chat.asked.len() == 2, "the old question to the tool is not waited for");
    let first = chat.asked.remove(0);
    let late = chat.answer(&first);
    assert_eq!(chat.deliver(late).matches("please check").count(), 0);
    assert!(matches!(chat.step("mina"), Some(Step::Asking { question: 2, .. })));
}

#[test]
fn help_in_the_middle_opens_the_menu_and_leaves_no_live_yes() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2", "1", "1"]);
    let yes = chat.button("Yes, ask for approval");
    let said = chat.say("mina", "help");
    assert!(said.contains("Set aside") && said.contains("2. Deploy"), "{said}");
    assert!(chat.press("mina", &yes).contains("earlier question"));
    assert!(chat.run().is_none());
}

#[test]
fn a_run_to_be_stopped_is_always_named_by_a_person() {
    let mut chat = Chat::new();
    chat.says("mina", &["deploy wallet-api", "yes", "help", "10"]);
    assert!(chat.tells.len() <= 1, "{:?}", chat.tells);
    assert_eq!(chat.offered("mina"), ["r1"]);
    let told = chat.tells.len();
    assert!(chat.say("mina", "1").contains("passed the stop on to r1"));
    assert_eq!(chat.tells.len(), told + 1);
    assert!(chat.facts.iter().any(|fact| matches!(fact, Fact::RunCreated { .. })));
}
