//! A function named in one line.

use super::{Chat, app};
use crate::dialog::Step;

#[test]
fn only_what_is_missing_or_ambiguous_is_asked() {
    for line in [
        "deploy wallet-api gamedosi-web",
        "배포 wallet-api, gamedosi-web",
        "DEPLOY wallet-a and game",
        "qovh wallet-api gamedosi-web",
    ] {
        let mut chat = Chat::new();
        let said = chat.say("mina", line);
        assert!(
            said.contains("wallet-api 1.4.2") && said.contains("gamedosi-web"),
            "{line}: {said}"
        );
    }
    let mut chat = Chat::new();
    let said = chat.say("mina", "deploy wallet");
    assert!(said.contains("`wallet` fits several: `wallet-api`, `wallet-web-stage`"), "{said}");
    assert!(said.contains("2. wallet-web-stage") && !said.contains("gamedosi"));
    assert!(chat.say("mina", "2").contains("wallet-web-stage 1.4.2"));
}

#[test]
fn a_misspelt_name_keeps_what_was_understood() {
    let mut chat = Chat::new();
    let said = chat.say("mina", "deploy gamedosi-web walet-api");
    assert!(said.contains("Did you mean `wallet-api`"), "{said}");
    assert!(
        said.contains("Understood: `gamedosi-web`") && said.contains("1. gamedosi-web"),
        "{said}"
    );
    assert!(said.contains("2. wallet-api"));
    assert!(chat.say("mina", "1-2").contains("wallet-api 1.4.2"));
}

#[test]
fn a_number_of_a_list_that_nobody_saw_chooses_nothing() {
    for line in
        ["deploy 1", "deploy 0", "deploy 0-0", "deploy 1,2", "deploy 1번", "deploy 4294967295"]
    {
        let mut chat = Chat::new();
        let said = chat.say("mina", line);
        assert!(
            said.contains("Which applications?") || said.contains("어떤 애플리케이션"),
            "{line}: {said}"
        );
    }
    let mut chat = Chat::new();
    chat.apps.push(app("7", "OutOfSync"));
    assert!(chat.say("mina", "deploy 7").contains("7 1.4.2"));
}

#[test]
fn a_repeated_word_is_told_once() {
    let mut chat = Chat::new();
    let said = chat.call("mina", "deploy x X x, y x");
    assert_eq!(said.matches("no `x`").count(), 1, "{said}");
    assert_eq!(said.matches("There is no").count(), 2, "{said}");
}

#[test]
fn nothing_to_stop_is_no_trouble() {
    for line in ["halt", "halt r9", "중단"] {
        let mut chat = Chat::new();
        let said = chat.say("mina", line);
        assert!(said.contains("nothing to stop") || said.contains("중단할 것이"), "{said}");
        assert!(!said.contains("the tool") && chat.dialog("mina").is_none());
    }
}

#[test]
fn what_is_hidden_or_unused_is_told() {
    let mut chat = Chat::new();
    assert!(chat.say("mina", "deploy settled").contains("already in sync"));
    let said = chat.call("p1", "status of everything");
    assert!(said.contains("no `of` in the list"), "{said}");
    chat.apps.clear();
    let said = chat.say("p2", "deploy wallet-api");
    assert!(said.contains("no `wallet-api`") && said.contains("start again"), "{said}");
}

#[test]
fn a_narrowing_question_is_left_out_when_words_answer_it() {
    let mut chat = Chat::new();
    chat.prompt = false;
    chat.say("mina", "deploy wallet-api");
    assert!(matches!(chat.step("mina"), Some(Step::Loading { question: 2, .. })));
    chat.say("p1", "deploy");
    assert!(matches!(chat.step("p1"), Some(Step::Loading { question: 1, .. })));
}

#[test]
fn all_is_the_default_of_a_report() {
    let mut chat = Chat::new();
    let said = chat.say("mina", "history");
    assert!(said.contains("\"apps\": Array []"), "{said}");
    assert!(chat.dialog("mina").is_none());
    // Whoever is walked through questions may choose.
    assert!(chat.says("mina", &["version", "1"]).contains("Which applications?"));
    assert!(chat.say("mina", "all").contains("No applications are to be seen"));
    assert!(chat.dialog("mina").is_none());
}

#[test]
fn the_verb_may_stand_at_the_end() {
    for line in [
        "wallet-api 배포해줘",
        "wallet-api 배포해 주세요",
        "wallet-api 배포 부탁드려요",
        "wallet-api를 배포 좀",
        "wallet-a 배포",
        "wallet-api deploy please",
    ] {
        let mut chat = Chat::new();
        let said = chat.call("mina", line);
        assert!(said.contains("wallet-api 1.4.2"), "{line}: {said}");
        assert!(chat.tell("p1", line)[0].1.contains("wallet-api 1.4.2"), "{line}");
    }
    let mut chat = Chat::new();
    assert!(chat.call("mina", "배포해 주세요").contains("어느 리포지터리"));
    assert!(chat.call("minsu", "상태 보여줘").contains("report"));
    let said = Chat::new().call("mina", "wallet-apo 배포해줘");
    assert!(said.contains("혹시 `wallet-api`"), "{said}");
}

#[test]
fn a_read_back_is_not_left_for_a_polite_yes() {
    let mut chat = Chat::new();
    chat.says("mina", &["deploy wallet-api", "이대로 배포해 주세요"]);
    assert!(matches!(chat.step("mina"), Some(Step::ReadBack { .. })));
}

#[test]
fn courtesy_is_no_name() {
    for line in [
        "deploy wallet-api please",
        "deploy now wallet-api pls",
        "배포 wallet-api 부탁해요",
        "배포 wallet-api 좀 해 주세요",
        "배포 지금 wallet-api 해줘",
    ] {
        let mut chat = Chat::new();
        let said = chat.call("mina", line);
        assert!(said.contains("wallet-api 1.4.2"), "{line}: {said}");
    }
    let mut chat = Chat::new();
    assert!(chat.call("mina", "status please").contains("report"));
    assert!(!chat.said.iter().any(|say| say.body.text.contains("please")));
    assert!(chat.call("p1", "deploy please").contains("Which applications?"));
    chat.apps.push(app("now", "OutOfSync"));
    let said = chat.call("p2", "deploy now wallet-api");
    assert!(said.contains("now 1.4.2") && said.contains("wallet-api 1.4.2"), "{said}");
    let said = chat.call("minsu", "메모 벽 지금 좀");
    assert!(said.contains("지금 좀"), "what is typed freely stays whole: {said}");
}
