//! Answers to a question.

use super::{Chat, app};
use crate::dialog::Step;
use crate::message::Button;
use crate::token::Token;

fn at_apps(apps: &[&str]) -> Chat {
    let mut chat = Chat::new();
    chat.apps = apps.iter().map(|name| app(name, "OutOfSync")).collect();
    chat.says("mina", &["help", "2", "1"]);
    chat
}

#[test]
fn four_inputs_after_help_and_the_run_is_there() {
    let mut chat = Chat::new();
    let apps = chat.says("mina", &["help", "2", "wallet"]);
    assert!(apps.contains("1. wallet-api") && apps.contains("1 already in sync"), "{apps}");
    let plan = chat.say("mina", "1,3");
    assert!(plan.contains("[production] wallet-api 1.4.2 → 1.5.0"), "{plan}");
    chat.say("mina", "yes");
    assert_eq!(chat.run().unwrap(), ["wallet-api", "gamedosi-web"]);
    assert!(chat.dialog("mina").is_none());
}

#[test]
fn a_wrong_answer_keeps_the_question() {
    let mut chat = at_apps(&["a-one", "a-two", "b"]);
    for (typed, told) in [
        ("4", "the last one is 3"),
        ("1,9", "the last one is 3"),
        ("0", "no number 0"),
        ("a", "fits several"),
        ("zzz", "no `zzz`"),
        ("b!?x", "no `b"),
        ("4294967295", "could not read"),
    ] {
        let said = chat.say("mina", typed);
        assert!(said.contains(told) && said.contains("Which applications?"), "{typed}: {said}");
        assert_eq!(chat.offered("mina"), ["a-one", "a-two", "b"]);
    }
    assert!(chat.say("mina", "b").contains("please check"));
}

#[test]
fn a_number_means_only_what_was_shown() {
    let names: Vec<String> = (1..=25).map(|n| format!("app-{n:02}")).collect();
    let mut chat = at_apps(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(chat.say("mina", "6").contains("the last one is 5"));
    assert!(chat.say("mina", "1-25").contains("the last one is 5"));
    let old = chat.button("1 app-01");
    assert!(chat.say("mina", "more").contains("6. app-06"));
    assert!(chat.press("mina", &old).contains("earlier question"));
    assert!(chat.say("mina", "6").contains("app-06 1.4.2"));
}

#[test]
fn several_pressed_at_once_are_the_same_answer_as_their_numbers() {
    let at_list = || at_apps(&["a", "b", "c", "d"]);
    let press = |chat: &mut Chat, labels: &[&str]| {
        let buttons: Vec<_> = labels.iter().map(|label| chat.button(label)).collect();
        let tokens = buttons.iter().map(|button| button.token.clone()).collect();
        let token = Token::together(tokens).unwrap();
        chat.press("mina", &Button { token, ..buttons[0].clone() })
    };
    let mut chat = at_list();
    let pressed = press(&mut chat, &["4 d", "2 b"]);
    assert_eq!(pressed, at_list().say("mina", "4,2"));
    assert!(pressed.contains("please check"), "{pressed}");
    // The same list stands there, but another question does by now.
    assert!(press(&mut chat, &["1 a", "2 b"]).contains("earlier question"));

    // A question that takes one answer, and an item twice: never the first of them.
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2"]);
    assert!(press(&mut chat, &["1 wallet", "2 games"]).contains("earlier question"));
    assert!(matches!(chat.step("mina"), Some(Step::Asking { question: 1, .. })));
    let mut chat = at_list();
    assert!(press(&mut chat, &["1 a", "1 a"]).contains("earlier question"));
}

#[test]
fn a_page_has_five_choices_and_after_the_last_comes_the_first() {
    let names: Vec<String> = (1..=12).map(|n| format!("app-{n:02}")).collect();
    let mut chat = at_apps(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let shown = |said: &str| said.lines().filter(|line| line.contains(". app-")).count();
    let first = chat.say("mina", "app");
    assert!(first.contains("fits several"), "{first}");
    let second = chat.say("mina", "more");
    assert!(shown(&second) == 5 && second.contains("6–10 of 12"), "{second}");
    let more = chat.button("More");
    let last = chat.press("mina", &more);
    assert!(
        shown(&last) == 2 && last.contains("11–12 of 12") && last.contains("begins again"),
        "{last}"
    );
    let again = chat.button("From the start");
    let first = chat.press("mina", &again);
    assert!(first.contains("1. app-01") && first.contains("1–5 of 12"), "{first}");
    assert!(first.lines().count() <= 7, "{first}");
    let mut chat = at_apps(&["a", "b"]);
    assert!(!chat.say("mina", "more").contains(" of "), "one page says nothing of pages");
}

#[test]
fn a_part_of_a_name_searches_and_all_means_what_was_found() {
    let mut names: Vec<String> = (1..=25).map(|n| format!("app-{n:02}")).collect();
    names.extend(["my-wallet".into(), "our-wallet".into()]);
    let mut chat = at_apps(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let found = chat.say("mina", "wallet");
    assert!(found.contains("2 names contain `wallet`") && found.contains("2. our-wallet"));
    assert!(found.contains("(`more`: the other 25 ·"), "{found}");
    let plan = chat.say("mina", "all");
    assert!(plan.contains("my-wallet") && plan.contains("our-wallet") && !plan.contains("app-"));
    chat.say("mina", "back");
    chat.say("mina", "wallet");
    assert!(chat.say("mina", "more").contains("3. app-01"));
    assert!(chat.say("mina", "app-25").contains("app-25 1.4.2"), "a name of any page counts");
}

#[test]
fn what_is_hidden_answers_why() {
    let mut chat = Chat::new();
    chat.lock("gamedosi-web", "r7");
    let apps = chat.says("mina", &["help", "2", "1"]);
    assert!(apps.contains("1 locked by runs") && apps.contains("1 already in sync"), "{apps}");
    assert!(chat.say("mina", "gamedosi-web").contains("r7 is in progress"));
    assert!(chat.say("mina", "settled").contains("already in sync"));
}

#[test]
fn names_that_are_keywords_are_chosen_by_their_exact_name() {
    for name in ["more", "all", "next", "help", "gpfvm", "yes", "deploy"] {
        let mut chat = at_apps(&[name, "other", "third"]);
        let plan = chat.say("mina", name);
        assert!(plan.contains(&format!("{name} 1.4.2")), "{name}: {plan}");
    }
    let mut chat = at_apps(&["stop", "back", "third"]);
    assert!(chat.say("mina", "1").contains("stop 1.4.2"), "the number is always there");
    chat.say("mina", "back");
    assert!(chat.say("mina", "stop").contains("Cancelled"), "cancel counts at every step");
}

#[test]
fn a_name_that_is_a_number_is_asked_for() {
    let mut chat = at_apps(&["2", "1", "third"]);
    let said = chat.say("mina", "1");
    assert!(said.contains("fits several") && said.contains("quotes"), "{said}");
    assert!(chat.say("mina", "\"1\"").contains("1 1.4.2"));
}

#[test]
fn equal_titles_are_told_apart_and_a_prefix_is_a_name() {
    let mut chat = Chat::new();
    let twin =
        crate::answer::Offer { value: "two/argocd/wallet".into(), ..app("wallet", "OutOfSync") };
    chat.apps = vec![app("wallet", "OutOfSync"), twin, app("wallet-api", "OutOfSync")];
    let asked = chat.says("mina", &["help", "2", "1"]);
    assert!(asked.contains("1. main/argocd/wallet") && asked.contains("2. two/argocd/wallet"));
    assert!(chat.say("mina", "wallet").contains("`two/argocd/wallet`"));
    assert!(chat.say("mina", "wallet-api").contains("wallet-api 1.4.2"));
}

#[test]
fn one_possible_answer_is_not_asked_but_shown() {
    let mut chat = Chat::new();
    chat.repositories.truncate(1);
    let asked = chat.says("mina", &["help", "2"]);
    assert!(asked.contains("wallet (the only choice)") && asked.contains("Which applications?"));
}

#[test]
fn an_empty_list_says_why() {
    let mut chat = at_apps(&[]);
    assert!(
        matches!(chat.step("mina"), Some(Step::Asking { question: 1, .. })),
        "one question back"
    );
    let said: Vec<&str> = chat.said.iter().map(|say| say.body.text.as_str()).collect();
    assert!(said.iter().any(|text| text.contains("nothing to choose from")), "{said:?}");
    chat.repositories.clear();
    chat.say("mina", "back");
    assert!(chat.say("mina", "2").contains("nothing to choose from"));
    assert!(chat.dialog("mina").is_none());
}

#[test]
fn a_command_is_an_answer_first_and_then_starts_anew() {
    let mut chat = at_apps(&["a", "b"]);
    let said = chat.say("mina", "배포 b");
    assert!(said.contains("b 1.4.2") && !said.contains("Which"), "{said}");
    assert!(chat.say("mina", "status").contains("report"));
    assert!(chat.dialog("mina").is_none());
}

#[test]
fn a_dialog_goes_on_after_a_function_it_may_not() {
    let mut chat = Chat::new();
    chat.says("dana", &["help", "9"]);
    let said = chat.say("dana", "deploy wallet-api");
    assert!(said.contains("only members of devops") && said.contains("still stands"), "{said}");
    assert!(matches!(chat.step("dana"), Some(Step::Asking { question: 0, .. })));
}

#[test]
fn free_text_takes_what_is_typed() {
    let mut chat = Chat::new();
    assert!(chat.says("mina", &["메모", "책"]).contains("어떤 내용"));
    assert!(chat.say("mina", " ").contains("비어"));
    assert!(chat.say("mina", "전체 approve 1,3").contains("전체 approve 1,3"));
    assert!(chat.says("mina", &["note", "wall", "back"]).contains("Where to?"));
}

#[test]
fn two_people_in_one_thread_have_two_dialogs() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2"]);
    chat.says("p1", &["help", "2", "1"]);
    assert!(chat.say("mina", "games").contains("Which applications?"));
    assert!(chat.say("p1", "1").contains("please check"));
    assert_eq!(chat.say("dana", "2"), "", "words of others are left alone");
}

#[test]
fn endless_and_strange_texts_are_answered() {
    let mut chat = at_apps(&["a", "b"]);
    let long = "a b c ".repeat(7_000);
    for text in [long.as_str(), "\u{202e}txt", "﷽", "\u{0}", "🏳️‍🌈🏳️‍🌈"] {
        assert!(!chat.say("mina", text).is_empty());
        assert!(chat.dialog("mina").is_some());
    }
    assert!(!chat.say("mina", &format!("deploy {long}")).is_empty());
}
