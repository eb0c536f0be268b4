//! Every story in Slack: what people read and may press is the same there, to the word, with the adapter in
//! between, over real sockets and real HTTP.

use tokio::task::JoinSet;
use wilco_transcript::On;

use crate::stories;

/// So many stories are played at once: most of a play is waiting.
const AT_ONCE: usize = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_story_in_slack() {
    let mut stories = stories::all().into_iter();
    let mut plays: JoinSet<Result<(), String>> = JoinSet::new();
    let mut problems = Vec::new();
    loop {
        while plays.len() < AT_ONCE
            && let Some(story) = stories.next()
        {
            plays.spawn(async move { story.in_slack().check(&On::Sqlite, false).await });
        }
        match plays.join_next().await {
            Some(played) => problems.extend(played.expect("a play does not panic").err()),
            None => break,
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}
