//! The lock of one target: who holds it, who waits.

use serde::{Deserialize, Serialize};

use crate::ids::RunId;
use crate::target::Target;

/// One target's lock. It is an entity of its own, so that the version check of the store serialises
/// the runs that want it, and fences the one that holds it: every event of a run is handled on the locks
/// of all its targets, and its unit is written only if none of them was written meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// What is locked.
    pub target: Target,
    /// Who may change it now.
    pub holder: Option<RunId>,
    /// Who waits, first come first served.
    pub queue: Vec<RunId>,
}

impl Lock {
    /// A lock nobody holds.
    #[must_use]
    pub fn free(target: Target) -> Self {
        Self { target, holder: None, queue: Vec::new() }
    }

    /// Nobody holds it and nobody waits.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.holder.is_none() && self.queue.is_empty()
    }

    /// Asks for the lock: `true` when `run` holds it now, otherwise it waits in the queue.
    pub fn ask(&mut self, run: &RunId) -> bool {
        match &self.holder {
            Some(holder) if holder == run => true,
            Some(_) => {
                if !self.queue.contains(run) {
                    self.queue.push(run.clone());
                }
                false
            }
            None => {
                self.holder = Some(run.clone());
                true
            }
        }
    }

    /// Gives up the lock or the place in the queue. Returns the run that holds it from now on, if
    /// it changed hands.
    pub fn leave(&mut self, run: &RunId) -> Option<RunId> {
        self.queue.retain(|waiting| waiting != run);
        if self.holder.as_ref() != Some(run) {
            return None;
        }
        self.holder = if self.queue.is_empty() { None } else { Some(self.queue.remove(0)) };
        self.holder.clone()
    }

    /// The place of a waiting run, 1 for the next one.
    #[must_use]
    pub fn place(&self, run: &RunId) -> Option<usize> {
        self.queue.iter().position(|waiting| waiting == run).map(|at| at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_come_first_served() {
        let [a, b, c] = [1, 2, 3].map(RunId::numbered);
        let mut lock = Lock::free("main/argocd/wallet".parse().unwrap());
        assert!(lock.ask(&a) && lock.ask(&a) && !lock.ask(&b) && !lock.ask(&c) && !lock.ask(&b));
        assert_eq!((lock.place(&b), lock.place(&c)), (Some(1), Some(2)));
        assert_eq!(lock.leave(&b), None);
        assert_eq!(lock.leave(&a), Some(c.clone()));
        assert_eq!(lock.leave(&c), None);
        assert!(lock.is_free());
    }
}
