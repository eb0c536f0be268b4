//! What changes while a process runs: the folder of runbooks.

use std::io::{BufRead as _, BufReader};

use serde_json::{Value, json};

use crate::process::{Folder, Running, wilco};

/// A function that needs no tool.
fn runbook(name: &str, number: u32, title: &str) -> String {
    format!(
        "runbook: {name}\nnumber: {number}\ntitle: {{ en: {title}, ko: {title} }}\nwho: [devops]\nanswer: {{ use: wilco.status }}\n"
    )
}

/// What Mina hears on `text`; `id` names her message.
fn hears(running: &Running, id: &str, text: &str) -> String {
    let said = json!({"id": id, "as": "mina", "room": "#deploy", "text": text}).to_string();
    let mut status = String::new();
    BufReader::new(running.send("POST", "/api/messages", &said)).read_line(&mut status).unwrap();
    assert!(status.contains("200"), "{status}");
    let stream = BufReader::new(running.send("GET", "/api/events?after=0", ""));
    let messages = stream
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    let mut answers =
        messages.filter(|message| message["author"] == "wilco" && message["thread"] == id);
    answers.next().expect("an answer")["text"].as_str().unwrap().to_owned()
}

#[test]
fn runbooks_are_picked_up_while_it_runs_and_a_broken_one_changes_nothing() {
    let folder = Folder::new();
    let hello = folder.file("books/hello.yaml", &runbook("hello", 1, "Say what runs"));
    let books = folder.path().join("books").display().to_string();
    let mut command = wilco(&["demo", "--listen", "127.0.0.1:0", "--runbooks", &books]);
    command.env("WILCO_LOG", "info");
    let running = Running::start(command);
    let menu = hears(&running, "m1", "help");
    assert!(menu.contains("Say what runs") && !menu.contains("Look twice"), "{menu}");

    folder.file("books/look.yaml", &runbook("look", 7, "Look twice"));
    running.says("runbooks loaded again");
    let menu = hears(&running, "m2", "help");
    assert!(menu.contains("Say what runs") && menu.contains("7. Look twice"), "{menu}");

    // One broken file, and a good change of another: the whole old catalog stays.
    let broken = runbook("look", 7, "Look thrice").replace("wilco.status", "wilco.statsu");
    folder.file("books/hello.yaml", &runbook("hello", 3, "Say it"));
    folder.file("books/look.yaml", &broken);
    let why = "look.yaml:5:16: unknown action `wilco.statsu`. Did you mean `wilco.status`?";
    let logged = running.says(why);
    assert!(logged.contains("the old one stays"), "{logged}");
    let menu = hears(&running, "m3", "help");
    assert!(menu.contains("1. Say what runs") && menu.contains("7. Look twice"), "{menu}");
    assert!(hears(&running, "m4", "look").contains("Nothing is running"), "it still works");

    // Mended, and another one taken away.
    folder.file("books/look.yaml", &runbook("look", 7, "Look thrice"));
    std::fs::remove_file(hello).unwrap();
    running.says("runbooks loaded again");
    let menu = hears(&running, "m5", "help");
    assert!(menu.contains("7. Look thrice") && !menu.contains("Say"), "{menu}");
}
