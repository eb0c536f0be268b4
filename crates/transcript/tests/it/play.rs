//! Every story gives the same answers on both stores.

use std::sync::Arc;

use tokio::task::JoinSet;
use wilco_transcript::On;

use crate::postgres::postgres;
use crate::stories;

/// So many stories are played at once: most of a play is waiting.
const AT_ONCE: usize = 6;

/// Plays all stories; everything that differs as one text.
async fn all(on: On) {
    let mut stories = stories::all().into_iter();
    let on = Arc::new(on);
    let mut plays: JoinSet<Result<(), String>> = JoinSet::new();
    let mut problems = Vec::new();
    loop {
        while plays.len() < AT_ONCE
            && let Some(story) = stories.next()
        {
            let on = Arc::clone(&on);
            plays.spawn(async move { story.check(&on, false).await });
        }
        match plays.join_next().await {
            Some(played) => problems.extend(played.expect("a play does not panic").err()),
            None => break,
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_story_on_sqlite() {
    all(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_story_on_postgresql() {
    all(postgres()).await;
}
