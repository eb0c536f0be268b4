//! Frozen after the intent and before the send, thawed after the lease: the zombie must not send.
//!
//! To stop it exactly there, Argo CD calls the session over when the sync is sent, and holds back
//! the answer to the sign-in that follows: the claim is taken, the permit was good, and the next
//! thing that the process does is to send the sync once more.

use wilco_sim::argocd::{Fault, FaultKind};

use crate::bot::Bot;
use crate::console::Console;
use crate::story;
use crate::wait::until;
use crate::world::{On, World};

/// Longer than the lease of a second. The answer is sent to a process that cannot read it.
const HELD: FaultKind = FaultKind::Hold { ms: 2_500 };

#[tokio::test(flavor = "multi_thread")]
async fn alone_it_claims_again() {
    let world = world(On::Sqlite).await;
    let bot = start_and_freeze(&world).await;
    world.holds(0).await;
    assert_eq!(world.effects(), [""; 0], "nothing was sent yet");
    bot.thaw();

    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &["wallet-api"]).await;
    assert!(kept_back(&bot.console).await >= 1, "the thawed worker saw that its permit was over");
    assert_eq!(world.sync_requests(), 2, "the one that was answered with 401, and the one");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_does_it_meanwhile() {
    let world = world(On::Postgres).await;
    let zombie = start_and_freeze(&world).await;
    let other = world.start().await;
    until("the other replica syncs", async || (!world.effects().is_empty()).then_some(())).await;
    world.holds(0).await;
    zombie.thaw();
    until("the thawed worker holds back", async || {
        (kept_back(&zombie.console).await >= 1).then_some(())
    })
    .await;

    story::succeeds(&other.console).await;
    story::exactly_once(&world, &other.console, &["wallet-api"]).await;
    assert_eq!(world.sync_requests(), 2, "the one that was answered with 401, and the one");
}

async fn world(on: On) -> World {
    // "Not found" counts only when the dead worker's write can no longer be on its way.
    World::new(on).await.with("--password").with("--write-secs=1")
}

/// Returns a process that is frozen between the intent and the send.
async fn start_and_freeze(world: &World) -> Bot {
    let bot = world.start().await;
    story::ask(&bot.console, "wallet-api").await;
    let card = story::confirm(&bot.console).await;
    let over = FaultKind::Error { status: 401, code: 16, message: "no session information".into() };
    world.argo.fault(Fault::on_sync(over).once());
    world.argo.fault(Fault::on("POST", "/api/v1/session", HELD).once());
    story::approve(&bot.console, &card).await;
    world.holds(1).await;
    bot.freeze();
    bot
}

/// How many syncs this process wanted to send and did not.
async fn kept_back(console: &Console) -> u64 {
    console.metric(&["wilco_calls_total", "\"sync\"", "\"later\""]).await
}
