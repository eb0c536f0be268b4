//! A build without the look-up must go red: here the connector never finds what it did.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use wilco_core::answer::{Answer, Progress, Trouble};
use wilco_core::call::{Call, Finding, Operation};
use wilco_core::port::{ActionSpec, Connector, OperationFault, Permit, Recovery};
use wilco_transcript::{On, crash};

use crate::stories;

/// A connector that looks, and says that there is nothing.
struct Blind(Arc<dyn Connector>);

#[async_trait]
impl Connector for Blind {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn actions(&self) -> &[ActionSpec] {
        self.0.actions()
    }

    async fn ask(&self, call: &Call) -> Result<Answer, Trouble> {
        self.0.ask(call).await
    }

    async fn perform(
        &self,
        operation: &Operation,
        permit: &Permit,
    ) -> Result<Value, OperationFault> {
        self.0.perform(operation, permit).await
    }

    async fn find(&self, _operation: &Operation) -> Finding {
        Finding::NotFound
    }

    fn recovery(&self, call: &Call) -> Recovery {
        self.0.recovery(call)
    }

    async fn watch(
        &self,
        operation: &Operation,
        receipt: &Value,
        memory: &Value,
    ) -> Result<Progress, Trouble> {
        self.0.watch(operation, receipt, memory).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_look_up_the_death_test_goes_red() {
    let story = stories::named("deploy/short").wrapped(|inner| Arc::new(Blind(inner)));
    let red = crash::everywhere(&story, &On::Sqlite).await;
    let difference = red.expect_err("a sync was sent twice and nobody saw it");
    let (unharmed, this_time) =
        difference.split_once("this time").expect("the difference shows both ends");
    let syncs = |end: &str| end.matches("\"Sync ").count();
    assert_eq!(syncs(unharmed), 1, "{difference}");
    assert!(syncs(this_time) > 1, "{difference}");
}

/// Effects that carry no name in the tool are counted too, also in a story that is about moments, where the end
/// may differ. (A restart and an act on a Rollout look at their object once more right before they are sent, so
/// that these are not done twice even by a connector that finds nothing.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_look_up_what_has_no_name_goes_red_too() {
    let story = stories::named("rollback/answer_lost").wrapped(|inner| Arc::new(Blind(inner)));
    let red = crash::everywhere(&story, &On::Sqlite).await;
    let told = red.expect_err("a rollback was done twice and nobody saw it");
    assert!(
        told.contains("rollback wallet-api-stage") && told.contains("and was intended"),
        "{told}"
    );
}
