//! What can be pressed, as Slack sends it back: `action_id` tells the kind, `value` or `block_id` the meaning.

use wilco_core::ids::PersonId;

/// The longest `block_id` and `action_id`. Source: Block Kit's reference.
const MOST_ID_CHARS: usize = 255;

/// A thing that can be pressed or chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// A button; its value is a token.
    Button,
    /// A select: what is chosen in it is answered at once.
    Item,
    /// A box in which several are ticked; nothing is answered by it.
    Items,
    /// The button beside the box: its value is a token that wants what is ticked.
    Pick,
}

/// The `action_id` of the control at this place of its message; they must differ within a block.
pub(crate) fn action_id(control: Control, place: usize) -> String {
    let kind = match control {
        Control::Button => "button",
        Control::Item => "item",
        Control::Items => "items",
        Control::Pick => "pick",
    };
    format!("wilco.{kind}.{place}")
}

/// What an `action_id` of ours names.
pub(crate) fn of(action_id: &str) -> Option<Control> {
    let (kind, _) = action_id.strip_prefix("wilco.")?.split_once('.')?;
    match kind {
        "button" => Some(Control::Button),
        "item" => Some(Control::Item),
        "items" => Some(Control::Items),
        "pick" => Some(Control::Pick),
        _ => None,
    }
}

/// The `block_id` of a select: which question it belongs to, and whose. An option has no room for a token. `None` when
/// the person's name is too long for it.
pub(crate) fn block_id(question: u64, person: &PersonId) -> Option<String> {
    let id = format!("wilco {question} {person}");
    (id.chars().count() <= MOST_ID_CHARS).then_some(id)
}

/// The question and the person of a `block_id`.
pub(crate) fn question_of(block_id: &str) -> Option<(u64, PersonId)> {
    let (question, person) = block_id.strip_prefix("wilco ")?.split_once(' ')?;
    Some((question.parse().ok()?, PersonId::new(person)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for control in [Control::Button, Control::Item, Control::Items, Control::Pick] {
            assert_eq!(of(&action_id(control, 7)), Some(control));
        }
        for other in ["", "wilco", "wilco.button", "wilco.other.1", "button.1"] {
            assert_eq!(of(other), None, "{other}");
        }
        let mina = PersonId::new("mina");
        assert_eq!(question_of(&block_id(12, &mina).unwrap()), Some((12, mina)));
        assert_eq!(block_id(1, &PersonId::new("x".repeat(300))), None);
        for other in ["", "wilco", "wilco x mina", "b1"] {
            assert_eq!(question_of(other), None, "{other}");
        }
    }
}
