//! What reaches the store while no process runs, as an adapter leaves it there when it dies after
//! its last write.

use wilco_chat::local::{Message, Writer};
use wilco_core::event::{Event, Press};
use wilco_core::ids::{AdapterName, MessageId, PersonId, RoomId, UserId};
use wilco_core::people::Author;
use wilco_core::place::{Room, Thread};
use wilco_core::port::NewEvent;
use wilco_core::time::Timestamp;
use wilco_core::token::Token;

use crate::story::{APPROVER, Card, THREAD};
use crate::world::World;

/// The approver's press is in the inbox: accepted, and not handled by anybody.
pub(crate) async fn press_received(world: &World, card: &Card) {
    let room = Room {
        adapter: AdapterName::new(wilco_chat::console::NAME),
        workspace: wilco_chat::local::WORKSPACE.to_owned(),
        room: RoomId::new(&card.message.room),
    };
    let event = Event::Press(Press {
        thread: Thread { room, root: MessageId::new(THREAD) },
        author: Author::User(UserId::new(APPROVER)),
        token: Token::decode(&card.approve).unwrap(),
        sent_at: later(card),
    });
    let event = NewEvent {
        key: "console press p1".to_owned(),
        lane: event.lane(),
        body: serde_json::to_string(&event).unwrap(),
        opens: None,
    };
    let store = world.open_store().await;
    assert_eq!(store.receive(vec![event], later(card)).await.unwrap(), 1);
}

/// The approver's word is in the journal: written, and not handed to any inbox.
pub(crate) async fn word_written(world: &World, card: &Card) {
    let message = Message {
        id: "j1".to_owned(),
        room: card.message.room.clone(),
        thread: Some(THREAD.to_owned()),
        author: Writer::Person(PersonId::new(APPROVER)),
        text: "approve".to_owned(),
        more: String::new(),
        buttons: Vec::new(),
        mention: None,
        leads_to: None,
        at: later(card),
        edited: false,
    };
    let body = serde_json::to_string(&message).unwrap();
    let store = world.open_store().await;
    store.journal_put(wilco_chat::console::NAME, &message.id, &body, true).await.unwrap();
}

fn later(card: &Card) -> Timestamp {
    Timestamp(card.message.at.0 + 1)
}
