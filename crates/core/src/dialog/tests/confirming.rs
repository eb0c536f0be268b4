//! The read-back and its yes.

use super::Chat;
use crate::audit::Fact;
use crate::dialog::Step;
use crate::lang::Lang;

fn read_back(apps: &str) -> Chat {
    let mut chat = Chat::new();
    let said = chat.say("mina", &format!("deploy {apps}"));
    assert!(said.contains("please check"), "{said}");
    chat
}

#[test]
fn production_wants_it_in_full() {
    for casual in ["ok", "네", "y", "1", "ㅛㄷㄴ", "yes?", "yes please", "좋아", "Yes, yes", "승인"]
    {
        let mut chat = read_back("wallet-api");
        let said = chat.say("mina", casual);
        assert!(!said.is_empty() && chat.run().is_none(), "{casual}: {said}");
        assert!(chat.dialog("mina").is_some(), "{casual}");
    }
    for plain in ["yes", "예", "실행", "ＹＥＳ.", "\u{110b}\u{1168}"] {
        let mut chat = read_back("wallet-api");
        chat.say("mina", plain);
        assert_eq!(chat.run().unwrap(), ["wallet-api"], "{plain}");
    }
    let mut chat = read_back("wallet-web-stage");
    chat.say("mina", "ok");
    assert!(chat.run().is_some(), "elsewhere a casual yes is enough");
}

#[test]
fn no_and_cancel_end_it() {
    for word in ["no", "아니오", "cancel", "취소", "cnlth"] {
        let mut chat = read_back("wallet-api");
        let yes = chat.button("Yes, ask for approval");
        let said = chat.say("mina", word);
        assert_eq!(said.matches("Nothing was started").count(), 1, "{word}: {said}");
        assert!(said.contains("Cancelled"), "{word}: {said}");
        assert!(chat.press("mina", &yes).contains("over") && chat.run().is_none());
    }
}

#[test]
fn the_button_is_a_yes_of_its_person_alone() {
    let mut chat = read_back("wallet-api");
    let yes = chat.button("Yes, ask for approval");
    assert!(chat.press("jun", &yes).contains("belongs to mina"));
    assert!(chat.press("nobody", &yes).contains("do not know the account"));
    assert!(chat.run().is_none());
    chat.press("mina", &yes);
    assert!(chat.run().is_some());
    let again = chat.press("mina", &yes);
    assert!(again.contains("r1 is already on its way"), "{again}");
    assert!(chat.say("mina", "yes").contains("r1 is already on its way"));
    assert_eq!(chat.world.runs.len(), 1);
    let refused = chat.facts.iter().filter(|fact| matches!(fact, Fact::Refused { .. }));
    assert_eq!(refused.count(), 3, "two who may not, and the second press");
}

#[test]
fn an_early_yes_is_told_and_does_not_count() {
    let mut chat = Chat::new();
    chat.prompt = false;
    chat.say("mina", "deploy wallet-api");
    let query = chat.asked.remove(0);
    let apps = chat.answer(&query);
    chat.handle(&apps);
    assert!(chat.say("mina", "yes").contains("still asking"));
    let query = chat.asked.remove(0);
    let plan = chat.answer(&query);
    chat.handle(&plan);
    assert_eq!(chat.say("mina", "yes"), "", "kept until it is known when the plan was to be read");
    chat.prompt = true;
    let said = chat.said.len();
    assert!(chat.post());
    assert!(chat.said[said].body.text.contains("before you could read"));
    assert!(chat.run().is_none());
    chat.say("mina", "yes");
    assert!(chat.run().is_some());
}

#[test]
fn a_yes_that_overtook_the_receipt_counts_unless_the_person_wavers() {
    for (then, runs) in [(None, true), (Some("wait a moment"), false), (Some("no"), false)] {
        let mut chat = Chat::new();
        chat.prompt = false;
        chat.say("mina", "deploy wallet-api");
        for _ in 0..2 {
            let query = chat.asked.remove(0);
            let event = chat.answer(&query);
            chat.handle(&event);
        }
        let read_back = chat.unposted.remove(0);
        let receipt = chat.posted(&read_back);
        chat.say("mina", "yes");
        if let Some(text) = then {
            chat.say("mina", text);
        }
        chat.deliver(receipt);
        assert_eq!(chat.run().is_some(), runs, "{then:?}");
    }
}

#[test]
fn a_second_receipt_changes_nothing() {
    let mut chat = read_back("wallet-api");
    let say = chat.said.iter().rev().find(|say| say.receipt.is_some()).unwrap().clone();
    let again = chat.posted(&say);
    chat.deliver(again);
    chat.say("mina", "yes");
    assert!(chat.run().is_some());
}

#[test]
fn rights_are_those_of_the_moment_of_the_yes() {
    let mut chat = read_back("wallet-api");
    let (name, source) = crate::runbook::embedded::SHIPPED[1];
    chat.load([(
        name,
        source.replace("who: [devops]", "who: [developers]").replace("undo:", "# undo:"),
    )]);
    assert!(chat.say("mina", "yes").contains("may no longer start"));
    assert!(chat.run().is_none() && chat.dialog("mina").is_none());
    let mut chat = read_back("wallet-api");
    chat.load([]);
    assert!(chat.say("mina", "yes").contains("was removed from the catalog"));
    assert!(chat.run().is_none());
}

#[test]
fn a_dialog_speaks_one_language() {
    // That of the room, if it has one, whoever speaks.
    for (room, question, plan) in [
        (Lang::Ko, "어느 리포지터리", "확인해 주세요"),
        (Lang::En, "Which repository?", "please check"),
    ] {
        for person in ["mina", "minsu"] {
            for line in ["deploy", "배포"] {
                let mut chat = Chat::new();
                chat.settings().language = Some(room);
                let said = chat.say(person, line);
                assert!(said.contains(question), "{said}");
                let said = chat.says(person, &["1", "1"]);
                assert!(said.contains(plan), "{said}");
            }
        }
    }
    let mut chat = Chat::new();
    chat.settings().language = Some(Lang::Both);
    let said = chat.say("mina", "deploy");
    assert!(said.contains("어느 리포지터리") && said.contains("Which repository?"), "{said}");
    assert_eq!(said.matches("1. wallet").count(), 1, "{said}");
    // Else that of the person, to the end.
    let mut chat = Chat::new();
    assert!(chat.say("mina", "배포 wallet-api").contains("확인해 주세요"));
    assert!(chat.say("mina", "hm").contains("아직 시작하지 않았습니다"));
    let mut chat = Chat::new();
    chat.settings().language = Some(Lang::En);
    assert!(chat.tell("minsu", "help")[0].1.contains("무엇을"), "a direct word is between two");
}

#[test]
fn it_stays_short() {
    let mut chat = Chat::new();
    chat.apps = (0..60).map(|n| super::app(&format!("app-{n}"), "OutOfSync")).collect();
    chat.says("mina", &["help", "2", "1"]);
    let said = chat.say("mina", "all");
    assert!(said.lines().count() <= 8, "{said}");
    assert!(
        matches!(chat.step("mina"), Some(Step::ReadBack { plan, .. }) if plan.targets.len() == 60)
    );
}
