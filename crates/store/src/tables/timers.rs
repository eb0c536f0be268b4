//! `timers`: wishes to be woken.

use wilco_core::event::Event;
use wilco_core::port::{NewEvent, TimerRow};
use wilco_core::timer::Timer;

use crate::fault::Stop;

/// Takes what is due out of the table; the argument is how PostgreSQL locks.
macro_rules! take {
    ($lock:literal) => {
        concat!(
            "DELETE FROM timers WHERE (owner, name) IN (SELECT owner, name FROM timers \
             WHERE due <= $1 ORDER BY due, owner, name LIMIT $2 ",
            $lock,
            ") RETURNING due, body"
        )
    };
}

pub(crate) use take;

statements! {
    /// Sets a timer, or sets it anew.
    SET = "INSERT INTO timers (owner, name, due, body) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (owner, name) DO UPDATE SET due = excluded.due, body = excluded.body";

    /// Stops a timer.
    STOP = "DELETE FROM timers WHERE owner = $1 AND name = $2";

    /// Timers by due time.
    LIST = "SELECT body FROM timers ORDER BY due, owner, name LIMIT $1";

    /// Whether anything is due, before the writer is troubled.
    ANY_DUE = "SELECT COUNT(*) FROM (SELECT 1 FROM timers WHERE due <= $1 LIMIT 1) AS due";
}

/// A row of [`LIST`] as the type of core.
pub(crate) fn read(body: &str) -> Result<TimerRow, Stop> {
    Ok(TimerRow { timer: serde_json::from_str(body)? })
}

/// Timers taken, in any order, as the events that they become, earliest first.
pub(crate) fn fired(mut taken: Vec<(i64, String)>) -> Result<Vec<NewEvent>, Stop> {
    taken.sort();
    taken
        .iter()
        .map(|(_, body)| {
            let Timer { owner, name, generation, due } = serde_json::from_str(body)?;
            let key = format!("timer {owner} {} {generation} {}", name.encode(), due.0);
            let event = Event::TimerFired { owner, name, generation };
            Ok(NewEvent {
                key,
                lane: event.lane(),
                body: serde_json::to_string(&event)?,
                opens: None,
            })
        })
        .collect()
}
