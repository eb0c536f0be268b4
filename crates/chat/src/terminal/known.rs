//! What a session knows of the journal: the numbers of messages and threads, the newest buttons.

use std::collections::{BTreeMap, HashMap};

use super::complete::words_of;
use crate::local::{Message, Placed, ShownButton, Writer};

/// How many words are remembered for Tab.
const WORDS: usize = 500;

/// What was read so far.
#[derive(Default)]
pub(super) struct Known {
    /// Up to which place of the journal it was read.
    pub(super) seen: i64,
    /// Threads by room, in the order in which they got their first reply.
    threads: BTreeMap<String, Vec<String>>,
    /// Bot messages, numbered as they came.
    messages: HashMap<String, usize>,
    /// The newest buttons of each thread, with their message.
    buttons: HashMap<String, (String, Vec<ShownButton>)>,
    /// Of the newest message of each thread: what could be answered.
    newest: HashMap<String, Vec<String>>,
    /// What was shown and may be said, the newest last.
    words: Vec<String>,
}

impl Known {
    /// Takes note of a message.
    pub(super) fn note(&mut self, placed: &Placed) {
        let Placed { seq, message } = placed;
        self.seen = *seq;
        if let Some(root) = &message.thread {
            let threads = self.threads.entry(message.room.clone()).or_default();
            if !threads.contains(root) {
                threads.push(root.clone());
            }
        }
        if message.author == Writer::Wilco {
            let next = self.messages.len() + 1;
            self.messages.entry(message.id.clone()).or_insert(next);
            let root = message.root().to_owned();
            if !message.buttons.is_empty() {
                self.buttons.insert(root, (message.id.clone(), message.buttons.clone()));
            } else if self.buttons.get(&root).is_some_and(|(id, _)| *id == message.id) {
                self.buttons.remove(&root);
            }
            self.note_words(message);
        }
    }

    fn note_words(&mut self, message: &Message) {
        let labels = message.buttons.iter().map(|button| button.label.as_str());
        let labels = labels.filter(|label| !label.contains(char::is_whitespace));
        let mut words = words_of(&message.text);
        words.extend(labels.map(str::to_owned));
        self.words.retain(|word| !words.contains(word));
        self.words.extend(words.iter().cloned());
        self.words.drain(..self.words.len().saturating_sub(WORDS));
        self.newest.insert(message.root().to_owned(), words);
    }

    /// What could be answered to the newest message of a thread.
    pub(super) fn newest_words(&self, root: &str) -> &[String] {
        self.newest.get(root).map_or(&[], Vec::as_slice)
    }

    /// What was shown and may be said.
    pub(super) fn words(&self) -> &[String] {
        &self.words
    }

    /// How many threads a room has.
    pub(super) fn threads(&self, room: &str) -> usize {
        self.threads.get(room).map_or(0, Vec::len)
    }

    /// How many buttons can be pressed in a thread.
    pub(super) fn buttons(&self, root: &str) -> usize {
        self.buttons.get(root).map_or(0, |(_, buttons)| buttons.len())
    }

    /// The number of a bot message.
    pub(super) fn number(&self, message: &str) -> usize {
        self.messages.get(message).copied().unwrap_or(0)
    }

    /// `#deploy`, or `#deploy/1` for the first thread of it.
    pub(super) fn place(&self, room: &str, thread: Option<&str>) -> String {
        let Some(first) = thread else { return room.to_owned() };
        let number = self.threads.get(room).and_then(|all| all.iter().position(|it| it == first));
        number.map_or_else(|| format!("{room}/?"), |at| format!("{room}/{}", at + 1))
    }

    /// The first message of a thread by its number, of the last one when not numbered.
    pub(super) fn thread(&self, room: &str, number: Option<usize>) -> Option<String> {
        let threads = self.threads.get(room)?;
        match number {
            Some(number) => threads.get(number.checked_sub(1)?).cloned(),
            None => threads.last().cloned(),
        }
    }

    /// A button by its number: its message and its token.
    pub(super) fn button(&self, root: &str, number: usize) -> Option<(String, String)> {
        let (message, buttons) = self.buttons.get(root)?;
        let button = buttons.get(number.checked_sub(1)?)?;
        Some((message.clone(), button.token.clone()))
    }
}
