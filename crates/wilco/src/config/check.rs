//! From what is written to what can be used, with every mistake at its place.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wilco_connectors::argocd::{ArgoCd, InstanceConfig, SignIn};
use wilco_connectors::git::{self, GitConfig, RepositoryPattern};
use wilco_core::context::Settings;
use wilco_core::ids::{AdapterName, EnvironmentName, PersonId, TeamName, UserId};
use wilco_core::input::almost_production;
use wilco_core::lang::Lang;
use wilco_core::people::{Directory, Person};
use wilco_core::runbook::diagnostic::{Diagnostic, Place};
use wilco_core::runbook::embedded::TEAMS;
use wilco_core::runbook::yaml::At;
use wilco_core::target::{Environments, PRODUCTION, Pattern};
use wilco_core::time::{Timestamp, UtcOffset};

use super::raw::{RawArgoCd, RawConfig, RawEnvironment, RawGit, RawPerson, RawRoom};
use super::{Config, secret};

/// Where the configuration reads variables and files from, so that tests need neither.
pub(crate) trait Environment {
    /// The value of an environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// The content of a file.
    ///
    /// # Errors
    /// As the file system says.
    fn file(&self, path: &str) -> io::Result<String>;
}

/// The process's own environment.
pub(crate) struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &str) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
}

/// Collects mistakes on the way.
pub(super) struct Checker<'a> {
    file: &'a str,
    pub(super) environment: &'a dyn Environment,
    mistakes: Vec<Diagnostic>,
}

impl Checker<'_> {
    pub(super) fn mistake(&mut self, place: Place, message: impl Into<String>) {
        self.mistakes.push(Diagnostic::at(self.file, place, message));
    }

    /// Notes the mistake and goes on without the value.
    pub(super) fn or_note<T>(&mut self, place: Place, found: Result<T, String>) -> Option<T> {
        found.map_err(|message| self.mistake(place, message)).ok()
    }
}

/// Checks everything. `lost` are outermost keys that stood in the file but could not be read; what
/// is missing because of that is told already.
pub(super) fn check(
    file: &str,
    raw: RawConfig,
    lost: &[String],
    environment: &dyn Environment,
) -> Result<Config, Vec<Diagnostic>> {
    let mut check = Checker { file, environment, mistakes: Vec::new() };
    let store = store(&mut check, raw.store, lost.iter().any(|key| key == "store"));
    let listen = listen(&mut check, raw.listen);
    let shipped = if raw.runbooks.is_none() { TEAMS } else { &[] };
    let directory = directory(&mut check, raw.people, raw.teams.as_deref(), shipped);
    let environments = environments(&mut check, raw.environments);
    let defaults = Settings::default();
    let settings = Settings {
        directory,
        environments,
        room_languages: languages(&raw.rooms),
        language: raw.language,
        patience: span(&mut check, raw.patience, defaults.patience),
        page: page(&mut check, raw.page, defaults.page),
        utc_offset: offset(&mut check, raw.utc_offset),
    };
    let keep = keep(&mut check, raw.keep);
    let argocd = instances(&mut check, raw.argocd);
    let git = raw.git.map(|raw| git(&mut check, raw));
    let slack = raw.slack.and_then(|slack| super::slack::check(&mut check, slack, &raw.rooms));
    if !check.mistakes.is_empty() {
        return Err(check.mistakes);
    }
    Ok(Config {
        store,
        listen,
        runbooks: raw.runbooks.map(|folder| PathBuf::from(folder.value)),
        keep,
        settings,
        argocd,
        git,
        slack,
    })
}

/// The language of each room that has one.
fn languages(rooms: &BTreeMap<String, RawRoom>) -> BTreeMap<String, Lang> {
    let language = |(id, room): (&String, &RawRoom)| Some((id.clone(), room.language?));
    rooms.iter().filter_map(language).collect()
}

fn store(check: &mut Checker<'_>, store: Option<At<String>>, lost: bool) -> String {
    match store {
        Some(At { value, place }) => {
            let known = ["sqlite:", "postgres://", "postgresql://"];
            let named =
                known.iter().any(|scheme| value.len() > scheme.len() && value.starts_with(scheme));
            if !named {
                check.mistake(place, "`store` is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`");
            }
            value
        }
        None => {
            if !lost {
                check.mistake(
                    Place::START,
                    "`store` is missing: `store: sqlite:wilco.db`, for example",
                );
            }
            String::new()
        }
    }
}

fn listen(check: &mut Checker<'_>, listen: Option<At<String>>) -> SocketAddr {
    let default = SocketAddr::from(([127, 0, 0, 1], 8080));
    let Some(At { value, place }) = listen else { return default };
    let parsed =
        value.parse().map_err(|_| format!("`{value}` is not an address such as `127.0.0.1:8080`"));
    check.or_note(place, parsed).unwrap_or(default)
}

fn span(check: &mut Checker<'_>, text: Option<At<String>>, default: Duration) -> Duration {
    let Some(At { value, place }) = text else { return default };
    let parsed = parse_span(&value)
        .ok_or_else(|| format!("`{value}` is not a time such as `10m`, `45s` or `2h`"));
    check.or_note(place, parsed).unwrap_or(default)
}

/// `45s`, `10m`, `2h`; not zero.
fn parse_span(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..at].parse().ok()?;
    let seconds = match &text[at..] {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3600),
        _ => None,
    };
    seconds.filter(|seconds| (1..=86_400).contains(seconds)).map(Duration::from_secs)
}

/// `30d`; a week at least, because until then a platform may deliver something again.
fn keep(check: &mut Checker<'_>, text: Option<At<String>>) -> Duration {
    let default = wilco_engine::Timing::default().keep;
    let Some(At { value, place }) = text else { return default };
    let days = value.strip_suffix('d').and_then(|days| days.parse().ok());
    let parsed = days
        .filter(|days| (7..=3650).contains(days))
        .map(|days: u64| Duration::from_hours(days * 24))
        .ok_or_else(|| format!("`{value}` is not a number of days from `7d` to `3650d`"));
    check.or_note(place, parsed).unwrap_or(default)
}

fn page(check: &mut Checker<'_>, page: Option<At<usize>>, default: usize) -> usize {
    let Some(At { value, place }) = page else { return default };
    let checked = if (3..=30).contains(&value) {
        Ok(value)
    } else {
        Err("`page` is from 3 to 30".to_owned())
    };
    check.or_note(place, checked).unwrap_or(default)
}

fn offset(check: &mut Checker<'_>, text: Option<At<String>>) -> UtcOffset {
    let Some(At { value, place }) = text else { return UtcOffset::UTC };
    let parsed = parse_offset(&value)
        .ok_or_else(|| format!("`{value}` is not an offset such as `+09:00` or `-03:30`"));
    check.or_note(place, parsed).unwrap_or_default()
}

/// `+09:00`, `-03:30`; zones reach from -12:00 to +14:00.
fn parse_offset(text: &str) -> Option<UtcOffset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    let known = hours <= 14 && minutes < 60;
    known.then(|| UtcOffset::east(sign * i64::from(hours), sign * i64::from(minutes)))
}

fn directory(
    check: &mut Checker<'_>,
    people: BTreeMap<String, RawPerson>,
    teams: Option<&[At<String>]>,
    shipped: &[&str],
) -> Directory {
    let mut owners: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut everyone = Vec::new();
    for (id, raw) in people {
        let mut accounts = Vec::new();
        for (adapter, user) in raw.accounts {
            let account = (adapter.clone(), user.value.clone());
            if let Some(other) = owners.get(&account) {
                let message = format!(
                    "the account `{}` on `{adapter}` belongs to `{other}` already",
                    user.value
                );
                check.mistake(user.place, message);
            }
            owners.insert(account, id.clone());
            accounts.push((AdapterName::new(adapter), UserId::new(user.value)));
        }
        if let Some(declared) = teams {
            known_teams(check, &raw.teams, declared);
        }
        let person = Person {
            name: raw.name.unwrap_or_else(|| id.clone()),
            id: PersonId::new(&id),
            teams: raw.teams.iter().map(|team| TeamName::new(&team.value)).collect(),
            language: raw.language,
        };
        everyone.push((person, accounts));
    }
    let declared = teams.unwrap_or_default().iter().map(|team| team.value.as_str());
    // Whoever declares teams has no others; else the shipped runbooks would be mistakes of nobody.
    let shipped = shipped.iter().filter(|_| teams.is_none()).copied();
    Directory::new(everyone, declared.chain(shipped).map(TeamName::new))
}

/// Whoever declares teams wants a misspelt one told: a person in a team that nothing names may do
/// less than was meant, and a runbook for that team would load.
fn known_teams(check: &mut Checker<'_>, teams: &[At<String>], declared: &[At<String>]) {
    for team in teams {
        if declared.iter().any(|known| known.value == team.value) {
            continue;
        }
        let message = format!("unknown team `{}`: it does not stand under `teams:`", team.value);
        let known = declared.iter().map(|known| known.value.as_str());
        let mistake = Diagnostic::at(check.file, team.place, message);
        check.mistakes.push(mistake.suggesting(&team.value, known));
    }
}

fn environments(check: &mut Checker<'_>, rules: Vec<RawEnvironment>) -> Environments {
    let mut checked = Vec::new();
    for rule in rules {
        if rule.pattern.value.split('/').count() != 3 {
            let message = format!(
                "`{}` is not a pattern over instance/namespace/name, such as `main/*/*-stage`",
                rule.pattern.value
            );
            check.mistake(rule.pattern.place, message);
        }
        if almost_production(&rule.name.value) {
            let message = format!(
                "`{}` is another environment than production: write `{PRODUCTION}`; only that name \
                 is treated with the care of production",
                rule.name.value
            );
            check.mistake(rule.name.place, message);
        }
        checked.push((Pattern::new(rule.pattern.value), EnvironmentName::new(rule.name.value)));
    }
    Environments::new(checked)
}

/// Each Argo CD; no two of one name, else nobody could say which is meant.
fn instances(check: &mut Checker<'_>, all: Vec<At<RawArgoCd>>) -> Vec<InstanceConfig> {
    let mut instances: Vec<InstanceConfig> = Vec::new();
    for raw in all {
        let place = raw.value.name.as_ref().map_or(raw.place, |name| name.place);
        let Some(instance) = instance(check, raw) else { continue };
        if instances.iter().any(|other| other.name == instance.name) {
            let message = format!(
                "there is an Argo CD called `{}` already: give each its own `name`",
                instance.name
            );
            check.mistake(place, message);
        }
        instances.push(instance);
    }
    instances
}

fn instance(check: &mut Checker<'_>, argocd: At<RawArgoCd>) -> Option<InstanceConfig> {
    let At { value: raw, place } = argocd;
    let secret = |check: &mut Checker<'_>, reference: At<String>| {
        let found = secret::read(&reference.value, check.environment);
        check.or_note(reference.place, found)
    };
    let sign_in = match (raw.token, raw.username, raw.password) {
        (Some(token), None, None) => SignIn::Token(secret(check, token)?),
        (None, Some(username), Some(password)) => {
            SignIn::Session { username, password: secret(check, password)? }
        }
        _ => {
            check.mistake(place, "`argocd` wants either `token`, or `username` and `password`");
            return None;
        }
    };
    if !(raw.url.value.starts_with("https://") || raw.url.value.starts_with("http://")) {
        check.mistake(raw.url.place, "`url` begins with `https://` or `http://`");
    } else if raw.url.value.contains('@') {
        check.mistake(
            raw.url.place,
            "`url` has no name and password in it: they belong into `username` and `password`",
        );
    }
    let ca_pem = match raw.ca {
        Some(path) => {
            let read = check
                .environment
                .file(&path.value)
                .map_err(|fault| format!("`{}` cannot be read: {fault}", path.value));
            Some(check.or_note(path.place, read)?.into_bytes())
        }
        None => None,
    };
    let name = raw.name.map_or_else(|| "main".to_owned(), |name| name.value);
    let repositories = raw.repositories.into_iter().map(|(name, url)| (url, name)).collect();
    let config = InstanceConfig {
        repositories,
        ca_pem,
        stream: raw.stream.unwrap_or(true),
        ..InstanceConfig::new(&name, &raw.url.value, sign_in)
    };
    // What the connection itself would refuse is told here, with its place. Nothing is asked of anybody.
    if let Err(fault) = ArgoCd::new(vec![config.clone()], Arc::new(|| Timestamp(0))) {
        check.mistake(place, format!("the connection to Argo CD cannot be set up: {fault}"));
    }
    Some(config)
}

/// The repositories whose histories are read. Whether there is a git to read them is looked at elsewhere.
fn git(check: &mut Checker<'_>, raw: RawGit) -> GitConfig {
    let RawGit { cache, repositories } = raw;
    if cache.value.is_empty() {
        check.mistake(cache.place, "`cache` is a folder, such as `/var/cache/wilco`");
    }
    if repositories.is_empty() {
        check.mistake(cache.place, "`repositories` names none, so that no history would be read");
    }
    let pattern = |At { value, place }: At<String>| {
        let parsed =
            RepositoryPattern::parse(&value).map_err(|fault| format!("`{value}`: {fault}"));
        check.or_note(place, parsed)
    };
    let repositories = repositories.into_iter().filter_map(pattern).collect();
    GitConfig { cache: PathBuf::from(cache.value), repositories, limits: git::Limits::default() }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    struct Fake;

    impl Environment for Fake {
        fn variable(&self, name: &str) -> Option<String> {
            (name == "TOKEN").then(|| "s3cret".to_owned())
        }

        fn file(&self, path: &str) -> io::Result<String> {
            Err(io::Error::new(io::ErrorKind::NotFound, path.to_owned()))
        }
    }

    fn mistakes(source: &str) -> Vec<String> {
        match read("wilco.yaml", source.as_bytes(), &Fake) {
            Ok(_) => Vec::new(),
            Err(found) => found.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_example_can_be_used() {
        let config =
            read("wilco.yaml", include_bytes!("../../../../deploy/wilco.example.yaml"), &Fake);
        let config = config.unwrap_or_else(|found| panic!("{found:?}"));
        assert_eq!(config.argocd.len(), 2);
        assert_eq!(config.settings.utc_offset, UtcOffset::east(9, 0));
        assert!(config.settings.directory.person(&PersonId::new("mina")).is_some());
    }

    #[test]
    fn every_mistake_has_its_place_and_a_suggestion() {
        let found = mistakes(
            "stroe: sqlite:x.db\nlisten: here\npatience: 10\npeople:\n  mina:\n    teams: [devops]\n    tems: [x]\n",
        );
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(
            found[0].starts_with("wilco.yaml:1:1: ") && found[0].contains("store"),
            "{found:#?}"
        );
        assert!(found[1].starts_with("wilco.yaml:2:9: "), "{found:#?}");
        assert!(found[2].starts_with("wilco.yaml:3:11: "), "{found:#?}");
        assert!(
            found[3].starts_with("wilco.yaml:7:5: ") && found[3].contains("teams"),
            "{found:#?}"
        );
    }

    #[test]
    fn secrets_are_named_and_never_repeated() {
        let found = mistakes("store: sqlite:x.db\nargocd: [{ url: https://a, token: abc123 }]\n");
        assert_eq!(found.len(), 1);
        assert!(!found[0].contains("abc123"), "{found:#?}");
        assert!(
            mistakes("store: sqlite:x.db\nargocd: [{ url: https://a, token: env:TOKEN }]\n")
                .is_empty()
        );
        assert_eq!(
            mistakes("store: sqlite:x.db\nargocd: [{ url: https://a, token: env:NONE }]\n").len(),
            1
        );
    }

    #[test]
    fn what_the_connection_would_refuse_has_its_place() {
        for (url, place) in [("http://x:99999", "2:10"), ("https://", "2:10")] {
            let found = mistakes(&format!(
                "store: sqlite:x.db\nargocd: [{{ url: '{url}', token: env:TOKEN }}]\n"
            ));
            assert!(found[0].starts_with(&format!("wilco.yaml:{place}: ")), "{found:?}");
        }
        assert_eq!(mistakes("store: 'sqlite:'\n").len(), 1);
    }

    #[test]
    fn a_repository_that_git_would_not_be_given_has_its_place() {
        let git = |cache: &str, repositories: &str| {
            mistakes(&format!(
                "store: sqlite:x.db\ngit:\n  cache: '{cache}'\n  repositories: [{repositories}]\n"
            ))
        };
        let well = "'https://git.example/acme/*', 'git@git.example:acme/*', 'file:///srv/git/*'";
        assert!(git("/var/cache/wilco", well).is_empty());
        let host = git("c", "'https://git.example/*', 'https://*/acme'");
        assert_eq!(
            host,
            [
                "wilco.yaml:4:43: `https://*/acme`: the host is written out: `*` may stand behind it only"
            ]
        );
        for bad in ["'*'", "/srv/git", "'http://git.example/*'", "'https://u:p@git.example/*'"] {
            assert_eq!(git("c", bad).len(), 1, "{bad}");
        }
        assert_eq!((git("", well).len(), git("c", "").len()), (1, 1));
        let unknown = mistakes("store: sqlite:x.db\ngit: { cache: c, repos: [] }\n");
        assert!(unknown.iter().any(|mistake| mistake.contains("repositories")), "{unknown:?}");
    }

    #[test]
    fn several_of_one_name_are_a_mistake() {
        let two = |first: &str, second: &str| {
            mistakes(&format!(
                "store: sqlite:x.db\nargocd:\n  - {{ url: https://a, token: env:TOKEN{first} }}\n  - {{ url: https://b, token: env:TOKEN{second} }}\n"
            ))
        };
        assert!(two(", name: seoul", ", name: tokyo").is_empty());
        assert_eq!(
            two(", name: seoul", ", name: seoul"),
            [
                "wilco.yaml:4:47: there is an Argo CD called `seoul` already: give each its own `name`"
            ]
        );
        assert_eq!(two("", ", name: tokyo").len(), 0);
        assert_eq!(two("", "").len(), 1);
        // As it was written when there could be only one.
        let one = mistakes("store: sqlite:x.db\nargocd: { url: https://a, token: env:TOKEN }\n");
        assert_eq!(one.len(), 1, "{one:?}");
    }

    #[test]
    fn without_teams_and_runbooks_those_of_the_shipped_ones_are_there() {
        let teams = |more: &str| {
            let config =
                read("wilco.yaml", format!("store: sqlite:x.db\n{more}").as_bytes(), &Fake);
            config.unwrap().settings.directory.teams().len()
        };
        assert_eq!(teams(""), TEAMS.len());
        assert_eq!((teams("teams: [ops]\n"), teams("runbooks: books\n")), (1, 0));
    }

    #[test]
    fn where_teams_are_declared_nobody_is_in_another() {
        let people = "people:\n  mina: { teams: [devops] }\n  jun:\n    teams: [devosp, devops]\n";
        let found = mistakes(&format!("store: sqlite:x.db\nteams: [devops, developers]\n{people}"));
        assert_eq!(
            found,
            ["wilco.yaml:6:13: unknown team `devosp`: it does not stand under `teams:`. \
              Did you mean `devops`?"]
        );
        // Without `teams:` they are those that people name.
        assert!(mistakes(&format!("store: sqlite:x.db\n{people}")).is_empty());
        assert_eq!(mistakes(&format!("store: sqlite:x.db\nteams: []\n{people}")).len(), 3);
    }

    #[test]
    fn what_was_meant_for_production_does_not_pass_as_another_environment() {
        let rule = |name: &str| {
            mistakes(&format!(
                "store: sqlite:x.db\nenvironments:\n  - {{ match: \"main/*/*\", name: {name} }}\n"
            ))
        };
        for name in ["Production", "prod", "PRODUCTION", "운영", "prodcution"] {
            assert_eq!(
                rule(name),
                [format!(
                    "wilco.yaml:3:32: `{name}` is another environment than production: write \
                     `production`; only that name is treated with the care of production"
                )]
            );
        }
        assert!(rule("production").is_empty() && rule("stage").is_empty());
    }

    #[test]
    fn one_account_is_one_person() {
        let found = mistakes(
            "store: sqlite:x.db\npeople:\n  a: { accounts: { console: x } }\n  b: { accounts: { console: x } }\n",
        );
        assert_eq!(found.len(), 1, "{found:#?}");
    }
}
