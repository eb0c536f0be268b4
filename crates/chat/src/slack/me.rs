//! Who the app is in the workspace that it was installed in, and how rooms are called.

use std::sync::Arc;

use wilco_core::ids::{AdapterName, RoomId};
use wilco_core::place::Room;

use super::channels::Channels;

/// The app's own names, as `auth.test` and `bots.info` tell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Me {
    /// The connection's name in the configuration.
    pub(crate) adapter: AdapterName,
    /// The workspace, `T…`. Every room is named with it, also those that are shared with others: a channel's id is
    /// one and the same for all who are in it.
    pub(crate) team: String,
    /// The organisation that the workspace belongs to, `E…`; most have none.
    pub(crate) enterprise: Option<String>,
    /// The account that people mention, `U…`.
    pub(crate) user: String,
    /// The name under which its messages come back, `B…`.
    pub(crate) bot: Option<String>,
    /// Where the workspace is on the web, with `/` at its end: `https://acme.slack.com/`.
    pub(crate) url: String,
    /// How channels are called here.
    pub(crate) channels: Arc<Channels>,
}

impl Me {
    /// A channel of the workspace.
    pub(crate) fn room(&self, channel: &str) -> Room {
        Room {
            adapter: self.adapter.clone(),
            workspace: self.team.clone(),
            room: RoomId::new(self.channels.name(channel)),
        }
    }

    /// Whether somebody of this workspace or organisation belongs to another one. Nothing said is no outsider: Slack
    /// leaves it out where nobody else can be.
    pub(crate) fn is_foreign(&self, team: &str) -> bool {
        !team.is_empty() && team != self.team && self.enterprise.as_deref() != Some(team)
    }
}
