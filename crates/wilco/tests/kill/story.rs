//! The deployment that every story tells: mina asks in #deploy, another person approves, the bot does it.

use std::collections::BTreeSet;

use wilco_chat::local::{Message, Writer};
use wilco_core::token::{Token, Wish};

use crate::console::Console;
use crate::world::World;

/// The id of mina's first message, which opens the thread.
pub(crate) const THREAD: &str = "m1";
/// Who approves; a release manager of the demo.
pub(crate) const APPROVER: &str = "sora";

/// The card of a run that waits, and what its button means.
pub(crate) struct Card {
    /// The message.
    pub(crate) message: Message,
    /// What pressing "Approve" sends.
    pub(crate) approve: String,
}

/// Mina asks for a deployment; returns when the read-back stands there.
pub(crate) async fn ask(console: &Console, apps: &str) {
    console.say(THREAD, "mina", None, &format!("deploy {apps}")).await;
    read_back(console).await;
}

/// Returns when the read-back stands there.
pub(crate) async fn read_back(console: &Console) {
    let yes = |m: &Message| tokens(m).iter().any(|token| token.contains("yes"));
    console.wilco_says("the plan is read back", |m| m.root() == THREAD && yes(m)).await;
}

/// Mina says yes; returns the card that waits for an approval.
pub(crate) async fn confirm(console: &Console) -> Card {
    console.say("m2", "mina", Some(THREAD), "yes").await;
    let decides = |token: &&String| {
        matches!(
            Token::decode(token),
            Some(Token::OfRun { wish: Wish::Decide { approve: true, .. }, .. })
        )
    };
    let waits = |m: &Message| tokens(m).iter().any(|token| decides(&token));
    let message = console.wilco_says("the run waits for approval", waits).await;
    let approve = tokens(&message).iter().find(decides).unwrap().clone();
    Card { message, approve }
}

/// The other person presses "Approve".
pub(crate) async fn approve(console: &Console, card: &Card) {
    console.press("p1", APPROVER, &card.message.id, &card.approve).await;
}

/// The whole way to a run that is on its way.
pub(crate) async fn deploy(console: &Console, apps: &str) {
    ask(console, apps).await;
    let card = confirm(console).await;
    approve(console, &card).await;
}

/// Returns when all messages say that the run succeeded: the card, the note to mina, and the
/// announcement. Then nothing of the run is left to be done.
pub(crate) async fn succeeds(console: &Console) {
    for (what, id) in [("card", ".card"), ("note", ".note.2"), ("notice", ".announce.0.end")] {
        let what = format!("the {what} says that the run succeeded");
        console.wilco_says(&what, |m| m.id.ends_with(id) && m.text.contains("succeeded")).await;
    }
}

/// The end of every story: each application synced exactly once, in this order, and each message of
/// the bot stands there exactly once.
pub(crate) async fn exactly_once(world: &World, console: &Console, apps: &[&str]) {
    assert_eq!(world.effects(), apps, "each application syncs exactly once");
    let messages = console.messages().await.unwrap();
    // That a tool takes long is said whenever it does, also when it was the bot that died.
    let counted = |m: &&Message| m.author == Writer::Wilco && !m.id.contains("_remark_");
    let of_wilco: Vec<&Message> = messages.iter().filter(counted).collect();
    let texts: BTreeSet<&str> = of_wilco.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts.len(), of_wilco.len(), "the bot says nothing twice: {of_wilco:#?}");
    // A message is named by what it is for. The number of the run depends on how often the dialog
    // was handled, so it is left out.
    let mut names: Vec<&str> = of_wilco
        .iter()
        .map(|m| m.id.split_once('.').map_or(m.id.as_str(), |(_, name)| name))
        .collect();
    names.sort_unstable();
    let read_back = "wilco:console_local_#deploy_m1_m1";
    let wanted = ["announce.0.end", "announce.0.start", "card", "note.1", "note.2", read_back];
    assert_eq!(names, wanted, "the bot says everything");
    let of_people = messages.iter().filter(|m| m.by_person()).map(|m| m.id.as_str());
    let distinct: BTreeSet<&str> = of_people.clone().collect();
    assert_eq!(distinct.len(), of_people.count(), "what people wrote stands there once");
    assert!(!world.logs().contains("a panic;"), "no process panicked: {}", world.logs());
}

fn tokens(message: &Message) -> Vec<String> {
    message.buttons.iter().map(|button| button.token.clone()).collect()
}
