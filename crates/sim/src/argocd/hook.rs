//! A hook that is a suspended Job, and its action (ARGO-27, ARGO-39).

use super::app::{App, Hook, Live};
use super::course::Outcome;
use super::object::Object;
use super::timeline::{Change, World};

/// The actions of a Job, and whether each can be used now.
pub(crate) fn actions(hook: &Hook) -> Vec<(&'static str, bool)> {
    let first = if hook.suspended { "resume" } else { "suspend" };
    vec![(first, true), ("terminate", true)]
}

impl App {
    /// The hook stands there and does nothing; the operation waits for it.
    pub(crate) fn suspend_hook(&mut self) {
        let is_job = |object: &&Object| object.hook.is_some() && object.kind == "Job";
        let Some(object) = self.head().objects.iter().find(is_job).cloned() else { return };
        if let Some(state) = &mut self.view.state {
            state.message =
                format!("waiting for completion of hook {}/Job/{}", object.group, object.name);
        }
        self.hooks += 1;
        let live = Live::new(object, self.hooks, self.hooks);
        self.view.hook = Some(Hook { live, suspended: true });
    }

    /// It goes on, and so does the operation; `None` when it is not suspended.
    pub(crate) fn resume_hook(&mut self, now_ms: i64, world: &World) -> Option<()> {
        let hook = self.view.hook.as_mut().filter(|hook| hook.suspended)?;
        hook.suspended = false;
        self.plan(now_ms + self.timing(world).sync_ms, Change::Apply(Outcome::Succeeds));
        Some(())
    }
}
