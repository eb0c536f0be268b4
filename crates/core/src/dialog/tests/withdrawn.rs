//! What was rolled back wants a yes of its own.

use std::collections::BTreeMap;

use super::Chat;
use crate::dialog::Step;
use crate::ids::{PersonId, RunId};
use crate::time::Timestamp;
use crate::withdrawal::Withdrawal;

/// A chat in which everything that a deployment would bring to these was rolled back before.
fn rolled_back(names: &[&str]) -> Chat {
    let mut chat = Chat::new();
    for name in names {
        let target: crate::target::Target = format!("main/argocd/{name}").parse().unwrap();
        let gone = Withdrawal {
            target: target.clone(),
            run: RunId::numbered(7),
            by: PersonId::new("jun"),
            at: Timestamp(0),
            images: BTreeMap::from([(format!("Deployment/{name}/app"), "x:1.5.0".into())]),
            charts: BTreeMap::new(),
        };
        chat.world.withdrawals.insert(target, gone);
    }
    chat
}

#[test]
fn alone_it_is_asked_twice() {
    let mut chat = rolled_back(&["wallet-api"]);
    let said = chat.say("mina", "deploy wallet-api");
    assert!(said.contains("rolled back by r7") && said.contains("Really"), "{said}");
    assert!(chat.say("mina", "what?").contains("rolled back before"));
    let said = chat.say("mina", "yes");
    assert!(said.contains("please check") && chat.run().is_none(), "{said}");
    chat.say("mina", "yes");
    assert_eq!(chat.run().unwrap(), ["wallet-api"]);
}

#[test]
fn the_button_is_the_same_and_no_ends_it() {
    let mut chat = rolled_back(&["wallet-api"]);
    chat.say("mina", "deploy wallet-api");
    let again = chat.button("Yes, bring it again");
    assert!(chat.press("jun", &again).contains("belongs to mina"));
    assert!(chat.press("mina", &again).contains("please check"));
    assert!(chat.press("mina", &again).contains("earlier question"), "an old button");
    assert!(chat.run().is_none());
    let mut chat = rolled_back(&["wallet-api"]);
    chat.say("mina", "deploy wallet-api");
    assert!(chat.say("mina", "아니오").contains("Cancelled") && chat.dialog("mina").is_none());
}

#[test]
fn a_yes_that_was_sent_before_the_question_stood_there_is_none() {
    let mut chat = rolled_back(&["wallet-api"]);
    chat.prompt = false;
    chat.say("mina", "deploy wallet-api");
    for _ in 0..2 {
        let query = chat.asked.remove(0);
        let answer = chat.answer(&query);
        chat.handle(&answer);
    }
    assert!(matches!(chat.step("mina"), Some(Step::Doubting { .. })));
    assert!(chat.say("mina", "yes").contains("before you could read"));
    assert!(matches!(chat.step("mina"), Some(Step::Doubting { .. })));
}

#[test]
fn beside_others_it_is_left_out_and_back_forgets_the_yes() {
    let mut chat = rolled_back(&["wallet-api"]);
    let said = chat.say("mina", "deploy wallet-api wallet-web-stage");
    assert!(said.contains("Left out: wallet-api — r7 rolled back"), "{said}");
    chat.say("mina", "yes");
    assert_eq!(chat.run().unwrap(), ["wallet-web-stage"]);

    let mut chat = rolled_back(&["wallet-api", "wallet-web-stage"]);
    let said = chat.says("mina", &["deploy", "1", "wallet-api wallet-web-stage"]);
    assert!(said.contains("Really bring it again?"), "{said}");
    assert!(chat.say("mina", "yes").contains("please check"));
    let said = chat.says("mina", &["back", "wallet-api"]);
    assert!(said.contains("Really"), "asked again after going back: {said}");
}
