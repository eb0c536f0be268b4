//! What people of a story do where it plays in Slack.

use std::time::Duration;

use wilco_core::ids::MessageId;

use super::{House, Problem, button_label};
use crate::script::Place;
use crate::slack::Workspace;

impl House {
    /// The same where the story plays in Slack: the adapter hears of it, and tells the engine.
    pub(super) async fn say_in_slack(
        &mut self,
        slack: &Workspace,
        who: &str,
        place: &Place,
        root: Option<&MessageId>,
        ago: Duration,
        text: &str,
    ) -> Result<(), Problem> {
        if let Some(label) = text.strip_prefix('[') {
            let (label, back) = button_label(label);
            let at = slack.presses(who, &place.room, root, label, back)?;
            self.stage.note_act(at);
        } else {
            let text =
                if self.deaths.is_empty() { text.into() } else { self.as_read(text).await? };
            let (message, at) = slack.says(who, &place.room, root, ago, &text)?;
            self.stage.note_act(at);
            self.stage.note_message(place, &message);
        }
        self.taken(slack).await
    }

    /// Returns when Slack has told everything and the engine has stored it; Slack tells it again to the next engine.
    pub(super) async fn taken(&mut self, slack: &Workspace) -> Result<(), Problem> {
        loop {
            let fuse = self.fuse.clone();
            tokio::select! {
                () = slack.taken() => return Ok(()),
                place = fuse.blown() => {
                    self.deaths.push(place);
                    self.crash().await?;
                }
            }
        }
    }
}
