//! `people:` of the configuration: who is who, on every platform.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::ids::{AdapterName, PersonId, TeamName, UserId};
use crate::lang::Lang;

/// One human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The key in `people:`.
    pub id: PersonId,
    /// How messages name the person.
    pub name: String,
    /// The teams the person belongs to.
    pub teams: BTreeSet<TeamName>,
    /// In which language the person reads; `None` follows the language they write.
    pub language: Option<Lang>,
}

/// Who wrote a message, as far as the platform vouches for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A user account of the platform, verified by it.
    User(UserId),
    /// An account of another organisation in a room that is shared with it, verified by the platform: reads along,
    /// and never has rights.
    Outsider(UserId),
    /// The bot itself.
    Wilco,
    /// Another bot or a workflow: never has rights.
    Bot(String),
}

/// Whoever may read and write in a room: the platform vouches for the account, and `people:` may not name
/// who that is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// Somebody that `people:` names.
    Person(PersonId),
    /// Somebody else.
    Account(UserId),
}

/// Everyone Wilco knows.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    people: BTreeMap<PersonId, Person>,
    accounts: BTreeMap<(AdapterName, UserId), PersonId>,
    teams: BTreeSet<TeamName>,
}

impl Directory {
    /// Builds the directory from people with their accounts. A team exists when it is declared here,
    /// even with nobody in it.
    pub fn new(
        people: impl IntoIterator<Item = (Person, Vec<(AdapterName, UserId)>)>,
        teams: impl IntoIterator<Item = TeamName>,
    ) -> Self {
        let mut directory = Self { teams: teams.into_iter().collect(), ..Self::default() };
        for (person, accounts) in people {
            for account in accounts {
                directory.accounts.insert(account, person.id.clone());
            }
            directory.teams.extend(person.teams.iter().cloned());
            directory.people.insert(person.id.clone(), person);
        }
        directory
    }

    /// The person behind a platform account.
    #[must_use]
    pub fn of_account(&self, adapter: &AdapterName, user: &UserId) -> Option<&Person> {
        self.people.get(self.accounts.get(&(adapter.clone(), user.clone()))?)
    }

    /// The person with this id.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.get(id)
    }

    /// The account of a person on a platform, to mention them there.
    #[must_use]
    pub fn account(&self, adapter: &AdapterName, person: &PersonId) -> Option<&UserId> {
        self.accounts
            .iter()
            .find(|((on, _), who)| on == adapter && *who == person)
            .map(|((_, user), _)| user)
    }

    /// How messages name a person; the id when nobody of that id is known any more.
    #[must_use]
    pub fn name(&self, id: &PersonId) -> String {
        self.person(id).map_or_else(|| id.to_string(), |person| person.name.clone())
    }

    /// Everyone, by id.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// All teams.
    #[must_use]
    pub fn teams(&self) -> &BTreeSet<TeamName> {
        &self.teams
    }
}
