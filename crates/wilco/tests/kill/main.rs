//! Real processes, killed and frozen for real: what the promises "nothing lost" and "nothing twice"
//! are worth to an operator.
//!
//! The test hosts the double of Argo CD, so that it outlives the bot and counts effects in a ledger
//! of its own. The bot is the program itself, `wilco demo`, on a store that stays; it is driven over
//! the API of its console, killed with `SIGKILL` and frozen with `SIGSTOP`. Every story runs on
//! SQLite and on PostgreSQL where that makes sense, and ends with the same questions: did each
//! application sync exactly once, and does each message of the bot stand there exactly once?
//!
//! | file | what happens to the process |
//! |---|---|
//! | `goes_on` | killed while a question is open, while a run is followed, while an approval is awaited |
//! | `inside` | killed inside the sync, with and without another replica; joined by another replica |
//! | `frozen` | frozen between the intent and the send, and thawed after its lease |
//! | `random` | killed twenty times at random moments of one deployment |
//! | `second` | started a second time on the same SQLite file |

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]
#![expect(clippy::print_stdout, reason = "a test that fails shows what happened")]

mod away;
mod bot;
mod console;
mod frozen;
mod goes_on;
mod inside;
mod random;
mod second;
mod story;
mod wait;
mod world;

/// Makes two tests of a story: one for each store.
macro_rules! on_both_stores {
    ($($story:ident)+) => {
        $(mod $story {
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                super::$story($crate::world::On::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                super::$story($crate::world::On::Postgres).await;
            }
        })+
    };
}
use on_both_stores;
