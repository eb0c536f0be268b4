//! Slack.
//!
//! What comes in: Socket Mode ([`socket`]) or requests ([`http`]) bring payloads, [`heard`] reads them, the inbox stores them, and only then Slack
//! gets its acknowledgement. What goes out: [`render`] makes a message of what the bot says, [`api`] posts it, with
//! the message's own name in its metadata, by which it is found again after a lost answer.
//!
//! There is no logic of dialogs or runs here: what people read and may press comes from the state machines, and what
//! they type or press goes to them.

mod api;
mod channels;
mod heard;
pub mod http;
mod me;
mod post;
mod render;
mod signature;
mod socket;
mod text;
mod ts;

pub use socket::Listening;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

pub use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::OnceCell;
use wilco_core::ids::{AdapterName, UserId};
use wilco_core::people::Directory;
use wilco_core::time::Timestamp;

use crate::Inbox;
use api::{ApiFault, WebApi};
pub use channels::Channels;
use me::Me;
use signature::Signing;

/// The adapter's name.
pub const NAME: &str = "slack";

/// Where Slack's own Web API is.
pub const API_URL: &str = "https://slack.com/api/";

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How Slack is reached.
#[derive(Debug, Clone)]
pub struct SlackConfig {
    /// The Web API; [`API_URL`], or a stand-in.
    pub api_url: Url,
    /// The token of the bot, `xoxb-…`.
    pub bot_token: SecretString,
    /// How events come.
    pub delivery: Delivery,
    /// Which room is which channel.
    pub channels: Channels,
}

/// How Slack brings events; it is one of the two, as the app's settings say.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// Over sockets that we open.
    Sockets {
        /// The token of the app, `xapp-…`.
        token: SecretString,
        /// How many are kept open; Slack takes up to ten of an app. Order is kept within one only.
        count: usize,
    },
    /// By HTTP requests to us.
    Requests {
        /// With which they are signed.
        signing_secret: SecretString,
    },
}

/// What the adapter stands on.
pub struct Parts {
    /// Everyone whom Wilco knows, to mention them.
    pub people: Arc<Directory>,
    /// Takes what people do.
    pub inbox: Arc<dyn Inbox>,
    /// Tells the time.
    pub clock: Clock,
}

/// Why the adapter cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BuildFault {
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(#[from] reqwest::Error),
    /// The address is none that methods can be added to.
    #[error("{0} is no address of a Web API: it must begin with http:// or https://")]
    Address(Url),
}

/// The adapter.
pub struct Slack {
    name: AdapterName,
    /// With the bot's token.
    api: WebApi,
    /// With the app's token, and how many sockets.
    sockets: Option<(WebApi, usize)>,
    /// What requests are signed with.
    signing: Option<Signing>,
    channels: Arc<Channels>,
    parts: Parts,
    me: OnceCell<Me>,
    /// The direct conversation with each account that was written to.
    directs: Mutex<HashMap<UserId, String>>,
}

/// `auth.test`.
#[derive(Deserialize)]
struct AuthTest {
    team_id: String,
    user_id: String,
    #[serde(default)]
    bot_id: Option<String>,
    #[serde(default)]
    enterprise_id: Option<String>,
    #[serde(default)]
    url: String,
}

impl Slack {
    /// An adapter that has not connected yet.
    ///
    /// # Errors
    /// See [`BuildFault`].
    pub fn new(config: SlackConfig, parts: Parts) -> Result<Self, BuildFault> {
        let mut base = config.api_url;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(BuildFault::Address(base));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let api = |token| WebApi::new(base.clone(), token, Arc::clone(&parts.clock));
        let (sockets, signing) = match config.delivery {
            Delivery::Sockets { token, count } => (Some((api(token)?, count.max(1))), None),
            Delivery::Requests { signing_secret } => (None, Some(Signing::new(signing_secret))),
        };
        Ok(Self {
            name: AdapterName::new(NAME),
            api: api(config.bot_token)?,
            sockets,
            signing,
            channels: Arc::new(config.channels),
            parts,
            me: OnceCell::new(),
            directs: Mutex::default(),
        })
    }

    /// Who the app is; asked once.
    async fn me(&self) -> Result<&Me, ApiFault> {
        self.me
            .get_or_try_init(|| async {
                let answer = self.api.call("auth.test", None, 0, &Vec::new()).await?;
                let test = AuthTest::deserialize(&answer)
                    .map_err(|error| ApiFault::Unclear(format!("auth.test: {error}")))?;
                tracing::info!(team = test.team_id, user = test.user_id, "signed in to Slack");
                Ok(Me {
                    adapter: self.name.clone(),
                    team: test.team_id,
                    enterprise: test.enterprise_id.filter(|id| !id.is_empty()),
                    user: test.user_id,
                    bot: test.bot_id.filter(|id| !id.is_empty()),
                    url: test.url,
                    channels: Arc::clone(&self.channels),
                })
            })
            .await
    }
}
