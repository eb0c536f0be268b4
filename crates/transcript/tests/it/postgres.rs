//! PostgreSQL for plays: schemas that are lent again and again.

use std::sync::Arc;

use async_trait::async_trait;
use wilco_core::port::Store;
use wilco_store::testing::Schemas;
use wilco_transcript::{Lender, On};

#[derive(Debug, Default)]
struct Lent(Schemas);

#[async_trait]
impl Lender for Lent {
    async fn lend(&self) -> Result<Arc<dyn Store>, String> {
        let store = self.0.lend().await.map_err(|fault| fault.to_string())?;
        Ok(store)
    }
}

pub(crate) fn postgres() -> On {
    On::Lent(Arc::new(Lent::default()))
}
