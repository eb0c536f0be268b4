//! Every story with deaths at its points, and second ones during the recovery: the same end, and every
//! effect exactly once in the double's own ledger.
//!
//! A story that waits passes a thousand points, most of them looks that show nothing new. Here a share of
//! them is died at; `make crash` dies at all of them.

use wilco_transcript::crash::{self, Deaths, Sample};
use wilco_transcript::{On, Story};

use crate::postgres::postgres;
use crate::stories;

const ON_SQLITE: Sample = Sample { budget: 2_000, least: 8 };

/// The state machines are the same on both stores, and the store's own stories run on both; a smaller
/// sample shows that nothing between them depends on SQLite.
const ON_POSTGRESQL: Sample = Sample { budget: 200, least: 2 };

/// The stories are spread over so many tests, which run side by side.
const PARTS: usize = 4;

/// Dies at points of each of these stories and reports how many there are.
async fn in_all(on: On, sample: Sample, chosen: Vec<Story>) {
    let mut sum = Deaths::default();
    let count = chosen.len();
    for story in chosen {
        let deaths = crash::sampled(&story, &on, sample)
            .await
            .unwrap_or_else(|difference| panic!("{difference}"));
        let file = story.path.display().to_string();
        let name = file.split_once("transcripts/").map_or(file.as_str(), |(_, name)| name);
        report(&format!("{name}: {}", told(deaths)));
        assert!(deaths.died_almost_everywhere(), "{name}: {}", told(deaths));
        sum += deaths;
    }
    let on = if matches!(on, On::Sqlite) { "SQLite" } else { "PostgreSQL" };
    report(&format!("all {count} on {on}: {}", told(sum)));
    assert!(sum.twice > 0, "nobody died during a recovery");
}

fn told(deaths: Deaths) -> String {
    let Deaths { points, chosen, once, twice, otherwise } = deaths;
    format!(
        "{points} points, deaths at {once} of {chosen} chosen, {twice} died again, {otherwise} \
         plays ended otherwise"
    )
}

#[expect(clippy::print_stdout, reason = "the number of points is reported")]
fn report(line: &str) {
    println!("{line}");
}

async fn points_on_sqlite(part: usize) {
    let chosen = stories::all().into_iter().skip(part).step_by(PARTS).collect();
    in_all(On::Sqlite, ON_SQLITE, chosen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_of_every_story_on_sqlite_1() {
    points_on_sqlite(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_of_every_story_on_sqlite_2() {
    points_on_sqlite(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_of_every_story_on_sqlite_3() {
    points_on_sqlite(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn points_of_every_story_on_sqlite_4() {
    points_on_sqlite(3).await;
}

/// A play on PostgreSQL waits for it more than it computes: two at a time take hardly longer than one.
async fn points_on_postgresql(half: usize) {
    let chosen = stories::all().into_iter().skip(half).step_by(2).collect();
    in_all(postgres(), ON_POSTGRESQL, chosen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_points_of_every_story_on_postgresql_1() {
    points_on_postgresql(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn some_points_of_every_story_on_postgresql_2() {
    points_on_postgresql(1).await;
}
