//! The world of the demo: people, rooms, and a double of Argo CD behind real HTTP.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use wilco_chat::local::LocalRoom;
use wilco_connectors::argocd::{InstanceConfig, SignIn};
use wilco_core::context::Settings;
use wilco_core::ids::{AdapterName, EnvironmentName, PersonId, TeamName, UserId};
use wilco_core::lang::{Lang, Text};
use wilco_core::people::{Directory, Person};
use wilco_core::port::Store;
use wilco_core::target::{Environments, Pattern};
use wilco_core::time::UtcOffset;
use wilco_sim::argocd::Served;
use wilco_store::Purpose;

/// A running double and how to reach it.
pub(crate) struct Double {
    /// Stops when dropped.
    pub(crate) served: Option<Served>,
    /// How the connector reaches it.
    pub(crate) instance: InstanceConfig,
}

/// Starts the double with the demo's applications, or uses one that runs elsewhere on this machine.
///
/// # Errors
/// It is to run on another machine: a real Argo CD could be there.
pub(crate) async fn double(elsewhere: Option<&str>) -> anyhow::Result<Double> {
    anyhow::ensure!(
        elsewhere.is_none_or(is_here),
        "the demo drives only a double on this machine (http://127.0.0.1:PORT): in its console one may speak as anyone"
    );
    let token = SignIn::Token(wilco_sim::argocd::DEFAULT_TOKEN.to_owned().into());
    let (served, url) = match elsewhere {
        Some(url) => (None, url.to_owned()),
        None => {
            let argo = wilco_sim::argocd::ArgoCd::new(wilco_sim::clock::RealClock);
            wilco_sim::demo::seed(&argo);
            let served = argo.serve_local().await?;
            let url = served.url();
            (Some(served), url)
        }
    };
    Ok(Double { served, instance: InstanceConfig::new("main", &url, token) })
}

/// Whether an address is on this machine.
fn is_here(url: &str) -> bool {
    let url = url.parse::<axum::http::Uri>().ok();
    let host = url.as_ref().and_then(|url| url.host()).unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

/// How the connector signs in to the double by password.
pub(crate) fn password() -> SignIn {
    SignIn::Session {
        username: wilco_sim::argocd::DEFAULT_ACCOUNT.to_owned(),
        password: wilco_sim::argocd::DEFAULT_PASSWORD.to_owned().into(),
    }
}

/// The people of the demo; their accounts on both local platforms are their ids.
pub(crate) fn settings() -> Settings {
    let people = [
        ("mina", "Mina", &["devops"][..], None),
        ("sejun", "Sejun", &["devops", "release-managers"][..], None),
        ("sora", "Sora", &["release-managers"][..], None),
        ("yuri", "Yuri", &["developers"][..], None),
    ];
    let everyone = people.into_iter().map(|(id, name, teams, language)| {
        let person = Person {
            id: PersonId::new(id),
            name: name.to_owned(),
            teams: teams.iter().map(TeamName::new).collect(),
            language,
        };
        let accounts = [wilco_chat::console::NAME, wilco_chat::terminal::NAME];
        let accounts = accounts.map(|adapter| (AdapterName::new(adapter), UserId::new(id)));
        (person, accounts.to_vec())
    });
    let teams = ["devops", "developers", "release-managers"].map(TeamName::new);
    Settings {
        directory: Directory::new(everyone, teams),
        environments: Environments::new(vec![(
            Pattern::new("*/*/*-stage"),
            EnvironmentName::new("stage"),
        )]),
        room_languages: [("#배포".to_owned(), Lang::Ko)].into(),
        utc_offset: UtcOffset::east(9, 0),
        ..Settings::default()
    }
}

/// The rooms of the demo.
pub(crate) fn rooms() -> Vec<LocalRoom> {
    vec![
        LocalRoom::channel(
            "deploy",
            Text::new("Ask Wilco here, in English", "여기에서 영어로 Wilco에게 말하세요"),
        ),
        LocalRoom::channel(
            "배포",
            Text::new("Ask Wilco here, in Korean", "여기에서 Wilco에게 말하세요"),
        ),
        LocalRoom::channel("deploy-notice", Text::new("Announcements of deployments", "배포 공지")),
        LocalRoom::channel("wallet", Text::new("The wallet team", "지갑 팀")),
    ]
}

/// A store for one demo, gone with it unless a place was named.
pub(crate) struct DemoStore {
    /// `sqlite:PATH` or `postgres://…`.
    pub(crate) address: String,
    folder: Option<PathBuf>,
}

impl DemoStore {
    /// The named store, or a throw-away one.
    ///
    /// # Errors
    /// The folder of a throw-away store cannot be made.
    pub(crate) fn new(named: Option<&str>) -> anyhow::Result<Self> {
        if let Some(address) = named {
            return Ok(Self { address: address.to_owned(), folder: None });
        }
        let folder = std::env::temp_dir().join(format!("wilco-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let address = format!("sqlite:{}", folder.join("wilco.db").display());
        Ok(Self { address, folder: Some(folder) })
    }

    /// Opens it; one that belongs to `wilco serve` is refused.
    ///
    /// # Errors
    /// As [`wilco_store::open_for`].
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(wilco_store::open_for(&self.address, Purpose::Demo).await?)
    }

    /// No other process may write it.
    pub(crate) fn is_exclusive(&self) -> bool {
        self.address.starts_with("sqlite:")
    }
}

impl Drop for DemoStore {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// The directory as adapters want it.
pub(crate) fn people(settings: &Settings) -> Arc<Directory> {
    Arc::new(settings.directory.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_here() {
        for here in [
            "http://127.0.0.1:8080",
            "https://localhost/argo",
            "http://[::1]:1",
            "http://127.9.9.9",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "https://argocd.example",
            "http://10.0.0.1",
            "http://127.0.0.1@argocd.example",
            "http://127.0.0.1.example",
            "http://localhost.example",
            "",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
