//! What stands on the controls that an adapter puts under a question.

use crate::lang::Text;

/// On a select, and on the button that sends what was ticked.
#[must_use]
pub fn choose() -> Text {
    Text::new("Choose", "선택")
}

/// On the way to the thread where more of this stands.
#[must_use]
pub fn thread() -> Text {
    Text::new("thread", "스레드")
}

/// Beside a select in which several may be chosen.
#[must_use]
pub fn choose_several() -> Text {
    Text::new("Choose several:", "여러 개 선택:")
}
