//! No secret leaves a process that uses it: not into the log, however much is logged, nor into the metrics,
//! nor into the database.

use std::path::Path;

use wilco_sim::argocd::{DEFAULT_ACCOUNT, DEFAULT_PASSWORD, DEFAULT_TOKEN};

use crate::process::{Folder, Running, wilco};
use crate::tool::Tool;

/// The password of PostgreSQL, as the driver reads it from its environment.
const DATABASE: &str = "pg-5521fe-secret";

/// Serves with this store and this way to sign in, and yields everything that it said.
fn serve(folder: &Folder, store: &str, sign_in: &str) -> Vec<u8> {
    let tool = Tool::start();
    let url = tool.url();
    let teams = "teams: [devops, developers, release-managers]";
    let config = format!(
        "store: {store}\nlisten: 127.0.0.1:0\n{teams}\nargocd: [{{ url: '{url}', {sign_in} }}]\n"
    );
    let config = folder.file("wilco.yaml", &config);
    let mut command = wilco(&["serve", "--config", &config, "--log", "json"]);
    command.env("WILCO_LOG", "trace").env("PGPASSWORD", DATABASE).env("TOKEN", DEFAULT_TOKEN);
    let running = Running::start(command);
    let health = || running.request("GET", "/healthz").0 == 200;
    assert!((0..20_000).any(|_| health() && tool.was_asked()), "{:?}", tool.argo.requests());
    let mut said = String::new();
    for path in ["/metrics", "/readyz"] {
        said += &running.request("GET", path).1;
    }
    let (output, errors) = running.stop();
    assert!(errors.contains("TRACE"), "much is logged");
    (said + &output + &errors).into_bytes()
}

fn holds_none(what: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(300)..(at + secret.len() + 50).min(bytes.len())];
            panic!("{secret} in {what}: {}", String::from_utf8_lossy(around));
        }
    }
}

/// Everything that stands in the folder beside the configuration and the named secret.
fn database(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let ours = files.filter(|path| path.to_string_lossy().contains("wilco.db"));
    let all: Vec<u8> = ours.flat_map(|path| std::fs::read(path).unwrap()).collect();
    assert!(all.len() > 4096, "there is a database");
    all
}

#[test]
fn a_token_stays_in_memory() {
    let folder = Folder::new();
    let store = format!("sqlite:{}", folder.path().join("wilco.db").display());
    let said = serve(&folder, &store, "token: env:TOKEN");
    holds_none("what it said", &said, &[DEFAULT_TOKEN, "Bearer "]);
    holds_none("the database", &database(folder.path()), &[DEFAULT_TOKEN, "Bearer "]);
}

#[test]
fn a_password_and_the_session_it_opens_stay_in_memory() {
    let folder = Folder::new();
    let store = format!("sqlite:{}", folder.path().join("wilco.db").display());
    let password = folder.file("password", &format!("{DEFAULT_PASSWORD}\n"));
    let sign_in = format!("username: {DEFAULT_ACCOUNT}, password: 'file:{password}'");
    let said = serve(&folder, &store, &sign_in);
    // What a session is called by begins like this: a JSON in base64.
    holds_none("what it said", &said, &[DEFAULT_PASSWORD, "Bearer ", "eyJ"]);
    holds_none("the database", &database(folder.path()), &[DEFAULT_PASSWORD, "Bearer ", "eyJ"]);
}

#[test]
fn the_password_of_the_database_stays_in_memory() {
    let folder = Folder::new();
    let store = wilco_store::testing::postgres_url();
    let said = serve(&folder, &format!("'{store}'"), "token: env:TOKEN");
    holds_none("what it said", &said, &[DATABASE, DEFAULT_TOKEN]);
    // Within the address, where it is allowed and should not be.
    let inside = store.replacen("://wilco@", &format!("://wilco:{DATABASE}@"), 1);
    assert!(inside.contains(DATABASE) || std::env::var_os("WILCO_TEST_PG").is_some());
    let said = serve(&folder, &format!("'{inside}'"), "token: env:TOKEN");
    holds_none("what it said", &said, &[DATABASE, DEFAULT_TOKEN]);
}
