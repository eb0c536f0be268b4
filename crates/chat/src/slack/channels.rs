//! Names of ours for channels.
//!
//! Slack's channels have ids, and names that people change. Runbooks and the configuration speak of `#deploy-notice`: a
//! name of ours, which `rooms:` ties to an id. Everything that is stored has our name where there is one, so that a channel
//! whose id changes (SLACK-13) stays the same room.

use std::collections::BTreeMap;

/// Which room is which channel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channels {
    ids: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
}

impl Channels {
    /// From pairs of a room's name and a channel's id.
    #[must_use]
    pub fn new(rooms: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut channels = Self::default();
        for (name, id) in rooms {
            channels.names.insert(id.clone(), name.clone());
            channels.ids.insert(name, id);
        }
        channels
    }

    /// What a channel is called; its id when nothing else.
    pub(crate) fn name<'a>(&'a self, channel: &'a str) -> &'a str {
        self.names.get(channel).map_or(channel, String::as_str)
    }

    /// The id of a room's channel. `None` for a name that no channel is tied to.
    pub(crate) fn id<'a>(&'a self, room: &'a str) -> Option<&'a str> {
        match self.ids.get(room) {
            Some(id) => Some(id),
            None if room.starts_with('#') => None,
            None => Some(room),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slack_13_a_channel_has_our_name_where_there_is_one() {
        let channels = Channels::new([("#deploy".to_owned(), "C01".to_owned())]);
        assert_eq!((channels.name("C01"), channels.name("C02")), ("#deploy", "C02"));
        assert_eq!((channels.id("#deploy"), channels.id("C02")), (Some("C01"), Some("C02")));
        assert_eq!(channels.id("#other"), None);
    }
}
