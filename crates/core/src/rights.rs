//! Who may: the one place where `who` and `approval` are decided.
//!
//! The content of a message never gives a right: only the person whom the platform vouches for.

use crate::ids::{PersonId, TeamName};
use crate::people::{Directory, Person};

/// The answer to "may this person", with the rule that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Yes; through this team.
    Allowed {
        /// The team that gives the right.
        by: TeamName,
    },
    /// No.
    Denied(Denial),
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// The rule names nobody.
    Nobody,
    /// The person is in none of these teams.
    NotInTeams(Vec<TeamName>),
    /// The one who asked cannot be the one who agrees.
    Requester,
    /// Nobody by this id is known any more.
    Unknown,
}

impl Decision {
    /// Whether it is a yes.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// Whether a person may, by a list of teams. An empty list is nobody.
#[must_use]
pub fn may(person: &Person, teams: &[TeamName]) -> Decision {
    if teams.is_empty() {
        return Decision::Denied(Denial::Nobody);
    }
    teams.iter().find(|&team| person.teams.contains(team)).map_or_else(
        || Decision::Denied(Denial::NotInTeams(teams.to_vec())),
        |team| Decision::Allowed { by: team.clone() },
    )
}

/// Whether a person may decide on a request of `requester`.
#[must_use]
pub fn may_approve(
    directory: &Directory,
    person: &PersonId,
    teams: &[TeamName],
    requester: &PersonId,
) -> Decision {
    if person == requester {
        return Decision::Denied(Denial::Requester);
    }
    directory.person(person).map_or(Decision::Denied(Denial::Unknown), |person| may(person, teams))
}
