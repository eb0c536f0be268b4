//! What people do: write, and press.

use wilco_core::event::{Event, Incoming, Press};
use wilco_core::ids::{PersonId, UserId};
use wilco_core::people::{Author, Person};
use wilco_core::place::Thread;
use wilco_core::port::StoreFault;
use wilco_core::token::Token;

use super::text::{MAX_TEXT_CHARS, split_mention};
use super::{LocalPlatform, LocalRoom, Message, RoomKind, Writer};

/// A person's wish to say something.
#[derive(Debug, Clone)]
pub struct Saying {
    /// Made by the client, so that sending it again after a lost answer changes nothing.
    pub id: String,
    /// Who speaks.
    pub person: String,
    /// Where.
    pub room: String,
    /// Under which message; `None` at the top level.
    pub thread: Option<String>,
    /// What.
    pub text: String,
}

/// A person's press on a button, or on several items of a list at once.
#[derive(Debug, Clone)]
pub struct Pressing {
    /// Made by the client, as in [`Saying`].
    pub id: String,
    /// Who presses.
    pub person: String,
    /// The message with the button.
    pub message: String,
    /// The buttons' tokens as the person saw them: the message may have changed since, and the bot
    /// then says that the button is old.
    pub tokens: Vec<String>,
}

/// Why something was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The id is not 1 to 64 letters, digits, `-` or `_`.
    #[error("the id must be 1 to 64 letters, digits, - or _")]
    BadId,
    /// The id names another message already.
    #[error("the id is taken by another message")]
    IdTaken,
    /// Nobody of that name.
    #[error("unknown person")]
    UnknownPerson,
    /// No room of that name, or not one where this person may be.
    #[error("unknown room")]
    UnknownRoom,
    /// No thread begins at that message of that room.
    #[error("unknown thread")]
    UnknownThread,
    /// No message of the bot, or not one that this person sees.
    #[error("unknown message")]
    UnknownMessage,
    /// Not a button of ours, or several that have no meaning together.
    #[error("unknown button")]
    UnknownButton,
    /// There is nothing to say.
    #[error("the text is empty")]
    Empty,
    /// More than [`MAX_TEXT_CHARS`] characters.
    #[error("the text is longer than {MAX_TEXT_CHARS} characters")]
    TooLong,
    /// The store failed: nothing was acknowledged, it may be tried again with the same id.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl LocalPlatform {
    /// A person writes. Stored and handed over when it returns.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn say(&self, saying: Saying) -> Result<Message, Refusal> {
        check_id(&saying.id)?;
        let person = self.speaker(&saying.person)?;
        let room = self.room_of(person, &saying.room)?;
        if saying.text.trim().is_empty() {
            return Err(Refusal::Empty);
        }
        // Counting stops at the limit, whatever was sent.
        if saying.text.chars().nth(MAX_TEXT_CHARS).is_some() {
            return Err(Refusal::TooLong);
        }
        if let Some(root) = &saying.thread {
            self.check_root(root, &room.id).await?;
        }
        let author = Writer::Person(person.id.clone());
        let _in_order = self.handing.lock().await;
        let message = self
            .append(&saying.id, |at| Message {
                id: saying.id.clone(),
                room: room.id.clone(),
                thread: saying.thread.clone(),
                author: author.clone(),
                text: saying.text.clone(),
                more: String::new(),
                buttons: Vec::new(),
                mention: None,
                leads_to: None,
                at,
                edited: false,
            })
            .await?;
        let same = message.author == author
            && message.room == room.id
            && message.thread == saying.thread
            && message.text == saying.text;
        if !same {
            return Err(Refusal::IdTaken);
        }
        // Also when it was there already: this may be the second try after a failure in between.
        self.hand_over(&message).await?;
        Ok(message)
    }

    /// A person presses a button, or chooses several items of a list. Handed over when it returns; the page asks again with the same id
    /// when it got no answer.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub async fn press(&self, pressing: Pressing) -> Result<(), Refusal> {
        check_id(&pressing.id)?;
        let person = self.speaker(&pressing.person)?;
        let tokens = pressing.tokens.iter().map(|token| Token::decode(token)).collect();
        let token = Option::and_then(tokens, Token::together).ok_or(Refusal::UnknownButton)?;
        let message = self
            .message(&pressing.message)
            .await?
            .filter(|message| message.author == Writer::Wilco)
            .ok_or(Refusal::UnknownMessage)?;
        self.room_of(person, &message.room).map_err(|_| Refusal::UnknownMessage)?;

        let _in_order = self.handing.lock().await;
        let sent_at = self.tick(&mut *self.last.lock().await).await?;
        let press = Press {
            thread: Thread {
                room: self.place(&message.room),
                root: wilco_core::ids::MessageId::new(message.root()),
            },
            author: self.account(&person.id),
            token,
            sent_at,
        };
        let key = format!("{} press {}", self.name, pressing.id);
        Ok(self.parts.inbox.receive(Event::Press(press), key).await?)
    }

    /// Hands a person's message to the inbox and marks it.
    pub(super) async fn hand_over(&self, message: &Message) -> Result<(), StoreFault> {
        let Writer::Person(person) = &message.author else { return Ok(()) };
        let (mentioned, text) = split_mention(&message.text);
        let room = self.room(&message.room);
        let direct = room.is_some_and(|room| matches!(room.kind, RoomKind::Direct(_)));
        let incoming = Incoming {
            room: self.place(&message.room),
            thread: message.thread.as_ref().map(wilco_core::ids::MessageId::new),
            message: message.message_id(),
            author: self.account(person),
            text,
            mentioned,
            direct,
            sent_at: message.at,
        };
        let key = format!("{} {}", self.name, message.id);
        self.parts.inbox.receive(Event::Message(incoming), key).await?;
        self.parts.store.journal_put(&self.marks(), &message.id, "{}", true).await?;
        Ok(())
    }

    fn speaker(&self, id: &str) -> Result<&Person, Refusal> {
        self.parts.people.person(&PersonId::new(id)).ok_or(Refusal::UnknownPerson)
    }

    /// The account under which a person is known here; the person's own id unless `people:` says
    /// otherwise.
    fn account(&self, person: &PersonId) -> Author {
        let user = self.parts.people.account(&self.name, person).cloned();
        Author::User(user.unwrap_or_else(|| UserId::new(person.as_str())))
    }

    fn room_of(&self, person: &Person, room: &str) -> Result<LocalRoom, Refusal> {
        match self.room(room) {
            Some(LocalRoom { kind: RoomKind::Direct(owner), .. }) if owner != person.id => {
                Err(Refusal::UnknownRoom)
            }
            Some(room) => Ok(room),
            None => Err(Refusal::UnknownRoom),
        }
    }

    /// Whether a thread of this room begins at this message, or could.
    pub(super) async fn check_root(&self, root: &str, room_id: &str) -> Result<(), Refusal> {
        let message = self.message(root).await?;
        match message {
            Some(message) if message.room == room_id && message.thread.is_none() => Ok(()),
            _ => Err(Refusal::UnknownThread),
        }
    }
}

/// Ids of clients become part of keys and must never look like the bot's, which have a colon.
fn check_id(id: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    ((1..=64).contains(&id.len()) && id.chars().all(plain)).then_some(()).ok_or(Refusal::BadId)
}
