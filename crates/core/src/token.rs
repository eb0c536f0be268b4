//! What a button means, carried by the button itself so that an old one can say that it is old.

use serde::{Deserialize, Serialize};

use crate::answer::Act;
use crate::entity::DialogKey;
use crate::ids::{CallId, PlanDigest, RunId};
use crate::run::Remedy;

/// The meaning of one button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Token {
    /// An answer to one question of one dialog.
    Answer {
        /// Whose dialog it is, and where.
        dialog: DialogKey,
        /// Which question: the dialog's generation when it was put.
        question: u64,
        /// The answer.
        choice: Choice,
    },
    /// Something that is wanted of one run.
    OfRun {
        /// The run.
        run: RunId,
        /// What.
        wish: Wish,
    },
}

/// What a button wants of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// A decision on one plan.
    Decide {
        /// Exactly what would run.
        digest: PlanDigest,
        /// Yes or no.
        approve: bool,
    },
    /// Stop it.
    Cancel,
    /// Begin nothing new until somebody resumes it.
    Hold,
    /// Go on after a hold.
    Resume,
    /// Have the tool do something about a target that stands still.
    Act {
        /// The step that is about this target.
        step: usize,
        /// What.
        act: Act,
        /// The pause that was shown.
        pause: String,
    },
    /// Do something about a target that should have ended.
    Remedy {
        /// The step that is about this target.
        step: usize,
        /// Its operation.
        operation: CallId,
        /// What.
        remedy: Remedy,
    },
    /// Ask again for what it did not do.
    Again,
    /// Take back what it did.
    Undo,
    /// Say why targets did not come up.
    Explain,
    /// Say what really became of one that Wilco lost sight of.
    Resolve {
        /// Whether a person saw that it did what was planned.
        succeeded: bool,
    },
}

/// The answer that an `Answer` button stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The item at this place of the list stored with the question, counted from 0.
    Item(usize),
    /// Several items of it at once.
    Items(Vec<usize>),
    /// All items.
    All,
    /// The explicit yes after the read-back.
    Yes,
    /// End the dialog.
    Cancel,
    /// One question back.
    Back,
    /// The next page of a long list.
    More,
    /// Ask the tool again.
    Retry,
}

impl Token {
    /// Buttons that are pressed at once: one, or several items of one list. `None` when they have no
    /// meaning together.
    #[must_use]
    pub fn together(mut tokens: Vec<Self>) -> Option<Self> {
        if tokens.len() == 1 {
            return tokens.pop();
        }
        let mut list = None;
        let mut chosen = Vec::new();
        for token in tokens {
            let Self::Answer { dialog, question, choice: Choice::Item(at) } = token else {
                return None;
            };
            if *list.get_or_insert((dialog.clone(), question)) != (dialog, question) {
                return None;
            }
            chosen.push(at);
        }
        let (dialog, question) = list?;
        Some(Self::Answer { dialog, question, choice: Choice::Items(chosen) })
    }

    /// The compact text that platforms carry in a button's value.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a button's value; `None` when it is not one of ours.
    #[must_use]
    pub fn decode(value: &str) -> Option<Self> {
        serde_json::from_str(value).ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::ids::{AdapterName, MessageId, PersonId, RoomId};
    use crate::place::{Room, Thread};

    use super::*;

    fn answer(question: u64, choice: Choice) -> Token {
        let room = Room {
            adapter: AdapterName::new("console"),
            workspace: "local".into(),
            room: RoomId::new("#deploy"),
        };
        let thread = Thread { room, root: MessageId::new("m1") };
        let dialog = DialogKey { thread, person: PersonId::new("mina") };
        Token::Answer { dialog, question, choice }
    }

    #[test]
    fn items_of_one_list_have_a_meaning_together_and_nothing_else_has() {
        let item = |at| answer(7, Choice::Item(at));
        let three = Token::together(vec![item(4), item(0), item(2)]);
        assert_eq!(three, Some(answer(7, Choice::Items(vec![4, 0, 2]))));
        assert_eq!(Token::together(vec![item(4)]), Some(item(4)));
        let stop = Token::OfRun { run: RunId::new("r1"), wish: Wish::Cancel };
        assert_eq!(Token::together(vec![stop.clone()]), Some(stop.clone()));
        let yes = || answer(7, Choice::Yes);
        let later = answer(8, Choice::Item(1));
        for mixed in [vec![], vec![item(1), stop], vec![yes(), yes()], vec![item(1), later]] {
            assert_eq!(Token::together(mixed.clone()), None, "{mixed:?}");
        }
    }
}
