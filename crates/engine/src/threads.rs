//! Which threads are known, as far as memory helps: the truth is in the store.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wilco_core::place::Thread;

/// How many threads each set remembers before it starts anew: about two MiB.
const REMEMBERED: usize = 20_000;

/// Remembers known threads, and unknown ones where no other process can make them known.
#[derive(Debug)]
pub(crate) struct Threads {
    /// No other process writes the store, so "unknown" stays true until this process changes it.
    exclusive: bool,
    sets: Mutex<Sets>,
}

#[derive(Debug, Default)]
struct Sets {
    known: HashSet<Thread>,
    unknown: HashSet<Thread>,
    /// Counts threads that became known: an "unknown" that was looked up before is not kept.
    turn: u64,
}

/// What memory says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    Known,
    Unknown,
    /// The store has to be asked; hand the number to [`Threads::looked_up`].
    Ask(u64),
}

impl Threads {
    pub(crate) fn new(exclusive: bool) -> Self {
        Self { exclusive, sets: Mutex::default() }
    }

    /// Whether no other process writes the store.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.exclusive
    }

    pub(crate) fn recall(&self, thread: &Thread) -> Memory {
        let sets = self.sets();
        if sets.known.contains(thread) {
            Memory::Known
        } else if sets.unknown.contains(thread) {
            Memory::Unknown
        } else {
            Memory::Ask(sets.turn)
        }
    }

    /// The store was asked, after [`Memory::Ask`] gave `turn`.
    pub(crate) fn looked_up(&self, thread: &Thread, known: bool, turn: u64) {
        let mut sets = self.sets();
        let sets = &mut *sets;
        let set = match known {
            true => &mut sets.known,
            false if self.exclusive && sets.turn == turn => &mut sets.unknown,
            false => return,
        };
        if set.len() >= REMEMBERED {
            set.clear();
        }
        set.insert(thread.clone());
    }

    /// The thread is known from now on. To be called after the store knows it too.
    pub(crate) fn opened(&self, thread: &Thread) {
        let mut sets = self.sets();
        if sets.known.contains(thread) {
            return;
        }
        sets.turn += 1;
        sets.unknown.remove(thread);
        if sets.known.len() >= REMEMBERED {
            sets.known.clear();
        }
        sets.known.insert(thread.clone());
    }

    fn sets(&self) -> MutexGuard<'_, Sets> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wilco_core::ids::{AdapterName, MessageId, RoomId};
    use wilco_core::place::Room;

    fn thread(root: &str) -> Thread {
        let room = Room {
            adapter: AdapterName::new("console"),
            workspace: "w".into(),
            room: RoomId::new("deploy"),
        };
        Thread { room, root: MessageId::new(root) }
    }

    #[test]
    fn an_unknown_that_is_out_of_date_is_not_kept() {
        let threads = Threads::new(true);
        let Memory::Ask(turn) = threads.recall(&thread("1")) else { panic!("asked for") };
        threads.opened(&thread("2"));
        threads.looked_up(&thread("1"), false, turn);
        assert_eq!(threads.recall(&thread("1")), Memory::Ask(1));
        threads.looked_up(&thread("1"), false, 1);
        assert_eq!(threads.recall(&thread("1")), Memory::Unknown);
        threads.opened(&thread("1"));
        assert_eq!(threads.recall(&thread("1")), Memory::Known);
    }

    #[test]
    fn with_other_processes_unknown_is_always_asked_again() {
        let threads = Threads::new(false);
        threads.looked_up(&thread("1"), false, 0);
        assert_eq!(threads.recall(&thread("1")), Memory::Ask(0));
    }
}
