//! What a session knows of the journal: the numbers of messages and threads, the newest buttons.

use std::collections::{BTreeMap, HashMap};

use crate::local::{Placed, ShownButton, Writer};

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
        }
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
