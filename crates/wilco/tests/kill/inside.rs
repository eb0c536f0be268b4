//! Inside the sync: Argo CD has taken it, and its answer is still on the way.

use wilco_sim::argocd::{Fault, FaultKind};

use crate::story;
use crate::wait::until;
use crate::world::{On, World};

crate::on_both_stores! { killed_inside_the_sync }

/// Longer than any story takes: the answer never comes.
const FOR_EVER: FaultKind = FaultKind::Hold { ms: 600_000 };
/// Several leases long.
const FOR_A_WHILE: FaultKind = FaultKind::Hold { ms: 4_000 };

async fn killed_inside_the_sync(on: On) {
    let world = World::new(on).await;
    world.argo.fault(Fault::on_sync(FOR_EVER).once());
    let mut bot = world.start().await;
    story::deploy(&bot.console, "wallet-api").await;
    world.holds(1).await;
    bot.kill();

    let bot = world.start().await;
    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &["wallet-api"]).await;
    assert_eq!(world.sync_requests(), 1, "it was found by its tag and not sent again");
    assert_eq!(found(&bot.console).await, 1);
}

/// Nobody restarts the owner: the other replica takes over.
#[tokio::test(flavor = "multi_thread")]
async fn the_survivor_takes_over() {
    let world = World::new(On::Postgres).await;
    world.argo.fault(Fault::on_sync(FOR_EVER).once());
    let mut owner = world.start().await;
    let mut survivor = world.start().await;
    story::deploy(&owner.console, "wallet-api").await;
    world.holds(1).await;
    let in_flight = ["wilco_calls_in_flight "];
    let second_owns = until("one of them is at work", async || {
        let first = owner.console.metric(&in_flight).await;
        let second = survivor.console.metric(&in_flight).await;
        (first + second > 0).then_some(second > 0)
    })
    .await;
    if second_owns {
        std::mem::swap(&mut owner, &mut survivor);
    }
    owner.kill();

    story::succeeds(&survivor.console).await;
    story::exactly_once(&world, &survivor.console, &["wallet-api"]).await;
    assert_eq!(world.sync_requests(), 1, "it was found by its tag and not sent again");
    assert_eq!(found(&survivor.console).await, 1);
}

/// A rolling update: the owner lives, and its leases end while it waits for the answer. The newcomer
/// may take the call over then, but not the sync: it looks first.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_replica_joins() {
    let world = World::new(On::Postgres).await;
    world.argo.fault(Fault::on_sync(FOR_A_WHILE).once());
    let owner = world.start().await;
    story::deploy(&owner.console, "wallet-api").await;
    world.holds(1).await;
    let newcomer = world.start().await;
    assert_eq!(world.argo.held_count(), 1, "the owner is still inside");
    world.holds(0).await;

    story::succeeds(&newcomer.console).await;
    story::exactly_once(&world, &newcomer.console, &["wallet-api"]).await;
    assert_eq!(world.sync_requests(), 1);
}

/// How many operations this process settled by finding them in the tool.
async fn found(console: &crate::console::Console) -> u64 {
    console.metric(&["wilco_calls_total", "\"sync\"", "\"found\""]).await
}
