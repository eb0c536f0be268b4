//! `wilco.yaml` exactly as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use wilco_core::lang::Lang;
use wilco_core::runbook::yaml::At;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawConfig {
    /// Where everything is kept: `sqlite:PATH` or `postgres://…`.
    pub(crate) store: Option<At<String>>,
    /// Where health, metrics and later webhooks are served.
    pub(crate) listen: Option<At<String>>,
    /// The folder of runbooks; the shipped ones when absent.
    pub(crate) runbooks: Option<At<String>>,
    /// The language of rooms that are not named under `rooms`.
    pub(crate) language: Option<Lang>,
    /// How far the clock that people read is from UTC: `+09:00`.
    pub(crate) utc_offset: Option<At<String>>,
    /// How long a question waits for its answer: `10m`.
    pub(crate) patience: Option<At<String>>,
    /// How long what is over is kept: `30d`.
    pub(crate) keep: Option<At<String>>,
    /// How many choices one message shows.
    pub(crate) page: Option<At<usize>>,
    /// Rooms that read another language.
    #[serde(default)]
    pub(crate) rooms: BTreeMap<String, RawRoom>,
    /// All teams there are; those that people name when absent.
    pub(crate) teams: Option<Vec<At<String>>>,
    /// Everyone, by the id that is put on record.
    #[serde(default)]
    pub(crate) people: BTreeMap<String, RawPerson>,
    /// From target to environment, first match wins; what matches none is production.
    #[serde(default)]
    pub(crate) environments: Vec<RawEnvironment>,
    /// Each Argo CD that Wilco drives.
    #[serde(default)]
    pub(crate) argocd: Vec<At<RawArgoCd>>,
    /// The repositories whose histories are read; none when absent.
    pub(crate) git: Option<RawGit>,
    /// The Slack workspace; none when absent.
    pub(crate) slack: Option<At<RawSlack>>,
}

/// One Slack workspace, by the app that was installed in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSlack {
    /// The bot's token: `env:NAME` or `file:PATH`.
    pub(crate) bot_token: At<String>,
    /// The app's token, where events come by Socket Mode: `env:NAME` or `file:PATH`.
    pub(crate) app_token: Option<At<String>>,
    /// What requests are signed with, where events come by HTTP: `env:NAME` or `file:PATH`.
    pub(crate) signing_secret: Option<At<String>>,
    /// How many sockets are kept open; one when absent.
    pub(crate) sockets: Option<At<usize>>,
    /// Another address of the Web API, such as that of a proxy.
    pub(crate) api_url: Option<At<String>>,
}

/// Repositories whose histories are read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawGit {
    /// The folder in which they are mirrored.
    pub(crate) cache: At<String>,
    /// Which: `https://git.example/acme/*`.
    pub(crate) repositories: Vec<At<String>>,
}

/// One room.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawRoom {
    /// What it reads; as everywhere when absent.
    pub(crate) language: Option<Lang>,
    /// Which channel of Slack it is, by id: `C0123ABCD`.
    pub(crate) slack: Option<At<String>>,
}

/// One person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPerson {
    /// How messages name the person; the id when absent.
    pub(crate) name: Option<String>,
    /// What the person belongs to.
    #[serde(default)]
    pub(crate) teams: Vec<At<String>>,
    /// In which language the person is answered; the one they write in when absent.
    pub(crate) language: Option<Lang>,
    /// Adapter → user id there.
    #[serde(default)]
    pub(crate) accounts: BTreeMap<String, At<String>>,
}

/// One rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEnvironment {
    /// The environment.
    pub(crate) name: At<String>,
    /// `instance/namespace/name` with `*` within each part.
    #[serde(rename = "match")]
    pub(crate) pattern: At<String>,
}

/// One Argo CD.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawArgoCd {
    /// The first part of every target; `main` when absent.
    pub(crate) name: Option<At<String>>,
    /// Where its API server listens.
    pub(crate) url: At<String>,
    /// A token: `env:NAME` or `file:PATH`.
    pub(crate) token: Option<At<String>>,
    /// Instead of a token: the account.
    pub(crate) username: Option<String>,
    /// Its password: `env:NAME` or `file:PATH`.
    pub(crate) password: Option<At<String>>,
    /// Short names of repositories: name → repoURL as applications write it.
    #[serde(default)]
    pub(crate) repositories: BTreeMap<String, String>,
    /// A file with certificates (PEM) of authorities besides those of the host.
    pub(crate) ca: Option<At<String>>,
    /// Whether to listen to its stream of changes while something is followed; yes when absent.
    pub(crate) stream: Option<bool>,
}
