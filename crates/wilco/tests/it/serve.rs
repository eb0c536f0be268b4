//! `wilco serve`: what it mounts, what it refuses, and that no secret leaves it.

use wilco_chat::console;

use crate::process::{Folder, Running, err, out, run, wilco};

const SECRET: &str = "tok-8c1fd0-secret";

fn config(folder: &Folder) -> String {
    let store = folder.path().join("wilco.db").display().to_string();
    folder.file(
        "wilco.yaml",
        &format!(
            "store: sqlite:{store}\nlisten: 127.0.0.1:0\nteams: [devops, developers, release-managers]\nargocd: [{{ url: http://127.0.0.1:9, token: env:ARGO_TOKEN }}]\n"
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

#[test]
fn the_console_is_off_until_there_is_a_sign_in() {
    let folder = Folder::new();
    let running = serve(&folder, "text");
    for route in console::Route::all() {
        for method in ["GET", "POST"] {
            assert_eq!(running.request(method, route.path()).0, 404, "{method} {}", route.path());
        }
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
        (format!("store: sqlite:x.db\nargocd: [{{ url: https://a, token: {SECRET} }}]\n"), "2:35"),
        (format!("store: postgress://wilco:{SECRET}@db/wilco\n"), "1:8"),
        (format!("store: postgres://wilco:{SECRET}@db/wilco\nlistne: x\n"), "2:1"),
        (format!("{{ store: postgres://wilco:{SECRET}@db/wilco, listne: x }}\n"), "1:55"),
        (format!("argocd: [{{ url: https://a, token:{SECRET} }}]\n"), "1:28"),
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

/// Every line on standard error is one JSON object, from the start to the end and when there is no start.
#[test]
fn logs_for_machines_hold_nothing_but_json() {
    let folder = Folder::new();
    let lines = |errors: &str| {
        let parse = |line: &str| -> serde_json::Value {
            serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"))
        };
        let lines: Vec<_> = errors.lines().map(parse).collect();
        for line in &lines {
            let text = |key: &str| line[key].as_str().is_some_and(|text| !text.is_empty());
            assert!(text("timestamp") && text("level") && text("message"), "{line}");
        }
        lines
    };
    let config = config(&folder);
    let running = serve(&folder, "json");
    for path in ["/healthz", "/readyz", "/metrics", "/nothing"] {
        running.request("GET", path);
    }
    let start = |config: &str| {
        let mut command = wilco(&["serve", "--config", config, "--log", "json"]);
        // What is told at the end is no log that could be filtered.
        command.env("ARGO_TOKEN", SECRET).env("WILCO_LOG", "off").output().unwrap()
    };
    let second = start(&config);
    let told = lines(&err(&second));
    assert!(!second.status.success() && told.len() == 1, "{told:?}");
    assert!(told[0]["message"].as_str().unwrap().contains("already open"), "{told:?}");
    let wrong = start(&folder.file("wrong.yaml", "stroe: sqlite:x.db\nlistne: y\n"));
    let told = lines(&err(&wrong));
    assert!(told.len() == 1 && told[0]["message"].as_str().unwrap().contains("1:1: "), "{told:?}");
    let (output, errors) = running.stop();
    let told = lines(&errors);
    assert!(output.is_empty() && told.len() >= 2, "{told:?}");
    assert!(told.iter().any(|line| line["message"] == "wilco stops"), "{told:?}");
}
