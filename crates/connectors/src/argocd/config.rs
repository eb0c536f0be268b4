//! What the connector is made from.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use crate::http::BuildFault;

/// One Argo CD.
#[derive(Debug, Clone)]
pub struct InstanceConfig {
    /// The first part of every target: `main`.
    pub name: String,
    /// Where its API server listens, with its root path if it has one.
    pub url: String,
    /// How Wilco signs in.
    pub sign_in: SignIn,
    /// Short names of repositories, by `repoURL` exactly as applications name it.
    pub repositories: BTreeMap<String, String>,
    /// Certificates (PEM) of authorities besides those of the host.
    pub ca_pem: Option<Vec<u8>>,
    /// How long requests may take.
    pub limits: Limits,
    /// Whether to listen to its stream of changes while something is followed. Without, it is only polled.
    pub stream: bool,
}

impl InstanceConfig {
    /// An instance with nothing special about it.
    #[must_use]
    pub fn new(name: &str, url: &str, sign_in: SignIn) -> Self {
        Self {
            name: name.to_owned(),
            url: url.to_owned(),
            sign_in,
            repositories: BTreeMap::new(),
            ca_pem: None,
            limits: Limits::default(),
            stream: true,
        }
    }
}

/// How Wilco signs in to an Argo CD.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// By user name and password; the session is renewed before it ends (ARGO-1).
    Session {
        /// The account.
        username: String,
        /// Its password.
        password: SecretString,
    },
    /// By a token of an `apiKey` account or a project role (ARGO-4: to be preferred).
    Token(SecretString),
}

/// How long one request may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A plain read.
    pub read: Duration,
    /// A refresh, which waits for the controller (ARGO-13).
    pub refresh: Duration,
    /// A write.
    pub write: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            read: Duration::from_secs(20),
            refresh: Duration::from_secs(45),
            write: Duration::from_secs(30),
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// There is no instance.
    #[error("no Argo CD is configured")]
    NoInstance,
    /// A name that cannot stand in a target.
    #[error("`{0}` cannot name an Argo CD: it must be unique, not empty, and without `/`")]
    Name(String),
    /// The HTTP client cannot be made.
    #[error("Argo CD `{name}`: {fault}")]
    Http {
        /// Which.
        name: String,
        /// Why.
        fault: BuildFault,
    },
}
