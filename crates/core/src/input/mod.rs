//! Reading what people type in a dialog.
//!
//! Everything here is pure: text and the displayed list go in, a value comes out, and no input of
//! any length or script panics. The dialog decides what a value means; this module only says what
//! was typed.
//!
//! The life of an answer:
//!
//! 1. [`normalise()`] brings the text into one form (NFC, half-width, no invisible characters).
//! 2. [`keyword()`] recognises the fixed words that count at every step (`help`, `취소`, `back`, `예`
//!    …).
//! 3. [`select`] reads everything else against the list that was shown with the question.
//! 4. A text that opens a conversation goes to [`split_command`] and [`best_alias`] instead, or, with the
//!    verb at its end, to [`ending_command`].
//!
//! At each step a word typed in the other keyboard layout ([`keyboard`]) is understood as the word
//! meant, but never as a consent: a yes or an approval must stand there as such.

pub mod command;
mod environment;
mod glyph;
mod hangul;
pub mod keyboard;
pub mod keyword;
pub mod normalise;
mod number;
mod quote;
mod request;
pub mod selection;
mod span;
mod version;

pub use command::{AliasMatch, Aliases, Command, best_alias, best_command, split_command, suggest};
pub use environment::almost_production;
pub use keyboard::{Layout, as_other_layout};
pub use keyword::{Consent, Keyword, Recognised, keyword};
pub use normalise::{clean, fold, normalise};
pub use number::number;
pub use request::{ending_command, ends_as_request, is_courtesy};
pub use selection::{Item, Selection, connects, find, select};
pub use span::{Span, take_span};
pub use version::take_version;
