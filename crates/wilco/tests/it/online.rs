//! `wilco check --online`.

use std::process::Output;

use wilco_sim::argocd::{Account, AppSpec, DEFAULT_ACCOUNT, DEFAULT_TOKEN};

use crate::process::{Folder, err, out, wilco};
use crate::tool::Tool;

fn check(folder: &Folder, instances: &str) -> Output {
    let config = folder.file("wilco.yaml", &format!("store: sqlite:x.db\nargocd: [{instances}]\n"));
    let mut command = wilco(&["check", "--config", &config, "--online"]);
    command.env("TOKEN", DEFAULT_TOKEN).output().unwrap()
}

#[test]
fn every_tool_is_asked_and_what_is_missing_is_told() {
    let (folder, tool) = (Folder::new(), Tool::start());
    let url = tool.url();
    let main = format!("{{ url: '{url}', token: env:TOKEN }}");
    let empty = check(&folder, &main);
    assert!(!empty.status.success(), "an account that sees nothing is of no use");
    assert!(err(&empty).contains("sees 0 application(s)"), "{}", err(&empty));

    tool.argo.add(AppSpec::new("wallet-api").image("wallet-api", "1", "2"));
    let well = check(&folder, &main);
    assert!(well.status.success() && err(&well).is_empty(), "{}", err(&well));
    assert!(
        out(&well).contains("Argo CD main: chatops sees 1 application(s) in 1 project(s)"),
        "{}",
        out(&well)
    );

    tool.argo.account(Account::new(DEFAULT_ACCOUNT).token(DEFAULT_TOKEN).read_only());
    let reader = check(&folder, &main);
    assert!(reader.status.success(), "it may be meant so");
    assert!(
        err(&reader).contains("project default, lacks `applications, sync`"),
        "{}",
        err(&reader)
    );

    // Nobody listens there.
    let away = "{ name: tokyo, url: 'http://127.0.0.1:9', token: env:TOKEN }";
    let away = check(&folder, &format!("{main}, {away}"));
    assert!(!away.status.success());
    assert!(out(&away).contains("Argo CD main: "), "the others are told all the same");
    assert!(err(&away).contains("argocd tokyo cannot be reached."), "{}", err(&away));
}

#[test]
fn without_a_configuration_there_is_nobody_to_ask() {
    let refused = wilco(&["check", "--online"]).output().unwrap();
    assert!(!refused.status.success() && err(&refused).contains("--config"), "{}", err(&refused));
}
