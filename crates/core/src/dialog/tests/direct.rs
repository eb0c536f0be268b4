//! A direct conversation: one person and the bot, at the top level and in threads.

use super::Chat;

#[test]
fn the_top_level_answers_the_newest_question() {
    let mut chat = Chat::new();
    let menu = chat.tell("mina", "help");
    let [(first, _)] = &menu[..] else { panic!("{menu:?}") };
    let asked = chat.tell("mina", "2");
    assert!(asked.len() == 1 && asked[0].0 == *first, "{asked:?}");
    assert!(asked[0].1.contains("Which repository?"), "{asked:?}");
    // Another one, in a thread of its own, is newer.
    let other = chat.tell("mina", "version");
    assert!(other[0].0 != *first && other[0].1.contains("Which repository?"), "{other:?}");
    let answer = chat.tell("mina", "1");
    assert_eq!(answer[0].0, other[0].0, "{answer:?}");
    let answer = chat.tell("mina", "all");
    assert_eq!(answer[0].0, other[0].0, "{answer:?}");
    // It is over; now the first one is the newest that is open.
    let asked = chat.tell("mina", "wallet");
    assert!(asked[0].0 == *first && asked[0].1.contains("Which applications?"), "{asked:?}");
    let plan = chat.tell("mina", "1");
    assert!(plan[0].0 == *first && plan[0].1.contains("please check"), "{plan:?}");
    let wrong = chat.tell("mina", "hello?");
    assert!(wrong.iter().all(|(thread, _)| thread == first), "{wrong:?}");
    chat.tell("mina", "yes");
    assert_eq!(chat.run().unwrap(), ["wallet-api"]);
}

#[test]
fn nobody_answers_for_another_person_or_from_another_room() {
    let mut chat = Chat::new();
    chat.tell("mina", "help");
    assert!(chat.tell("p1", "2")[0].1.contains("did not understand"));
    let mut message = chat.incoming("mina", "2");
    message.thread = None;
    assert_eq!(
        chat.deliver(crate::event::Event::Message(message)),
        "",
        "a room is no conversation"
    );
}
