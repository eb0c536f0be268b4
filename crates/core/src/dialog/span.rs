//! A time in a request: it is known by its form, wherever it stands among the other words.

use crate::context::Context;
use crate::input::{self, Span};
use crate::runbook::{Choices, Runbook};
use crate::time::UtcOffset;
use crate::words::when;

use super::{Given, Said};

/// The answer that a span of time is.
pub(super) fn given(span: Span, utc_offset: UtcOffset) -> Given {
    let at = |at| when::day_and_clock(at, utc_offset);
    let title = format!("{} ~ {}", at(span.from), at(span.until));
    Given { values: vec![span.value()], titles: vec![title], many: false }
}

/// The words without those that name a time, and the input that the time answers; everything stays where
/// the function asks for none.
pub(super) fn taken(
    ctx: &Context,
    runbook: &Runbook,
    said: Said,
) -> (Said, Option<(String, Given)>) {
    let asks = runbook.ask.iter().find(|question| matches!(question.choices, Choices::Time));
    let Some(question) = asks else { return (said, None) };
    let mut words = said.words().to_vec();
    let Some(span) = input::take_span(&mut words, ctx.now, ctx.settings.utc_offset) else {
        return (said, None);
    };
    (said.with(words), Some((question.name.clone(), given(span, ctx.settings.utc_offset))))
}
