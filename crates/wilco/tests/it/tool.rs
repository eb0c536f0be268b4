//! A double of Argo CD beside the processes that are tested.

use wilco_sim::argocd::{ArgoCd, Served};
use wilco_sim::clock::RealClock;

/// An Argo CD that knows its token and its password, and the threads it lives on.
pub(crate) struct Tool {
    pub(crate) argo: ArgoCd,
    served: Served,
    _threads: tokio::runtime::Runtime,
}

impl Tool {
    pub(crate) fn start() -> Self {
        let threads = tokio::runtime::Runtime::new().unwrap();
        let argo = ArgoCd::new(RealClock);
        let served = threads.block_on(argo.serve_local()).unwrap();
        Self { argo, served, _threads: threads }
    }

    pub(crate) fn url(&self) -> String {
        self.served.url()
    }

    /// Whether somebody has signed in and asked something.
    pub(crate) fn was_asked(&self) -> bool {
        self.argo.requests().keys().any(|route| route.starts_with("GET /api/v1/applications"))
    }
}
