//! Who plays in stories, and the rooms they play in, unless a story says otherwise.

use std::collections::BTreeMap;
use std::time::Duration;

use wilco_core::context::Settings;
use wilco_core::ids::{AdapterName, EnvironmentName, PersonId, TeamName, UserId};
use wilco_core::lang::Lang;
use wilco_core::people::{Directory, Person};
use wilco_core::target::{Environments, Pattern};
use wilco_core::time::UtcOffset;

/// Name and teams of everyone. `eve` is not among them on purpose: Wilco does not know her.
pub(crate) fn people() -> BTreeMap<String, Vec<String>> {
    let mut people: BTreeMap<String, Vec<String>> = [
        ("mina", vec!["devops"]),
        ("jun", vec!["devops", "release-managers"]),
        ("sora", vec!["release-managers"]),
        ("bob", vec!["developers"]),
        ("noa", vec![]),
    ]
    .into_iter()
    .map(|(name, teams)| (name.to_owned(), teams.into_iter().map(str::to_owned).collect()))
    .collect();
    for number in 1..=10 {
        people.insert(format!("dev{number}"), vec!["devops".to_owned()]);
    }
    people
}

/// How git names a person.
pub(crate) fn git_author(who: &str) -> String {
    let name = match who {
        "mina" => "Mina Kim",
        "jun" => "Jun Park",
        "sora" => "Sora Lee",
        other => other,
    };
    format!("{name} <{who}@example.com>")
}

/// The settings of a story.
pub(crate) fn settings(
    people: &BTreeMap<String, Vec<String>>,
    room_languages: BTreeMap<String, Lang>,
    environments: &[(String, String)],
    patience: Duration,
    page: usize,
) -> Settings {
    let adapters = ["stage", wilco_chat::slack::NAME].map(AdapterName::new);
    let everyone = people.iter().map(|(name, teams)| {
        let person = Person {
            id: PersonId::new(name),
            name: name.clone(),
            teams: teams.iter().map(TeamName::new).collect(),
            language: None,
        };
        let account = |adapter: &AdapterName| (adapter.clone(), UserId::new(name));
        (person, adapters.iter().map(account).collect())
    });
    let rules = environments
        .iter()
        .map(|(pattern, name)| (pattern.as_str(), name.as_str()))
        .chain([("*/*/*-stage", "stage")])
        .map(|(pattern, name)| (Pattern::new(pattern), EnvironmentName::new(name)));
    let teams = ["devops", "developers", "release-managers"].map(TeamName::new);
    Settings {
        directory: Directory::new(everyone, teams),
        environments: Environments::new(rules.collect()),
        room_languages,
        language: None,
        patience,
        page,
        utc_offset: UtcOffset::east(9, 0),
    }
}

/// Rooms that have a language. In the others a dialog follows its person, the rest is English.
pub(crate) fn room_languages() -> BTreeMap<String, Lang> {
    BTreeMap::from([
        ("#deploy".to_owned(), Lang::Ko),
        ("#deploy-notice".to_owned(), Lang::Ko),
        ("#both".to_owned(), Lang::Both),
    ])
}
