//! What was deployed when and by whom, as Argo CD's own history has it.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use wilco_core::answer::{Deployed, Trouble};
use wilco_core::target::Target;
use wilco_core::time::Timestamp;

use super::ArgoCd;
use super::client::Look;
use super::diff::PARALLEL;
use super::wire::time;

/// The history of so many applications is read at most, those with the latest operations.
const MOST: usize = 100;

impl ArgoCd {
    /// What was deployed to these since a moment; to all when none is named. A list does not tell the
    /// history (ARGO-10), but when the last operation began: who has none since has no entry since.
    pub(super) async fn history(
        &self,
        targets: Vec<Target>,
        from: Timestamp,
    ) -> Result<Vec<Deployed>, Trouble> {
        let targets = if targets.is_empty() {
            self.moved_since(from).await?
        } else {
            self.learn(&targets).await?;
            targets
        };
        let read = stream::iter(targets)
            .map(|target| async move {
                let instance = self.instance(&target)?;
                let app = instance.app(&target, Look::Plain).await?;
                let account = instance.account().await;
                let entry = |entry: &super::wire::History| {
                    let at = time(entry.deployed_at.as_deref()).filter(|at| *at >= from)?;
                    Some(Deployed {
                        target: target.clone(),
                        at,
                        by: entry.initiated_by.username.clone(),
                        automated: entry.initiated_by.automated,
                        ours: account.as_deref() == Some(entry.initiated_by.username.as_str()),
                        revisions: entry.revisions(),
                    })
                };
                Ok::<_, Trouble>(app.status.history.iter().filter_map(entry).collect::<Vec<_>>())
            })
            .buffered(PARALLEL);
        let all: Vec<Vec<Deployed>> = read.try_collect().await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn moved_since(&self, from: Timestamp) -> Result<Vec<Target>, Trouble> {
        let mut moved = Vec::new();
        for (instance, app) in self.all().await? {
            let state = app.status.operation_state.as_ref();
            let at = state.and_then(|state| {
                let end = time(state.finished_at.as_deref());
                end.or_else(|| time(state.started_at.as_deref()))
            });
            if let Some(at) = at.filter(|at| *at >= from) {
                moved.push((at, instance.target(&app)));
            }
        }
        moved.sort();
        Ok(moved.into_iter().rev().take(MOST).map(|(_, target)| target).collect())
    }
}
