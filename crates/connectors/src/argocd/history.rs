//! What was deployed when and by whom, as Argo CD's own history has it.

use futures_util::{StreamExt as _, stream};
use wilco_core::answer::{Deployed, Gathered, Trouble};
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
    ) -> Result<Gathered<Deployed>, Trouble> {
        let Gathered { items: targets, mut missing } = if targets.is_empty() {
            self.moved_since(from).await?
        } else {
            self.reachable(targets).await?
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
        let read: Vec<Result<Vec<Deployed>, Trouble>> = read.collect().await;
        let none_read = !read.is_empty() && read.iter().all(Result::is_err);
        let mut items = Vec::new();
        for one in read {
            match one {
                Ok(entries) => items.extend(entries),
                Err(trouble) if missing.contains(&trouble) => {}
                Err(trouble) => missing.push(trouble),
            }
        }
        match missing.first() {
            Some(first) if none_read => Err(first.clone()),
            _ => Ok(Gathered { items, missing }),
        }
    }

    async fn moved_since(&self, from: Timestamp) -> Result<Gathered<Target>, Trouble> {
        let Gathered { items: all, missing } = self.all().await?;
        let mut moved = Vec::new();
        for (instance, app) in all {
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
        let items = moved.into_iter().rev().take(MOST).map(|(_, target)| target).collect();
        Ok(Gathered { items, missing })
    }
}
