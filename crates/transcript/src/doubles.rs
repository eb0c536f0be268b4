//! The doubles of Argo CD of a story: the first one is called `main`, others are there when a line begins with
//! `! at NAME`.

use std::collections::BTreeSet;
use std::sync::Arc;

use wilco_connectors::argocd::{Hearing, InstanceConfig, SignIn};
use wilco_core::target::Target;
use wilco_core::time::Timestamp;
use wilco_engine::{Clock as _, VirtualClock};
use wilco_sim::argocd::{ArgoCd, Effect, Served};

/// The one that is meant where nothing else is said.
pub(crate) const MAIN: &str = "main";

/// How often a double's stream looks what changed.
const STREAMED_WITHIN_MS: i64 = 100;
/// How long after a change the clock stops, so that it is shown.
const SHOWN_AFTER_MS: i64 = 50;

/// A double's time is the story's time.
pub(crate) struct SimClock(pub(crate) Arc<VirtualClock>);

impl wilco_sim::clock::Clock for SimClock {
    fn now_ms(&self) -> i64 {
        self.0.now().0
    }

    fn sleep_until(&self, at_ms: i64) -> wilco_sim::clock::Sleep {
        let clock = Arc::clone(&self.0);
        Box::pin(async move { clock.sleep_until(Timestamp(at_ms)).await })
    }
}

/// One double behind real HTTP.
struct Double {
    name: String,
    argo: ArgoCd,
    served: Served,
}

/// All of them.
pub(crate) struct Doubles {
    clock: Arc<VirtualClock>,
    all: Vec<Double>,
}

impl Doubles {
    /// With the first one.
    pub(crate) async fn start(clock: Arc<VirtualClock>) -> Result<Self, String> {
        let mut doubles = Self { clock, all: Vec::new() };
        doubles.add(MAIN).await?;
        Ok(doubles)
    }

    /// One more. Wilco has to be started again to know it.
    pub(crate) async fn add(&mut self, name: &str) -> Result<(), String> {
        let argo = ArgoCd::new(SimClock(Arc::clone(&self.clock)));
        let served = argo.serve_local().await.map_err(|fault| fault.to_string())?;
        self.all.push(Double { name: name.to_owned(), argo, served });
        Ok(())
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&ArgoCd> {
        self.all.iter().find(|double| double.name == name).map(|double| &double.argo)
    }

    /// How Wilco reaches them.
    pub(crate) fn instances(&self, sign_in: &SignIn, stream: bool) -> Vec<InstanceConfig> {
        let instance = |one: &Double| InstanceConfig {
            stream,
            ..InstanceConfig::new(&one.name, &one.served.url(), sign_in.clone())
        };
        self.all.iter().map(instance).collect()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<ArgoCd> {
        self.all.iter().map(|double| double.argo.clone()).collect()
    }

    /// What really happened, one double after the other. Applications of others than the first have its name in
    /// front, as [`called`] has it.
    pub(crate) fn ledger(&self) -> Vec<Effect> {
        let ledger = |double: &Double| {
            let mut ledger = double.argo.ledger();
            for app in ledger.iter_mut().filter_map(|effect| effect.app.as_mut()) {
                *app = in_ledger(&double.name, app);
            }
            ledger
        };
        self.all.iter().flat_map(ledger).collect()
    }

    /// Query names that no double reads.
    pub(crate) fn passed_over(&self) -> BTreeSet<String> {
        self.all.iter().flat_map(|double| double.argo.passed_over()).collect()
    }

    /// How many answers are held back.
    pub(crate) fn held_count(&self) -> usize {
        self.all.iter().map(|double| double.argo.held_count()).sum()
    }

    /// When the first of them goes out.
    pub(crate) fn held_until(&self) -> Option<Timestamp> {
        self.all.iter().filter_map(|double| double.argo.held_until()).min().map(Timestamp)
    }

    /// Whether something changes by itself as time passes.
    pub(crate) fn will_change(&self) -> bool {
        self.all.iter().any(|double| double.argo.next_change_ms().is_some())
    }

    /// A moment at which the streams show the next change that comes as time passes. Never the one at which
    /// something else is due, so that what comes first is the same each time.
    pub(crate) fn next_streamed(&self, due: Option<Timestamp>) -> Option<Timestamp> {
        let at_ms = self.all.iter().filter_map(|double| double.argo.next_change_ms()).min()?;
        let moment = Timestamp(at_ms + SHOWN_AFTER_MS);
        Some(if Some(moment) == due { Timestamp(at_ms + SHOWN_AFTER_MS / 2) } else { moment })
    }

    /// Whether all that the streams have to show until now is shown, and taken in.
    pub(crate) fn is_heard(&self, hearing: &[Hearing]) -> bool {
        let since_ms = self.clock.now().0 - STREAMED_WITHIN_MS + 1;
        self.all.iter().zip(hearing).all(|(double, hearing)| match hearing {
            Hearing::NotWanted | Hearing::Resting => true,
            Hearing::Opening => false,
            Hearing::Open { changes } => {
                double.argo.has_streamed_until(since_ms) && *changes >= double.argo.streamed()
            }
        })
    }

    /// Everything ends.
    pub(crate) async fn close(self) {
        for double in self.all {
            double.served.shutdown().await;
        }
    }
}

/// A target as the ledger has it.
pub(crate) fn called(target: &Target) -> String {
    in_ledger(&target.instance, &target.name)
}

fn in_ledger(instance: &str, app: &str) -> String {
    if instance == MAIN { app.to_owned() } else { format!("{instance}/{app}") }
}
