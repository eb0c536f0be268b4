//! `wilco serve`: what it mounts, what it refuses, and that no secret leaves it.

use wilco_chat::console;

use crate::process::{Folder, Running, err, out, run, wilco};

const SECRET: &str = "tok-8c1fd0-secret";

fn config(folder: &Folder) -> String {
    let store = folder.path().join("wilco.db").display().to_string();
    folder.file(
        "wilco.yaml",
        &format!(
            "store: sqlite:{store}\nlisten: 127.0.0.1:0\nteams: [devops, developers, release-managers]\nargocd: {{ url: http://127.0.0.1:9, token: env:ARGO_TOKEN }}\n"
        ),
    )
}

fn serve(folder: &Folder, log: &str) -> Running {
    let config = config(folder);
    let mut command = wilco(&["serve", "--config", &config, "--log", log]);
    command.env("ARGO_TOKEN", SECRET);
    Running::start(command)
}

#[test]
fn health_readiness_and_metrics_are_served() {
    let folder = Folder::new();
    let running = serve(&folder, "json");
    assert_eq!(running.request("GET", "/healthz"), (200, "alive\n".into()));
    assert_eq!(running.request("GET", "/readyz"), (200, "ready\n".into()));
    let (status, metrics) = running.request("GET", "/metrics");
    assert!(status == 200 && metrics.contains("wilco_up 1"), "{metrics}");
    assert!(!metrics.contains(SECRET));
}

/// Every route that exists anywhere in the house, with every method that could change something:
/// without a sign-in `serve` answers none of them with a success.
#[test]
fn no_unsigned_request_changes_state() {
    let folder = Folder::new();
    let running = serve(&folder, "text");
    let paths = console::Route::all().map(console::Route::path);
    let paths: Vec<&str> = paths.chain(["/healthz", "/readyz", "/metrics", "/"]).collect();
    for path in paths {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let (status, body) = running.request(method, path);
            assert!(matches!(status, 404 | 405), "{method} {path}: {status} {body}");
        }
    }
    for route in console::Route::all() {
        let (status, _) = running.request("GET", route.path());
        assert_eq!(status, 404, "the console is off until there is a sign-in: {}", route.path());
    }
}

#[test]
fn a_second_process_on_the_same_file_is_refused() {
    let folder = Folder::new();
    let _running = serve(&folder, "text");
    let config = config(&folder);
    let second = wilco(&["serve", "--config", &config]).env("ARGO_TOKEN", SECRET).output().unwrap();
    assert!(!second.status.success());
    assert!(err(&second).contains("already open in another process"), "{}", err(&second));
    assert!(!err(&second).contains(SECRET));
}

#[test]
fn a_missing_configuration_or_secret_is_told() {
    let none = run(&["serve", "--config", "nowhere.yaml"]);
    assert!(!none.status.success() && err(&none).contains("nowhere.yaml"), "{}", err(&none));
    let folder = Folder::new();
    let config = config(&folder);
    let unset = wilco(&["serve", "--config", &config]).env_remove("ARGO_TOKEN").output().unwrap();
    assert!(!unset.status.success());
    assert!(
        err(&unset).contains("the environment variable `ARGO_TOKEN` is not set"),
        "{}",
        err(&unset)
    );
}

/// What `check` and `serve` print ends up in terminals, CI and the journal.
#[test]
fn a_secret_that_somebody_wrote_into_the_configuration_is_not_printed() {
    let folder = Folder::new();
    for (source, place) in [
        (format!("store: sqlite:x.db\nargocd: {{ url: https://a, token: {SECRET} }}\n"), "2:34"),
        (format!("store: postgress://wilco:{SECRET}@db/wilco\n"), "1:8"),
        (format!("store: postgres://wilco:{SECRET}@db/wilco\nlistne: x\n"), "2:1"),
        (format!("{{ store: postgres://wilco:{SECRET}@db/wilco, listne: x }}\n"), "1:55"),
        (format!("argocd: {{ url: https://a, token:{SECRET} }}\n"), "1:27"),
    ] {
        let config = folder.file("wilco.yaml", &source);
        for command in ["check", "serve"] {
            let refused = run(&[command, "--config", &config]);
            let told = format!("{}{}", out(&refused), err(&refused));
            assert!(!refused.status.success());
            assert!(!told.contains(SECRET), "{command}: {told}");
            assert!(told.contains(&format!("wilco.yaml:{place}: ")), "{command}: {told}");
        }
    }
}
