//! Time runs out, tools are slow, the catalog changes.

use std::time::Duration;

use super::Chat;
use crate::entity::EntityKey;
use crate::event::Event;
use crate::timer::TimerName;

#[test]
fn a_time_out_is_announced_and_ends_only_its_own_dialog() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2"]);
    chat.say("p1", "help");
    let timer = chat.timer("mina", TimerName::Patience);
    chat.ctx.now = timer.due;
    assert!(chat.fire(&timer).contains("No answer for 10 min"));
    assert!(chat.dialog("mina").is_none() && chat.dialog("p1").is_some());
    assert_eq!(chat.fire(&timer), "");
}

#[test]
fn a_wrong_answer_renews_patience() {
    let mut chat = Chat::new();
    chat.says("mina", &["help", "2"]);
    let old = chat.timer("mina", TimerName::Patience);
    chat.ctx.now = old.due - Duration::from_millis(20);
    chat.say("mina", "99");
    chat.ctx.now = old.due;
    assert_eq!(chat.fire(&old), "", "it was on its way when the answer came");
    let new = chat.timer("mina", TimerName::Patience);
    assert!(new.due > old.due && chat.dialog("mina").is_some());
    chat.ctx.now = new.due;
    assert!(!chat.fire(&new).is_empty());
}

#[test]
fn a_timer_of_an_older_dialog_never_ends_a_newer_one() {
    let mut chat = Chat::new();
    let now = chat.ctx.now;
    chat.say("mina", "help");
    let timer = chat.timer("mina", TimerName::Patience);
    let button = chat.button("2 Deploy applications");
    chat.say("mina", "cancel");
    // The clock of a test, or of a machine that was set back, gives the same moment again.
    chat.ctx.now = now;
    chat.say("mina", "help");
    chat.ctx.now = timer.due + Duration::from_mins(15);
    assert_eq!(chat.fire(&timer), "");
    assert!(chat.press("mina", &button).contains("earlier question"));
    assert!(chat.dialog("mina").is_some());
}

#[test]
fn a_slow_tool_is_told_once_it_is_slow() {
    let mut chat = Chat::new();
    chat.prompt = false;
    chat.say("mina", "deploy");
    let timer = chat.timer("mina", TimerName::Slow);
    assert_eq!(timer.due.since(chat.ctx.now), Duration::from_secs(1));
    assert!(chat.fire(&timer).contains("One moment"));
    chat.prompt = true;
    let query = chat.asked.remove(0);
    let event = chat.answer(&query);
    assert!(chat.deliver(event).contains("Which repository?"));
    assert_eq!(chat.fire(&timer), "");
}

#[test]
fn a_read_back_that_times_out_loses_its_yes() {
    let mut chat = Chat::new();
    chat.say("mina", "deploy wallet-api");
    let timer = chat.timer("mina", TimerName::Patience);
    chat.ctx.now = timer.due;
    let said = chat.fire(&timer);
    assert!(said.matches("Nothing was started").count() == 1, "{said}");
    assert!(chat.said.iter().rev().take(2).all(|say| say.body.buttons.is_empty()));
}

#[test]
fn a_removed_function_ends_its_dialogs_aloud() {
    let mut chat = Chat::new();
    chat.say("mina", "deploy wallet-api");
    let owner = EntityKey::Dialog(Chat::key("mina"));
    assert_eq!(chat.deliver(Event::CatalogChanged { owner: owner.clone() }), "");
    chat.load([]);
    let said = chat.deliver(Event::CatalogChanged { owner });
    assert!(said.contains("was removed from the catalog") && said.contains("Set aside"), "{said}");
    assert!(chat.dialog("mina").is_none());
}
