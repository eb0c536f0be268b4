//! The configuration: raw ([`raw`]) → checked ([`Config`]), or everything that is wrong with it.

mod check;
mod raw;
mod secret;
mod slack;

use std::path::PathBuf;

use wilco_chat::slack::SlackConfig;
use wilco_connectors::argocd::InstanceConfig;
use wilco_connectors::git::GitConfig;
use wilco_core::context::Settings;
use wilco_core::runbook::diagnostic::Diagnostic;
use wilco_core::runbook::yaml;

pub(crate) use check::{Environment, ProcessEnvironment};

/// The checked configuration.
#[derive(Debug)]
pub(crate) struct Config {
    /// `sqlite:PATH` or `postgres://…`.
    pub(crate) store: String,
    /// Where health and metrics are served.
    pub(crate) listen: std::net::SocketAddr,
    /// The folder of runbooks; the shipped ones when absent.
    pub(crate) runbooks: Option<PathBuf>,
    /// How long what is over is kept.
    pub(crate) keep: std::time::Duration,
    /// What the state machines look at.
    pub(crate) settings: Settings,
    /// Each Argo CD that Wilco drives.
    pub(crate) argocd: Vec<InstanceConfig>,
    /// The repositories whose histories are read.
    pub(crate) git: Option<GitConfig>,
    /// The Slack workspace.
    pub(crate) slack: Option<SlackConfig>,
}

impl Config {
    /// The chat platforms that it connects.
    pub(crate) fn adapters(&self) -> &'static [&'static str] {
        if self.slack.is_some() { &[wilco_chat::slack::NAME] } else { &[] }
    }
}

/// Reads a configuration. `file` is its name for messages.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub(crate) fn read(
    file: &str,
    source: &[u8],
    environment: &dyn Environment,
) -> Result<Config, Vec<Diagnostic>> {
    let reading = yaml::read::<raw::RawConfig>(file, source, &[]);
    let mut mistakes = reading.mistakes;
    let Some(raw) = reading.value else { return Err(mistakes) };
    // A misspelt key is one mistake, not an unknown key and a missing one.
    let mut lost = reading.lost;
    lost.extend(mistakes.iter().filter_map(|mistake| mistake.suggestion.clone()));
    match check::check(file, raw, &lost, environment) {
        Ok(config) if mistakes.is_empty() => return Ok(config),
        Ok(_) => {}
        Err(more) => mistakes.extend(more),
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    Err(mistakes)
}
