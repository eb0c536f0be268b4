//! Chosen stories with a death at every point, and a second one during the recovery: the same end,
//! and every effect exactly once in the double's own ledger.

use wilco_transcript::{On, crash};

use crate::stories;

/// How many points after the first death the second one comes.
const GAP: u64 = 3;

/// Dies at `most` points of each of these stories and prints how many there are. All points:
/// `wilco test --crash`.
async fn in_all(on: On, most: u64, chosen: &[&str]) {
    for name in chosen {
        let story = stories::named(name);
        let deaths = crash::sampled(&story, &on, GAP, most)
            .await
            .unwrap_or_else(|difference| panic!("{difference}"));
        #[expect(clippy::print_stdout, reason = "the number of points is reported")]
        {
            println!(
                "{name} on {}: {} points, sampled {}; {} plays died, {} of them twice",
                if on == On::Sqlite { "SQLite" } else { "PostgreSQL" },
                deaths.points,
                deaths.points.min(most),
                deaths.plays,
                deaths.twice
            );
        }
        assert!(deaths.points > 20, "{name} passes too few points to die at");
        // Parallel work passes them in another order each time, so a few may not come.
        assert!(deaths.plays > deaths.points.min(most) / 2, "{name}: {} died", deaths.plays);
        assert!(deaths.twice > 0, "{name}: nobody died during a recovery");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    let chosen = [
        "deploy/approval_ko",
        "deploy/several_ko",
        "failure/lost_reply",
        "deploy/stopped",
        "deploy/queue_of_two",
        "approval/plan_changed",
    ];
    in_all(On::Sqlite, 40, &chosen).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql() {
    let on = On::Postgres(wilco_store::testing::postgres_server().to_owned());
    in_all(on, 20, &["deploy/approval_ko", "failure/lost_reply"]).await;
}
