//! `check`, `schema`, `migrate`, `test`, `demo` and their complaints.

use std::collections::{BTreeMap, BTreeSet};

use crate::process::{Folder, Running, err, out, run, run_with_input, wilco};

#[test]
fn help_says_what_each_command_does() {
    let help = out(&run(&["--help"]));
    for command in ["serve", "demo", "chat", "check", "test", "schema", "migrate"] {
        let line = help.lines().find(|line| line.trim_start().starts_with(command));
        assert!(
            line.is_some_and(|line| line.trim().len() > command.len() + 10),
            "{command}: {help}"
        );
    }
}

/// Of a table, what the first column names with this in front: the command, and its whole row.
fn rows<'t>(text: &'t str, heading: &str) -> BTreeMap<&'t str, &'t str> {
    let (_, section) = text.split_once(heading).unwrap();
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let rows = section.lines().filter_map(|row| Some((row.strip_prefix("| `wilco ")?, row)));
    rows.map(|(name, row)| (name.split([' ', '`']).next().unwrap(), row)).collect()
}

/// The options that a text names: `--config`.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| word.starts_with("--") && word.len() > 2).map(str::to_owned).collect()
}

#[test]
fn the_tables_of_commands_say_what_help_says() {
    let help = out(&run(&["--help"]));
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    // A long description goes on in a line that is indented further.
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    let commands: BTreeSet<&str> = names.filter(|name| !name.is_empty()).collect();
    assert!(commands.contains("serve"), "{help}");
    let readme = rows(include_str!("../../../../README.md"), "\n## Commands\n");
    assert_eq!(readme.keys().copied().collect::<BTreeSet<_>>(), commands, "README");
    let operations = include_str!("../../../../docs/operations.md");
    let needs = rows(operations, "\n## What each command needs\n");
    assert_eq!(needs.keys().copied().collect::<BTreeSet<_>>(), commands, "docs/operations.md");
    for command in commands {
        let mut takes = options(&out(&run(&[command, "-h"])));
        takes.remove("--help");
        assert_eq!(options(readme[command]), takes, "README on {command}");
        let named = options(needs[command]);
        assert!(named.is_subset(&takes), "docs/operations.md on {command}: {named:?}");
    }
}

#[test]
fn the_shipped_runbooks_are_well() {
    let checked = run(&["check"]);
    assert!(checked.status.success(), "{}", err(&checked));
    let count = wilco_core::runbook::embedded::SHIPPED.len();
    assert!(out(&checked).contains(&format!(" {count} runbooks")), "{}", out(&checked));
}

#[test]
fn a_mistake_is_told_with_its_place_and_a_suggestion() {
    let folder = Folder::new();
    folder.file(
        "books/restart.yaml",
        "runbook: restart\nnumber: 3\ntitle: { en: Restart, ko: 재시작 }\nwho: [devops]\nanswer: { use: argocd.verisons }\n",
    );
    let config = folder.file("wilco.yaml", "store: sqlite:x.db\nlistne: 127.0.0.1:0\n");
    let checked = run(&["check", "--runbooks", &folder.path().join("books").display().to_string()]);
    assert!(!checked.status.success());
    let told = err(&checked);
    assert!(
        told.contains("restart.yaml:5:16: ") && told.contains("Did you mean `argocd.versions`?"),
        "{told}"
    );
    assert!(told.contains("5 | answer:") && told.contains('^'), "{told}");
    let checked = run(&["check", "--config", &config]);
    let told = err(&checked);
    assert!(!checked.status.success() && told.contains("wilco.yaml:2:1: "), "{told}");
    assert!(told.contains("Did you mean `listen`?"), "{told}");
}

/// A notice on a platform that is not there would wait for ever.
#[test]
fn a_room_on_a_platform_that_the_command_does_not_have_is_a_mistake() {
    let folder = Folder::new();
    let deploy = include_str!("../../../../runbooks/deploy.yaml");
    let told = |room: &str, args: &[&str]| {
        let announced = deploy.replace("\"#deploy-notice\"", &format!("\"{room}\""));
        // It stands alone here.
        let announced = announced.replace("undo:", "# undo:");
        assert_ne!(announced, deploy);
        folder.file("books/deploy.yaml", &announced);
        let books = folder.path().join("books").display().to_string();
        let args: Vec<&str> = args.iter().copied().chain(["--runbooks", &books]).collect();
        err(&run(&args))
    };
    for room in ["#ops", "console:#ops", "terminal:#ops"] {
        assert_eq!(told(room, &["check"]), "", "{room}");
    }
    let slack = told("slack:ops", &["check"]);
    assert!(
        slack.contains("deploy.yaml:29:12: unknown adapter `slack`; there are `cons"),
        "{slack}"
    );
    let near = told("consol:#ops", &["check"]);
    assert!(near.contains("Did you mean `console:#ops`?"), "{near}");
    // The demo in the browser has no terminal, and what is served has the platforms of its configuration.
    let demo = told("terminal:#ops", &["demo", "--listen", "127.0.0.1:0"]);
    assert!(demo.contains("unknown adapter `terminal`; there is only `console`"), "{demo}");
    let config =
        folder.file("wilco.yaml", "store: sqlite:x.db\nteams: [devops, release-managers]\n");
    let served = told("console:#ops", &["check", "--config", &config]);
    assert!(served.contains("unknown adapter `console`; there is none"), "{served}");
    let token = |name: &str, token: &str| folder.file(name, token);
    let (bot, app) = (token("bot", "xoxb-1\n"), token("app", "xapp-1\n"));
    let slack = folder.file(
        "slack.yaml",
        &format!(
            "store: sqlite:x.db\nteams: [devops, release-managers]\nslack: {{ bot_token: 'file:{bot}', app_token: 'file:{app}' }}\n"
        ),
    );
    let connected = told("console:#ops", &["check", "--config", &slack]);
    assert!(connected.contains("unknown adapter `console`; there is only `slack`"), "{connected}");
    assert_eq!(told("slack:#ops", &["check", "--config", &slack]), "");
}

#[test]
fn what_is_no_runbook_is_refused_with_its_place() {
    let folder = Folder::new();
    for (name, content) in [
        ("broken.yaml", "runbook: [\n"),
        ("tabs.yaml", "runbook: x\n\tnumber: 1\n"),
        ("binary.yaml", "\u{0}\u{1}"),
    ] {
        folder.file(&format!("books/{name}"), content);
    }
    let checked = run(&["check", "--runbooks", &folder.path().join("books").display().to_string()]);
    let told = err(&checked);
    assert!(!checked.status.success());
    for name in ["broken.yaml:", "tabs.yaml:2:1: ", "binary.yaml:1:1: "] {
        assert!(told.contains(name), "{name} in {told}");
    }
}

#[test]
fn the_schema_is_json_and_knows_every_key() {
    let schema: serde_json::Value = serde_json::from_str(&out(&run(&["schema"]))).unwrap();
    for key in ["runbook", "number", "title", "who", "ask", "plan", "approval", "steps", "answer"] {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}

#[test]
fn a_store_is_migrated_once_and_again() {
    let folder = Folder::new();
    let store = format!("sqlite:{}", folder.path().join("wilco.db").display());
    for _ in 0..2 {
        let migrated = run(&["migrate", "--store", &store]);
        assert!(migrated.status.success(), "{}", err(&migrated));
    }
    let refused = run(&["migrate", "--store", "mysql://x"]);
    assert!(
        !refused.status.success() && err(&refused).contains("sqlite:PATH"),
        "{}",
        err(&refused)
    );
}

#[test]
fn a_users_own_story_is_played_blessed_and_held() {
    let folder = Folder::new();
    folder.file(
        "books/hello.yaml",
        "runbook: hello\nnumber: 1\ntitle: { en: Say what runs, ko: 인사 }\nwho: [devops]\nanswer: { use: wilco.status }\n",
    );
    let story = folder.file("hello.chat", "# What runs is told.\nmina #deploy-en> hello\n");
    let books = folder.path().join("books").display().to_string();
    let differs = run(&["test", &story, "--runbooks", &books]);
    assert!(
        !differs.status.success() && out(&differs).contains("0 passed, 1 failed"),
        "{}",
        out(&differs)
    );
    assert!(run(&["test", &story, "--runbooks", &books, "--bless"]).status.success());
    assert!(std::fs::read_to_string(&story).unwrap().contains("Nothing is running"));
    let held = run(&["test", &story, "--runbooks", &books]);
    assert!(held.status.success() && out(&held).contains("1 passed, 0 failed"), "{}", out(&held));
}

/// On the store of `serve` a demo would perform on its double what people approved for the real tool.
#[test]
fn the_demo_and_serve_refuse_each_others_store() {
    let folder = Folder::new();
    let served = format!("sqlite:{}", folder.path().join("served.db").display());
    let config = |store: &str| {
        let rest = "listen: 127.0.0.1:0\nteams: [devops, developers, release-managers]\n";
        folder.file("wilco.yaml", &format!("store: {store}\n{rest}"))
    };
    drop(Running::start(wilco(&["serve", "--config", &config(&served)])));
    for command in [
        &["chat", "--demo", "--store", &served][..],
        &["demo", "--listen", "127.0.0.1:0", "--store", &served][..],
    ] {
        let refused = run(command);
        assert!(
            !refused.status.success() && err(&refused).contains("belongs to `wilco serve`"),
            "{}",
            err(&refused)
        );
    }
    let tried = format!("sqlite:{}", folder.path().join("tried.db").display());
    let talked = run_with_input(&["chat", "--demo", "--store", &tried], "mina #deploy> help\n");
    assert!(talked.status.success(), "{}", err(&talked));
    let refused = run(&["serve", "--config", &config(&tried)]);
    assert!(
        !refused.status.success() && err(&refused).contains("belongs to the demo"),
        "{}",
        err(&refused)
    );
}

#[test]
fn the_demo_stays_on_this_machine() {
    let refused = run(&["demo", "--argocd", "https://argocd.example"]);
    assert!(
        !refused.status.success() && err(&refused).contains("a double on this machine"),
        "{}",
        err(&refused)
    );

    let refused = run(&["demo", "--listen", "0.0.0.0:0"]);
    assert!(
        !refused.status.success() && err(&refused).contains("only on this machine"),
        "{}",
        err(&refused)
    );
}
