//! The numbered steps that make a database what this program expects.
//!
//! Both databases have the same steps: same number, same name, `migrations/<database>/`. A step that
//! was released is never edited; a new one is added to both folders and to both lists here. Expand
//! first, contract a release later, so that two versions can run side by side during a rollout.

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// Its number, from 1 without gaps.
    pub(crate) version: i64,
    /// The rest of its file name.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) sql: &'static str,
}

/// A list of steps for one database, from the files in its folder.
macro_rules! migrations {
    ($folder:literal: $($version:literal $number:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            name: $name,
            sql: include_str!(
                concat!("../migrations/", $folder, "/", $number, "_", $name, ".sql")
            ),
        }),+]
    };
}

/// The steps for SQLite.
pub(crate) const SQLITE: &[Migration] = migrations!("sqlite": 1 "0001" "first_tables", 2 "0002" "chores", 3 "0003" "unclear_answers",
        4 "0004" "purpose", 5 "0005" "old_rows", 6 "0006" "last_run",
        7 "0007" "over");

/// The steps for PostgreSQL.
pub(crate) const POSTGRES: &[Migration] = migrations!("postgres": 1 "0001" "first_tables", 2 "0002" "chores", 3 "0003" "unclear_answers",
        4 "0004" "purpose", 5 "0005" "old_rows", 6 "0006" "last_run",
        7 "0007" "over");

/// Remembers which steps a database has taken; the same statement for both.
pub(crate) const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations \
     (version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)";

/// The last step taken.
pub(crate) const LAST: &str = "SELECT COALESCE(MAX(version), 0) FROM migrations";

/// A step was taken.
pub(crate) const TAKEN: &str = "INSERT INTO migrations (version, name) VALUES ($1, $2)";

/// The steps still to take.
///
/// # Errors
/// [`OpenFault::Newer`](crate::OpenFault::Newer) when the database is ahead of this program.
pub(crate) fn missing(
    steps: &'static [Migration],
    last: i64,
) -> Result<impl Iterator<Item = &'static Migration>, crate::OpenFault> {
    let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
    if last > known {
        return Err(crate::OpenFault::Newer { found: last, known });
    }
    Ok(steps.iter().filter(move |step| step.version > last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_take_the_same_steps_and_no_file_is_forgotten() {
        let listed = |steps: &[Migration]| -> Vec<String> {
            steps.iter().map(|step| format!("{:04}_{}.sql", step.version, step.name)).collect()
        };
        let files = |folder: &str| {
            let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut names: Vec<String> = std::fs::read_dir(path)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(listed(SQLITE), listed(POSTGRES));
        assert_eq!(listed(SQLITE), files("sqlite"));
        assert_eq!(listed(POSTGRES), files("postgres"));
        for (step, number) in SQLITE.iter().zip(1..) {
            assert_eq!(step.version, number, "numbers have no gaps");
        }
    }

    #[test]
    fn a_database_that_is_ahead_is_refused() {
        assert!(matches!(
            missing(SQLITE, 99).err(),
            Some(crate::OpenFault::Newer { found: 99, .. })
        ));
        assert_eq!(missing(SQLITE, 0).unwrap().count(), SQLITE.len());
        assert_eq!(missing(SQLITE, 1).unwrap().filter(|step| step.version == 1).count(), 0);
    }
}
