//! Hears what other replicas write. A hint only: while the connection is away nothing is heard, and
//! workers poll.

use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgListener;
use tokio::task::JoinHandle;

use super::connect::Database;
use crate::changed::Changed;
use crate::fault::OpenFault;

/// How long to wait before listening again after the connection was lost.
const PAUSE: Duration = Duration::from_secs(1);

/// The task that listens; ends with the store.
#[derive(Debug)]
pub(super) struct Listener(JoinHandle<()>);

impl Listener {
    /// Listens on a channel, on a connection of its own.
    pub(super) async fn start(
        database: &Database,
        channel: &str,
        changed: Arc<Changed>,
    ) -> Result<Self, OpenFault> {
        let pool = database.pool_of(1).await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen(channel).await?;
        Ok(Self(tokio::spawn(async move {
            loop {
                match listener.recv().await {
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(%error, "cannot hear what other replicas write");
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                changed.ring();
            }
        })))
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}
