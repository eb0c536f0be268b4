//! A second process on the same SQLite file is refused.

use crate::wait::until;
use crate::world::{On, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_refused() {
    let world = World::new(On::Sqlite).await;
    let first = world.start().await;
    let mut second = world.launch();
    let status = until("the second process ends", async || second.ended()).await;
    assert_eq!(status.code(), Some(1));
    let said = world.logs();
    assert!(said.contains("wilco.db is already open in another process"), "{said}");
    first.console.listens().await;
}
